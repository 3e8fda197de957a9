"""The run of a whole suite, made of what its tests did, which are recorded as runs as well."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from genesis_mcp.diagnostics.test_results.report import KEYS_MAX
from genesis_mcp.diagnostics.test_results.runner import Named
from genesis_mcp.diagnostics.test_results.suite_text import suite_text
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Run

SUITE_RUN = "suite_run"
"""What the context of a test's run has the id of its suite's run as."""


def as_part(context: Mapping[str, Any] | None, suite_run: str) -> dict[str, Any]:
    """The context of a test's run, with the suite's run that it is a part of."""
    return {**(context or {}), SUITE_RUN: suite_run}


class SuiteRun:
    """What became of the tests of a suite so far."""

    def __init__(self, runner: str | None = None) -> None:
        self._runner = runner
        self._counts = Counter[str]()
        self._failing: list[Named] = []
        self._flaky: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there was no test at all, not even one that was skipped."""
        return not self._counts.total()

    @property
    def failed(self) -> bool:
        return bool(self._counts["failed"] or self._counts["errored"])

    def passed(self, name: str, *, is_flaky: bool = False) -> None:
        """A test passed; `is_flaky`: when it was repeated."""
        self._counts["passed"] += 1
        if is_flaky:
            self._counts["flaky"] += 1
            self._flaky += [name] if len(self._flaky) < KEYS_MAX else []

    def skipped(self) -> None:
        self._counts["skipped"] += 1

    def fails(self, test: Named) -> None:
        """A test failed, or could not be run."""
        self._counts["errored" if test.ended_in_error else "failed"] += 1
        self._failing += [test] if len(self._failing) < KEYS_MAX else []

    def run(self, fields: Mapping[str, Any], *, recorded_by: str) -> Run:
        """The suite's run with these fields.

        Raises:
            UnfitFields: one of them is none that a run can have.
        """
        told: dict[str, Any] = {
            "kind": "suite",
            "exit_code": int(self.failed),
            "stdout": suite_text(
                self._counts, failing=self._failing, flaky=self._flaky, runner=self._runner
            ),
        }
        return make_run(told | dict(fields), recorded_by=recorded_by)
