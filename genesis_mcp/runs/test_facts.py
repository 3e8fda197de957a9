"""What a run's output tells of its tests, kept beside it, and whether that contradicts its code."""

import re
import shlex
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from genesis_mcp.runs.model import Outcome, Run, RunFacts
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.wording import plural
from genesis_mcp.text.literals import Literals

if TYPE_CHECKING:
    from genesis_mcp.diagnostics.test_results.report import FoundTests

READ_VERSION = 1
"""Of the rules that read tests and doubt; raised when a change reads others in an old output, so
that rows of an older version are read anew."""

MARKS = Literals(
    (
        *("ass", "ail", "ASS", "AIL", "test", "Test", "TEST", "Ran ", "OK (", "1..", "TAP v"),
        *("kip", "SKIP", "Executed ", "error in ", "errors in ", "deselected in "),
    )
)
"""Of which each output that tells of tests has one: what reads them is slow to import. TAP is read
by its plan or its version: lines such as `ok 1 - done` alone are what any program prints."""

RUN_A_TEST = (
    "genesis-mcp ingest --junit",
    "genesis-mcp ingest --report",
    "genesis_mcp (pytest)",
)
"""Writers whose runs are one test each, but for suites: what a test's own output tells of tests is
its business."""

_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "cmd")


def told_of_tests(run: Run) -> dict[str, Any]:
    """The fields of what a run's output tells of tests, and a doubt where that contradicts it."""
    if run.kind == "event":
        return {}
    tests = None if is_one_test(run) else _tests(run)
    return {
        "read_version": READ_VERSION,
        "doubt": _doubt(run, tests),
        "tests": tests,
        "tests_passed": tests.passed if tests else None,
        "tests_failed": tests.failed + tests.errored if tests else None,
        "tests_skipped": tests.skipped if tests else None,
    }


def is_one_test(run: RunFacts) -> bool:
    """Whether its writer recorded a single test with it."""
    return run.kind != "suite" and run.recorded_by in RUN_A_TEST


def is_read(run: RunFacts) -> bool:
    """Whether it was read by the present rules; an event has no tests."""
    return run.kind == "event" or run.read_version == READ_VERSION


def _tests(run: Run) -> TestReport | None:
    if not (MARKS.has_any(run.stdout) or MARKS.has_any(run.stderr)):
        return None
    from genesis_mcp.diagnostics.test_results.reader import read_tests

    passed = run.outcome == Outcome.PASSED
    found = read_tests(stdout=run.stdout, stderr=run.stderr, passed=passed)
    return _report(found) if found else None


def _report(found: "FoundTests") -> TestReport:
    told = {one.name: getattr(found, one.name) for one in fields(found)}
    return TestReport(**told).within_bounds()


def _doubt(run: Run, tests: TestReport | None) -> str | None:
    """Why exit code 0 is not believed; of a run that did not pass by its code there is none."""
    if tests is None or run.outcome != Outcome.PASSED or not (tests.failed or tests.errored):
        return None
    told = [
        plural(number, word)
        for number, word in ((tests.failed, "failed test"), (tests.errored, "error"))
        if number
    ]
    doubt = f"exit 0, but its own summary tells of {' and '.join(told)}"
    if is_piped((run.context or {}).get("command")):
        doubt += "; the code of a pipe is its last command's"
    return doubt


def is_piped(command: Any) -> bool:
    """Whether a recorded command is a shell's, with a pipe whose code is its last command's."""
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        return False
    for place, word in enumerate(command[:-1]):
        if re.split(r"[/\\]", word)[-1].removesuffix(".exe") in _SHELLS:
            options = command[place + 1 : -1]
            runs_script = any(re.fullmatch(r"-[a-z]*c|/[cC]", option) for option in options)
            return runs_script and "pipefail" not in " ".join(command) and _has_pipe(command[-1])
    return False


def _has_pipe(script: str) -> bool:
    """Whether a script has a bar that is neither quoted nor a part of `||`."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    try:
        return any(token in ("|", "|&") for token in lexer)
    except ValueError:
        return False
