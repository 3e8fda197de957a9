"""What carriers put before each line that is told by little: a package, a clock, a step.

Such a beginning alone tells nothing: a program may begin its lines so itself. It is taken off from
the first line on that begins like a log behind it, for the lines below that begin alike.
"""

import re
from datetime import datetime

from genesis_mcp.ingest import pretty
from genesis_mcp.ingest.text_levels import level_told
from genesis_mcp.ingest.text_times import time_told

SHAPES_MAX = 100
"""Beginnings that are remembered: packages and services of one stream."""

_SURE = re.compile(
    r"[^\t\n]{1,120}+\t[^\t\n]{0,120}+\t\ufeff?(?=\d{4}-\d\d-\d\dT)"  # gh run view --log
    r"|#\d+ \d+\.\d+ "  # BuildKit
)
_WEAK = re.compile(
    r"\d\d:\d\d:\d\d {1,2}"  # Jenkins
    r"|\[[A-Za-z@][\w@./:-]{0,80}\] "  # concurrently, npm-run-all
    r"|(?:@[\w.-]+/)?[A-Za-z][\w.-]{0,60}(?:[:#][A-Za-z][\w.-]{0,60}){0,2}: "  # turbo, nx, lerna
    r"|[a-z0-9][a-z0-9.-]{0,80}-[a-z0-9]{4,5} (?:› )?[a-z][\w.-]{0,60} "  # stern
    r"|[A-Za-z][\w.-]{0,60} *\| "  # compose, of a container that has a name
)
_DIGITS = re.compile(r"\d+")


class Carriers:
    """The beginnings that a stream's lines turned out to have."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def knows(self, line: str) -> bool:
        """Whether it is known what the line begins with."""
        found = _WEAK.match(line) if self._known else None
        return found is not None and _DIGITS.sub("0", found[0]) in self._known

    def without(self, line: str, now: datetime) -> str:
        """The line without such a beginning, if it has one."""
        if sure := _SURE.match(line):
            return line[sure.end() :]
        found = _WEAK.match(line)
        if found is None:
            return line
        rest, shape = line[found.end() :], _DIGITS.sub("0", found[0])
        if shape in self._known:
            return rest
        if len(self._known) < SHAPES_MAX and _begins_a_log(rest, now):
            self._known.add(shape)
            return rest
        return line


def _begins_a_log(text: str, now: datetime) -> bool:
    if pretty.parse_head(text) is not None:
        return True
    return level_told(text) is not None and time_told(text, now) is not None
