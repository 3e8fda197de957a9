"""A store for somebody who may see one service: nothing else is there, nothing else comes in.

Totals by spec and day are counted over the service's newest records, and say so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from genesis_mcp.errors import WriteNotAllowed
from genesis_mcp.runs.kept_note import Note
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import (
    PAGE_MAX,
    Attempt,
    DayStats,
    Failure,
    InDoubt,
    Inserted,
    LabelStats,
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
    NewestOf,
)
from genesis_mcp.stores.contract import LABELS_DESCRIBED, Forgotten, KeepsNotes, RunStore

NOT_HERE = "This access is for the records of one service, and changes nothing else."


class OneService:
    """The runs of one service in a store. The store's owner closes it."""

    def __init__(self, store: RunStore, service: str) -> None:
        self._store, self._service = store, service
        self.folds_accents, self.is_remote = store.folds_accents, store.is_remote

    def _ours(self, query: RunQuery) -> RunQuery | None:
        """The query for our service alone; None when it asks for another."""
        if query.service not in (None, self._service):
            return None
        return replace(query, service=self._service)

    def read(self, *asked: Asked[Any]) -> Answers:
        """See `RunStore`; what asks for records of our service alone goes in one call."""
        together = [one for one in asked if isinstance(one, NewestOf)]
        lists = [each for one in together for each in one.lists().values()]
        single = [one for one in (*asked, *lists) if one not in together]
        passed_on = {one: ours for one in single if (ours := self._passed_on(one))}
        told = self._store.read(*passed_on.values())
        answers = {
            one: self._seen(told[passed_on[one]]) if one in passed_on else one.of(self)
            for one in single
        }
        newest = {
            one: {spec: answers[each] for spec, each in one.lists().items()} for one in together
        }
        return Answers(answers | newest)

    def _passed_on(self, asked: Asked[Any]) -> Asked[Any] | None:
        """What the whole store is asked in place of this; None when that takes more to say."""
        if isinstance(asked, Find | Failures | Count | DoubtsAmong):
            ours = self._ours(asked.query)
            return replace(asked, query=ours) if ours else None
        return asked if isinstance(asked, Fetch) else None

    def _seen(self, answer: Any) -> Any:
        """An answer without the whole runs of other services, which only ids name."""
        is_whole = isinstance(answer, list) and answer and isinstance(answer[0], Run)
        return [run for run in answer if run.service == self._service] if is_whole else answer

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore`; the service is ours, whatever a run says."""
        return self._store.insert([replace(run, service=self._service) for run in runs])

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore`."""
        ours = self._ours(query)
        return self._store.find(ours) if ours else RunPage((), None)

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore`."""
        ours = self._ours(query)
        return self._store.failures(ours) if ours else []

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore`."""
        found: list[Run] = self._seen(self._store.fetch(run_ids, text_bytes=text_bytes))
        return found

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `RunStore`; looked for among the first PAGE_MAX that begin so."""
        found = self._store.ids(beginning, limit=PAGE_MAX)
        return [run.run_id for run in self.fetch(found, text_bytes=0)][:limit]

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `RunStore`."""
        return {one for one in self._store.repeated(attempts) if self._has_several(one)}

    def _has_several(self, attempt: Attempt) -> bool:
        query = RunQuery(spec_id=attempt.spec_id, iteration=attempt.iteration, kind="run", limit=2)
        return len(self.find(query).runs) > 1

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `RunStore`."""
        ours = self._ours(query)
        return self._store.in_doubt(ours) if ours else InDoubt()

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore`."""
        ours = self._ours(query)
        return self._store.count(ours, at_most=at_most) if ours else 0

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore`."""
        page = self._newest()
        return _specs(page.runs, is_minimum=page.next is not None)[:limit]

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore`."""
        page = self.find(RunQuery(spec_id=spec_id, limit=PAGE_MAX))
        if not page.runs:
            return None
        runs = [run for run in page.runs if run.kind != "event"]
        failed = sum(run.failed for run in runs)
        newest = max(run.timestamp for run in runs or page.runs)
        return SpecStats(spec_id, len(runs), failed, newest, page.next is not None)

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore`; what is older than the newest PAGE_MAX records is not counted."""
        whole = self._store.describe(since)
        page = self._newest()
        specs = _specs(page.runs, is_minimum=page.next is not None)
        oldest = self.find(RunQuery(suites=True, oldest_first=True, limit=1)).runs
        sprints = Counter(run.sprint_id for run in page.runs if run.sprint_id)
        runs = [run for run in page.runs if run.kind == "run"]
        events = sum(run.kind == "event" for run in page.runs)
        return replace(
            whole,
            runs=len(runs),
            failed=sum(run.failed for run in runs),
            events=events,
            oldest=oldest[0].timestamp if oldest else None,
            newest=page.runs[0].timestamp if page.runs else None,
            days=_days([run for run in page.runs if run.timestamp >= since]),
            specs=tuple(specs[:LABELS_DESCRIBED]),
            spec_count=len(specs),
            services=(LabelStats(self._service, len(page.runs)),) if page.runs else (),
            sprints=tuple(LabelStats(*one) for one in sprints.most_common(LABELS_DESCRIBED)),
            size_bytes=None,
            counted_since=page.runs[-1].timestamp if page.next else None,
            untimed=0,
            notes=(*whole.notes, "only the records of one service are seen here"),
        )

    def _newest(self) -> RunPage:
        return self.find(RunQuery(suites=True, limit=PAGE_MAX))

    def notes(self, *, current: int | None) -> list[Note]:
        """See `KeepsNotes`; a note stands beside an error, whichever service shows it."""
        return self._store.notes(current=current) if isinstance(self._store, KeepsNotes) else []

    def keep_note(self, note: Note) -> None:  # noqa: ARG002 - of the contract
        """Never: others would read it."""
        raise WriteNotAllowed(NOT_HERE)

    def drop_note(self, group: str) -> None:  # noqa: ARG002 - as above
        """Never."""
        raise WriteNotAllowed(NOT_HERE)

    def may_write(self) -> bool:
        """See `RunStore`."""
        return self._store.may_write()

    def ping(self) -> str:
        """See `RunStore`."""
        return self._store.ping()

    def try_writing(self) -> None:
        """See `RunStore`."""
        self._store.try_writing()

    def ensure_schema(self) -> list[str]:
        """Never."""
        raise WriteNotAllowed(NOT_HERE)

    def prune(self, before: datetime) -> int:  # noqa: ARG002 - of the contract
        """Never: others' records would go, too."""
        raise WriteNotAllowed(NOT_HERE)

    def forget(self, run_ids: Sequence[str]) -> Forgotten:  # noqa: ARG002 - as above
        """Never."""
        raise WriteNotAllowed(NOT_HERE)

    def close(self) -> None:
        """It is its owner's to close."""


def _specs(runs: Sequence[RunFacts], *, is_minimum: bool) -> list[SpecStats]:
    """The specs of runs that are there newest first."""
    found: dict[str, list[RunFacts]] = {}
    for run in runs:
        if run.spec_id is not None and run.kind != "event":
            found.setdefault(run.spec_id, []).append(run)
    return [
        SpecStats(spec_id, len(its), sum(run.failed for run in its), its[0].timestamp, is_minimum)
        for spec_id, its in sorted(
            found.items(), key=lambda one: (-one[1][0].timestamp.timestamp(), one[0])
        )
    ]


def _days(runs: Sequence[RunFacts]) -> tuple[DayStats, ...]:
    days: dict[date, list[RunFacts]] = {}
    for run in runs:
        days.setdefault(run.timestamp.date(), []).append(run)
    return tuple(
        DayStats(
            day,
            sum(run.kind == "run" for run in its),
            sum(run.kind == "run" and run.failed for run in its),
            sum(run.kind == "event" for run in its),
        )
        for day, its in sorted(days.items(), reverse=True)
    )
