"""The JSON of JavaScript's runners: jest and vitest, which share a form, mocha and Playwright."""

import base64
import binascii
from typing import Any

from genesis_mcp.ingest.junit import Report
from genesis_mcp.ingest.reports.reported_values import (
    counted,
    joined,
    line_of,
    list_of,
    object_of,
    objects_of,
    path_of,
    seconds_of,
    text_of,
    time_of,
    walked,
)
from genesis_mcp.ingest.reports.told_test import ToldTest, tell

DEPTH_MAX = 64
"""Suites within each other."""

WHOLE_RUN = "the whole run"
"""What a failure is called that is of no test and no file."""

NO_SUCCESS = "the run did not succeed, and no test of it failed"

NOT_EXPECTED = "Expected to fail, but passed."
"""What Playwright says of such a test; its JSON has no error then."""

# --- jest and vitest ---


def is_jest(report: dict[str, Any]) -> bool:
    return isinstance(report.get("testResults"), list) and "numTotalTests" in report


def tell_jest(told: dict[str, Any], report: Report) -> None:
    failed = told.get("numFailedTests") or told.get("numFailedTestSuites")
    declared = {"tests": counted(told.get("numTotalTests")), "failures": counted(failed)}
    report.start("testsuites", {"name": WHOLE_RUN, **declared})
    for file in objects_of(told["testResults"]):
        name = path_of(file.get("name"))
        began = time_of(file.get("startTime"))
        attributes = {"file": name, "timestamp": began.isoformat() if began else ""}
        report.start("testsuite", attributes)
        tests = objects_of(file.get("assertionResults"))
        has_failed = any(test.get("status") == "failed" for test in tests)
        if file.get("status") == "failed" and not has_failed:  # not loaded, or a hook failed
            tell(report, ToldTest(outcome="failed", text=text_of(file.get("message"))))
        for test in tests:
            tell(report, _jest_test(test, name))
        report.end("testsuite")
    if told.get("success") is False and not failed:
        tell(report, ToldTest(outcome="failed", message=NO_SUCCESS))
    report.end("testsuites")


def _jest_test(test: dict[str, Any], file: str) -> ToldTest:
    status = test.get("status")
    failures = test.get("failureMessages")
    told = ToldTest(
        outcome="skipped",
        name=joined([*list_of(test.get("ancestorTitles")), test.get("title")]),
        file=file,
        line=line_of(object_of(test.get("location")).get("line")),
        seconds=seconds_of(test.get("duration")),
        earlier=list(map(text_of, list_of(test.get("retryReasons")))),
        reason="todo" if status == "todo" else "",
    )
    if status == "passed":
        told.outcome = "passed"  # vitest tells what earlier attempts said
        told.earlier = told.earlier or list(map(text_of, list_of(failures)))
    elif status == "failed":
        told.outcome, told.text = "failed", text_of(failures)
    return told


# --- mocha ---


def is_mocha(report: dict[str, Any]) -> bool:
    return isinstance(report.get("stats"), dict) and isinstance(report.get("failures"), list)


def tell_mocha(told: dict[str, Any], report: Report) -> None:
    stats = object_of(told.get("stats"))
    failures = objects_of(told["failures"])
    began = time_of(stats.get("start"))
    attributes = {
        "tests": counted(stats.get("tests")),
        "failures": counted(stats.get("failures")),
        "timestamp": began.isoformat() if began else "",
    }
    pending = {_mocha_key(test) for test in objects_of(told.get("pending"))}
    tests = objects_of(told.get("tests"))
    known = {_mocha_key(test) for test in tests}
    report.start("testsuites", attributes)
    for test in tests + [one for one in failures if _mocha_key(one) not in known]:  # hooks
        tell(report, _mocha_test(test, is_pending=_mocha_key(test) in pending))
    report.end("testsuites")


def _mocha_key(test: dict[str, Any]) -> tuple[str, str]:
    return text_of(test.get("file")), text_of(test.get("fullTitle"))


