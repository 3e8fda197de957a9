"""Records a block of Python code as one run: `with recording("spec_001"): ...`."""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TextIO, Unpack

from genesis_mcp.answers import RecordedRun
from genesis_mcp.errors import InputError
from genesis_mcp.recording.api import (
    RECORDED_BY,
    RunFields,
    made_run,
    record_or_keep,
)
from genesis_mcp.recording.git_state import begin
from genesis_mcp.recording.process_writers import settings_at, writer_of
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.runs.model import NO_EXIT_CODE, Outcome, Run

LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


def recording(
    spec_id: str,
    *,
    capture_output: bool = False,
    capture_logs: bool = True,
    store: str | None = None,
    **fields: Unpack[RunFields],
) -> "Recording":
    """Record the block of a `with` statement as one run.

    It passed when the block ends, failed when an exception leaves it (which goes on), and was
    killed by KeyboardInterrupt; SystemExit's code is the exit code. The traceback is the run's
    stderr, after what was logged inside (`capture_logs`, in any thread) and, with `capture_output`,
    printed: Python's own `sys.stdout` and `sys.stderr`, which go on to where they went before. Both
    belong to the process: of two recordings at once, each has the lines of both.

    When the store fails, the run is kept until it works, which a warning of the logger
    `genesis_mcp` says; nothing is raised for it.

    Raises:
        InputError: a field is not acceptable; the block is not entered.
        ConfigError, WriteNotAllowed: the store cannot be used.
    """
    return Recording(spec_id, capture_output, capture_logs, store, fields)


class Recording:
    """A run that goes on. `note` adds what is known inside; the others are set when it ended."""

    recorded: RecordedRun | None = None
    """What the run means; None when the store would not take it."""
    run: Run | None = None
    """How it ended."""
    kept_in: Path | None = None
    """The file that keeps the run when the store would not take it, until it is recorded."""

    def __init__(
        self,
        spec_id: str,
        capture_output: bool,
        capture_logs: bool,
        store: str | None,
        fields: RunFields,
    ) -> None:
        self._fields: dict[str, Any] = {"spec_id": spec_id, **fields}
        made_run(self._fields)
        self._writer = writer_of(settings_at(store))
        self._capture_output, self._capture_logs = capture_output, capture_logs
        self._stdout, self._stderr = HeadAndTail(), HeadAndTail()
        self._stack = ExitStack()
        self._started = 0.0
        self._identity: Callable[[], str | None] = lambda: None

    def note(self, **fields: Any) -> None:
        """Add fields of the run, such as `code_snapshot` or `context`; `exit_code` judges it.

        Raises:
            InputError: a field is not acceptable.
        """
        made_run({**self._fields, **fields})
        self._fields |= fields

    def __enter__(self) -> Self:
        if self._started:
            raise InputError("A recording is of one block; make a new one for the next.")
        if self._capture_output:
            stdout, stderr = _Tee(sys.stdout, self._stdout), _Tee(sys.stderr, self._stderr)
            self._stack.enter_context(redirect_stdout(stdout))
            self._stack.enter_context(redirect_stderr(stderr))
        if self._capture_logs:
            handler = _Lines(self._stderr)
            root = logging.getLogger()
            root.addHandler(handler)
            self._stack.callback(root.removeHandler, handler)
        self._identity = begin()
        self._started = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        duration = round((time.monotonic() - self._started) * 1000)
        self._stack.close()
        ending = _ending(error)
        if ending.stderr:
            self._stderr.write(ending.stderr)
        known = {name: value for name, value in self._fields.items() if value is not None}
        if error is not None or not {"exit_code", "outcome"} & known.keys():
            known |= {"exit_code": ending.exit_code, "outcome": ending.outcome}
        if ending.message:
            known["message"] = ending.message
        if not known.get("code_snapshot"):
            known["code_hash"] = self._identity()
        output = {
            "stdout": self._stdout.text(),
            "stderr": self._stderr.text(),
            "stdout_bytes": self._stdout.total,
            "stderr_bytes": self._stderr.total,
        }
        ended = {"kind": "run", "duration_ms": duration, **output}
        run = make_run({**ended, **known}, recorded_by=RECORDED_BY)
        became = record_or_keep(self._writer, run)
        self.recorded, self.kept_in = became.recorded, became.kept_in
        if self.recorded:
            run = replace(run, iteration=self.recorded.iteration)
        self.run = run


class _Ending(NamedTuple):
    exit_code: int
    outcome: Outcome
    message: str | None = None
    stderr: str = ""


def _ending(error: BaseException | None) -> _Ending:
    """How a block ended that this exception leaves."""
    if error is None:
        return _Ending(0, Outcome.PASSED)
    if isinstance(error, SystemExit):
        return _exited(error.code)
    shown = "".join(traceback.format_exception(error))
    if isinstance(error, KeyboardInterrupt):
        return _Ending(NO_EXIT_CODE, Outcome.KILLED, "interrupted by SIGINT", shown)
    if not isinstance(error, Exception):  # such as a task that was cancelled
        return _Ending(NO_EXIT_CODE, Outcome.KILLED, f"ended by {type(error).__name__}", shown)
    return _Ending(1, Outcome.FAILED, None, shown)


def _exited(code: object) -> _Ending:
    """What Python makes of sys.exit(code): a text is an error message."""
    if code is None or code == 0:
        return _Ending(0, Outcome.PASSED)
    if isinstance(code, int) and -(2**31) <= code < 2**31:
        return _Ending(int(code), Outcome.FAILED)
    return _Ending(1, Outcome.FAILED, None, f"{code}\n")


class _Tee:
    """A text stream that passes on what is written, and keeps it."""

    def __init__(self, stream: TextIO | None, kept: HeadAndTail) -> None:
        self._stream, self._kept = stream, kept

    def write(self, text: str) -> int:
        self._kept.write(text)
        if self._stream is not None:  # pythonw has none
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._stream is not None:
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:  # such as `buffer`, `encoding`, `isatty`
        return getattr(self._stream, name)


class _Lines(logging.Handler):
    """Writes log records as lines into a recording's stderr."""

    def __init__(self, kept: HeadAndTail) -> None:
        super().__init__()
        self._kept = kept
        self.setFormatter(logging.Formatter(LOG_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._kept.write(self.format(record) + "\n")
        except Exception:  # as every handler: logging must not end the program
            self.handleError(record)
