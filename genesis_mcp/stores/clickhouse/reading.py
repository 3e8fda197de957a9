"""Pages and whole runs of the ClickHouse store: ties put in order, duplicates left out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, Placed, RunQuery
from genesis_mcp.runs.times import from_milliseconds, milliseconds_since_1970
from genesis_mcp.stores.clickhouse import queries
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.connection import Rows
from genesis_mcp.stores.clickhouse.rows import Facts, Row
from genesis_mcp.stores.clickhouse.schema import Table
from genesis_mcp.stores.clickhouse.source import Statement
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.text.clean import scrub

IDS_AT_ONCE = 1_000
"""Ids in one query; the driver puts so many into the request's body."""

UNITED_MAX = 20
"""Statements in one query: of another writer's table each has 3 KB, and the engine takes 256 KB."""

READ_TOGETHER = 1_000
"""Newest attempts of several specs that are read together, at most; each takes 0.3 KB."""

SHARES = 4
"""Of them for each spec, in lists of what is wanted of it: some have more runs than others."""

PAGES_ASKED_MAX = 8
"""How often a page is asked for again, with more rows, when it held too many duplicates."""

SEARCHED_DAYS = 1
"""Days that are searched for a text in a large table without an index of words."""

ROWS_SEARCHED_MAX = 500_000
"""Rows of a table in which the texts of all can be read within a second."""

NEAR = timedelta(days=2)
"""Before a place in a spec, where the runs before it are looked for first."""

Entry = TypeVar("Entry", bound=Placed)


class Wanted(NamedTuple):
    """The first so many entries that match."""

    query: RunQuery
    number: int


def page(
    asking: Asking, query: RunQuery, columns: str, made: Callable[[Row], Entry], number: int
) -> list[Entry]:
    """The first entries that match, in order, each once."""
    [entries] = pages(asking, [Wanted(query, number)], columns, made)
    return entries


def pages(
    asking: Asking, wanted: Sequence[Wanted], columns: str, made: Callable[[Row], Entry]
) -> list[list[Entry]]:
    """The first entries that match each query; all of them in one query to the engine.

    More are needed where a page ends within a millisecond, or holds rows that were written twice.
    """
    statements = [_statement(asking, one, columns) for one in wanted]
    firsts = rows_of_each(asking, statements)
    return _pages(asking, zip(wanted, firsts, strict=True), columns, made)


def pages_read_together(asking: Asking, wanted: Sequence[Wanted]) -> dict[str, list[RunFacts]]:
    """The first attempts of specs by queries that differ in the spec alone, in one list.

    Of a spec that may have more of them than lie among those that were read, nothing.
    """
    facts = Facts(asking.source.table)
    by_spec = {scrub(one.query.spec_id or ""): one for one in wanted}
    limit = min(READ_TOGETHER, SHARES * sum(one.number for one in wanted))
    statement = queries.find_together_statement(
        asking.source, wanted[0].query, [*by_spec], facts.sql, limit
    )
    rows = asking.rows(statement)
    firsts: dict[str, list[Row]] = {name: [] for name in by_spec}
    for row in rows:
        firsts[facts.spec_id(row)].append(row)
    is_all = len(rows) < limit
    told = {
        one: firsts[name]
        for name, one in by_spec.items()
        if is_all or len(firsts[name]) > one.number
    }
    found = _pages(asking, told.items(), facts.sql, facts.of)
    return {one.query.spec_id or "": some for one, some in zip(told, found, strict=True)}


def _pages(
    asking: Asking,
    firsts: Iterable[tuple[Wanted, Rows]],
    columns: str,
    made: Callable[[Row], Entry],
) -> list[list[Entry]]:
    return side_by_side([partial(_page, asking, one, columns, made, rows) for one, rows in firsts])


def rows_of_each(asking: Asking, statements: Sequence[Statement]) -> list[Rows]:
    """What statements of the same columns give, so many of them in one query."""
    starts = range(0, len(statements), UNITED_MAX)
    some = [statements[start : start + UNITED_MAX] for start in starts]
    return [
        rows
        for each in side_by_side([partial(_united, asking, one) for one in some])
        for rows in each
    ]


def _united(asking: Asking, statements: Sequence[Statement]) -> list[Rows]:
    if len(statements) == 1:
        return [asking.rows(statements[0])]
    found: list[list[Row]] = [[] for _ in statements]
    for part, *row in asking.rows(queries.united(statements)):
        found[part].append(row)
    return [*found]


def _statement(asking: Asking, wanted: Wanted, columns: str) -> Statement:
    query, limit = wanted.query, wanted.number + 1
    if query.after is None or not _may_lie_near(asking, query):
        return queries.find_statement(asking.source, query, columns, limit)
    border = _before(query.after.timestamp, NEAR)
    return queries.find_near_statement(asking.source, query, columns, limit, border)


