"""Text of a log, and names, made safe to show: cleaned and redacted."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from genesis_mcp.diagnostics.recogniser import Frame, is_own
from genesis_mcp.runs.model import LABEL_CHARS_MAX
from genesis_mcp.runs.names import shown_exactly
from genesis_mcp.text.clean import clean, clean_line
from genesis_mcp.text.personal_numbers import Kind, without_personal_numbers
from genesis_mcp.text.redact import redact

ERROR_CHARS_MAX = 160
"""Characters of an error's own line in a list."""

# What may stand outside the fence, and in a call, just as it is: no spaces, so no sentences.
_LONG_PATH = re.compile(r"^(?:[A-Za-z]:|file://)?(?:[/\\][^/\\]+){2,}(?=(?:[/\\][^/\\]+){2}$)")
"""What stands before the last two of four segments or more of an absolute path."""

_PLAIN_NAME = re.compile(r"[\w./:@+=,#\[\]()-]{1,200}")


_secrets_are_shown: ContextVar[bool] = ContextVar("secrets_are_shown", default=False)
_hidden_also: ContextVar[tuple[Kind, ...]] = ContextVar("hidden_also", default=())


@contextmanager
def showing_secrets() -> Iterator[None]:
    """Within this, texts are shown with their secrets (`GENESIS_REDACT=off`)."""
    before = _secrets_are_shown.set(True)
    try:
        yield
    finally:
        _secrets_are_shown.reset(before)


@contextmanager
def hiding_secrets() -> Iterator[None]:
    """Within this, texts are shown without their secrets, whatever was said before."""
    before = _secrets_are_shown.set(False)
    try:
        yield
    finally:
        _secrets_are_shown.reset(before)


@contextmanager
def hiding_also(kinds: Iterable[Kind]) -> Iterator[None]:
    """Within this, these personal numbers are replaced, too (`GENESIS_REDACT_ALSO`)."""
    before = _hidden_also.set(tuple(kinds))
    try:
        yield
    finally:
        _hidden_also.reset(before)


def readable(text: str) -> str:
    """A whole text as it may be shown: cleaned, secrets replaced, the same lines."""
    cleaned = clean(text)
    if _secrets_are_shown.get():
        return cleaned
    return without_personal_numbers(redact(cleaned), _hidden_also.get())


def shown_line(text: str, limit: int = ERROR_CHARS_MAX) -> str:
    """A text as one line that may be shown; redacted before it is cut, so no half secret stays."""
    return clean_line(readable(text), limit)


def shown_name(name: str | None) -> str | None:
    """A spec id, service or sprint as it may be shown; whole, so that it can be asked for."""
    if name is None:
        return None
    shown = readable(shown_exactly(name))
    return shown if len(shown) <= LABEL_CHARS_MAX else clean_line(shown, LABEL_CHARS_MAX)


def is_plain_name(name: str | None) -> bool:
    """Whether a name can be repeated in a call without becoming a sentence."""
    return name is not None and _PLAIN_NAME.fullmatch(name) is not None


def told_place(location: str | None, *, short: bool = False) -> str:
    """` (path:line)` for behind an error; a library's is told as one: no fix is made there.

    `short`: of a long absolute path its last two segments, behind a mark of what was left out.
    """
    if not location:
        return ""
    library = "" if is_own(Frame(location, None)) else "in a library: "
    place = _LONG_PATH.sub("…", location) if short else location
    return f" ({library}{place})"
