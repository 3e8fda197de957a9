"""The table as it is: looked at with the first call, and again where it may have changed."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from genesis_mcp.errors import SchemaMismatch, StoreUnavailable
from genesis_mcp.stores.clickhouse import source as asked
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.connection import Connection, Rows
from genesis_mcp.stores.clickhouse.faults import DISTRIBUTED, NOT_OURS, PLAIN_TABLE
from genesis_mcp.stores.clickhouse.schema import NOTES_TABLE, TABLE, Table
from genesis_mcp.stores.clickhouse.source import Source, Statement
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.stores.time_limit import seconds_left

LOOK_AGAIN_SECONDS = 60.0
"""How long a table that lacks columns is taken for what it was; `init` may have changed it."""

CLOCK_KNOWN_SECONDS = 600.0
"""How long the engine's clock is taken to be as far ahead as it was."""


class KnownTable:
    """The table `logs` of a database, for questions of which each is bounded in time."""

    def __init__(self, connection: Connection, database: str, timeout_seconds: float) -> None:
        self._connection = connection
        self._database = database
        self._timeout = timeout_seconds
        self._table: Table | None = None
        self._looked_at = 0.0
        self._clock, self._clock_until = 0, 0.0
        self._named = {"database": database, "table": TABLE}

    def asking(self) -> Asking:
        """A call that begins now, on a table that has what the documents' has.

        Raises:
            SchemaMismatch: there is none, or another one.
        """
        deadline = time.monotonic() + seconds_left(self._timeout)
        table = self._table
        if table is None or (
            table.added and time.monotonic() - self._looked_at > LOOK_AGAIN_SECONDS
        ):
            table = self._look(deadline)
            if table.missing:
                # Whoever has no table, or no right to see it, learns from ClickHouse which it is.
                self._connection.rows(self._source(table).readable.sql, deadline=deadline)
                raise SchemaMismatch(NOT_OURS)
            self._table, self._looked_at = table, time.monotonic()
        return Asking(self._connection, self._source(table), deadline, self.forget)

    def asking_to_write(self) -> Asking:
        """The same on a table of ours."""
        asking = self.asking()
        if not asking.source.table.is_ours:
            self.forget()
            asking = self.asking()
        if not asking.source.table.is_ours:
            raise SchemaMismatch(PLAIN_TABLE)
        return asking

    def asking_to_delete(self) -> Asking:
        """The same on a table that can be deleted from."""
        asking = self.asking()
        if asking.source.table.is_distributed:
            raise SchemaMismatch(DISTRIBUTED)
        return asking

    def clock_ahead(self, asking: Asking) -> int:
        """Microseconds that the engine's clock is ahead of this machine's, about."""
        if time.monotonic() > self._clock_until:
            begun = time.time_ns()
            told = int(asking.rows(Statement(asked.NOW, {}))[0][0])
            self._clock = told - (begun + time.time_ns()) // 2_000
            self._clock_until = time.monotonic() + CLOCK_KNOWN_SECONDS
        return self._clock

    def forget(self) -> None:
        """Have it looked at again."""
        self._table = None

    def to_change(self) -> Table:
        """The table as it is now, and which of its projections are not built."""
        table = self._look(time.monotonic() + self._timeout)
        if table.exists and table.missing:
            raise SchemaMismatch(NOT_OURS)
        if table.is_distributed and table.added:
            raise SchemaMismatch(DISTRIBUTED)
        notes = {**self._named, "table": NOTES_TABLE}
        deadline = time.monotonic() + self._timeout
        found = self._connection.rows(asked.ENGINE, notes, deadline=deadline)
        table = table._replace(has_notes=bool(found))
        if table.projections:
            unbuilt = self._names(asked.UNBUILT, time.monotonic() + self._timeout)
            table = table._replace(unbuilt=unbuilt)
        return table

    def size_bytes(self, asking: Asking) -> int | None:
        """What the table takes on disk, where the engine tells."""
        rows = asking.rows(Statement(asked.SIZE, self._named))
        return rows[0][0] if rows else None

    def _source(self, table: Table) -> Source:
        return Source(self._database, table)

    def _look(self, deadline: float) -> Table:
        statements = asked.COLUMNS, asked.ENGINE, asked.VERSION
        tasks: list[Callable[[], Any]] = [
            *(partial(self._rows, sql, deadline) for sql in statements),
            partial(self._projections, deadline),
            partial(self._names, asked.INDEXES, deadline),
        ]
        columns, engine, [[version]], projections, indexes = side_by_side(tasks)
        table = Table(
            columns={name: (kind, codec) for name, kind, codec in columns},
            projections=projections,
            indexes=indexes,
            engine=engine[0][0] if engine else "",
            rows=(engine[0][1] or 0) if engine else 0,
            version=tuple(int(part) for part in str(version).split(".")[:2]),
        )
        return self._of_shards(table, deadline) if table.is_distributed else table

    def _of_shards(self, table: Table, deadline: float) -> Table:
        """A Distributed table with what it is over, as far as the account may see that here."""
        named = dict(zip(("database", "table"), table.shard or ("", ""), strict=True))
        [[rows]] = self._connection.rows(self._source(table).all_rows.sql, deadline=deadline)
        return table._replace(
            rows=rows,
            projections=self._projections(deadline, named),
            indexes=self._names(asked.INDEXES, deadline, named),
        )

    def _projections(self, deadline: float, named: dict[str, str] | None = None) -> frozenset[str]:
        try:
            return self._names(asked.PROJECTIONS, deadline, named)
        except StoreUnavailable:  # versions before 24.9 do not tell
            return frozenset()

    def _names(
        self, sql: str, deadline: float, named: dict[str, str] | None = None
    ) -> frozenset[str]:
        return frozenset(name for (name,) in self._rows(sql, deadline, named))

    def _rows(self, sql: str, deadline: float, named: dict[str, str] | None = None) -> Rows:
        return self._connection.rows(sql, named or self._named, deadline=deadline)
