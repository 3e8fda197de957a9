"""One call on the ClickHouse store: the table as it is known, and the time left for its queries."""

from typing import NamedTuple

from genesis_mcp.stores.clickhouse.connection import Connection, Rows
from genesis_mcp.stores.clickhouse.source import Source, Statement


class Asking(NamedTuple):
    """What the queries of one call share."""

    connection: Connection
    source: Source
    deadline: float

    def rows(self, statement: Statement) -> Rows:
        """What a statement gives."""
        return self.connection.rows(statement.sql, statement.values, deadline=self.deadline)

    @property
    def engine(self) -> str:
        """The engine and its version."""
        return "ClickHouse " + ".".join(str(part) for part in self.source.table.version)
