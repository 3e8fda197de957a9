"""The error of a failure, found in its texts and kept beside it as its signature."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from genesis_mcp.runs.main_error import FEWEST, of_suite, shared_by_most
from genesis_mcp.runs.model import Outcome, Run, RunFacts, Signature, changed
from genesis_mcp.runs.test_facts import is_one_test, is_read, told_of_tests
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.wording import ended

if TYPE_CHECKING:
    from genesis_mcp.diagnostics.finding import FoundError

_SIGNALS = {
    1: "hung up", 2: "interrupted", 4: "illegal instruction", 6: "aborted", 7: "bus error",
    8: "floating point exception", 9: "killed", 11: "segmentation fault", 13: "broken pipe",
    14: "alarm clock", 15: "terminated", 24: "out of CPU time",
}  # fmt: skip
"""How the signals end a program that the same word is for on Linux and macOS."""
_TIMED_OUT = 124
"""What `timeout` exits with (its manual page)."""


def find(run: Run, tests: TestReport | None = None) -> "FoundError | None":
    """The error in a run's texts; None when it printed nothing.

    A run that was ended from outside failed for the reason that its recorder noted, whatever it
    had printed until then; one that a signal killed may have printed why. The last line of one
    that did not is no error: how it ended is. Of several failing `tests` it is the error that most
    of them share.
    """
    from genesis_mcp.diagnostics.finding import find_error  # slow to import, and most runs pass

    if run.kind == "suite" and tests and tests.failing and not run.message:
        return of_suite(tests.failing)
    if run.message and run.outcome in (Outcome.TIMEOUT, Outcome.NOT_STARTED):
        return find_error(stdout="", stderr="", message=run.message)
    if run.message and run.outcome == Outcome.KILLED:
        return find_error(stdout=run.stdout, stderr=run.stderr, guess=False) or find_error(
            stdout="", stderr="", message=run.message
        )
    found = find_error(stdout=run.stdout, stderr=run.stderr, message=run.message)
    if found is None:
        return None
    if found.stream == "message" and _tells_its_error_apart(run):
        # A word such as "failed" in a logger's message tells less than the error beside it.
        sure = find_error(stdout="", stderr="", message=run.message, guess=False)
        found = sure or find_error(stdout="", stderr=run.stderr) or found
    if tests and len(tests.failing) >= FEWEST:
        return shared_by_most(run, tests.failing, found)
    if found.is_error or not (how := _ended_from_outside(run)):
        return found
    return replace(
        found, message=f"{how}; its last line: {found.message}", file=None, line=None, beside=""
    )


def _tells_its_error_apart(run: Run) -> bool:
    """Whether it is a log line with an error of one line, such as `HTTP 503`."""
    line = run.stderr.rstrip("\n")
    return run.kind == "event" and line[:1] not in ("", " ", "\t") and "\n" not in line


def _ended_from_outside(run: Run) -> str:
    """How a run ended that did not end by itself, such as `killed, exit 137`."""
    code = run.exit_code
    if run.kind == "event" or code is None:
        return ""
    if code == _TIMED_OUT:
        return f"timed out, exit {code}"
    number = -code if code < 0 else code - 128
    return f"{_SIGNALS[number]}, exit {code}" if number in _SIGNALS else ""


def sign(run: Run) -> Run:
    """The run with what its texts tell: the error of a failure, the tests, a doubt of a pass."""
    told = told_of_tests(run)
    signature = _signature(run, told.get("tests")) if run.failed else None
    if not told and signature is run.signature:  # an event, as nearly always: a copy costs more
        return run
    return changed(run, signature=signature, **told)


def _signature(run: Run, tests: TestReport | None) -> Signature:
    is_reported = run.signature is not None and is_one_test(run)
    return signature_of(run, _as_reported(run) if is_reported else find(run, tests))


def _as_reported(run: Run) -> "FoundError":
    """The error of a test as its report told it, which its texts alone may not.

    They tell what else its keys are made of, where they tell the same error.
    """
    from genesis_mcp.diagnostics.finding import FoundError, find_error

    reported = cast("Signature", run.signature)
    found = find_error(stdout="", stderr=run.stderr, guess=False)
    if found is None or not reported.message.startswith(found.message):
        found = FoundError(
            type=None, message="", file=None, line=None, stream="message", line_number=0
        )
    place = (reported.file, reported.line) if reported.file else (found.file, found.line)
    return replace(
        found, type=reported.type, message=reported.message, file=place[0], line=place[1]
    )


def sign_anew(run: Run) -> Run:
    """The run as the present rules read it: as it is, if they did already."""
    is_signed = is_current(run.signature) if run.failed else run.signature is None
    return run if is_signed and is_read(run) else sign(run)


def signature_of(run: RunFacts, found: "FoundError | None") -> Signature:
    """The signature of what was found; a silent failure is known by how it ended."""
    from genesis_mcp.diagnostics.finding import SIGNATURE_VERSION, FoundError, signature_keys

    error = found or FoundError(
        type=None,
        message=f"{ended(run)}, without output",
        file=None,
        line=None,
        stream="message",
        line_number=0,
    )
    keys = signature_keys(error)
    return Signature(
        type=error.type,
        message=error.message,
        file=error.file,
        line=error.line,
        group=keys.group,
        exact=keys.exact,
        version=SIGNATURE_VERSION,
    )


def is_current(signature: Signature | None) -> bool:
    return signature is not None and is_current_version(signature.version)


def is_current_version(version: int | None) -> bool:
    """Whether a signature of this version was made as this package makes them now."""
    if version is None:
        return False
    from genesis_mcp.diagnostics.keys import SIGNATURE_VERSION

    return version == SIGNATURE_VERSION
