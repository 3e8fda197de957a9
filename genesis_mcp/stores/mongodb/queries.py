"""What is asked of MongoDB, as filters and projections; nothing here talks to a server.

Every operator is written here: from a caller come only values to compare with, as text, numbers
and times, and a pattern made of letters and digits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bson.objectid import ObjectId

from genesis_mcp.runs.identifiers import after_beginning
from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.runs.query import Attempt, Cursor, RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN
from genesis_mcp.stores.mongodb.conditions import (
    ATTEMPT,
    FAILED_CODE_UNINDEXED,
    FAILED_EVENT,
    FAILED_OF,
    NO_TIME,
    NO_TIMESTAMP,
    NOT_FAILED,
    OF_KINDS,
    Filter,
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

MILLISECOND = timedelta(milliseconds=1)
TIMELESS_END = TIMESTAMP_MIN + MILLISECOND
"""Before this stand the documents that tell no time at all."""

PATTERN_CHARS_MAX = 4_000
"""A longer text is in no log line; the server refuses patterns of 32 KB."""

_SEARCHED = ("message", "msg", "stdout", "stderr", "err.stack", "stack")
_LETTER, _GAP = r"[\p{L}\p{N}]", r"[^\p{L}\p{N}]+"


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


def arms(query: RunQuery, indexes: Indexes, *, untimed: bool) -> Iterator[Arm]:
    """The parts that make up what a query asks for.

    `untimed`: there are documents without a timestamp of their own, for which others are needed.
    """
    labels, labelled = _label_conditions(query), _label_names(query)
    kinds = _standings(query, indexes)
    for standing in kinds:
        is_events = standing is FAILED_EVENT
        hint = indexes.name(EVENTS) if is_events else _hint(query, labelled, indexes)
        yield Arm("timestamp", (*labels, standing), hint, by_id=hint in indexes.in_order)
    if untimed:
        either = {"$or": kinds} if len(kinds) > 1 else kinds[0]
        others = (*labels, either, NO_TIMESTAMP)
        lines = indexes.name(LINES)
        yield Arm("time", others, lines, by_id=lines is not None)
        yield Arm("_id", (*others, NO_TIME), indexes.by_timestamp)


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
        each = FAILED_OF
        if not indexes.name(BY_TIME):
            each = each | {"run": FAILED_CODE_UNINDEXED}
        kinds = [each[kind] for kind in query.kinds]
        return kinds if indexes.name(EVENTS) else [{"$or": kinds}]
    if query.failed is None:
        return [OF_KINDS[query.kinds]]
    return [{"$and": [OF_KINDS[query.kinds], NOT_FAILED]}]


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


def is_of_all_times(query: RunQuery) -> bool:
    """Whether a document of any time matches, and one without a time."""
    return span(query) == (TIMESTAMP_MIN, TIMESTAMP_END)


def is_of_kinds_only(query: RunQuery) -> bool:
    """Whether it asks for kinds, or for what failed of them, and for nothing else."""
    return query.failed is not False and not _label_conditions(query)


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
    return {"spec_id": scrub(spec_id), "iteration": iteration, **ATTEMPT}


def attempt_key(attempt: Attempt) -> tuple[str, str]:
    """An attempt as `repeated` tells of it: other writers store iterations as texts, too."""
    return scrub(attempt.spec_id), str(attempt.iteration)


def repeated(attempts: Iterable[tuple[str, str]]) -> list[Filter]:
    """The stages that leave those of some attempts that several runs have."""
    numbers: dict[str, list[int | str]] = {}
    for spec_id, told in attempts:
        numbers.setdefault(spec_id, []).extend((int(told), told))
    wanted = [
        {"spec_id": spec_id, "iteration": {"$in": either}} for spec_id, either in numbers.items()
    ]
    number = {"$convert": {"input": "$iteration", "to": "string", "onError": "", "onNull": ""}}
    return [
        {"$match": {"$and": [{"$or": wanted}, ATTEMPT]}},
        {"$group": {"_id": {"spec_id": "$spec_id", "number": number}, "runs": {"$sum": 1}}},
        {"$match": {"runs": {"$gt": 1}}},
    ]
