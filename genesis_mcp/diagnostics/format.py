"""A row of the table of formats, and the engine that reads one: how a tool prints errors.

A row says where an error begins (`start`), which lines go on with its message, which name its
place, and shows examples with what is to be read in them. What cannot be a row keeps a function.
"""

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from genesis_mcp.diagnostics.parts_seen import SeenText
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, own_frame
from genesis_mcp.diagnostics.summaries import closes
from genesis_mcp.text.windows import WINDOW

# Pieces of patterns; each group name is one of those that `Format.start` may have.
FILE = r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:()\[\]\"'|<>,;*?]*[^\s:()\[\]\"'|<>,;*?.])"
"""A path as printed, without blanks."""
LINE = r"(?P<line>\d{1,7})"
COLUMN = r"(?P<column>\d{1,6})"
PLACE = rf"{FILE}:{LINE}(?::{COLUMN})?"
"""`file:line` or `file:line:column`."""
MESSAGE = r"(?P<message>\S.*)"

FRAMES_REACH = 60
"""Lines below an error in which its frames are looked for."""
MESSAGE_REACH = 20
"""Lines below an error's first that may belong to its message."""
HEADING_REACH = 400
"""Lines above an error in which the heading that names its file is looked for."""


class Example(NamedTuple):
    """What a tool printed, and what is to be read in it; `place` is `file:line`."""

    printed: str
    message: str
    place: str | None = None
    type: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Format:
    """How one tool prints errors."""

    name: str
    hints: tuple[str, ...] = ()
    """Literals of which one stands in the line where `start` begins to match, or anywhere in a text
    that `find` is given; none: always."""
    start: str = ""
    """Matched at the beginning of a line, over line feeds where it has some. Groups, each as far as
    it has them: file, line (or `at`, where it may stand in two ways), column, code (of the error,
    such as E501), type, message."""
    goes_on: str = ""
    """Lines below the match that belong to the message, with its group `message` if it has one."""
    frame: str = ""
    """A line below that names a place, with the groups file and line; innermost first."""
    heading: str = ""
    """A line above that names the file, with the group `file`, and perhaps `line`."""
    innermost: Literal["first", "last"] = "first"
    pick: Literal["first", "last"] = "first"
    type: str | None = None
    """The type of all its errors, where the text tells none."""
    find: Callable[[Lines], Hit | None] | None = None
    """What reads the format in place of the engine."""
    find_in: Callable[[SeenText], Hit | None] | None = None
    """The same, where it needs more than the lines."""
    examples: tuple[Example, ...] = ()

    def read(self, text: SeenText) -> Hit | None:
        """The error in a text that holds a hint, or None."""
        if self.find:
            return self.find(text.lines)
        if self.find_in:
            return self.find_in(text)
        found = _matches(self, text.text)
        match = next(found, None) if self.pick == "first" else max(found, key=_start, default=None)
        return _hit(self, text, match) if match else None


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.MULTILINE)


def _matches(row: Format, text: str) -> Iterator[re.Match[str]]:
    """Where the format begins: looked for only in lines that hold one of its hints."""
    start = _compiled(row.start)
    end = -1
    places = [_occurrences(text, hint) for hint in row.hints if hint in text]
    for place in places[0] if len(places) == 1 else heapq.merge(*places):
        line = text.rfind("\n", 0, place) + 1
        if line > end:
            end = line
            if (found := start.match(text, line, line + WINDOW)) and _tells(found):
                yield found


def _start(match: re.Match[str]) -> int:
    return match.start()


def _tells(match: re.Match[str]) -> bool:
    """Whether it says more than that something failed: a summary is never the message."""
    groups = match.groupdict()
    return bool(groups.get("line")) or not closes(groups.get("message") or "?")


def _occurrences(text: str, hint: str) -> Iterator[int]:
    place = text.find(hint)
    while place >= 0:
        yield place
        following = text.find("\n", place + 1)
        place = text.find(hint, following) if following >= 0 else -1


def _hit(row: Format, text: SeenText, match: re.Match[str]) -> Hit | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    at = match.start("message") if "message" in groups else match.start()
    index = text.text.count("\n", 0, at)
    below = text.text.count("\n", 0, match.end()) + 1
    message = [groups.get("message", "").strip(), *_goes_on(row, text.lines[below:])]
    return Hit(
        line_number=index,
        message=" ".join(filter(None, message)),
        type=groups.get("type") or groups.get("code") or row.type,
        frame=_place(row, text.lines, index, below, groups),
    )


def _goes_on(row: Format, lines: Lines) -> Iterator[str]:
    for line in lines[:MESSAGE_REACH] if row.goes_on else ():
        more = _compiled(row.goes_on).match(line)
        if not more:
            return
        yield (more["message"] if "message" in more.re.groupindex else line).strip()


def _place(
    row: Format, lines: Lines, index: int, below: int, groups: dict[str, str]
) -> Frame | None:
    line = groups.get("line") or groups.get("at")
    number = int(line) if line else None
    if "file" in groups:
        return Frame(groups["file"], number)
    if row.heading:
        for above in range(index - 1, max(-1, index - HEADING_REACH), -1):
            if named := _compiled(row.heading).match(lines[above]):
                line = line or named.groupdict().get("line")
                return Frame(named["file"], int(line) if line else None)
    frames = list(_frames(row, lines[below : below + FRAMES_REACH]))
    return own_frame(frames if row.innermost == "first" else frames[::-1])


def _frames(row: Format, lines: Lines) -> Iterator[Frame]:
    """The places below an error, up to where the next one begins."""
    for line in lines if row.frame else ():
        if _compiled(row.start).match(line):
            return
        if found := _compiled(row.frame).match(line):
            yield Frame(found["file"], int(found["line"]))
