"""The run that an event tells of: an exit code tells how it ended only where it is its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import NO_EXIT_CODE, Outcome, Run
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.text.clean import encodable

if TYPE_CHECKING:
    from datetime import datetime

    from genesis_mcp.hook.event import Event
    from genesis_mcp.hook.what_runs import FoundRun

RECORDED_BY = "genesis-mcp hook"

LINE_BYTES_MAX, WORD_BYTES_MAX, WORDS_MAX = 2048, 1024, 100
"""Of the command in `context`."""


def run_of_event(
    event: Event,
    found: FoundRun,
    *,
    code_hash: str | None = None,
    at: datetime | None = None,
    recorded_by: str = RECORDED_BY,
) -> Run:
    """The complete run, not yet recorded; `at` is when it ended, now if it is not told."""
    fields: dict[str, Any] = {
        "kind": "run",
        "recorded_by": recorded_by,
        "spec_id": found.spec_id,
        "stdout": encodable(event.stdout),
        "stderr": encodable(event.stderr),
        "message": event.message or None,
        "duration_ms": event.duration_ms,
        "code_hash": code_hash,
        "context": _context(event, found),
        "timestamp": at,
    }
    if event.tool_use_id.isascii() and 8 <= len(event.tool_use_id) <= 200:
        fields["run_id"] = event.tool_use_id
    return _with_outcome(event, found, fields)


def _with_outcome(event: Event, found: FoundRun, fields: dict[str, Any]) -> Run:
    code = event.exit_code
    if event.outcome:
        ended = {"outcome": event.outcome, "exit_code": NO_EXIT_CODE}
        return make_run({**fields, **ended}, recorded_by=RECORDED_BY)
    if code is not None and (found.passes_by_code if code == 0 else found.code_counts):
        return make_run({**fields, "exit_code": code}, recorded_by=RECORDED_BY)
    if code is None and event.failed and found.code_counts:
        return make_run({**fields, "outcome": "failed"}, recorded_by=RECORDED_BY)
    run = make_run({**fields, "outcome": "unknown"}, recorded_by=RECORDED_BY)
    return replace(run, outcome=_by_summary(run, found))


def _by_summary(run: Run, found: FoundRun) -> Outcome:
    """What the runner itself says at the end; a pass only where nothing speaks against it."""
    from genesis_mcp.runs.test_facts import told_of_tests  # slow to import, and seldom asked

    told = told_of_tests(run)
    if told.get("tests_failed"):
        return Outcome.FAILED
    if not (found.passes_by_summary and told.get("tests_passed")):
        return Outcome.UNKNOWN
    from genesis_mcp.diagnostics.finding import find_error

    error = find_error(stdout=run.stdout, stderr=run.stderr)
    return Outcome.UNKNOWN if error and error.is_error else Outcome.PASSED


def _context(event: Event, found: FoundRun) -> dict[str, Any]:
    words = [cap_text(encodable(word), WORD_BYTES_MAX) for word in found.command[:WORDS_MAX]]
    if len(found.command) > WORDS_MAX:
        words.append(f"[... {len(found.command) - WORDS_MAX:,} arguments left out ...]")
    told = {
        "command": words,
        "line": cap_text(encodable(event.command), LINE_BYTES_MAX),
        "folder": cap_text(encodable(found.folder), WORD_BYTES_MAX),
        "session": cap_text(encodable(event.session), WORD_BYTES_MAX),
        "agent": cap_text(encodable(event.agent), WORD_BYTES_MAX),
    }
    return {name: value for name, value in told.items() if value}
