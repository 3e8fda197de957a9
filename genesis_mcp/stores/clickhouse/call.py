"""One call on the ClickHouse store: the table as it is known, and the time left for its queries."""

from collections.abc import Callable
from typing import NamedTuple

from genesis_mcp.errors import SchemaMismatch
from genesis_mcp.stores.clickhouse.connection import Connection, Rows
from genesis_mcp.stores.clickhouse.source import Source, Statement


class Asking(NamedTuple):
    """What the queries of one call share."""

    connection: Connection
    source: Source
    deadline: float

    forget_table: Callable[[], None] = lambda: None

    def rows(self, statement: Statement) -> Rows:
        """What a statement gives; a table that is not what it was is looked at anew after that."""
        try:
            return self.connection.rows(statement.sql, statement.values, deadline=self.deadline)
        except SchemaMismatch:
            self.forget_table()
            raise

    @property
    def engine(self) -> str:
        """The engine and its version."""
        return "ClickHouse " + ".".join(str(part) for part in self.source.table.version)
