"""The connections to a SQLite file: several that read, one that writes, and whose turn it is."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from genesis_mcp.errors import StoreTimeout, StoreUnavailable
from genesis_mcp.runs.times import now
from genesis_mcp.stores.sqlite.faults import IN_USE, LOCKED, NO_STORE, TOO_SLOW, translated
from genesis_mcp.stores.sqlite.files import (
    Connection,
    Identity,
    file_identity,
    is_half_made,
    leave_file,
    open_reader,
    open_writer,
    remaining,
)
from genesis_mcp.stores.sqlite.files import (
    create as create_file,
)
from genesis_mcp.stores.sqlite.migrating import NO_END, migrate
from genesis_mcp.stores.sqlite.write_lock import begin_writing
from genesis_mcp.stores.time_limit import counted, seconds_left

_LOGGER = logging.getLogger(__name__)

READERS = 4
"""Calls that read at the same time; more wait. Each costs a connection with 2 MB of cache."""


class Connections:
    """Opened when they are needed, to the file that is at the path then."""

    def __init__(self, path: Path, *, read_only: bool, timeout_seconds: float) -> None:
        self._path = path
        self._read_only = read_only
        self._timeout = timeout_seconds
        self._identity: Identity | None = None
        self.begun_anew_at: datetime | None = None
        """When the file that was open was gone, and a new one was begun."""
        self._idle: list[Connection] = []
        self._slots = threading.BoundedSemaphore(READERS)
        self._writer: Connection | None = None
        self._write_lock = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A reading connection, and one state of the store for all that is read."""
        deadline = time.monotonic() + seconds_left(self._timeout)
        with counted(), translated(writing=False):
            self._settle(deadline)
            if not self._slots.acquire(timeout=remaining(deadline)):
                raise StoreTimeout(TOO_SLOW)
            try:
                connection = self._take_reader(deadline)
                try:
                    connection.stop_at(deadline)
                    connection.begin()
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    connection.abandon()
                    raise
                self._give_back(connection)
            finally:
                self._slots.release()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The writing connection in a transaction, which is committed or leaves nothing."""
        deadline = time.monotonic() + seconds_left(self._timeout)
        with counted(), translated(writing=True), self._locked(deadline):
            self._settle(deadline)
            connection, _ = self._take_writer(deadline)
            try:
                begin_writing(connection, deadline)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._writer = None
                connection.abandon()
                raise

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A transaction that writes into a file of any version, and leaves it of that version."""
        deadline = time.monotonic() + seconds_left(self._timeout)
        with counted(), translated(writing=True), self._locked(deadline):
            self._settle(deadline)
            with closing(open_writer(self._path, deadline)) as connection:
                begin_writing(connection, deadline)
                yield connection
                connection.execute("COMMIT")

    @contextmanager
    def _locked(self, deadline: float) -> Iterator[None]:
        if not self._write_lock.acquire(timeout=remaining(deadline)):
            raise StoreUnavailable(LOCKED)
        try:
            yield
        finally:
            self._write_lock.release()

    def _settle(self, deadline: float) -> bool:
        """Make sure that the file at the path is the one that is open; whether it was created.

        Somebody may have deleted, moved or replaced it while it was open, and what would be written
        then into the old one would be lost.
        """
        if self._is_settled():
            return False
        with self._locked(deadline):
            if self._is_settled():  # by the thread that had the lock
                return False
            self._close_connections(leave_file)
            created = False
            is_absent = file_identity(self._path) is None
            if is_absent and self._read_only:
                raise StoreUnavailable(NO_STORE)
            if not self._read_only and (is_absent or is_half_made(self._path)):
                created = create_file(self._path, deadline)
            if created and self._identity is not None:
                self.begun_anew_at = now()
                _LOGGER.warning("SQLite store: its file is gone; a new store was begun")
            reader = open_reader(self._path, deadline)
            self._identity = reader.identity
            self._give_back(reader)
        return created

    def _is_settled(self) -> bool:
        identity = file_identity(self._path)
        return identity is not None and identity == self._identity

    def _close_connections(self, close_writer: Callable[[Connection], None]) -> None:
        while connection := self._pop_idle():
            connection.close()
        if self._writer is not None:
            close_writer(self._writer)
            self._writer = None

    def _take_writer(self, deadline: float) -> tuple[Connection, str | None]:
        """The writing connection, to a file of the present schema; what was done to make it so."""
        if self._writer is not None:
            return self._writer, None
        connection = open_writer(self._path, deadline)
        try:
            done = migrate(connection, self._path)
        except BaseException:
            connection.abandon()
            raise
        self._writer = connection
        return connection, done

    def _take_reader(self, deadline: float) -> Connection:
        while connection := self._pop_idle():
            if connection.identity == self._identity:
                return connection
            connection.close()
        return open_reader(self._path, deadline)

    def _pop_idle(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:  # no "if" before it: another thread may come between
            return None

    def _give_back(self, connection: Connection) -> None:
        if connection.is_immutable or connection.identity != self._identity:
            connection.close()
        else:
            self._idle.append(connection)

    def create(self) -> list[str]:
        """Make the file if there is none, and bring an older one up to date; what was done."""
        deadline = time.monotonic() + self._timeout
        with translated(writing=True), self._locked(deadline):
            if self._settle(deadline):
                return ["Created the store."]
            done = self._take_writer(deadline)[1]
        return [done] if done else []

    def write_anew(self, *, bounded: bool = False) -> None:
        """Write the file anew, without what was deleted.

        Without a bound only waiting for others has the time limit: a large file takes minutes.

        Raises:
            StoreError: others use it for too long, the disk has no room for it twice, and others.
        """
        deadline = time.monotonic() + self._timeout
        with translated(writing=True), self._locked(deadline):
            self._settle(deadline)
            connection = self._take_writer(deadline)[0]
            connection.stop_at(deadline if bounded else NO_END, lock_by=deadline)
            connection.execute("VACUUM")
            connection.stop_at(deadline if bounded else NO_END, lock_by=time.monotonic())
            row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not row or row[0] != 0:
            raise StoreUnavailable(IN_USE)

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        with self._write_lock:
            self._identity = None
            self._close_connections(Connection.abandon)
