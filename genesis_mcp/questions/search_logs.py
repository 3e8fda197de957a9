"""`search_logs`: the runs that printed a text, the newest first, and the lines that have it.

The newest runs are read and compared letter by letter. Older ones are found by the store, which
knows whole words of failures; what it finds is read and compared as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from genesis_mcp.answers import UNTRUSTED, Match, NumberedLines, SearchPage, call, older_matches
from genesis_mcp.answers.readable import readable, shown_name
from genesis_mcp.errors import StoreTimeout
from genesis_mcp.questions.arguments import SearchLogs
from genesis_mcp.questions.neighbours import NOTHING_RECORDED, nearest_specs, place_before
from genesis_mcp.questions.numbered_lines import any_case, matching, pieces
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.wording import age, at, ended, exact_instant, instant, plural
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.text.clean import clean
from genesis_mcp.validation import parse_moment

READ_RUNS = 300
READ_BYTES = 4 * 1024 * 1024
"""Newest runs that are read letter by letter: so many, as long as their texts are no longer."""

FIRST_READ, THEN_READ = 25, 100
"""Runs that are fetched at once: a common text is in the first, and each fetch takes its time."""

CANDIDATES_MAX = 200
"""Older runs found by their words that are read, until enough of them have the text."""

SPANS = (timedelta(days=1), timedelta(days=7))
"""How far back words are looked for at first: a store without an index of words is slow."""

PLACES_SHOWN = 2
"""Lines of a run that are shown with the text, each with CONTEXT_LINES on both sides."""

CONTEXT_LINES = 1

LINE_CHARS = 160
"""Characters shown of a line."""


class Search(NamedTuple):
    """What was found, and how far back was looked."""

    matches: list[Match]
    runs_read: int
    read_to: datetime | None
    """The time of the oldest run that was read letter by letter; None: all of them were."""
    words_since: datetime | None = None
    """How far back whole words were looked for; None: to the beginning."""
    is_too_slow: bool = False
    """Whether the store's time limit ended the search at `words_since`."""


def answer(store: RunStore, arguments: SearchLogs, moment: datetime) -> SearchPage:
    place = place_before(store, arguments.before, moment)
    ends = (parse_moment("until", arguments.until, moment), place.get("until"))
    query = RunQuery(
        spec_id=arguments.spec_id,
        failed=True if arguments.failures_only else None,
        limit=READ_RUNS,
        since=parse_moment("since", arguments.since, moment),
        until=min((end for end in ends if end), default=None),
        after=place.get("after"),
    )
    search = _search(store, query, arguments, moment)
    if not search.runs_read:
        return _nothing_to_read(store, query)
    filters = arguments.model_dump(exclude_defaults=True)
    is_full = len(search.matches) == arguments.limit
    last = search.matches[-1].run_id if is_full else None
    return SearchPage(
        summary=f"{_found(search, arguments)}; {_looked_at(search, arguments, moment)}.",
        matches=search.matches,
        more=older_matches(filters, last) if last else None,
        hint=None if is_full else _further(search, query, filters),
        untrusted=UNTRUSTED if search.matches else None,
        filters=filters,
    )


# --- looking ------------------------------------------------------------------------------------


def _search(store: RunStore, query: RunQuery, arguments: SearchLogs, moment: datetime) -> Search:
    page = store.find(query)
    runs = _within_bytes(page.runs)
    is_all = len(runs) == len(page.runs) and page.next is None
    matches: list[Match] = []
    for match in _matches(store, runs, arguments.text, moment):
        matches.append(match)
        if len(matches) == arguments.limit:
            return Search(matches, len(runs), None)
    if is_all or not runs:
        return Search(matches, len(runs), None)
    read_to = runs[-1].timestamp
    reached: datetime | None = read_to
    after = Cursor(read_to, runs[-1].run_id)
    found = 0
    try:
        for candidates, reached in _older(store, query, after, arguments.text):
            for match in _matches(store, candidates, arguments.text, moment):
                matches.append(match)
                if len(matches) == arguments.limit:
                    return Search(matches, len(runs), read_to, reached)
            found += len(candidates)
            if found >= CANDIDATES_MAX:
                break
    except StoreTimeout:
        return Search(matches, len(runs), read_to, reached, is_too_slow=True)
    return Search(matches, len(runs), read_to, reached)


