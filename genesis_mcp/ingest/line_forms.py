"""What kind of line a line is: its container's prefix, and whether it continues what was before it.

A stack trace belongs to the line above it. What does so is told by its form alone, so that the same
lines are always grouped the same way.
"""

import re
from datetime import datetime
from typing import Any

from genesis_mcp.ingest.pino import level_name, parse_time
from genesis_mcp.ingest.text_levels import level_in_broken_json, level_told
from genesis_mcp.text.clean import clean

PREFIX_CHARS_MAX = 80
"""Characters of a prefix such as `worker-1  | `, as docker compose puts before each line."""

CONTAINERS_MAX = 1000
"""Names that are remembered."""

_COLOURS = r"(?:\x1b\[[\d;]*m)*"
_PREFIX = re.compile(rf"{_COLOURS}([A-Za-z0-9][\w.-]*) *\|{_COLOURS} ?{_COLOURS}")
_NUMBERED = re.compile(r".*[-_]\d+$")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ")

_RUNTIME = re.compile(r"std(?:out|err) [FP](?: |$)|\d\d[OE](?:[+ ]|$)")
"""What the runtimes of Kubernetes (CRI), and GitLab's runners, write behind the time."""

_JSON_FILE = frozenset({"log", "stream", "time", "attrs"})
"""The fields of a line in a log of docker's json-file driver."""

_CONTINUES = re.compile(
    r"at \S|> File \"|[Cc]aused by(?: \(\d+\))?: |error stack:$|\[cause\]: |\.\.\. \d+ more"
    r"|Node\.js v\d|\^+$|[}\])]+[;,]*$|[╭│╰]|During handling of the above |The above exception was "
)
_BADGE = re.compile(
    r"\s{1,40}(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|SUCCESS)\s{2,}\S"
)
"""A level in a column of its own, as rich and consola print it below a blank time."""
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):|Stack trace:|Exception in thread ")
_ERROR = re.compile(
    r"(?:Uncaught )?(?:[\w$]+[.:]+)*(?:[A-Z][\w$]*)?"
    r"(?:Error|Exception|Exit|Interrupt|Iteration|Group)\b(?: \[\w+\])?(?::|$)"
)
_LAST_OF_TRACEBACK = re.compile(r"[A-Za-z_][\w.]*(?::|$)")
_STACK = re.compile(r"\s+at \S.*|\s*Traceback \(most recent call last\):$")
_WARNING = re.compile(r"\(node:\d+\) |Warning\b|.*Warning: ")
_CRASH = re.compile(r"Node\.js v\d")


def plain(text: str) -> str:
    """A line without colours and other escape sequences."""
    return clean(text) if "\x1b" in text or "\r" in text else text


def split_container(line: str, known: set[str]) -> tuple[str | None, str]:
    """The container that a line comes from, if it says so, and the rest of the line.

    A name is one when it ends in a number, or stands before an object or the beginning of a
    traceback; from then on it is `known`. Otherwise a bar is a bar.
    """
    if "|" not in line[:PREFIX_CHARS_MAX]:
        return None, line
    match = _PREFIX.match(line)
    if match is None:
        return None, line
    name, rest = match[1], line[match.end() :]
    if name not in known:
        is_name = _NUMBERED.match(name) or rest.startswith("{") or is_traceback(plain(rest))
        if not is_name or len(known) >= CONTAINERS_MAX:
            return None, line
        known.add(name)
    return name, rest


def split_stamp(line: str) -> tuple[datetime | None, str]:
    """The time that stands before a line, with its zone, and the rest of the line."""
    match = _STAMP.match(line)
    moment = parse_time(match[1]) if match else None
    if match is None or moment is None:
        return None, line
    runtime = _RUNTIME.match(line, match.end())
    return moment, line[runtime.end() if runtime else match.end() :]


def unwrapped(record: dict[str, Any]) -> tuple[datetime | None, str] | None:
    """The time and the line in a record of docker's json-file; None of any other record."""
    line = record.get("log")
    if not isinstance(line, str) or not record.keys() <= _JSON_FILE:
        return None
    return parse_time(record.get("time")), line.rstrip("\r\n")


def continues(
    line: str, before: str | None, *, is_first: bool, of_failure: bool, of_traceback: bool
) -> bool:
    """Whether a line belongs to the lines above it.

    `before` is the last line above it that belongs there, None when there is only the record;
    `is_first`: it would be the first one below the record, or below the first line of a text;
    `of_failure`: what it would belong to is a failure; `of_traceback`: it has a traceback.
    """
    if (line[0] in " \t" and not _BADGE.match(line)) or _CONTINUES.match(line):
        return True
    after_indented = before is not None and before[:1] in (" ", "\t", "│", "╰")
    if of_traceback and after_indented and _LAST_OF_TRACEBACK.match(line):
        return True
    if _TRACEBACK.match(line):
        return (of_failure and is_first) or (before or "").endswith(":")
    return (after_indented or (of_failure and is_first)) and _ERROR.match(line) is not None


def is_traceback(line: str) -> bool:
    """Whether a traceback of Python begins here."""
    return _TRACEBACK.match(line.lstrip()) is not None


def level_of(lines: list[str]) -> str | None:
    """The level of lines of text: an error with a stack trace, else what the first one tells."""
    if len(lines) == 1 or not any(_STACK.match(line) for line in lines):
        return level_told(lines[0]) or level_name(level_in_broken_json(lines[0]))
    if _WARNING.match(lines[0]):
        return "warn"
    return "fatal" if any(_CRASH.match(line) for line in lines) else "error"
