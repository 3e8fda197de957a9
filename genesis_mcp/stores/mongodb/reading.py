"""Pages and counts: the parts that `queries` makes of a question, asked and put together."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN, whole_milliseconds
from genesis_mcp.stores.mongodb import counting, queries
from genesis_mcp.stores.mongodb.conditions import Filter
from genesis_mcp.stores.mongodb.connection import Logs
from genesis_mcp.stores.mongodb.documents import Document, moment_of
from genesis_mcp.stores.mongodb.indexes import LABEL_INDEXES, Indexes
from genesis_mcp.stores.mongodb.known_collection import KnownCollection
from genesis_mcp.stores.mongodb.parts import Part, place_of
from genesis_mcp.stores.mongodb.projections import TIME_FIELDS
from genesis_mcp.stores.mongodb.queries import MILLISECOND, Arm
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.text.clean import scrub

SEARCHED_MAX = 5_000
"""Failures whose texts one search looks through: some ten milliseconds for each thousand."""

LOOKED_AT_MAX = 20_000
"""Documents that one search in a busy spec looks at, where no index has a spec's runs by time: they
are the newest of all specs, which the server finds by their times."""

T = TypeVar("T")


class Reading:
    """The collection as one call of the store asks it, by the indexes that it is known to have."""

    def __init__(self, logs: Logs, known: KnownCollection) -> None:
        self.logs, self._known = logs, known
        self._lock = threading.Lock()
        self._indexes: Indexes | None = None
        self._has_untimed = known.untimed_known

    @property
    def indexes(self) -> Indexes:
        """What the collection is known to have."""
        with self._lock:
            if self._indexes is None:
                self._indexes = self._known.indexes(self.logs)
            return self._indexes

    def has_untimed(self) -> bool:
        """Whether there are documents without a usable timestamp, which is asked once.

        What needs to know asks for those that have one first: most collections have no others, and
        whoever asks for lists or counts has this asked beside them.
        """
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
            part = Part(self.logs, arm, projection, query.oldest_first)
            return part.beyond(query.after, first, end, limit)

        found = chain.from_iterable(self._of_each_arm(query, beyond))
        return sorted(found, key=place_of, reverse=not query.oldest_first)

    def within_reach(self, query: RunQuery) -> RunQuery:
        """The query as far back as one search for a text looks: no index has the words of texts.

        That is to where SEARCHED_MAX failures lie behind the place that it goes on from, of runs as
        of events, or LOOKED_AT_MAX documents; all of their last millisecond are looked through.
        """
        if query.text is None or query.oldest_first or not queries.is_possible(query):
            return query
        first, end = queries.span(query)
        if query.after is not None:
            end = min(end, whole_milliseconds(query.after.timestamp) + MILLISECOND)
        hint = self.indexes.by_timestamp
        is_ordered = self.indexes.name(LABEL_INDEXES["spec_id"]) is not None
        if query.spec_id is not None and hint is not None and not is_ordered:
            border = self._border_in_a_spec(query.spec_id, first, end, hint)
            return replace(query, since=border) if border else query

        def last_of(arm: Arm) -> list[Document]:
            # No more than the indexes have: nothing but the one is read.
            part = Part(self.logs, arm, {arm.clock: 1}, oldest_first=False)
            return part.read(first, end, 1, skip=SEARCHED_MAX - 1)

        each = self._of_each_arm(replace(query, text=None, failed=True), last_of)
        borders = [moment_of(one) for one in chain.from_iterable(each)]
        return replace(query, since=max(borders)) if borders else query

    def _border_in_a_spec(
        self, spec_id: str, first: datetime, end: datetime, hint: str
    ) -> datetime | None:
        """Where LOOKED_AT_MAX documents of all specs lie; None where this one has fewer."""
        of_spec = {"spec_id": scrub(spec_id)}
        part = Part(self.logs, Arm("timestamp", (), hint), {"timestamp": 1, "_id": 0}, False)
        tasks: list[Callable[[], Any]] = [
            partial(self.count_some, of_spec, LOOKED_AT_MAX, None),
            partial(part.read, first, end, 1, skip=LOOKED_AT_MAX - 1),
        ]
        number, last = side_by_side(tasks)
        return moment_of(last[0]) if last and number == LOOKED_AT_MAX else None

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

        known = bool(self._has_untimed)
        found = of_all(untimed=known)
        return of_all(untimed=True) if not known and self.has_untimed() else found

    def time_of_first(self, query: RunQuery, *, since: datetime = TIMESTAMP_MIN) -> datetime | None:
        """The time of the first document in the order asked for; None when there is none."""
        if not queries.is_possible(query):
            return None

        def first_of(arm: Arm) -> list[Document]:
            part = Part(self.logs, arm, TIME_FIELDS, query.oldest_first)
            return part.read(since, TIMESTAMP_END, 1)

        found = chain.from_iterable(self._of_each_arm(query, first_of))
        return (min if query.oldest_first else max)(map(moment_of, found), default=None)

    def counts(self, wanted: Sequence[counting.Wanted]) -> list[int]:
        """How many documents match each of several queries, up to so many, in one question."""
        known = bool(self._has_untimed)
        counted = self._counts(wanted, untimed=known)
        if known or all(queries.is_of_all_times(query) for query, _ in wanted):
            return counted
        return self._counts(wanted, untimed=True) if self.has_untimed() else counted

    def _counts(self, wanted: Sequence[counting.Wanted], *, untimed: bool) -> list[int]:
        stages, hint = counting.stages(wanted, self.indexes, self.logs.name, untimed=untimed)
        numbers = [0] * len(wanted)
        if stages:
            options: dict[str, Any] = {"hint": hint} if hint else {}
            for one in self.logs.aggregate(stages, **options):
                numbers[one["_id"]] = one["number"]
        return numbers

    def count_some(self, condition: Mapping[str, Any], at_most: int, hint: str | None) -> int:
        """How many documents meet a condition, looking at no more than `at_most` that do."""
        options: dict[str, Any] = {"hint": hint} if hint else {}
        return self.logs.count_documents(condition, limit=at_most, **options)

    def _of_each_arm(self, query: RunQuery, ask: Callable[[Arm], T]) -> list[T]:
        """What is asked of each part, side by side; see `has_untimed`."""
        known = bool(self._has_untimed)
        arms = self._arms(query, untimed=known)
        found = side_by_side([partial(ask, arm) for arm in arms])
        if not known and self.has_untimed():
            others = self._arms(query, untimed=True)[len(arms) :]
            found += side_by_side([partial(ask, arm) for arm in others])
        return found

    def _arms(self, query: RunQuery, *, untimed: bool) -> list[Arm]:
        return list(queries.arms(query, self.indexes, untimed=untimed))


def _first_of(arm: Arm, limit: int, projection: Mapping[str, Any]) -> list[Filter]:
    """The stages that leave the newest documents of a part."""
    return [
        {"$match": arm.within(TIMESTAMP_MIN, TIMESTAMP_END)},
        {"$sort": dict(arm.order(oldest_first=False))},
        {"$limit": limit},
        {"$project": projection},
    ]
