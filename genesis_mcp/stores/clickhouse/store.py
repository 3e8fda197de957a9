"""The store in a ClickHouse table: on a server or a cluster, or embedded for one process.

It serves the table of MS_Prometheus_Logging v1.2 as it is, and better the one that `genesis-mcp
init` makes of it. It changes no table unless `init` is asked for.
"""

import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Self
from uuid import uuid4

from genesis_mcp.errors import SchemaMismatch, WriteNotAllowed
from genesis_mcp.runs.kept_note import Note
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import (
    Attempt,
    Failure,
    InDoubt,
    Inserted,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)
from genesis_mcp.stores.asking import Answers, Asked, Count, Find, NewestOf
from genesis_mcp.stores.clickhouse import answering, kept_notes, queries, statistics
from genesis_mcp.stores.clickhouse.address import Address, cluster_name, parse_address
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.connection import Connection
from genesis_mcp.stores.clickhouse.faults import NO_WRITING
from genesis_mcp.stores.clickhouse.known_table import KnownTable
from genesis_mcp.stores.clickhouse.reading import (
    fetch,
    ids,
    page,
    within_window,
)
from genesis_mcp.stores.clickhouse.rows import (
    FAILURE,
    WRITTEN,
    columns_of,
    failure_from_row,
)
from genesis_mcp.stores.clickhouse.schema import TABLE, Step, steps
from genesis_mcp.stores.clickhouse.source import to_ms
from genesis_mcp.stores.clickhouse.writing import (
    batches,
    delete_sql,
    forget_sql,
    older_statement,
    sorted_out,
)
from genesis_mcp.stores.contract import Forgotten
from genesis_mcp.stores.insertion import Arrival, first_expired, refuse_expired
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.stores.time_limit import counted, one_call, seconds_left
from genesis_mcp.text.clean import scrub

__all__ = ["ClickHouseStore"]

UNSURE_KEPT = 100
"""Inserts that failed, remembered by their run ids, so that the same call carries their token."""

MAINTENANCE_SECONDS = 3600.0
"""For `init` and `prune`, which rewrite what is stored."""

FORGOTTEN_AT_ONCE = 500
"""Records that one mutation deletes."""

OLD_PARTS = (
    "ClickHouse deletes the files of the parts that had them by itself, some minutes from now "
    "(old_parts_lifetime)."
)

PRUNE_BATCH_MS = 7 * 86_400_000
"""What is deleted at once: about a partition of our table."""


class Older(NamedTuple):
    """What there is before a time."""

    number: int
    oldest_ms: int


