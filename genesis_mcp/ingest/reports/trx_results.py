"""The test results of Visual Studio (.trx), as `dotnet test --logger trx` writes them."""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.junit import Report, local, refuse_doctype
from genesis_mcp.ingest.reports.reported_values import time_of
from genesis_mcp.ingest.reports.told_test import Outcome, ToldTest, tell
from genesis_mcp.ingest.xml_text import XmlText, shown

DEPTH_MAX = 64

_ENDS: dict[str, Outcome] = {
    "Passed": "passed",
    "PassedButRunAborted": "passed",
    "Warning": "passed",
    "Failed": "failed",
    "Error": "failed",
    "Timeout": "failed",
    "Aborted": "failed",
    "Disconnected": "failed",
}
"""Outcomes of the schema of TRX; a test with any other one did not run, or not to its end."""

_WORDED = {"Timeout": "the test took too long", "Aborted": "the test was aborted"}
"""What is said of a failure that has no message."""

_DURATION = re.compile(r"(?:(\d{1,3})\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,9})?)")
_THREW = re.compile(r"Test method \S{1,500} threw exception:\s*")
"""What MSTest writes before an exception."""
_DOTNET_FRAME = re.compile(r"(?m)^\s*at .* in .*:line \d+\s*$")
_OF_A_TEST = re.compile(r".*\[FAIL\]\s*$|Exit code indicates failure")
"""What runners tell of the run when a test failed, whose result tells more."""
_TEXTS = {
    ("StdOut",): "stdout",
    ("StdErr",): "stderr",
    ("ErrorInfo", "Message"): "message",
    ("ErrorInfo", "StackTrace"): "stack",
}


class _Results:
    """What was read so far; the classes of the tests stand behind their results."""

    def __init__(self) -> None:
        self.tests: list[tuple[str, ToldTest]] = []
        """Each with the id of its definition."""
        self.classes: dict[str, str] = {}
        self.faults: list[str] = []
        """What the run says of itself."""
        self.counters: dict[str, str] = {}
        self.began = ""
        self._open: list[str] = []
        self._results: list[tuple[dict[str, str], dict[str, list[str]]]] = []
        self._has_inner = False
        self._definition = ""
        self._fault: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if name == "UnitTestResult" and len(self._results) < DEPTH_MAX:
            self._results.append((attributes, {}))
            self._has_inner = False
        elif name == "UnitTest":
            self._definition = attributes.get("id", "")
        elif name == "TestMethod" and attributes.get("className"):
            self.classes[self._definition] = attributes["className"].split(",")[0]
        elif name == "Counters":
            self.counters = attributes
        elif name == "Times":
            self.began = attributes.get("start", "")
        elif name == "RunInfo" and attributes.get("outcome") in ("Error", "Failed", "Aborted"):
            self._fault = []

    def text(self, text: str) -> None:
        if self._fault is not None:
            self._fault.append(text)
        elif self._results:
            told = self._results[-1][1]
            for length in (1, 2):
                if kind := _TEXTS.get(tuple(self._open[-length:])):
                    told.setdefault(kind, []).append(text)

    def end(self, name: str) -> None:
        if self._open:
            self._open.pop()
        if name == "UnitTestResult" and self._results:
            attributes, told = self._results.pop()
            if not self._has_inner:  # of a test with rows of data each row is one
                self.tests.append((attributes.get("testId", ""), _told(attributes, told)))
            self._has_inner = bool(self._results)
        elif name == "RunInfo" and self._fault is not None:
            self.faults.append("".join(self._fault).strip())
            self._fault = None


def tell_trx(data: bytes, report: Report) -> Iterator[None]:
    """Tell the report of a whole file.

    Raises:
        InputError: it is no well-formed XML; what stands before the fault is told.
    """
    results = _Results()
    fault = _parse(data, results)
    began = time_of(results.began)
    attributes = {
        "name": "the whole run",
        "tests": results.counters.get("total", ""),
        "failures": results.counters.get("failed", ""),
        "timestamp": began.isoformat() if began else "",
    }
    report.start("testsuites", attributes)
    has_failed = any(test.outcome == "failed" for _, test in results.tests)
    for text in results.faults:
        if not (has_failed and _OF_A_TEST.match(text)):
            tell(report, ToldTest(outcome="failed", text=text))
    for identity, test in results.tests:
        test.classname = _class_of(test.name, results.classes.get(identity, ""))
        tell(report, test)
        yield
    if fault:
        report.broken(fault)
        raise InputError("from here on it is no well-formed XML.")
    report.end("testsuites")
    yield


def _parse(data: bytes, results: _Results) -> int:
    """The line of the first fault, or 0."""
    parser, text = expat.ParserCreate("utf-8"), XmlText()

    def start(name: str, attributes: dict[str, str]) -> None:
        results.start(local(name), {key: shown(value) for key, value in attributes.items()})

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: results.end(local(name))
    parser.CharacterDataHandler = lambda text: results.text(shown(text))
    parser.buffer_text = True
    try:
        parser.Parse(text.take(data, final=True).encode(), True)
    except expat.ExpatError as error:
        return error.lineno
    return 0


def _told(attributes: dict[str, str], told: dict[str, list[str]]) -> ToldTest:
    texts: dict[str, Any] = {kind: "".join(pieces) for kind, pieces in told.items()}
    message, outcome = texts.get("message", "").strip(), attributes.get("outcome", "")
    test = ToldTest(
        outcome=_ENDS.get(outcome, "skipped"),
        name=attributes.get("testName", "").strip() or "unnamed test",
        seconds=_seconds(attributes.get("duration", "")),
        ended=time_of(attributes.get("endTime")),
        stdout=texts.get("stdout", ""),
        stderr=texts.get("stderr", ""),
    )
    if test.outcome == "failed":
        test.message = _THREW.sub("", message) or _WORDED.get(outcome, "")
        test.text = _failure(test.message, texts.get("stack", ""))
    elif test.outcome == "skipped":
        test.reason = message or (outcome if outcome != "NotExecuted" else "")
    return test


def _failure(message: str, stack: str) -> str:
    """A failure as the console of `dotnet test` prints it, if it is one of .NET."""
    if not _DOTNET_FRAME.search(stack):
        return f"{message}\n{stack}"
    return f"  Error Message:\n   {message}\n  Stack Trace:\n{stack}"


def _class_of(name: str, classname: str) -> str:
    """The class, unless the name has it: xUnit writes names that are whole."""
    return "" if name.startswith(f"{classname}.") else classname


def _seconds(duration: str) -> float | None:
    found = _DURATION.match(duration)
    if not found:
        return None
    days, hours, minutes, seconds = found.groups(default="0")
    return int(days) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)
