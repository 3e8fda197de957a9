"""What is asked of ClickHouse, as SQL. Values are always bound; only constants of ours are text.

Two rules of form decide about speed. Nothing is ordered by more than the timestamp, the beginning
of the sort key: ties are put in order afterwards. And a place in the order is said as `timestamp <=
t AND (timestamp < t OR ...)`, because a tuple comparison hides the key.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.clickhouse.rows import FACTS, TEXT_ENDS, WHOLE_TEXTS
from genesis_mcp.stores.clickhouse.schema import (
    BY_SPEC,
    DAY,
    FAILED_LEVELS,
    ROW_ID_PREFIX,
    SEARCHED,
    TABLE,
    Table,
)
from genesis_mcp.text.clean import scrub

# ruff: noqa: S608 - see the module's first line

KEY_CHARS_MAX = 2_000
"""Longer values are looked up as "none": a URL that carries them would be refused."""

TOKENS_MAX = 32
"""Words of a searched text that the index is asked for; all of them are compared."""

_LABELS = ("spec_id", "service", "sprint_id", "task_id", "signature_group")
_TIME = "fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MS_MIN = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_MS_MAX = (datetime(2299, 12, 31, tzinfo=UTC) - _EPOCH) // _MILLISECOND
"""What DateTime64(3) can hold."""

_WORD = re.compile(r"[^\W_]+")
_ROW_ID = re.compile(rf"{ROW_ID_PREFIX}(-?[0-9]{{1,15}})-[0-9a-f]{{1,16}}")

# --- what is there ------------------------------------------------------------------------------

COLUMNS = (
    "SELECT name, type, compression_codec FROM system.columns"
    " WHERE database = {database:String} AND table = {table:String}"
)
ENGINE = (
    "SELECT engine_full, total_rows FROM system.tables"
    " WHERE database = {database:String} AND name = {table:String}"
)
INDEXES = (
    "SELECT name FROM system.data_skipping_indices"
    " WHERE database = {database:String} AND table = {table:String}"
)
PROJECTIONS = (
    "SELECT name FROM system.projections"
    " WHERE database = {database:String} AND table = {table:String}"
)
UNBUILT = (
    "SELECT one.name FROM system.projections AS one, system.parts AS part"
    " WHERE one.database = {database:String} AND one.table = {table:String}"
    " AND part.database = one.database AND part.table = one.table AND part.active AND part.rows > 0"
    " GROUP BY one.name HAVING min(has(part.projections, one.name)) = 0"
)
SIZE = (
    "SELECT total_bytes FROM system.tables"
    " WHERE database = {database:String} AND name = {table:String}"
)
VERSION = "SELECT version()"
READABLE = "SELECT timestamp FROM {source} LIMIT 1"
MAY_INSERT = "CHECK GRANT INSERT ON {source}"


class Statement(NamedTuple):
    """SQL and the values of its parameters."""

    sql: str
    values: dict[str, Any]


class Source(NamedTuple):
    """The table that is asked, and what it offers."""

    database: str
    table: Table
    figures_since_ms: int | None = None
    """Where figures begin that would need all of a large table that has no roll-ups."""

    @property
    def window(self) -> str:
        """The condition that keeps to it; a number of ours is all that is put into it."""
        if self.figures_since_ms is None:
            return ""
        since = f"fromUnixTimestamp64Milli(toInt64({self.figures_since_ms}), 'UTC')"
        return f" AND timestamp >= {since}"

    @property
    def name(self) -> str:
        return f"`{self.database}`.{TABLE}"

    def select(self, rest: str) -> str:
        """A SELECT of which `rest` begins with the columns and has {source} for the table."""
        rest = rest.replace("{source}", self.name).replace("{window}", self.window)
        return f"{self.table.prefix}SELECT {rest}"


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded up, within what can be stored."""
    return max(_MS_MIN, min(-((_EPOCH - moment) // _MILLISECOND), _MS_MAX))


def words(text: str) -> list[str]:
    """The words of a text as they are in the index."""
    return [word.lower() for word in _WORD.findall(scrub(text))]


def can_match(query: RunQuery) -> bool:
    """Whether anything stored can have the values asked for."""
    if query.iteration is not None and not 0 <= query.iteration <= UINT32_MAX:
        return False
    values = [getattr(query, name) for name in (*_LABELS, "text")]
    if any(value is not None and not 0 < len(value) <= KEY_CHARS_MAX for value in values):
        return False
    return query.text is None or (query.failed is not False and bool(words(query.text)))


# --- lists --------------------------------------------------------------------------------------


def find_statement(source: Source, query: RunQuery, columns: str, limit: int) -> Statement:
    """`columns` of what matches, by timestamp alone, at most `limit`."""
    conditions, values = _conditions(source, query)
    direction = "ASC" if query.oldest_first else "DESC"
    order = "timestamp"
    if query.spec_id is not None and BY_SPEC in source.table.projections:
        # The plain column would make the optimiser read the table in its own order instead.
        order = "timestamp + toIntervalMillisecond(0)"
    return Statement(
        source.select(
            f"{columns} FROM {{source}}{_where(conditions)}"
            f" ORDER BY {order} {direction} LIMIT {limit}"
        ),
        values,
    )


def tied_statement(source: Source, query: RunQuery, columns: str, ms: int, limit: int) -> Statement:
    """`columns` of what matches within one millisecond, by run_id."""
    conditions, values = _conditions(source, query)
    conditions.append(f"timestamp = {_TIME.format(name='tied')}")
    direction = "ASC" if query.oldest_first else "DESC"
    return Statement(
        source.select(
            f"{columns} FROM {{source}}{_where(conditions)}"
            f" ORDER BY run_id {direction} LIMIT {limit}"
        ),
        values | {"tied": ms},
    )


def count_statement(source: Source, query: RunQuery, at_most: int) -> Statement:
    """How many rows match: from a projection or an index, else reading little over `at_most`."""
    conditions, values = _conditions(source, replace(query, after=None))
    if _is_counted_whole(source, query):
        count = source.select(f"count() FROM {{source}}{_where(conditions)}")
        return Statement(f"SELECT least({at_most}, ({count}))", values)
    inner = source.select(f"1 FROM {{source}}{_where(conditions)} LIMIT {at_most}")
    return Statement(f"SELECT count() FROM ({inner})", values)


def _is_counted_whole(source: Source, query: RunQuery) -> bool:
    """Whether the projections have the count, or an index leaves few rows to count."""
    has_label = any(getattr(query, name) is not None for name in _LABELS)
    has_window = query.since is not None or query.until is not None
    return bool(source.table.projections) and query.text is None and (has_label or not has_window)


def count_groups_statement(source: Source, query: RunQuery, groups: list[str]) -> Statement:
    """How many rows match, by signature group."""
    conditions, values = _conditions(source, replace(query, after=None))
    conditions.append("signature_group IN {groups:Array(String)}")
    return Statement(
        source.select(
            f"signature_group, count() FROM {{source}}{_where(conditions)} GROUP BY signature_group"
        ),
        values | {"groups": [scrub(group) for group in groups]},
    )


def newest_statement(source: Source) -> Statement:
    """The time of the newest row."""
    return Statement(source.select("toUnixTimestamp64Milli(max(timestamp)) FROM {source}"), {})


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _conditions(source: Source, query: RunQuery) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for name, bound, moment in (("since", ">=", query.since), ("until", "<", query.until)):
        if moment is not None:
            conditions.append(f"timestamp {bound} {_TIME.format(name=name)}")
            values[name] = to_ms(moment)
    for name in _LABELS:
        value = getattr(query, name)
        if value is not None:
            conditions.append(f"{name} = {{{name}:String}}")
            values[name] = scrub(value)
    if query.iteration is not None:
        conditions.append("iteration = {iteration:UInt32}")
        values["iteration"] = query.iteration
        if query.iteration == 0:  # as which an iteration that was not given is stored
            conditions.append("position(absent, 'iteration') = 0")
    if query.kind is not None:
        conditions.append("kind = {kind:String}")
        values["kind"] = query.kind
    conditions += _failed_conditions(source, query)
    _add_place(query, conditions, values)
    _add_text(source, query, conditions, values)
    return conditions, values


def _failed_conditions(source: Source, query: RunQuery) -> list[str]:
    failed = True if query.text is not None else query.failed
    if failed is None:
        return []
    if not failed:
        return ["NOT failed"]
    # Without our column `failed` depends on the texts: narrow columns, which are indexed, go first.
    cheap = f"(exit_code != 0 OR level IN {FAILED_LEVELS})"
    return ["failed"] if source.table.is_ours else [cheap, "failed"]


def _add_place(query: RunQuery, conditions: list[str], values: dict[str, Any]) -> None:
    if query.after is None:
        return
    sign = ">" if query.oldest_first else "<"
    place = _TIME.format(name="after_ms")
    conditions.append(
        f"timestamp {sign}= {place}"
        f" AND (timestamp {sign} {place} OR run_id {sign} {{after_id:String}})"
    )
    values |= {
        "after_ms": to_ms(query.after.timestamp),
        "after_id": scrub(query.after.run_id)[:KEY_CHARS_MAX],
    }


def _add_text(
    source: Source, query: RunQuery, conditions: list[str], values: dict[str, Any]
) -> None:
    """The index finds rows with all of the words; then they have to follow each other."""
    if query.text is None:
        return
    phrase = words(query.text)
    if source.table.has_words:
        conditions.append(f"hasAllTokens({SEARCHED}, {{tokens:Array(String)}})")
        values["tokens"] = list(dict.fromkeys(phrase))[:TOKENS_MAX]
    between = r"[^\pL\pN]+"
    values["phrase"] = rf"(?i)(?:^|[^\pL\pN]){between.join(phrase)}(?:$|[^\pL\pN])"
    names = ("message", "stdout", "stderr")
    conditions.append(f"({' OR '.join(f'match({name}, {{phrase:String}})' for name in names)})")


# --- whole runs ---------------------------------------------------------------------------------


def times_statement(source: Source, run_ids: list[str]) -> Statement:
    """The times at which runs with these ids lie."""
    return Statement(
        source.select(
            "toUnixTimestamp64Milli(timestamp) FROM {source}"
            " WHERE run_id IN {run_ids:Array(String)}"
        ),
        {"run_ids": run_ids},
    )


def fetch_statement(
    source: Source, run_ids: list[str], times: list[int], text_bytes: int | None
) -> Statement:
    """FACTS and texts of the runs with these ids that lie at these times."""
    texts = f", {TEXT_ENDS}" if text_bytes else "" if text_bytes == 0 else f", {WHOLE_TEXTS}"
    values: dict[str, Any] = {"run_ids": run_ids, "times": [_as_text(ms) for ms in times]}
    if text_bytes:
        values["text_bytes"] = text_bytes
    return Statement(
        source.select(
            f"{FACTS}{texts} FROM {{source}}"
            " WHERE timestamp IN {times:Array(DateTime64(3, 'UTC'))}"
            " AND run_id IN {run_ids:Array(String)}"
        ),
        values,
    )


def _as_text(ms: int) -> str:
    moment = _EPOCH + ms * _MILLISECOND
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"


def time_in_row_id(run_id: str) -> int | None:
    """The milliseconds in the id of another writer's row; None for an id of any other form."""
    match = _ROW_ID.fullmatch(run_id)
    return int(match[1]) if match and _MS_MIN <= int(match[1]) <= _MS_MAX else None


# --- figures ------------------------------------------------------------------------------------
# The inner SELECTs have the very form of the projections, which answer them without the rows.

_BY_SPEC = (
    "spec_id, kind, failed, count() AS n, max(timestamp) AS newest FROM {source}"
    " WHERE spec_id != ''{window} GROUP BY spec_id, kind, failed"
)
_SPEC_FIGURES = (
    "SELECT toValidUTF8(spec_id), sumIf(n, kind = 'run'), sumIf(n, kind = 'run' AND failed),"
    " toUnixTimestamp64Milli(max(newest)) AS latest FROM ({inner}) GROUP BY spec_id"
)
_DAY_COUNTS = "sumIf(n, kind = 'run'), sumIf(n, kind = 'run' AND failed), sumIf(n, kind = 'event')"


def specs_statement(source: Source, limit: int) -> Statement:
    """The most recently active specs: id, runs, failed, newest."""
    sql = _SPEC_FIGURES.replace("{inner}", source.select(_BY_SPEC))
    return Statement(f"{sql} ORDER BY latest DESC, spec_id LIMIT {limit}", {})


def spec_statement(source: Source, spec_id: str) -> Statement:
    """The same of one spec."""
    inner = _BY_SPEC.replace("spec_id != ''{window}", "spec_id = {spec_id:String}")
    sql = _SPEC_FIGURES.replace("{inner}", source.select(inner))
    return Statement(sql, {"spec_id": scrub(spec_id)})


def spec_count_statement(source: Source) -> Statement:
    """How many specs there are."""
    inner = source.select("spec_id FROM {source} WHERE spec_id != ''{window} GROUP BY spec_id")
    return Statement(f"SELECT count() FROM ({inner})", {})


def totals_statement(source: Source) -> Statement:
    """Runs, failed runs, events, the oldest and the newest time."""
    inner = source.select(
        "kind, failed, count() AS n, min(timestamp) AS oldest, max(timestamp) AS newest"
        " FROM {source} WHERE 1{window} GROUP BY kind, failed"
    )
    return Statement(
        f"SELECT {_DAY_COUNTS}, toUnixTimestamp64Milli(min(oldest)),"
        f" toUnixTimestamp64Milli(max(newest)) FROM ({inner})",
        {},
    )


def days_statement(source: Source, first_day: int) -> Statement:
    """Days since 1970 from `first_day` on, newest first, with their runs, failures and events."""
    inner = source.select(
        f"{DAY} AS day, kind, failed, count() AS n FROM {{source}}"
        f" WHERE {DAY} >= {{first_day:Int32}} GROUP BY day, kind, failed"
    )
    return Statement(
        f"SELECT day, {_DAY_COUNTS} FROM ({inner}) GROUP BY day ORDER BY day DESC",
        {"first_day": first_day},
    )


def labels_statement(source: Source, name: str, limit: int) -> Statement:
    """The commonest values of `service` or `sprint_id`, and how many records have them."""
    return Statement(
        source.select(
            f"toValidUTF8({name}), count() AS n FROM {{source}} WHERE {name} != ''{{window}}"
            f" GROUP BY {name} ORDER BY n DESC, {name} LIMIT {limit}"
        ),
        {},
    )


# --- writing ------------------------------------------------------------------------------------


def highest_iterations_statement(source: Source, spec_ids: list[str]) -> Statement:
    """Of each spec its highest iteration: spec_id, iteration."""
    return Statement(
        source.select(
            "spec_id, max(iteration) FROM {source}"
            " WHERE spec_id IN {spec_ids:Array(String)} GROUP BY spec_id"
        ),
        {"spec_ids": spec_ids},
    )


def older_statement(source: Source, before_ms: int) -> Statement:
    """How many rows are older, and the time of the oldest of all."""
    older = f"timestamp < {_TIME.format(name='before')}"
    return Statement(
        source.select(
            f"count(), toUnixTimestamp64Milli(min(timestamp)) FROM {{source}} WHERE {older}"
        ),
        {"before": before_ms},
    )


def delete_sql(source: Source, before_ms: int) -> str:
    """A lightweight delete of what is older; a number of ours is all that is put into it."""
    return (
        f"DELETE FROM {source.name} WHERE timestamp <"
        f" fromUnixTimestamp64Milli(toInt64({before_ms}), 'UTC')"
    )
