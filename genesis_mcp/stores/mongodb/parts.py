"""A part of a list: documents that have their time in one field, in the order of all."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from genesis_mcp.runs.query import Cursor
from genesis_mcp.runs.times import whole_milliseconds
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.conditions import Filter
from genesis_mcp.stores.mongodb.connection import Logs
from genesis_mcp.stores.mongodb.documents import Document, arrival_of, moment_of, run_id_of
from genesis_mcp.stores.mongodb.queries import MILLISECOND, Arm
from genesis_mcp.stores.side_by_side import side_by_side

ODD_TIES_MAX = 10_000
"""Documents of one millisecond whose ids are neither texts nor ObjectIds, so that they are put in
order here; of more than these the rest is not shown."""

TIES_READ = 5
"""Documents that are read beyond those that are wanted: of the last millisecond that was read there
may be more, and without that one there should be enough."""


def place_of(document: Document) -> Cursor:
    """Where a document stands in the order of all."""
    return Cursor(moment_of(document), arrival_of(document), run_id_of(document["_id"]))


class Part:
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

    def read(self, first: datetime, end: datetime, limit: int, *, skip: int = 0) -> list[Document]:
        """The first documents between two times, of which those of one time have no order."""
        order = self._arm.order(self._oldest_first)
        return self._find(self._arm.within(first, end), order, limit, skip)

    def _find(
        self,
        condition: Mapping[str, Any],
        order: list[tuple[str, int]],
        limit: int,
        skip: int = 0,
    ) -> list[Document]:
        # All of them in one answer: by itself the server sends 101 at first.
        cursor = self._logs.find(
            condition,
            self._projection,
            skip=skip,
            limit=limit,
            batch_size=limit,
            sort=order or None,
        )
        return list(cursor.hint(self._arm.hint) if self._arm.hint else cursor)


def _not_arrived(ids: Filter) -> Filter:
    return {"$and": [queries.NOT_ARRIVED, ids]}
