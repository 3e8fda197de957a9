"""Pages and counts: the parts that `queries` makes of a question, asked and put together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from pymongo.collection import Collection

from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN, whole_milliseconds
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.conditions import NO_TIMESTAMP, Filter
from genesis_mcp.stores.mongodb.documents import Document, arrival_of, moment_of, run_id_of
from genesis_mcp.stores.mongodb.indexes import Indexes
from genesis_mcp.stores.mongodb.projections import TIME_FIELDS
from genesis_mcp.stores.mongodb.queries import MILLISECOND, Arm

ODD_TIES_MAX = 10_000
"""Documents of one millisecond whose ids are neither texts nor ObjectIds, so that they are put in
order here; of more than these the rest is not shown."""

Logs = Collection[dict[str, Any]]


class Reading:
    """The collection as one call of the store asks it, by the indexes that it is known to have."""

    def __init__(self, logs: Logs, known_indexes: Callable[[], Indexes]) -> None:
        self.logs, self._known_indexes = logs, known_indexes

    @cached_property
    def indexes(self) -> Indexes:
        """What the collection is known to have."""
        return self._known_indexes()

    @cached_property
    def has_untimed(self) -> bool:
        """Whether there are documents without a usable timestamp, such as pino-mongodb's."""
        found = self.logs.find(NO_TIMESTAMP, {"_id": 1}, limit=1)
        hint = self.indexes.by_timestamp
        return bool(list(found.hint(hint) if hint else found))

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
        found: list[Document] = []
        for arm in self._arms(query):
            part = _Part(self.logs, arm, projection, query.oldest_first)
            found += part.beyond(query.after, first, end, limit)
        return sorted(found, key=place_of, reverse=not query.oldest_first)

    def newest(
        self, limit: int, projection: Mapping[str, Any], then: Sequence[Filter]
    ) -> list[Document]:
        """What these stages make of the newest `limit` documents, each projected, newest first.

        The projection has their time as `moment`; in a millisecond the server has its own order.
        """
        first, end = TIMESTAMP_MIN, TIMESTAMP_END
        *others, last = self._arms(RunQuery(suites=True))
        steps = [*_first_of(last, first, end, limit, projection)]
        for arm in others:
            # The server finds their indexes without a hint, and can be given one only.
            part = _first_of(arm, first, end, limit, projection)
            steps.append({"$unionWith": {"coll": self.logs.name, "pipeline": part}})
        if others:
            steps += [{"$sort": {"moment": -1}}, {"$limit": limit}]
        options: dict[str, Any] = {"hint": last.hint} if last.hint else {}
        return list(self.logs.aggregate([*steps, *then], **options))

    def time_of_first(self, query: RunQuery, *, since: datetime = TIMESTAMP_MIN) -> datetime | None:
        """The time of the first document in the order asked for; None when there is none."""
        if not queries.is_possible(query):
            return None
        found: list[Document] = []
        for arm in self._arms(query):
            part = _Part(self.logs, arm, TIME_FIELDS, query.oldest_first)
            found += part.read(since, TIMESTAMP_END, 1)
        return (min if query.oldest_first else max)(map(moment_of, found), default=None)

    def count(self, query: RunQuery, at_most: int) -> int:
        """How many documents match, up to `at_most`."""
        total = 0
        if not queries.is_possible(query):
            return total
        for arm in self._arms(query, counting=True):
            if total < at_most:
                condition = arm.within(*queries.span(query))
                total += self.count_some(condition, at_most - total, arm.hint)
        return total

    def count_some(self, condition: Mapping[str, Any], at_most: int, hint: str | None) -> int:
        """How many documents meet a condition, looking at no more than `at_most` that do."""
        options: dict[str, Any] = {"hint": hint} if hint else {}
        return self.logs.count_documents(condition, limit=at_most, **options)

    def _arms(self, query: RunQuery, *, counting: bool = False) -> list[Arm]:
        return list(queries.arms(query, self.indexes, untimed=self.has_untimed, counting=counting))


def _first_of(
    arm: Arm, first: datetime, end: datetime, limit: int, projection: Mapping[str, Any]
) -> list[Filter]:
    """The stages that leave the newest documents of a part."""
    return [
        {"$match": arm.within(first, end)},
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
        is_within = first <= moment < end
        tied = self._tied(moment, after, limit) if is_within else []
        if self._oldest_first:
            first = max(first, moment + MILLISECOND)
            tied = [document for document in tied if place_of(document) > after]
        else:
            end = min(end, moment)
            tied = [document for document in tied if place_of(document) < after]
        return [*tied, *self._first_of(first, end, limit)]

    def _first_of(self, first: datetime, end: datetime, limit: int) -> list[Document]:
        if first >= end:
            return []
        # Of the last millisecond there may be more than was read, and others come first: one more
        # than is wanted, for when that millisecond has but one here.
        found = self.read(first, end, limit + 1)
        if len(found) > limit and moment_of(found[-1]) == moment_of(found[-2]):
            last = moment_of(found[-1])
            found = [one for one in found if moment_of(one) != last]
            found += self._tied(last, None, limit)
        return found

    def _tied(self, moment: datetime, after: Cursor | None, limit: int) -> list[Document]:
        """Documents of one millisecond: the first `limit` beyond a place, and perhaps others.

        Those without an arrival stand before the others, and have the order of their ids.
        """
        direction = 1 if self._oldest_first else -1
        at_once = self._arm.at(moment)
        came = queries.arrived_beyond(after, oldest_first=self._oldest_first)
        order = [("recorded_at", direction), ("_id", direction)]
        found = self._find({"$and": [at_once, came]}, order, limit + 1)
        is_among_those = after is None or after.arrival == 0
        if not is_among_those and self._oldest_first:
            return found
        # The server orders ids of one type as their texts are ordered; one more, as the ObjectId
        # of `after` itself may be among them.
        run_id = after.run_id if after and is_among_those else None
        for ids in queries.ids_beyond(run_id, oldest_first=self._oldest_first):
            condition = {"$and": [at_once, queries.NOT_ARRIVED, ids]}
            found += self._find(condition, [("_id", direction)], limit + 1)
        odd = {"$and": [at_once, queries.NOT_ARRIVED, queries.ODD_ID]}
        return found + self._find(odd, [("_id", direction)], ODD_TIES_MAX)

    def read(self, first: datetime, end: datetime, limit: int) -> list[Document]:
        """The first documents between two times, of which those of one time have no order."""
        order = self._arm.order(self._oldest_first)
        return self._find(self._arm.within(first, end), order, limit)

    def _find(
        self, condition: Mapping[str, Any], order: list[tuple[str, int]], limit: int
    ) -> list[Document]:
        cursor = self._logs.find(condition, self._projection, limit=limit).sort(order)
        return list(cursor.hint(self._arm.hint) if self._arm.hint else cursor)
