"""`genesis-mcp note`: what people know of an error, beside it in every answer; not for a model."""

import json
import sys
from typing import Any

import click

from genesis_mcp.cli.command_form import command, flag
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.screen import screen_of
from genesis_mcp.cli.shared import open_own_store
from genesis_mcp.cli.typed import for_reading
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, WriteNotAllowed
from genesis_mcp.questions.notes_by_hand import (
    NotedError,
    drop_note,
    keep_note,
    listed_notes,
)
from genesis_mcp.runs.kept_note import NOTE_CHARS_MAX
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import instant


@command(
    "note",
    click.Argument(["error"], metavar="[ERROR]", required=False),
    click.Argument(["text"], metavar="[TEXT]", required=False),
    flag("--remove", "drop the note on ERROR"),
    flag("--json", "list the notes as lines of JSON", becomes="as_json"),
    examples=["genesis-mcp note soma#1 'known, ticket 12'", "genesis-mcp note"],
)
def note(settings: Settings, given: dict[str, Any]) -> int:
    """Keep one line beside an error: in every answer that names it, and in the report.

    ERROR is a run that shows it, such as soma#1, or a key of the list. Without ERROR the notes are
    listed.
    """
    error, text = given.get("error"), given.get("text")
    removes = bool(given.get("remove"))
    if error is None and removes:
        raise InputError("--remove: say of which error: genesis-mcp note ERROR --remove.")
    if error is not None and (text is None) != removes:
        raise InputError("Give ERROR and TEXT to keep a note, or ERROR and --remove to drop one.")
    if error is not None and settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): no note is kept or dropped.")
    with open_own_store(settings) as store:
        if error is None:
            _list(listed_notes(store), as_json=bool(given.get("as_json")))
        elif text is None:
            print(f"Dropped: {drop_note(store, error).text}")
        else:
            kept = keep_note(store, error, text, now())
            print(f"{kept.error or kept.key}\n  {kept.text}")
            if kept.text.endswith("…"):
                say(f"a note has at most {NOTE_CHARS_MAX} characters; the rest was left out.")
    return 0


def _list(notes: list[NotedError], *, as_json: bool) -> None:
    is_read = screen_of(sys.stdout) is not None
    for one in notes:
        noted_at = instant(one.noted_at)
        if as_json:
            fields = {"key": one.key, "note": one.text, "noted_at": noted_at, "error": one.error}
            print(json.dumps(fields, ensure_ascii=False))
            continue
        moment = for_reading(noted_at) if is_read else noted_at
        print(f"{one.key[:8]} {moment} {one.error or '(its failure is gone)'}\n  {one.text}")
    if not notes and not as_json:
        print("No notes are kept: genesis-mcp note ERROR TEXT keeps one.")
