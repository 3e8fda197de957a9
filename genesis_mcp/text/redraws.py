"""Lines that a program wrote over: all that they said, without true redraws. No escape sequences.

A terminal shows the last state of such a line, and a log has them all. A state that says the same
words as a later one with other numbers (a progress bar, a percentage, a spinner) is a redraw; any
other is text that a reader would miss.
"""

from collections.abc import Iterator
from itertools import groupby

from genesis_mcp.text.pattern import pattern

RETURN, BACK = "\r", "\b"

WORD_LETTERS = 2
"""Letters that backspaces go over when they take back more than a typing error or a spinner."""

MOST_BACK = 20_000
"""Backspaces of a line that are followed one by one; of more, each goes back to the beginning."""

BYTES = frozenset({*"bkmgt", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "byte", "bytes"})
TIMES = frozenset({*"smh", "us", "ms", "sec", "secs", "min", "hr", "eta"})
UNITS = BYTES | TIMES | {"it", "its"}
"""Words that are part of a number when they follow one: they change as it grows."""

_MOVED = pattern("(\b+|\x1b\\[0?K)")
_TO_THE_RIGHT = pattern("\x1b\\[0?K")
_TOKEN = pattern(r"[^\W_]\w*")


def all_said(line: str) -> tuple[list[str], int]:
    """The lines that a line with returns or backspaces becomes, and how many redraws are left out.

    Linear in the length of the line.
    """
    if line.count(BACK) > MOST_BACK:
        line = line.replace(BACK, RETURN)
    kept: list[str] = []
    states, left_out = _states(line)
    later: set[tuple[str, ...]] = set()
    after, words_after = "", tuple[str, ...]()
    for state in reversed(states):
        if later and state == after:
            left_out += 1
            continue
        words = _words(state)
        is_begun = bool(words) and words == words_after[: len(words)] and words != _NUMBERS
        if later and (not words or is_begun or words in later):
            left_out += 1
        else:
            kept.append(state)
        later.add(words)
        after, words_after = state, words
    return kept[::-1] or [""], left_out


_NUMBERS = ("0",)


def _words(state: str) -> tuple[str, ...]:
    """What tells two states apart: the words; of numbers alone, that there are some."""
    words: list[str] = []
    is_number = has_number = False
    for token in _TOKEN.findall(state):
        if token[0].isdigit():
            is_number = has_number = True
        elif not (is_number and token.lower() in UNITS):
            words.append(token)
            is_number = False
    return tuple(words) or (_NUMBERS if has_number else ())


def _states(line: str) -> tuple[list[str], int]:
    """What a line showed each time before the program went back, and how often just that again."""
    states: list[str] = []
    repeated = 0
    for stretch, same in groupby(filter(None, line.split(RETURN))):
        shown = _between_backspaces(stretch) if BACK in stretch else [stretch]
        own = [state for one in shown if (state := _TO_THE_RIGHT.sub("", one).rstrip(" "))]
        states += own
        repeated += len(own) * (len(list(same)) - 1)
    return states, repeated


def _between_backspaces(stretch: str) -> Iterator[str]:
    cells: list[str] = []
    cursor = 0
    for part in _MOVED.split(stretch.rstrip(BACK)):
        if part.startswith(BACK):
            start = max(0, cursor - len(part))
            if sum(map(str.isalpha, cells[start:cursor])) >= WORD_LETTERS:
                yield "".join(cells)
                cells, start = [], 0
            cursor = start
        elif part.startswith("\x1b"):
            del cells[cursor:]
        else:
            cells[cursor : cursor + len(part)] = part
            cursor += len(part)
    yield "".join(cells)
