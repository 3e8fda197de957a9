"""The one way into a store for all that records: what is kept goes first, what fails is kept."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Delivered, Inbox
from genesis_mcp.recording.lost_recorder import LOST
from genesis_mcp.recording.poisoned import reason, record_apart
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.stores import open_store
from genesis_mcp.stores.time_limit import one_call

if TYPE_CHECKING:  # models: slow to make, and who records a command needs none
    from genesis_mcp.answers import RecordedRun
    from genesis_mcp.config import Settings
    from genesis_mcp.questions.record_run import Recorded, RecordedElsewhere
    from genesis_mcp.text.personal_numbers import Kind

FIRST_RUNS, FIRST_SECONDS = 500, 1.0
"""Of what is kept, what is recorded before a run of one's own or a question, at most."""

IS_ANOTHERS = "run_id: is another run's already."

LATER = "to be recorded before the next run, or by genesis-mcp flush"
"""What becomes of what was kept; it gets its iterations then."""

log = logging.getLogger("genesis_mcp")


class PlainSettings(NamedTuple):
    """Settings that are all as they are by themselves, but for the store: known without models."""

    store: str
    redact: str = "read"
    redacted_also: "tuple[Kind, ...]" = ()

    def open_service(self) -> Service:
        """As `Settings.open_service`."""
        return Service.on(open_store(self.store))


class Ended(NamedTuple):
    """What became of a run that was to be recorded."""

    recorded: "RecordedRun | None" = None
    """What it means; None when the store would not take it."""
    kept_in: Path | None = None
    """The file that keeps it then; None when that could not be written either."""
    said: str = ""
    """What went wrong, and what became of the run, in a sentence or two."""


class Writer:
    """Records into a store, after what is kept for it. Any thread may use it."""

    def __init__(self, service: Service, inbox: Inbox) -> None:
        self.service = service
        self.inbox = inbox

    @one_call()
    def store_one(self, run: Run) -> "Recorded | RecordedElsewhere":
        """`record_one` for a caller with words of its own."""
        self.deliver_first()
        return self.service.store_one(run)

    @one_call()
    def record_one(self, run: Run) -> "RecordedRun":
        """Store a run and say what it means.

        Raises:
            GenesisError: as `Service.record_one`; the run is not kept.
        """
        self.deliver_first()
        return self.service.record_one(run)

    def record_or_keep(self, run: Run) -> Ended:
        """Store a run that has happened, or else keep it; whatever goes wrong is never raised."""
        try:
            return Ended(recorded=self.record_one(run))
        except Exception as error:  # what happened must not be lost for it
            return keep(self.inbox, [run], reason(error))

    @one_call()
    def record(self, runs: Sequence[Run]) -> list[Inserted]:
        """Store many runs, without a word on each.

        Raises:
            GenesisError: as `Service.record`.
        """
        self.deliver_first()
        return self.service.record(runs)

    def deliver_first(self) -> Delivered:
        """Record some of what is kept, so that it comes before what happened later.

        Raises:
            GenesisError: the store does not work.
        """
        try:
            return self.deliver(runs=FIRST_RUNS, seconds=FIRST_SECONDS)
        except OSError as error:
            log.warning("What is kept could not be recorded (%s).", name_of(error))
            return Delivered()

    def deliver(self, *, runs: float = float("inf"), seconds: float = float("inf")) -> Delivered:
        """Record what is kept, see `Inbox.deliver`."""
        return self.inbox.deliver(self._take, at_most=runs, seconds=seconds)

    def _take(self, runs: Sequence[Run]) -> list[tuple[Run, str]]:
        conflicts: list[tuple[Run, str]] = []

        def record(some: Sequence[Run]) -> None:
            for run, inserted in zip(some, self.service.record(some), strict=True):
                if inserted.status == "conflict" and run.message != LOST:  # else it is known
                    conflicts.append((run, IS_ANOTHERS))

        return record_apart(record, runs) + conflicts


def keep_for_nobody(inbox: Inbox, run: Run, why: str) -> Ended:
    """Keep a run of a store that there is not: the file is told, since nothing will look for it."""
    ended = keep(inbox, [run], why)
    if ended.kept_in is None:
        return ended
    return ended._replace(said=f"{why} The run was kept: genesis-mcp ingest {ended.kept_in}")


def keep(inbox: Inbox, runs: Sequence[Run], why: str) -> Ended:
    """Keep runs that the store did not take; never raises."""
    what = "The run was" if len(runs) == 1 else f"{len(runs):,} runs were"
    try:
        path = inbox.keep(runs)
    except Exception as error:
        return Ended(said=f"{why} {what} lost: no file could be written either ({name_of(error)}).")
    return Ended(kept_in=path, said=f"{why} {what} kept, {LATER}.")


def name_of(error: Exception) -> str:
    """What to say of an error of the operating system: its own word, without a path."""
    return getattr(error, "strerror", None) or type(error).__name__


def writer_at(settings: "Settings | PlainSettings") -> Writer:
    """A writer into the store of the settings; nothing is opened before it is used.

    Raises:
        ConfigError: there is no such store.
    """
    return Writer(settings.open_service(), inbox_at(settings))


def inbox_at(settings: "Settings | PlainSettings") -> Inbox:
    """What is kept for the store of the settings."""
    redacts = settings.redact == "write"
    return Inbox.of(settings.store, redacts=redacts, also=settings.redacted_also)
