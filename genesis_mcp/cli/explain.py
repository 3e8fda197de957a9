"""`genesis-mcp explain`: which row of the table of formats reads an output."""

import sys
from pathlib import Path
from typing import Any

import click

from genesis_mcp.cli.command_form import command
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError


@command(
    "explain",
    click.Argument(["file"], metavar="FILE"),
    examples=["genesis-mcp explain out.txt", "python3 soma.py 2>&1 | genesis-mcp explain -"],
)
def explain(_settings: Settings, given: dict[str, Any]) -> int:
    """Say which format reads the output in a file, what is taken from it, and what else could be.

    `-` is standard input.
    """
    from genesis_mcp.answers.readable import shown_line
    from genesis_mcp.diagnostics.explaining import LINE_CHARS
    from genesis_mcp.diagnostics.explaining import explain as lines_of

    file = given["file"]
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError:
        raise InputError(f"{file} cannot be read.") from None
    for line in lines_of(data.decode("utf-8", "replace")):
        print(shown_line(line, LINE_CHARS))
    return 0
