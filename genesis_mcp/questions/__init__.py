"""The questions: from what a store holds to what is worth showing. No MCP, no SQL, no driver.

One module a question, imported when it is asked. All text of a run leaves through `readable` or
`shown_line` of `answers.readable`, which clean and redact it; the store keeps the original, unless
the service stores no secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from genesis_mcp.runs.times import now
from genesis_mcp.stores.contract import AnsweringStore
from genesis_mcp.stores.time_limit import one_call

if TYPE_CHECKING:
    from genesis_mcp.answers import (
        Comparison,
        FailurePage,
        RecordedRun,
        Result,
        RunDetail,
        SearchPage,
        SpecPage,
        StoreDescription,
    )
    from genesis_mcp.questions.arguments import (
        Arguments,
        CompareRuns,
        DescribeLogs,
        GetRun,
        LogsForSpec,
        RecentFailures,
        RecordRun,
        SearchLogs,
        WaitForRun,
    )
    from genesis_mcp.questions.consulted import Consulted
    from genesis_mcp.questions.record_run import Recorded, RecordedElsewhere
    from genesis_mcp.questions.wait_for_run import Wait
    from genesis_mcp.runs.model import Run
    from genesis_mcp.runs.query import Inserted
    from genesis_mcp.stores.contract import RunStore
    from genesis_mcp.text.personal_numbers import Kind

__all__ = ["Service"]

A = TypeVar("A", bound="Arguments")
R = TypeVar("R", bound="Result")

NONE_CLEANED: Mapping[str, str] = {}


class Service:
    """Answers the questions from one store. Several threads may use it.

    Every method raises what the store raises, and InputError for arguments that mean nothing. The
    store's time limit holds once for all that a method asks of it.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        clock: Callable[[], datetime] = now,
        stores_secrets: bool = True,
        redacts_also: Collection[Kind] = (),
    ) -> None:
        self.store = store
        self._clock = clock
        self._stores_secrets = stores_secrets
        self._redacts_also = redacts_also

    @classmethod
    def on(
        cls,
        store: RunStore,
        *,
        stores_secrets: bool = True,
        redacts_also: Collection[Kind] = (),
    ) -> Service:
        """The service on a store, or on a team's server, which answers by itself."""
        options: Any = {"stores_secrets": stores_secrets, "redacts_also": redacts_also}
        if not isinstance(store, AnsweringStore):
            return cls(store, **options)
        from genesis_mcp.questions.elsewhere import ServiceElsewhere

        return ServiceElsewhere(store, **options)

    @one_call()
    def recent_failures(self, arguments: RecentFailures) -> FailurePage:
        from genesis_mcp.questions import occurrences, recent_failures

        answer = recent_failures.answer if arguments.error is None else occurrences.answer
        return self._with_notes(answer, arguments)

    @one_call()
    def logs_for_spec(self, arguments: LogsForSpec) -> SpecPage:
        from genesis_mcp.questions import logs_for_spec

        return self._with_notes(logs_for_spec.answer, arguments)

    @one_call()
    def describe_logs(self, arguments: DescribeLogs) -> StoreDescription:
        from genesis_mcp.questions import describe_logs

        return describe_logs.answer(self._consulted(), arguments, self._clock())

    @one_call()
    def get_run(self, arguments: GetRun) -> RunDetail:
        from genesis_mcp.questions import get_run

        return self._with_notes(get_run.answer, arguments)

    @one_call()
    def search_logs(self, arguments: SearchLogs) -> SearchPage:
        from genesis_mcp.questions import search_logs

        store = self._consulted()
        return search_logs.answer(store, _named(store, arguments), self._clock())

    @one_call()
    def compare_runs(self, arguments: CompareRuns) -> Comparison:
        from genesis_mcp.questions import compare_runs

        return self._with_notes(compare_runs.answer, arguments)

    @one_call()
    def wait_for_run(self, arguments: WaitForRun) -> Wait:
        """A wait that has begun; its caller looks, and decides when it is over."""
        from genesis_mcp.questions.wait_for_run import Wait

        store = self._consulted()
        return Wait(store, _named(store, arguments), self._clock)

    def _with_notes(self, answer: Callable[[Consulted, A, datetime], R], arguments: A) -> R:
        """The answer of a question's module, with people's notes on the errors in it."""
        from genesis_mcp.questions.noting import with_notes

        def ask() -> R:
            store = self._consulted()
            return answer(store, _named(store, arguments), self._clock())

        return with_notes(self.store, ask)

    def _consulted(self) -> Consulted:
        """The store for one question."""
        from genesis_mcp.questions.consulted import Consulted

        return Consulted(self.store)

    @one_call()
    def spec_ids(self, beginning: str) -> list[str]:
        """Specs whose names begin so, or else have it in them, the most recently active first."""
        from genesis_mcp.questions.neighbours import completed

        return completed(self._consulted(), beginning)

    def record_run(self, arguments: RecordRun, *, recorded_by: str) -> RecordedRun:
        from genesis_mcp.questions.record_run import run_from

        return self.record_one(run_from(arguments, recorded_by), cleaned=arguments.cleaned)

    @one_call()
    def record_one(self, run: Run, *, cleaned: Mapping[str, str] = NONE_CLEANED) -> RecordedRun:
        """Store a run that a program made, and say what it means.

        `cleaned` has the names that were not given as they are kept.
        """
        from genesis_mcp.questions.noting import with_notes
        from genesis_mcp.questions.record_run import record_one

        stored = self.as_stored(run)
        return with_notes(
            self.store, lambda: record_one(self.store, stored, self._clock(), cleaned)
        )

    @one_call()
    def store_one(self, run: Run) -> Recorded | RecordedElsewhere:
        """`record_one` for a caller with words of its own."""
        from genesis_mcp.questions.record_run import store_one

        recorded = store_one(self.store, self.as_stored(run), self._clock())
        if recorded.run.failed:
            from genesis_mcp.questions.noting import note_on

            if note := note_on(self.store, recorded.run.signature):
                recorded.remarks.append(f"noted: {note}")
        return recorded

    @one_call()
    def record(self, runs: Sequence[Run]) -> list[Inserted]:
        """Store many runs, without a word on each."""
        from genesis_mcp.runs.signing import sign

        return self.store.insert([sign(self.as_stored(run)) for run in runs])

    def as_stored(self, run: Run) -> Run:
        """The run without its secrets, if none are to be stored; a file is a store as well."""
        if self._stores_secrets:
            return run
        from genesis_mcp.runs.redaction import without_secrets

        return without_secrets(run, self._redacts_also)


def _named(store: Consulted, arguments: A) -> A:
    """The arguments with whole ids where runs are named in short."""
    from genesis_mcp.questions.naming import with_whole_ids

    return with_whole_ids(store, arguments)
