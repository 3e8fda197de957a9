"""The SQLite store's file: opening, creating and recognising it."""

import os
import sqlite3
import stat
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from genesis_mcp.errors import SchemaMismatch, StoreUnavailable
from genesis_mcp.stores.sqlite.faults import (
    FOREIGN,
    LOCKED,
    NEWER,
    NO_DIRECTORY,
    NO_FILE,
    NO_FTS,
    NO_RIGHT,
    NO_ROOM_BESIDE,
)
from genesis_mcp.stores.sqlite.older_schemas import teach
from genesis_mcp.stores.sqlite.schema import (
    APPLICATION_ID,
    PAGE_BYTES,
    SCHEMA_VERSION,
    SEARCH_TABLE,
    TABLES,
)

PROGRESS_STEPS = 10_000
"""Virtual machine steps between two looks at the clock: a fraction of a millisecond of work."""

WAL_BYTES_KEPT = 16 * 1024 * 1024
"""What a checkpoint leaves of a -wal file that a burst of writes has grown."""

LOCK_RETRY_SECONDS = 0.02

LONGEST_WAIT_MS = 3_600_000
"""For a lock, where nothing else bounds it."""

SHARED = stat.S_ISGID | stat.S_IWGRP
"""Of a directory in which files belong to its group, and which the group may write."""

Identity = tuple[int, int]

# An open and a close of a file drop the POSIX locks that this process has on it: no two stores of
# one process may create theirs at once.
_CREATING = threading.Lock()


# --- connections --------------------------------------------------------------------------------


class _Clock:
    """The deadline of what a connection does now; apart from it, to leave no reference cycle."""

    deadline = float("inf")

    def has_passed(self) -> bool:
        return time.monotonic() > self.deadline


class Connection(sqlite3.Connection):
    """A connection that stops at a deadline and knows which file it has open."""

    identity: Identity | None = None
    has_search = False
    is_immutable = False
    version = SCHEMA_VERSION
    """Of the schema that the file had when `begin` was called, or when it was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = _Clock()
        self.set_progress_handler(self._clock.has_passed, PROGRESS_STEPS)

    @property
    def deadline(self) -> float:
        return self._clock.deadline

    def stop_at(self, deadline: float, *, lock_by: float | None = None) -> None:
        """Interrupt what runs, and end waiting for locks, at this time of `time.monotonic`.

        `lock_by`: when to end waiting for locks, if that is another time.
        """
        self._clock.deadline = deadline
        waited_until = deadline if lock_by is None else lock_by
        milliseconds = min(max(1.0, remaining(waited_until) * 1000), LONGEST_WAIT_MS)
        self.execute(f"PRAGMA busy_timeout = {int(milliseconds)}")

    def begin(self, kind: str = "") -> None:
        """Begin a transaction, and look which version of the schema it is of.

        Another program may have brought the file to a newer one since it was opened.

        Raises:
            SchemaMismatch: to one that this program does not know.
        """
        self.execute(f"BEGIN {kind}")
        self.version = user_version(self)
        if self.version > SCHEMA_VERSION:
            raise SchemaMismatch(NEWER)

    def abandon(self) -> None:
        """Close, undoing what is not committed."""
        self._clock.deadline = float("inf")  # the clock must not stop the undoing
        with suppress(sqlite3.Error):
            self.rollback()
        self.close()


def remaining(deadline: float) -> float:
    """Seconds until a deadline, never negative."""
    return max(0.0, deadline - time.monotonic())


def file_identity(path: Path) -> Identity | None:
    """What tells a file from another one at the same path; None when absent or empty."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise StoreUnavailable(NO_DIRECTORY) from None
    if stat.S_ISDIR(status.st_mode):
        raise StoreUnavailable(NO_FILE)
    return (status.st_dev, status.st_ino) if status.st_size else None


def open_reader(path: Path, deadline: float) -> Connection:
    """A connection that can only read.

    In a directory that may not be written, SQLite cannot make the -shm file that it reads a WAL
    with. Without a -wal file nothing is missing from the main file and it can be read as it is; but
    such a connection never notices changes, so it serves one call. On a full disk the -shm file
    stays too short for anybody to have it open, and an empty -wal file may be beside it.
    """
    try:
        return _opened(path, "mode=ro", deadline, "PRAGMA query_only = ON")
    except sqlite3.OperationalError as error:
        has_no_room = error.sqlite_errorcode == NO_ROOM_BESIDE
        if not has_no_room and error.sqlite_errorcode & 0xFF not in NO_RIGHT:
            raise
        wal = beside(path, "-wal")
        if (_has_content(wal) if has_no_room else wal.exists()) or is_half_made(path):
            raise
    connection = _opened(path, "mode=ro&immutable=1", deadline)
    connection.is_immutable = True
    return connection


