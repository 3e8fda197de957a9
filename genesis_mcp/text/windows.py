"""How patterns look at a text: never at more than a line, or a few thousand characters of one.

A pattern that turns out to be slow on some input is then slow on a small piece, and the work for a
whole text stays in proportion to its length.
"""

import re
from collections.abc import Callable, Iterator

WINDOW = 4096
"""Characters that a pattern sees at once."""
OVERLAP = 1024
"""Characters of a window that the next one sees too: what is found is within them, or longer."""

Span = tuple[int, int, str]
"""Where a secret begins and ends, and its kind."""


def chunks(text: str, longest: int = WINDOW) -> Iterator[str]:
    """The text in parts: whole lines of together at most `longest` characters, or a longer one."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > longest:
            line_feed = text.rfind("\n", start, start + longest)
            if line_feed < 0:
                line_feed = text.find("\n", start + longest)
            end = line_feed + 1 or len(text)
        yield text[start:end]
        start = end


def in_pieces(change: Callable[[str], str], text: str, *, before: str) -> str:
    """The text changed piece by piece of at most `WINDOW` characters.

    A piece ends before a character `before`, where it has one: what begins there, and is shorter
    than a window, is seen whole.
    """
    if len(text) <= WINDOW:
        return change(text)
    changed = []
    start = 0
    while start < len(text):
        end = start + WINDOW
        if end < len(text):
            end = max(text.rfind(before, start + 1, end), 0) or end
        changed.append(change(text[start:end]))
        start = end
    return "".join(changed)


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """As `finditer`, through overlapping windows.

    A match that ends where its window ends may go on: see `end_of_run`.
    """
    start = 0
    while True:
        end = min(start + WINDOW, len(text))
        settled = (
            end if end == len(text) else end - OVERLAP
        )  # the next window sees more of the rest
        done = start
        for found in pattern.finditer(text, start, end):
            if found.start() >= settled:
                break
            done = found.end()
            yield found
        if end == len(text):
            return
        start = max(settled, done)


def end_of_run(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a run of what the pattern matches ends, however long it is."""
    while found := pattern.match(text, start, start + WINDOW):
        at_border = found.end() >= start + WINDOW - 1  # perhaps between two halves of an escape
        start = found.end()
        if not at_border:
            break
    return start
