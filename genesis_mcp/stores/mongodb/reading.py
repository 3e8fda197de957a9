"""Pages and counts: the parts that `queries` makes of a question, asked and put together."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo.collection import Collection

from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.times import whole_milliseconds
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.documents import Document, arrival_of, moment_of, run_id_of
from genesis_mcp.stores.mongodb.queries import MILLISECOND, Arm

ODD_TIES_MAX = 10_000
"""Documents of one millisecond whose ids are neither texts nor ObjectIds, so that they are put in
order here; of more than these the rest is not shown."""

Logs = Collection[dict[str, Any]]


def matching(
    logs: Logs,
    query: RunQuery,
    arms: Iterable[Arm],
    limit: int,
    projection: Mapping[str, Any],
    *,
    since: datetime | None = None,
) -> list[Document]:
    """The first `limit` documents in the order asked for, or a few more.

    Each part is read in the order of its time and sorted here by (time, arrival, run_id): the
    server cannot compare ids of different types as text, and orders by one index only.
    """
    first, end = queries.span(query)
    first = max(first, since or first)
    found: list[Document] = []
    for arm in arms:
        part = _Part(logs, arm, projection, query.oldest_first)
        found += part.beyond(query.after, first, end, limit)
    return sorted(found, key=place_of, reverse=not query.oldest_first)


def count(logs: Logs, query: RunQuery, arms: Iterable[Arm], at_most: int) -> int:
    """How many documents match, up to `at_most`."""
    total = 0
    for arm in arms:
        if total < at_most:
            condition = arm.within(*queries.span(query))
            total += count_some(logs, condition, at_most - total, arm.hint)
    return total


def count_some(logs: Logs, condition: Mapping[str, Any], at_most: int, hint: str | None) -> int:
    """How many documents meet a condition, looking at no more than `at_most` that do."""
    options: dict[str, Any] = {"hint": hint} if hint else {}
    return logs.count_documents(condition, limit=at_most, **options)


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
        found = self._read(first, end, limit + 1)
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

    def _read(self, first: datetime, end: datetime, limit: int) -> list[Document]:
        order = self._arm.order(self._oldest_first)
        return self._find(self._arm.within(first, end), order, limit)

    def _find(
        self, condition: Mapping[str, Any], order: list[tuple[str, int]], limit: int
    ) -> list[Document]:
        cursor = self._logs.find(condition, self._projection, limit=limit).sort(order)
        return list(cursor.hint(self._arm.hint) if self._arm.hint else cursor)
