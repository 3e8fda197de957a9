"""What a person looks at: whether it is a terminal, how large, in colours, in which time zone."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

COLOURS = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33}
"""SGR parameters (ECMA-48)."""


class Screen:
    """A terminal, or a pipe that is to be treated like one (FORCE_COLOR)."""

    def __init__(self, columns: int, rows: int, *, has_colours: bool) -> None:
        self.columns = columns
        self.rows = rows
        self.has_colours = has_colours

    def paint(self, text: str, *colours: str) -> str:
        """The text in colours, where there are any."""
        if not (self.has_colours and text):
            return text
        return f"\x1b[{';'.join(str(COLOURS[name]) for name in colours)}m{text}\x1b[0m"


def screen_of(file: TextIO) -> Screen | None:
    """The terminal that a stream is; None for a pipe or a file.

    NO_COLOR takes the colours away (no-color.org); FORCE_COLOR gives them also through a pipe,
    which then is written to as a terminal is.
    """
    is_forced = os.environ.get("FORCE_COLOR", "0") not in ("", "0")
    if not (file.isatty() or is_forced):
        return None
    try:
        columns, rows = os.get_terminal_size(file.fileno())
    except (OSError, ValueError):
        columns = rows = 0
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    has_colours = not os.environ.get("NO_COLOR") if is_forced else not is_plain
    if has_colours and sys.platform == "win32":
        os.system("")  # noqa: S605 - makes the console act on colours
    return Screen(columns or 80, rows or 24, has_colours=has_colours)
