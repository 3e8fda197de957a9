"""People's notes in a SQLite file: a small table, made with the first note where there is none."""

from genesis_mcp.runs.kept_note import NOTES_MAX, Note
from genesis_mcp.runs.times import from_milliseconds, milliseconds_since_1970
from genesis_mcp.stores.sqlite.files import Connection
from genesis_mcp.stores.sqlite.schema import NOTES_TABLE

_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'notes'"

_NEWEST = """
SELECT signature_group, signature_version, text, noted_at, run_id,
  CASE WHEN signature_version IS ? THEN '' ELSE witness END
FROM notes ORDER BY noted_at DESC, signature_group LIMIT ?"""

_KEEP = "INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?, ?)"

_DROP = "DELETE FROM notes WHERE signature_group = ?"


def newest_notes(connection: Connection, current: int | None) -> list[Note]:
    """See `KeepsNotes.notes`."""
    if connection.execute(_IS_THERE).fetchone() is None:
        return []
    return [
        Note(
            group=group,
            version=version,
            text=text,
            noted_at=from_milliseconds(noted_at),
            run_id=run_id,
            witness=witness,
        )
        for group, version, text, noted_at, run_id, witness in connection.execute(
            _NEWEST, (current, NOTES_MAX)
        )
    ]


def keep_note(connection: Connection, note: Note) -> None:
    """See `KeepsNotes.keep_note`."""
    connection.execute(NOTES_TABLE)
    noted_at = milliseconds_since_1970(note.noted_at)
    values = (note.group, note.version, note.text, noted_at, note.run_id, note.witness)
    connection.execute(_KEEP, values)


def drop_note(connection: Connection, group: str) -> None:
    """See `KeepsNotes.drop_note`."""
    connection.execute(NOTES_TABLE)
    connection.execute(_DROP, (group,))
