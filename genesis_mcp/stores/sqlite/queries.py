"""What is asked of the SQLite store, as SQL. Only constants of ours are put into the text.

`kind` and `failed` are written as literals and the index is pinned: left to itself the planner
misses partial indexes and, with two filters, sorts what an index has in order already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END
from genesis_mcp.stores.sqlite.older_schemas import lacking
from genesis_mcp.stores.sqlite.rows import FACTS, label_token, to_ms
from genesis_mcp.stores.sqlite.schema import (
    FIRST_SPILLED_ID,
    HOUR_MS,
    IDS_PER_MS,
    LABEL_INDEXES,
    SCHEMA_VERSION,
    SEARCH_TEXTS,
    SPILLED,
    STANDINGS,
    TOTAL,
)
from genesis_mcp.text.clean import scrub

# ruff: noqa: S608 - see the module's first line

FAILURE = (
    *("run_id", "timestamp", "spec_id", "signature_group", "signature_version"),
    "recorded_at",
)
"""The columns of a `Failure`. Lists of columns begin with run_id and timestamp, as FACTS does."""

NOTED = ("run_id", "timestamp", "doubt")
"""What tells which runs are in doubt."""

IDS = "SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?"
"""A range, because LIKE would scan."""

ID_OF = "SELECT id FROM runs WHERE run_id = ? AND timestamp = ?"
IS_SPILLED = f"SELECT 1 FROM runs WHERE {SPILLED} LIMIT 1"

_SPEC_FIGURES = "value, ok_runs + failed_runs, failed_runs, newest"
SPEC = f"SELECT {_SPEC_FIGURES} FROM labels WHERE field = 'spec_id' AND value = ?"
SPECS = (
    f"SELECT {_SPEC_FIGURES} FROM labels INDEXED BY specs_by_newest WHERE field = 'spec_id'"
    " ORDER BY newest DESC, value LIMIT ?"
)
SPEC_COUNT = "SELECT count(*) FROM labels WHERE field = 'spec_id'"
LABELS = f"SELECT value, {TOTAL} FROM labels WHERE field = ? ORDER BY 2 DESC, value LIMIT ?"

_DAY_FIGURES = (
    "ifnull(sum(ok_runs + failed_runs), 0), ifnull(sum(failed_runs), 0),"
    " ifnull(sum(ok_events + failed_events), 0)"
)
TOTALS = f"SELECT {_DAY_FIGURES} FROM hours"
DAYS = f"SELECT hour / 24, {_DAY_FIGURES} FROM hours WHERE hour >= ? GROUP BY 1 ORDER BY 1 DESC"
SPAN = (
    f"SELECT (SELECT min(id) FROM runs) / {IDS_PER_MS},"
    f" (SELECT max(id) FROM runs WHERE id < {FIRST_SPILLED_ID}) / {IDS_PER_MS}"
)

BY_ID = 4
"""Since this version of the schema the indexes are by id; before, all were by time, as those of
spilled ids still are."""

_FILTERS = ("since", "until", *LABEL_INDEXES, "iteration", "text")

_MS_END = to_ms(TIMESTAMP_END)


class Statement(NamedTuple):
    """SQL and the values of its parameters."""

    sql: str
    values: dict[str, Any]


def key(value: str) -> str:
    """A value to look up, as `make_run` would have stored it; SQLite cannot bind a surrogate."""
    return scrub(value)


def bound_ms(moment: datetime) -> int:
    """A bound in milliseconds, within what can be stored."""
    return max(0, min(to_ms(moment), _MS_END))


def labels(query: RunQuery) -> list[str]:
    """The labels that the query asks for."""
    return [name for name in LABEL_INDEXES if getattr(query, name) is not None]


def selected(columns: Sequence[str], version: int) -> str:
    """Columns of `runs` and `texts`, as a file of that version of the schema has them."""
    others = lacking(version)
    return ", ".join(f"{others[name]} AS {name}" if name in others else name for name in columns)


def fetch_sql(columns: Sequence[str], version: int) -> str:
    """The SELECT of one run by its run_id."""
    return f"SELECT {selected(columns, version)} FROM runs JOIN texts USING (id) WHERE run_id = ?"


def place_statement(query: RunQuery, version: int) -> Statement:
    """The id that stands for the place of a run that is gone: nothing at or before it is wanted."""
    function, beyond = ("max", "<=") if query.oldest_first else ("min", ">=")
    arrival = lacking(version).get("recorded_at", "recorded_at")
    return Statement(
        f"SELECT {function}(id) FROM runs"
        f" WHERE id >= :after_timestamp * {IDS_PER_MS}"
        f" AND id < (:after_timestamp + 1) * {IDS_PER_MS}"
        f" AND ({arrival}, run_id) {beyond} (:after_arrival, :after_run_id)",
        _values(query),
    )


def find_statement(
    query: RunQuery,
    label: str | None,
    columns: Sequence[str] = FACTS,
    *,
    after_id: int | None = None,
    version: int = SCHEMA_VERSION,
    spilled: bool = False,
) -> Statement:
    """The page and one run more, in order; by the index of one of the query's labels.

    Either those whose ids rise with their times, or the `spilled` ones. `after_id` is the id at the
    query's place. Behind the columns stands the id of each row.
    """
    direction = "ASC" if query.oldest_first else "DESC"
    names = selected((*columns, "id"), version)
    order = f"id {direction}"
    if spilled or version < BY_ID:
        order = f"timestamp {direction}, {order}"
    arms = _arms(query, label, version, spilled=spilled)
    sql = (
        " UNION ALL ".join(f"SELECT {names} FROM runs {arm}" for arm in arms)
        + f" ORDER BY {order} LIMIT :limit"
    )
    others = {"limit": query.limit + 1, "after_id": after_id}
    return Statement(sql, _values(query) | _id_range(query, after_id) | others)


def count_statement(
    query: RunQuery, label: str | None, at_most: int, version: int = SCHEMA_VERSION
) -> Statement:
    """How many rows match, reading no more than `at_most` entries that do.

    Of several labels each is looked up in its own index: no row is read, of which each would be on
    a page of its own.
    """
    query = replace(query, after=None)
    found = list(_arms(query, label, version, spilled=False, is_counted=version >= BY_ID))
    if version >= BY_ID:
        found += _arms(query, label, version, spilled=True, is_counted=True)
    arms = " UNION ALL ".join(f"SELECT 1 FROM runs {arm}" for arm in found)
    return Statement(
        f"SELECT count(*) FROM ({arms} LIMIT :limit)",
        _values(query) | _id_range(query) | {"limit": at_most},
    )


def _arms(
    query: RunQuery, label: str | None, version: int, *, spilled: bool, is_counted: bool = False
) -> Iterator[str]:
    """Ranges of one index, each in the order of the page; of a count with no row that is read."""
    if version < BY_ID:
        return _ranges(query, label, _time_conditions(query))
    if spilled:
        times = [[SPILLED, *those] for those in _time_conditions(query)]
        return _ranges(query, label, times, suffix="_spilled", is_counted=is_counted)
    return _ranges(query, label, [["id >= :first AND id < :end"]], is_counted=is_counted)


def _ranges(
    query: RunQuery,
    label: str | None,
    times: list[list[str]],
    *,
    suffix: str = "",
    is_counted: bool = False,
) -> Iterator[str]:
    """One for each of these times and each (kind, failed) wanted."""
    labels = _label_conditions(query)
    for those in times:
        if query.spec_id is not None and query.iteration is not None:
            # Few rows: whether they failed is looked at row by row.
            for one in query.kinds:
                others = [*labels, *those, *_failed_conditions(query)]
                yield _range(f"runs_by_iteration{suffix}", [f"kind = '{one}'", *others])
            continue
        index = LABEL_INDEXES[label] if label else "runs_by_standing"
        for kind, failed in standings(query):
            standing = [f"kind = '{kind}'", f"failed = {failed}"]
            found = _looked_up(query, label, standing) if label and is_counted else labels
            yield _range(f"{index}{suffix}", [*standing, *found, *those])


def _looked_up(query: RunQuery, label: str, standing: list[str]) -> list[str]:
    """The label whose index is read, and the others by theirs."""
    others = (
        f"EXISTS (SELECT 1 FROM runs AS other INDEXED BY {LABEL_INDEXES[name]}"
        f" WHERE {' AND '.join([f'{name} = :{name}', *standing])} AND other.id = runs.id)"
        for name in labels(query)
        if name != label
    )
    iteration = [] if query.iteration is None else ["iteration = :iteration"]
    return [f"{label} = :{label}", *iteration, *others]


def _range(index: str, conditions: list[str]) -> str:
    return f"INDEXED BY {index} WHERE {' AND '.join(conditions)}"


def standings(query: RunQuery) -> list[tuple[str, int]]:
    """The pairs of (kind, failed) that the query allows."""
    return [
        (kind, failed)
        for kind, failed in STANDINGS
        if kind in query.kinds and query.failed in (None, bool(failed))
    ]


def _label_conditions(query: RunQuery) -> list[str]:
    return [
        f"{name} = :{name}"
        for name in (*LABEL_INDEXES, "iteration")
        if getattr(query, name) is not None
    ]


def _standing_conditions(query: RunQuery) -> list[str]:
    kinds = ", ".join(f"'{kind}'" for kind in query.kinds)
    return [f"kind IN ({kinds})", *_failed_conditions(query)]


def _failed_conditions(query: RunQuery) -> list[str]:
    return [] if query.failed is None else ["failed = :failed"]


def _time_conditions(query: RunQuery) -> list[list[str]]:
    """The query's time: as one range of an index, or as two of which the first is a millisecond.

    At most one lower and one upper bound each: of two the planner may search by the wider one.
    """
    lower = [] if query.since is None else ["timestamp >= :since"]
    upper = [] if query.until is None else ["timestamp < :until"]
    if query.after is None:
        return [[*lower, *upper]]
    place = bound_ms(query.after.timestamp)
    is_after_since = query.since is None or place >= bound_ms(query.since)
    is_before_until = query.until is None or place < bound_ms(query.until)
    sign = ">" if query.oldest_first else "<"
    tied = [["timestamp = :after_timestamp", f"id {sign} :after_id"]]
    if query.oldest_first:
        if not is_after_since:
            return [[*lower, *upper]]
        return (tied if is_before_until else []) + [["timestamp > :after_timestamp", *upper]]
    if not is_before_until:
        return [[*lower, *upper]]
    return (tied if is_after_since else []) + [[*lower, "timestamp < :after_timestamp"]]


def _values(query: RunQuery) -> dict[str, Any]:
    values: dict[str, Any] = {"failed": query.failed}
    for name in LABEL_INDEXES:
        value = getattr(query, name)
        values[name] = None if value is None else key(value)
    if query.iteration is not None:
        values["iteration"] = max(-1, min(query.iteration, UINT32_MAX + 1))
    if query.since is not None:
        values["since"] = bound_ms(query.since)
    if query.until is not None:
        values["until"] = bound_ms(query.until)
    if query.after is not None:
        values["after_timestamp"] = bound_ms(query.after.timestamp)
        values["after_arrival"] = query.after.arrival
        values["after_run_id"] = key(query.after.run_id)
    return values


# --- roll-ups -----------------------------------------------------------------------------------


def filters(query: RunQuery) -> set[str]:
    """The filters in use, apart from kind and failed, which every roll-up knows."""
    return {name for name in _FILTERS if getattr(query, name) is not None}


def is_rolled_up(query: RunQuery) -> bool:
    """Whether the roll-ups know all kinds that are wanted: a suite is known to its spec's alone."""
    return query.spec_id is not None or "suite" not in query.kinds


