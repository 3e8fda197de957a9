"""What a recogniser of errors reports, and which stack frame is the code under test.

Shared by the recognisers of each ecosystem; it recognises nothing itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from re import Pattern
from typing import NamedTuple

from genesis_mcp.text.pattern import pattern

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
    values: str = ""
    """What came and what was expected, to be shown behind the message: another value is another
    failure of the same error."""
    beside: str = ""
    """What tells this error from others when its message does not: the function that failed and
    its line of source, the program that died, the lines that a summary sums up."""

    def moved(self, lines: int) -> "Hit":
        """The same in a text that has so many lines above."""
        return replace(self, line_number=self.line_number + lines)


_LIBRARY = pattern(
    r"site-packages|dist-packages|node_modules|[/\\]lib[/\\]python\d|[/\\]importlib[/\\]"
    r"|[/\\]unittest[/\\]|[/\\]_?pytest[/\\]|-wrapper$|[/\\]\.cargo[/\\]registry|/go/src/|/go/pkg/mod/"
    r"|[/\\]gems[/\\]|[/\\]vendor[/\\]|\.yarn[/\\]|\.pnp\.c?js$|webpack[/\\](?:bootstrap|runtime)"
    r"|/rustlib/|/library/(?:std|core)/"
)
_LIBRARY_ROOT = pattern(
    r"node:|java(?:x|/(?:io|lang|math|net|nio|security|sql|text|time|util))/|jdk/internal/|sun/"
    r"|(?:kotlin|scala|groovy)/|org/(?:junit|opentest4j|testng|hamcrest|assertj|gradle|mockito)/"
    r"|internal[/:]|<(?!stdin>)|native$|/rustc/|_testmain\.go$"
    r"|/usr/(?:s?bin|include|lib|share|local/lib|local/share|local/go)/"
    r"|/usr/local/s?bin/[^/.]+$"
    r"|\.\./(?:\.\./)*(?:sysdeps|csu|src/libsanitizer)/"
    r"|https?://(?:jsr\.io|deno\.land|esm\.sh|cdn\.|unpkg\.com)|(?:ext|bun|deno):|\[native code"
)
_OF_LIBRARIES = (
    "-packages", "node_modules", "lib", "unittest", "pytest", "-wrapper", "registry", "/go/",
    "gems", "vendor", ".yarn", ".pnp", "webpack",
)  # fmt: skip
"""Of these one stands in each path of a library that does not begin like one."""
_NOWHERE = pattern(r"node:|internal[/:]|<|\[native|native$|ext:|bun:|deno:")
"""Places inside a runtime, which no one can open."""


def own_frame(frames: Sequence[Frame]) -> Frame | None:
    """The innermost frame that is no library's, or the innermost; frames come innermost first."""
    for frame in frames:
        if is_own(frame):
            return frame
    return next((frame for frame in frames if not _NOWHERE.match(frame.file)), None)


def is_own(frame: Frame) -> bool:
    """Whether the frame is code under test, as far as its path tells."""
    file = frame.file
    if _LIBRARY_ROOT.match(file):
        return False
    for part in _OF_LIBRARIES:
        if part in file:
            return not _LIBRARY.search(file)
    return True


def join_until(lines: Lines, start: int, stop: Pattern[str], limit: int) -> str:
    """The non-empty lines from `start` to the first that matches `stop`, as one text."""
    taken = []
    for line in lines[start : start + limit]:
        if stop.match(line):
            break
        taken.append(line.strip())
    return " ".join(filter(None, taken))


_TELLS = pattern(r"[^\W\d_]{3}")
_OPENING = "{[("
FIRST_PART = 12
"""Lines that the first telling part of a message may have."""


def first_telling(message: str, lines: Lines, below: int) -> str:
    """The message, and of one that only opens something the next lines as well."""
    parts = [message.strip()]
    for line in lines[below : below + FIRST_PART]:
        whole = " ".join(parts)
        is_open = whole.endswith((":", ",", *_OPENING)) or (
            whole.startswith(tuple(_OPENING)) and _depth(whole) > 0
        )
        if not is_open and _TELLS.search(whole):
            break
        if line.strip():
            parts.append(line.strip())
    return " ".join(filter(None, parts))


def _depth(text: str) -> int:
    return sum(map(text.count, _OPENING)) - sum(map(text.count, "}])"))


def with_cause(message: str, cause: tuple[str | None, str] | None) -> str:
    """The message of what was thrown, and what led to it: `no freight <- KeyError: 'AM'`."""
    told = ": ".join(filter(None, cause or ()))
    return f"{message} <- {told}".strip() if told and told not in message else message
