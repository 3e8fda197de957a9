"""The contract of a store: what every engine must do, in the same order, with the same limits.

Stores filter, sort, limit, count and cut. What a failure means, what is worth reading of it and
what must be hidden lives above them. Every rule here is a test in tests/stores/contract/.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from genesis_mcp.runs.kept_note import Note
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import (
    Attempt,
    Failure,
    InDoubt,
    Inserted,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)

if TYPE_CHECKING:
    from genesis_mcp.stores.asking import Answers, Asked

LABELS_DESCRIBED = 20
"""Specs, services and sprints that `describe` names."""

PRUNE_BATCH = 500
"""Records that `prune` deletes at a time where it counts them: each batch is quick, and writers get
their turn."""


class Forgotten(NamedTuple):
    """What `forget` did."""

    records: int
    rest: str | None = None
    """What is left to do until nothing of them is on the disk, in a sentence."""


class Reads(Protocol):
    """What a store is asked, thing by thing; see `RunStore` for limits and errors."""

    folds_accents: bool
    """Whether the words of a query's `text` are found with and without accents."""

    def find(self, query: RunQuery) -> RunPage:
        """Runs without their texts, newest first unless asked otherwise.

        The order of every list is that of `Cursor`: by time, in a millisecond by arrival
        (`recorded_at`; none noted comes first), then by run_id as text. A row of the documents'
        ClickHouse table has its iteration for an arrival.
        """
        ...

    def failures(self, query: RunQuery) -> list[Failure]:
        """What `find` gives for a query that asks for failures, but only what grouping needs."""
        ...

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """Runs with their texts, in the order of `run_ids`; unknown ids are left out.

        With `text_bytes`, a longer text is shortened to about that many bytes, as `cap_text` does;
        0 leaves the texts out, but never what a run tells of its tests.
        """
        ...

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """The first run_ids that begin so, in the order of text, found by their index.

        Ids that a store makes up for rows of other writers have no beginning that is stored, and
        need not be found.
        """
        ...

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """Those of these attempts that several runs have; events never count.

        Found by the index of spec and iteration, in one question where the engine allows.
        """
        ...

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """Which of the first `query.limit` runs that match have a doubt noted with them."""
        ...

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """How many runs and events match; `at_most` means "or more".

        A store whose totals tell the number gives it, however large; one that has to count stops
        at `at_most`.

        `after`, `limit` and the order of the query do not matter.
        """
        ...

    def specs(self, *, limit: int) -> list[SpecStats]:
        """The specs, the most recently active first, at the same time by name.

        A store that keeps no totals looks at its newest records only, and says so: `is_minimum`.
        """
        ...

    def spec(self, spec_id: str) -> SpecStats | None:
        """What is known of one spec; None when nothing was ever recorded for it.

        A store that keeps no totals stops counting somewhere, and says so: `is_minimum`.
        """
        ...


class ReadsAtOnce(Reads, Protocol):
    """The reading half of a store, as questions use it."""

    is_remote: bool
    """Whether each call costs a trip, so that it is worth asking ahead for what may be wanted."""

    def read(self, *asked: "Asked[Any]") -> "Answers":
        """Answers to several things at once, each what the method of its name gives.

        On a server this takes about as long as the longest of them: they go side by side, lists
        in one query and counts in another where the engine can. So a question asks in one call
        for all that it wants to know next. Of several failures the first one is raised.
        """
        ...

    def describe(self, since: datetime) -> StoreStats:
        """What the store holds; of its days, the whole ones from the day of `since` (UTC) on.

        A store that keeps no totals counts its newest records, and says so: `counted_since`.
        """
        ...


