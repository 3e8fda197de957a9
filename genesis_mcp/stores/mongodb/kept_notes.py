"""People's notes in a small collection beside the logs, which no TTL of theirs reaches."""

from typing import Any

from pymongo.errors import OperationFailure

from genesis_mcp.runs.kept_note import NOTES_MAX, Note
from genesis_mcp.runs.times import from_milliseconds, milliseconds_since_1970
from genesis_mcp.stores.mongodb.connection import NOT_AUTHORIZED, Logs

BESIDE = "_notes"
"""Behind the name of the collection of logs."""


def newest_notes(logs: Logs, current: int | None) -> list[Note]:
    """See `KeepsNotes.notes`."""
    is_current = {"$eq": ["$version", current]}
    steps: list[dict[str, Any]] = [
        {"$sort": {"noted_at": -1, "_id": 1}},
        {"$limit": NOTES_MAX},
        {"$set": {"witness": {"$cond": [is_current, "", "$witness"]}}},
    ]
    try:
        return [_note(document) for document in _beside(logs).aggregate(steps)]
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise
        return []  # an account that may use the logs alone


def keep_note(logs: Logs, note: Note) -> None:
    """See `KeepsNotes.keep_note`."""
    document = {
        "_id": note.group,
        "version": note.version,
        "text": note.text,
        "noted_at": milliseconds_since_1970(note.noted_at),
        "run_id": note.run_id,
        "witness": note.witness,
    }
    _beside(logs).replace_one({"_id": note.group}, document, upsert=True)


def drop_note(logs: Logs, group: str) -> None:
    """See `KeepsNotes.drop_note`."""
    _beside(logs).delete_one({"_id": group})


def _beside(logs: Logs) -> Logs:
    return logs.database.get_collection(logs.name + BESIDE, write_concern=logs.write_concern)


def _note(document: dict[str, Any]) -> Note:
    return Note(
        group=str(document["_id"]),
        version=int(document["version"]),
        text=str(document["text"]),
        noted_at=from_milliseconds(int(document["noted_at"])),
        run_id=document.get("run_id"),
        witness=str(document.get("witness") or ""),
    )
