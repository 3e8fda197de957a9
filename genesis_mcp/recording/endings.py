"""How a command ended, or why it was not started: outcome, exit code, and a sentence.

Like what starts it, it imports next to nothing.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time

TIMED_OUT, CANNOT_EXECUTE, NOT_FOUND, SIGNALLED = 124, 126, 127, 128
"""Exit codes of timeout(1) and of POSIX shells; to SIGNALLED the signal's number is added."""

CRASHED_MIN, CRASHED_MAX = 0xC0000000, 0xCFFFFFFF
"""Exit codes of Windows that are an NTSTATUS of severity "error": the system ended the process
([MS-ERREF] section 2.3)."""

CRASHES = {
    0xC0000005: "access violation",
    0xC000001D: "illegal instruction",
    0xC0000094: "integer division by zero",
    0xC00000FD: "stack overflow",
    0xC000013A: "ended by Ctrl-C",
    0xC0000135: "a library was not found",
    0xC0000142: "a library could not be initialised",
    0xC0000374: "heap corruption",
    0xC0000409: "stack buffer overrun",
}

PROGRAM_CHARS_SHOWN = 200

CANNOT_EXECUTE_REASONS = {
    errno.EACCES: "it is not executable, or may not be executed",
    errno.ENOEXEC: "it is no program, nor a script whose first line names its interpreter",
    errno.E2BIG: "its arguments are too long",
}


class Ended:
    """How a command ended, or that it could not be started."""

    def __init__(
        self,
        outcome: str,
        recorded_exit_code: int | None,
        exit_code: int,
        message: str | None = None,
    ) -> None:
        self.outcome = outcome
        self.recorded_exit_code = recorded_exit_code
        """None when the command was killed or timed out."""
        self.exit_code = exit_code
        """What the caller's process should exit with."""
        self.message = message
        self.at = time.time()
        """Seconds since 1970."""
        self.milliseconds = 0


def ended_by_itself(exit_code: int) -> Ended:
    """Of a process that nobody here ended, by what the system says of its end."""
    if exit_code == 0:
        return Ended("passed", 0, 0)
    if exit_code < 0 and sys.platform != "win32":
        message = f"killed by {_signal_name(-exit_code)}"
        return Ended("killed", None, SIGNALLED - exit_code, message)
    signed = exit_code - 2**32 if exit_code >= 2**31 else exit_code  # Windows counts without a sign
    if CRASHED_MIN <= exit_code <= CRASHED_MAX:
        name = CRASHES.get(exit_code)
        message = f"killed by the system: {name + ', ' if name else ''}0x{exit_code:08X}"
        return Ended("killed", None, signed, message)
    return Ended("failed", signed, signed)


def timed_out(timeout_seconds: float | None) -> Ended:
    """Of a command that was ended because its time was over."""
    message = f"timed out after {timeout_seconds:.10g} s"
    return Ended("timeout", None, TIMED_OUT, message)


def interrupted(number: int) -> Ended:
    """Of a command that was ended because a signal asked us to end."""
    message = f"interrupted by {_signal_name(number)}"
    return Ended("killed", None, SIGNALLED + number, message)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def not_started(error: OSError, program: str) -> Ended:
    """Of a command that the system refused to start."""
    import shutil  # here and below: nothing runs that this could be late for

    from genesis_mcp.text.clean import clean_line

    code, reason = CANNOT_EXECUTE, CANNOT_EXECUTE_REASONS.get(error.errno or 0)
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        if not _has_working_directory():
            reason = "the working directory is gone"
        elif shutil.which(program):
            reason = "the interpreter that its first line names does not exist"
        else:
            code, reason = NOT_FOUND, "no such command"
    name = clean_line(program, PROGRAM_CHARS_SHOWN)
    message = f"{name} was not started: {reason or 'the system refused'}"
    return Ended("not_started", code, code, message)


def _has_working_directory() -> bool:
    try:
        return os.path.isdir(os.getcwd())  # noqa: PTH109, PTH112 - pathlib is slow to import
    except OSError:
        return False
