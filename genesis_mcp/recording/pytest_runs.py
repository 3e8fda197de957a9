"""The tests of a pytest session as runs: how each ended, what it printed, its own code.

A test that failed in its setup, its call or its teardown failed. One that was skipped, or failed as
it was marked to (xfail), is no run but an event, which says why: it never counts as a failure, nor
as a pass. A module that cannot be collected is a failed run under its own name.
"""

import inspect
import os
from collections.abc import Callable, Generator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from genesis_mcp.errors import GenesisError
from genesis_mcp.recording.api import settings_at, writer_of
from genesis_mcp.recording.git_state import begin
from genesis_mcp.recording.run_queue import RunQueue
from genesis_mcp.recording.withheld import store_variables
from genesis_mcp.recording.writer import LATER
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.mark_of_recording import VARIABLE
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import now
from genesis_mcp.text.clean import encodable

RECORDED_BY = "genesis_mcp (pytest)"

PHASES = ("setup", "call", "teardown")

CODE_BYTES_MAX = 64 * 1024
"""Of a test's source."""

OUTPUT_BYTES_MAX = 256 * 1024
"""Of what a test printed: a suite has thousands, and its failures are what is read."""

PATIENCE_SECONDS = 30.0
"""How long a suite waits when a store cannot keep up with it, before runs are dropped."""

SPEC, CODE, PLACE = "genesis_spec", "genesis_code", "genesis_place"
"""What the process that runs a test adds to its report: with xdist, another one records it."""


class TestMarks:
    """Adds to each report what only the test itself knows."""

    __test__ = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        marker = item.get_closest_marker("genesis")
        if marker is not None:
            setattr(report, SPEC, str(marker.kwargs.get("spec") or next(iter(marker.args), "")))
        if report.when == "setup":
            code, place = _source(getattr(item, "function", None))
            setattr(report, CODE, code)
            setattr(report, PLACE, place)
        return report


@lru_cache(maxsize=256)  # a parametrised test is many items in a row
def _source(function: Callable[..., object] | None) -> tuple[str, dict[str, Any]]:
    """The code of a test, and its place: the file's name, and the first line in it."""
    try:
        test = inspect.unwrap(function)  # type: ignore[arg-type]
        lines, first = inspect.getsourcelines(test)
        place = {"code_file": Path(inspect.getsourcefile(test) or "").name, "code_line": first}
    except (OSError, TypeError, ValueError, SyntaxError):  # none, or its file is gone
        return "", {}
    return cap_text("".join(lines), CODE_BYTES_MAX), place


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

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        worker = getattr(getattr(report, "node", None), "gateway", None)
        place = (report.nodeid, str(getattr(worker, "id", "")))  # --dist=each runs it on each
        reports = self._going_on.setdefault(place, [])
        reports.append(report)
        if report.when == "teardown" or report.when not in PHASES:  # "???": the worker crashed
            del self._going_on[place]
            self._record(_fields(reports))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and report.nodeid not in self._uncollected:
            self._uncollected.add(report.nodeid)
            failure = {"exit_code": 1, "stderr": report.longreprtext, "message": "not collected"}
            self._record({"spec_id": clean_name(report.nodeid or "collection"), **failure})

    def pytest_sessionfinish(self) -> None:
        for reports in self._going_on.values():  # the session was interrupted in the midst of it
            ending = {"exit_code": -1, "outcome": "killed", "message": "the session was stopped"}
            self._record({**_fields(reports), "kind": "run", "level": None, **ending})
        self._going_on.clear()
        self._queue.end()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        recorded = f"{self._queue.recorded:,} of {self._queue.given:,}"
        rest = f"; the others were kept, {LATER}" if self._queue.kept_in else ""
        terminalreporter.write_line(f"genesis-mcp: {recorded} runs and events recorded{rest}")

    def _record(self, fields: dict[str, Any]) -> None:
        if fields.get("kind") != "event":  # a test's own code is not what it tests
            fields["code_hash"] = self._identity()
        run = make_run(fields, recorded_by=RECORDED_BY)
        self._queue.offer(run, patience=PATIENCE_SECONDS)


def _fields(reports: list[pytest.TestReport]) -> dict[str, Any]:
    """The run, or the event, that the reports of one test tell of."""
    nodeid = reports[0].nodeid
    spec_id = clean_name(getattr(reports[0], SPEC, "") or nodeid)
    named = {"nodeid": cap_text(encodable(nodeid), 4096)} if spec_id != nodeid else {}
    fields: dict[str, Any] = {
        "spec_id": spec_id,
        "timestamp": getattr(reports[-1], "stop", None) or now(),
        "duration_ms": round(sum(report.duration for report in reports) * 1000),
        "code_snapshot": getattr(reports[0], CODE, None),
        "stdout": cap_text(encodable(reports[-1].capstdout), OUTPUT_BYTES_MAX),
        "context": getattr(reports[0], PLACE, {}) | named,
    }
    failures = [report for report in reports if report.outcome not in ("passed", "skipped")]
    skipped = next((report for report in reports if report.skipped), None)
    if skipped is not None and not failures:
        return {**fields, "kind": "event", "level": "info", "message": _reason(skipped)}
    texts = [reports[-1].capstderr, reports[-1].caplog, *(one.longreprtext for one in failures)]
    stderr = "\n".join(text for text in texts if text)
    return {
        **fields,
        "kind": "run",
        "exit_code": 1 if failures else 0,
        "stderr": cap_text(encodable(stderr), OUTPUT_BYTES_MAX),
        "message": _where(failures),
    }


def _where(failures: list[pytest.TestReport]) -> str | None:
    """What failed besides the test itself."""
    places = [str(report.when) for report in failures if report.when != "call"]
    if not places:
        return None
    return f"failed in {' and '.join(places)}" if "???" not in places else "the worker crashed"


def _reason(report: pytest.TestReport) -> str:
    """Why a test did not count."""
    if hasattr(report, "wasxfail"):
        return cap_text(encodable(f"xfailed: {report.wasxfail}".rstrip(": ")), 1024)
    longrepr = report.longrepr
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return cap_text(encodable(f"skipped: {reason.removeprefix('Skipped: ')}"), 1024)
