"""People's notes beside the errors of answers; `notes_by_hand` keeps and drops them.

A note belongs to an error's key. Newer rules may give the same error another one: then they look
for it in the failure by which it was noted, of which the note keeps what is needed.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.errors import StoreError
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.kept_note import NOTE_CHARS_MAX, Note
from genesis_mcp.runs.model import Signature
from genesis_mcp.runs.record_line import run_from
from genesis_mcp.runs.signing import sign
from genesis_mcp.stores.contract import FileStore, KeepsNotes, RunStore
from genesis_mcp.stores.side_by_side import side_by_side

logger = logging.getLogger(__name__)

R = TypeVar("R")


def kept_notes(store: object) -> dict[str, str]:
    """The notes of a store by the errors' present keys; none while they cannot be read."""
    if not isinstance(store, KeepsNotes):
        return {}
    try:
        oldest_first = store.notes(current=present_version())[::-1]
        return {_present_key(store, note): note.text for note in oldest_first}
    except StoreError as error:  # an answer is worth more than its notes
        logger.warning("notes cannot be read: %s", type(error).__name__)
        return {}


def with_notes(store: object, ask: Callable[[], R]) -> R:
    """The answer to a question, with the notes on the errors in it.

    A server is asked for both side by side: the notes take no time of their own.
    """
    answer: R
    if not isinstance(store, KeepsNotes):
        return ask()
    if isinstance(store, FileStore):  # which is asked only where there is something to note
        answer = ask()
        return noted(answer, kept_notes(store)) if _names_an_error(answer) else answer
    tasks: list[Callable[[], Any]] = [ask, partial(kept_notes, store)]
    answer, notes = side_by_side(tasks)
    return noted(answer, notes)


def note_on(store: RunStore, signature: Signature | None) -> str | None:
    """The note on one error."""
    if signature is None:
        return None
    text = kept_notes(store).get(signature.group)
    return shown_line(text, NOTE_CHARS_MAX) if text else None


def noted(answer: R, notes: Mapping[str, str]) -> R:
    """An answer, or a part of one, with the notes on what it shows."""
    if not notes or answer is None:
        return answer
    changes: dict[str, Any] = {}
    if text := notes.get(getattr(answer, "error_key", None) or ""):
        changes["note"] = shown_line(text, NOTE_CHARS_MAX)
    for name in ("errors", "attempts"):
        if parts := getattr(answer, name, None):
            changes[name] = [noted(part, notes) for part in parts]
    for name in ("older", "later"):
        if part := getattr(answer, name, None):
            changes[name] = noted(part, notes)
    return cast("R", cast(Any, answer).but(**changes)) if changes else answer


_FOUND_AGAIN: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def _names_an_error(answer: Any) -> bool:
    parts = [*(getattr(answer, "errors", None) or ()), *(getattr(answer, "attempts", None) or ())]
    parts += [answer, getattr(answer, "older", None), getattr(answer, "later", None)]
    return any(getattr(part, "error_key", None) for part in parts)


def _present_key(store: KeepsNotes, note: Note) -> str:
    """What the error of a note is known by now; of one that is not found again, what it was."""
    if note.version == present_version() or not note.witness:
        return note.group
    known = _FOUND_AGAIN.setdefault(store, {})
    if note.group not in known:
        known[note.group] = key_in(note.witness) or note.group
    return known[note.group]


def key_in(witness: str) -> str | None:
    """The key of the error that the present rules find in a witness."""
    try:
        signature = sign(run_from(json.loads(witness), recorded_by="note")).signature
    except (ValueError, RecursionError, TypeError, AttributeError, UnfitFields):
        return None
    return signature.group if signature else None


def present_version() -> int:
    """Of the rules that make an error's key."""
    from genesis_mcp.diagnostics.keys import SIGNATURE_VERSION

    return SIGNATURE_VERSION
