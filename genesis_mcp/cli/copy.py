"""`genesis-mcp copy`: its flags, its progress, and what it says at the end."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import Any

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError, WriteNotAllowed
from genesis_mcp.runs.model import LABEL_CHARS_MAX
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import exact_instant
from genesis_mcp.stores import open_store
from genesis_mcp.transfer.copying import NAMED_MAX, Copied, Copying
from genesis_mcp.validation import parse_moment

CALL_SECONDS = 60.0
"""Time limit of each call to a store, at least: no person waits for it, and counts take time."""


def add_to(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Put the command among the others."""
    command = add("copy", copy, "copy all runs from one store to another, and verify them")
    command.add_argument("--from", dest="source", metavar="URL", required=True)
    command.add_argument("--to", dest="target", metavar="URL", required=True)
    command.add_argument("--since", metavar="WHEN", help="leave out what is older: ISO 8601, 90d")
    command.add_argument("--json", action="store_true", help="print the counts as JSON")


def copy(flags: argparse.Namespace, settings: Settings) -> int:
    """Copy, say how it went, and return the exit code."""
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing was copied.")
    if flags.source.strip() == flags.target.strip():
        raise InputError("--to: is the same store as --from; name another one.")
    since = parse_moment("since", flags.since, now())
    limit = max(settings.timeout_seconds, CALL_SECONDS)
    with (
        closing(open_store(flags.source, read_only=True, timeout_seconds=limit)) as source,
        closing(open_store(flags.target, timeout_seconds=limit)) as target,
    ):
        progress = Progress()
        copying = Copying(source, target, since=since, watcher=progress)
        total = copying.prepare()
        try:
            with progress.over(total):
                copied = copying.run()
        except (KeyboardInterrupt, StoreError):
            _say_how_to_go_on(copying.copied)
            raise
    return _tell(copied, as_json=flags.json)


class Progress:
    """A bar on a terminal, nothing elsewhere; what has to be said is said on stderr."""

    def __init__(self) -> None:
        self._bar: Any = None

    @contextmanager
    def over(self, total: int) -> Iterator[None]:
        """Show the way to `total` runs."""
        import click  # here: no other command needs it

        with click.progressbar(
            length=total, label="copying", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as self._bar:
            yield

    def advance(self, runs: int) -> None:
        self._bar.update(runs)

    def say(self, sentence: str) -> None:
        line_of_its_own = "\n" if sys.stderr.isatty() else ""
        print(f"{line_of_its_own}genesis-mcp: {sentence}", file=sys.stderr)


def _say_how_to_go_on(copied: Copied) -> None:
    if copied.last is None:
        return
    moment = exact_instant(copied.last)
    print(
        f"genesis-mcp: {copied.read:,} runs up to {moment} are done. The same command goes on: it "
        f"compares them and copies the others; with --since {moment} it begins there.",
        file=sys.stderr,
    )


def _tell(copied: Copied, *, as_json: bool) -> int:
    for run_id in copied.conflicting:
        name = shown_line(run_id, LABEL_CHARS_MAX)
        print(f"genesis-mcp: {name}: the target has another run of this id.", file=sys.stderr)
    if copied.conflicts > NAMED_MAX:
        print("genesis-mcp: there are more conflicts; they are counted.", file=sys.stderr)
    for fault in copied.faults[:NAMED_MAX]:
        print(f"genesis-mcp: {fault}", file=sys.stderr)
    counts = asdict(copied)
    for name in ("conflicting", "faults", "last"):
        del counts[name]
    is_verified = not copied.faults
    if as_json:
        print(json.dumps({**counts, "verified": is_verified}))
    else:
        done = ("read", "recorded", "already_there", "conflicts", "vanished", "changed_to_fit")
        print(", ".join(f"{counts[name]:,} {name.replace('_', ' ')}" for name in done))
        print(
            f"{'Verified' if is_verified else 'NOT verified'}: the source holds "
            f"{copied.source_holds:,}, the target {copied.target_holds:,}; "
            f"{copied.compared:,} compared field by field."
        )
    if not is_verified:
        return StoreError.exit_code
    return InputError.exit_code if copied.conflicts else 0
