"""Runs that a store would not take, kept in a file that `genesis-mcp ingest` records later."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic_core import to_json

from genesis_mcp.runs.model import Run, values_of


def set_aside(runs: Iterable[Run]) -> Path:
    """Write the runs as lines of JSON into a new temporary file that only its owner reads.

    Raises:
        OSError: the file cannot be written.
    """
    descriptor, path = tempfile.mkstemp(prefix="genesis-mcp-", suffix=".ndjson")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        for run in runs:
            file.write(f"{to_json(values_of(run)).decode()}\n")
    return Path(path)
