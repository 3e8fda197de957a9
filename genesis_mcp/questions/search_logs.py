"""`search_logs`: the runs that printed a text, the newest first, and the lines that have it.

The newest runs are read and compared letter by letter. Older ones are found by the store, which
knows whole words of failures; what it finds is read and compared as well.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, NamedTuple

from genesis_mcp.answers import UNTRUSTED, Match, NumberedLines, SearchPage, call, older_matches
from genesis_mcp.answers.readable import readable, shown_name
from genesis_mcp.errors import StoreTimeout
from genesis_mcp.questions.arguments import SearchLogs
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.names_that_exist import nearest_specs
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import NOTHING_FOR_SPEC, nothing_recorded, place_before
from genesis_mcp.questions.numbered_lines import Sought, literally, pieces
from genesis_mcp.questions.read_whole import (
    FIRST_LISTED,
    PIECE,
    READ_RUNS,
    SPARE,
    Reading,
    first_reading,
    kept_bytes,
    likely,
)
from genesis_mcp.questions.tests_told import listed
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunPage, RunQuery
from genesis_mcp.runs.wording import age, at, ended, exact_instant, instant, plural, redrawn
from genesis_mcp.stores.asking import Asked, Fetch, Find, Spec
from genesis_mcp.stores.contract import ReadsAtOnce
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.text.clean import clean, redraws
from genesis_mcp.validation import parse_window

CANDIDATES_MAX = 50
"""Older failures with the words that are read; how far back the words are looked for at once, the
store decides, and says so."""

PLACES_SHOWN = 2
"""Lines of a run that are shown with the text, each with CONTEXT_LINES on both sides."""

CONTEXT_LINES = 1

LINE_CHARS = 160
"""Characters shown of a line."""


class Search(NamedTuple):
    """What was found, and how far back was looked."""

    matches: list[Match]
    reading: Reading
    sought: "SoughtInRuns"
    words: "Words | None" = None
    """None: nothing older was looked at."""


class Words(NamedTuple):
    """How far back the words were looked for in older failures."""

    since: datetime | None = None
    place: str | None = None
    """Back to this time, or to this run; neither: to the beginning."""
    found: bool = False
    is_too_slow: bool = False
    """Whether the store's time limit ended the search."""


class SoughtInRuns(Sought):
    """The texts that are looked for, and what was met on the way."""

    def __init__(self, wanted: str | Sequence[str]) -> None:
        super().__init__(wanted)
        self.found: list[RunFacts] = []
        self.redraws = 0
        """States of progress lines in what has no match; they are not searched."""


def answer(store: ReadsAtOnce, arguments: SearchLogs, moment: datetime) -> SearchPage:
    since, until = parse_window(arguments.since, arguments.until, moment)
    place = place_before(store, arguments.before, moment)
    query = RunQuery(
        spec_id=arguments.spec_id,
        failed=True if arguments.failures_only else None,
        limit=READ_RUNS,
        since=since,
        until=min((end for end in (until, place.get("until")) if end), default=None),
        after=place.get("after"),
    )
    search = _search(store, query, arguments, moment)
    if search is None:
        return _nothing_to_read(store, query, arguments)
    filters = arguments.model_dump(exclude_defaults=True)
    is_full = len(search.matches) == arguments.limit
    last = search.matches[-1].place if is_full else None
    return SearchPage(
        summary=f"{_found(search, arguments)}; {_looked_at(store, search, arguments, moment)}.",
        matches=search.matches,
        more=older_matches(filters, last) if last else None,
        hint=None if is_full else _further(search, filters),
        untrusted=UNTRUSTED if search.matches else None,
        filters=filters,
        names=_names(store, search),
    )


def _names(store: ReadsAtOnce, search: Search) -> dict[str, str]:
    """What the runs are called that the answer shows, or goes on with."""
    reading = search.reading
    try:
        return names_of(store, [*search.sought.found, *reading.large[:1], reading.end])
    except StoreTimeout:  # all of the time was needed for the words
        return {}


