"""The lines of a text, numbered as every answer numbers them, and those that hold a text."""

import re
from collections.abc import Iterator

LINE_CHARS = 1_000
"""A longer line is numbered as several, so that every part of it can be asked for."""


def pieces(text: str) -> Iterator[str]:
    """The lines of a text, long ones in pieces of LINE_CHARS."""
    if not text:
        return
    for line in text.removesuffix("\n").split("\n"):
        yield line[:LINE_CHARS]
        for start in range(LINE_CHARS, len(line), LINE_CHARS):
            yield line[start : start + LINE_CHARS]


def matching(text: str, wanted: str) -> list[int]:
    """The numbers (from 1) of the pieces that hold a text in any case, across their border too."""
    pattern = any_case(wanted)
    numbers: list[int] = []
    first = 1
    for line in text.removesuffix("\n").split("\n"):
        touched = set[int]()
        for match in pattern.finditer(line):
            touched.update((match.start() // LINE_CHARS, (match.end() - 1) // LINE_CHARS))
        numbers.extend(first + piece for piece in sorted(touched))
        first += max(1, -(-len(line) // LINE_CHARS))
    return numbers


def any_case(wanted: str) -> re.Pattern[str]:
    """A literal text in capitals, small letters, or both."""
    return re.compile(re.escape(wanted), re.IGNORECASE)
