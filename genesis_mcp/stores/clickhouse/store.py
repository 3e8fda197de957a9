"""The store in a ClickHouse table: on a server or a cluster, or embedded for one process.

It serves the table of MS_Prometheus_Logging v1.2 as it is, and better the one that `genesis-mcp
init` makes of it. It changes no table unless `init` is asked for.
"""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, Self
from uuid import uuid4

from genesis_mcp.errors import SchemaMismatch, StoreUnavailable, WriteNotAllowed
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import (
    Cursor,
    DayStats,
    Failure,
    Inserted,
    LabelStats,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)
from genesis_mcp.runs.times import from_milliseconds
from genesis_mcp.stores.clickhouse import queries
from genesis_mcp.stores.clickhouse.address import Address, cluster_name, parse_address
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.connection import Connection, Rows
from genesis_mcp.stores.clickhouse.faults import NOT_OURS, PLAIN_TABLE
from genesis_mcp.stores.clickhouse.queries import Source, Statement
from genesis_mcp.stores.clickhouse.reading import (
    SEARCHED_DAYS,
    fetch,
    is_search_bounded,
    page,
    within_window,
)
from genesis_mcp.stores.clickhouse.rows import (
    FACTS,
    FAILURE,
    WRITTEN,
    facts_from_row,
    failure_from_row,
    row_of,
)
from genesis_mcp.stores.clickhouse.schema import TABLE, Step, Table, steps
from genesis_mcp.stores.clickhouse.writing import batches, sorted_out
from genesis_mcp.text.clean import scrub

__all__ = ["ClickHouseStore"]

LABELS_DESCRIBED = 20
"""Specs, services and sprints that `describe` names."""

ROWS_COUNTED_MAX = 2_000_000
"""Rows of a table without roll-ups that are all counted: about a second of the engine's time."""

FIGURES_DAYS = 14
"""Days that the figures of a larger one cover; `describe` says so."""

LOOK_AGAIN_SECONDS = 60.0
"""How long a table that is not ours is taken for what it was; `init` may have changed it since."""

UNSURE_KEPT = 100
"""Inserts that failed, remembered by their run ids, so that the same call carries their token."""

MAINTENANCE_SECONDS = 3600.0
"""For `init` and `prune`, which rewrite what is stored."""

PRUNE_BATCH_MS = 7 * 86_400_000
"""What is deleted at once: about a partition of our table."""

_KEPT_DAYS = re.compile(r" TTL .*toIntervalDay\((\d+)\)")
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Older(NamedTuple):
    """What there is before a time."""

    number: int
    oldest_ms: int


