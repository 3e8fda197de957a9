"""What is stored: the run and the event, their fields and the limits of each.

Field names are those of the specification documents (MS_Prometheus_Logging v1.0 section 3 and v1.2
section 6) plus what this package adds; docs/schema.md explains each. Nothing here knows an engine,
and nothing here checks: `conforming` makes records of what others give.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal

from genesis_mcp.runs.test_report import TestReport

TEXT_SIZES = {
    "message": "message_bytes",
    "stdout": "stdout_bytes",
    "stderr": "stderr_bytes",
    "code_snapshot": "code_bytes",
}
"""The texts of a run, and the fields that tell how long each was."""

TEXTS, SIZES = tuple(TEXT_SIZES), tuple(TEXT_SIZES.values())

LABELS = ("spec_id", "sprint_id", "task_id", "service", "version")
"""The names by which a writer tells what a run is of; `recorded_by` names the writer."""

LABEL_CHARS_MAX = 200
"""Characters of run_id, spec_id, sprint_id, task_id, service, version, level and recorded_by."""

CONTEXT_BYTES_MAX = 16 * 1024
"""UTF-8 bytes of `context` as JSON."""

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
UINT32_MAX = 2**32 - 1

ARRIVAL_MIN = 10**15
"""Microseconds since 1970, in 2001: a smaller `recorded_at` is a place in an order and no time."""

NO_EXIT_CODE = -1
"""What the specification documents record for what was killed or timed out."""

PINO_LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
"""Pino's numeric levels (its API documentation, "Levels")."""

FAILED_LEVELS = frozenset({"error", "fatal"})


Kind = Literal["run", "event", "suite"]
"""A suite is the run of many tests that are recorded as runs themselves: an attempt of its own
spec, and in no total beside them; see `RunQuery.kinds`."""


class Outcome(StrEnum):
    """How a run ended."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    KILLED = "killed"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"


FAILED_OUTCOMES = frozenset({"failed", "timeout", "killed", "not_started"})


class Verdict(StrEnum):
    """What an attempt means against the one before it."""

    FIRST = "first"
    SAME_ERROR = "same error"
    NEW_ERROR = "new error"
    FIXED = "fixed"
    REGRESSED = "regressed"
    STILL_PASSING = "still passing"
    NOTHING_CHANGED = "nothing changed"
    PROGRESS = "progress"
    """Fewer tests fail, and none that did not fail before."""
    WORSE = "worse"
    """More tests fail, and none is fixed."""
    PART = "passed in part"
    """It passed, but ran fewer tests than the spec has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The error that a failure shows, and the keys that make two failures "the same error"."""

    type: str | None = None
    message: str
    file: str | None = None
    line: int | None = None
    group: str
    """Equal when only numbers, paths, addresses and ids differ: for lists and counts."""
    exact: str
    """Equal when only volatile tokens differ: another value in an assertion is progress."""
    version: int

    @property
    def location(self) -> str | None:
        """`file:line`, or the file alone."""
        return f"{self.file}:{self.line}" if self.file and self.line is not None else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run, or an event, without its texts: what lists, counts and verdicts need.

    `*_bytes` are the UTF-8 bytes of the original text, which may be more than what was kept.
    """

    run_id: str
    timestamp: datetime
    """When it ended (when the line was written, for an event), in UTC."""
    kind: Kind = "run"
    level: str | None = None
    spec_id: str | None = None
    iteration: int | None = None
    exit_code: int | None = None
    outcome: Outcome | None = None
    """None for an event, which ends nothing."""
    duration_ms: int | None = None
    sprint_id: str | None = None
    task_id: str | None = None
    service: str | None = None
    version: str | None = None
    recorded_by: str | None = None
    context: dict[str, Any] | None = None
    code_hash: str | None = None
    message_bytes: int = 0
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    code_bytes: int = 0
    signature: Signature | None = None
    """None for what did not fail, and for rows of writers that record none."""
    doubt: str | None = None
    """Why exit code 0 is not believed, in one sentence; the outcome stays what the code says."""
    read_version: int | None = None
    """Version of the rules that read the texts for signature, doubt and tests, of a pass as well;
    None when nobody did."""
    tests_passed: int | None = None
    tests_failed: int | None = None
    """Those that failed and those that ended with an error."""
    tests_skipped: int | None = None
    recorded_at: int = field(default=0, compare=False)
    """Microseconds since 1970 at which the store took it; with it, runs of one millisecond have an
    order. Less than ARRIVAL_MIN, such as 0, tells no time: nobody noted one."""

    @property
    def arrived(self) -> datetime | None:
        """When the store took it, in UTC, by its own clock; None when nobody noted it."""
        if self.recorded_at < ARRIVAL_MIN:
            return None
        return datetime.fromtimestamp(self.recorded_at / 1_000_000, UTC)

    @property
    def failed(self) -> bool:
        """Whether this counts as a failure; an event does when its level is error or fatal."""
        if self.kind == "event":
            return self.level in FAILED_LEVELS
        return self.outcome in FAILED_OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(RunFacts):
    """A run, or an event, with its texts, each at most TEXT_BYTES_MAX bytes."""

    message: str | None = None
    stdout: str = ""
    stderr: str = ""
    code_snapshot: str | None = None
    tests: TestReport | None = None
    """What its output, or its test report, tells of tests."""
    wants_iteration: bool = field(default=False, compare=False)
    """Whether a store numbers it: it is a run of a spec, and nobody told its iteration.

    An iteration of None that was told, as by the store that it was read from, stays None.
    """


