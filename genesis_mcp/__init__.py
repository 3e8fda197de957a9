"""Through this package Claude reads the execution logs of a run-read-fix loop, and records runs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genesis_mcp.api import CommandRun, record_run, run_command
    from genesis_mcp.errors import GenesisError
    from genesis_mcp.log_handler import RunLogHandler
    from genesis_mcp.recorder import Recording, recording

__version__ = "0.1.0"

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
    "CommandRun": "api",
    "GenesisError": "errors",
    "Recording": "recorder",
    "RunLogHandler": "log_handler",
    "record_run": "api",
    "recording": "recorder",
    "run_command": "api",
}
"""Imported with the first use: a worker that only imports the package pays nothing."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
