"""What a row is of which only the documents' columns are stored, as `schema.py` has it in SQL.

A list that asks for few expressions is planned by the engine in half the time.
"""

from collections.abc import Mapping
from typing import Any

from genesis_mcp.runs.kinds import GRAVE_SPELLINGS, WHERE_ZERO_MAY_BE_A_DEFAULT, kind_by
from genesis_mcp.runs.model import Outcome

NAMES = ("kind", "outcome", "absent", "recorded_at")

_GRAVE = frozenset(map(str, GRAVE_SPELLINGS))
_SIZES = {
    "message": "message_bytes",
    "stdout": "stdout_bytes",
    "stderr": "stderr_bytes",
    "code_snapshot": "code_bytes",
}


def worked_out(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The values of NAMES."""
    told = {name: bool(stored[size]) for name, size in _SIZES.items()}
    told |= {
        name: bool(stored[name])
        for name in ("exit_code", "iteration", "duration_ms", "level", "spec_id")
    }
    kind = kind_by(WHERE_ZERO_MAY_BE_A_DEFAULT, told | {"grave": stored["level"] in _GRAVE})
    lacking = {
        "iteration": not told["iteration"],
        "exit_code": kind == "event",
        "duration_ms": not told["duration_ms"],
    }
    return {
        "kind": kind,
        "outcome": "" if kind == "event" else _outcome(stored),
        "absent": " ".join(name for name, is_lacking in lacking.items() if is_lacking),
        "recorded_at": stored["iteration"],
    }


def _outcome(stored: Mapping[str, Any]) -> str:
    code = stored["exit_code"]
    if code >= 0:
        return Outcome.FAILED if code else Outcome.PASSED
    is_silent = not stored["stdout_bytes"] and not stored["stderr_bytes"]
    return Outcome.NOT_STARTED if code == -2 and is_silent else Outcome.KILLED
