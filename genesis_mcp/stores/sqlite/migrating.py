"""Older files brought to the present schema: with the first write, at once, beside a copy."""

import logging
import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from genesis_mcp.stores.sqlite.files import Connection, beside, open_reader, user_version
from genesis_mcp.stores.sqlite.older_schemas import TO_PRESENT
from genesis_mcp.stores.sqlite.schema import SCHEMA_VERSION

_LOGGER = logging.getLogger(__name__)

COPIED_PAGES = 10_000
"""Pages that are copied between two looks at whether the program was interrupted."""

NO_END = float("inf")


def copy_name(path: Path, version: int) -> Path:
    """Where the file is kept as it was under an older version of the schema."""
    return beside(path, f".version-{version}")


def older_copies(path: Path) -> list[Path]:
    """Where a file may be as it was under older versions."""
    return [copy_name(path, older) for older in range(1, SCHEMA_VERSION)]


def notes(path: Path, version: int) -> tuple[str, ...]:
    """What there is to say of older versions of a file, each in a few words."""
    if version < SCHEMA_VERSION:
        return (
            f"the file is of version {version} of its schema: the next run that is recorded brings "
            f"it to version {SCHEMA_VERSION}, and keeps it as it was in"
            f" {copy_name(path, version).name}",
        )
    copies = older_copies(path)
    return tuple(
        f"the file as it was under an older version is kept in {copy.name}, and may be deleted"
        for copy in copies
        if copy.exists()
    )


def migrate(connection: Connection, path: Path) -> str | None:
    """Bring the file of a writing connection to SCHEMA_VERSION; what was done, in a sentence.

    All of it or nothing: other processes see the file as it was until it is whole. It takes as long
    as it takes: a time limit that ends it would end it each time.
    """
    if user_version(connection) >= SCHEMA_VERSION:
        return None
    deadline = connection.deadline
    connection.execute("PRAGMA foreign_keys = OFF")  # or DROP TABLE would delete the texts
    connection.execute("BEGIN IMMEDIATE")
    version = user_version(connection)
    if version >= SCHEMA_VERSION:  # by another process, while this one waited
        connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = ON")
        return None
    connection.stop_at(NO_END)
    copy = copy_name(path, version)
    _LOGGER.warning(
        "SQLite store: bringing the file to version %d of its schema; as it was it stays in %s",
        SCHEMA_VERSION,
        copy.name,
    )
    _copy(path, copy)
    for statement in TO_PRESENT[version]:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.stop_at(deadline)
    return f"Brought the store to version {SCHEMA_VERSION}; as it was it is kept in {copy.name}."


def _copy(path: Path, copy: Path) -> None:
    """The file as it is now, with what its -wal holds, whole on the disk before it has its name."""
    unfinished = beside(copy, ".unfinished")
    try:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        _share_as(path, unfinished)
        with (
            closing(open_reader(path, NO_END)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target, pages=COPIED_PAGES)
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.replace(copy)
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _share_as(path: Path, copy: Path) -> None:
    """Give a copy the mode of the original, and its group where this account may."""
    status = path.stat()
    with suppress(OSError, AttributeError):  # not its group; Windows has none
        os.chown(copy, -1, status.st_gid)
    if copy.stat().st_gid == status.st_gid:  # else another group would get the rights of that one
        copy.chmod(stat.S_IMODE(status.st_mode))
