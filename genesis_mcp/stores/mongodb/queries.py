"""What is asked of MongoDB, as filters and projections; nothing here talks to a server.

Every operator is written here: from a caller come only values to compare with, as text, numbers
and times, and a pattern made of letters and digits.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bson.objectid import ObjectId

from genesis_mcp.runs.identifiers import after_beginning
from genesis_mcp.runs.kinds import GRAVE_SPELLINGS, WHERE_CODES_CAN_BE_LEFT_OUT
from genesis_mcp.runs.model import FAILED_OUTCOMES, SIZES, TEXTS, UINT32_MAX
from genesis_mcp.runs.query import Attempt, Cursor, RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN
from genesis_mcp.stores.mongodb.documents import (
    COUNTS,
    GIVEN_EXIT_CODE,
    NAMES,
    SIDE_TEXT,
    TOLD_KIND,
)
from genesis_mcp.stores.mongodb.indexes import (
    BY_TIME,
    EVENTS,
    LABEL_INDEXES,
    LINES,
    Indexes,
)
from genesis_mcp.stores.words import is_searchable, words
from genesis_mcp.text.clean import scrub

Filter = dict[str, Any]
MILLISECOND = timedelta(milliseconds=1)
TIMELESS_END = TIMESTAMP_MIN + MILLISECOND
"""Before this stand the documents that tell no time at all."""

PATTERN_CHARS_MAX = 4_000
"""A longer text is in no log line; the server refuses patterns of 32 KB."""

_LETTER, _GAP = r"[\p{L}\p{N}]", r"[^\p{L}\p{N}]+"

# --- what counts as what; documents.py says the same of a document that was read -----------------

_FAILED_CODE: Filter = {"exit_code": {"$type": "number", "$nin": [0, math.nan]}}
# The same, in a form for which no index is considered: v1.0's index on exit_code would draw the
# planner into reading and sorting every failure there is.
_FAILED_CODE_UNINDEXED: Filter = {
    "$nor": [
        {"exit_code": {"$not": {"$type": "number"}}},
        {"exit_code": {"$in": [0, math.nan]}},
    ]
}
# pino-mongodb's lines have their text in msg, and an error's stack in err.stack or stack.
_SOURCES: dict[str, Any] = {
    "message": {"$ifNull": ["$message", "$msg"]},
    "stdout": "$stdout",
    "stderr": {"$ifNull": ["$stderr", {"$ifNull": ["$err.stack", "$stack"]}]},
    "code_snapshot": "$code_snapshot",
}
# Which fields have a value, of a document without exit code, kind and level.
_TOLD: dict[str, Any] = {
    "message": {"$gt": [_SOURCES["message"], ""]},
    **{name: {"$gt": [f"${name}", ""]} for name in ("stdout", "stderr", "code_snapshot")},
    **{name: {"$gt": [f"${name}", None]} for name in ("iteration", "duration_ms")},
}
*_DECIDING, _OTHERWISE = WHERE_CODES_CAN_BE_LEFT_OUT
_TOLD_KIND: Filter = {
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
_EVENT: Filter = {
    "exit_code": None,
    "$or": [
        {"kind": "event"},
        {"kind": None, "level": {"$ne": None}},
        {**_UNTOLD, "$expr": {"$eq": [_TOLD_KIND, "event"]}},
    ],
}
_FAILED_EVENT: Filter = {
    "level": {"$in": list(GRAVE_SPELLINGS)},
    "exit_code": None,
    "kind": {"$in": ["event", None]},
}
_SUITE: Filter = {"exit_code": None, "kind": "suite"}
_FAILED_SUITE: Filter = {**_SUITE, "outcome": {"$in": sorted(FAILED_OUTCOMES)}}
_RUN: Filter = {"$nor": [_EVENT, _SUITE]}
_ATTEMPT: Filter = {"$nor": [_EVENT]}
# _RUN in two parts, of which the first is counted in an index, without reading a document.
_RUN_IN_PARTS: list[Filter] = [
    {"exit_code": {"$ne": None}},
    {
        "exit_code": None,
        "kind": {"$nin": ["event", "suite"]},
        "$or": [
            {"kind": {"$ne": None}},
            {**_UNTOLD, "$expr": {"$eq": [_TOLD_KIND, "run"]}},
        ],
    },
]
_NOT_FAILED: Filter = {"$nor": [_FAILED_CODE_UNINDEXED, _FAILED_EVENT, _FAILED_SUITE]}
_OF_KINDS: dict[tuple[str, ...], Filter] = {
    ("run",): _RUN,
    ("run", "suite"): _ATTEMPT,
    ("event",): _EVENT,
    ("run", "event"): {"$nor": [_SUITE]},
    ("run", "event", "suite"): {},
}
"""By the kinds that a query wants."""

NO_TIMESTAMP: Filter = {
    "$or": [
        {"timestamp": {"$not": {"$gte": TIMESTAMP_MIN}}},
        {"timestamp": {"$not": {"$lt": TIMESTAMP_END}}},
    ]
}
_NO_TIME: Filter = {
    "$or": [
        {"time": {"$not": {"$gte": TIMESTAMP_MIN}}},
        {"time": {"$not": {"$lt": TIMESTAMP_END}}},
    ]
}
NO_TIME_OF_ITS_OWN: Filter = {"$and": [NO_TIMESTAMP, _NO_TIME]}

# --- what is read of a document -----------------------------------------------------------------

TIME_FIELDS = {"timestamp": 1, "time": 1, "recorded_at": 1}
FAILURE_FIELDS = TIME_FIELDS | {"spec_id": 1, "signature": 1}
COUNTED_FIELDS: dict[str, Any] = TIME_FIELDS | {
    "kind": 1,
    "level": 1,
    "exit_code": 1,
    "outcome": 1,
    "spec_id": 1,
    "service": 1,
    "sprint_id": 1,
    TOLD_KIND: _TOLD_KIND,
}

_SEARCHED = ("message", "msg", "stdout", "stderr", "err.stack", "stack")


def _if_text(source: Any, then: Any, otherwise: Any) -> Filter:
    """An expression that is safe on any document: $strLenBytes fails on what is no text."""
    return {"$cond": [{"$eq": [{"$type": source}, "string"]}, then, otherwise]}


def _size(name: str, size: str) -> Filter:
    source = _SOURCES[name]
    return {"$ifNull": [f"${size}", _if_text(source, {"$strLenBytes": source}, 0)]}


_FACTS = (
    *("timestamp", "time", "kind", "level", "iteration", "exit_code", GIVEN_EXIT_CODE),
    *("outcome", "duration_ms", "context", "signature", *NAMES, *COUNTS, "recorded_at"),
)
FACTS_PROJECTION: dict[str, Any] = {
    **dict.fromkeys(_FACTS, 1),
    TOLD_KIND: _TOLD_KIND,
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
    for name, source in _SOURCES.items():
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


# --- which documents, in which order ------------------------------------------------------------


class Arm(NamedTuple):
    """A part of an answer: documents that have their time in the same place."""

    clock: str
    """The field that orders them: `timestamp`, `time` (pino-mongodb), or `_id`."""
    conditions: tuple[Filter, ...]
    hint: str | None = None
    by_id: bool = False
    """Whether the index at hand orders by (time, _id): asking for less order is always possible."""

    def within(self, since: datetime, until: datetime) -> Filter:
        """The filter for times from `since` to before `until`, whole milliseconds both."""
        return {"$and": [_between(self.clock, since, until), *self.conditions]}

    def at(self, moment: datetime) -> Filter:
        """The filter for one millisecond, which an index by (time, _id) gives in order."""
        if self.clock == "_id":
            return self.within(moment, moment + MILLISECOND)
        return {"$and": [{self.clock: moment}, *self.conditions]}

    def order(self, oldest_first: bool) -> list[tuple[str, int]]:
        direction = 1 if oldest_first else -1
        fields = [self.clock, "_id"] if self.by_id else [self.clock]
        return [(field, direction) for field in fields]


def arms(
    query: RunQuery, indexes: Indexes, *, untimed: bool, counting: bool = False
) -> Iterator[Arm]:
    """The parts that make up what a query asks for.

    `untimed`: there are documents without a timestamp of their own, for which others are needed.
    """
    labels, labelled = _label_conditions(query), _label_names(query)
    kinds = _standings(query, indexes)
    if counting and kinds in ([_RUN], [_ATTEMPT]) and indexes.name(BY_TIME):
        kinds = [*_RUN_IN_PARTS, *([_SUITE] if kinds == [_ATTEMPT] else [])]
    for standing in kinds:
        is_events = standing is _FAILED_EVENT
        hint = indexes.name(EVENTS) if is_events else _hint(query, labelled, indexes)
        yield Arm("timestamp", (*labels, standing), hint, by_id=hint in indexes.in_order)
    if untimed:
        either = {"$or": kinds} if len(kinds) > 1 else kinds[0]
        others = (*labels, either, NO_TIMESTAMP)
        lines = indexes.name(LINES)
        yield Arm("time", others, lines, by_id=lines is not None)
        yield Arm("_id", (*others, _NO_TIME), indexes.by_timestamp)


def _hint(query: RunQuery, labels: Sequence[str], indexes: Indexes) -> str | None:
    """The index to read by; None leaves it to the server's planner."""
    if query.spec_id is not None and query.iteration is not None and indexes.by_iteration:
        return indexes.by_iteration  # few documents, put in order in memory
    for label in labels:
        if name := indexes.name(LABEL_INDEXES[label]):
            return name
    return None if labels else indexes.by_timestamp


