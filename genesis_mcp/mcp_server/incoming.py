"""Lines of JSON-RPC as messages, and the answers to what the SDK would drop without a word.

A sender whose request is dropped waits for ever, so every line with an id gets an answer: the
SDK's, or a refusal from here. It knows nothing of pipes.
"""

import json
import logging
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcp_types import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR
from mcp_types.jsonrpc import (
    JSONRPCMessage,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from pydantic_core import from_json

from genesis_mcp.text.clean import scrub

logger = logging.getLogger(__name__)

_TOKENS = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]:,]|[^\s"{}\[\]:,]+',  # a string, a bracket, a value
    re.DOTALL,
)


DEEPEST = 200
"""Levels of nesting that the first parser takes."""

BATCH_MESSAGES_MAX = 1_000
"""A batch is read while nobody else is answered: a line of 5 MB may hold millions of messages."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line asks for."""

    messages: tuple[JSONRPCMessage, ...] = ()
    """For the SDK."""
    refusals: tuple[str, ...] = ()
    """Answers, as JSON, to what is no message."""
    is_batch: bool = False


def read_line(raw: bytes) -> Line:
    """The messages of a line, or of a batch (2025-03-26), and the answers to what is none."""
    text = raw.decode("utf-8-sig", "replace").strip()
    if not text:
        return Line()
    try:
        found = _parsed(text)
    except ValueError as error:
        return Line(refusals=tuple(_refusals_of_unread(text, str(error))))
    if not isinstance(found, list):
        return _read([found])
    if not found:
        return Line(refusals=(refusal(None, INVALID_REQUEST, "The batch is empty."),))
    if len(found) > BATCH_MESSAGES_MAX:
        most = f"A batch has at most {BATCH_MESSAGES_MAX:,} messages; none of these was read."
        return Line(refusals=(refusal(None, INVALID_REQUEST, most),))
    return _read(found, is_batch=True)


def refusal(request_id: object, code: int, message: str) -> str:
    """An error as the answer to a request; its id is null where JSON-RPC knows none such."""
    is_id = isinstance(request_id, str | int | float) and not isinstance(request_id, bool)
    if isinstance(request_id, float) and not math.isfinite(request_id):
        is_id = False
    error = {"code": code, "message": message}
    return json.dumps({"jsonrpc": "2.0", "id": request_id if is_id else None, "error": error})


def _read(found: list[Any], *, is_batch: bool = False) -> Line:
    messages: list[JSONRPCMessage] = []
    refusals: list[str] = []
    for one in found:
        read = _message(one)
        if isinstance(read, str):
            refusals.append(read)
        elif read is not None:
            messages.append(read)
    return Line(tuple(messages), tuple(refusals), is_batch)


def _message(found: Any) -> JSONRPCMessage | str | None:
    """The message, or its refusal; None where nobody waits for an answer."""
    if not isinstance(found, dict):
        return refusal(None, INVALID_REQUEST, "A message is an object.")
    try:
        message = jsonrpc_message_adapter.validate_python(found, by_name=False)
    except ValidationError:
        message = None
    # With an id that is none the SDK takes a request for a notification.
    if message is not None and not ("id" in found and isinstance(message, JSONRPCNotification)):
        return message
    is_notification = "id" not in found and isinstance(found.get("method"), str)
    if is_notification or (("result" in found or "error" in found) and "method" not in found):
        logger.info("a message that nobody waits for was malformed, and dropped")
        return None
    return refusal(found.get("id"), *_what_is_wrong(found))


def _what_is_wrong(found: dict[str, Any]) -> tuple[int, str]:
    if found.get("jsonrpc") != "2.0":
        return INVALID_REQUEST, 'jsonrpc: must be "2.0".'
    if not isinstance(found.get("method"), str):
        return INVALID_REQUEST, "method: must be a text."
    if not isinstance(found.get("params", {}), dict | None):
        return INVALID_PARAMS, "params: must be an object."
    return INVALID_REQUEST, "id: must be a text or a whole number."


def _refusals_of_unread(text: str, reason: str) -> Iterator[str]:
    """The answers to a line that the parser does not take."""
    if "recursion limit" not in reason:
        yield refusal(None, PARSE_ERROR, "The line is no JSON.")
        return
    ids = list(_ids(text)) or [None]
    for request_id in ids:
        yield refusal(request_id, INVALID_REQUEST, "The message is nested too deep.")


def _ids(text: str) -> Iterator[Any]:
    """The ids of a message, or of a batch, that is too deep to be parsed."""
    own_depth = 2 if text.startswith("[") else 1
    depth, last = 0, ("", "")
    for token in _TOKENS.finditer(text):
        found = token[0]
        if depth == own_depth and last == ('"id"', ":"):
            try:
                yield json.loads(found)
            except ValueError:
                yield None
        depth += (found in ("{", "[")) - (found in ("}", "]"))
        last = (last[1], found)


def _parsed(text: str) -> Any:
    """A line's JSON; lone surrogates, as captures made with `surrogateescape` have, become U+FFFD.

    The first parser takes none, and a line without them is read once.
    """
    try:
        return from_json(text)
    except ValueError:
        if "\\ud" not in text and "\\uD" not in text:
            raise
    try:
        return _scrubbed(json.loads(text))
    except RecursionError:
        raise ValueError("recursion limit") from None


def _scrubbed(value: Any, room: int = DEEPEST) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if not isinstance(value, list | dict):
        return value
    if not room:
        raise RecursionError
    if isinstance(value, list):
        return [_scrubbed(one, room - 1) for one in value]
    return {scrub(name): _scrubbed(one, room - 1) for name, one in value.items()}
