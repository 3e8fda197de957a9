"""The events of `go test -json`: one object a line, with what the compiler says between them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.junit import Report
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.reports.reported_values import text_of, time_of
from genesis_mcp.ingest.reports.told_test import Outcome, ToldTest, tell
from genesis_mcp.runs.head_and_tail import HeadAndTail

HELD_BYTES_MAX = 64 * 1024 * 1024
"""Bytes of output that tests may have that are not told yet; what is over it is not kept."""

HELD_TESTS_MAX = 20_000
"""Tests that may be open at the same time, and tests of a package that wait for its end."""

OUTPUT_BYTES_MAX = 1024 * 1024
"""Kept of what one test printed."""

_ENDS: dict[str, Outcome] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_SAYS_FAILED = re.compile(r"(?m)^ *--- FAIL: |^(?:panic|fatal error): ")
"""What a test printed whose end was lost, because its process ended."""
_FRAMING = re.compile(r"\s*(?:===|---) ")
_BUILD = re.compile(r"# (\S+)")
_BROKEN = re.compile(r"FAIL\t(\S+) \[(?:build|setup) failed\]")


@dataclass(slots=True)
class _Test:
    """A test that has begun."""

    output: HeadAndTail = field(default_factory=lambda: HeadAndTail(OUTPUT_BYTES_MAX))
    inner_failure: str = ""
    """What the first subtest printed that failed."""


@dataclass(slots=True)
class _Package:
    """A package of which the end has not come."""

    began: datetime | None = None
    has_failed: bool = False
    """Whether one of its tests did."""
    open: dict[str, _Test] = field(default_factory=dict)
    told: list[ToldTest] = field(default_factory=list)
    output: HeadAndTail = field(default_factory=lambda: HeadAndTail(OUTPUT_BYTES_MAX))


def is_go(event: dict[str, Any]) -> bool:
    return "Action" in event and ("Package" in event or "ImportPath" in event)


class GoEvents:
    """What was told until now; packages run beside each other, and each is told when it ends."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._packages: dict[str, _Package] = {}
        self._built: dict[str, HeadAndTail] = {}
        self._building = ""
        self._held = 0
        self._open = 0

    def read(self, lines: Iterator[Line]) -> Iterator[None]:
        """Tell the report of these lines; at each step it may be asked what it has.

        Raises:
            InputError: more tests are open at the same time than can be held.
        """
        self._report.start("testsuites", {})
        for line in lines:
            event = _event(line.data)
            if event is None:
                self._printed(line.data.decode("utf-8", "replace"))
            else:
                self._event(event)
            yield
        self._end()
        yield

    def _end(self) -> None:
        is_cut = bool(self._packages)
        for name in list(self._packages):
            self._tell_package(name, self._packages.pop(name))
        if is_cut:
            self._report.broken(self._report.line)
        self._report.end("testsuites")

    def _printed(self, text: str) -> None:
        """A line that is no event: the compiler's, in Go before 1.24."""
        if heading := _BUILD.match(text):
            self._building = heading[1]
        elif broken := _BROKEN.match(text):
            self._fail_build(broken[1], broken[1])
        elif self._building:
            self._build(self._building, f"{text}\n")

    def _build(self, name: str, text: str) -> None:
        if name in self._built or len(self._built) < HELD_TESTS_MAX:
            self._keep(self._built.setdefault(name, HeadAndTail(OUTPUT_BYTES_MAX)), text)

    def _fail_build(self, name: str, built: str) -> None:
        package = self._packages.pop(name, _Package())
        said = self._built.pop(built, None)
        if said is not None:
            self._keep(package.output, said.text())
        self._tell_package(name, package, failed=True)

    def _event(self, event: dict[str, Any]) -> None:
        action = text_of(event.get("Action"))
        if action == "build-output":
            self._build(text_of(event.get("ImportPath")), text_of(event.get("Output")))
        name = text_of(event.get("Package"))
        if not name:
            return
        package = self._packages.get(name)
        if package is None:
            if len(self._packages) >= HELD_TESTS_MAX:
                raise InputError("tells of more packages at the same time than can be held.")
            package = self._packages[name] = _Package(time_of(event.get("Time")))
        test = text_of(event.get("Test"))
        if test:
            self._test_event(package, name, test, action, event)
        elif action == "output":
            self._keep(package.output, text_of(event.get("Output")))
        elif action == "fail" and (built := text_of(event.get("FailedBuild"))):
            self._fail_build(name, built)
        elif action in _ENDS:
            self._tell_package(name, self._packages.pop(name), failed=action == "fail")

    def _test_event(
        self, package: _Package, name: str, test: str, action: str, event: dict[str, Any]
    ) -> None:
        running = package.open.get(test)
        if running is None:
            if self._open >= HELD_TESTS_MAX:
                raise InputError("tells of more tests at the same time than can be held.")
            self._open += 1
            running = package.open[test] = _Test()
        if action == "output":
            self._keep(running.output, text_of(event.get("Output")))
        elif action in _ENDS:
            del package.open[test]
            self._open -= 1
            self._ended(package, name, test, running, event)

    def _ended(
        self, package: _Package, name: str, test: str, running: _Test, event: dict[str, Any]
    ) -> None:
        outcome = _ENDS[text_of(event.get("Action"))]
        elapsed = event.get("Elapsed")
        told = _told(name, test, running, outcome)
        told.seconds = float(elapsed) if isinstance(elapsed, int | float) else None
        told.ended = time_of(event.get("Time"))
        package.told.append(told)
        if outcome == "failed":
            package.has_failed = True
            outer = package.open.get(test.rpartition("/")[0])
            if outer is not None and not outer.inner_failure:
                outer.inner_failure = told.text
        if len(package.told) >= HELD_TESTS_MAX or self._held > HELD_BYTES_MAX:
            self._tell_tests(name, package)

    def _tell_package(self, name: str, package: _Package, *, failed: bool = False) -> None:
        """Tell of its tests, of those that never ended, and of what is no test's failure."""
        self._open -= len(package.open)
        for test, running in package.open.items():
            is_why = failed and bool(_SAYS_FAILED.search(running.output.text()))
            package.has_failed = package.has_failed or is_why
            told = _told(name, test, running, "failed" if is_why else "unknown")
            package.told.append(told)
        if failed and not package.has_failed:
            printed = (told.stdout for told in reversed(package.told))  # a race with its last test
            crash = next(filter(_SAYS_FAILED.search, printed), "")
            text = crash + package.output.text()
            message = "" if text else "the build failed"
            package.told.append(ToldTest(outcome="failed", message=message, text=text))
        self._held = max(0, self._held - package.output.total)
        self._tell_tests(name, package)

    def _tell_tests(self, name: str, package: _Package) -> None:
        began = package.began.isoformat() if package.began else ""
        self._report.start("testsuite", {"name": name, "timestamp": began})
        self._report.start("property", {"name": "go.version"})  # a name that comes again is a retry
        self._report.end("property")
        for test in package.told:
            self._held = max(0, self._held - len(test.text) - len(test.stdout))
            tell(self._report, test)
        package.told.clear()
        self._report.end("testsuite")

    def _keep(self, output: HeadAndTail, text: str) -> None:
        if self._held <= HELD_BYTES_MAX:
            output.write(text)
            self._held += len(text)


def _told(package: str, test: str, running: _Test, outcome: Outcome) -> ToldTest:
    text = running.output.text()
    told = ToldTest(outcome=outcome, classname=package, name=test)
    said = [line.strip() for line in text.splitlines() if not _FRAMING.match(line)]
    if outcome == "failed":
        told.text = text + running.inner_failure if any(said) or running.inner_failure else ""
        told.message = "" if told.text else "failed, and said nothing"
    elif outcome == "skipped":
        told.reason = "\n".join(said)
    else:
        told.stdout = text
    return told


def _event(data: bytes) -> dict[str, Any] | None:
    if data[:1] != b"{":
        return None
    try:
        event = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and is_go(event) else None
