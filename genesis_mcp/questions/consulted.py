"""A store as one question consults it: nothing is asked twice, whoever of the question asks.

So a question may ask at once for all that its parts will want to know (`ReadsAtOnce.read`), and its
parts ask as if they were alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from genesis_mcp.questions.fetched_before import Listed, fetched_before
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import (
    Attempt,
    Cursor,
    Failure,
    InDoubt,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)
from genesis_mcp.stores.asking import (
    Answers,
    Asked,
    Count,
    DoubtsAmong,
    Failures,
    Fetch,
    Find,
    Ids,
    NewestOf,
    Repeated,
    Spec,
    Specs,
    newest_attempts,
)
from genesis_mcp.stores.contract import FileStore, ReadsAtOnce

WITHOUT_TEXTS: dict[str, Any] = {"message": None, "stdout": "", "stderr": "", "code_snapshot": None}
"""What `fetch` gives for no bytes of a text."""


class Consulted:
    """What one question has learnt of a store, which must not change meanwhile by its own doing."""

    def __init__(self, store: ReadsAtOnce) -> None:
        self.store = store
        self.folds_accents, self.is_remote = store.folds_accents, store.is_remote
        self._answers: dict[Asked[Any], Any] = {}
        self._attempts: dict[str, RunPage] = {}
        self._runs: dict[str, dict[int | None, Run | None]] = {}
        self._is_repeated: dict[Attempt, bool] = {}
        self._listed: dict[str, Listed] = {}
        self._before = fetched_before(store) if store.is_remote else None

    @property
    def begun_anew_at(self) -> datetime | None:
        """See `FileStore`; None for a store that is no file."""
        return self.store.begun_anew_at if isinstance(self.store, FileStore) else None

    def read(self, *asked: Asked[Any]) -> Answers:
        """See `ReadsAtOnce`; the store is asked for the rest of which nothing is known yet."""
        unknown = list(self._unknown(asked))
        if unknown:
            told = self.store.read(*unknown)
            for one in unknown:
                self._learn(one, told[one])
        return Answers({one: self._known(one) for one in asked})

    def _unknown(self, asked: Sequence[Asked[Any]]) -> Iterator[Asked[Any]]:
        """Without what is known; runs of one length of text in one piece, and all attempts."""
        ids: dict[int | None, dict[str, None]] = {}
        attempts: set[Attempt] = set()
        for one in dict.fromkeys(asked):
            if isinstance(one, NewestOf):
                rest = tuple(spec for spec, each in one.lists().items() if not self._is_told(each))
                yield from (NewestOf(rest, one.limit) for _ in rest[:1])
            elif isinstance(one, Fetch):
                new = [name for name in one.run_ids if not self._is_fetched(name, one.text_bytes)]
                ids.setdefault(one.text_bytes, {}).update(dict.fromkeys(new))
            elif isinstance(one, Repeated):
                attempts |= one.attempts - self._is_repeated.keys()
            elif not self._is_told(one):
                yield one
        yield from (Fetch(tuple(some), text_bytes) for text_bytes, some in ids.items() if some)
        if attempts:
            yield Repeated(frozenset(attempts))

    def _is_fetched(self, run_id: str, text_bytes: int | None) -> bool:
        """Whether a run is known so: without its texts, when it was fetched with some.

        Or it was fetched for a question before, and a list of this one has it.
        """
        fetched = self._runs.setdefault(run_id, {})
        if self._before and text_bytes not in fetched and (listed := self._listed.get(run_id)):
            run = self._before.get(run_id, text_bytes, listed)
            fetched.update({text_bytes: run} if run else {})
        if text_bytes == 0 and 0 not in fetched:
            for some in (one for length, one in fetched.items() if length is not None):
                fetched[0] = some and replace(some, **WITHOUT_TEXTS)
                break
        return text_bytes in fetched

    def _is_told(self, asked: Asked[Any]) -> bool:
        """Whether an answer is known, or follows from a longer list of a spec's newest attempts."""
        if asked in self._answers or not isinstance(asked, Find):
            return asked in self._answers
        attempts = self._attempts.get(asked.query.spec_id or "")
        if attempts and (page := within(attempts, asked.query)) is not None:
            self._answers[asked] = page
        return asked in self._answers

    def _learn(self, asked: Asked[Any], answer: Any) -> None:
        if isinstance(asked, Fetch):
            found = {run.run_id: run for run in answer}
            for name in asked.run_ids:
                self._runs.setdefault(name, {})[asked.text_bytes] = found.get(name)
            if self._before:
                self._before.keep(answer, asked.text_bytes)
        elif isinstance(asked, Repeated):
            self._is_repeated |= {one: one in answer for one in asked.attempts}
        elif isinstance(asked, NewestOf):
            for spec_id, page in answer.items():
                self._learn(newest_attempts(spec_id, asked.limit), page)
        else:
            self._answers[asked] = answer
        if self._before and isinstance(asked, Find | Failures):
            runs = answer.runs if isinstance(asked, Find) else answer
            self._listed |= {run.run_id: Listed.of(run) for run in runs}
        spec_id = spec_of_newest(asked)
        if spec_id is not None:
            self._attempts[spec_id] = answer

    def seen(self, run_id: str) -> list[RunFacts]:
        """What is known of a run without asking: as it was fetched, then as lists have it."""
        pages = (answer for answer in self._answers.values() if isinstance(answer, RunPage))
        return [
            *(run for run in self._runs.get(run_id, {}).values() if run),
            *(run for page in pages for run in page.runs if run.run_id == run_id),
        ]

    def _known(self, asked: Asked[Any]) -> Any:
        if isinstance(asked, Fetch):
            runs = (self._runs[name][asked.text_bytes] for name in asked.run_ids)
            return [run for run in runs if run is not None]
        if isinstance(asked, Repeated):
            return {one for one in asked.attempts if self._is_repeated[one]}
        if isinstance(asked, NewestOf):
            lists = asked.lists().items()
            return {spec: self._answers[one] for spec, one in lists if self._is_told(one)}
        return self._answers[asked]

    def find(self, query: RunQuery) -> RunPage:
        """See `ReadsAtOnce`."""
        asked = Find(query)
        return self.read(asked)[asked]

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `ReadsAtOnce`."""
        asked = Failures(query)
        return self.read(asked)[asked]

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `ReadsAtOnce`."""
        asked = Fetch(tuple(run_ids), text_bytes)
        return self.read(asked)[asked]

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `ReadsAtOnce`."""
        asked = Ids(beginning, limit)
        return self.read(asked)[asked]

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `ReadsAtOnce`."""
        asked = Repeated(frozenset(attempts))
        return self.read(asked)[asked]

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `ReadsAtOnce`."""
        asked = DoubtsAmong(query)
        return self.read(asked)[asked]

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `ReadsAtOnce`."""
        asked = Count(query, at_most)
        return self.read(asked)[asked]

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `ReadsAtOnce`."""
        asked = Specs(limit)
        return self.read(asked)[asked]

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `ReadsAtOnce`."""
        asked = Spec(spec_id)
        return self.read(asked)[asked]

    def describe(self, since: datetime) -> StoreStats:
        """See `ReadsAtOnce`."""
        return self.store.describe(since)


