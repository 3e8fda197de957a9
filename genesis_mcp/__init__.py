"""Through this package Claude reads the execution logs of a run-read-fix loop, and records runs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # not even `typing` at run time: it takes longer than the rest of a quick start
    from typing import Any

    from genesis_mcp.errors import GenesisError
    from genesis_mcp.recording.api import CommandRun, record_run, run_command
    from genesis_mcp.recording.code_block import Recording, recording
    from genesis_mcp.recording.log_handler import RunLogHandler

__version__ = "0.2.0"

__all__ = [
    "CommandRun",
    "GenesisError",
    "Recording",
    "RunLogHandler",
    "record_run",
    "recording",
    "run_command",
]

_MODULES = {
    "CommandRun": "recording.api",
    "GenesisError": "errors",
    "Recording": "recording.code_block",
    "RunLogHandler": "recording.log_handler",
    "record_run": "recording.api",
    "recording": "recording.code_block",
    "run_command": "recording.api",
}
"""Imported with the first use: a worker that only imports the package pays nothing."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