def _may_lie_near(asking: Asking, query: RunQuery) -> bool:
    """Whether a spec is read on from a place: of a busy one the projection would read all."""
    return (
        query.spec_id is not None
        and query.since is None
        and not query.oldest_first
        and asking.source.table.has_by_spec
    )


def _page(
    asking: Asking, wanted: Wanted, columns: str, made: Callable[[Row], Entry], rows: Rows
) -> list[Entry]:
    """The entries of a page of which the first rows were read."""
    query, limit = wanted.query, wanted.number + 1
    rows = sorted(rows, key=_moment, reverse=not query.oldest_first)[:limit]
    entries: list[Entry] = []
    for _ in range(PAGES_ASKED_MAX):
        entries = [made(row) for row in rows]
        is_all = len(rows) < limit
        if not is_all:
            entries = _with_whole_ties(asking, query, columns, made, entries)
        entries = _in_order(entries, oldest_first=query.oldest_first)
        if is_all or len(entries) >= wanted.number:
            break
        limit *= 4
        rows = asking.rows(queries.find_statement(asking.source, query, columns, limit))
    return entries[: wanted.number]


def _moment(row: Row) -> int:
    """Of Facts, FAILURE and NOTED."""
    ms: int = row[0]
    return ms


def _with_whole_ties(
    asking: Asking,
    query: RunQuery,
    columns: str,
    made: Callable[[Row], Entry],
    entries: list[Entry],
) -> list[Entry]:
    """The rows of the last millisecond are any of those that it has: leave them, or get all."""
    last = entries[-1].timestamp
    before = [one for one in entries if one.timestamp != last]
    if len(before) == len(entries) - 1:
        return before
    ms = milliseconds_since_1970(last)
    tied = asking.rows(queries.tied_statement(asking.source, query, columns, ms, len(entries)))
    return before + [made(row) for row in tied]


def _in_order(entries: list[Entry], *, oldest_first: bool) -> list[Entry]:
    """By (timestamp, arrival, run_id), and once each: a row may have been written twice."""
    once = {(one.timestamp, one.run_id): one for one in reversed(entries)}
    return sorted(once.values(), key=Cursor.of, reverse=not oldest_first)


def within_window(asking: Asking, query: RunQuery) -> RunQuery:
    """Without an index of words all texts would be read: SEARCHED_DAYS before the query's end are.

    That end is its bound, its place or the newest row, whichever is the earliest.
    """
    if query.text is None or not is_search_bounded(asking.source.table):
        return query
    newest = from_milliseconds(asking.rows(queries.newest_statement(asking.source))[0][0])
    ends = [newest, query.until, query.after.timestamp if query.after else None]
    earliest = _before(min(end for end in ends if end), timedelta(days=SEARCHED_DAYS))
    since = max(earliest, query.since) if query.since else earliest
    return replace(query, since=since)


def _before(moment: datetime, span: timedelta) -> datetime:
    """So long before a time, which may be the first that there is."""
    return max(moment, datetime.min.replace(tzinfo=UTC) + span) - span


def is_search_bounded(table: Table) -> bool:
    """Whether a search for a text looks at a part of the table only."""
    return not table.has_words and table.rows > ROWS_SEARCHED_MAX


def fetch(asking: Asking, run_ids: Sequence[str], text_bytes: int | None) -> dict[str, Run]:
    """Runs by their ids; one that was written twice once."""
    found: dict[str, Run] = {}
    facts = Facts(asking.source.table)
    for start in range(0, len(run_ids), IDS_AT_ONCE):
        some = list(run_ids[start : start + IDS_AT_ONCE])
        times = _times(asking, some)
        if times is None or times:
            statement = queries.fetch_statement(asking.source, some, facts.sql, text_bytes, times)
            for row in asking.rows(statement):
                run = facts.run(row, text_bytes)
                found.setdefault(run.run_id, run)
    return found


def ids(asking: Asking, beginning: str, limit: int) -> list[str]:
    """The first ids that begin so; none in a table that stores none."""
    if "run_id" not in asking.source.table.columns:
        return []
    return [row[0] for row in asking.rows(queries.ids_statement(asking.source, beginning, limit))]


def _times(asking: Asking, run_ids: list[str]) -> list[int] | None:
    """Where runs with these ids lie: told by the ids themselves where no table stores them."""
    if asking.source.table.is_ours:
        return None
    times = [queries.time_in_row_id(run_id) for run_id in run_ids]
    return sorted({ms for ms in times if ms is not None})