def _standings(query: RunQuery, indexes: Indexes) -> list[Filter]:
    """Conditions of which one must hold, each for an index of its own."""
    if query.failed is True or query.text is not None:
        run = _FAILED_CODE if indexes.name(BY_TIME) else _FAILED_CODE_UNINDEXED
        each = {"run": run, "event": _FAILED_EVENT, "suite": _FAILED_SUITE}
        kinds = [each[kind] for kind in query.kinds]
        return kinds if indexes.name(EVENTS) else [{"$or": kinds}]
    if query.failed is None:
        return [_OF_KINDS[query.kinds]]
    return [{"$and": [_OF_KINDS[query.kinds], _NOT_FAILED]}]


def _label_names(query: RunQuery) -> list[str]:
    """The labels asked for, those first that fewer runs share."""
    return [name for name in LABEL_INDEXES if getattr(query, name) is not None]


def _label_conditions(query: RunQuery) -> tuple[Filter, ...]:
    conditions: list[Filter] = []
    for label in _label_names(query):
        field = "signature.group" if label == "signature_group" else label
        conditions.append({field: scrub(getattr(query, label))})
    if query.iteration is not None:
        iteration = max(-1, min(query.iteration, UINT32_MAX + 1))
        conditions.append({"iteration": {"$in": [iteration, str(iteration)]}})
    if query.text is not None:
        pattern = {"$regex": _pattern(query.text), "$options": "i"}
        conditions.append({"$or": [{field: pattern} for field in _SEARCHED]})
    return tuple(conditions)


