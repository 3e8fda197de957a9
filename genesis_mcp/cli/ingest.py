"""The command `genesis-mcp ingest`: its flags, what it passes on, and what it says at the end."""

import gc
import json
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.progress import progress
from genesis_mcp.cli.shared import arguments_of, open_writer
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError, WriteNotAllowed
from genesis_mcp.questions.arguments import IngestDefaults
from genesis_mcp.recording.writer import LATER
from genesis_mcp.runs.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from genesis_mcp.ingest.groups import Item
    from genesis_mcp.ingest.session import Session

    Reader = Callable[[BinaryIO, Path | None], Iterable[list[Item]]]

_URL = re.compile(r"https?://[^\s@/]{1,200}(?:/\S{0,800})?")


@command(
    "ingest",
    click.Argument(["file"], metavar="[FILE]...", nargs=-1),
    option("--spec", "of lines that name none", name="spec_id", metavar="ID"),
    option("--iteration", "of lines that name none", metavar="N"),
    option("--service", "of lines that name none", metavar="NAME"),
    flag("--follow", "go on as the files grow"),
    flag("--quiet", "pass nothing on to stdout"),
    option(
        "--claude-transcripts", "record the runs of past sessions of Claude Code", metavar="DIR"
    ),
    flag("--junit", "FILE is a test report, JUnit XML"),
    flag("--report", "FILE is a test report of any kind: go test -json, TAP, jest, .trx, CTRF..."),
    flag("--ci-log", "FILE is the log of a CI job: a run for each of its steps"),
    option("--url", "of the CI job, kept with each step", metavar="URL"),
    flag("--json", "print the numbers as JSON", becomes="as_json"),
    examples=["genesis-mcp ingest worker.log", "genesis-mcp ingest --junit report.xml --spec soma"],
)
def ingest(settings: Settings, given: dict[str, Any]) -> int:
    """Record runs and events from lines of a log.

    Without FILE, or with -, from stdin, which is passed on to stdout.
    """
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is recorded.")
    if folder := given.get("claude_transcripts"):
        from genesis_mcp.cli.past_sessions import record_past_sessions

        return record_past_sessions(settings, Path(folder), as_json=given.get("as_json", False))
    from genesis_mcp.ingest.session import Session

    paths = [None if name == "-" else Path(name) for name in given["file"] or ["-"]]
    follows = given.get("follow", False)
    if follows and None in paths:
        raise InputError("--follow is for files; standard input is followed anyway.")
    defaults = arguments_of(IngestDefaults, given).model_dump(exclude_none=True)
    read_whole = _reader(given, defaults)
    if follows and read_whole:
        raise InputError("--follow is for logs of lines; a report or a job's log is read once.")
    is_quiet = given.get("quiet") or given.get("as_json") or read_whole
    passes_on = None in paths and not is_quiet
    with open_writer(settings) as writer:
        session = Session(writer, defaults=defaults, say=say)
        gc.freeze()  # what is loaded is there to stay; to look through it once takes 23 ms
        if follows:
            session.follow([path for path in paths if path])
        else:
            _read_all(session, paths, read_whole, passes_on=passes_on)
    return _sum_up(session, given, to=sys.stderr if passes_on else sys.stdout)


def _reader(given: dict[str, Any], defaults: dict[str, Any]) -> "Reader | None":
    """What reads a whole file as something else than lines, if that was asked for."""
    kinds = [name for name in ("junit", "report", "ci_log") if given.get(name)]
    url = given.get("url")
    if len(kinds) > 1:
        named = " and ".join(f"--{name.replace('_', '-')}" for name in kinds)
        raise InputError(f"{named} are two kinds of files: give one of them.")
    kind = kinds[0] if kinds else None
    if url is not None and kind != "ci_log":
        raise InputError("--url is of a CI job: it goes with --ci-log.")
    if kind in ("junit", "report"):
        return _report_reader(kind, is_only=len(given["file"] or [""]) == 1, defaults=defaults)
    if kind == "ci_log":
        from genesis_mcp.ingest.ci_log import read_ci_log

        known = defaults | ({} if url is None else {"context": {"url": _checked(url)}})
        return lambda file, _: read_ci_log(file, known)
    return None


def _report_reader(kind: str, *, is_only: bool, defaults: dict[str, Any]) -> "Reader":
    """What reads a test report, and has a run of the whole beside those of its tests."""
    from genesis_mcp.ingest.whole_report import rereadable, whole_report

    if kind == "junit":
        from genesis_mcp.ingest.junit import read_junit

        read_items: Callable[[BinaryIO, Callable[[str], None]], Iterator[Item]] = read_junit
    else:
        from genesis_mcp.ingest.reports.any_report import read_report

        read_items = read_report

    def read(file: "BinaryIO", path: Path | None) -> "Iterator[list[Item]]":
        with rereadable(file) as report:
            whole = whole_report(report, path, is_only=is_only, **defaults)
            for item in whole.items(read_items(report, say)):
                yield [item]

    return read


def _checked(url: str) -> str:
    if not _URL.fullmatch(url):
        raise InputError("--url must be an address such as https://ci.example/job/1, without user.")
    return url


def _read_all(
    session: "Session", paths: list[Path | None], read_whole: "Reader | None", *, passes_on: bool
) -> None:
    with progress("recording", sum(map(_size, paths))) as advance:
        for path in paths:
            if read_whole:
                _read_whole(session, path, read_whole)
                advance(_size(path))
            elif path:
                session.read_file(path, advance)
            elif sys.stdin is not None:
                session.read_pipe(sys.stdin.buffer, sys.stdout.buffer if passes_on else None)


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path else 0
    except OSError:  # which whoever opens it will say
        return 0


def _read_whole(session: "Session", path: Path | None, read: "Reader") -> None:
    from genesis_mcp.ingest.sources import open_file

    with nullcontext(sys.stdin.buffer) if path is None else open_file(path) as file:
        session.record(read(file, path))


def _sum_up(session: "Session", given: dict[str, Any], *, to: TextIO) -> int:
    """Print what became of the lines; the exit code that this means."""
    counts = session.counts
    session.say_what_was_understood()
    if session.kept_in:
        are = "is" if counts.kept == 1 else "are"
        say(f"{plural(f'{counts.kept:,}', 'record')} {are} kept, {LATER}.")
    if given.get("as_json"):
        print(json.dumps(counts.summary()))
    else:
        words = [f"{number:,} {name}" for name, number in counts.summary().items()]
        print(", ".join(words).replace("_", " "), file=to)
    if counts.kept or counts.lost:
        return StoreError.exit_code
    return InputError.exit_code if counts.rejected else 0
