"""A note that a person keeps beside an error, so that each later answer has it."""

from dataclasses import dataclass
from datetime import datetime

NOTE_CHARS_MAX = 200
"""Characters of a note: one line beside an error, such as `known, ticket 12`."""

NOTES_MAX = 500
"""Notes of a store that answers look at, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note. It belongs to no run, and so it outlives all of them."""

    group: str
    """The error's key, as of `Signature`."""
    version: int
    """The rules that made the key."""
    text: str
    noted_at: datetime
    run_id: str | None = None
    """The failure by which the error was named; it may be gone."""
    witness: str = ""
    """That failure without its secrets, as a line of JSON, in which newer rules find the error
    again; empty where they cannot, and where nobody asked for it."""
