"""What counts as what in a document, in the server's terms; documents.py says the same of one read.

Filters, which find documents by an index, and expressions, which tell it of each in a pipeline.
"""

import math
from typing import Any

from genesis_mcp.runs.kinds import GRAVE_SPELLINGS, WHERE_CODES_CAN_BE_LEFT_OUT
from genesis_mcp.runs.model import FAILED_OUTCOMES
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN

Filter = dict[str, Any]

FAILED_CODE: Filter = {"exit_code": {"$type": "number", "$nin": [0, math.nan]}}
# The same, in a form for which no index is considered: v1.0's index on exit_code would draw the
# planner into reading and sorting every failure there is.
FAILED_CODE_UNINDEXED: Filter = {
    "$nor": [
        {"exit_code": {"$not": {"$type": "number"}}},
        {"exit_code": {"$in": [0, math.nan]}},
    ]
}
# pino-mongodb's lines have their text in msg, and an error's stack in err.stack or stack.
SOURCES: dict[str, Any] = {
    "message": {"$ifNull": ["$message", "$msg"]},
    "stdout": "$stdout",
    "stderr": {"$ifNull": ["$stderr", {"$ifNull": ["$err.stack", "$stack"]}]},
    "code_snapshot": "$code_snapshot",
}
# Which fields have a value, of a document without exit code, kind and level.
_TOLD: dict[str, Any] = {
    "message": {"$gt": [SOURCES["message"], ""]},
    **{name: {"$gt": [f"${name}", ""]} for name in ("stdout", "stderr", "code_snapshot")},
    **{name: {"$gt": [f"${name}", None]} for name in ("iteration", "duration_ms")},
}
*_DECIDING, _OTHERWISE = WHERE_CODES_CAN_BE_LEFT_OUT
TOLD_KIND_BY_FIELDS: Filter = {
    "$switch": {
        "branches": [
            {"case": {"$and": [_TOLD[name] for name in rule.told]}, "then": rule.kind}
            for rule in _DECIDING
            if _TOLD.keys() >= set(rule.told)
        ],
        "default": _OTHERWISE.kind,
    }
}
_UNTOLD: Filter = {"kind": None, "level": None}
EVENT: Filter = {
    "exit_code": None,
    "$or": [
        {"kind": "event"},
        {"kind": None, "level": {"$ne": None}},
        {**_UNTOLD, "$expr": {"$eq": [TOLD_KIND_BY_FIELDS, "event"]}},
    ],
}
FAILED_EVENT: Filter = {
    "level": {"$in": list(GRAVE_SPELLINGS)},
    "exit_code": None,
    "kind": {"$in": ["event", None]},
}
SUITE: Filter = {"exit_code": None, "kind": "suite"}
FAILED_SUITE: Filter = {**SUITE, "outcome": {"$in": sorted(FAILED_OUTCOMES)}}
FAILED_OF: dict[str, Filter] = {
    "run": FAILED_CODE,
    "event": FAILED_EVENT,
    "suite": FAILED_SUITE,
}
"""By the kind of what failed."""
RUN: Filter = {"$nor": [EVENT, SUITE]}
ATTEMPT: Filter = {"$nor": [EVENT]}
# RUN in two parts, of which the first is counted in an index, without reading a document.
RUN_IN_PARTS: list[Filter] = [
    {"exit_code": {"$ne": None}},
    {
        "exit_code": None,
        "kind": {"$nin": ["event", "suite"]},
        "$or": [
            {"kind": {"$ne": None}},
            {**_UNTOLD, "$expr": {"$eq": [TOLD_KIND_BY_FIELDS, "run"]}},
        ],
    },
]
NOT_FAILED: Filter = {"$nor": [FAILED_CODE_UNINDEXED, FAILED_EVENT, FAILED_SUITE]}
OF_KINDS: dict[tuple[str, ...], Filter] = {
    ("run",): RUN,
    ("run", "suite"): ATTEMPT,
    ("event",): EVENT,
    ("run", "event"): {"$nor": [SUITE]},
    ("run", "event", "suite"): {},
}
"""By the kinds that a query wants."""

NO_TIMESTAMP: Filter = {
    "$or": [
        {"timestamp": {"$not": {"$gte": TIMESTAMP_MIN}}},
        {"timestamp": {"$not": {"$lt": TIMESTAMP_END}}},
    ]
}
NO_TIME: Filter = {
    "$or": [
        {"time": {"$not": {"$gte": TIMESTAMP_MIN}}},
        {"time": {"$not": {"$lt": TIMESTAMP_END}}},
    ]
}
NO_TIME_OF_ITS_OWN: Filter = {"$and": [NO_TIMESTAMP, NO_TIME]}

# --- the same as expressions, for stages that count -----------------------------------------------


def _listed(value: str) -> Filter:
    return {"$cond": [{"$isArray": value}, value, [value]]}


def _is_none(value: str) -> Filter:
    return {"$lte": [value, None]}  # what is missing is less


def _is_time(value: str) -> Filter:
    is_date = {"$eq": [{"$type": value}, "date"]}
    return {"$and": [is_date, {"$gte": [value, TIMESTAMP_MIN]}, {"$lt": [value, TIMESTAMP_END]}]}


_KIND: Filter = {
    "$ifNull": ["$kind", {"$cond": [_is_none("$level"), TOLD_KIND_BY_FIELDS, "event"]}]
}
KIND: Filter = {"$cond": [_is_none("$exit_code"), _KIND, "run"]}
"""What a document is: "event", "suite", and anything else for a run."""

_CODES: Filter = {"$filter": {"input": _listed("$exit_code"), "cond": {"$isNumber": "$$this"}}}
_HAS_FAILED_CODE: Filter = {
    "$let": {
        "vars": {"codes": _CODES},
        "in": {
            "$and": [
                {"$ne": ["$$codes", []]},
                *({"$not": [{"$in": [code, "$$codes"]}]} for code in (0, math.nan)),
            ]
        },
    }
}


def has_failed(kind: str) -> Filter:
    """Whether a run or a suite has failed, no event; `kind` names where its KIND stands."""
    is_failed_suite = {"$in": ["$outcome", sorted(FAILED_OUTCOMES)]}
    return {"$cond": [{"$eq": [kind, "suite"]}, is_failed_suite, _HAS_FAILED_CODE]}


_TIMES: Filter = {"$concatArrays": [_listed("$timestamp"), _listed("$time")]}
_TOLD_TIME: Filter = {
    "$arrayElemAt": [{"$filter": {"input": _TIMES, "cond": _is_time("$$this")}}, 0]
}
_TIME_OF_ID: Filter = {
    "$cond": [{"$eq": [{"$type": "$_id"}, "objectId"]}, {"$toDate": "$_id"}, TIMESTAMP_MIN]
}
MOMENT: Filter = {
    "$cond": [_is_time("$timestamp"), "$timestamp", {"$ifNull": [_TOLD_TIME, _TIME_OF_ID]}]
}
"""Its own time, else that of its ObjectId, else the earliest time there is."""


def label(name: str) -> Filter:
    """A label; None where it is no text."""
    is_text = {"$eq": [{"$type": f"${name}"}, "string"]}
    return {"$cond": [{"$and": [is_text, {"$ne": [f"${name}", ""]}]}, f"${name}", None]}
