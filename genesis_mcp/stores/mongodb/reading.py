"""Pages and counts: the parts that `queries` makes of a question, asked and put together."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN, whole_milliseconds
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.conditions import Filter
from genesis_mcp.stores.mongodb.connection import Logs
from genesis_mcp.stores.mongodb.documents import Document, arrival_of, moment_of, run_id_of
from genesis_mcp.stores.mongodb.indexes import Indexes
from genesis_mcp.stores.mongodb.known_collection import KnownCollection
from genesis_mcp.stores.mongodb.projections import TIME_FIELDS
from genesis_mcp.stores.mongodb.queries import MILLISECOND, Arm
from genesis_mcp.stores.side_by_side import side_by_side

ODD_TIES_MAX = 10_000
"""Documents of one millisecond whose ids are neither texts nor ObjectIds, so that they are put in
order here; of more than these the rest is not shown."""

TIES_READ = 5
"""Documents that are read beyond those that are wanted: of the last millisecond that was read there
may be more, and without that one there should be enough."""

T = TypeVar("T")


class Reading:
    """The collection as one call of the store asks it, by the indexes that it is known to have."""

    def __init__(self, logs: Logs, known: KnownCollection) -> None:
        self.logs, self._known = logs, known
        self._lock = threading.Lock()
        self._indexes: Indexes | None = None
        self._has_untimed: bool | None = True if known.had_untimed else None

    @property
    def indexes(self) -> Indexes:
        """What the collection is known to have."""
        with self._lock:
            if self._indexes is None:
                self._indexes = self._known.indexes(self.logs)
            return self._indexes

    def has_untimed(self) -> bool:
        """Whether there are documents without a usable timestamp, which is asked once."""
        hint = self.indexes.by_timestamp
        with self._lock:
            if self._has_untimed is None:
                self._has_untimed = self._known.has_untimed(self.logs, hint)
            return self._has_untimed

    def matching(
        self,
        query: RunQuery,
        limit: int,
        projection: Mapping[str, Any],
        *,
        since: datetime | None = None,
    ) -> list[Document]:
        """The first `limit` documents in the order asked for, or a few more.

        Each part is read in the order of its time and sorted here by (time, arrival, run_id): the
        server cannot compare ids of different types as text, and orders by one index only.
        """
        if not queries.is_possible(query):
            return []
        first, end = queries.span(query)
        first = max(first, since or first)

        def beyond(arm: Arm) -> list[Document]:
            part = _Part(self.logs, arm, projection, query.oldest_first)
            return part.beyond(query.after, first, end, limit)

        found = chain.from_iterable(self._of_each_arm(query, beyond))
        return sorted(found, key=place_of, reverse=not query.oldest_first)

    def newest(
        self, limit: int, projection: Mapping[str, Any], then: Sequence[Filter]
    ) -> list[Document]:
        """What these stages make of the newest `limit` documents, each projected, newest first.

        The projection has their time as `moment`; in a millisecond the server has its own order.
        """

        def of_all(untimed: bool) -> list[Document]:
            *others, last = self._arms(RunQuery(suites=True), untimed=untimed)
            steps = _first_of(last, limit, projection)
            for arm in others:
                # The server finds their indexes without a hint, and can be given one only.
                part = _first_of(arm, limit, projection)
                steps.append({"$unionWith": {"coll": self.logs.name, "pipeline": part}})
            if others:
                steps += [{"$sort": {"moment": -1}}, {"$limit": limit}]
            options: dict[str, Any] = {"hint": last.hint} if last.hint else {}
            return list(self.logs.aggregate([*steps, *then], **options))

        if self._has_untimed:
            return of_all(untimed=True)
        tasks: list[Callable[[], Any]] = [partial(of_all, untimed=False), self.has_untimed]
        found, has_untimed = side_by_side(tasks)
        return of_all(untimed=True) if has_untimed else list(found)

    def time_of_first(self, query: RunQuery, *, since: datetime = TIMESTAMP_MIN) -> datetime | None:
        """The time of the first document in the order asked for; None when there is none."""
        if not queries.is_possible(query):
            return None

        def first_of(arm: Arm) -> list[Document]:
            part = _Part(self.logs, arm, TIME_FIELDS, query.oldest_first)
            return part.read(since, TIMESTAMP_END, 1)

        found = chain.from_iterable(self._of_each_arm(query, first_of))
        return (min if query.oldest_first else max)(map(moment_of, found), default=None)

    def count(self, query: RunQuery, at_most: int) -> int:
        """How many documents match, up to `at_most`."""
        if not queries.is_possible(query):
            return 0

        def counted(arm: Arm) -> int:
            return self.count_some(arm.within(*queries.span(query)), at_most, arm.hint)

        return min(at_most, sum(self._of_each_arm(query, counted, counting=True)))

    def count_some(self, condition: Mapping[str, Any], at_most: int, hint: str | None) -> int:
        """How many documents meet a condition, looking at no more than `at_most` that do."""
        options: dict[str, Any] = {"hint": hint} if hint else {}
        return self.logs.count_documents(condition, limit=at_most, **options)

    def _of_each_arm(
        self, query: RunQuery, ask: Callable[[Arm], T], *, counting: bool = False
    ) -> list[T]:
        """What is asked of each part, side by side, and whether there are parts without a time."""
        if self._has_untimed:
            arms = self._arms(query, untimed=True, counting=counting)
            return side_by_side([partial(ask, arm) for arm in arms])
        timed = self._arms(query, untimed=False, counting=counting)
        tasks: list[Callable[[], Any]] = [partial(ask, arm) for arm in timed]
        *found, has_untimed = side_by_side([*tasks, self.has_untimed])
        if has_untimed:
            untimed = self._arms(query, untimed=True, counting=counting)[len(timed) :]
            found += side_by_side([partial(ask, arm) for arm in untimed])
        return found

    def _arms(self, query: RunQuery, *, untimed: bool, counting: bool = False) -> list[Arm]:
        return list(queries.arms(query, self.indexes, untimed=untimed, counting=counting))


def _first_of(arm: Arm, limit: int, projection: Mapping[str, Any]) -> list[Filter]:
    """The stages that leave the newest documents of a part."""
    return [
        {"$match": arm.within(TIMESTAMP_MIN, TIMESTAMP_END)},
        {"$sort": dict(arm.order(oldest_first=False))},
        {"$limit": limit},
        {"$project": projection},
    ]


def place_of(document: Document) -> Cursor:
    """Where a document stands in the order of all."""
    return Cursor(moment_of(document), arrival_of(document), run_id_of(document["_id"]))


class _Part:
    """One part of an answer, whose documents have their time in the same field."""

    def __init__(
        self, logs: Logs, arm: Arm, projection: Mapping[str, Any], oldest_first: bool
    ) -> None:
        self._logs, self._arm = logs, arm
        self._projection, self._oldest_first = projection, oldest_first

    def beyond(
        self, after: Cursor | None, first: datetime, end: datetime, limit: int
    ) -> list[Document]:
        """The first `limit` documents after a place, or a few more."""
        if after is None:
            return self._first_of(first, end, limit)
        moment = whole_milliseconds(after.timestamp)
        at_once: list[Callable[[], list[Document]]] = []
        if first <= moment < end:
            at_once.append(partial(self._tied_beyond, moment, after, limit))
        if self._oldest_first:
            first = max(first, moment + MILLISECOND)
        else:
            end = min(end, moment)
        at_once.append(partial(self._first_of, first, end, limit))
        return [*chain.from_iterable(side_by_side(at_once))]

    def _first_of(self, first: datetime, end: datetime, limit: int) -> list[Document]:
        if first >= end:
            return []
        asked = limit + TIES_READ
        found = self.read(first, end, asked)
        if len(found) < asked:
            return found
        # Of the last millisecond there may be more than was read, and others come first.
        last = moment_of(found[-1])
        before = [one for one in found if moment_of(one) != last]
        return before if len(before) >= limit else before + self._tied(last, None, limit)

    def _tied_beyond(self, moment: datetime, after: Cursor, limit: int) -> list[Document]:
        tied = self._tied(moment, after, limit)
        if self._oldest_first:
            return [document for document in tied if place_of(document) > after]
        return [document for document in tied if place_of(document) < after]

    def _tied(self, moment: datetime, after: Cursor | None, limit: int) -> list[Document]:
        """Documents of one millisecond: the first `limit` beyond a place, and perhaps others.

        All of them, where they are no more than those of which each kind has its own order: what
        was noted to arrive, texts and ObjectIds.
        """
        few = 3 * (limit + 1)
        found = self._find(self._arm.at(moment), [], few + 1)
        return found if len(found) <= few else self._tied_in_order(moment, after, limit)

    def _tied_in_order(self, moment: datetime, after: Cursor | None, limit: int) -> list[Document]:
        """Those without an arrival stand before the others, and have the order of their ids."""
        direction = 1 if self._oldest_first else -1
        came = queries.arrived_beyond(after, oldest_first=self._oldest_first)
        order = [("recorded_at", direction), ("_id", direction)]
        asked: list[tuple[Filter, list[tuple[str, int]], int]] = [(came, order, limit + 1)]
        is_among_those = after is None or after.arrival == 0
        if is_among_those or not self._oldest_first:
            # The server orders ids of one type as their texts are ordered; one more, as the
            # ObjectId of `after` itself may be among them.
            run_id = after.run_id if after and is_among_those else None
            by_id = [("_id", direction)]
            each = queries.ids_beyond(run_id, oldest_first=self._oldest_first)
            asked += [(_not_arrived(ids), by_id, limit + 1) for ids in each]
            asked.append((_not_arrived(queries.ODD_ID), by_id, ODD_TIES_MAX))
        at_once = self._arm.at(moment)
        found = side_by_side(
            [
                partial(self._find, {"$and": [at_once, condition]}, by, number)
                for condition, by, number in asked
            ]
        )
        return [*chain.from_iterable(found)]

    def read(self, first: datetime, end: datetime, limit: int) -> list[Document]:
        """The first documents between two times, of which those of one time have no order."""
        order = self._arm.order(self._oldest_first)
        return self._find(self._arm.within(first, end), order, limit)

    def _find(
        self, condition: Mapping[str, Any], order: list[tuple[str, int]], limit: int
    ) -> list[Document]:
        # All of them in one answer: by itself the server sends 101 at first.
        cursor = self._logs.find(
            condition, self._projection, limit=limit, batch_size=limit, sort=order or None
        )
        return list(cursor.hint(self._arm.hint) if self._arm.hint else cursor)


def _not_arrived(ids: Filter) -> Filter:
    return {"$and": [queries.NOT_ARRIVED, ids]}