class ClickHouseStore:
    """A `RunStore` in the table `logs` of a ClickHouse database.

    `timeout_seconds` bounds each call; nothing is connected before the first.
    """

    def __init__(
        self, address: Address, *, read_only: bool = False, timeout_seconds: float = 10.0
    ) -> None:
        self._address = address
        self._read_only = read_only
        self._timeout = timeout_seconds
        self._connection = Connection(address, timeout_seconds)
        self._write_lock = threading.RLock()
        self._table: Table | None = None
        self._looked_at = 0.0
        self._unsure: dict[tuple[str, ...], str] = {}

    @classmethod
    def from_url(cls, url: str, *, read_only: bool, timeout_seconds: float) -> Self:
        """The store at a URL; see `address.py` for its forms.

        Raises:
            ConfigError: the URL cannot be used.
        """
        return cls(parse_address(url), read_only=read_only, timeout_seconds=timeout_seconds)

    # --- reading ---

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore.find`."""
        if not queries.can_match(query):
            return RunPage((), None)
        asking = self._asking()
        looked = within_window(asking, query)
        runs = page(asking, looked, FACTS, facts_from_row, query.limit + 1)
        more = len(runs) > query.limit
        runs = runs[: query.limit]
        place = Cursor(runs[-1].timestamp, runs[-1].run_id) if more else None
        return RunPage(tuple(runs), place, None if looked is query else looked.since)

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore.failures`."""
        query = replace(query, failed=True)
        if not queries.can_match(query):
            return []
        asking = self._asking()
        looked = within_window(asking, query)
        return page(asking, looked, FAILURE, failure_from_row, query.limit)

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore.fetch`."""
        wanted = [run_id for run_id in dict.fromkeys(run_ids) if _is_id(run_id)]
        if not wanted:
            return []
        found = fetch(self._asking(), wanted, text_bytes)
        return [found[run_id] for run_id in run_ids if run_id in found]

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore.count`. A row that was written twice counts twice."""
        if not queries.can_match(query):
            return 0
        asking = self._asking()
        query = within_window(asking, query)
        return int(asking.rows(queries.count_statement(asking.source, query, at_most))[0][0])

    def count_groups(
        self, query: RunQuery, groups: Sequence[str], *, at_most: int
    ) -> dict[str, int]:
        """See `RunStore.count_groups`."""
        counts = dict.fromkeys(groups, 0)
        wanted = [group for group in groups if _is_id(group)]
        if wanted and queries.can_match(query):
            asking = self._asking()
            query = within_window(asking, query)
            rows = asking.rows(queries.count_groups_statement(asking.source, query, wanted))
            counts |= {group: min(at_most, number) for group, number in rows}
        return counts

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore.specs`."""
        asking = _bounded(self._asking())
        return [_spec(row) for row in asking.rows(queries.specs_statement(asking.source, limit))]

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore.spec`."""
        if not _is_id(spec_id):
            return None
        asking = self._asking()
        rows = asking.rows(queries.spec_statement(asking.source, spec_id))
        return _spec(rows[0]) if rows else None

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore.describe`; of a large table without roll-ups, the newest FIGURES_DAYS."""
        asking = _bounded(self._asking())
        source = asking.source
        runs, failed, events, oldest, newest = asking.rows(queries.totals_statement(source))[0]
        is_empty = not runs + events
        first_day = queries.to_ms(since) // 86_400_000
        days = asking.rows(queries.days_statement(source, first_day))
        return StoreStats(
            engine=self._engine(asking),
            runs=runs,
            failed=failed,
            events=events,
            oldest=None if is_empty else from_milliseconds(oldest),
            newest=None if is_empty else from_milliseconds(newest),
            days=tuple(
                DayStats(date.fromordinal(_EPOCH_DAY + day), *figures) for day, *figures in days
            ),
            specs=tuple(
                _spec(row) for row in asking.rows(queries.specs_statement(source, LABELS_DESCRIBED))
            ),
            spec_count=asking.rows(queries.spec_count_statement(source))[0][0],
            services=_labels(asking, "service"),
            sprints=_labels(asking, "sprint_id"),
            size_bytes=self._size(asking),
            writable=self._is_writable(asking),
            kept_days=_kept_days(source.table),
            notes=_notes(source.table),
        )

    def ping(self) -> str:
        """See `RunStore.ping`."""
        asking = self._asking()
        asking.rows(Statement(queries.READABLE.replace("{source}", asking.source.name), {}))
        return self._engine(asking)

    # --- writing ---

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore.insert`. Between processes, iterations are assigned as best can be."""
        if not runs:
            return []
        self._refuse_when_read_only()
        with self._write_lock:
            asking = self._asking_to_write()
            new, inserted = sorted_out(asking, runs)
            for batch in batches(new):
                self._write(asking, batch)
        return inserted

    def _write(self, asking: Asking, batch: Sequence[Run]) -> None:
        """Insert one block. If nobody knows whether it arrived, the same call says so again."""
        ids = tuple(run.run_id for run in batch)
        token = self._unsure.pop(ids, None) or str(uuid4())
        if len(self._unsure) >= UNSURE_KEPT:
            self._unsure.pop(next(iter(self._unsure)))
        types = asking.source.table.columns
        try:
            asking.connection.insert(
                self._address.database,
                TABLE,
                [row_of(run) for run in batch],
                {name: types[name][0] for name in WRITTEN},
                token=token,
                deadline=asking.deadline,
            )
        except BaseException:
            self._unsure[ids] = token
            raise

    def ensure_schema(self) -> list[str]:
        """See `RunStore.ensure_schema`."""
        return self.change_schema()

    def change_schema(self, *, cluster: str | None = None) -> list[str]:
        """See `HasStatements.change_schema`."""
        self._refuse_when_read_only()
        connection = Connection(self._address, MAINTENANCE_SECONDS)
        try:
            deadline = time.monotonic() + MAINTENANCE_SECONDS
            todo = self._schema_steps(cluster)
            for step in todo:
                connection.command(step.sql, deadline=deadline)
        finally:
            connection.close()
            self._table = None
        return [step.sentence for step in todo]

    def schema_statements(self, *, cluster: str | None = None) -> list[str]:
        """See `HasStatements.schema_statements`."""
        return [step.sql for step in self._schema_steps(cluster)]

    def _schema_steps(self, cluster: str | None) -> list[Step]:
        if cluster is not None:
            cluster_name(cluster)
        table = self._look(time.monotonic() + self._timeout)
        if table.exists and table.missing:
            raise SchemaMismatch(NOT_OURS)
        if table.projections:
            values = {"database": self._address.database, "table": TABLE}
            deadline = time.monotonic() + self._timeout
            rows = self._connection.rows(queries.UNBUILT, values, deadline=deadline)
            table = table._replace(unbuilt=frozenset(name for (name,) in rows))
        return steps(table, self._address.database, cluster)

    def prune(self, before: datetime) -> int:
        """See `RunStore.prune`."""
        self._refuse_when_read_only()
        before_ms = queries.to_ms(before)
        connection = Connection(self._address, MAINTENANCE_SECONDS)
        pruned = until_ms = 0
        try:
            while until_ms < before_ms and (left := self._older(before_ms)):
                pruned = pruned or left.number
                until_ms = min(before_ms, max(until_ms, left.oldest_ms) + PRUNE_BATCH_MS)
                connection.command(
                    queries.delete_sql(self._asking().source, until_ms),
                    deadline=time.monotonic() + MAINTENANCE_SECONDS,
                )
        finally:
            connection.close()
        return pruned

    def _older(self, before_ms: int) -> Older | None:
        asking = self._asking()
        older = Older(*asking.rows(queries.older_statement(asking.source, before_ms))[0])
        return older if older.number else None

    def close(self) -> None:
        """See `RunStore.close`."""
        self._connection.close()

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise WriteNotAllowed("Recording is switched off: the store was opened to read only.")

    # --- what is there ---

    def _asking(self) -> Asking:
        deadline = time.monotonic() + self._timeout
        table = self._table
        if table is None or (
            not table.is_ours and time.monotonic() - self._looked_at > LOOK_AGAIN_SECONDS
        ):
            table = self._look(deadline)
            if table.missing:
                # Whoever has no table, or no right to see it, learns from ClickHouse which it is.
                source = Source(self._address.database, table)
                sql = queries.READABLE.replace("{source}", source.name)
                self._connection.rows(sql, deadline=deadline)
                raise SchemaMismatch(NOT_OURS)
            self._table, self._looked_at = table, time.monotonic()
        return Asking(self._connection, Source(self._address.database, table), deadline)

    def _asking_to_write(self) -> Asking:
        asking = self._asking()
        if not asking.source.table.is_ours:
            self._table = None
            asking = self._asking()
        if not asking.source.table.is_ours:
            raise SchemaMismatch(PLAIN_TABLE)
        return asking

    def _look(self, deadline: float) -> Table:
        values = {"database": self._address.database, "table": TABLE}

        def ask(sql: str) -> Rows:
            return self._connection.rows(sql, values, deadline=deadline)

        columns = {name: (kind, codec) for name, kind, codec in ask(queries.COLUMNS)}
        engine = ask(queries.ENGINE)
        version = str(ask(queries.VERSION)[0][0])
        return Table(
            columns=columns,
            projections=self._projections(values, deadline),
            indexes=frozenset(name for (name,) in ask(queries.INDEXES)),
            engine=engine[0][0] if engine else "",
            rows=(engine[0][1] or 0) if engine else 0,
            version=tuple(int(part) for part in version.split(".")[:2]),
        )

    def _projections(self, values: dict[str, str], deadline: float) -> frozenset[str]:
        try:
            rows = self._connection.rows(queries.PROJECTIONS, values, deadline=deadline)
        except StoreUnavailable:  # versions before 24.9 do not tell
            rows = []
        return frozenset(name for (name,) in rows)

    def _engine(self, asking: Asking) -> str:
        return "ClickHouse " + ".".join(str(part) for part in asking.source.table.version)

    def _size(self, asking: Asking) -> int | None:
        values = {"database": self._address.database, "table": TABLE}
        rows = asking.rows(Statement(queries.SIZE, values))
        return rows[0][0] if rows else None

    def _is_writable(self, asking: Asking) -> bool:
        if self._read_only or not asking.source.table.is_ours:
            return False
        sql = queries.MAY_INSERT.replace("{source}", asking.source.name)
        try:
            return asking.connection.is_allowed(sql, deadline=asking.deadline)
        except SchemaMismatch:  # versions before 24.10 do not tell
            return True


# --- figures ------------------------------------------------------------------------------------


def _is_id(value: str) -> bool:
    """Whether something stored may have this value as an id or a label."""
    return 0 < len(value) <= queries.KEY_CHARS_MAX and value == scrub(value)


def _needs_bounds(table: Table) -> bool:
    return not table.projections and table.rows > ROWS_COUNTED_MAX


def _bounded(asking: Asking) -> Asking:
    """Within FIGURES_DAYS of the newest row, where everything would be too much."""
    if not _needs_bounds(asking.source.table):
        return asking
    newest = asking.rows(queries.newest_statement(asking.source))[0][0]
    since = newest - FIGURES_DAYS * 86_400_000
    return asking._replace(source=asking.source._replace(figures_since_ms=since))


def _kept_days(table: Table) -> int | None:
    kept = _KEPT_DAYS.search(table.engine)
    return int(kept[1]) if kept else None


def _notes(table: Table) -> tuple[str, ...]:
    kept = _kept_days(table)
    notes = [f"ClickHouse deletes what is older than {kept} days"] if kept is not None else []
    if _needs_bounds(table):
        notes.append(f"figures are of the newest {FIGURES_DAYS} days: the table has no roll-ups")
    if is_search_bounded(table):
        notes.append(f"a text is searched in {SEARCHED_DAYS} day at a time")
    return tuple(notes)


def _spec(row: Sequence[Any]) -> SpecStats:
    spec_id, runs, failed, newest = row
    return SpecStats(spec_id, runs, failed, from_milliseconds(newest))


def _labels(asking: Asking, name: str) -> tuple[LabelStats, ...]:
    statement = queries.labels_statement(asking.source, name, LABELS_DESCRIBED)
    return tuple(LabelStats(*row) for row in asking.rows(statement))
