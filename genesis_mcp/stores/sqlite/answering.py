"""The questions of the SQLite store, each answered on one connection; `store.py` provides that."""

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice

from genesis_mcp.runs.query import DayStats, LabelStats, RunQuery, SpecStats, StoreStats
from genesis_mcp.runs.times import from_milliseconds
from genesis_mcp.stores.contract import LABELS_DESCRIBED
from genesis_mcp.stores.figures import day_of, day_stats, spec_stats
from genesis_mcp.stores.sqlite import queries
from genesis_mcp.stores.sqlite.files import Connection
from genesis_mcp.stores.sqlite.rows import FACTS, Row, has_phrase, searched_texts
from genesis_mcp.stores.sqlite.schema import HOUR_MS, LAST_ID
from genesis_mcp.stores.words import is_searchable, words

SCANNED_WITHOUT_INDEX = 2000
"""Failures looked through for a text when SQLite was built without FTS5."""

HOUR_COUNTED_MAX = 100_000
"""Runs counted one by one in an hour of which only a part is asked for."""

ENGINE = f"SQLite {sqlite3.sqlite_version}"


def matching(
    connection: Connection, query: RunQuery, columns: Sequence[str] = FACTS
) -> Iterator[Row]:
    """Columns of what matches, in order, at least one row more than the query's limit."""
    if query.text is None:
        yield from (row[:-1] for row in _found(connection, query, columns, query.limit + 1))
    elif is_searchable(query):
        ask = _search if connection.has_search else _scan
        yield from ask(connection, query, columns)


def _found(
    connection: Connection, query: RunQuery, columns: Sequence[str], limit: int
) -> list[Row]:
    """At most `limit` rows in the order of lists, each with its id behind the columns."""
    label, after_id = _narrowest(connection, query), _after_id(connection, query)

    def statement(spilled: bool) -> queries.Statement:
        sql, values = queries.find_statement(
            query,
            label,
            columns,
            after_id=after_id,
            version=connection.version,
            spilled=spilled,
        )
        return queries.Statement(sql, values | {"limit": limit})

    by_time = connection.version < queries.BY_ID
    with closing(_in_order(connection, query, statement, by_time=by_time)) as rows:
        return list(islice(rows, limit))


def _in_order(
    connection: Connection,
    query: RunQuery,
    statement: Callable[[bool], queries.Statement],
    *,
    by_time: bool = False,
) -> Generator[Row, None, None]:
    """The rows of a statement: those whose ids tell their times, and between them what has spilled.

    `by_time`: the statement has both. Columns begin with run_id and timestamp and end with the id.
    """
    is_spilled = not by_time and connection.execute(queries.IS_SPILLED).fetchone() is not None
    streams = [
        connection.execute(*statement(spilled))
        for spilled in ([False, True] if is_spilled else [False])
    ]
    try:
        yield from merge(
            *streams, key=lambda row: (row[1], row[-1]), reverse=not query.oldest_first
        )
    finally:
        for stream in streams:
            stream.close()


def _after_id(connection: Connection, query: RunQuery) -> int | None:
    """The id at the query's place, or the one that stands for it when that run is gone."""
    if query.after is None:
        return None
    place = queries.key(query.after.run_id), queries.bound_ms(query.after.timestamp)
    found = connection.execute(queries.ID_OF, place).fetchone()
    if found is None:
        found = connection.execute(*queries.place_statement(query, connection.version)).fetchone()
    if found[0] is not None:
        return int(found[0])
    return -1 if query.oldest_first else LAST_ID


def _narrowest(connection: Connection, query: RunQuery) -> str | None:
    """The label of the query that the fewest runs have: the others are looked at row by row."""
    labels = queries.labels(query)
    if len(labels) < 2:
        return labels[0] if labels else None
    return min(
        labels,
        key=lambda label: _number(connection, queries.label_count_statement(query, label)),
    )


def _search(
    connection: Connection, query: RunQuery, columns: Sequence[str] = FACTS
) -> Iterator[Row]:
    """The hits of the word search, behind the query's place."""
    after, after_id = query.after, _after_id(connection, query)
    place = after and (queries.bound_ms(after.timestamp), after_id)
    with closing(_hits(connection, query, columns)) as hits:
        for *row, hit_id in hits:
            here = row[1], hit_id
            if place is None or (here > place if query.oldest_first else here < place):
                yield tuple(row)


def _hits(
    connection: Connection, query: RunQuery, columns: Sequence[str]
) -> Generator[Row, None, None]:
    """The hits in the order of lists, each with its id behind the columns."""
    version = connection.version

    def statement(spilled: bool) -> queries.Statement:
        return queries.search_statement(query, columns, spilled=spilled, version=version)

    return _in_order(connection, query, statement)


