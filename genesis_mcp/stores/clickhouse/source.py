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
"""The version whose weeks, by which the table is partitioned, were seen to be right at any time. In
25.8 a Monday after 2149 or before 1970 is another one, and partitions are passed over wrongly."""

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
    "SELECT if(engine = 'Distributed', NULL, total_bytes) FROM system.tables"
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
        return f" AND {self.when('>=', f'toInt64({self.figures_since_ms})')}"

    @property
    def name(self) -> str:
        return f"`{self.database}`.{TABLE}"

    def when(self, sign: str, ms: str) -> str:
        """The condition that a row's time is before or after a bound.

        `ms` is SQL of the bound's milliseconds since 1970, an Int64.
        """
        if self.table.version >= WEEKS_SINCE:
            return f"timestamp {sign} fromUnixTimestamp64Milli({ms}, 'UTC')"
        # Found by the key and by each part's least and greatest time, but not by partitions.
        return f"toUnixTimestamp64Milli(timestamp) {sign} {ms}"

    @property
    def readable(self) -> Statement:
        """What anybody can ask who may read the table."""
        return Statement(f"SELECT timestamp FROM {self.name} LIMIT 1", {})

    @property
    def all_rows(self) -> Statement:
        """How many rows there are, which every shard knows without reading them."""
        return Statement(f"SELECT count() FROM {self.name}", {})

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
        return f"{self.table.prefix(rest)}SELECT {rest}"


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded up, within what can be stored."""
    return max(MS_MIN, min(-((EPOCH - moment) // MILLISECOND), MS_MAX))
