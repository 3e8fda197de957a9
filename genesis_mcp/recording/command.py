"""Runs one command, passes on and captures its output, decides its outcome; records nothing."""

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NamedTuple

import anyio
from anyio.abc import Process
from pydantic_core import to_json

from genesis_mcp.errors import InputError
from genesis_mcp.recording.command_output import Output
from genesis_mcp.recording.signals import STOPPING_SIGNALS
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import INT32_MAX, LABEL_CHARS_MAX, NO_EXIT_CODE, Outcome, Run
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import now
from genesis_mcp.text.clean import clean_line, scrub

RECORDED_BY = "genesis-mcp run"

GRACE_SECONDS = 2.0
"""Between asking a command to end and killing it: enough to write a report, not to hang a loop."""

DRAIN_SECONDS = 1.0
"""For the rest of the output once the command ended; a background process may hold it for ever."""

REST_BYTES_MAX = 2 * 1024 * 1024
"""More than that is not the ended command's: a pipe holds 1 MiB at most (Linux, pipe(7))."""

STEP_SECONDS = 0.1
"""How often draining looks whether it waits for the command's side or for our own reader."""

COMMAND_BYTES_MAX, ARGUMENT_BYTES_MAX = 4096, 1024
"""Of the command line in `context`, about: a context can hold it even if all must be escaped."""

TIMED_OUT, CANNOT_EXECUTE, NOT_FOUND, SIGNALLED = 124, 126, 127, 128
"""Exit codes of timeout(1) and of POSIX shells; to SIGNALLED the signal's number is added."""

STORE_VARIABLES = ("GENESIS_STORE", "MONGO_URI", "CLICKHOUSE_")
"""Beginnings of the variables that name a store and its credentials. A command does not get them:
generated code could read, and forge, the very logs that it is judged by."""