def _scan(connection: Connection, query: RunQuery, columns: Sequence[str] = FACTS) -> Iterator[Row]:
    """What `_search` gives, from the first failures in the order asked for."""
    phrase = words(query.text or "")
    failures = replace(query, text=None, failed=True)
    texts_of = queries.fetch_sql(("packed",), connection.version)
    for *row, _ in _found(connection, failures, columns, SCANNED_WITHOUT_INDEX):
        (packed,) = connection.execute(texts_of, (row[0],)).fetchone()
        if has_phrase(searched_texts(packed), phrase):
            yield tuple(row)


def searched_since(connection: Connection, query: RunQuery) -> datetime | None:
    """How far back `_scan` looks, when that is not at everything."""
    if query.text is None or connection.has_search:
        return None
    scanned = replace(query, text=None, failed=True)
    rows = _found(connection, scanned, ("run_id", "timestamp"), SCANNED_WITHOUT_INDEX)
    return from_milliseconds(rows[-1][1]) if len(rows) == SCANNED_WITHOUT_INDEX else None


def count(connection: Connection, query: RunQuery, at_most: int) -> int:
    """See `RunStore.count`."""
    if query.text is not None:
        return _count_text(connection, query, at_most)
    filters = queries.filters(query)
    is_rolled_up = queries.is_rolled_up(query)
    if is_rolled_up and filters <= {"since", "until"}:
        return _count_hours(connection, query, at_most)
    label = _narrowest(connection, query)
    if is_rolled_up and label is not None and filters == {label}:
        return _number(connection, queries.label_count_statement(query, label))
    return _number(connection, queries.count_statement(query, label, at_most, connection.version))


def _count_text(connection: Connection, query: RunQuery, at_most: int) -> int:
    if not is_searchable(query):
        return 0
    if connection.has_search:
        return _number(connection, queries.search_count_statement(query, at_most))
    found = _scan(connection, replace(query, after=None))
    return sum(1 for _ in islice(found, at_most))


def _count_hours(connection: Connection, query: RunQuery, at_most: int) -> int:
    """Whole hours from the roll-up; the hours at the two ends, which may be cut, from the index."""
    first, end = queries.whole_hours(query)
    if first >= end:
        return _number(
            connection, queries.count_statement(query, None, at_most, connection.version)
        )
    total = _number(connection, queries.hours_count_statement(query, first, end))
    start_of_first, start_of_end = (
        from_milliseconds(first * HOUR_MS),
        from_milliseconds(end * HOUR_MS),
    )
    edges = (
        replace(query, until=start_of_first) if query.since else None,
        replace(query, since=start_of_end) if query.until else None,
    )
    for part in edges:
        if part:
            number = _number(
                connection,
                queries.count_statement(part, None, HOUR_COUNTED_MAX, connection.version),
            )
            if number == HOUR_COUNTED_MAX:
                return at_most
            total += number
    return total


def _number(connection: Connection, statement: queries.Statement) -> int:
    row = connection.execute(*statement).fetchone()
    return (row[0] or 0) if row else 0


def specs(connection: Connection, limit: int) -> list[SpecStats]:
    """The most recently active specs."""
    return [spec_stats(row) for row in connection.execute(queries.SPECS, (limit,)).fetchall()]


def _labels(connection: Connection, field: str) -> tuple[LabelStats, ...]:
    rows = connection.execute(queries.LABELS, (field, LABELS_DESCRIBED)).fetchall()
    return tuple(LabelStats(*row) for row in rows)


def _days(connection: Connection, since: datetime) -> tuple[DayStats, ...]:
    return day_stats(connection.execute(queries.DAYS, (24 * day_of(since),)).fetchall())


def describe(
    connection: Connection,
    since: datetime,
    *,
    size_bytes: int,
    writable: bool,
    notes: tuple[str, ...],
) -> StoreStats:
    """See `RunStore.describe`."""
    runs, failed, events = connection.execute(queries.TOTALS).fetchone()
    oldest, newest = connection.execute(queries.SPAN).fetchone()
    return StoreStats(
        engine=ENGINE,
        runs=runs,
        failed=failed,
        events=events,
        oldest=None if oldest is None else from_milliseconds(oldest),
        newest=None if newest is None else from_milliseconds(newest),
        days=_days(connection, since),
        specs=tuple(specs(connection, LABELS_DESCRIBED)),
        spec_count=connection.execute(queries.SPEC_COUNT).fetchone()[0],
        services=_labels(connection, "service"),
        sprints=_labels(connection, "sprint_id"),
        size_bytes=size_bytes,
        writable=writable,
        notes=notes,
    )
