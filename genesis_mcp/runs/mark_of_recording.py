"""The one mark against recording twice what somebody records already.

Whoever records a command, or a suite, gives its children a variable, and says what it recorded in a
line that begins with our name. What records by itself, such as an agent's hook, heeds both; who
asks for a record gets it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "GENESIS_RECORDING"
"""Set in the environment of what is being recorded; no setting."""

OURS = "genesis-mcp: "


def is_within(environment: Mapping[str, str]) -> bool:
    """Whether this process runs in something that is being recorded."""
    return bool(environment.get(VARIABLE))


def is_told_in(output: str) -> bool:
    """Whether what printed this was recorded, and said so."""
    if OURS not in output:
        return False
    said = [line.removeprefix(OURS) for line in output.splitlines() if line.startswith(OURS)]
    return any(" #" in line or "runs and events recorded" in line for line in said)