class ClickHouseStore:
    """A `RunStore` in the table `logs` of a ClickHouse database.

    `timeout_seconds` bounds each call; nothing is connected before the first.
    """

    folds_accents = False
    is_remote = True

    def __init__(
        self, address: Address, *, read_only: bool = False, timeout_seconds: float = 10.0
    ) -> None:
        self._address = address
        self._read_only = read_only
        self._timeout = timeout_seconds
        self._connection = Connection(address, timeout_seconds)
        self._write_lock = threading.RLock()
        self._table = KnownTable(self._connection, address.database, timeout_seconds)
        self._unsure: dict[tuple[str, ...], str] = {}
        self._notes = kept_notes.Place()

    @classmethod
    def from_url(cls, url: str, *, read_only: bool, timeout_seconds: float) -> Self:
        """The store at a URL; see `address.py` for its forms.

        Raises:
            ConfigError: the URL cannot be used.
        """
        return cls(parse_address(url), read_only=read_only, timeout_seconds=timeout_seconds)

    # --- reading ---

    def read(self, *asked: Asked[Any]) -> Answers:
        """See `RunStore.read`: all lists in one query, all counts in another, the rest alone."""
        asking = self._table.asking()  # which is looked at before, and not by each
        finds = [one for one in dict.fromkeys(asked) if isinstance(one, Find)]
        counts = [one for one in dict.fromkeys(asked) if isinstance(one, Count)]
        rest = [one for one in dict.fromkeys(asked) if not isinstance(one, Find | Count)]
        tasks: list[Callable[[], Mapping[Any, Any]]] = [
            *([partial(answering.found, asking, finds)] if finds else []),
            *([partial(answering.counted, asking, counts)] if counts else []),
            *(partial(self._answered, asking, one) for one in rest),
        ]
        return Answers(ChainMap(*map(dict, side_by_side(tasks))))

    def _answered(self, asking: Asking, asked: Asked[Any]) -> dict[Asked[Any], Any]:
        if isinstance(asked, NewestOf):
            return {asked: answering.newest_of(asking, asked)}
        return {asked: asked.of(self)}

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore.find`."""
        asked = Find(query)
        return answering.found(self._table.asking(), [asked])[asked]

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore.failures`."""
        query = replace(query, failed=True)
        if not queries.can_match(query):
            return []
        asking = self._table.asking()
        looked = within_window(asking, query)
        return page(asking, looked, FAILURE, failure_from_row, query.limit)

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore.fetch`."""
        wanted = [run_id for run_id in dict.fromkeys(run_ids) if _is_id(run_id)]
        if not wanted:
            return []
        found = fetch(self._table.asking(), wanted, text_bytes)
        return [found[run_id] for run_id in run_ids if run_id in found]

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `RunStore.ids`; the documents' own table has no ids to be found."""
        return ids(self._table.asking(), beginning, limit) if _is_id(beginning) else []

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `RunStore.repeated`."""
        wanted = {one for one in attempts if queries.is_attempt(one)}
        return answering.repeated(self._table.asking(), wanted) if wanted else set()

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `RunStore.in_doubt`."""
        return answering.in_doubt(self._table.asking(), query)

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore.count`. A row that was written twice counts twice."""
        asked = Count(query, at_most)
        return answering.counted(self._table.asking(), [asked])[asked]

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore.specs`."""
        return statistics.specs(self._table.asking(), limit)

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore.spec`."""
        return statistics.spec(self._table.asking(), spec_id) if _is_id(spec_id) else None

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore.describe`; of a large table without roll-ups, its newest days."""
        asking = self._table.asking()
        return statistics.describe(
            asking,
            since,
            engine=asking.engine,
            size_bytes=partial(self._table.size_bytes, asking),
            is_writable=partial(self._is_writable, asking),
        )

    def may_write(self) -> bool:
        """See `RunStore.may_write`; of the account, whatever the table is like."""
        return not self._read_only and self._may_insert(self._table.asking())

    def _is_writable(self, asking: Asking) -> bool:
        return not self._read_only and asking.source.table.is_ours and self._may_insert(asking)

    def _may_insert(self, asking: Asking) -> bool:
        try:
            return asking.connection.is_allowed(asking.source.may_insert, deadline=asking.deadline)
        except SchemaMismatch:  # versions before 24.10 do not tell
            return True

    def ping(self) -> str:
        """See `RunStore.ping`."""
        asking = self._table.asking()
        asking.rows(asking.source.readable)
        return asking.engine

    def notes(self, *, current: int | None) -> list[Note]:
        """See `KeepsNotes.notes`."""
        asking = self._table.asking()
        there = self._notes.is_there(asking)
        return kept_notes.newest_notes(asking, current) if there else []

    # --- writing ---

    def keep_note(self, note: Note) -> None:
        """See `KeepsNotes.keep_note`."""
        self._refuse_when_read_only()
        kept_notes.keep_note(self._table.asking(), note)

    def drop_note(self, group: str) -> None:
        """See `KeepsNotes.drop_note`."""
        self._refuse_when_read_only()
        kept_notes.drop_note(self._table.asking(), group)

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore.insert`. Between processes, iterations are assigned as best can be."""
        if not runs:
            return []
        self._refuse_when_read_only()
        with one_call(), self._writing():
            asking = self._table.asking_to_write()
            clock_ahead = partial(self._table.clock_ahead, asking)
            new, inserted = sorted_out(asking, runs, clock_ahead)
            self._refuse_what_expires(asking, [one.run for one in new])
            for batch in batches(new):
                self._write(asking, batch)
        return inserted

    def _refuse_what_expires(self, asking: Asking, new: Sequence[Run]) -> None:
        """Refuse what the table's TTL would delete; whether it has one still is looked at then."""
        kept = _kept_seconds(asking)
        if first_expired(new, kept):
            self._table.forget()
            kept = _kept_seconds(self._table.asking_to_write())
        if kept is not None and (expired := first_expired(new, kept)):
            refuse_expired(expired, kept)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One thread at a time assigns iterations and stores them."""
        began = time.monotonic()
        with counted():
            if not self._write_lock.acquire(timeout=seconds_left(self._timeout)):
                raise self._connection.waited_in_vain(began)
        try:
            yield
        finally:
            self._write_lock.release()

    def _write(self, asking: Asking, batch: Sequence[Arrival]) -> None:
        """Insert one block. If nobody knows whether it arrived, the same call says so again."""
        ids = tuple(one.run.run_id for one in batch)
        token = self._unsure.pop(ids, None) or str(uuid4())
        if len(self._unsure) >= UNSURE_KEPT:
            self._unsure.pop(next(iter(self._unsure)))
        columns = columns_of(batch)
        types = {name: told for name, (told, _) in asking.source.table.columns.items()}
        try:
            asking.connection.insert(
                self._address.database,
                TABLE,
                {name: columns[name] for name in WRITTEN if name in types},
                types,
                token=token,
                deadline=asking.deadline,
            )
        except BaseException:
            self._unsure[ids] = token
            raise

    def try_writing(self) -> None:
        """See `RunStore.try_writing`: no row is inserted, with all that is checked for one."""
        self._refuse_when_read_only()
        with one_call():
            if not self._may_insert(self._table.asking()):
                raise WriteNotAllowed(NO_WRITING)
            asking = self._table.asking_to_write()
            asking.connection.command(asking.source.insert_nothing, deadline=asking.deadline)

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
            self._table.forget()
        return [step.sentence for step in todo]

    def schema_statements(self, *, cluster: str | None = None) -> list[str]:
        """See `HasStatements.schema_statements`."""
        return [step.sql for step in self._schema_steps(cluster)]

    def _schema_steps(self, cluster: str | None) -> list[Step]:
        if cluster is not None:
            cluster_name(cluster)
        return steps(self._table.to_change(), self._address.database, cluster)

    def prune(self, before: datetime) -> int:
        """See `RunStore.prune`."""
        self._refuse_when_read_only()
        before_ms = to_ms(before)
        connection = Connection(self._address, MAINTENANCE_SECONDS)
        pruned = until_ms = 0
        try:
            while until_ms < before_ms and (left := self._older(before_ms)):
                pruned = pruned or left.number
                until_ms = min(before_ms, max(until_ms, left.oldest_ms) + PRUNE_BATCH_MS)
                connection.command(
                    delete_sql(self._table.asking_to_delete().source, until_ms),
                    deadline=time.monotonic() + MAINTENANCE_SECONDS,
                )
        finally:
            connection.close()
        return pruned

    def forget(self, run_ids: Sequence[str]) -> Forgotten:
        """See `RunStore.forget`; the parts and projections that have them are written anew."""
        self._refuse_when_read_only()
        source = self._table.asking_to_delete().source
        found = [run.run_id for run in self.fetch(list(dict.fromkeys(run_ids)), text_bytes=0)]
        connection = Connection(self._address, MAINTENANCE_SECONDS)
        try:
            for start in range(0, len(found), FORGOTTEN_AT_ONCE):
                some = found[start : start + FORGOTTEN_AT_ONCE]
                connection.command(
                    forget_sql(source, some),
                    deadline=time.monotonic() + MAINTENANCE_SECONDS,
                )
        finally:
            connection.close()
        return Forgotten(len(found), OLD_PARTS if found else None)

    def _older(self, before_ms: int) -> Older | None:
        asking = self._table.asking()
        older = Older(*asking.rows(older_statement(asking.source, before_ms))[0])
        return older if older.number else None

    def close(self) -> None:
        """See `RunStore.close`."""
        self._connection.close()

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise WriteNotAllowed("Recording is switched off: the store was opened to read only.")


def _kept_seconds(asking: Asking) -> float | None:
    days = statistics.kept_days(asking.source.table)
    return None if days is None else days * 86_400.0


def _is_id(value: str) -> bool:
    """Whether something stored may have this value as an id or a label."""
    return 0 < len(value) <= queries.KEY_CHARS_MAX and value == scrub(value)
