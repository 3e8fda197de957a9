"""What is stored: the run and the event, their fields and the limits of each.

Field names are those of the specification documents (MS_Prometheus_Logging v1.0 section 3 and v1.2
section 6) plus what this package adds; docs/schema.md explains each. Nothing here knows an engine.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import to_json

from genesis_mcp.runs.identifiers import new_run_id
from genesis_mcp.runs.shortening import (
    cap_output,
    cap_text,
)
from genesis_mcp.runs.times import (
    now,
    parse_timestamp,
)
from genesis_mcp.text.clean import clean, scrub

TEXT_SIZES = {
    "message": "message_bytes",
    "stdout": "stdout_bytes",
    "stderr": "stderr_bytes",
    "code_snapshot": "code_bytes",
}
"""The texts of a run, and the fields that tell how long each was."""

LABEL_CHARS_MAX = 200
"""Characters of run_id, spec_id, sprint_id, task_id, service, version, level and recorded_by."""

CONTEXT_BYTES_MAX = 16 * 1024
"""UTF-8 bytes of `context` as JSON."""

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
UINT32_MAX = 2**32 - 1


PINO_LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
"""Pino's numeric levels (its API documentation, "Levels")."""

_LEVELS_AS_TEXT = {str(number): name for number, name in PINO_LEVELS.items()}

FAILED_LEVELS = frozenset({"error", "fatal"})


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


# --- values -------------------------------------------------------------------------------------


def code_hash(code: str) -> str:
    """16 hexadecimal digits that tell whether two attempts ran the same code."""
    return hashlib.blake2b(code.encode(), digest_size=8).hexdigest()


def _not_boolean(value: object) -> object:
    # pydantic takes True for 1; a worker that sends a boolean means something else.
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def _whole_number(value: object) -> object:
    # Node's performance.now() gives fractions of a millisecond.
    if isinstance(value, float) and isfinite(value):
        value = round(value)
    return _not_boolean(value)


def _label(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    value = value.strip()
    if value.isascii() and value.isprintable():  # nearly always
        return value
    # clean() removes what hides text or turns it round, and turns every line break into \n;
    # U+FFFD stands where a character was lost.
    if clean(scrub(value)) != value or {"\n", "\t", "\ufffd"} & set(value):
        raise ValueError("must be one line of visible characters")
    return value


def _optional_label(value: object) -> object:
    return _label(value) or None


def _level(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return PINO_LEVELS.get(value, str(value))
    if isinstance(value, str):
        return _LEVELS_AS_TEXT.get(value, value.lower())
    return value


def _text(value: object) -> object:
    return scrub(value) if isinstance(value, str) else value


def _context(value: object) -> object:
    if not value:
        return None
    if isinstance(value, Mapping):
        try:
            size = len(to_json(value))
        except (ValueError, RecursionError):
            raise ValueError("must be a JSON object of valid text, numbers and lists") from None
        if size > CONTEXT_BYTES_MAX:
            raise ValueError(f"must be at most {CONTEXT_BYTES_MAX:,} bytes of JSON, has {size:,}")
    return value


NotBoolean = BeforeValidator(_not_boolean)
Int32 = Annotated[int, Field(ge=INT32_MIN, le=INT32_MAX), NotBoolean]
UInt32 = Annotated[int, Field(ge=0, le=UINT32_MAX), NotBoolean]
Duration = Annotated[int, Field(ge=0, le=UINT32_MAX), BeforeValidator(_whole_number)]
Size = Annotated[int, Field(ge=0)]
Name = Annotated[
    str, Field(min_length=1, max_length=LABEL_CHARS_MAX, strict=True), BeforeValidator(_label)
]
Label = Annotated[
    Annotated[str, Field(max_length=LABEL_CHARS_MAX, strict=True)] | None,
    BeforeValidator(_optional_label),
]
Level = Annotated[Label, BeforeValidator(_level)]
Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_text)]
Timestamp = Annotated[datetime, BeforeValidator(parse_timestamp)]
Context = Annotated[dict[str, Any] | None, BeforeValidator(_context)]


