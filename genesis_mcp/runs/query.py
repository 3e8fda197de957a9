"""What is asked of a store, and what it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol, Self

from genesis_mcp.runs.model import Kind, RunFacts

PAGE_MAX = 1000
"""Runs that one `find` gives at most."""


class Placed(Protocol):
    """What stands somewhere in the order of runs."""

    @property
    def timestamp(self) -> datetime: ...

    @property
    def recorded_at(self) -> int: ...

    @property
    def run_id(self) -> str: ...


class Cursor(NamedTuple):
    """A place in the order of runs: by time, in a millisecond by arrival, at once by id."""

    timestamp: datetime
    arrival: int
    """`RunFacts.recorded_at`."""
    run_id: str

    @classmethod
    def of(cls, run: Placed) -> Self:
        """Where a run stands."""
        return cls(run.timestamp, run.recorded_at, run.run_id)


class Attempt(NamedTuple):
    """What names an attempt, though no key: the same iteration may be recorded twice."""

    spec_id: str
    iteration: int

    @property
    def name(self) -> str:
        """`spec#iteration`, as every argument takes it."""
        return f"{self.spec_id}#{self.iteration}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs, in which order. Filters left at None do not filter."""

    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
    spec_id: str | None = None
    service: str | None = None
    sprint_id: str | None = None
    task_id: str | None = None
    iteration: int | None = None
    kind: Literal["run", "event"] | None = None
    suites: bool = False
    """Whether suites match also where no spec is named, as for a copy; see `kinds`."""
    failed: bool | None = None
    signature_group: str | None = None
    text: str | None = None
    """Only failures whose message, stdout or stderr has these words, in this order."""
    oldest_first: bool = False
    after: Cursor | None = None
    """Only what comes after this place in the order asked for."""
    limit: int = 100
    """At least 1, at most PAGE_MAX."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= PAGE_MAX:
            raise ValueError(f"limit must be 1 to {PAGE_MAX}, not {self.limit}")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of records that match.

        Where runs are asked for, a suite is an attempt of its own spec. Where no spec is named its
        tests are found, which are runs, and not the suite as well, so that nothing counts twice.
        """
        if self.kind == "event":
            return ("event",)
        suites: tuple[Kind, ...] = ("suite",) if self.spec_id is not None or self.suites else ()
        return ("run", *suites) if self.kind == "run" else ("run", "event", *suites)


class Failure(NamedTuple):
    """A failure as far as grouping needs it; there may be hundreds in one answer."""

    run_id: str
    timestamp: datetime
    spec_id: str | None
    signature_group: str | None
    signature_version: int | None
    """None, like the group, for rows of writers that record no signature."""
    recorded_at: int = 0
    """As of `RunFacts`."""
    iteration: int | None = None
    """Where a trip to the store is saved by knowing it early; None says nothing."""


class RunPage(NamedTuple):
    """Runs in the order asked for."""

    runs: tuple[RunFacts, ...]
    next: Cursor | None
    """Where to go on; None when there is no more."""
    searched_since: datetime | None = None
    """How far back a text was looked for, when the store stopped before the query's own bound."""

    @classmethod
    def of(
        cls, found: Sequence[RunFacts], limit: int, searched_since: datetime | None = None
    ) -> Self:
        """The page of what was found: at most `limit` runs, and one more if there is more."""
        runs = tuple(found[:limit])
        more = len(found) > limit
        return cls(runs, Cursor.of(runs[-1]) if more else None, searched_since)


class InDoubt(NamedTuple):
    """Runs whose own output contradicts them, in the order asked for."""

    run_ids: tuple[str, ...] = ()
    is_all: bool = True
    """Whether there are no more among all that match; not told where none is in doubt."""

    @classmethod
    def of(cls, found: Sequence[tuple[str, bool]], limit: int) -> Self:
        """Of runs and whether they are in doubt: at most `limit`, and one more if there is more."""
        run_ids = tuple(run_id for run_id, is_doubted in found[:limit] if is_doubted)
        return cls(run_ids, is_all=not run_ids or len(found) <= limit)


class Inserted(NamedTuple):
    """What became of one run that was handed to `insert`."""

    run_id: str
    status: Literal["recorded", "duplicate", "conflict"]
    """`duplicate`: it was there already, the same; `conflict`: the id is another run's."""
    iteration: int | None
    """The iteration that is stored, given or assigned."""


class SpecStats(NamedTuple):
    """What is known of one spec."""

    spec_id: str
    runs: int
    failed: int
    newest: datetime
    is_minimum: bool = False
    """Whether there may be more runs, and more failed ones: counting stopped."""


class DayStats(NamedTuple):
    """What happened on one day (UTC)."""

    day: date
    runs: int
    failed: int
    events: int


class LabelStats(NamedTuple):
    """One value of `service` or `sprint_id` and how often it occurs."""

    value: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStats:
    """What a store holds. Counts are exact, of everything or since `counted_since`."""

    engine: str
    """Such as `SQLite 3.40.1`; no address, no path."""
    runs: int
    failed: int
    """Failed runs; failed events are in `events`."""
    events: int
    oldest: datetime | None
    newest: datetime | None
    days: tuple[DayStats, ...]
    """Days with anything on them since the time asked for, newest first."""
    specs: tuple[SpecStats, ...]
    """The most recently active ones."""
    spec_count: int
    services: tuple[LabelStats, ...]
    sprints: tuple[LabelStats, ...]
    size_bytes: int | None
    writable: bool
    counted_since: datetime | None = None
    """Where a store that keeps no totals began to count; `oldest` is of everything."""
    untimed: int = 0
    """Records without a usable time of their own; they stand where their id puts them."""
    kept_days: int | None = None
    """Older records are deleted by the engine itself; None when it deletes nothing."""
    notes: tuple[str, ...] = ()
    """What bounds this store's answers, such as how long it keeps a record, each in a few words."""