# --- looking ------------------------------------------------------------------------------------


class Looking:
    """The matches so far, the newest first, and where was looked for them."""

    def __init__(self, store: ReadsAtOnce, arguments: SearchLogs, moment: datetime) -> None:
        self._store, self._moment, self._limit = store, moment, arguments.limit
        self.sought = SoughtInRuns(arguments.text)
        self.matches: list[Match] = []
        self._read: set[str] = set()

    @property
    def is_full(self) -> bool:
        return len(self.matches) == self._limit

    def ahead(self, runs: Sequence[RunFacts], *asked: Asked[Any]) -> None:
        """Learn what `at` will read of these runs, and more, in one trip where it takes one."""
        ask_ahead(self._store, Fetch(tuple(run.run_id for run in runs)), *asked)

    def at(self, runs: Sequence[RunFacts]) -> None:
        """Read these runs, as far as matches are wanted."""
        for start in range(0, len(runs), PIECE):
            ids = [run.run_id for run in runs[start : start + PIECE]]
            for run in () if self.is_full else self._store.fetch(ids):
                self._read.add(run.run_id)
                if match := _match(run, self.sought, self._moment):
                    self.matches.append(match)
                    if self.is_full:
                        break

    def left_of(self, runs: Sequence[RunFacts]) -> list[RunFacts]:
        """Those of these that were not read."""
        return [run for run in runs if run.run_id not in self._read]

    def likely(self, left: int) -> int:
        """How many more of so many to read for the matches that are still wanted."""
        found = len(self.matches)
        return likely(self._limit - found, found=found, read=len(self._read), left=left)


class Older:
    """The failures with the words of a text behind a run, looked for once."""

    def __init__(
        self, store: ReadsAtOnce, query: RunQuery, end: RunFacts | None, texts: Sequence[str]
    ) -> None:
        self._store = store
        is_asked = end is not None and len(texts) == 1
        self.asked = Find(_older(query, end, texts[0])) if end and is_asked else None

    def look(self) -> RunPage | None:
        """Have the page there from now on."""
        return self.page

    @cached_property
    def page(self) -> RunPage | None:
        """None when that is not asked for, or took too long."""
        try:
            return self._store.read(self.asked)[self.asked] if self.asked else None
        except StoreTimeout:
            return None


def _search(
    store: ReadsAtOnce, query: RunQuery, arguments: SearchLogs, moment: datetime
) -> Search | None:
    """What was found; None when there was nothing to look at."""
    looking = Looking(store, arguments, moment)
    whole = first_reading(store, query)
    if not whole.runs and not whole.large:
        return None
    first = whole.runs[: arguments.limit + SPARE]
    ends = [run for run in (*whole.large[:1], whole.end) if run]
    looking.ahead(first, *names_wanted(ends))
    looking.at(first)
    if not store.is_remote:
        looking.at(looking.left_of(whole.runs))
        whole = _listed_further(store, query, whole, looking)
    words = None if looking.is_full else _further_back(store, query, whole, looking)
    return Search(looking.matches, whole, looking.sought, words)


def _listed_further(
    store: ReadsAtOnce, query: RunQuery, whole: Reading, looking: Looking
) -> Reading:
    """The runs that are read where another list takes no trip: not many more than it takes."""
    wanted = FIRST_LISTED
    # Where fewer are read than were wanted, their bytes have ended that.
    while not looking.is_full and whole.end and wanted <= (listed := whole.listed) < query.limit:
        wanted = listed + max(listed, looking.likely(query.limit - listed))
        whole = first_reading(store, query, wanted)
        looking.at(looking.left_of(whole.runs))
    return whole


