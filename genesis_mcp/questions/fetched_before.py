"""Runs as a server gave them, remembered in the process: what a list shows again is still the same.

A run is never changed once it is recorded, only deleted. So a question that has just read a list
with a run in it need not fetch what was fetched of that run before.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Failure
from genesis_mcp.stores.contract import ReadsAtOnce

REMEMBERED_CHARS = 1_000_000
"""Of all runs of one store that are remembered."""

RUN_CHARS_MAX = 64_000
"""Of the texts of a run that is remembered."""

FACTS_CHARS = 1_000
"""That a run takes besides its texts, about."""


class Listed(NamedTuple):
    """What every list tells of a run, by which it is the one that was fetched."""

    timestamp_and_arrival: tuple[object, int]
    signed: tuple[str | None, int | None]

    @classmethod
    def of(cls, one: RunFacts | Failure) -> "Listed":
        if isinstance(one, Failure):
            signed = (one.signature_group, one.signature_version)
        else:
            signed = (one.signature.group, one.signature.version) if one.signature else (None, None)
        return cls((one.timestamp, one.recorded_at), signed)


class FetchedBefore:
    """Runs of one store, each with the bytes of its texts that were asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[tuple[str, int | None], Run] = OrderedDict()
        self._chars = 0

    def get(self, run_id: str, text_bytes: int | None, listed: Listed) -> Run | None:
        """The run that a list has shown just now, if it was fetched so before."""
        name = run_id, text_bytes
        with self._lock:
            run = self._runs.get(name)
            if run is None or Listed.of(run) != listed:
                return None
            self._runs.move_to_end(name)
            return run

    def keep(self, runs: Iterable[Run], text_bytes: int | None) -> None:
        """Remember runs as far as the bounds let it; the last ones, which were asked for last."""
        with self._lock:
            for run in runs:
                name = run.run_id, text_bytes
                if _chars(run) <= RUN_CHARS_MAX:
                    self._forget(name)
                    self._runs[name] = run
                    self._chars += _chars(run)
            while self._chars > REMEMBERED_CHARS:
                self._forget(next(iter(self._runs)))

    def _forget(self, name: tuple[str, int | None]) -> None:
        if name in self._runs:
            self._chars -= _chars(self._runs.pop(name))


def _chars(run: Run) -> int:
    texts = (run.message, run.stdout, run.stderr, run.code_snapshot)
    return FACTS_CHARS + sum(len(text) for text in texts if text)


_LOCK = threading.Lock()
_OF_STORES: WeakKeyDictionary[ReadsAtOnce, FetchedBefore] = WeakKeyDictionary()


def fetched_before(store: ReadsAtOnce) -> FetchedBefore:
    """What is remembered of a store as long as it is open."""
    with _LOCK:
        return _OF_STORES.setdefault(store, FetchedBefore())


def forget() -> None:
    """Have everything be fetched again."""
    with _LOCK:
        _OF_STORES.clear()
