"""What the commands share: the service on a store, the way into it, arguments from options."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, TypeVar

from genesis_mcp.cli.exits import say
from genesis_mcp.config import Settings
from genesis_mcp.errors import GenesisError, InputError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import Arguments
from genesis_mcp.recording.inbox import Delivered
from genesis_mcp.recording.writer import FIRST_SECONDS, Writer, inbox_at, writer_at
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores import RunStore
from genesis_mcp.stores.location import NOT_OVER_HTTP, SERVERS
from genesis_mcp.validation import parse

A = TypeVar("A", bound=Arguments)


def leave_out_what_drivers_say() -> None:
    """It is for the server's log and the doctor; a person gets our sentence."""
    logging.getLogger("genesis_mcp").addHandler(logging.NullHandler())


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """The service on the store of the settings, which is closed afterwards."""
    service = settings.open_service()
    try:
        yield service
    finally:
        service.store.close()


@contextmanager
def open_own_store(settings: Settings) -> Iterator[RunStore]:
    """The store of the settings itself, for what a team's server does for nobody.

    Raises:
        InputError: the settings name such a server.
    """
    if SERVERS.match(settings.store):
        raise InputError(NOT_OVER_HTTP)
    with closing(settings.open_store()) as store:
        yield store


@contextmanager
def open_writer(settings: Settings) -> Iterator[Writer]:
    """The way into the store of the settings, which is closed afterwards."""
    writer = writer_at(settings)
    try:
        yield writer
    finally:
        writer.service.store.close()


@contextmanager
def open_questions(settings: Settings) -> Iterator[Service]:
    """As `open_service`, with some of what is kept for the store recorded before."""
    if not settings.read_only and not inbox_at(settings).is_empty():
        brief = {"timeout_seconds": min(settings.timeout_seconds, FIRST_SECONDS)}
        # A store that cannot be written may answer; if it cannot do that, the question tells.
        with suppress(GenesisError), open_writer(settings.model_copy(update=brief)) as writer:
            say_delivered(writer.deliver_first())
    with open_service(settings) as service:
        yield service


def say_delivered(delivered: Delivered) -> None:
    """Say what became of what was kept, if there was anything."""
    if delivered.recorded:
        kept = plural(f"{delivered.recorded:,}", "kept run")
        say(f"{kept} recorded now; those without an iteration got one.")
    if delivered.refused:
        kept = plural(f"{delivered.refused:,}", "kept run")
        say(f"{kept} put aside: the store refuses them. genesis-mcp doctor names the file.")


def arguments_of(model: type[A], given: Mapping[str, Any]) -> A:
    """The arguments among the options that were given."""
    return parse(model, {name: given[name] for name in model.model_fields if name in given})
