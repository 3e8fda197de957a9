"""What the commands share: the service on a store, arguments from flags, an answer printed."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from genesis_mcp.answers import Result
from genesis_mcp.answers.markdown import fit
from genesis_mcp.config import Settings
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import Arguments
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
