"""A terminal of its own for a command's output (POSIX), whose bytes stay as they were written."""

import fcntl
import os
import sys
import termios
from contextlib import suppress

SIZE_WITHOUT_TERMINAL = (24).to_bytes(2, sys.byteorder) + (80).to_bytes(2, sys.byteorder) + bytes(4)
"""Rows and columns where no terminal of ours has a size: a `struct winsize`."""


def open_terminal() -> tuple[int, int]:
    """The two descriptors of a new terminal: ours, and the command's.

    It does not turn line feeds into something else, and whoever reads it is at its end at once.

    Raises:
        OSError: the system has none left.
    """
    ours, theirs = os.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~(termios.ICANON | termios.ECHO)
    attributes[6][termios.VMIN] = attributes[6][termios.VTIME] = 0
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    give_our_size(ours)
    return ours, theirs


def give_our_size(ours: int) -> None:
    """Make a terminal as large as the one that this process has."""
    size = SIZE_WITHOUT_TERMINAL
    for descriptor in (1, 2, 0):
        with suppress(OSError):
            size = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
            break
    with suppress(OSError):  # the command has ended
        fcntl.ioctl(ours, termios.TIOCSWINSZ, size)
