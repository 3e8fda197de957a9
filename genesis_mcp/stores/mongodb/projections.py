"""What is read of a document: facts, what grouping needs, texts whole or their two ends."""

from typing import Any

from genesis_mcp.runs.model import SIZES, TEXTS
from genesis_mcp.stores.mongodb.conditions import SOURCES, TOLD_KIND_BY_FIELDS, Filter
from genesis_mcp.stores.mongodb.documents import (
    COUNTS,
    GIVEN_EXIT_CODE,
    NAMES,
    SIDE_TEXT,
    TOLD_KIND,
)

TIME_FIELDS = {"timestamp": 1, "time": 1, "recorded_at": 1}
FAILURE_FIELDS = TIME_FIELDS | {"spec_id": 1, "signature": 1, "iteration": 1}

NOTED_FIELDS = TIME_FIELDS | {"doubt": 1}


def _if_text(source: Any, then: Any, otherwise: Any) -> Filter:
    """An expression that is safe on any document: $strLenBytes fails on what is no text."""
    return {"$cond": [{"$eq": [{"$type": source}, "string"]}, then, otherwise]}


def _size(name: str, size: str) -> Filter:
    source = SOURCES[name]
    return {"$ifNull": [f"${size}", _if_text(source, {"$strLenBytes": source}, 0)]}


_FACTS = (
    *("timestamp", "time", "kind", "level", "iteration", "exit_code", GIVEN_EXIT_CODE),
    *("outcome", "duration_ms", "context", "signature", *NAMES, *COUNTS, "recorded_at"),
)
FACTS_PROJECTION: dict[str, Any] = {
    **dict.fromkeys(_FACTS, 1),
    TOLD_KIND: TOLD_KIND_BY_FIELDS,
    **{size: _size(name, size) for name, size in zip(TEXTS, SIZES, strict=True)},
}


def run_projection(text_bytes: int | None) -> dict[str, Any] | None:
    """Facts and texts; of a text longer than `text_bytes` its two ends and its size.

    Without `text_bytes` the whole document: what another writer put there is part of the run.
    """
    if text_bytes is None:
        return None
    projection = FACTS_PROJECTION | {SIDE_TEXT: 1}
    if text_bytes == 0:
        return projection
    for name, source in SOURCES.items():
        is_long = {"$gt": [{"$strLenBytes": source}, text_bytes]}
        whole = {"$cond": [is_long, "$$REMOVE", source]}
        ends = {"$cond": [is_long, _ends(source, text_bytes), "$$REMOVE"]}
        projection[name] = _if_text(source, whole, source)
        projection[f"{name}_ends"] = _if_text(source, ends, "$$REMOVE")
    return projection


def _ends(source: Any, text_bytes: int) -> Filter:
    # In characters, of which each is a byte at least: enough of both ends.
    first_of_tail = {"$max": [0, {"$subtract": [{"$strLenCP": source}, text_bytes]}]}
    return {
        "head": {"$substrCP": [source, 0, text_bytes]},
        "tail": {"$substrCP": [source, first_of_tail, text_bytes]},
        "bytes": {"$strLenBytes": source},
    }