CANNOT_EXECUTE_REASONS = {
    errno.EACCES: "it is not executable, or may not be executed",
    errno.ENOEXEC: "it is no program, nor a script whose first line names its interpreter",
    errno.E2BIG: "its arguments are too long",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended, or that could not be started."""

    run: Run
    """Complete, not yet recorded. Its sizes are what the command wrote, not what was kept."""
    exit_code: int
    """What the caller's process should exit with."""
    withheld: tuple[str, ...] = ()
    """Names of the variables that the command did not get, see STORE_VARIABLES."""


class Ending(NamedTuple):
    """How a command ended."""

    outcome: Outcome
    recorded_exit_code: int
    exit_code: int
    message: str | None = None


def run_command(
    command: Sequence[str],
    *,
    fields: Mapping[str, Any],
    timeout_seconds: float | None = 60.0,
    stdout: BinaryIO | None,
    stderr: BinaryIO | None,
    keep_store_variables: bool = False,
) -> Finished:
    """Run `command`, never through a shell and with an empty stdin, and tell how it ended.

    It gets this process's environment without STORE_VARIABLES, unless `keep_store_variables`.

    `fields` are the other fields of the run. `stdout` and `stderr` get the command's bytes as they
    come; when nobody reads them any more, the command and its capture go on. A signal that asks
    this process to end is passed on to the command and shows in the run.

    Raises:
        InputError: the command, the time limit or a field is not acceptable; nothing was run.
    """
    check_command(command, timeout_seconds)
    context = fields.get("context") or {}
    if isinstance(context, Mapping):  # otherwise it is refused below
        context = {**context, "command": shown_command(command)}
    known = {**fields, "kind": "run", "context": context}
    make_run({**known, "exit_code": 0}, recorded_by=RECORDED_BY)  # refused before it runs
    outputs = Output(stdout), Output(stderr)
    withheld = () if keep_store_variables else store_variables()
    environment = {name: value for name, value in os.environ.items() if name not in withheld}
    ending, times = anyio.run(_execute, command, timeout_seconds, outputs, environment)
    result = {
        "outcome": ending.outcome,
        "exit_code": ending.recorded_exit_code,
        "message": ending.message,
        "stdout": outputs[0].capture.text(),
        "stderr": outputs[1].capture.text(),
    }
    run = make_run({**known, **times, **result}, recorded_by=RECORDED_BY)
    # What was written, also where one invalid byte became the three of U+FFFD.
    written = [output.capture.total for output in outputs]
    run = replace(run, stdout_bytes=written[0], stderr_bytes=written[1])
    return Finished(run=run, exit_code=ending.exit_code, withheld=withheld)


def store_variables() -> tuple[str, ...]:
    """The names of this process's variables that tell where the logs are, in order."""
    return tuple(sorted(name for name in os.environ if name.upper().startswith(STORE_VARIABLES)))


def check_command(command: Sequence[str], timeout_seconds: float | None) -> None:
    """Refuse what no operating system can run."""
    if not command or not command[0]:
        raise InputError("There is no command to run; give it after `--`.")
    try:
        bad = any(b"\0" in os.fsencode(argument) for argument in command)
    except UnicodeEncodeError:
        bad = True
    if bad:
        raise InputError("The command has a character that no argument may have, such as NUL.")
    if timeout_seconds is not None and not timeout_seconds > 0:
        raise InputError("The time limit must be a number of seconds above 0.")


def shown_command(command: Sequence[str]) -> list[str]:
    """The command line as it is recorded; long arguments and long lists of them are cut."""
    shown: list[str] = []
    room = COMMAND_BYTES_MAX
    for argument in command:
        if room <= 0:
            return [*shown, f"[... {len(command) - len(shown):,} arguments left out ...]"]
        shown.append(cap_text(scrub(argument), ARGUMENT_BYTES_MAX))
        room -= len(to_json(shown[-1]))
    return shown


# --- execution ----------------------------------------------------------------------------------


async def _execute(
    command: Sequence[str],
    timeout_seconds: float | None,
    outputs: tuple[Output, Output],
    environment: Mapping[str, str],
) -> tuple[Ending, dict[str, Any]]:
    with _listening() as interruption:
        try:
            process = await anyio.open_process(
                list(command),
                stdin=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            return _not_started(error, command[0]), {"timestamp": now(), "duration_ms": 0}
        execution = Execution(process, outputs, interruption)
        try:
            ending = await execution.attend(timeout_seconds)
        finally:
            await execution.let_go()
        return ending, execution.times


class Execution:
    """A command from its start to its end."""

    def __init__(
        self, process: Process, outputs: tuple[Output, Output], interruption: "Interruption"
    ) -> None:
        self.times: dict[str, Any] = {}
        self._started = time.monotonic()
        self._process = process
        self._outputs = outputs
        self._interruption = interruption

    async def attend(self, timeout_seconds: float | None) -> Ending:
        """Wait until the command has ended, or end it when its time is over or ours is."""
        process, interruption = self._process, self._interruption
        async with anyio.create_task_group() as readers:
            for output, source in zip(self._outputs, (process.stdout, process.stderr), strict=True):
                if source is not None:
                    readers.start_soon(output.read, source)
            await _first_of(process.wait, interruption.event.wait, seconds=timeout_seconds)
            exit_code, number = process.returncode, interruption.number
            if exit_code is None:
                await self._stop(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
            milliseconds = round((time.monotonic() - self._started) * 1000)
            self.times = {"timestamp": now(), "duration_ms": milliseconds}
            held = await self._drain(patient=exit_code is not None)
            readers.cancel_scope.cancel()
        if exit_code is not None:
            ending = _ended_by_itself(exit_code)
        else:
            ending = _interrupted(number) if number else _timed_out(timeout_seconds)
        notes = [
            ending.message,
            "it could not be killed and still runs" if process.returncode is None else None,
            "a background process still held its output" if held else None,
        ]
        return ending._replace(message="; ".join(note for note in notes if note))

    async def let_go(self) -> None:
        """Close our ends of the pipes; kill first what an error of ours left running."""
        with anyio.CancelScope(shield=True):
            if self._process.returncode is None:
                await self._kill()
            if self._process.returncode is not None:  # otherwise closing would wait for it
                await self._process.aclose()

    async def _stop(self, number: int) -> None:
        """Ask the command and its children to end, and kill what is left after the grace."""
        if sys.platform != "win32":  # there, a process without a window cannot be asked
            self._signal_group(number)
            await _first_of(self._all_over, seconds=GRACE_SECONDS)
        await self._kill()

    async def _kill(self) -> None:
        """Kill the command and its children, as far as this user may."""
        if sys.platform == "win32":
            taskkill = ["taskkill", "/T", "/F", "/PID", str(self._process.pid)]
            with suppress(OSError):
                await anyio.run_process(taskkill, check=False)
            with suppress(OSError):  # it is gone, or taskkill is not there
                self._process.kill()
        else:
            self._signal_group(signal.SIGKILL)
        await _first_of(self._process.wait, seconds=DRAIN_SECONDS)

    def _signal_group(self, number: int) -> None:
        if sys.platform != "win32":
            with suppress(OSError):  # nobody is left, or it is another user's by now (sudo)
                os.killpg(self._process.pid, number)

    async def _all_over(self) -> None:
        await self._process.wait()
        await self._all_read()

    async def _all_read(self) -> None:
        for output in self._outputs:
            await output.finished.wait()

    async def _drain(self, *, patient: bool) -> bool:
        """Wait for the rest of the output; True when a background process held it open.

        `patient`: time in which our own reader takes nothing (a pager) does not count.
        """
        left, stuck = DRAIN_SECONDS, False
        enough = self._bytes_read() + REST_BYTES_MAX
        while not self._finished() and left > 0 and self._bytes_read() < enough:
            await _first_of(self._all_read, seconds=STEP_SECONDS)
            stuck = any(output.passing for output in self._outputs)
            if not (stuck and patient and self._interruption.number is None):
                left -= STEP_SECONDS
        return not self._finished() and not (stuck and left <= 0)

    def _bytes_read(self) -> int:
        return sum(output.capture.total for output in self._outputs)

    def _finished(self) -> bool:
        return all(output.finished.is_set() for output in self._outputs)


async def _first_of(*waits: Callable[[], Awaitable[object]], seconds: float | None) -> None:
    """Wait until one of them is over, at most so long."""

    async def wait_for(wait: Callable[[], Awaitable[object]]) -> None:
        await wait()
        group.cancel_scope.cancel()

    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as group:
            for wait in waits:
                group.start_soon(wait_for, wait)


class Interruption:
    """The first signal that asked this process to end."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.event = anyio.Event()


@contextmanager
def _listening() -> Iterator[Interruption]:
    """Note the signals that ask this process to end, instead of ending.

    Not anyio.open_signal_receiver: it is not for Windows, and it would make a process listen that
    was started to ignore them (nohup).
    """
    interruption, loop = Interruption(), asyncio.get_running_loop()

    def note(number: int, _frame: FrameType | None = None) -> None:
        interruption.number = interruption.number or number
        loop.call_soon_threadsafe(interruption.event.set)

    in_main_thread = threading.current_thread() is threading.main_thread()  # only it may listen
    before = {number: signal.getsignal(number) for number in STOPPING_SIGNALS if in_main_thread}
    heard = {
        number: handler
        for number, handler in before.items()
        if handler not in {signal.SIG_IGN, None}
    }
    for number in heard:
        try:
            # It wakes the loop also when the signal comes just before the loop begins to sleep.
            loop.add_signal_handler(number, note, number)
        except NotImplementedError:  # on Windows, where every signal wakes the loop
            signal.signal(number, note)
    try:
        yield interruption
    finally:
        for number, handler in heard.items():
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


# --- endings ------------------------------------------------------------------------------------


def _ended_by_itself(exit_code: int) -> Ending:
    if exit_code == 0:
        return Ending(Outcome.PASSED, 0, 0)
    if exit_code < 0 and sys.platform != "win32":
        message = f"killed by {_signal_name(-exit_code)}"
        return Ending(Outcome.KILLED, NO_EXIT_CODE, SIGNALLED - exit_code, message)
    if exit_code > INT32_MAX:  # Windows counts without a sign
        exit_code -= 2**32
    return Ending(Outcome.FAILED, exit_code, exit_code)


def _timed_out(timeout_seconds: float | None) -> Ending:
    message = f"timed out after {timeout_seconds:.10g} s"
    return Ending(Outcome.TIMEOUT, NO_EXIT_CODE, TIMED_OUT, message)


def _interrupted(number: int) -> Ending:
    message = f"interrupted by {_signal_name(number)}"
    return Ending(Outcome.KILLED, NO_EXIT_CODE, SIGNALLED + number, message)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _not_started(error: OSError, program: str) -> Ending:
    code, reason = CANNOT_EXECUTE, CANNOT_EXECUTE_REASONS.get(error.errno or 0)
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        if not _has_working_directory():
            reason = "the working directory is gone"
        elif shutil.which(program):
            reason = "the interpreter that its first line names does not exist"
        else:
            code, reason = NOT_FOUND, "no such command"
    name = clean_line(program, LABEL_CHARS_MAX)
    message = f"{name} was not started: {reason or 'the system refused'}"
    return Ending(Outcome.NOT_STARTED, code, code, message)


def _has_working_directory() -> bool:
    try:
        return Path.cwd().is_dir()
    except OSError:
        return False
