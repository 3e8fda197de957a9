"""Copies runs from one store to another, as they are, and verifies what arrived."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.errors import GenesisError, InputError, StoreError, StoreTimeout, StoreUnavailable
from genesis_mcp.runs.conforming import fitted
from genesis_mcp.runs.model import LABEL_CHARS_MAX, TOLD_FIELDS, Run
from genesis_mcp.runs.query import Inserted, RunQuery
from genesis_mcp.runs.signing import sign_anew
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import instant, plural
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.transfer.batches import PAGE, Batch, read_batches

PATIENCE_SECONDS = 300.0
"""How long a store that fails is tried again: a restart or an election takes less."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
"""Between two tries; each pause is twice the one before."""

SAMPLE = 200
"""Runs that are compared field by field at the end, spread over all that were copied."""

SAMPLED_AT_ONCE = 20
"""Of those, read at once: memory stays flat."""

NAMED_MAX = 5
"""Conflicts, and runs that differ, that are named; the others are counted."""

HAS_A_PLACE = 1
"""As `recorded_at`: the order of these runs is that of the source, and stays."""

EVERYTHING = 2**53
"""A count without an end."""

T = TypeVar("T")


class Watcher(Protocol):
    """Who looks on while a copy is made."""

    def advance(self, runs: int) -> None:
        """So many more are done."""
        ...

    def say(self, sentence: str) -> None:
        """Something that whoever started the copy should know."""
        ...


@dataclass(slots=True)
class Copied:
    """What was done; `read` is the sum of what follows it, up to `vanished`."""

    read: int = 0
    recorded: int = 0
    already_there: int = 0
    conflicts: int = 0
    """Their run_id is another run's in the target, which was left as it is."""
    vanished: int = 0
    """Deleted in the source between being listed and being read."""
    changed_to_fit: int = 0
    """Runs of other writers with a value that is too long or out of range; see `fitted`."""
    compared: int = 0
    """Runs that were read again from both stores, and compared field by field."""
    source_holds: int = 0
    target_holds: int = 0
    """What both count at the end; whoever else records counts as well."""
    conflicting: list[str] = field(default_factory=list)
    """The ids of the first NAMED_MAX."""
    faults: list[str] = field(default_factory=list)
    """What keeps the copy from being verified, a sentence each."""
    last: datetime | None = None
    """The time of the last run that was copied: all before it are done."""


