"""The two keys by which errors are compared: made of what an error says, not of where it stands."""

import hashlib
import re
from dataclasses import dataclass

from genesis_mcp.diagnostics.found import FoundError
from genesis_mcp.diagnostics.normalise import normalise
from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.redact import redact

SIGNATURE_VERSION = 7
"""Raised when a change gives an old error another key: rows of an older version are read anew. No
part of the keys: what reads the same keeps its group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureKeys:
    """Two keys of 16 hexadecimal characters; equal `exact` keys have equal `group` keys."""

    group: str
    """The same error wherever, whenever and with whatever numbers it occurs: for lists, counts."""
    exact: str
    """The same error with the same values: "expected 5" against "expected 7" is progress."""


def signature_keys(error: FoundError) -> SignatureKeys:
    """The keys of an error: of its type and its normalised message, never of a line number.

    Secrets are replaced first: a store that holds none has the same keys.
    """
    message = redact(error.message)
    group = normalise(_without_values(error, message), keep_numbers=False)
    beside = _beside(error, group)
    beside = beside and normalise(redact(beside), keep_numbers=False)
    exact = normalise(message, keep_numbers=True)
    key = _key(error, group, beside)
    return SignatureKeys(group=key, exact=key if exact == group else _key(error, exact, beside))


_PLACEHOLDER = pattern(r"<[a-z]+>")
_WORD = pattern(r"[^\W\d_]{2,}")
_SAYS_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "actual and assert assertion be but equal equals error esperado exception expected fail "
        "failed failure false got instead is left mas none not null obtido of received right "
        "strictly than that to true undefined value values was were "
        # What a runtime says of any list, of any division, and of any program that a signal ends.
        "array at bounds by divide divided division float for index integer len length list modulo "
        "of out outside range runtime string the with zero invalid syntax segmentation fault "
        "aborted killed terminated core dumped bus expect tobe toequal object equality deep",
    )
)


def _without_values(error: FoundError, message: str) -> str:
    """The message; of a failed assertion that has a message of its own, only that one."""
    message = message.removesuffix(redact(error.values)).rstrip() if error.values else message
    own, assertion, _ = message.partition(" assert ")
    return own if assertion and error.type == "AssertionError" else message


def _beside(error: FoundError, message: str) -> str:
    """What decides where the message does not: "4 != 5" may come from any test.

    The function that failed and its line of source, or else the file, whose number may be that of
    an attempt. A message of its own stands for itself: the same error may surface in several files.
    """
    if error.is_summary:
        return error.beside
    if not _is_generic(error, message):
        return ""
    return error.beside or re.split(r"[/\\]", error.file or "")[-1]


def _key(error: FoundError, message: str, beside: str) -> str:
    # "Error" says as little as no type: the same error is printed with a stack and without one.
    name = "" if error.type in (None, "Error") else error.type
    parts = [name, message, *filter(None, [beside])]
    return hashlib.blake2b("\n".join(parts).encode(errors="replace"), digest_size=8).hexdigest()


def _is_generic(error: FoundError, message: str) -> bool:
    """Whether the message has no word beyond those that every failed assertion has."""
    if error.message == error.type:
        return True
    for word in message.lower().split():  # most messages say something with their first word
        if word.isalpha() and len(word) > 1 and word not in _SAYS_NOTHING:
            return False
    return _SAYS_NOTHING.issuperset(_WORD.findall(_PLACEHOLDER.sub("", message).lower()))
