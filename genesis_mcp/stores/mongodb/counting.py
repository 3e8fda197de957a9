"""How documents are counted: part by part, each by an index, reading no more once enough are found.

What is counted of all times needs no part for documents that have their time elsewhere, or none.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from bson.min_key import MinKey

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.conditions import (
    ATTEMPT,
    EVENT,
    FAILED_EVENT,
    FAILED_OF,
    RUN,
    RUN_IN_PARTS,
    SUITE,
    Filter,
)
from genesis_mcp.stores.mongodb.indexes import BY_TIME, EVENTS, Indexes

Wanted = tuple[RunQuery, int]
"""What is counted, and where counting stops."""

_ANY_TIMESTAMP: Filter = {"timestamp": {"$gte": MinKey()}}
"""True of every document: with it an index that begins with the timestamp answers by itself."""

_PARTS: dict[str, list[Filter]] = {"run": RUN_IN_PARTS, "suite": [SUITE], "event": [EVENT]}
"""Each kind, by what an index with the exit code tells of it."""


class Part(NamedTuple):
    """Some of the documents that are counted."""

    condition: Filter
    hint: str | None
    """The index to count by; None leaves it to the server's planner."""


def stages(
    wanted: Sequence[Wanted], indexes: Indexes, collection: str, *, untimed: bool
) -> tuple[list[Filter], str | None]:
    """The stages that count each of these, and the index for the first part of all.

    They give the place in `wanted` as `_id`, and how many were found as `number`. The server can be
    given an index for one part only: it finds those of the others by itself. `untimed`: as of
    `queries.arms`.
    """
    counted: list[list[Filter]] = []
    hint: str | None = None
    for place, (query, at_most) in enumerate(wanted):
        if not queries.is_possible(query):
            continue
        of_it = list(_parts(query, indexes, untimed=untimed))
        hint = hint if counted else of_it[0].hint
        enough: Filter = {"$limit": at_most}
        found = _united([[{"$match": part.condition}, enough] for part in of_it], collection)
        number = {"$group": {"_id": {"$literal": place}, "number": {"$sum": 1}}}
        counted.append([*found, enough, number] if len(of_it) > 1 else [*found, number])
    return _united(counted, collection), hint


def _united(each: Sequence[list[Filter]], collection: str) -> list[Filter]:
    """What the first of some pipelines finds, then what the next one does, as far as wanted."""
    first, *others = each or [[]]
    return [*first, *({"$unionWith": {"coll": collection, "pipeline": one}} for one in others)]


def _parts(query: RunQuery, indexes: Indexes, *, untimed: bool) -> Iterator[Part]:
    """What makes up the count of a query, that first in which most is found."""
    is_of_all_times = queries.is_of_all_times(query)
    if is_of_all_times and indexes.by_code and queries.is_of_kinds_only(query):
        yield from _by_code(query, indexes)
        return
    by_time = indexes.name(BY_TIME)
    for arm in queries.arms(query, indexes, untimed=untimed and not is_of_all_times):
        *others, kind = arm.conditions
        in_parts = [kind]
        if by_time and kind in (RUN, ATTEMPT):
            in_parts = [*RUN_IN_PARTS, *([SUITE] if kind == ATTEMPT else [])]
        for part in in_parts:
            conditions = (*others, part)
            if is_of_all_times:
                yield Part({"$and": [_ANY_TIMESTAMP, *conditions]}, arm.hint)
            else:
                bounds = queries.span(query)
                yield Part(arm._replace(conditions=conditions).within(*bounds), arm.hint)


def _by_code(query: RunQuery, indexes: Indexes) -> Iterator[Part]:
    """The parts of a query for kinds, each by the index of the exit code alone, such as v1.0's."""
    each = {name: [FAILED_OF[name]] for name in query.kinds} if query.failed else _PARTS
    for condition in chain.from_iterable(each[name] for name in query.kinds):
        hint = indexes.name(EVENTS) if condition is FAILED_EVENT else None
        yield Part(condition, hint or indexes.by_code)
