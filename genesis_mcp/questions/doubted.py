"""The passes that are not believed: their own output tells of failures."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from genesis_mcp.answers import Doubted
from genesis_mcp.answers.readable import shown_name
from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.wording import doubt_of, minute
from genesis_mcp.stores.asking import DoubtsAmong, Fetch
from genesis_mcp.stores.contract import ReadsAtOnce

AMONG = 300
"""Newest passes that match, among which those in doubt are looked for."""

SHOWN = 3


class Doubts(NamedTuple):
    """Passes in doubt, the newest first, and how many more there are among the newest."""

    shown: Sequence[RunFacts]
    others: int
    is_all: bool = True
    """Whether every pass that matches was looked at."""

    def fields(self) -> dict[str, Any]:
        """As an answer has them."""
        if not self.shown:
            return {}
        lines = [
            Doubted(
                spec_id=shown_name(run.spec_id),
                iteration=run.iteration,
                at=minute(run.timestamp),
                doubt=doubt_of(run) or "",
                run_id=run.run_id,
            )
            for run in self.shown
        ]
        is_minimum = True if self.others and not self.is_all else None
        return {
            "in_doubt": lines,
            "in_doubt_not_shown": self.others or None,
            "in_doubt_not_shown_is_minimum": is_minimum,
        }


NO_DOUBTS = Doubts((), 0)


def in_doubt(store: ReadsAtOnce, query: RunQuery) -> Doubts:
    """Those of the filters' runs, as far as it was noted when they were recorded."""
    run_ids, is_all = store.in_doubt(doubts_wanted(query).query)
    shown = store.fetch(run_ids[:SHOWN], text_bytes=0)
    return Doubts(shown, len(run_ids[SHOWN:]), is_all)


def doubts_wanted(query: RunQuery) -> DoubtsAmong:
    """What `in_doubt` will ask."""
    return DoubtsAmong(replace(query, failed=False, kind="run", after=None, limit=AMONG))


def doubted_wanted(store: ReadsAtOnce, query: RunQuery) -> list[Fetch]:
    """What `in_doubt` will ask once that is known."""
    run_ids = store.in_doubt(doubts_wanted(query).query).run_ids[:SHOWN]
    return [Fetch(run_ids, 0)] if run_ids else []
