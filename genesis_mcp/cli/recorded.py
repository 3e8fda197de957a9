"""What `genesis-mcp run` does once its command has ended: records the run, says what it means.

It is imported while the command runs, and without the models, which are slow to make.
"""

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from genesis_mcp.cli.exits import say
from genesis_mcp.cli.kept_aside import inbox_named
from genesis_mcp.cli.screen import screen_of
from genesis_mcp.questions import Service
from genesis_mcp.questions.in_one_line import in_one_line
from genesis_mcp.questions.record_run import Recorded
from genesis_mcp.recording.poisoned import reason
from genesis_mcp.recording.writer import PlainSettings, Writer, keep, keep_for_nobody
from genesis_mcp.runs.model import Run
from genesis_mcp.stores.location import plain_store

if TYPE_CHECKING:
    from genesis_mcp.config import Settings


def record(run: Run, store: str | None, settings: "Settings | None") -> None:
    """Record a run that has happened, or else keep it, and say what became of it; never raises.

    `settings`: None where all of them are plain; then `store` may name one.
    """
    logging.getLogger("genesis_mcp").addHandler(logging.NullHandler())  # a person gets our sentence
    with settings.showing() if settings else nullcontext():
        sentence = _record(run, store, settings)
    say(_for_whoever_reads(sentence, run))


def _record(run: Run, store: str | None, settings: "Settings | None") -> str:
    inbox = inbox_named(store, settings)
    try:
        service = settings.open_service() if settings else plain_service(store, os.environ)
    except Exception as error:  # there is no such store
        return keep_for_nobody(inbox, run, reason(error)).said
    try:
        recorded = Writer(service, inbox).store_one(run)
        return in_one_line(recorded) if isinstance(recorded, Recorded) else recorded.line
    except Exception as error:  # what happened must not be lost for it
        return keep(inbox, [run], reason(error)).said
    finally:
        with suppress(Exception):
            service.store.close()


def plain_service(store: str | None, environment: Mapping[str, str]) -> Service:
    """The service on the store that is named, or the usual one, where all settings are plain.

    Raises:
        ConfigError: there is no such store.
    """
    return PlainSettings(plain_store(store, environment)).open_service()


def _for_whoever_reads(sentence: str, run: Run) -> str:
    screen = screen_of(sys.stderr)
    if screen is None:
        return sentence
    from genesis_mcp.cli.typed import for_reading

    return screen.paint(for_reading(sentence), "red" if run.failed else "green")
