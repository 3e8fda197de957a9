"""The questions of the MongoDB store, each answered on one collection; `store.py` provides that."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Attempt, Failure, InDoubt, RunPage, RunQuery, SpecStats
from genesis_mcp.stores.asking import Answers, Asked, Count, Fetch, Ids, NewestOf, Repeated
from genesis_mcp.stores.mongodb import queries, statistics
from genesis_mcp.stores.mongodb.documents import (
    facts_from,
    failure_from,
    ids_named,
    label_of,
    run_from,
    run_id_of,
)
from genesis_mcp.stores.mongodb.indexes import LABEL_INDEXES
from genesis_mcp.stores.mongodb.projections import (
    FACTS_PROJECTION,
    FAILURE_FIELDS,
    NOTED_FIELDS,
    run_projection,
)
from genesis_mcp.stores.mongodb.reading import Reading
from genesis_mcp.stores.side_by_side import side_by_side

AT_ONCE = 16
"""Things asked at the same time: the driver keeps up to a hundred connections."""


def at_once(reading: Reading, asked: Iterable[Asked[Any]]) -> Answers:
    """The answers to several things, side by side, and beside them what lists and counts need."""
    answering = Answering(reading)
    once = list(dict.fromkeys(asked))
    groups = [one for one in once if isinstance(one, Count) and one.query.signature_group]
    together = [one for one in once if isinstance(one, NewestOf)]
    lists = [each for one in together for each in one.lists().values()]
    others = [one for one in dict.fromkeys([*once, *lists]) if one not in [*groups, *together]]
    tasks: list[Callable[[], Any]] = [partial(answering.counts, groups)]
    tasks += [partial(one.of, answering) for one in others]
    if any(map(_depends_on_times, once)):
        tasks.append(reading.has_untimed)
    counted, *answers = side_by_side(tasks, at_once=AT_ONCE)[: len(others) + 1]
    told = dict(zip(others, answers, strict=True)) | counted
    newest = {one: {spec: told[each] for spec, each in one.lists().items()} for one in together}
    return Answers(told | newest)


def _depends_on_times(asked: Asked[Any]) -> bool:
    """Whether documents that have their time elsewhere, or none, are asked for by themselves."""
    if isinstance(asked, Count):
        return not queries.is_of_all_times(asked.query)
    return not isinstance(asked, Fetch | Ids | Repeated)


class Answering:
    """`Reads` for one call: what it learns of the collection holds for all that is asked in it."""

    folds_accents = False

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def find(self, query: RunQuery) -> RunPage:
        """See `Reads.find`."""
        looked = self._reading.within_reach(query)
        found = self._reading.matching(looked, query.limit + 1, FACTS_PROJECTION)
        facts = [facts_from(document) for document in found]
        return RunPage.of(facts, query.limit, None if looked is query else looked.since)

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `Reads.failures`."""
        query = replace(query, failed=True)
        found = self._reading.matching(query, query.limit, FAILURE_FIELDS)
        return [failure_from(document) for document in found[: query.limit]]

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `Reads.fetch`."""
        ids = [one for run_id in run_ids for one in ids_named(run_id)]
        if not ids:
            return []
        runs: dict[str, Run] = {}
        wanted, projection = queries.any_of(ids), run_projection(text_bytes)
        for document in self._reading.logs.find(wanted, projection, batch_size=len(ids) + 1):
            run_id = run_id_of(document["_id"])
            if run_id not in runs or isinstance(document["_id"], str):
                runs[run_id] = run_from(document, text_bytes)
        return [runs[run_id] for run_id in run_ids if run_id in runs]

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `Reads.ids`; an ObjectId is named in whole."""
        wanted = queries.id_begins(beginning)
        found = self._reading.logs.find(wanted, {"_id": 1}, limit=limit, batch_size=limit)
        return [document["_id"] for document in found.sort("_id", 1)]

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `Reads.repeated`."""
        wanted = {queries.attempt_key(one): one for one in attempts if one.spec_id}
        if not wanted:
            return set()
        # Of a spec's other indexes the planner takes one by which all of its runs are read.
        hint = self._reading.indexes.by_iteration
        options: dict[str, Any] = {"hint": hint} if hint else {}
        found = self._reading.logs.aggregate(queries.repeated(wanted), **options)
        return {wanted[key] for one in found if (key := tuple(one["_id"].values())) in wanted}

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `Reads.in_doubt`."""
        looked = self._reading.within_reach(query)
        found = self._reading.matching(looked, query.limit + 1, NOTED_FIELDS)
        noted = [(run_id_of(one["_id"]), label_of(one, "doubt") is not None) for one in found]
        return InDoubt.of(noted, query.limit)

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `Reads.count`."""
        return self._reading.counts([(query, at_most)])[0]

    def counts(self, asked: Sequence[Count]) -> dict[Count, int]:
        """What `count` gives for each; those of error groups, of which there are many, at once."""
        if self._reading.indexes.name(LABEL_INDEXES["signature_group"]):
            numbers = self._reading.counts([(one.query, one.at_most) for one in asked])
        else:
            numbers = side_by_side([partial(one.of, self) for one in asked])
        return dict(zip(asked, numbers, strict=True))

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `Reads.specs`; those among the newest `statistics.COUNTED_MAX` records."""
        return statistics.specs(self._reading, limit)

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `Reads.spec`; counts stop at `statistics.SPEC_COUNTED_MAX`."""
        return statistics.spec(self._reading, spec_id)
