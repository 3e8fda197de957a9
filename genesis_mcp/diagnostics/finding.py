"""Finds the error in what a failed run printed, and makes the two keys that compare errors.

It decides neither whether a run failed nor what a reader is shown. The recognisers of each
ecosystem stand in modules of their own; the table here is their order.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from genesis_mcp.diagnostics.formats import build_tools as tool_errors
from genesis_mcp.diagnostics.formats import compiled as compiled_errors
from genesis_mcp.diagnostics.formats import javascript as javascript_errors
from genesis_mcp.diagnostics.formats import plain as plain_errors
from genesis_mcp.diagnostics.formats import python as python_errors
from genesis_mcp.diagnostics.formats import scripts as script_errors
from genesis_mcp.diagnostics.normalise import normalise
from genesis_mcp.diagnostics.parts_seen import SeenText, seen_text
from genesis_mcp.diagnostics.recogniser import Hit, Recogniser
from genesis_mcp.text.clean import clean, clean_line
from genesis_mcp.text.redact import redact

__all__ = [
    "SIGNATURE_VERSION",
    "FoundError",
    "SignatureKeys",
    "find_error",
    "normalise",
    "signature_keys",
]

SIGNATURE_VERSION = 3
"""Part of every key: raise it when a change here gives an old error another key."""

LONGEST_MESSAGE = 300
LONGEST_FILE = 300

Stream = Literal["stderr", "stdout", "message"]

# Tried one after the other, each tier on every stream before the next tier: a traceback on stdout
# tells more than a word on stderr. Within a tier the more specific recogniser comes first.
_TIERS: tuple[tuple[Recogniser, ...], ...] = (
    (
        *python_errors.RECOGNISERS,
        *script_errors.RECOGNISERS,
        *javascript_errors.RECOGNISERS,
        *tool_errors.LINTERS,
        *compiled_errors.RECOGNISERS,
        *tool_errors.BUILDS,
    ),
    plain_errors.NAMED,
    plain_errors.WORDED,
    plain_errors.WEAKER,
    plain_errors.LAST_LINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundError:
    """The error that a run failed with, as far as its output tells."""

    type: str | None
    """As printed: "ValueError", "java.lang.IllegalStateException", "E0308"; None: none is told."""
    message: str
    """One line of 1 to 300 characters."""
    file: str | None
    """The path as printed, of the code under test rather than of a library."""
    line: int | None
    """Counts from 1, as printed."""
    stream: Stream
    line_number: int
    """Index, from 0, of the error's own line in `clean(the stream).split("\\n")`."""

    @property
    def location(self) -> str | None:
        """`file:line`, or the file alone."""
        return f"{self.file}:{self.line}" if self.file and self.line is not None else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureKeys:
    """Two keys of 16 hexadecimal characters; equal `exact` keys have equal `group` keys."""

    group: str
    """The same error wherever, whenever and with whatever numbers it occurs: for lists, counts."""
    exact: str
    """The same error with the same values: "expected 5" against "expected 7" is progress."""


def find_error(
    *, stdout: str, stderr: str, message: str | None = None, guess: bool = True
) -> FoundError | None:
    """The error in the raw output of a run that is known to have failed; None: nothing is printed.

    `message` is what the recorder of the run logged. Without `guess`, only what is surely an error
    counts, not just a line with an error word or the last one. Linear in the length of the texts;
    of long ones the parts are analysed that `parts` chooses.
    """
    texts: tuple[tuple[Stream, str], ...] = (
        ("stderr", stderr),
        ("stdout", stdout),
        ("message", message or ""),
    )
    seen = cache(lambda text: seen_text(clean(text)))  # when it is its turn, and once
    for tier in _TIERS if guess else _TIERS[:2]:
        for stream, text in texts:
            if text and (hit := next(_hits(seen(text), tier), None)):
                return _found(hit, stream, seen(text))
    return None


def signature_keys(error: FoundError) -> SignatureKeys:
    """The keys of an error: of its type and its normalised message, never of a line number.

    Secrets are replaced first: a store that holds none has the same keys.
    """
    error = replace(error, message=redact(error.message))
    return SignatureKeys(
        group=_key(error, normalise(_without_values(error), keep_numbers=False)),
        exact=_key(error, normalise(error.message, keep_numbers=True)),
    )


def _hits(text: SeenText, tier: tuple[Recogniser, ...]) -> Iterator[Hit]:
    for recogniser in tier:
        may_hit = not recogniser.hints or any(hint in text.text for hint in recogniser.hints)
        if may_hit and (hit := recogniser.find(text.lines)):
            yield hit


def _found(hit: Hit, stream: Stream, text: SeenText) -> FoundError:
    message = clean_line(hit.message, LONGEST_MESSAGE)
    file = clean_line(hit.frame.file.removeprefix("file://"), LONGEST_FILE) if hit.frame else None
    return FoundError(
        type=hit.type,
        message=message or hit.type or clean_line(text.lines[hit.line_number], LONGEST_MESSAGE),
        file=file or None,
        line=hit.frame.line if hit.frame else None,
        stream=stream,
        line_number=text.number(hit.line_number),
    )


_PLACEHOLDER = re.compile(r"<[a-z]+>")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAYS_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "actual and assert assertion be but equal equals error esperado exception expected fail "
        "failed failure false got instead is left mas none not null obtido of received right "
        "strictly than that to true undefined value values was were "
        # What a runtime says of any list, and of any division.
        "array at bounds by divide divided division float for index integer len length list modulo "
        "of out outside range runtime string the with zero",
    )
)


def _without_values(error: FoundError) -> str:
    """The message; of a failed assertion that has a message of its own, only that one."""
    own, assertion, _ = error.message.partition(" assert ")
    return own if assertion and error.type == "AssertionError" else error.message


def _key(error: FoundError, message: str) -> str:
    # "Error" says as little as no type: the same error is printed with a stack and without one.
    name = "" if error.type in (None, "Error") else error.type
    parts = [str(SIGNATURE_VERSION), name, message]
    if error.file and _is_generic(error):
        # "AssertionError: 4 != 5" occurs in every test file, so here the file's name decides. A
        # message of its own stands for itself: the same error may surface in several files.
        name = re.split(r"[/\\]", error.file)[-1]
        parts.append(normalise(name, keep_numbers=False))
    return hashlib.blake2b("\n".join(parts).encode(errors="replace"), digest_size=8).hexdigest()


def _is_generic(error: FoundError) -> bool:
    """Whether the message has no word beyond those that every failed assertion has."""
    if error.message == error.type:
        return True
    message = _PLACEHOLDER.sub("", normalise(error.message, keep_numbers=False))
    return all(word in _SAYS_NOTHING for word in _WORD.findall(message.lower()))
