"""Starts one command, attends to it until it has ended, and says how; it knows nothing of runs.

It imports next to nothing, so that a command runs long before the rest of this program is there:
no pydantic, no asyncio, not even `typing`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress

from genesis_mcp.errors import InputError
from genesis_mcp.recording.command_output import Output
from genesis_mcp.recording.endings import (
    Ended,
    ended_by_itself,
    interrupted,
    not_started,
    timed_out,
)
from genesis_mcp.recording.guard import guarding
from genesis_mcp.recording.listening import Bell, Signals, listening
from genesis_mcp.runs.mark_of_recording import VARIABLE

GRACE_SECONDS = 2.0
"""Between asking a command to end and killing it: enough to write a report, not to hang a loop."""

DRAIN_SECONDS = 1.0
"""For the rest of the output once the command ended; a background process may hold it for ever."""

REST_BYTES_MAX = 2 * 1024 * 1024
"""More than that is not the ended command's: a pipe holds 1 MiB at most (Linux, pipe(7))."""

STEP_SECONDS = 0.1
"""How often draining looks whether it waits for the command's side or for our own reader."""

NO_PAGER = {"PAGER": "cat", "GIT_PAGER": "cat"}
"""For a command in a terminal of its own: nobody can press a key in a pager there."""


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


def execute(
    command: Sequence[str],
    timeout_seconds: float | None,
    outputs: tuple[Output, Output],
    *,
    withheld: Sequence[str] = (),
    in_terminal: tuple[bool, bool] = (False, False),
    is_last: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> Ended:
    """Run `command`, never through a shell and with an empty stdin, and tell how it ended.

    It gets this process's environment without the variables that are `withheld`. `in_terminal`
    says which of its outputs are terminals rather than pipes, where there are such (POSIX); its
    bytes stay as it wrote them. A signal that asks this process to end is passed on; one that stops
    it (Ctrl-Z) stops the command as well, and the time until both go on does not count.
    `meanwhile` is called once the command runs. With `is_last`, signals are not heeded any more
    afterwards: what comes then, such as recording, must not be lost to a second Ctrl-C.
    """
    environment = {name: value for name, value in os.environ.items() if name not in withheld}
    environment[VARIABLE] = "1"
    if any(in_terminal):
        environment |= NO_PAGER
    with closing(Bell()) as bell, listening(bell, is_last=is_last) as signals:
        sides = [_open_side(is_terminal) for is_terminal in in_terminal]
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=sides[0][1],
                stderr=sides[1][1],
                env=environment,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            for ours, _ in sides:
                os.close(ours)
            return not_started(error, command[0])
        finally:
            for _, theirs in sides:
                os.close(theirs)
        signals.group = process.pid
        signals.on_new_size = lambda: _resize(ours for ours, _ in sides)
        for output, (ours, _) in zip(outputs, sides, strict=True):
            output.begin(ours, bell.ring)
        execution = Execution(process, outputs, signals, bell, started)
        try:
            with guarding(process):
                if meanwhile:
                    meanwhile()
                return execution.attend(timeout_seconds)
        finally:
            execution.let_go()


def _open_side(is_terminal: bool) -> tuple[int, int]:
    """Where an output of the command comes out, and where it goes in."""
    if sys.platform != "win32" and is_terminal:
        from genesis_mcp.recording.terminal import open_terminal

        with suppress(OSError):  # there is none left
            return open_terminal()
    return os.pipe()


class Execution:
    """A command from its start to its end."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        outputs: tuple[Output, Output],
        signals: Signals,
        bell: Bell,
        started: float,
    ) -> None:
        self._process = process
        self._outputs = outputs
        self._signals = signals
        self._bell = bell
        self._started = started
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        self._process.wait()
        self._bell.ring()

    def attend(self, timeout_seconds: float | None) -> Ended:
        """Wait until the command has ended, or end it when its time is over or ours is."""
        signals = self._signals
        self._until(lambda: self._is_over() or signals.number is not None, timeout_seconds)
        exit_code, number = self._process.returncode, signals.number
        if exit_code is not None:
            ended = ended_by_itself(exit_code)
        else:
            self._stop(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
            ended = interrupted(number) if number else timed_out(timeout_seconds)
        ended.milliseconds = round((self._clock() - self._started) * 1000)
        held = self._drain(patient=exit_code is not None)
        notes = [
            ended.message,
            None if self._is_over() else "it could not be killed and still runs",
            "a background process still held its output" if held else None,
        ]
        ended.message = "; ".join(note for note in notes if note) or None
        return ended

    def let_go(self) -> None:
        """Read no more; kill first what an error of ours left running."""
        if not self._is_over():
            self._kill()
        for output in self._outputs:
            output.let_go()

    def _stop(self, number: int) -> None:
        """Ask the command and its children to end, and kill what is left after the grace."""
        if self._signals.tell(number):
            self._until(lambda: self._is_over() and self._is_read(), GRACE_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """Kill the command and its children, as far as this user may."""
        if sys.platform == "win32":
            with suppress(OSError):  # it is not there
                subprocess.run(
                    ["taskkill", "/T", "/F", "/PID", str(self._process.pid)],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=False,
                )
            with suppress(OSError):  # it is gone
                self._process.kill()
        else:
            self._signals.tell(signal.SIGKILL)
        self._until(self._is_over, DRAIN_SECONDS)

    def _drain(self, *, patient: bool) -> bool:
        """Wait for the rest of the output; True when a background process held it open.

        `patient`: time in which our own reader takes nothing (a pager) does not count.
        """
        left, stuck = DRAIN_SECONDS, False
        enough = self._bytes_read() + REST_BYTES_MAX
        while not self._is_read() and left > 0 and self._bytes_read() < enough:
            self._until(self._is_read, STEP_SECONDS)
            stuck = any(output.passing for output in self._outputs)
            if not (stuck and patient and self._signals.number is None):
                left -= STEP_SECONDS
        return not self._is_read() and not (stuck and left <= 0)

    def _until(self, is_so: Callable[[], bool], seconds: float | None) -> None:
        """Wait until something is so, at most so long; the time while we are stopped is none."""
        begun = self._clock()
        while not is_so():
            left = None if seconds is None else seconds - (self._clock() - begun)
            if left is not None and left <= 0:
                return
            self._bell.wait(left)

    def _clock(self) -> float:
        return time.monotonic() - self._signals.stopped_seconds

    def _is_over(self) -> bool:
        return self._process.returncode is not None

    def _is_read(self) -> bool:
        return all(output.finished for output in self._outputs)

    def _bytes_read(self) -> int:
        return sum(output.capture.total for output in self._outputs)


def _resize(terminals: Iterable[int]) -> None:
    if sys.platform != "win32":
        from genesis_mcp.recording.terminal import give_our_size

        for terminal in terminals:
            give_our_size(terminal)
