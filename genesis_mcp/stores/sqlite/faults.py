"""What SQLite and the operating system raise, in words of ours."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from genesis_mcp.errors import (
    GenesisError,
    InputError,
    SchemaMismatch,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)

NO_STORE = 'There is no store yet: record a run, or run "genesis-mcp init".'
NO_FILE = "The path configured as the store is a directory; configure the path of a file."
NO_DIRECTORY = (
    "The path configured as the store leads through a file, where a directory would have to be; "
    "configure another path."
)
LOCKED = "Another process keeps the store's file locked; repeat the call in a moment."
IN_USE = "Another process reads the store's file; repeat the call when nobody uses it."
TOO_SLOW = (
    "The store did not answer within the time limit; ask for less, such as a shorter time, "
    "or raise the limit."
)
CLOSED = "The store has been closed."
FULL = (
    "The disk is full; nothing of this call was recorded. Free some space or prune old runs, "
    "then repeat the call."
)
DISK_ERROR = "The store's file could not be read or written; check the disk, then repeat the call."
_SHARED = (
    "A store is for its maker alone, unless it was made in a directory that a group shares "
    "(chmod 2770); one that is there already also needs chgrp and chmod 660."
)
NOT_READABLE = (
    "The store's file cannot be opened or created; check the rights of it and of its directory. "
    f"{_SHARED}"
)
NOT_WRITABLE = (
    "This user may not write the store's file or its directory, so nothing can be recorded. "
    f"{_SHARED}"
)
DAMAGED = (
    "The store's file is damaged or is no SQLite database; restore it from a backup, or move it "
    "away to begin a new store."
)
FOREIGN = (
    "The file configured as the store is a database of another program; "
    "configure another path for the store."
)
NEWER = "The store was made by a newer version of genesis-mcp; update this one."
NO_FTS = (
    "The store has a word search, for which this Python's SQLite lacks FTS5; use the Python that "
    "made the store, or one whose SQLite has FTS5."
)
REFUSED = "The store refused a value of a run: a wrong type or range."
UNKNOWN = "The store failed in an unforeseen way; the log of genesis-mcp on stderr names the error."

_LOGGER = logging.getLogger(__name__)

NO_ROOM_BESIDE = sqlite3.SQLITE_IOERR_SHMSIZE
"""The disk is too full for the -shm file that even who only reads needs."""

_ERRORS: dict[int, GenesisError] = {
    sqlite3.SQLITE_BUSY: StoreUnavailable(LOCKED),
    sqlite3.SQLITE_LOCKED: StoreUnavailable(LOCKED),
    sqlite3.SQLITE_INTERRUPT: StoreTimeout(TOO_SLOW),
    sqlite3.SQLITE_FULL: StoreUnavailable(FULL),
    sqlite3.SQLITE_IOERR: StoreUnavailable(DISK_ERROR),
    NO_ROOM_BESIDE: StoreUnavailable(FULL),
    sqlite3.SQLITE_CORRUPT: SchemaMismatch(DAMAGED),
    sqlite3.SQLITE_NOTADB: SchemaMismatch(DAMAGED),
    sqlite3.SQLITE_ERROR: SchemaMismatch(DAMAGED),  # a table of ours is missing
    sqlite3.SQLITE_CONSTRAINT: InputError(REFUSED),
}
_FULL_ERRNOS = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
NO_RIGHT = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}


@contextmanager
def translated(*, writing: bool) -> Iterator[None]:
    """Turn what the driver and the operating system raise into errors of ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        name = getattr(error, "sqlite_errorname", None) or getattr(error, "errno", None)
        _LOGGER.warning("SQLite store: %s %s", type(error).__name__, name)
        raise _translate(error, writing=writing) from error


def _translate(error: Exception, *, writing: bool) -> GenesisError:
    no_right = WriteNotAllowed(NOT_WRITABLE) if writing else StoreUnavailable(NOT_READABLE)
    if isinstance(error, OSError):
        return StoreUnavailable(FULL) if error.errno in _FULL_ERRNOS else no_right
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by the driver itself
        closed = isinstance(error, sqlite3.ProgrammingError)
        return StoreUnavailable(CLOSED) if closed else StoreError(UNKNOWN)
    primary = code & 0xFF
    if primary in NO_RIGHT:
        return no_right
    known = _ERRORS.get(code) or _ERRORS.get(primary)
    return type(known)(*known.args) if known else StoreError(UNKNOWN)
