"""Has what is kept recorded by a process of its own, for which nobody waits."""

import os
import subprocess
import sys

WAITING_SECONDS, WAITING_RUNS = 5.0, 100
"""After which, or from how many on, runs that are kept are recorded by a process of its own."""


def flush_aside(url: str) -> None:
    """Start `genesis-mcp flush`, for which nobody waits.

    Raises:
        OSError: it cannot be started.
    """
    subprocess.Popen(
        [sys.executable, "-m", "genesis_mcp", "flush"],
        env=os.environ | {"GENESIS_STORE": url},  # not an argument, which everybody can read
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
    )
