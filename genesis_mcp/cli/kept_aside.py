"""`genesis-mcp run --quiet`: the run is kept, and recorded by whoever comes next; nothing is said.

That is the next command or server that uses the store, or a `flush` that is started aside when
there is something to do for it.
"""

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from genesis_mcp.cli.exits import say
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.runs.model import Run
from genesis_mcp.stores.location import plain_store

if TYPE_CHECKING:
    from genesis_mcp.config import Settings

WAITING_SECONDS, WAITING_RUNS = 5.0, 100
"""After which, or from how many on, runs that are kept are recorded by a process of its own."""


def keep(run: Run, store: str | None, settings: "Settings | None") -> None:
    """Keep a run that has happened, which is on the disk once this returns; never raises."""
    if settings:
        url, redacts = settings.store, settings.redact == "write"
    else:
        url, redacts = plain_store(store, os.environ), False
    inbox = Inbox.of(url, redacts=redacts)
    try:
        inbox.keep([run])
    except OSError as error:
        say(f"The run was lost: no file could be written ({error.strerror}).")
        return
    with suppress(OSError):
        if inbox.is_due(WAITING_SECONDS, WAITING_RUNS):
            flush_aside(url)


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
