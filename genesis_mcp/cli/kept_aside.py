"""`genesis-mcp run --quiet`: the run is kept, and recorded by whoever comes next; nothing is said.

That is the next command or server that uses the store, or a `flush` that is started aside when
there is something to do for it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from genesis_mcp.cli.exits import say
from genesis_mcp.recording.command import RECORDED_BY
from genesis_mcp.recording.flush_aside import WAITING_RUNS, WAITING_SECONDS, flush_aside
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.lost_recorder import Mark
from genesis_mcp.runs.model import Run
from genesis_mcp.stores.location import plain_store

if TYPE_CHECKING:
    from genesis_mcp.config import Settings


def keep(run: Run, store: str | None, settings: "Settings | None") -> None:
    """Keep a run that has happened, which is on the disk once this returns; never raises."""
    url = url_named(store, settings)
    inbox = inbox_named(store, settings)
    try:
        inbox.keep([run])
    except OSError as error:
        say(f"The run was lost: no file could be written ({error.strerror}).")
        return
    with suppress(OSError):
        if inbox.is_due(WAITING_SECONDS, WAITING_RUNS):
            flush_aside(url)


def url_named(store: str | None, settings: "Settings | None") -> str:
    """The store of the settings; None where all are plain: then `store` may name one.

    Raises:
        ConfigError: there is none, and no home directory.
    """
    return settings.store if settings else plain_store(store, os.environ)


def inbox_named(store: str | None, settings: "Settings | None") -> Inbox:
    """What is kept for the store, see `url_named`."""
    if settings is None:
        return Inbox.of(url_named(store, settings), redacts=False)
    redacts = settings.redact == "write"
    return Inbox.of(settings.store, redacts=redacts, also=settings.redacted_also)


def mark_running(known: Mapping[str, Any], store: str | None, settings: "Settings | None") -> Mark:
    """Leave a mark that the command runs; never raises."""
    try:
        return Mark.of(inbox_named(store, settings), known, RECORDED_BY)
    except Exception:  # the command runs on: recording will say what is wrong
        return Mark(None)
