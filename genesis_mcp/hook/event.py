"""What an agent's hook tells of a command that it ran; what is missing or unknown is tolerated.

Claude Code's hooks reference: `PostToolUse` comes after a command that ended well, with its streams
apart; `PostToolUseFailure` after any other, with its code and both streams as one text.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FAILURE = "PostToolUseFailure"
EVENTS = ("PostToolUse", FAILURE)

FILE_BYTES_MAX = 16 * 1024 * 1024
"""Of the file in which an agent keeps an output that is too large for an event."""

_CODE = (
    r"\s*(?:Error: )?(?:Exit code|Command (?:failed|exited) with (?:non-zero )?"
    r"(?:exit |status )?code)"
    r":? (-?\d+)[ \t]*\r?(?:\n|$)"
)
_TIMED_OUT = r"(?m)^Command timed out after ([^\r\n]{1,40}?)\.?\r?$"
_FIRST_LINES_CHARS = 500
"""In which it is told that a command timed out: further down a program may say so."""


class Event:
    """A command that an agent ran, and how that ended."""

    __slots__ = (
        *("command", "duration_ms", "exit_code", "failed", "folder", "message", "outcome"),
        *("session", "agent", "stderr", "stdout", "tool_use_id"),
    )

    def __init__(self) -> None:
        self.command = ""
        self.folder = ""
        """Absolute, with slashes; "" when it is not told."""
        self.tool_use_id = self.session = self.agent = ""
        self.duration_ms: int | None = None
        self.exit_code: int | None = None
        """None when it is not told."""
        self.failed = False
        self.outcome: str | None = None
        """`killed` or `timeout`, where it did not end by itself."""
        self.message = ""
        self.stdout = self.stderr = ""


def read_event(data: bytes) -> Event | None:
    """The event; None when it is no command that has ended, or cannot be read."""
    try:
        told = json.loads(data.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return event_of(told)


def event_of(told: Any) -> Event | None:
    """The same of a value that was read from JSON already."""
    if not isinstance(told, dict) or told.get("hook_event_name") not in EVENTS:
        return None
    given = _object(told.get("tool_input"))
    event = Event()
    event.command = _command(given.get("command"))
    if not event.command or given.get("run_in_background") is True:
        return None
    event.folder = _text(told.get("cwd")).replace("\\", "/")
    event.tool_use_id = _text(told.get("tool_use_id"))
    event.session = _text(told.get("session_id"))
    event.agent = _text(told.get("agent_type")) or _text(told.get("agent_id"))
    duration = told.get("duration_ms")
    if isinstance(duration, int | float) and 0 <= duration < 2**31:
        event.duration_ms = int(duration)
    if told["hook_event_name"] == FAILURE:
        _read_failure(event, told)
        return event
    return event if _read_response(event, told.get("tool_response")) else None


def _read_failure(event: Event, told: dict[str, Any]) -> None:
    import re  # here and below: most commands are no run, and end well

    event.failed = True
    text = _text(told.get("error"))
    if code := re.match(_CODE, text):
        event.exit_code = int(code[1])
        text = text[code.end() :]
    event.stdout = text
    if timed_out := re.search(_TIMED_OUT, text[:_FIRST_LINES_CHARS]):
        event.outcome, event.message = "timeout", f"timed out after {timed_out[1]}"
    elif told.get("is_interrupt") is True:
        event.outcome, event.message = "killed", "interrupted"


def _read_response(event: Event, response: Any) -> bool:
    """Read how a command ended; False: it has not.

    Other agents have this event for a failure as well: of theirs no exit code is known.
    """
    if isinstance(response, str):
        event.stdout = response
    told = _object(response)
    event.stdout = event.stdout or _text(told.get("stdout")) or _text(told.get("output"))
    event.stderr = _text(told.get("stderr"))
    if path := _text(told.get("persistedOutputPath")):
        event.stdout = _file(path) or event.stdout
    if told.get("interrupted") is True:
        event.outcome, event.message = "killed", "interrupted"
    elif (limit := told.get("timedOutAfterMs")) and isinstance(limit, int | float):
        event.outcome = "timeout"
        event.message = f"timed out after {limit / 1000:.10g} s; it went on in the background"
    elif told.get("backgroundTaskId") or told.get("backgroundedByUser"):
        return False
    elif isinstance(code := told.get("exit_code", told.get("exitCode")), int):
        event.exit_code, event.failed = int(code), code != 0
    elif "stdout" in told and not told.get("returnCodeInterpretation"):
        event.exit_code = 0  # of Claude Code; what is left out explains a code other than 0
    return True


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _command(value: Any) -> str:
    """The line for a shell; some agents tell the words that they start one with."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        import shlex

        is_shell = len(value) == 3 and value[1] in ("-c", "-lc")
        return str(value[2]) if is_shell else shlex.join(value)
    return _text(value)


def _file(path: str) -> str:
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - pathlib is slow to import
            return ""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(FILE_BYTES_MAX).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
