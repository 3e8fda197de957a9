"""Work on a store that a process of its own does, for which nobody waits."""

import os
import subprocess
import sys
import time
from pathlib import Path

WAITING_SECONDS, WAITING_RUNS = 5.0, 100
"""After which, or from how many on, runs that are kept are recorded by a process of its own."""

TIDIED = "tidied"
"""The file whose time tells when what a hook recorded was last held against its bound."""

DAY_SECONDS = 86_400


def flush_aside(url: str) -> None:
    """Start `genesis-mcp flush` for a store.

    Raises:
        OSError: it cannot be started.
    """
    _start(url, "flush")


def tidy_aside(url: str, directory: Path) -> None:
    """Start `genesis-mcp hook --tidy` for a store, once a day.

    Raises:
        OSError: it cannot be started, or the directory of what is kept cannot be written.
    """
    stamp = directory / TIDIED
    try:
        is_due = time.time() - stamp.stat().st_mtime > DAY_SECONDS
    except FileNotFoundError:  # the first day: there is nothing to delete yet
        is_due = False
    else:
        if not is_due:
            return
    stamp.touch()
    if is_due:
        _start(url, "hook", "--tidy")


def _start(url: str, *arguments: str) -> None:
    subprocess.Popen(
        [sys.executable, "-m", "genesis_mcp", *arguments],
        env=os.environ | {"GENESIS_STORE": url},  # not an argument, which everybody can read
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
    )
