"""One call on the ClickHouse store: the table as it is known, and the time left for its queries."""

from typing import NamedTuple

from genesis_mcp.stores.clickhouse.connection import Connection, Rows
from genesis_mcp.stores.clickhouse.queries import Source, Statement


class Asking(NamedTuple):
    """What the queries of one call share."""

    connection: Connection
    source: Source
    deadline: float

    def rows(self, statement: Statement) -> Rows:
        """What a statement gives."""
        return self.connection.rows(statement.sql, statement.values, deadline=self.deadline)