def ask_ahead(store: ReadsAtOnce, *asked: Asked[Any]) -> None:
    """Learn at once what is probably wanted next, where asking for it later takes another trip."""
    if store.is_remote:
        store.read(*asked)


def facts_of(store: ReadsAtOnce, run_id: str) -> RunFacts | None:
    """A run without its texts, which need not be asked for when it stood in a list."""
    seen = store.seen(run_id) if isinstance(store, Consulted) else []
    return next(iter(seen or store.fetch([run_id], text_bytes=0)), None)


def spec_of_newest(asked: Asked[Any]) -> str | None:
    """The spec of which this is the list of its newest attempts, out of which shorter ones come."""
    spec_id = asked.query.spec_id if isinstance(asked, Find) else None
    if spec_id is None or not isinstance(asked, Find):
        return None
    return spec_id if asked == newest_attempts(spec_id, asked.query.limit) else None


def within(attempts: RunPage, query: RunQuery) -> RunPage | None:
    """A page of attempts at a spec, out of its newest ones, as the store would give it.

    None when others than these may belong to it, or when the query has a filter that only stores
    know.
    """
    known = RunQuery(
        spec_id=query.spec_id,
        kind="run",
        iteration=query.iteration,
        failed=query.failed,
        signature_group=query.signature_group,
        oldest_first=query.oldest_first,
        after=query.after,
        limit=query.limit,
    )
    if query != known:
        return None
    is_whole = attempts.next is None
    if query.oldest_first and not is_whole:
        oldest = Cursor.of(attempts.runs[-1])
        is_whole = query.after is not None and query.after >= oldest
    found = [run for run in attempts.runs if _matches(run, query)]
    if query.oldest_first:
        found.reverse()
    if not is_whole and (query.oldest_first or len(found) <= query.limit):
        return None
    return RunPage.of(found, query.limit)


def _matches(run: RunFacts, query: RunQuery) -> bool:
    """Whether a run of the spec is one of those that the query asks for."""
    place, group = Cursor.of(run), run.signature.group if run.signature else None
    return (
        (query.iteration is None or run.iteration == query.iteration)
        and (query.failed is None or run.failed == query.failed)
        and (query.signature_group is None or group == query.signature_group)
        and (
            query.after is None
            or (place > query.after if query.oldest_first else place < query.after)
        )
    )