def _further_back(
    store: ReadsAtOnce, query: RunQuery, whole: Reading, looking: Looking
) -> "Words | None":
    """Read the rest of the newest runs, and older failures with the words; where that ended."""
    rest = looking.left_of(whole.runs)
    older = Older(store, query, whole.end, looking.sought.texts)
    some = looking.likely(len(rest))
    if store.is_remote:
        tasks: list[Callable[[], object]] = [partial(looking.ahead, rest[:some]), older.look]
        side_by_side(tasks)
    looking.at(rest[:some])
    if not looking.is_full and some < len(rest):
        candidates = older.page.runs if store.is_remote and older.page else ()
        asked = names_wanted([*looking.sought.found, *rest[some:], *candidates])
        looking.ahead([*rest[some:], *candidates], *asked)
        looking.at(rest[some:])
    if looking.is_full or older.asked is None or whole.end is None:
        return None
    if older.page is None:
        return Words(place=whole.end.run_id, is_too_slow=True)
    looking.ahead(older.page.runs, *names_wanted([*looking.sought.found, *older.page.runs]))
    found = len(looking.matches)
    looking.at(older.page.runs)
    return _words(older.page, query.since, found=len(looking.matches) > found)


def _older(query: RunQuery, end: RunFacts, text: str) -> RunQuery:
    """The failures with the words, behind a run."""
    behind = Cursor.of(end)
    return replace(query, text=text, failed=True, limit=CANDIDATES_MAX, after=behind)


def _words(page: RunPage, since: datetime | None, *, found: bool) -> "Words":
    """How far back a page of candidates reaches."""
    if page.next:
        return Words(page.next.timestamp, page.next.run_id, found)
    back = page.searched_since
    return Words(None if back == since else back, None, found)


def _match(run: Run, sought: SoughtInRuns, moment: datetime) -> Match | None:
    """The lines with the text as it is shown: a secret cannot be searched for."""
    for stream, raw in _streams(run):
        if not sought.search(clean(raw)):  # redacting takes more time than cleaning
            sought.redraws += redraws(raw)
            continue
        shown = readable(raw)
        if numbers := sought.numbers(shown):
            sought.found.append(run)
            return Match(
                spec_id=shown_name(run.spec_id),
                iteration=run.iteration,
                ended=ended(run),
                at=at(run.timestamp, moment),
                run_id=run.run_id,
                place=run.run_id,
                stream=stream,
                matching_lines=len(numbers),
                text=_around(list(pieces(shown)), numbers[:PLACES_SHOWN], sought),
            )
    return None


def _streams(run: Run) -> Iterator[tuple[str, str]]:
    """What a run printed or told, by name; its context with a line for each name in it."""
    yield "stderr", run.stderr
    yield "stdout", run.stdout
    yield "message", run.message or ""
    context = run.context or {}
    lines = (f"{name}: {_as_json(value)}" for name, value in context.items())
    yield "context", "\n".join(lines)
    yield "tests", listed(run.tests) if run.tests else ""


def _as_json(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _around(lines: Sequence[str], numbers: Sequence[int], sought: Sought) -> NumberedLines:
    """The lines with these numbers and their neighbours, long ones cut around the text."""
    near = sorted(
        {
            near
            for number in numbers
            for near in range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1)
            if 1 <= near <= len(lines)
        }
    )
    return NumberedLines(tuple((number, _short(lines[number - 1], sought)) for number in near))