class RunStore(ReadsAtOnce, Protocol):
    """Where runs are kept. Methods are synchronous and may be called from several threads.

    Every method is bounded by the store's time limit, and may raise, besides what it names:

    StoreUnavailable: the store is down, missing, locked or full; the call may be repeated.
    StoreTimeout: the time limit passed; nothing of the call remains running.
    SchemaMismatch: what is there is not a store of ours, or of a newer version.

    A store is usable again as soon as its fault is gone: no method remembers a failure.
    """

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """Store runs, durably once this returns; one `Inserted` each, in the same order.

        A run_id that is there already is not stored again: `duplicate` when the stored run has the
        same spec, exit code and texts, otherwise `conflict`. A run that wants an iteration (see
        `Run.wants_iteration`) gets the one after the highest of its spec's runs, those before it
        in the call included, or 1; events never count. `insertion.py` decides both.
        What is new arrives now, each run later than those before it in the call and in this
        process; but of one spec and millisecond, iterations go by their numbers, unless the runs
        come from a store, where they have a place already: their `recorded_at` is not 0.
        All of the runs are stored or, when this raises, the call may be repeated as it was.

        Raises:
            InputError: a run is older than what the engine keeps, and would be deleted at once.
            WriteNotAllowed: the file or account may only be read.
        """
        ...

    def may_write(self) -> bool:
        """Whether the file or account may be written, as far as can be told without writing."""
        ...

    def ping(self) -> str:
        """The engine and its version, when the store can be read."""
        ...

    def try_writing(self) -> None:
        """Write something and take it back, as far as the engine and the account allow that.

        Raises:
            WriteNotAllowed: the file or account may only read.
            StoreError: as `insert`, such as a lock that is held or a disk that is full.
        """
        ...

    def ensure_schema(self) -> list[str]:
        """Create what is missing; safe to repeat. A sentence for each thing that was done.

        Raises:
            WriteNotAllowed: the file or account may only be read.
        """
        ...

    def prune(self, before: datetime) -> int:
        """Delete what is older than `before`; how many runs and events that was.

        This goes in batches, each within the time limit: what was deleted before an error stays
        deleted, and the call may be repeated.

        Raises:
            WriteNotAllowed: the file or account may only be read.
        """
        ...

    def forget(self, run_ids: Sequence[str]) -> Forgotten:
        """Delete these records, with all that was made of them, so that no file has them any more.

        Unknown ids are left out. Iterations are not given anew.

        Raises:
            WriteNotAllowed: the file or account may only be read.
        """
        ...

    def close(self) -> None:
        """Give back connections and files. The store is not used afterwards."""
        ...


@runtime_checkable
class AnsweringStore(RunStore, Protocol):
    """A team's server, which knows the store itself: it answers questions and shows no texts.

    Of what a `RunStore` does it takes runs; what else is asked of it raises InputError, which says
    where that can be done.
    """

    def record(self, run: Run) -> dict[str, Any]:
        """Store a run; what it means: `structured`, `line` and `beside`."""
        ...

    def answer(
        self, question: str, arguments: Mapping[str, Any], *, waits_seconds: float = 0.0
    ) -> dict[str, Any]:
        """The answer to a question, in both forms; `waits_seconds` more than others it may take."""
        ...


@runtime_checkable
class KeepsNotes(Protocol):
    """A store that keeps people's notes beside its runs; nothing deletes one unasked."""

    def notes(self, *, current: int | None) -> list[Note]:
        """The newest NOTES_MAX notes, the newest first; none where there is no place for them.

        The witness comes along where the version is not `current`: all of them with None.
        """
        ...

    def keep_note(self, note: Note) -> None:
        """Keep a note in place of the one with its group, durably once this returns.

        Raises:
            WriteNotAllowed: the file or account may only be read.
            SchemaMismatch: there is no place for notes until `init` made it.
        """
        ...

    def drop_note(self, group: str) -> None:
        """Have no note with this group any more.

        Raises:
            WriteNotAllowed, SchemaMismatch: as `keep_note`.
        """
        ...


@runtime_checkable
class HasStatements(Protocol):
    """A store whose schema is made by statements, which somebody else may have to run."""

    def schema_statements(self, *, cluster: str | None) -> list[str]:
        """What `ensure_schema` would run now, for one server or for all of a cluster."""
        ...

    def change_schema(self, *, cluster: str | None) -> list[str]:
        """Run them; a sentence for each thing that was done."""
        ...


@runtime_checkable
class ExpiringStore(Protocol):
    """A store whose engine deletes by itself what has grown old, once it was told to."""

    def expire_after(self, days: int) -> str:
        """Delete what is older than `days`, now and from now on; a sentence on what was done.

        Raises:
            WriteNotAllowed: the account may only read.
        """
        ...


@runtime_checkable
class FileStore(Protocol):
    """A store in a file that somebody may take away while it is open."""

    @property
    def begun_anew_at(self) -> datetime | None:
        """When the open file was gone, and a new one was begun so that nothing is lost."""
        ...


@runtime_checkable
class CompactingStore(Protocol):
    """A store that keeps the room of what was deleted until it is told to give it back."""

    def give_back_space(self) -> None:
        """Write the store anew; that takes as long as it takes, waiting for others the time limit.

        Raises:
            StoreError: somebody else uses it, the disk has no room for it twice, and the like.
            WriteNotAllowed: the file may only be read.
        """
        ...
