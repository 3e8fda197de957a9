"""The tests of a pytest session as runs: how each ended, what it printed, its own code.

A test that failed in its setup, its call or its teardown failed. One that was skipped, or failed as
it was marked to (xfail), is no run but an event, which says why: it never counts as a failure, nor
as a pass. A module that cannot be collected is a failed run under its own name. At the end the
whole session is a suite's run; with xdist it is the controller that records.
"""

import os
import time
from collections.abc import Generator
from typing import Any

import pytest

from genesis_mcp.errors import GenesisError
from genesis_mcp.recording.git_state import begin
from genesis_mcp.recording.process_writers import settings_at, writer_of
from genesis_mcp.recording.pytest_reports import (
    CODE,
    PLACE,
    SPEC,
    failing,
    failures_of,
    fields_of,
    is_over,
)
from genesis_mcp.recording.run_queue import RunQueue
from genesis_mcp.recording.test_sources import source_of
from genesis_mcp.recording.withheld import store_variables
from genesis_mcp.recording.writer import LATER
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.identifiers import new_run_id
from genesis_mcp.runs.mark_of_recording import VARIABLE
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.suite_run import SuiteRun, as_part
from genesis_mcp.runs.times import now

RECORDED_BY = "genesis_mcp (pytest)"

PATIENCE_SECONDS = 30.0
"""How long a suite waits when a store cannot keep up with it, before runs are dropped."""


class TestMarks:
    """Adds to each report what only the test itself knows."""

    __test__ = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "setup":  # the first of a test, which is asked for what is here
            marker = item.get_closest_marker("genesis")
            if marker is not None:
                spec = marker.kwargs.get("spec") or next(iter(marker.args), "")
                setattr(report, SPEC, str(spec))
            code, place = source_of(getattr(item, "function", None))
            setattr(report, CODE, code)
            setattr(report, PLACE, place)
        return report


class StoreVariables:
    """Takes the variables that name the store from the tests, and from what they start.

    Generated code could read, and forge, the logs that it is judged by.
    """

    def __init__(self) -> None:
        self._taken = {name: os.environ.pop(name) for name in store_variables()}

    def pytest_report_header(self) -> str | None:
        if not self._taken:
            return None
        names = ", ".join(self._taken)
        return f"genesis-mcp: tests run without {names} (--genesis-keep-store-variables)"

    def pytest_unconfigure(self) -> None:
        os.environ.update(self._taken)
        self._taken = {}


class TestRuns:
    """Records the reports of a session."""

    __test__ = False

    def __init__(self, store: str | None) -> None:
        try:
            settings = settings_at(store)
        except GenesisError as error:
            raise pytest.UsageError(f"--genesis: {error}") from None
        os.environ.setdefault(VARIABLE, "1")
        self._identity = begin()
        self._queue = RunQueue(lambda: writer_of(settings))
        self._going_on: dict[tuple[str, str], list[pytest.TestReport]] = {}
        self._uncollected: set[str] = set()
        self._suite = SuiteRun("pytest")
        self._suite_run = new_run_id()
        self._suites = 0
        """Suites' runs among what was given to the queue."""
        self._began = time.monotonic()
        self._interrupted = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        worker = getattr(getattr(report, "node", None), "gateway", None)
        place = (report.nodeid, str(getattr(worker, "id", "")))  # --dist=each runs it on each
        reports = self._going_on.setdefault(place, [])
        reports.append(report)
        if is_over(reports):
            del self._going_on[place]
            fields = fields_of(reports)
            self._record(fields)
            self._count(fields, reports)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and report.nodeid not in self._uncollected:
            self._uncollected.add(report.nodeid)
            failure = {"exit_code": 1, "stderr": report.longreprtext, "message": "not collected"}
            name = report.nodeid or "collection"
            self._record({"spec_id": clean_name(name), **failure})
            self._suite.fails(failing(name, report)._replace(ended_in_error=True))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # pytest itself stops in this way where modules cannot be collected.
        self._interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        for reports in self._going_on.values():  # the session was interrupted in the midst of it
            ending = {"exit_code": -1, "outcome": "killed", "message": "the session was stopped"}
            self._record({**fields_of(reports), "kind": "run", "level": None, **ending})
        self._going_on.clear()
        self._record_suite(session.config, int(exitstatus))
        self._queue.end()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        given = self._queue.given - self._suites
        recorded = f"{min(self._queue.recorded, given):,} of {given:,}"
        rest = f"; the others were kept, {LATER}" if self._queue.kept_in else ""
        terminalreporter.write_line(f"genesis-mcp: {recorded} runs and events recorded{rest}")

    def _record(self, fields: dict[str, Any]) -> None:
        if fields.get("kind") != "event":  # a test's own code is not what it tests
            fields["code_hash"] = self._identity()
        fields["context"] = as_part(fields.get("context"), self._suite_run)
        run = make_run(fields, recorded_by=RECORDED_BY)
        self._queue.offer(run, patience=PATIENCE_SECONDS)

    def _count(self, fields: dict[str, Any], reports: list[pytest.TestReport]) -> None:
        name = reports[0].nodeid
        failures = failures_of(reports)
        if fields["kind"] == "event":
            self._suite.skipped()
        elif failures:
            is_error = all(report.when != "call" for report in failures)
            self._suite.fails(failing(name, failures[0])._replace(ended_in_error=is_error))
        else:
            self._suite.passed(name, is_flaky=bool(fields["context"].get("flaky")))

    def _record_suite(self, config: pytest.Config, exit_code: int) -> None:
        """The whole session; one without tests is none. An interruption ended it like a signal."""
        if self._suite.is_empty and not self._queue.given:
            return
        self._suites += 1
        ending: dict[str, Any] = {"exit_code": exit_code}
        if self._interrupted:
            ending = {"exit_code": -1, "outcome": "killed", "message": "the session was stopped"}
        fields = {
            "run_id": self._suite_run,
            "spec_id": clean_name(f"{config.rootpath.name}::pytest".removeprefix("::")),
            "timestamp": now(),
            "duration_ms": round((time.monotonic() - self._began) * 1000),
            "code_hash": self._identity(),
            "context": {"command": ["pytest", *map(str, config.invocation_params.args)]},
            **ending,
        }
        suite = self._suite.run(fields, recorded_by=RECORDED_BY)
        self._queue.offer(suite, patience=PATIENCE_SECONDS)
