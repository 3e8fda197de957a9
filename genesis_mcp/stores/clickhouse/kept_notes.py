"""People's notes in a small table beside the logs, without the TTL of those."""

# ruff: noqa: S608 - only constants and numbers of ours are put into the SQL

import time
from uuid import uuid4

from genesis_mcp.errors import SchemaMismatch
from genesis_mcp.runs.kept_note import NOTES_MAX, Note
from genesis_mcp.runs.times import from_milliseconds, milliseconds_since_1970, now
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.schema import NOTES_COLUMNS, NOTES_TABLE
from genesis_mcp.stores.clickhouse.source import ENGINE

NO_PLACE = (
    'ClickHouse has no table for notes yet: "genesis-mcp init" makes it, with an account that may.'
)

LOOK_AGAIN_SECONDS = 60.0
"""After `init` made the table, a server that runs has notes in its answers so much later."""

_NEWEST = (
    "SELECT signature_group, signature_version, text, noted_at, run_id,"
    " if(signature_version = {current:Int64}, '', witness)"
    " FROM {notes} FINAL WHERE text != '' ORDER BY noted_at DESC, signature_group"
    f" LIMIT {NOTES_MAX}"
)
"""A note that was dropped is one without a text, which is newer than it."""

NO_VERSION = -1


def newest_notes(asking: Asking, current: int | None) -> list[Note]:
    """See `KeepsNotes.notes`."""
    version = NO_VERSION if current is None else current
    sql = _NEWEST.replace("{notes}", _name(asking))
    rows = asking.connection.rows(sql, {"current": version}, deadline=asking.deadline)
    return [
        Note(
            group=group,
            version=version,
            text=text,
            noted_at=from_milliseconds(noted_at),
            run_id=run_id or None,
            witness=witness,
        )
        for group, version, text, noted_at, run_id, witness in rows
    ]


def keep_note(asking: Asking, note: Note) -> None:
    """See `KeepsNotes.keep_note`."""
    if not has_place(asking):
        raise SchemaMismatch(NO_PLACE)
    noted_at = milliseconds_since_1970(note.noted_at)
    written_at = time.time_ns() // 1_000
    told = (note.group, note.version, note.text, noted_at, note.run_id or "", note.witness)
    row = (*told, written_at)
    asking.connection.insert(
        asking.source.database,
        NOTES_TABLE,
        {name: [value] for name, value in zip(NOTES_COLUMNS, row, strict=True)},
        NOTES_COLUMNS,
        token=str(uuid4()),
        deadline=asking.deadline,
    )


def drop_note(asking: Asking, group: str) -> None:
    """See `KeepsNotes.drop_note`."""
    keep_note(asking, Note(group=group, version=0, text="", noted_at=now()))


class Place:
    """Whether there is a table for notes, as an answer takes it: one that is there stays."""

    def __init__(self) -> None:
        self._is_there = False
        self._looked_at = float("-inf")

    def is_there(self, asking: Asking) -> bool:
        """A table that was not there is looked for again after LOOK_AGAIN_SECONDS."""
        moment = time.monotonic()
        if not self._is_there and moment - self._looked_at > LOOK_AGAIN_SECONDS:
            self._is_there, self._looked_at = has_place(asking), moment
        return self._is_there


def has_place(asking: Asking) -> bool:
    """Whether there is a table for notes that the account knows of."""
    named = {"database": asking.source.database, "table": NOTES_TABLE}
    return bool(asking.connection.rows(ENGINE, named, deadline=asking.deadline))


def _name(asking: Asking) -> str:
    return f"`{asking.source.database}`.{NOTES_TABLE}"
