"""One test as any report tells of it, given on as the elements of JUnit's XML."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.ingest.junit import Report
from genesis_mcp.ingest.junit_cases import ENDED

Outcome = Literal["passed", "failed", "skipped", "unknown"]


@dataclass(kw_only=True, slots=True)
class ToldTest:
    """What a report says of a test; what it does not say is empty."""

    outcome: Outcome
    name: str = ""
    """Empty: of the suite itself, which could not be loaded or built."""
    classname: str = ""
    file: str = ""
    line: int = 0
    seconds: float | None = None
    ended: datetime | None = None
    kind: str = ""
    """The error's type."""
    message: str = ""
    text: str = ""
    """What is told of the failure, its stack with it."""
    reason: str = ""
    """Why it was skipped."""
    stdout: str = ""
    stderr: str = ""
    earlier: list[str] = field(default_factory=list)
    """What the attempts said that failed before this one."""


def tell(report: Report, test: ToldTest) -> None:
    """Have the report take in the test, within the suite that is open."""
    if not test.name:
        _element(report, "error", test.text, type=test.kind, message=test.message)
        return
    report.start("testcase", _attributes(test))
    for text in test.earlier:
        name = "flakyFailure" if test.outcome == "passed" else "rerunFailure"
        _element(report, name, message=_headline(text))
    for name, text in (("system-out", test.stdout), ("system-err", test.stderr)):
        if text:
            _element(report, name, text)
    if test.outcome == "failed":
        _element(report, "failure", test.text, type=test.kind, message=test.message)
    elif test.outcome == "skipped":
        _element(report, "skipped", message=test.reason)
    if test.outcome == "unknown":
        report.cut_off()
    else:
        report.end("testcase")


def _attributes(test: ToldTest) -> dict[str, str]:
    told = {
        "name": test.name,
        "classname": test.classname,
        "file": test.file,
        "line": str(test.line or ""),
        "time": "" if test.seconds is None else f"{test.seconds:.6f}",
        ENDED: test.ended.isoformat() if test.ended else "",
    }
    return {name: value for name, value in told.items() if value}


def _headline(text: str) -> str:
    """The error that a text tells of, in one line."""
    error = find_error(stdout="", stderr=text) if text else None
    if error is None:
        return ""
    return f"{error.type}: {error.message}" if error.type else error.message


def _element(report: Report, name: str, text: str = "", **attributes: str) -> None:
    report.start(name, attributes)
    if text:
        report.text(text)
    report.end(name)
