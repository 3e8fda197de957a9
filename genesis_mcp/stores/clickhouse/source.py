"""The ClickHouse table that is asked: how a SELECT names it, what tells of it, and its times."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from genesis_mcp.stores.clickhouse.schema import TABLE, Table

# ruff: noqa: S608 - only constants and numbers of ours are put into the SQL

TIME = "fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"
"""A parameter that is a time."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MS_MIN = (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND
MS_MAX = (datetime(2299, 12, 31, tzinfo=UTC) - EPOCH) // MILLISECOND
"""What DateTime64(3) can hold."""

WEEKS_SINCE = (26, 9)
"""The version that was seen to find rows by any bound. 25.8 finds none where the Monday before a
bound, by which the table is partitioned, is outside of what its Date can hold."""
MONDAY_MIN = (datetime(1970, 1, 5, tzinfo=UTC) - EPOCH) // MILLISECOND
MONDAY_MAX = (datetime(2149, 6, 1, tzinfo=UTC) - EPOCH) // MILLISECOND

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
NOW = "SELECT toUnixTimestamp64Micro(now64(6))"


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

    def bound(self, moment: datetime) -> int:
        """Milliseconds since 1970 of a bound in time by which this engine finds its rows."""
        ms = to_ms(moment)
        if self.table.version >= WEEKS_SINCE:
            return ms
        return max(MONDAY_MIN, min(ms, MONDAY_MAX))

    @property
    def readable(self) -> Statement:
        """What anybody can ask who may read the table."""
        return Statement(f"SELECT timestamp FROM {self.name} LIMIT 1", {})

    @property
    def may_insert(self) -> str:
        """What tells whether the account may insert."""
        return f"CHECK GRANT INSERT ON {self.name}"

    @property
    def insert_nothing(self) -> str:
        """An insert of no row."""
        return f"INSERT INTO {self.name} SELECT * FROM {self.name} WHERE 0"

    def select(self, rest: str) -> str:
        """A SELECT of which `rest` begins with the columns and has {source} for the table."""
        rest = rest.replace("{source}", self.name).replace("{window}", self.window)
        return f"{self.table.prefix}SELECT {rest}"


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded up, within what can be stored."""
    return max(MS_MIN, min(-((EPOCH - moment) // MILLISECOND), MS_MAX))
