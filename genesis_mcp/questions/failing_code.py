"""The lines of the recorded code around the line that an error names."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from genesis_mcp.answers import NumberedLines
from genesis_mcp.answers.readable import readable
from genesis_mcp.diagnostics.finding import FoundError
from genesis_mcp.questions.numbered_lines import shortened
from genesis_mcp.runs.model import Run

AROUND = 3
"""Lines shown on each side."""

LINE_CHARS = 160
"""Characters shown of a line of code."""

TELLING_CHARS = 4
"""A shorter line of code, such as `}`, occurs in any output."""


def failing_lines(run: Run, found: FoundError | None) -> NumberedLines | None:
    """AROUND lines on each side of the error's line, when it is a line of the recorded code.

    One text of code is recorded, and an error may be in another file: these lines are shown when
    the output quotes the line, or the recorder names the file, or nothing tells of another one.
    """
    if not (found and found.file and found.line and run.code_snapshot):
        return None
    if run.code_bytes > len(run.code_snapshot.encode()):
        return None  # it was shortened: its lines have other numbers
    lines = readable(run.code_snapshot).removesuffix("\n").split("\n")
    begins = _first_line(run)
    place = found.line - begins
    if not 0 <= place < len(lines) or not _is_recorded(run, found.file, lines[place]):
        return None
    first = max(0, place - AROUND)
    shown = enumerate(lines[first : place + AROUND + 1], begins + first)
    return NumberedLines(tuple((number, shortened(line, LINE_CHARS)) for number, line in shown))


def _first_line(run: Run) -> int:
    """The number of the code's first line in its file; a recorder may keep a part of a file."""
    number = (run.context or {}).get("code_line")
    return number if isinstance(number, int) and number > 0 else 1


def _is_recorded(run: Run, file: str, line: str) -> bool:
    """Whether the recorded code is, as far as anything tells, the file that the error names."""
    named = _name(file)
    context = run.context or {}
    if isinstance(recorded := context.get("code_file"), str):
        return _name(recorded) == named
    quoted = line.strip()
    if len(quoted) >= TELLING_CHARS and any(quoted in text for text in (run.stderr, run.stdout)):
        return True
    command = context.get("command")
    if not isinstance(command, list):
        return bool(quoted)
    return named in set(_names(command))


def _names(command: Iterable[object]) -> Iterable[str]:
    for argument in command:
        if isinstance(argument, str):
            yield _name(argument)


def _name(path: str) -> str:
    """The last part of a path, of either kind."""
    return PurePosixPath(re.sub(r"^file://|\\", lambda m: "" if len(m[0]) > 1 else "/", path)).name
