"""The Common Test Report Format (CTRF), JSON that reporters of many runners write."""

import re
from typing import Any

from genesis_mcp.ingest.junit import Report
from genesis_mcp.ingest.reports.reported_values import (
    counted,
    joined,
    line_of,
    object_of,
    objects_of,
    path_of,
    seconds_of,
    text_of,
    time_of,
)
from genesis_mcp.ingest.reports.told_test import ToldTest, tell

_FRAME = re.compile(r"^at (?=\S)", re.MULTILINE)
"""A frame of Node's stacks, of which some reporters take the margin."""


def is_ctrf(report: dict[str, Any]) -> bool:
    return isinstance(object_of(report.get("results")).get("tests"), list)


def tell_ctrf(told: dict[str, Any], report: Report) -> None:
    results = object_of(told["results"])
    summary = object_of(results.get("summary"))
    began = time_of(summary.get("start"))
    attributes = {
        "tests": counted(summary.get("tests")),
        "failures": counted(summary.get("failed")),
        "timestamp": began.isoformat() if began else "",
    }
    report.start("testsuites", attributes)
    for test in objects_of(results["tests"]):
        tell(report, _test(test))
    report.end("testsuites")


def _test(test: dict[str, Any]) -> ToldTest:
    status = test.get("status")
    message, trace = text_of(test.get("message")), text_of(test.get("trace"))
    told = ToldTest(
        outcome="skipped",
        name=_name(test),
        file=path_of(test.get("filePath")),
        line=line_of(test.get("line")),
        seconds=seconds_of(test.get("duration")),
        ended=time_of(test.get("stop")),
        stdout=text_of(test.get("stdout")),
        stderr=text_of(test.get("stderr")),
    )
    if status == "passed":
        told.outcome, told.earlier = "passed", _earlier(test)
    elif status == "failed" or (status == "other" and (message or trace)):
        told.outcome, told.message, told.earlier = "failed", message, _earlier(test)
        trace = _FRAME.sub("    at ", trace)
        told.text = trace if message in trace else f"{message}\n{trace}".strip()
    else:
        told.reason = message
    return told


def _name(test: dict[str, Any]) -> str:
    """The name behind its suites; some reporters put them into the name, or the file into them."""
    name, suites, file = text_of(test.get("name")), test.get("suite"), path_of(test.get("filePath"))
    parts = suites if isinstance(suites, list) else text_of(suites).split(" > ")
    told = [text_of(part).strip() for part in parts]
    told = [part for part in told if part and not (file and file.endswith(path_of(part)))]
    return name if told and name.startswith(told[0]) else joined([*told, name])


def _earlier(test: dict[str, Any]) -> list[str]:
    attempts = objects_of(test.get("retryAttempts"))
    failed = [text_of(one.get("message")) for one in attempts if one.get("status") == "failed"]
    times = line_of(test.get("retries")) or (1 if test.get("flaky") is True else 0)
    return failed or [""] * min(times, 10)
