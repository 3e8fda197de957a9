"""How the commands that ask are asked, and how their answers are printed."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from genesis_mcp.answers import Result
from genesis_mcp.answers.markdown import fit, within
from genesis_mcp.cli.command_form import flag
from genesis_mcp.cli.for_people import render
from genesis_mcp.cli.screen import screen_of
from genesis_mcp.cli.shared import leave_out_what_drivers_say, open_service
from genesis_mcp.config import load_settings
from genesis_mcp.errors import GenesisError

JSON = flag("--json", "print the structured form", becomes="as_json")


def specs_beginning(_context: object, _param: object, typed: str) -> list[CompletionItem]:
    """The recorded specs that a shell completes; none where the store does not answer."""
    leave_out_what_drivers_say()
    try:
        with open_service(load_settings()) as service:
            return [CompletionItem(name) for name in service.spec_ids(typed)]
    except GenesisError:
        return []


SPEC = click.Argument(["spec_id"], metavar="SPEC", shell_complete=specs_beginning)

SPEC_OPTION = click.Option(
    ["--spec", "spec_id"], metavar="ID", help="only of this spec", shell_complete=specs_beginning
)


def print_result(
    result: Result, given: Mapping[str, Any], max_chars: int, *, is_missing: bool = False
) -> None:
    """Print an answer: as JSON, for a person at a terminal, or for whoever reads it in a pipe.

    `is_missing`: what was asked for does not exist, which no program should take for an answer.
    """
    if given.get("as_json"):
        structured = fit(result, max_chars).result.structured()
        print(json.dumps(structured, ensure_ascii=False))
        return
    file = sys.stderr if is_missing else sys.stdout
    if screen := screen_of(file):
        print(render(within(result, max_chars), screen), file=file)
    else:
        print(fit(result, max_chars).text, file=file)