def _between(clock: str, since: datetime, until: datetime) -> Filter:
    if clock != "_id":
        return {clock: {"$gte": since, "$lt": until}}
    bounds: Filter = {"$gte": _object_id(since), "$lt": _object_id(until)}
    if since > TIMESTAMP_MIN:
        return {"_id": bounds}
    # Other ids tell no time: such documents stand at the very beginning.
    return {"$or": [{"_id": bounds}, {"_id": {"$not": {"$type": "objectId"}}}]}


ODD_ID: Filter = {"_id": {"$not": {"$type": ["string", "objectId"]}}}
"""Ids whose order as text the server does not know."""

_ARRIVED: Filter = {"recorded_at": {"$type": ["int", "long"], "$not": {"$type": "array"}}}
NOT_ARRIVED: Filter = {"$nor": [_ARRIVED]}
"""Documents of which nobody noted when they came: they stand before the others."""


def ids_beyond(run_id: str | None, *, oldest_first: bool) -> Iterator[Filter]:
    """Filters for the texts, and for the ObjectIds, that come after a run_id in an order."""
    if run_id is None:
        yield {"_id": {"$type": "string"}}
        yield {"_id": {"$type": "objectId"}}
        return
    yield {"_id": {"$gt" if oldest_first else "$lt": scrub(run_id)}}
    least = least_object_id(run_id)
    if least is not None:
        yield {"_id": {"$gte" if oldest_first else "$lt": least}}
    elif not oldest_first:
        yield {"_id": {"$type": "objectId"}}


