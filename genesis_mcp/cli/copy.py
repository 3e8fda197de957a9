"""`genesis-mcp copy`: its flags, its progress, and what it says at the end."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from typing import Any

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.progress import progress
from genesis_mcp.cli.typed import with_zone
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError, WriteNotAllowed
from genesis_mcp.questions.notes_by_hand import copy_notes
from genesis_mcp.runs.model import LABEL_CHARS_MAX
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import exact_instant, plural
from genesis_mcp.stores import open_store
from genesis_mcp.transfer.copying import NAMED_MAX, Copied, Copying
from genesis_mcp.validation import parse_moment

CALL_SECONDS = 60.0
"""Time limit of each call to a store, at least: no person waits for it, and counts take time."""


@command(
    "copy",
    option("--from", "the store to read", name="source", metavar="URL", required=True),
    option("--to", "the store to write", name="target", metavar="URL", required=True),
    option("--since", "leave out what is older: ISO 8601, 90d", metavar="WHEN"),
    flag("--json", "print the counts as JSON", becomes="as_json"),
    examples=[
        "genesis-mcp copy --from sqlite:///logs.db --to sqlite:///copy.db",
        "genesis-mcp copy --from sqlite:///logs.db --to sqlite:///new.db --since 90d",
    ],
)
def copy(settings: Settings, given: dict[str, Any]) -> int:
    """Copy all runs from one store to another, and verify them."""
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing was copied.")
    if given["source"].strip() == given["target"].strip():
        raise InputError("--to: is the same store as --from; name another one.")
    typed = given.get("since")
    since = parse_moment("since", typed and with_zone(typed), now())
    limit = max(settings.timeout_seconds, CALL_SECONDS)
    with (
        closing(open_store(given["source"], read_only=True, timeout_seconds=limit)) as source,
        closing(open_store(given["target"], timeout_seconds=limit)) as target,
    ):
        watcher = Watcher()
        copying = Copying(source, target, since=since, watcher=watcher)
        total = copying.prepare()
        try:
            with progress("copying", total) as watcher.advance:
                copied = copying.run()
            notes = copy_notes(source, target)
        except (KeyboardInterrupt, StoreError):
            _say_how_to_go_on(copying.copied)
            raise
    if notes is None:
        say("the target has no place for notes yet, so none were copied; init makes it.")
    return _tell(copied, notes or 0, as_json=given.get("as_json", False))


class Watcher:
    """Hears how far the copy is; what has to be said is said on stderr, beside the bar."""

    def __init__(self) -> None:
        self.advance: Callable[[int], None] = lambda _: None

    def say(self, sentence: str) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        say(sentence)


def _say_how_to_go_on(copied: Copied) -> None:
    if copied.last is None:
        return
    moment = exact_instant(copied.last)
    say(
        f"Copied up to {moment}, {plural(f'{copied.read:,}', 'run')}. The same command goes on: it "
        f"compares them and copies the others; with --since {moment} it begins there."
    )


def _tell(copied: Copied, notes: int, *, as_json: bool) -> int:
    for run_id in copied.conflicting:
        name = shown_line(run_id, LABEL_CHARS_MAX)
        say(f"{name}: the target has another run of this id.")
    if copied.conflicts > NAMED_MAX:
        say("there are more conflicts; they are counted.")
    for fault in copied.faults[:NAMED_MAX]:
        say(fault)
    counts = asdict(copied)
    for name in ("conflicting", "faults", "last"):
        del counts[name]
    is_verified = not copied.faults
    if as_json:
        print(json.dumps({**counts, "notes": notes, "verified": is_verified}))
    else:
        done = ("read", "recorded", "already_there", "conflicts", "vanished", "changed_to_fit")
        print(", ".join(f"{counts[name]:,} {name.replace('_', ' ')}" for name in done))
        if notes:
            print(f"{plural(f'{notes:,}', 'note')} copied.")
        print(
            f"{'Verified' if is_verified else 'NOT verified'}: the source holds "
            f"{copied.source_holds:,}, the target {copied.target_holds:,}; "
            f"{copied.compared:,} compared field by field."
        )
    if not is_verified:
        return StoreError.exit_code
    return InputError.exit_code if copied.conflicts else 0