def label_count_statement(query: RunQuery, label: str) -> Statement:
    """How many runs of the wanted kinds have the label's value, from the roll-up."""
    return Statement(
        f"SELECT {_counters(query)} FROM labels WHERE field = :field AND value = :value",
        {"field": label, "value": _values(query)[label]},
    )


def hours_count_statement(query: RunQuery, first: int, end: int) -> Statement:
    """The count of whole hours, from the roll-up."""
    return Statement(
        f"SELECT sum({_counters(query)}) FROM hours WHERE hour >= :first AND hour < :end",
        {"first": first, "end": end},
    )


def whole_hours(query: RunQuery) -> tuple[int, int]:
    """The first whole hour in the query's time and the one after the last; maybe crossed."""
    first = 0 if query.since is None else -(-bound_ms(query.since) // HOUR_MS)
    end = _MS_END // HOUR_MS if query.until is None else bound_ms(query.until) // HOUR_MS
    return first, end


def _counters(query: RunQuery) -> str:
    counters = dict.fromkeys(STANDINGS[standing] for standing in standings(query))
    return " + ".join(counters)


# --- word search --------------------------------------------------------------------------------


def search_statement(
    query: RunQuery,
    columns: Sequence[str] = FACTS,
    *,
    spilled: bool = False,
    version: int = SCHEMA_VERSION,
) -> Statement:
    """All failures with the query's text in order, the id behind the columns of each.

    Either those whose ids rise with their times, or the `spilled` ones, which have to be sorted.
    """
    direction = "ASC" if query.oldest_first else "DESC"
    search = _search(query, selected((*columns, "id"), version), spilled=spilled)
    order = f"timestamp {direction}, id" if spilled else "search.rowid"
    return Statement(f"{search.sql} ORDER BY {order} {direction}", search.values)


def search_count_statement(query: RunQuery, at_most: int) -> Statement:
    """How many failures have the query's text, reading no more than `at_most`."""
    search = _search(replace(query, after=None), "1")
    spilled = _search(replace(query, after=None), "1", spilled=True)
    return Statement(
        f"SELECT count(*) FROM ({search.sql} UNION ALL {spilled.sql} LIMIT :limit)",
        search.values | {"limit": at_most},
    )


def _search(query: RunQuery, columns: str, *, spilled: bool = False) -> Statement:
    rows = (
        [
            f"search.rowid >= {FIRST_SPILLED_ID}",
            *([] if query.since is None else ["timestamp >= :since"]),
            *([] if query.until is None else ["timestamp < :until"]),
        ]
        if spilled
        else ["search.rowid >= :first AND search.rowid < :end"]
    )
    conditions = [
        "search MATCH :match",
        *rows,
        *_label_conditions(query),
        *_standing_conditions(query),
    ]
    # CROSS JOIN: the search is the outer loop, or its order would be lost. NOT INDEXED: by the id.
    return Statement(
        f"SELECT {columns} FROM search CROSS JOIN runs NOT INDEXED ON runs.id = search.rowid"
        f" WHERE {' AND '.join(conditions)}",
        _values(query) | {"match": _match(query)} | _id_range(query),
    )


def _match(query: RunQuery) -> str:
    """The text as one quoted phrase, in which nothing is syntax, and the labels' tokens."""
    quoted = key(query.text or "").replace('"', '""')
    tokens = [
        f'labels : "{label_token(name, key(value))}"'
        for name in LABEL_INDEXES
        if (value := getattr(query, name)) is not None
    ]
    if len(query.kinds) == 1:
        tokens.append(f'labels : "{label_token("kind", query.kinds[0])}"')
    return " AND ".join([f'{{{" ".join(SEARCH_TEXTS)}}} : "{quoted}"', *tokens])


def _id_range(query: RunQuery, after_id: int | None = None) -> dict[str, int]:
    """The time as a range of ids that have not spilled.

    Where the id at the place of `after` is not told, its millisecond is in the range whole.
    """
    first = 0 if query.since is None else bound_ms(query.since) * IDS_PER_MS
    end = (_MS_END if query.until is None else bound_ms(query.until)) * IDS_PER_MS
    if query.after is not None:
        begins = bound_ms(query.after.timestamp) * IDS_PER_MS
        ends = begins + IDS_PER_MS
        if not query.oldest_first:
            end = min(end, ends if after_id is None else min(ends, after_id))
        elif after_id is None:
            first = max(first, begins)
        else:
            first = max(first, ends if after_id >= FIRST_SPILLED_ID else max(begins, after_id + 1))
    return {"first": first, "end": end}