def _mocha_test(test: dict[str, Any], *, is_pending: bool) -> ToldTest:
    error = object_of(test.get("err"))
    retry = line_of(test.get("currentRetry"))
    return ToldTest(
        outcome="failed" if error else "skipped" if is_pending else "passed",
        name=text_of(test.get("fullTitle")) or text_of(test.get("title")),
        file=path_of(test.get("file")),
        seconds=seconds_of(test.get("duration")),
        message=text_of(error.get("message")),
        text=text_of(error.get("stack")) or text_of(error.get("message")),
        earlier=[""] * min(retry, 10),
    )


# --- Playwright ---


def is_playwright(report: dict[str, Any]) -> bool:
    return isinstance(report.get("suites"), list) and "config" in report


def tell_playwright(told: dict[str, Any], report: Report) -> None:
    stats = object_of(told.get("stats"))
    numbers = [line_of(stats.get(name)) for name in ("expected", "unexpected", "flaky", "skipped")]
    began = time_of(stats.get("startTime"))
    attributes = {
        "name": WHOLE_RUN,
        "tests": str(sum(numbers)),
        "failures": str(numbers[1]),
        "timestamp": began.isoformat() if began else "",
    }
    report.start("testsuites", attributes)
    for error in objects_of(told.get("errors")):
        tell(report, ToldTest(outcome="failed", text=_playwright_error(error)))
    for titles, suite in walked(told, "suites", DEPTH_MAX):
        for spec in objects_of(suite.get("specs")):
            for test in objects_of(spec.get("tests")):
                tell(report, _playwright_test(test, spec, titles[1:]))
    report.end("testsuites")


def _playwright_test(
    test: dict[str, Any], spec: dict[str, Any], titles: tuple[str, ...]
) -> ToldTest:
    attempts = objects_of(test.get("results"))
    last = attempts[-1] if attempts else {}
    project = text_of(test.get("projectName"))
    seconds = seconds_of(last.get("duration"))
    status = test.get("status")
    told = ToldTest(
        outcome="passed" if status in ("expected", "flaky") else "skipped",
        name=joined([f"[{project}]" if project else "", *titles, spec.get("title")]),
        file=path_of(spec.get("file")),
        line=line_of(spec.get("line")),
        seconds=seconds,
        ended=time_of(last.get("startTime"), later=seconds),
        stdout=_printed(last.get("stdout")),
        stderr=_printed(last.get("stderr")),
        reason="; ".join(text_of(one.get("description")) for one in _notes(test)),
        earlier=[_playwright_errors(attempt) for attempt in attempts[:-1]],
    )
    if status == "unexpected":
        told.outcome, told.text = "failed", _playwright_errors(last) or NOT_EXPECTED
    return told


def _notes(test: dict[str, Any]) -> list[dict[str, Any]]:
    """Why a test is skipped, where that was said."""
    return [one for one in objects_of(test.get("annotations")) if one.get("description")]


def _playwright_errors(attempt: dict[str, Any]) -> str:
    errors = objects_of(attempt.get("errors")) or [object_of(attempt.get("error"))]
    return "\n\n".join(filter(None, map(_playwright_error, errors)))


def _playwright_error(error: dict[str, Any]) -> str:
    """The stack, or the message with the place that stands beside it."""
    told = text_of(error.get("stack")) or text_of(error.get("message"))
    place = object_of(error.get("location"))
    file, line = path_of(place.get("file")), line_of(place.get("line"))
    if not file or f"{file}:{line}" in told:
        return told
    return f"{told}\n    at {file}:{line}:{line_of(place.get('column')) or 1}"


def _printed(pieces: object) -> str:
    """Text, and bytes as base64."""
    told = []
    for piece in objects_of(pieces):
        told.append(text_of(piece.get("text")))
        try:
            data = base64.b64decode(text_of(piece.get("buffer")), validate=True)
        except (binascii.Error, ValueError):
            continue
        told.append(data.decode("utf-8", "replace"))
    return "".join(told)