def open_writer(path: Path, deadline: float) -> Connection:
    """A connection that writes durably: what is committed is on the disk."""
    connection = _opened(
        path,
        "mode=rw",
        deadline,
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = FULL",
        f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}",
    )
    try:
        _make_wal(connection, deadline)
    except BaseException:
        connection.abandon()
        raise
    return connection


def _make_wal(connection: Connection, deadline: float) -> None:
    # SQLite does not wait for a lock to change the journal, whatever its busy timeout is.
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not remaining(deadline):
                raise
            time.sleep(LOCK_RETRY_SECONDS)


def create(path: Path, deadline: float) -> bool:
    """Make a store of an absent or empty file, unless another process is faster.

    What a process that was stopped in the middle has left, SQLite undoes here.
    """
    if not _CREATING.acquire(timeout=remaining(deadline)):
        raise StoreUnavailable(LOCKED)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make_empty(path)
        connection = _connect(path, "mode=rw")
        try:
            connection.stop_at(deadline)
            return _create_tables(connection, path)
        finally:
            connection.abandon()
    finally:
        _CREATING.release()


def _make_empty(path: Path) -> None:
    """An empty file that is its maker's alone, or its group's as well where the directory says so.

    SQLite gives the -wal and -shm beside it the same mode, whatever the umask is.
    """
    is_shared = path.parent.stat().st_mode & SHARED == SHARED
    mode = 0o660 if is_shared else 0o600
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        if is_shared and sys.platform != "win32":
            os.fchmod(descriptor, mode)  # which the umask has narrowed
    finally:
        os.close(descriptor)


def _create_tables(connection: Connection, path: Path) -> bool:
    # Still with a rollback journal: until the commit the file stays empty, so that no one ever sees
    # half a store. The first writer makes it WAL.
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("BEGIN IMMEDIATE")
    if file_identity(path) is not None:
        return False
    # Of a file that was deleted: processes that still have it open would share them with this one.
    for suffix in ("-wal", "-shm"):
        with suppress(OSError):
            beside(path, suffix).unlink()
    for statement in TABLES:
        connection.execute(statement)
    if _has_module(connection, "fts5"):
        connection.execute(SEARCH_TABLE)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
    return True


def _opened(path: Path, mode: str, deadline: float, *pragmas: str) -> Connection:
    identity = file_identity(path)
    connection = _connect(path, mode)
    try:
        connection.stop_at(deadline)
        _recognise(connection)
        for pragma in pragmas:
            connection.execute(pragma)
        if identity is None or file_identity(path) != identity:
            raise StoreUnavailable("The store's file was replaced just now; repeat the call.")
    except BaseException:
        connection.abandon()
        raise
    connection.identity = identity
    return connection


def _connect(path: Path, mode: str) -> Connection:
    name = path.as_posix()
    name = name if name.startswith("/") else f"/{name}"  # C:/x -> /C:/x
    return sqlite3.connect(
        f"file://{quote(os.fsencode(name))}?{mode}",
        uri=True,
        factory=Connection,
        isolation_level=None,
        check_same_thread=False,
    )


def _recognise(connection: Connection) -> None:
    """Refuse what is not a store of ours."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise SchemaMismatch(FOREIGN)
    connection.version = user_version(connection)
    if connection.version > SCHEMA_VERSION:
        raise SchemaMismatch(NEWER)
    if connection.version < SCHEMA_VERSION:
        teach(connection)
    connection.has_search = _has_table(connection, "search")
    if connection.has_search and not _has_module(connection, "fts5"):
        raise SchemaMismatch(NO_FTS)


def user_version(connection: Connection) -> int:
    """The version of the schema of a file."""
    return _pragma(connection, "user_version")


def _pragma(connection: Connection, name: str) -> int:
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return int(row[0])


def _has_table(connection: Connection, name: str) -> bool:
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(sql, (name,)).fetchone() is not None


def _has_module(connection: Connection, name: str) -> bool:
    sql = "SELECT 1 FROM pragma_module_list WHERE name = ?"
    return connection.execute(sql, (name,)).fetchone() is not None


def leave_file(connection: Connection) -> None:
    """Close the writer of a file that was moved or deleted.

    What its -wal holds goes into the moved file first; left behind, SQLite would take it for the
    -wal of the file that is at the path now.
    """
    with suppress(sqlite3.Error):
        connection.stop_at(time.monotonic() + 1)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.abandon()


def beside(path: Path, suffix: str) -> Path:
    """The path of a file that belongs to another one."""
    return path.with_name(f"{path.name}{suffix}")


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def is_half_made(path: Path) -> bool:
    """Whether a process is creating the store now, or was stopped while it did."""
    return beside(path, "-journal").exists()


def size_bytes(path: Path) -> int:
    """The store's size on the disk, with what is not yet in the main file."""
    size = path.stat().st_size
    with suppress(FileNotFoundError):
        size += beside(path, "-wal").stat().st_size
    return size


def is_writable(path: Path) -> bool:
    """Whether the operating system lets this process write the file and its directory."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))