def _within_bytes(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """The first of the runs, as long as all their texts are no more than READ_BYTES."""
    kept: list[RunFacts] = []
    total = 0
    for run in runs:
        total += run.message_bytes + run.stdout_bytes + run.stderr_bytes
        if kept and total > READ_BYTES:
            break
        kept.append(run)
    return kept


def _older(
    store: RunStore, query: RunQuery, after: Cursor, text: str
) -> Iterator[tuple[Sequence[RunFacts], datetime | None]]:
    """Pages of failures with the words, after a place, and how far back each of them reaches."""
    since, until = query.since, query.until
    nearer = [after.timestamp - span for span in SPANS]
    for earliest in [*(one for one in nearer if since is None or one > since), since]:
        part = replace(query, text=text, failed=True, limit=FIRST_READ, after=after)
        part = replace(part, since=earliest, until=until)
        page = store.find(part)
        while page.next:
            yield page.runs, page.next.timestamp
            page = store.find(replace(part, after=page.next))
        until = page.searched_since or earliest
        yield page.runs, until
        if page.searched_since:  # a store without an index of words: enough for one answer
            return


def _matches(
    store: RunStore, runs: Sequence[RunFacts], text: str, moment: datetime
) -> Iterator[Match]:
    ids = [run.run_id for run in runs]
    starts = [0, *range(FIRST_READ, len(ids), THEN_READ)]
    for start, end in pairwise([*starts, len(ids)]):
        for run in store.fetch(ids[start:end]):
            if match := _match(run, text, moment):
                yield match


def _match(run: Run, text: str, moment: datetime) -> Match | None:
    """The lines with the text as it is shown: a secret cannot be searched for."""
    pattern = any_case(text)
    for stream in ("stderr", "stdout", "message"):
        raw = getattr(run, stream) or ""
        if not pattern.search(clean(raw)):  # redacting takes more time than cleaning
            continue
        shown = readable(raw)
        if numbers := matching(shown, text):
            return Match(
                spec_id=shown_name(run.spec_id),
                iteration=run.iteration,
                ended=ended(run),
                at=at(run.timestamp, moment),
                run_id=run.run_id,
                stream=stream,
                matching_lines=len(numbers),
                text=_around(list(pieces(shown)), numbers[:PLACES_SHOWN], text),
            )
    return None


def _around(lines: Sequence[str], numbers: Sequence[int], text: str) -> NumberedLines:
    """The lines with these numbers and their neighbours, long ones cut around the text."""
    near = sorted(
        {
            near
            for number in numbers
            for near in range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1)
            if 1 <= near <= len(lines)
        }
    )
    return NumberedLines(tuple((number, _short(lines[number - 1], text)) for number in near))


def _short(line: str, text: str) -> str:
    if len(line) <= LINE_CHARS:
        return line
    found = any_case(text).search(line)
    middle = found.start() + len(text) // 2 if found else 0
    start = max(0, min(middle - LINE_CHARS // 2, len(line) - LINE_CHARS))
    end = start + LINE_CHARS
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


# --- saying -------------------------------------------------------------------------------------


def _found(search: Search, arguments: SearchLogs) -> str:
    what = "failure" if arguments.failures_only else "run"
    count = len(search.matches)
    if not count:
        return f"No {what} has this text"
    first = f"the newest {count}" if count == arguments.limit else f"{count}"
    return f"{plural(first, what) if count > 1 else f'{first} {what}'} with this text, newest first"


def _looked_at(search: Search, arguments: SearchLogs, moment: datetime) -> str:
    what = "failure" if arguments.failures_only else "record"
    if search.read_to is None:
        if len(search.matches) == arguments.limit:
            return "older ones were not looked at"
        return f"all {plural(f'{search.runs_read:,}', what)} in question were read"
    near = f"the newest {plural(f'{search.runs_read:,}', what)} read whole (back to "
    near += f"{instant(search.read_to)}, {age(search.read_to, moment)})"
    back = "all of them" if search.words_since is None else f"back to {instant(search.words_since)}"
    limit = ", where the time limit ended the search" if search.is_too_slow else ""
    return f"{near}, older failures searched for whole words, {back}{limit}"


def _further(search: Search, query: RunQuery, filters: dict[str, Any]) -> str | None:
    """The call that searches further back or, when nothing was found, reads on letter by letter."""
    until = search.words_since
    if until == query.since:
        until = None if search.matches else search.read_to
    if until is None or search.read_to is None:
        return None
    place = exact_instant(until + timedelta(milliseconds=1))
    return call("search_logs", **{**filters, "before": None, "until": place})


def _nothing_to_read(store: RunStore, query: RunQuery) -> SearchPage:
    """Why there was nothing to look at."""
    newest = store.find(RunQuery(limit=1)).runs
    nearest = None
    if not newest:
        summary = NOTHING_RECORDED
    elif query.spec_id and store.spec(query.spec_id) is None:
        summary = "Nothing was ever recorded for this spec_id."
        nearest = nearest_specs(store, query.spec_id)
    else:
        what = "failures" if query.failed else "records"
        summary = f"No {what} match the filters, so there was nothing to search."
    return SearchPage(summary=summary, matches=[], nearest_specs=nearest)
