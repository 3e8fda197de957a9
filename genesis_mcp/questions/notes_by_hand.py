"""`genesis-mcp note`: a person keeps, drops and lists the notes beside errors. No model does."""

import json
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.errors import InputError, SchemaMismatch
from genesis_mcp.questions.errors_shown import error_line, signed
from genesis_mcp.questions.naming import named_run
from genesis_mcp.questions.noting import key_in, present_version
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.kept_note import NOTE_CHARS_MAX, Note
from genesis_mcp.runs.model import Run, Signature
from genesis_mcp.runs.record_line import as_json, as_record, run_from
from genesis_mcp.runs.redaction import without_secrets
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.signing import sign
from genesis_mcp.stores.contract import KeepsNotes, RunStore
from genesis_mcp.text.redact import redact

WITNESS_BYTES = (2 * 1024, 16 * 1024, 64 * 1024)
"""Of each text of a witness: the first that shows the same error."""

KEY_CHARS_MIN = 6
"""Of a note's key, when it is named by that."""

NO_PLACE = "This store keeps no notes."


class NotedError(NamedTuple):
    """A note as it is listed."""

    key: str
    text: str
    noted_at: datetime
    error: str | None
    """The error that it is on, where a failure tells it still."""


def keep_note(store: RunStore, named: str, text: str, moment: datetime) -> NotedError:
    """Keep a note on the error that a failure, or an earlier note, is named by.

    Raises:
        InputError: it names none, or the text is empty.
        WriteNotAllowed, StoreError: as the store says.
    """
    keeper = _keeper(store)
    line = shown_line(text, NOTE_CHARS_MAX)
    if not line:
        raise InputError("TEXT: must not be empty; `genesis-mcp note ERROR --remove` drops a note.")
    _renew(keeper)
    if (earlier := _by_key(keeper, named)) is not None:
        note = replace(earlier, text=line, noted_at=moment)
    else:
        run = _failure(store, named)
        assert run.signature is not None
        note = Note(
            group=run.signature.group,
            version=run.signature.version,
            text=line,
            noted_at=moment,
            run_id=run.run_id,
            witness=_witness(run, run.signature),
        )
    keeper.keep_note(note)
    return _listed(note)


def drop_note(store: RunStore, named: str) -> NotedError:
    """Drop the note on an error; what it was.

    Raises:
        InputError: there is none, or `named` names no error.
        WriteNotAllowed, StoreError: as the store says.
    """
    keeper = _keeper(store)
    _renew(keeper)
    found = _by_key(keeper, named)
    if found is None:
        signature = _failure(store, named).signature
        key = signature.group if signature else ""
        found = next((one for one in keeper.notes(current=None) if one.group == key), None)
    if found is None:
        raise InputError("ERROR: there is no note on this error; `genesis-mcp note` lists them.")
    keeper.drop_note(found.group)
    return _listed(found)


def listed_notes(store: RunStore) -> list[NotedError]:
    """All notes, the newest first.

    Raises:
        InputError: the store keeps none.
    """
    return [_listed(note) for note in _keeper(store).notes(current=None)]


def forget_witnesses(store: RunStore, run_ids: set[str]) -> int:
    """Keep nothing more of these runs in notes; how many of them lost their witness.

    Raises:
        WriteNotAllowed, StoreError: as the store says.
    """
    if not isinstance(store, KeepsNotes):
        return 0
    theirs = [note for note in store.notes(current=None) if note.run_id in run_ids]
    for note in theirs:
        store.keep_note(replace(note, run_id=None, witness=""))
    return len(theirs)


def copy_notes(source: RunStore, target: RunStore) -> int | None:
    """Copy the notes that the target has not; how many, or None where it has no place for them.

    Raises:
        WriteNotAllowed, StoreError: as the stores say.
    """
    if not isinstance(source, KeepsNotes):
        return 0
    notes = source.notes(current=None)
    if not notes:
        return 0
    if not isinstance(target, KeepsNotes):
        return None
    there = {note.group: note.noted_at for note in target.notes(current=None)}
    new = [one for one in notes if one.group not in there or there[one.group] < one.noted_at]
    try:
        for note in reversed(new):
            target.keep_note(note)
    except SchemaMismatch:
        return None
    return len(new)


def _keeper(store: RunStore) -> KeepsNotes:
    if isinstance(store, KeepsNotes):
        return store
    raise InputError(NO_PLACE)


def _by_key(keeper: KeepsNotes, named: str) -> Note | None:
    """The note whose key begins so."""
    if len(named) < KEY_CHARS_MIN:
        return None
    found = [one for one in keeper.notes(current=None) if one.group.startswith(named.lower())]
    return found[0] if len(found) == 1 else None


def _failure(store: RunStore, named: str) -> Run:
    """The failure by which an error is named, with its texts, read by the present rules."""
    run_id = named_run(store, "ERROR", named)
    for run in store.fetch([run_id]):
        if not run.failed:
            raise InputError("ERROR: this run shows none; name one that failed.")
        [facts] = signed(store, [run])
        return run if facts.signature is None else replace(run, signature=facts.signature)
    raise InputError(
        "ERROR: name the error by a run that shows it, such as soma#2, or by the key of a note "
        "that `genesis-mcp note` lists."
    )


def _witness(run: Run, signature: Signature) -> str:
    """As little of the failure as shows the same error; nothing where no part of it does."""
    bare = without_secrets(
        replace(run, code_snapshot=None, context=None, signature=None, doubt=None, tests=None)
    )
    texts = {name: getattr(bare, name) or "" for name in ("stdout", "stderr", "message")}
    error = f"{signature.type}: {signature.message}" if signature.type else signature.message
    tried = [{name: cap_text(text, size) for name, text in texts.items()} for size in WITNESS_BYTES]
    for less in (*tried, {"stdout": "", "stderr": redact(error), "message": ""}):
        part = replace(
            bare, stdout=less["stdout"], stderr=less["stderr"], message=less["message"] or None
        )
        witness = as_json(as_record(part))
        if key_in(witness) == signature.group:
            return witness
    return ""


def _renew(keeper: KeepsNotes) -> None:
    """Give the notes of older rules the keys that the present ones find: who writes, may."""
    present = present_version()
    for note in keeper.notes(current=present)[::-1]:
        if note.version == present or not (key := key_in(note.witness)):
            continue
        keeper.keep_note(replace(note, group=key, version=present))
        if key != note.group:
            keeper.drop_note(note.group)


def _listed(note: Note) -> NotedError:
    error = None
    if note.witness:
        try:
            run = sign(run_from(json.loads(note.witness), recorded_by="note"))
            error = error_line(run.signature)
        except (ValueError, RecursionError, TypeError, AttributeError, UnfitFields):
            error = None
    return NotedError(note.group, shown_line(note.text, NOTE_CHARS_MAX), note.noted_at, error)
