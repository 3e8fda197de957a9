"""Requests of which it is sure, without the SDK's models, that the SDK would take them.

What is not plain here is not wrong: the SDK judges it. So these checks may be too strict, never too
lax, which `tests/mcp_server/test_front.py` tries with both.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BYTES_MAX = 16_384
"""Of a line that is looked at; a longer one brings a run, and no request for a list."""

INTEGER_MAX = 2**53

DEPTH_MAX = 8
"""Levels of a client's capabilities."""

OPEN_SETS = ("extensions", "experimental")
"""Capabilities that hold an object for each name, and anything in it."""

META = "io.modelcontextprotocol/"
"""Before the names of the three things that a request of 2026-07-28 says of its client."""

IMPLEMENTATION = {"name", "version", "title", "description", "websiteUrl"}


def plain_message(line: bytes) -> dict[str, Any] | None:
    """The request or notification in a line; None when that is not sure."""
    if len(line) > BYTES_MAX:
        return None
    try:
        message = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not message.keys() <= {"jsonrpc", "id", "method", "params"}:
        return None
    is_request = "id" not in message or _is_plain_id(message["id"])
    has_params = isinstance(message.get("params", {}), dict)
    is_call = message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    return message if is_request and has_params and is_call else None


def handshake_version(params: dict[str, Any]) -> object:
    """The protocol version that a plain `initialize` asks for; None when it is not plain."""
    is_plain = (
        params.keys() == {"protocolVersion", "capabilities", "clientInfo"}
        and _are_capabilities(params["capabilities"])
        and _is_implementation(params["clientInfo"])
    )
    return params["protocolVersion"] if is_plain else None


def envelope_version(params: dict[str, Any]) -> object:
    """The protocol version in the `_meta` of a plain request of 2026-07-28; None if it has none."""
    meta = params.get("_meta")
    if params.keys() != {"_meta"} or not isinstance(meta, dict):
        return None
    ours = {name.removeprefix(META): one for name, one in meta.items() if name.startswith(META)}
    is_plain = (
        ours.keys() | {"clientInfo"} == {"protocolVersion", "clientCapabilities", "clientInfo"}
        and _are_capabilities(ours["clientCapabilities"])
        and ("clientInfo" not in ours or _is_implementation(ours["clientInfo"]))
        and _is_plain_token({name: one for name, one in meta.items() if not name.startswith(META)})
    )
    return ours["protocolVersion"] if is_plain else None


def has_plain_params(params: dict[str, Any]) -> bool:
    """Whether they are those of a ping or a list, from its beginning."""
    return not params or (
        params.keys() == {"_meta"}
        and isinstance(params["_meta"], dict)
        and _is_plain_token(params["_meta"])
    )


def _is_plain_id(value: object) -> bool:
    """Whether it is written in an answer as `json.dumps` writes it."""
    if isinstance(value, str):
        return value.isascii() and value.isprintable() and not {'"', "\\"} & set(value)
    return type(value) is int and abs(value) < INTEGER_MAX


def _is_plain_token(meta: dict[str, Any]) -> bool:
    return not meta or (meta.keys() == {"progressToken"} and _is_plain_id(meta["progressToken"]))


def _are_capabilities(value: object) -> bool:
    return (
        isinstance(value, dict)
        and _are_known({name: one for name, one in value.items() if name not in OPEN_SETS})
        and all(_is_open_set(value[name]) for name in OPEN_SETS if name in value)
    )


def _is_open_set(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, dict) and _is_plain_json(one, DEPTH_MAX) for one in value.values()
    )


def _are_known(value: object, depth: int = DEPTH_MAX) -> bool:
    """Whether it is objects in objects, and nothing but the one truth that all versions know."""
    if not isinstance(value, dict) or not depth:
        return False
    return all(
        isinstance(one, bool) if name == "listChanged" else _are_known(one, depth - 1)
        for name, one in value.items()
    )


def _is_plain_json(value: object, depth: int) -> bool:
    """Whether every parser of JSON takes it for the same."""
    if isinstance(value, dict | list) and depth:
        inner = value.values() if isinstance(value, dict) else value
        return all(_is_plain_json(one, depth - 1) for one in inner)
    return isinstance(value, str | bool) or (type(value) is int and abs(value) < INTEGER_MAX)


def _is_implementation(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"name", "version"} <= value.keys() <= IMPLEMENTATION
        and all(isinstance(one, str) for one in value.values())
    )
