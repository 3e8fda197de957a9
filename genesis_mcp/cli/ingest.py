"""The command `genesis-mcp ingest`: its flags, what it passes on, and what it says at the end."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from genesis_mcp.cli.shared import open_writer, tell
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError, WriteNotAllowed
from genesis_mcp.questions.arguments import IngestDefaults
from genesis_mcp.recording.writer import LATER
from genesis_mcp.validation import parse

if TYPE_CHECKING:
    from genesis_mcp.ingest.session import Session


def add_to(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command with `add(name, run, help)`."""
    command = add("ingest", ingest, "record runs and events from lines of a log")
    command.add_argument(
        "file", metavar="FILE", nargs="*", help="default: stdin, which is passed on to stdout"
    )
    command.add_argument("--spec", dest="spec_id", metavar="ID", help="of lines that name none")
    command.add_argument("--iteration", metavar="N", help="of lines that name none")
    command.add_argument("--service", metavar="NAME", help="of lines that name none")
    command.add_argument("--follow", action="store_true", help="go on as the files grow")
    command.add_argument("--quiet", action="store_true", help="pass nothing on to stdout")
    command.add_argument("--junit", action="store_true", help="FILE is a test report, JUnit XML")
    command.add_argument("--json", action="store_true", help="print the numbers as JSON")


def ingest(flags: argparse.Namespace, settings: Settings) -> int:
    """Record what the flags name; the exit code."""
    from genesis_mcp.ingest.session import Session

    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is recorded.")
    paths = [None if name == "-" else Path(name) for name in flags.file or ["-"]]
    if flags.follow and None in paths:
        raise InputError("--follow is for files; standard input is followed anyway.")
    if flags.follow and flags.junit:
        raise InputError("--follow is for logs; a test report is written once.")
    given = {name: getattr(flags, name) for name in IngestDefaults.model_fields}
    defaults = parse(IngestDefaults, given).model_dump(exclude_none=True)
    passes_on = None in paths and not (flags.quiet or flags.json or flags.junit)
    with open_writer(settings) as writer:
        session = Session(writer, defaults=defaults, say=tell)
        if flags.junit:
            for path in paths:
                _read_reports(session, path)
        elif flags.follow:
            session.follow([path for path in paths if path])
        else:
            for path in paths:
                if path:
                    session.read_file(path)
                elif sys.stdin is not None:
                    sink = sys.stdout.buffer if passes_on else None
                    session.read_pipe(sys.stdin.buffer, sink)
    return _sum_up(session, flags, to=sys.stderr if passes_on else sys.stdout)


def _read_reports(session: "Session", path: Path | None) -> None:
    from genesis_mcp.ingest.junit import read_junit
    from genesis_mcp.ingest.sources import open_file

    with nullcontext(sys.stdin.buffer) if path is None else open_file(path) as file:
        session.record([item] for item in read_junit(file, tell))


def _sum_up(session: "Session", flags: argparse.Namespace, *, to: TextIO) -> int:
    """Print what became of the lines; the exit code that this means."""
    counts = session.counts
    if session.kept_in:
        tell(f"{counts.kept:,} records are kept, {LATER}.")
    if flags.json:
        print(json.dumps(counts.summary()))
    else:
        words = [f"{number:,} {name}" for name, number in counts.summary().items()]
        print(", ".join(words).replace("_", " "), file=to)
    if counts.kept or counts.lost:
        return StoreError.exit_code
    return InputError.exit_code if counts.rejected else 0