def arrived_beyond(after: Cursor | None, *, oldest_first: bool) -> Filter:
    """The documents of one millisecond with an arrival that come after a place in an order."""
    if after is None:
        return _ARRIVED
    sign = "$gt" if oldest_first else "$lt"
    beyond = {sign: max(-(2**63), min(after.arrival, 2**63 - 1))}
    same = {"recorded_at": after.arrival, "_id": {sign: scrub(after.run_id)}}
    return {"$and": [_ARRIVED, {"$or": [{"recorded_at": beyond}, same]}]}


def least_object_id(text: str) -> ObjectId | None:
    """The least ObjectId whose 24 hexadecimal digits are, as text, at or after `text`."""
    digits = re.match("[0-9a-f]{0,24}", text)
    shared = digits[0] if digits else ""
    rest = text[len(shared) :]
    number = int(shared.ljust(24, "0"), 16)
    if len(shared) == 24:
        number += bool(rest)
    elif rest:
        # What has `shared` and then a digit after the next character, else what follows them all.
        step = 16 ** (23 - len(shared))
        above = next((place for place, one in enumerate("0123456789abcdef") if one > rest[0]), 16)
        number += above * step
    return ObjectId(f"{number:024x}") if number < 16**24 else None


def _object_id(moment: datetime) -> ObjectId:
    """The least ObjectId that was made at or after a time; they know whole seconds."""
    seconds = -((TIMESTAMP_MIN - moment) // timedelta(seconds=1))
    return ObjectId(min(seconds, 0xFFFFFFFF).to_bytes(4, "big") + bytes(8))


def is_possible(query: RunQuery) -> bool:
    """Whether anything can match: no label is empty, and only failures are searched for words."""
    if any(getattr(query, label) == "" for label in LABEL_INDEXES):
        return False
    if query.text is None:
        return True
    return len(query.text) <= PATTERN_CHARS_MAX and is_searchable(query)


def _pattern(text: str) -> str:
    """The words of a text in this order: letters and digits only, so nothing needs escaping."""
    return f"(?<!{_LETTER}){_GAP.join(words(text))}(?!{_LETTER})"


def span(query: RunQuery) -> tuple[datetime, datetime]:
    """The query's time as whole milliseconds, within what can be stored."""
    return _bound(query.since, TIMESTAMP_MIN), _bound(query.until, TIMESTAMP_END)


def _bound(moment: datetime | None, otherwise: datetime) -> datetime:
    """Rounded up: runs lie on whole milliseconds, so bounds keep their sense."""
    if moment is None:
        return otherwise
    moment = max(TIMESTAMP_MIN, min(moment, TIMESTAMP_END))
    return TIMESTAMP_MIN - ((TIMESTAMP_MIN - moment) // MILLISECOND) * MILLISECOND


def id_begins(beginning: str) -> Filter:
    """The documents whose `_id` is a text that begins so."""
    beginning = scrub(beginning)
    return {"_id": {"$gte": beginning, "$lt": after_beginning(beginning)}}


def any_of(ids: Sequence[Any]) -> Mapping[str, Any]:
    """The documents with one of these `_id`s."""
    return {"_id": {"$in": list(ids)}}


def numbered(spec_id: str) -> Filter:
    """The runs of a spec, no events, that have an iteration, as a number."""
    iteration = {"$gte": 0, "$lte": UINT32_MAX}
    return {"spec_id": scrub(spec_id), "iteration": iteration, **_ATTEMPT}


def attempt_key(attempt: Attempt) -> tuple[str, str]:
    """An attempt as `repeated` tells of it: other writers store iterations as texts, too."""
    return scrub(attempt.spec_id), str(attempt.iteration)


def repeated(attempts: Iterable[tuple[str, str]]) -> list[Filter]:
    """The stages that leave those of some attempts that several runs have."""
    wanted = [
        {"spec_id": spec_id, "iteration": {"$in": [int(number), number]}}
        for spec_id, number in attempts
    ]
    number = {"$convert": {"input": "$iteration", "to": "string", "onError": "", "onNull": ""}}
    return [
        {"$match": {"$and": [{"$or": wanted}, _ATTEMPT]}},
        {"$group": {"_id": {"spec_id": "$spec_id", "number": number}, "runs": {"$sum": 1}}},
        {"$match": {"runs": {"$gt": 1}}},
    ]
