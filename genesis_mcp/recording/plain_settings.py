"""Whether all settings are surely right, which is known without the models that judge others."""

from __future__ import annotations

from genesis_mcp.runs.mark_of_recording import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_SETTINGS = {"GENESIS_READ_ONLY": "0", "GENESIS_REDACT": "read", "GENESIS_HOOK": "on"}
"""Besides GENESIS_STORE, whose value is not known to be right before the store is opened."""


def has_plain_settings(values: Mapping[str, str | bool], environment: Mapping[str, str]) -> bool:
    """Whether the settings are surely right, and allow to record."""
    if values.get("read_only"):
        return False
    ours = {name: value for name, value in environment.items() if name.upper()[:8] == "GENESIS_"}
    for name in ("GENESIS_STORE", "GENESIS_TOKEN", VARIABLE):
        ours.pop(name, None)
    return all(value == PLAIN_SETTINGS.get(name) for name, value in ours.items())
