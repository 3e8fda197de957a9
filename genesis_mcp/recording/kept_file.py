"""Runs that a store would not take, kept in a file that `genesis-mcp ingest` records later."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from genesis_mcp.runs.model import Run


def set_aside(runs: Iterable[Run]) -> Path:
    """Write the runs as lines of JSON into a new temporary file that only its owner reads.

    Raises:
        OSError: the file cannot be written.
    """
    descriptor, path = tempfile.mkstemp(prefix="genesis-mcp-", suffix=".ndjson")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        for run in runs:
            kept = run.model_dump_json(exclude_none=True, exclude={"signature", "code_hash"})
            file.write(f"{kept}\n")
    return Path(path)
