"""What an insert stores and answers, decided from what is stored already: the same on all engines.

A store looks up runs with the same ids and the highest iterations, and writes what is new, in the
order in which it is given here.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn

from genesis_mcp.errors import InputError
from genesis_mcp.runs.model import TEXTS, UINT32_MAX, Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import instant

IDENTITY = ("spec_id", "exit_code", "kind", *TEXTS)
"""The fields in which two runs of one id must agree to be the same run."""


class Arrival(NamedTuple):
    """A run that is new, and what the store adds to it: it is cheaper beside it than in a copy."""

    run: Run
    """As it was given."""
    iteration: int | None
    recorded_at: int


class Arrivals(NamedTuple):
    """What there is to do for one call of `insert`."""

    new: list[Arrival]
    """Each id once, in the order of arrival."""
    answers: list[Inserted]
    """One for each run that was given, in order."""


def specs_to_number(runs: Iterable[Run], stored: Mapping[str, Run]) -> Counter[str]:
    """The specs of which runs that are new need iterations, and how many."""
    once = {run.run_id: run for run in runs if run.run_id not in stored}
    return Counter(run.spec_id for run in once.values() if run.wants_iteration and run.spec_id)


def arrivals(
    runs: Sequence[Run],
    stored: Mapping[str, Run],
    highest: Mapping[str, int],
    *,
    clock_ahead: int = 0,
) -> Arrivals:
    """Which runs are new, and the answer for each; they arrive now, by the engine's clock.

    `clock_ahead`: microseconds that it is ahead of this machine's.

    `stored` has those of the ids that are there, `highest` the highest iteration among the runs
    (events never count) of each of `specs_to_number`; a spec without one may be left out.
    """
    known = {run_id: (run, run.iteration) for run_id, run in stored.items()}
    numbers = dict(highest)
    new: list[tuple[Run, int | None]] = []
    answers: list[Inserted] = []
    for run in runs:
        if before := known.get(run.run_id):
            answers.append(again(run, before[0])._replace(iteration=before[1]))
            continue
        known[run.run_id] = numbered = (run, _number(run, numbers))
        new.append(numbered)
        answers.append(Inserted(run.run_id, "recorded", numbered[1]))
    return Arrivals(_arrived(new, clock_ahead), answers)


def first_expired(new: Iterable[Run], kept_seconds: float | None) -> Run | None:
    """A run that is so old that the engine, which keeps this long, would delete it at once."""
    if kept_seconds is None:
        return None
    earliest = now() - timedelta(seconds=kept_seconds)
    return next((run for run in new if run.timestamp < earliest), None)


def refuse_expired(run: Run, kept_seconds: float) -> NoReturn:
    """Refuse what `first_expired` found: acknowledged is kept.

    Raises:
        InputError: always.
    """
    raise InputError(
        f"timestamp: the run is of {instant(run.timestamp)}, and the store deletes by itself what "
        f"is older than {int(kept_seconds // 86_400)} days: it would be gone at once, so it is not "
        "recorded. Give its true time, or use a store that keeps it."
    )


def _arrived(new: list[tuple[Run, int | None]], clock_ahead: int) -> list[Arrival]:
    """The runs in the order in which they count as recorded, each at a microsecond of its own.

    That of the call, but of runs of one spec and millisecond those that bring iterations go by
    these: a worker that tells which attempt it was knows better than the order of a batch.
    """
    places: dict[tuple[str, datetime], list[int]] = {}
    for place, (run, iteration) in enumerate(new):
        is_attempt = run.kind != "event" and iteration is not None
        if run.spec_id and is_attempt and not run.recorded_at:
            places.setdefault((run.spec_id, run.timestamp), []).append(place)
    ordered = list(new)
    for tied in places.values():
        if len(tied) > 1:
            by_iteration = sorted((new[place] for place in tied), key=lambda one: one[1] or 0)
            for place, one in zip(tied, by_iteration, strict=True):
                ordered[place] = one
    first = _CLOCK.next(len(ordered), clock_ahead)
    return [Arrival(*one, first + place) for place, one in enumerate(ordered)]


class _Clock:
    """Microseconds since 1970 that rise, whatever the clock does; none is given twice here.

    Between processes only the clock keeps them apart.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self, number: int, clock_ahead: int) -> int:
        """The first of so many that follow each other."""
        with self._lock:
            first = max(time.time_ns() // 1_000 + clock_ahead, self._last + 1)
            self._last = first + number - 1
        return first


_CLOCK = _Clock()


def _number(run: Run, highest: dict[str, int]) -> int | None:
    """The iteration of a run, which the following runs of its spec then go by."""
    iteration, spec_id = run.iteration, run.spec_id
    if spec_id is None or run.kind == "event":
        return iteration
    before = highest.get(spec_id, 0)
    if run.wants_iteration:
        iteration = min(before + 1, UINT32_MAX)
    highest[spec_id] = max(before, iteration or 0)
    return iteration


def again(run: Run, stored: Run) -> Inserted:
    """The answer for a run whose id is there already."""
    same = all(getattr(run, name) == getattr(stored, name) for name in IDENTITY)
    return Inserted(run.run_id, "duplicate" if same else "conflict", stored.iteration)
