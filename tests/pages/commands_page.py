"""docs/command-line.md, made from the commands themselves."""

import click

from genesis_mcp.cli.exits import EXIT_CODES
from genesis_mcp.cli.main import COMMANDS, GROUP
from genesis_mcp.cli.options import COMMON

BEGINNING = f"""\
# The command line

<!-- Made from the code. Make it again: UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/test_docs.py -->

The questions (`failures`, `spec`, `show`, `search`, `compare`, `describe`) give the answers of
[the tools](tools.md); `--json` gives their structured form.

- A run is named by its id, by the first 8 or more characters of it, or as `soma#2`.
- At a terminal answers are for people (colours, local time, commands to type; `NO_COLOR`,
  `FORCE_COLOR`); in a pipe and with `--json` they are what a model and a program read.
- Every command has `--store URL` (default: [`GENESIS_STORE`](settings.md)), `--read-only` and
  `--help`; they also stand before the command.
- Exit codes, where a command has none of its own: {EXIT_CODES}.

The examples are run by `tests/cli/test_help.py`, as they stand here.
"""


def page():
    """The page, whole."""
    rows = [f"| [`{name}`](#{name}) | {does} |" for name, (_, does) in COMMANDS.items()]
    table = "\n".join(["| command | does |", "|---|---|", *rows])
    return "\n".join([BEGINNING, table, *map(_section, COMMANDS)])


def _section(name):
    command = GROUP.get_command(None, name)
    usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=name)))
    words = "\n\n".join(" ".join(part.split()) for part in command.help.split("\n\n"))
    exits = "" if command.exits == EXIT_CODES else f"\nExit codes: {command.exits}.\n"
    examples = "\n".join(command.examples)
    return (
        f"\n## {name}\n\n`genesis-mcp {name} {usage}`\n\n{words}\n{_options(command)}"
        f"\n```sh\n{examples}\n```\n{exits}"
    ).rstrip("\n")


def _options(command):
    common = {option.flag for option in COMMON}
    options = [
        one for one in command.params if isinstance(one, click.Option) and one.opts[0] not in common
    ]
    rows = [f"| {_flags(one)} | {_cell(one.help or '')} |" for one in options]
    return "\n".join(["", "| option | means |", "|---|---|", *rows, ""]) if rows else ""


def _flags(option):
    flags = [flag for flag in (*option.opts, *option.secondary_opts) if flag.startswith("--")]
    value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    needed = " (needed)" if option.required else ""
    return ", ".join(f"`{flag}{value}`" for flag in flags) + needed


def _cell(text):
    return text.replace("|", "\\|")
