"""What a recogniser of errors reports, and which stack frame is the code under test.

Shared by the recognisers of each ecosystem; it recognises nothing itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Lines = Sequence[str]
"""Lines of cleaned output, each at most about 1,000 characters."""

# An error's type as most languages print it: dotted, and named after what it is.
TYPE_NAME = (
    r"(?:[A-Za-z_$][\w.$]*?)?(?:Error|Exception|Exceção|Failure|Interrupt|Timeout|Rejection)"
)


class Frame(NamedTuple):
    """A place in code."""

    file: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An error found in some lines; the message may be long, uncut and empty."""

    line_number: int
    """Index of the error's own line in the lines given."""
    message: str
    type: str | None = None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Finds one shape of error; it runs only on texts that hold one of the hints (none: always)."""

    name: str
    hints: tuple[str, ...] = ()
    find: Callable[[Lines], Hit | None]


_LIBRARY = re.compile(
    r"site-packages|dist-packages|node_modules|^node:|^internal[/:]|^<(?!stdin>)|^native$"
    r"|[/\\]lib[/\\]python\d|[/\\]importlib[/\\]|[/\\]unittest[/\\]|[/\\]_?pytest[/\\]"
    r"|-wrapper$|^/rustc/|[/\\]\.cargo[/\\]registry|/go/src/|/go/pkg/mod/"
    r"|^/usr/(?:include|lib|share|local/lib|local/share|local/go)/|[/\\]gems[/\\]"
    r"|[/\\]vendor[/\\]|^_testmain\.go$|^\.\./(?:\.\./)*(?:sysdeps|csu|src/libsanitizer)/"
)
_NOWHERE = re.compile(r"node:|internal[/:]|<")
"""Places inside a runtime, which no one can open."""


def own_frame(frames: Sequence[Frame]) -> Frame | None:
    """The innermost frame that is no library's, or the innermost; frames come innermost first."""
    own = (frame for frame in frames if not _LIBRARY.search(frame.file))
    innermost = (frame for frame in frames if not _NOWHERE.match(frame.file))
    return next(own, next(innermost, None))


def is_own(frame: Frame) -> bool:
    """Whether the frame is code under test, as far as its path tells."""
    return not _LIBRARY.search(frame.file)


def join_until(lines: Lines, start: int, stop: re.Pattern[str], limit: int) -> str:
    """The non-empty lines from `start` to the first that matches `stop`, as one text."""
    taken = []
    for line in lines[start : start + limit]:
        if stop.match(line):
            break
        taken.append(line.strip())
    return " ".join(filter(None, taken))
