"""What a writer tells beyond our fields, made to fit into `context`: shortened, never refused."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from genesis_mcp.runs.model import CONTEXT_BYTES_MAX
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.text.clean import clean_line, scrub

SHORTENED = "shortened"
"""The key that says what was shortened or left out."""

NAME_CHARS_MAX = 100
"""Characters of a key; longer ones are cut when the context does not fit."""

VALUE_BYTES = (4096, 1024, 256)
"""To what the values are shortened, in turn, until the whole fits."""

DEPTH_MAX = 50
"""Levels of nesting; what lies deeper is kept as text."""

READABLE_DEPTH = 60
"""Levels that every store gives back; pydantic reads about 200."""


def fitting(context: Mapping[str, Any]) -> dict[str, Any] | None:
    """The context within CONTEXT_BYTES_MAX as JSON; None when it is empty."""
    if not context:
        return None
    kept = dict(context)
    size = _size(kept)
    if size is None:  # lone surrogates, too deep, or numbers that JSON has not
        kept = {scrub(name): _plain(value) for name, value in kept.items()}
        size = _size(kept) or 0
    if size <= CONTEXT_BYTES_MAX:
        return kept
    note = f"{size:,} bytes of JSON; long values are cut"
    for limit in VALUE_BYTES:
        cut = {clean_line(name, NAME_CHARS_MAX): _cut(value, limit) for name, value in kept.items()}
        cut[SHORTENED] = note
        if (_size(cut) or 0) <= CONTEXT_BYTES_MAX:
            return cut
    return _first_names(cut, note)


def _first_names(cut: dict[str, Any], note: str) -> dict[str, Any]:
    """As many of the names as fit, in their order."""
    del cut[SHORTENED]
    room, kept = CONTEXT_BYTES_MAX - 500, dict[str, Any]()  # for the note
    for name, value in cut.items():
        room -= (_size({name: value}) or 0) + 1
        if room < 0:
            break
        kept[name] = value
    return {**kept, SHORTENED: f"{note}, and {len(cut) - len(kept):,} names are left out"}


def _size(value: object) -> int | None:
    """Bytes as JSON; None when it cannot be JSON, or may be nested too deeply to be read again."""
    try:
        text = to_json(value)
    except (ValueError, RecursionError):
        return None
    return (
        None if text.count(b"[") + text.count(b"{") > READABLE_DEPTH < _depth(value) else len(text)
    )


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _cut(value: object, limit: int) -> object:
    if (_size(value) or 0) <= limit:
        return value
    text = value if isinstance(value, str) else to_json(value).decode()
    return cap_text(text, limit // 2)  # what must be escaped takes more room as JSON


def _plain(value: object, depth: int = 0) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if not isinstance(value, dict | list):
        return value
    if depth == DEPTH_MAX:
        try:
            return scrub(json.dumps(value))
        except RecursionError:
            return "[... nested too deeply ...]"
    if isinstance(value, list):
        return [_plain(one, depth + 1) for one in value]
    return {scrub(name): _plain(one, depth + 1) for name, one in value.items()}
