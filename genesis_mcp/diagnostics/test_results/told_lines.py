"""Finds the lines of a kind in a text, and what stands around them; each pattern sees one line."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the rows take long to import, and texts are looked at without them
    from genesis_mcp.diagnostics.test_results.runner import Line

LINE_CHARS = 1_000
"""Characters of a line that a pattern sees."""


@cache
def compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def matches(text: str, line: "Line | None", start: int = 0, end: int | None = None) -> "Found":
    """The lines of this kind, in their order."""
    if line is None:
        return []
    stop = len(text) if end is None else end
    if len(line.hints) == 1:
        return list(_matches(text, line.hints[0], line, start, stop))
    found = {m.start(): m for hint in line.hints for m in _matches(text, hint, line, start, stop)}
    return [found[place] for place in sorted(found)]


Found = list[re.Match[str]]


def _matches(text: str, hint: str, line: "Line", start: int, end: int) -> Iterator[re.Match[str]]:
    find, rfind, match = text.find, text.rfind, compiled(line.pattern).match
    stands_alone = not (line.above or line.below)
    place = find(hint, start, end)
    while place >= 0:  # once for each of thousands of tests: nothing is called that need not be
        begin = rfind("\n", 0, place) + 1
        stop = find("\n", place)
        if stop < 0:
            stop = len(text)
        found = match(text, begin, stop if stop - begin <= LINE_CHARS else begin + LINE_CHARS)
        if found and (stands_alone or _is_between(text, begin, stop, line)):
            yield found
        place = find(hint, stop, end)


def end_of_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _is_between(text: str, begin: int, stop: int, line: "Line") -> bool:
    """Whether the lines above and below are as they must be."""
    if line.above and not compiled(line.above).match(line_above(text, begin)):
        return False
    return not line.below or bool(
        compiled(line.below).match(
            text[stop + 1 : min(end_of_line(text, stop + 1), stop + LINE_CHARS)]
        )
    )


def line_above(text: str, begin: int) -> str:
    """The line above the one that begins here."""
    if begin == 0:
        return ""
    before = text.rfind("\n", 0, begin - 1) + 1
    return text[before : begin - 1][:LINE_CHARS]


class Headings:
    """The lines of a kind, of which the nearest above a place is asked for."""

    def __init__(self, text: str, line: "Line | None", start: int, end: int) -> None:
        found = matches(text, line, start, end)
        self._places = [match.start() for match in found]
        self._groups = [
            {key: value for key, value in match.groupdict().items() if value} for match in found
        ]

    def above(self, place: int) -> dict[str, str]:
        """The groups of the nearest line above, as far as they match; none when there is none."""
        number = bisect_left(self._places, place)
        return self._groups[number - 1] if number else {}