def _short(line: str, sought: Sought) -> str:
    if len(line) <= LINE_CHARS:
        return line
    found = sought.search(line)
    middle = (found.start() + found.end()) // 2 if found else 0
    start = max(0, min(middle - LINE_CHARS // 2, len(line) - LINE_CHARS))
    end = start + LINE_CHARS
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


# --- saying -------------------------------------------------------------------------------------


def _found(search: Search, arguments: SearchLogs) -> str:
    what = "failure" if arguments.failures_only else "record"
    count = len(search.matches)
    if not count:
        is_whole = search.reading.end is None and not search.reading.large
        return f"No {what} {'has' if is_whole else 'that was read has'} this text"
    if count == arguments.limit == 1:
        return f"The newest {what} with this text"
    first = "The newest " if count == arguments.limit else ""
    return f"{first}{plural(count, what)} with this text, newest first"


def _looked_at(store: ReadsAtOnce, search: Search, arguments: SearchLogs, moment: datetime) -> str:
    what = "failure" if arguments.failures_only else "record"
    if len(search.matches) == arguments.limit and search.words is None:
        place = Cursor.of(search.sought.found[-1])
        passed_by = [run for run in search.reading.large if Cursor.of(run) > place]
        large = f"{_large(passed_by, what)} among them and " if passed_by else ""
        return f"{large}older ones were not looked at"
    number = len(search.reading.runs)
    unread = f", {_large(search.reading.large, what)} not" if search.reading.large else ""
    if search.reading.end is None:
        if number == 1 and not unread:
            return f"the one {what} in question was read{_literally(search, arguments)}"
        total = plural(f"{number + len(search.reading.large):,}", what)
        of = f"{number:,} of {total}" if unread else f"all {total}"
        return f"{of} in question were read{unread}{_literally(search, arguments)}"
    end = search.reading.end.timestamp
    near = f"the newest {plural(f'{number:,}', what)} read whole (back to "
    near += f"{instant(end)}, {age(end, moment)}){unread}"
    return f"{near}, {_older_ones(store, search)}{_literally(search, arguments)}"


def _large(runs: Sequence[RunFacts], what: str) -> str:
    """What was too long to be read."""
    size = sum(map(kept_bytes, runs)) / 1e6
    return f"{plural(f'{len(runs):,}', what)} of {size:,.1f} MB in all"


def _literally(search: Search, arguments: SearchLogs) -> str:
    """What a reader should know when there is no match."""
    if search.matches:
        return ""
    left_out = f"; {redrawn(search.sought.redraws)}" if search.sought.redraws else ""
    return left_out + literally(arguments.text).rstrip(".").replace(" The", "; the")


def _older_ones(store: ReadsAtOnce, search: Search) -> str:
    words = search.words
    if words is None:
        return "older ones were not looked at"
    back = "back to some of them" if words.place else "all of them"
    back = f"back to {instant(words.since)}" if words.since else back
    limit = ", where the time limit ended the search" if words.is_too_slow else ""
    how = "" if store.folds_accents else ", with accents as they are written"
    return f"older failures searched for whole words (not in context{how}), {back}{limit}"


def _further(search: Search, filters: dict[str, Any]) -> str | None:
    """The call that looks at what this answer did not look at."""
    end, words, matches = search.reading.end, search.words, search.matches
    if search.reading.large and not matches:
        run = search.reading.large[0]
        return call("get_run", run_id=run.run_id, grep=filters["text"])
    if end is None:
        return None
    if words is not None and words.place not in (None, end.run_id):
        return older_matches(filters, words.place)
    if words is not None and words.since is not None:
        until = exact_instant(words.since)
        return call("search_logs", **{**filters, "before": None, "until": until})
    # What lies between was looked through for whole words only.
    return older_matches(filters, matches[-1].place if words and words.found else end.run_id)


def _nothing_to_read(store: ReadsAtOnce, query: RunQuery, arguments: SearchLogs) -> SearchPage:
    """Why there was nothing to look at."""
    asked: list[Asked[Any]] = [Find(RunQuery(limit=1)), Find(replace(query, failed=None, limit=1))]
    ask_ahead(store, *asked, *([Spec(query.spec_id)] if query.spec_id else []))
    newest = store.find(RunQuery(limit=1)).runs
    nearest, hint = None, None
    if not newest:
        summary = nothing_recorded(store)
    elif query.spec_id and store.spec(query.spec_id) is None:
        summary = NOTHING_FOR_SPEC
        nearest = nearest_specs(store, query.spec_id)
    else:
        what = "failures" if query.failed else "records"
        summary = f"No {what} match the filters, so there was nothing to search."
        if query.failed and store.find(replace(query, failed=None, limit=1)).runs:
            filters = arguments.model_dump(exclude_defaults=True)
            hint = call("search_logs", **filters, failures_only=False)
    return SearchPage(summary=summary, matches=[], nearest_specs=nearest, hint=hint)