FACT_FIELDS = tuple(one.name for one in fields(RunFacts))
"""The names of what every list has of a run."""

RUN_FIELDS = (*(name for name in FACT_FIELDS if name != "recorded_at"), *TEXT_SIZES, "tests")
"""The names of all that is a run's own; when a store took it is not."""

READ_FIELDS = (
    *("signature", "doubt", "read_version"),
    *("tests_passed", "tests_failed", "tests_skipped", "tests"),
)
"""What is read out of a run's texts: no part of what a writer tells, of an export or of what makes
two copies of a run the same."""

TOLD_FIELDS = tuple(name for name in RUN_FIELDS if name not in READ_FIELDS)
"""The names of what a writer can tell of a run."""


_DEFAULTS: dict[str, Any] = {
    one.name: None if one.default is MISSING else one.default for one in fields(Run)
}
_SETTERS = {name: getattr(Run, name).__set__ for name in _DEFAULTS}
_values = attrgetter(*_DEFAULTS)


def run_with(values: Mapping[str, Any]) -> Run:
    """`Run(**values)`, in half of its time; nobody looks whether run_id and timestamp are there."""
    run: Run = object.__new__(Run)
    for put, value in zip(_SETTERS.values(), {**_DEFAULTS, **values}.values(), strict=True):
        put(run, value)
    return run


def changed(run: Run, **values: Any) -> Run:
    """A copy of a run with other values: `dataclasses.replace`, in a third of its time."""
    copy: Run = object.__new__(Run)
    for put, value in zip(_SETTERS.values(), _values(run), strict=True):
        put(copy, value)
    for name, value in values.items():
        _SETTERS[name](copy, value)
    return copy


def values_of(run: Run) -> dict[str, Any]:
    """The fields of a run that have a value, without what is derived of them by reading."""
    return {name: value for name in TOLD_FIELDS if (value := getattr(run, name)) is not None}


def code_hash(code: str) -> str:
    """16 hexadecimal digits that tell whether two attempts ran the same code."""
    return hashlib.blake2b(code.encode(), digest_size=8).hexdigest()


def derive_outcome(exit_code: int | None, *, has_output: bool) -> Outcome:
    """The outcome that an exit code tells, for writers that record nothing else.

    -1 is what Node workers write for "no exit code" (killed, or timed out), other negative codes
    are the signal's number as Python writes it, and -2 without output is Node's ENOENT: the command
    was never started.
    """
    if exit_code is None:
        return Outcome.UNKNOWN
    if exit_code == 0:
        return Outcome.PASSED
    if exit_code == -2 and not has_output:
        return Outcome.NOT_STARTED
    return Outcome.KILLED if exit_code < 0 else Outcome.FAILED
