"""The store in a MongoDB collection, which other programs may write as well."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self, TypeVar

from pymongo.errors import AutoReconnect, OperationFailure

from genesis_mcp.errors import StoreUnavailable, WriteNotAllowed
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
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.asking import (
    Answers,
    Asked,
    Count,
    DoubtsAmong,
    Failures,
    Fetch,
    Find,
    Ids,
    Repeated,
    Spec,
    Specs,
)
from genesis_mcp.stores.contract import PRUNE_BATCH, Forgotten
from genesis_mcp.stores.insertion import first_expired, refuse_expired
from genesis_mcp.stores.mongodb import indexes as our_indexes
from genesis_mcp.stores.mongodb import queries, server, statistics
from genesis_mcp.stores.mongodb.address import Address
from genesis_mcp.stores.mongodb.answering import at_once
from genesis_mcp.stores.mongodb.connection import (
    NOT_AUTHORIZED,
    Connection,
    Logs,
    is_lost,
    look_again,
)
from genesis_mcp.stores.mongodb.documents import ids_named
from genesis_mcp.stores.mongodb.kept_notes import drop_note, keep_note, newest_notes
from genesis_mcp.stores.mongodb.known_collection import KnownCollection
from genesis_mcp.stores.mongodb.numbering import forget_counters
from genesis_mcp.stores.mongodb.projections import TIME_FIELDS
from genesis_mcp.stores.mongodb.reading import Reading
from genesis_mcp.stores.mongodb.writing import insert
from genesis_mcp.stores.time_limit import counted, one_call, seconds_left

INDEX_BUILD_SECONDS = 3_600
"""An index over a large collection takes minutes; only `genesis-mcp init` waits for it."""

BAD_VALUE = 2

TRIES = 3
"""Of one call: two members of a set may be gone without the driver's knowing of either."""

PAUSE_SECONDS = 0.1
"""Before a lost connection is replaced, or another primary looked for. The driver drops those of
all threads when the login of one is refused, which that one tells meanwhile."""

LOOK_SECONDS = 1.0
"""For a new look at the servers, of which the driver makes two a second at most."""

NO_COLLECTION = (
    "There is no such database or collection yet: check their names in the store's URL, or record "
    'a run, or run "genesis-mcp init".'
)

T = TypeVar("T")


