"""The questions: from what a store holds to what is worth showing. No MCP, no SQL, no driver.

One module a question. All text of a run leaves through `showing.readable` or `showing.shown_line`,
which clean and redact it; the store keeps the original, unless the service stores no secrets.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from genesis_mcp.answers import (
    Comparison,
    FailurePage,
    RecordedRun,
    RunDetail,
    SearchPage,
    SpecPage,
    StoreDescription,
)
from genesis_mcp.questions import (
    compare_runs,
    describe_logs,
    get_run,
    logs_for_spec,
    recent_failures,
    search_logs,
)
from genesis_mcp.questions import record_run as recording
from genesis_mcp.questions.arguments import (
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    RecordRun,
    SearchLogs,
    WaitForRun,
)
from genesis_mcp.questions.neighbours import completed
from genesis_mcp.questions.wait_for_run import Wait
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.runs.redaction import without_secrets
from genesis_mcp.runs.times import now
from genesis_mcp.stores.contract import RunStore

__all__ = ["Service", "Wait"]


class Service:
    """Answers the questions from one store. Several threads may use it.

    Every method raises what the store raises, and InputError for arguments that mean nothing.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        clock: Callable[[], datetime] = now,
        stores_secrets: bool = True,
    ) -> None:
        self.store = store
        self._clock = clock
        self._stores_secrets = stores_secrets

    def recent_failures(self, arguments: RecentFailures) -> FailurePage:
        return recent_failures.answer(self.store, arguments, self._clock())

    def logs_for_spec(self, arguments: LogsForSpec) -> SpecPage:
        return logs_for_spec.answer(self.store, arguments, self._clock())

    def describe_logs(self, _: DescribeLogs) -> StoreDescription:
        return describe_logs.answer(self.store, self._clock())

    def get_run(self, arguments: GetRun) -> RunDetail:
        return get_run.answer(self.store, arguments, self._clock())

    def search_logs(self, arguments: SearchLogs) -> SearchPage:
        return search_logs.answer(self.store, arguments, self._clock())

    def compare_runs(self, arguments: CompareRuns) -> Comparison:
        return compare_runs.answer(self.store, arguments, self._clock())

    def wait_for_run(self, arguments: WaitForRun) -> Wait:
        """A wait that has begun; its caller looks, and decides when it is over."""
        return Wait(self.store, arguments, self._clock)

    def spec_ids(self, beginning: str) -> list[str]:
        """Specs whose names begin so, or else have it in them, the most recently active first."""
        return completed(self.store, beginning)

    def record_run(self, arguments: RecordRun, *, recorded_by: str) -> RecordedRun:
        return self.record_one(recording.run_from(arguments, recorded_by))

    def record_one(self, run: Run) -> RecordedRun:
        """Store a run that a program made, and say what it means."""
        return recording.record_one(self.store, self.as_stored(run), self._clock())

    def record(self, runs: Sequence[Run]) -> list[Inserted]:
        """Store many runs, without a word on each."""
        return recording.record(self.store, [self.as_stored(run) for run in runs])

    def as_stored(self, run: Run) -> Run:
        """The run without its secrets, if none are to be stored; a file is a store as well."""
        return run if self._stores_secrets else without_secrets(run)