# --- what is stored -----------------------------------------------------------------------------


class Signature(BaseModel):
    """The error that a failure shows, and the keys that make two failures "the same error"."""

    model_config = ConfigDict(frozen=True)

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


class RunFacts(BaseModel):
    """A run, or an event, without its texts: what lists, counts and verdicts need.

    `*_bytes` are the UTF-8 bytes of the original text, which may be more than what was kept.
    """

    model_config = ConfigDict(frozen=True)

    run_id: Name
    timestamp: Timestamp
    """When it ended (when the line was written, for an event), in UTC."""
    kind: Literal["run", "event"] = "run"
    level: Level = None
    spec_id: Label = None
    iteration: UInt32 | None = None
    exit_code: Int32 | None = None
    outcome: Outcome | None = None
    """None for an event, which ends nothing."""
    duration_ms: Duration | None = None
    sprint_id: Label = None
    task_id: Label = None
    service: Label = None
    version: Label = None
    recorded_by: Label = None
    context: Context = None
    code_hash: str | None = None
    message_bytes: Size = 0
    stdout_bytes: Size = 0
    stderr_bytes: Size = 0
    code_bytes: Size = 0
    signature: Signature | None = None
    """None for what did not fail, and for rows of writers that record none."""

    @property
    def failed(self) -> bool:
        """Whether this counts as a failure; an event does when its level is error or fatal."""
        if self.kind == "event":
            return self.level in FAILED_LEVELS
        return self.outcome in FAILED_OUTCOMES


class Run(RunFacts):
    """A run, or an event, with its texts, each at most TEXT_BYTES_MAX bytes."""

    message: OptionalText = None
    stdout: Text = ""
    stderr: Text = ""
    code_snapshot: OptionalText = None

    @property
    def wants_iteration(self) -> bool:
        """Whether a store numbers it: it is a run of a spec, and nobody told its iteration.

        An iteration of None that was told, as by the store that it was read from, stays None.
        """
        return (
            self.iteration is None
            and self.spec_id is not None
            and self.kind == "run"
            and "iteration" not in self.model_fields_set
        )


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


def make_run(fields: Mapping[str, Any], *, recorded_by: str) -> Run:
    """A complete run from what a worker, a client or a line of NDJSON tells of it.

    Missing identity, time, kind, outcome and sizes are filled in; texts are capped. An empty
    message or code is "not given". Without a process result it is an event.

    Raises:
        pydantic.ValidationError: a field is of the wrong type or out of range.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    if "run_id" not in given:
        given["run_id"] = new_run_id()
    if "timestamp" not in given:
        given["timestamp"] = now()
    run = Run.model_validate({"recorded_by": recorded_by} | given)
    code, message = run.code_snapshot or None, run.message or None
    is_event = "kind" not in run.model_fields_set and not (
        run.stdout or run.stderr or code or {"exit_code", "outcome"} & run.model_fields_set
    )
    kind = "event" if is_event else run.kind
    is_failure = run.outcome not in (None, Outcome.PASSED) or run.exit_code not in (None, 0)
    cap = cap_output if is_failure else cap_text
    outcome = run.outcome or derive_outcome(
        run.exit_code, has_output=bool(run.stdout or run.stderr)
    )
    return run.model_copy(
        update={
            "kind": kind,
            "outcome": None if kind == "event" else outcome,
            "code_hash": run.code_hash or (code_hash(code) if code else None),
            "message_bytes": max(run.message_bytes, len((message or "").encode())),
            "stdout_bytes": max(run.stdout_bytes, len(run.stdout.encode())),
            "stderr_bytes": max(run.stderr_bytes, len(run.stderr.encode())),
            "code_bytes": max(run.code_bytes, len((code or "").encode())),
            "message": cap_text(message) if message else None,
            "stdout": cap(run.stdout),
            "stderr": cap(run.stderr),
            "code_snapshot": cap_text(code) if code else None,
        }
    )


# --- what is asked ------------------------------------------------------------------------------
