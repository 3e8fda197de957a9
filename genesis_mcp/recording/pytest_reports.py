"""What pytest's reports tell of one test, which may be repeated: the fields of its run or event.

pytest-rerunfailures reports an attempt that is repeated with an outcome of its own, "rerun"; older
versions of it report no teardown of one.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genesis_mcp.diagnostics.test_results.report import MESSAGE_CHARS_MAX
from genesis_mcp.diagnostics.test_results.runner import Named
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import now
from genesis_mcp.text.clean import clean_line, encodable

PHASES = ("setup", "call", "teardown")

REPEATED = "rerun"

OUTPUT_BYTES_MAX = 256 * 1024
"""Of what a test printed: a suite has thousands, and its failures are what is read."""

SPEC, CODE, PLACE = "genesis_spec", "genesis_code", "genesis_place"
"""What the process that runs a test adds to its report: with xdist, another one records it."""


def is_over(reports: list[pytest.TestReport]) -> bool:
    """Whether a test of which there are these reports has come to its end."""
    last = reports[-1]
    if last.when not in PHASES:  # "???": the worker crashed
        return True
    return last.when == "teardown" and not any(map(_is_repeated, _last_attempt(reports)))


def _is_repeated(report: pytest.TestReport) -> bool:
    return report.outcome == REPEATED


def _last_attempt(reports: list[pytest.TestReport]) -> list[pytest.TestReport]:
    setups = [place for place, report in enumerate(reports) if report.when == "setup"]
    return reports[setups[-1] :] if setups else reports


def failures_of(reports: list[pytest.TestReport]) -> list[pytest.TestReport]:
    """What failed of a test, when it was run for the last time."""
    ended = ("passed", "skipped", REPEATED)
    return [report for report in _last_attempt(reports) if report.outcome not in ended]


def failing(name: str, report: pytest.TestReport | pytest.CollectReport) -> Named:
    """The test, or what could not be collected, with its error and the place of that."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        message = encodable(str(crash.message)).partition("\n")[0]
        return Named(name, file=_from_here(crash.path), line=crash.lineno, message=message)
    from genesis_mcp.diagnostics.finding import find_error  # slow to import, and rarely needed

    found = find_error(stdout="", stderr=encodable(report.longreprtext))
    if found is None:
        return Named(name)
    kind, message = found.type, found.message
    message = message if not kind or kind in message else f"{kind}: {message}"
    return Named(name, file=found.file, line=found.line, message=message)


def _from_here(path: str) -> str:
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path


def fields_of(reports: list[pytest.TestReport]) -> dict[str, Any]:
    """The run, or the event, that the reports of one test tell of."""
    nodeid = reports[0].nodeid
    last = _last_attempt(reports)
    spec_id = clean_name(getattr(reports[0], SPEC, "") or nodeid)
    named = {"nodeid": cap_text(encodable(nodeid), 4096)} if spec_id != nodeid else {}
    fields: dict[str, Any] = {
        "spec_id": spec_id,
        "timestamp": _ended(reports[-1]),
        "duration_ms": round(sum(report.duration for report in last) * 1000),
        "code_snapshot": getattr(reports[0], CODE, None),
        "stdout": cap_text(encodable(reports[-1].capstdout), OUTPUT_BYTES_MAX),
        "context": getattr(reports[0], PLACE, {}) | named | _reruns(reports),
    }
    failures = failures_of(reports)
    skipped = next((report for report in last if report.skipped), None)
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


def _ended(report: pytest.TestReport) -> datetime:
    stop = getattr(report, "stop", None)
    return datetime.fromtimestamp(stop, UTC) if isinstance(stop, float) and stop > 0 else now()


def _reruns(reports: list[pytest.TestReport]) -> dict[str, Any]:
    """What there is to say of a test that was repeated, in the words of `ingest --junit`."""
    repeated = [report for report in reports if _is_repeated(report)]
    if not repeated:
        return {}
    first = failing("", repeated[0]).message
    told = {"reruns": sum(report.when == "setup" for report in reports) - 1}
    told |= {"flaky": not failures_of(reports)}
    return told | ({"first_failure": clean_line(first, MESSAGE_CHARS_MAX)} if first else {})


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