class MongoDBStore:
    """A `RunStore` in the collection of an address; nothing is connected before the first call.

    `timeout_seconds` bounds each call. The numbering of iterations is exact within one process, and
    between processes whose accounts may write counters; see `numbering`.
    """

    folds_accents = False
    is_remote = True

    def __init__(
        self, address: Address, *, read_only: bool = False, timeout_seconds: float = 10.0
    ) -> None:
        self._read_only = read_only
        self._connection = Connection(address, timeout_seconds)
        self._timeout = timeout_seconds
        self._number_lock = threading.Lock()
        self._known = KnownCollection()

    @classmethod
    def from_url(cls, url: str, *, read_only: bool, timeout_seconds: float) -> Self:
        """The store at a MongoDB connection string.

        Raises:
            ConfigError: the URL is incomplete or has an unknown option.
        """
        address = Address.from_url(url)
        return cls(address, read_only=read_only, timeout_seconds=timeout_seconds)

    # --- writing ---

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore.insert`.

        For an account that may insert but not read, iterations begin at 1 in each call, and every
        run that is there already is a `duplicate`.
        """
        if not runs:
            return []
        self._refuse_when_read_only()
        with one_call(), self._numbering(), self._connection.open(writing=True) as logs:
            return self._asked(logs, lambda reading: self._insert(reading.logs, runs))

    def _insert(self, logs: Logs, runs: Sequence[Run]) -> list[Inserted]:
        return insert(
            logs,
            runs,
            lambda new: self._refuse_what_expires(logs, new),
            clock_ahead=self._known.clock_ahead(logs),
        )

    def _refuse_what_expires(self, logs: Logs, new: Sequence[Run]) -> None:
        """Refuse what the server's TTL would delete; whether there is one still is looked at then.

        An account that may only insert cannot know.
        """
        try:
            kept = self._known.indexes(logs).kept_seconds
            if first_expired(new, kept):
                self._known.forget_indexes()
                kept = self._known.indexes(logs).kept_seconds
        except OperationFailure as error:
            if error.code != NOT_AUTHORIZED:
                raise
            return
        if kept is not None and (expired := first_expired(new, kept)):
            refuse_expired(expired, kept)

    @contextmanager
    def _numbering(self) -> Iterator[None]:
        """One thread at a time reads the newest iteration and stores the next."""
        began = time.monotonic()
        with counted():
            if not self._number_lock.acquire(timeout=seconds_left(self._timeout)):
                raise self._connection.waited_in_vain(began)
        try:
            yield
        finally:
            self._number_lock.release()

    def try_writing(self) -> None:
        """See `RunStore.try_writing`; of an account that may not delete only the right is known."""
        self._refuse_when_read_only()
        with self._connection.open(writing=True) as logs:
            server.try_writing(logs)

    def ensure_schema(self) -> list[str]:
        """See `RunStore.ensure_schema`."""
        self._refuse_when_read_only()
        with self._connection.open(writing=True, seconds=INDEX_BUILD_SECONDS) as logs:
            there = server.read_indexes(logs)
            missing = there.missing
            if missing:
                logs.create_indexes([our_indexes.model(index) for index in missing])
                self._known.forget_indexes()
        if not missing:
            return []
        done = [f"Created the index {index.name}." for index in missing]
        others = our_indexes.V1_0 | our_indexes.FORMER
        return done + [text for key, text in others.items() if there.has_other(key)]

    def expire_after(self, days: int) -> str:
        """Make the server delete what has a timestamp older than `days`, from now on.

        Raises:
            WriteNotAllowed: the account may only read.
        """
        self._refuse_when_read_only()
        seconds = days * 86_400
        with self._connection.open(writing=True, seconds=INDEX_BUILD_SECONDS) as logs:
            name = server.read_indexes(logs).on_timestamp
            if name is None:
                logs.create_index(
                    [("timestamp", -1)], name="genesis_ttl", expireAfterSeconds=seconds
                )
            else:
                # Creating it again with another time is an error (85); this changes it.
                change = {"name": name, "expireAfterSeconds": seconds}
                logs.database.command("collMod", logs.name, index=change)
            self._known.forget_indexes()
        kept = plural(days, "day")
        return f"MongoDB deletes what has a timestamp older than {kept}, from now on."

    def prune(self, before: datetime) -> int:
        """See `RunStore.prune`; a document that tells no time at all is kept."""
        self._refuse_when_read_only()
        query = RunQuery(until=before, suites=True, oldest_first=True)
        pruned = 0
        while deleted := self._prune_batch(query):
            pruned += deleted
        return pruned

    def _prune_batch(self, query: RunQuery) -> int:
        with self._connection.open(writing=True) as logs:
            since = queries.TIMELESS_END if query.until else None
            found = self._reading(logs).matching(query, PRUNE_BATCH, TIME_FIELDS, since=since)
            ids = [document["_id"] for document in found[:PRUNE_BATCH]]
            return logs.delete_many(queries.any_of(ids)).deleted_count if ids else 0

    def forget(self, run_ids: Sequence[str]) -> Forgotten:
        """See `RunStore.forget`; what the server's journal has of them it deletes by itself."""
        self._refuse_when_read_only()
        deleted = 0
        for start in range(0, len(run_ids), PRUNE_BATCH):
            ids = [one for name in run_ids[start : start + PRUNE_BATCH] for one in ids_named(name)]
            with self._connection.open(writing=True) as logs:
                specs = logs.distinct("spec_id", queries.any_of(ids))
                deleted += logs.delete_many(queries.any_of(ids)).deleted_count
                forget_counters(logs, [one for one in specs if isinstance(one, str)])
        return Forgotten(deleted)

    def keep_note(self, note: Note) -> None:
        """See `KeepsNotes.keep_note`."""
        self._refuse_when_read_only()
        with self._connection.open(writing=True) as logs:
            keep_note(logs, note)

    def drop_note(self, group: str) -> None:
        """See `KeepsNotes.drop_note`."""
        self._refuse_when_read_only()
        with self._connection.open(writing=True) as logs:
            drop_note(logs, group)

    # --- reading ---

    def notes(self, *, current: int | None) -> list[Note]:
        """See `KeepsNotes.notes`."""
        return self._ask(lambda reading: newest_notes(reading.logs, current))

    def read(self, *asked: Asked[Any]) -> Answers:
        """See `RunStore.read`."""
        return self._ask(lambda reading: at_once(reading, asked))

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore.find`."""
        return self._one(Find(query))

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore.failures`."""
        return self._one(Failures(query))

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore.fetch`."""
        return self._one(Fetch(tuple(run_ids), text_bytes))

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `RunStore.ids`; an ObjectId is named in whole."""
        return self._one(Ids(beginning, limit))

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `RunStore.repeated`."""
        return self._one(Repeated(frozenset(attempts)))

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `RunStore.in_doubt`."""
        return self._one(DoubtsAmong(query))

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore.count`."""
        return self._one(Count(query, at_most))

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore.specs`; those among the newest `statistics.COUNTED_MAX` records."""
        return self._one(Specs(limit))

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore.spec`; counts stop at `statistics.SPEC_COUNTED_MAX`."""
        return self._one(Spec(spec_id))

    def _one(self, asked: Asked[T]) -> T:
        return self.read(asked)[asked]

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore.describe`; figures of the newest `statistics.COUNTED_MAX` records."""
        return self._ask(lambda reading: self._describe(reading, since))

    def _describe(self, reading: Reading, since: datetime) -> StoreStats:
        stats = statistics.describe(reading, since, is_read_only=self._read_only)
        self._refuse_when_absent(reading.logs, is_empty=stats.newest is None)
        return stats

    def may_write(self) -> bool:
        """See `RunStore.may_write`."""
        return not self._read_only and self._ask(lambda asked: server.may_insert(asked.logs))

    def ping(self) -> str:
        """See `RunStore.ping`."""
        return self._ask(lambda asked: self._ping(asked.logs))

    def _ping(self, logs: Logs) -> str:
        self._refuse_when_absent(logs, is_empty=not list(logs.find({}, {"_id": 1}, limit=1)))
        return server.engine(logs)

    def close(self) -> None:
        """See `RunStore.close`."""
        self._connection.close()

    # --- what questions share ---

    def _ask(self, question: Callable[[Reading], T]) -> T:
        """One question to whoever may read."""
        with self._connection.open() as logs:
            return self._asked(logs, question)

    def _asked(self, logs: Logs, question: Callable[[Reading], T]) -> T:
        """Ask, and again when an index that was to be used is gone, a connection, or the primary.

        It may be an insert: what is there already is not stored twice.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                return question(self._reading(logs))
            except (OperationFailure, AutoReconnect) as error:
                if tries_left and is_lost(error):
                    time.sleep(PAUSE_SECONDS)
                    look_again(logs.database.client, min(LOOK_SECONDS, self._timeout / TRIES))
                elif getattr(error, "code", None) != BAD_VALUE or not self._known.forget_indexes():
                    raise
        raise AssertionError

    def _reading(self, logs: Logs) -> Reading:
        return Reading(logs, self._known)

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise WriteNotAllowed("Recording is switched off: the store was opened to read only.")

    def _refuse_when_absent(self, logs: Logs, *, is_empty: bool) -> None:
        """Say that a collection that nobody will create is not there, instead of "empty"."""
        if self._read_only and is_empty and not server.exists(logs):
            raise StoreUnavailable(NO_COLLECTION)
