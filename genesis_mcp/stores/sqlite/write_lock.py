"""Waiting for the write lock of a SQLite file, which several processes have by turns."""

import random
import sqlite3
import time

from genesis_mcp.errors import StoreUnavailable
from genesis_mcp.stores.sqlite.faults import LOCKED
from genesis_mcp.stores.sqlite.files import Connection, remaining

LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS = 0.02, 0.001
"""Between two tries: the first of who just came, the other of who has waited for long. A try that
fails takes some 50 microseconds of the processor."""

HALVING_SECONDS = 0.05
"""After so long a wait the pause is half of what it was at first, after twice as long a third."""


def begin_writing(connection: Connection, deadline: float) -> None:
    """Begin a transaction that writes, as soon as no other one does.

    SQLite's own waiting pauses the longer, the longer it lasts (up to 100 ms, see
    `sqliteDefaultBusyCallback` in its main.c), so that who just came is served before who has
    waited: beside many writers a few then wait for seconds.

    Raises:
        StoreUnavailable: others had it until the deadline, a time of `time.monotonic`.
        SchemaMismatch: see `Connection.begin`.
    """
    began = time.monotonic()
    connection.stop_at(deadline, lock_by=began)
    while not _began(connection):
        if not remaining(deadline):
            raise StoreUnavailable(LOCKED)
        jitter = random.uniform(0.5, 1.5)  # noqa: S311 - so that no two keep step
        time.sleep(min(pause_after(time.monotonic() - began) * jitter, remaining(deadline)))
    connection.stop_at(deadline)


def pause_after(waited: float) -> float:
    """Seconds until the next try of who has waited for so many: the longer, the sooner."""
    return max(LONGEST_PAUSE_SECONDS / (1 + waited / HALVING_SECONDS), SHORTEST_PAUSE_SECONDS)


def _began(connection: Connection) -> bool:
    try:
        connection.begin("IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
