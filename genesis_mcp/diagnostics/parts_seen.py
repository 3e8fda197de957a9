"""Chooses the parts of a text that the recognisers of errors see; it recognises none itself.

A text of ordinary size is seen whole. Of a long one the head and the tail are seen, and of what
lies between them the surroundings of the first and the last place of each strong marker: a
compiler's first error is early, what ends a run is late, and a build tool may print megabytes
after the error that matters.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Any

from genesis_mcp.diagnostics.prefixes import may_be_prefixed, without_prefixes

LONGEST_LINE = 1_000
"""Characters of a line that are analysed: errors stand at the beginning, data makes lines long."""
SEEN_HEAD = 48 * 1024
SEEN_TAIL = 112 * 1024
"""Characters."""
BEFORE_MARKER = 1_024
AFTER_MARKER = 5_120
"""Characters seen around a marker: a stack with its message, a report of one failed test."""

MARKERS = (
    "Traceback (most recent call last)",
    "\nE   ",
    "AssertionError",
    "Error: ",
    "Uncaught ",
    "\n    at ",
    "\n\tat ",
    "● ",
    "✖ ",
    "not ok ",
    ": error: ",
    "atal error: ",
    "error TS",
    "  error  ",
    "\nerror",
    " --> ",
    " panicked at ",
    "\ngoroutine ",
    "--- FAIL: ",
    "undefined reference",
    "terminate called",
    "Sanitizer: ",
    "Exception in thread ",
    "Caused by: ",
    "Failure/Error: ",
    ") Failure:",
    "\n1) ",
    ":in `",
    ":in '",
    "\n** (",
    "Failed example:",
    "stack traceback:",
    "Segmentation fault",
    "CMake Error at ",
    "ERROR: ",
    "FATAL",
)
"""What hardly ever stands in the output of a program that did not fail there."""


@dataclass(slots=True)
class SeenText:
    """The parts of a cleaned text that are seen, as lines."""

    text: str
    """The parts, one below the other."""
    lines: list[str]
    _first_lines: list[int]
    """Of each part, the index of its first line in `lines`."""
    _numbers: list[int]
    """Of each part, the index of its first line in the whole text."""
    uncut: str = ""
    """The parts with their long lines whole, where lines of `text` are cut."""
    kept: dict[object, Any] = field(default_factory=dict, compare=False)
    """What one row found out that others want as well, by who did."""

    def without_prefixes(self, *, on_trial: bool) -> "SeenText | None":
        """The same lines without the prefix that they share; None: they share none."""
        lines = without_prefixes(self.lines, on_trial=on_trial)
        return replace(self, text="\n".join(lines), lines=lines, kept={}) if lines else None

    def number(self, index: int) -> int:
        """The index in the whole text of a line that is seen."""
        part = bisect_right(self._first_lines, index) - 1
        return index - self._first_lines[part] + self._numbers[part]


def seen_text(text: str, markers: tuple[str, ...] = MARKERS) -> SeenText:
    """The parts of a cleaned text; linear in its length. The markers are those of a long one."""
    spans = _spans(text, markers)
    first_lines, numbers = [0], [0]
    if len(spans) > 1:
        parts = [text[start:end] for start, end in spans]
        for (_, end), (following, _), part in zip(spans, spans[1:], parts, strict=False):
            first_lines.append(first_lines[-1] + part.count("\n") + 1)
            numbers.append(numbers[-1] + part.count("\n") + text.count("\n", end, following))
        text = "\n".join(parts)
    lines = text.split("\n")
    uncut = ""
    if len(text) > LONGEST_LINE and max(map(len, lines)) > LONGEST_LINE:
        lines = [line[:LONGEST_LINE] for line in lines]
        uncut, text = text, "\n".join(lines)
    seen = SeenText(text, lines, first_lines, numbers, uncut)
    bare = seen.without_prefixes(on_trial=False) if may_be_prefixed(text) else None
    return bare or seen


def _spans(text: str, markers: tuple[str, ...]) -> list[tuple[int, int]]:
    if len(text) <= SEEN_HEAD + SEEN_TAIL:
        return [(0, len(text))]
    head, tail = SEEN_HEAD, len(text) - SEEN_TAIL
    spans = [(0, head), *_around_markers(text, head, tail, markers), (tail, len(text))]
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _around_markers(
    text: str, start: int, end: int, markers: tuple[str, ...]
) -> list[tuple[int, int]]:
    """The surroundings of the first and the last place of each marker, in their order."""
    found = set()
    for marker in markers:
        first = text.find(marker, start, end)
        if first >= 0:
            found |= {first, text.rfind(marker, first, end)}
    return [
        (_line_start(text, max(start, place - BEFORE_MARKER)), min(end, place + AFTER_MARKER))
        for place in sorted(found)
    ]


def _line_start(text: str, place: int) -> int:
    """The beginning of the next line, unless that is far away."""
    line_feed = text.find("\n", place, place + BEFORE_MARKER // 2)
    return line_feed + 1 if line_feed >= 0 else place
