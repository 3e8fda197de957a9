"""Lines of test runners that tell nothing of what failed: headers and advice. Not all of them."""

from collections.abc import Sequence
from re import Pattern
from typing import NamedTuple

from genesis_mcp.text.pattern import pattern

LINES_MAX = 40
"""Of one header or advice; where its end does not come, it is none."""


class _Form(NamedTuple):
    """Lines of which the first and the last are known."""

    first: Pattern[str]
    last: Pattern[str]
    is_idle_itself: bool
    """Whether the first and the last line are idle as well as what stands between them."""


_FORMS = (
    # pytest, from the line of the session to the number of tests: what tests print comes below.
    _Form(pattern(r"=+ test session starts =+"), pattern(r"collected \d+ items?\b.*"), True),
    # jest, of a file that it could not parse: the error stands below "Details:".
    _Form(pattern(r"\s*Jest encountered an unexpected token"), pattern(r"\s*Details:"), False),
)


def idle_lines(text: str) -> tuple[range, ...]:
    """Where such lines stand in a text, from line 0 on, in their order."""
    found: list[range] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for form in _FORMS:
            if form.first.fullmatch(line) and (end := _end(form, lines, number)):
                edge = 0 if form.is_idle_itself else 1
                found.append(range(number + edge, end + 1 - edge))
    return tuple(found)


def _end(form: _Form, lines: Sequence[str], start: int) -> int | None:
    numbers = range(start + 1, min(start + LINES_MAX, len(lines)))
    return next((number for number in numbers if form.last.fullmatch(lines[number])), None)
