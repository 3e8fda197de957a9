"""What the commands share: the service on a store, arguments from flags, an answer printed."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from genesis_mcp.answers import Result
from genesis_mcp.answers.markdown import fit
from genesis_mcp.config import Settings
from genesis_mcp.errors import GenesisError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import Arguments
from genesis_mcp.recording.inbox import Delivered
from genesis_mcp.recording.writer import FIRST_SECONDS, Writer, inbox_at, writer_at
from genesis_mcp.runs.wording import plural
from genesis_mcp.validation import parse

A = TypeVar("A", bound=Arguments)


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """The service on the store of the settings, which is closed afterwards."""
    service = settings.open_service()
    try:
        yield service
    finally:
        service.store.close()


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
            tell_delivered(writer.deliver_first())
    with open_service(settings) as service:
        yield service


def tell_delivered(delivered: Delivered) -> None:
    """Say what became of what was kept, if there was anything."""
    if delivered.recorded:
        kept = plural(f"{delivered.recorded:,}", "kept run")
        tell(f"{kept} recorded now; those without an iteration got one.")
    if delivered.refused:
        kept = plural(f"{delivered.refused:,}", "kept run")
        tell(f"{kept} put aside: the store refuses them. genesis-mcp doctor names the file.")


def tell(sentence: str) -> None:
    """Say something on stderr, in one line, if anybody listens there."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(f"genesis-mcp: {' '.join(sentence.split(chr(10)))}", file=sys.stderr, flush=True)


def arguments_of(model: type[A], flags: argparse.Namespace) -> A:
    given = {name: getattr(flags, name, None) for name in model.model_fields}
    return parse(model, {name: value for name, value in given.items() if value is not None})


def print_result(result: Result, flags: argparse.Namespace, max_chars: int) -> None:
    answer = fit(result, max_chars)
    if flags.json:
        print(json.dumps(answer.result.structured(), ensure_ascii=False))
    else:
        print(answer.text)


def add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the structured form")