class Copying:
    """A copy from `source` to `target`, of what is not older than `since`.

    Runs go as they are: their ids, times and iterations, whoever wrote them. What the target has
    already is not stored again, so that a copy that was stopped is finished by starting it again.
    Runs that arrive in the source meanwhile are copied if they are newer than what was read last.
    """

    def __init__(
        self,
        source: RunStore,
        target: RunStore,
        *,
        since: datetime | None = None,
        watcher: Watcher,
    ) -> None:
        self.copied = Copied()
        self._query = RunQuery(since=since, suites=True)
        self._source = _Patient("source", source, watcher)
        self._target = _Patient("target", target, watcher)
        self._watcher = watcher
        self._sample = _Sample()
        self._held_before = 0

    def prepare(self) -> int:
        """Ask both stores what they hold; how many runs there are to copy.

        Faults are not waited for here: a wrong address should be told at once.

        Raises:
            InputError: the target would delete a part by itself.
            WriteNotAllowed, StoreError: as the stores say.
        """
        with _named("--from"):
            source = self._source.store
            total = source.count(self._query, at_most=EVERYTHING)
            first = replace(self._query, oldest_first=True, limit=1)
            oldest = source.find(first).runs
        with _named("--to"):
            target = self._target.store
            kept = target.describe(now()).kept_days
            self._held_before = target.count(self._query, at_most=EVERYTHING)
        if kept is not None and oldest and oldest[0].timestamp < now() - timedelta(days=kept):
            raise InputError(
                f"The target deletes by itself what is older than {plural(kept, 'day')}, and the "
                f"source has runs since {instant(oldest[0].timestamp)}, which would not stay. "
                f"Leave them out (--since {kept}d), or change the target first: "
                "docs/clickhouse.md and docs/mongodb.md say how."
            )
        return total

    def run(self) -> Copied:
        """Copy, and verify; `self.copied` tells how far it came when this raises.

        Raises:
            StoreError: one of the stores failed for longer than PATIENCE_SECONDS.
        """
        for batch in self._batches():
            self._store(batch)
        self._verify()
        return self.copied

    def _batches(self) -> Iterator[Batch]:
        query = replace(self._query, limit=PAGE)
        while True:
            try:
                for batch in read_batches(self._source.store, query):
                    query = replace(query, after=batch.end)
                    self._source.worked()
                    yield batch
                return
            except (StoreUnavailable, StoreTimeout) as error:
                if isinstance(error, StoreTimeout):
                    query = replace(query, limit=max(1, query.limit // 2))
                self._source.wait(error)

    def _store(self, batch: Batch) -> None:
        copied = self.copied
        runs = []
        for run in batch.runs:
            fit = fitted(run)
            copied.changed_to_fit += fit.run_id != run.run_id or fit.context != run.context
            runs.append(replace(sign_anew(fit), recorded_at=max(HAS_A_PLACE, run.recorded_at)))
        for run, inserted in zip(batch.runs, self._insert(runs), strict=True):
            if inserted.status == "recorded":
                copied.recorded += 1
            elif inserted.status == "duplicate":
                copied.already_there += 1
            else:
                copied.conflicts += 1
                if len(copied.conflicting) < NAMED_MAX:
                    copied.conflicting.append(inserted.run_id)
                continue
            self._sample.offer(run.run_id)
        copied.read += batch.listed
        copied.vanished += batch.listed - len(batch.runs)
        copied.last = batch.end.timestamp
        self._watcher.advance(batch.listed)

    def _insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """Insert a batch; what is too much for the target's time limit, in halves."""
        while True:
            try:
                inserted = self._target.store.insert(runs)
            except (StoreUnavailable, StoreTimeout) as error:
                self._target.wait(error)
                if isinstance(error, StoreTimeout) and len(runs) > 1:
                    half = len(runs) // 2
                    return [*self._insert(runs[:half]), *self._insert(runs[half:])]
            else:
                self._target.worked()
                return inserted

    # --- verifying ---

    def _verify(self) -> None:
        copied, query = self.copied, self._query
        copied.source_holds = self._source.ask(lambda one: one.count(query, at_most=EVERYTHING))
        copied.target_holds = self._target.ask(lambda one: one.count(query, at_most=EVERYTHING))
        expected = self._held_before + copied.recorded
        if copied.target_holds < expected:
            copied.faults.append(
                f"The target holds {plural(f'{copied.target_holds:,}', 'run')} and should hold "
                f"{expected:,}."
            )
        if (more := copied.source_holds - copied.read) > 0:
            copied.faults.append(
                f"The source holds {plural(f'{more:,}', 'run')} more than were read. "
                "If they arrived meanwhile, the same command copies them; docs/copy.md tells of "
                "other reasons."
            )
        for run_ids in self._sample.parts():
            self._compare(run_ids)

    def _compare(self, run_ids: Sequence[str]) -> None:
        originals = self._source.ask(lambda one: one.fetch(run_ids))
        expected = [fitted(run) for run in originals]
        ids = [run.run_id for run in expected]
        there = {run.run_id: run for run in self._target.ask(lambda one: one.fetch(ids))}
        for run in expected:
            self.copied.compared += 1
            copy = there.get(run.run_id)
            names = ["the whole run"] if copy is None else differing(run, copy)
            if names:
                name = shown_line(run.run_id, LABEL_CHARS_MAX)
                self.copied.faults.append(f"Run {name} differs in {', '.join(names)}.")


def differing(run: Run, copy: Run) -> list[str]:
    """The fields in which two runs differ; of what was read out of their texts nothing is asked."""
    return [name for name in TOLD_FIELDS if getattr(run, name) != getattr(copy, name)]


@contextmanager
def _named(side: str) -> Iterator[None]:
    """Say of which store an error is."""
    try:
        yield
    except GenesisError as error:
        raise type(error)(f"{side}: {error}") from error


class _Patient:
    """A store whose faults are waited for, and told."""

    def __init__(self, name: str, store: RunStore, watcher: Watcher) -> None:
        self.store = store
        self._name, self._watcher = name, watcher
        self._pause, self._waited = FIRST_PAUSE_SECONDS, 0.0

    def ask(self, question: Callable[[RunStore], T]) -> T:
        while True:
            try:
                answer = question(self.store)
            except (StoreUnavailable, StoreTimeout) as error:
                self.wait(error)
            else:
                self.worked()
                return answer

    def wait(self, error: StoreError) -> None:
        """Wait a while, each time longer, after a fault.

        Raises:
            StoreError: the same, when it lasts for too long.
        """
        if self._waited >= PATIENCE_SECONDS:
            raise error
        again = f"Trying again in {self._pause:g} s."
        self._watcher.say(f"the {self._name}: {error} {again}")
        time.sleep(self._pause)
        self._waited += self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def worked(self) -> None:
        self._pause, self._waited = FIRST_PAUSE_SECONDS, 0.0


class _Sample:
    """SAMPLE of all ids that are offered, each as likely as the others (reservoir sampling)."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._offered = 0
        self._chance = random.Random(0)  # noqa: S311 - no secret; the same runs every time

    def offer(self, run_id: str) -> None:
        self._offered += 1
        if len(self._ids) < SAMPLE:
            self._ids.append(run_id)
        elif (place := self._chance.randrange(self._offered)) < SAMPLE:
            self._ids[place] = run_id

    def parts(self) -> Iterator[list[str]]:
        """A few at a time: each may have 4 MiB of text."""
        for first in range(0, len(self._ids), SAMPLED_AT_ONCE):
            yield self._ids[first : first + SAMPLED_AT_ONCE]
