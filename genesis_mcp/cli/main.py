"""The command line as click has it: its commands are imported when one is called."""

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
from click.shell_completion import shell_complete

from genesis_mcp import __version__
from genesis_mcp.cli.command_form import click_options
from genesis_mcp.cli.exits import EXIT_CODES, INTERRUPTED, exit_code_of, say
from genesis_mcp.cli.options import COMMON
from genesis_mcp.errors import InputError

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
# They have no business here, and looking for them reads what every installed package says.

PROGRAM = "genesis-mcp"

COMPLETION_VARIABLE = "_GENESIS_MCP_COMPLETE"

COMMANDS = {
    "serve": ("started", "serve MCP on stdin and stdout; what a bare genesis-mcp does"),
    "run": ("started", "run a command and record it"),
    "failures": ("ask", "what broke lately"),
    "spec": ("ask", "what happened to one spec"),
    "show": ("ask", "one run, or lines of one of its texts"),
    "search": ("ask", "runs that printed a text"),
    "compare": ("ask", "what changed between two runs"),
    "watch": ("ask", "each next run of a spec as it comes"),
    "describe": ("ask", "what the store holds"),
    "note": ("note", "keep what people know beside an error"),
    "report": ("report_page", "a page to look at: what failed, and where it stands"),
    "explain": ("explain", "which format reads an output, and what is taken from it"),
    "hook": ("hook", "record what an agent ran, told by its hook on stdin"),
    "record": ("json_records", "record one run, given as JSON on stdin"),
    "ingest": ("ingest", "record runs and events from lines of a log"),
    "flush": ("json_records", "record what was kept"),
    "export": ("json_records", "write runs as lines of JSON, oldest first, unredacted"),
    "copy": ("copy", "copy all runs from one store to another, and verify them"),
    "init": ("upkeep", "create what the store lacks"),
    "prune": ("upkeep", "delete old runs"),
    "forget": ("forget", "delete records that must not be there, such as a secret"),
    "token": ("token", "who may use the server over HTTP"),
    "install": ("install", "enter this server in Claude Desktop, Claude Code and others"),
    "uninstall": ("install", "take it out again"),
    "doctor": ("doctor", "check the configuration, the store and the server"),
    "demo": ("demo", "run failing programs in a store of their own, and ask about them"),
    "completion": ("completion", "print what makes a shell complete commands and specs"),
}
"""The module of `cli` that has each command, and what it does in few words."""


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"genesis_mcp.cli.{COMMANDS[name][0]}"), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise click.UsageError(f"There is no command {args[0]!r}.{_meant(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(
            f"`genesis-mcp COMMAND --help` has examples. Exit codes: {EXIT_CODES}."
        )


def _group(ctx: click.Context, /, version: bool, **common: Any) -> int:
    """Execution logs of a run-read-fix loop, for Claude and for you.

    Without a command it serves MCP on stdin and stdout.
    """
    ctx.obj = {name: value for name, value in common.items() if value is not None}
    if version:
        print(f"genesis-mcp {__version__}")
        ctx.exit()
    if ctx.invoked_subcommand is None:
        from genesis_mcp.cli.serve import serve

        return serve(ctx.obj)
    return 0


GROUP = Commands(
    name=PROGRAM,
    callback=click.pass_context(_group),
    help=_group.__doc__,
    invoke_without_command=True,
    params=[
        *click_options(COMMON),
        click.Option(["--version"], is_flag=True, help="say which version this is"),
    ],
)


def main(arguments: Sequence[str]) -> int:
    """Run one command and return what the process should exit with."""
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        return shell_complete(GROUP, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    return exit_code_of(lambda: _invoke(arguments))


def _invoke(arguments: Sequence[str]) -> int:
    try:
        with GROUP.make_context(PROGRAM, list(arguments)) as ctx:
            return int(GROUP.invoke(ctx) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        print(file=sys.stderr)
        return INTERRUPTED
    except click.UsageError as error:
        say(f"{_in_words(error)} See: {error.ctx.command_path if error.ctx else PROGRAM} --help")
        return InputError.exit_code


def _in_words(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        known = [name for one in error.ctx.command.params for name in one.opts] if error.ctx else []
        return f"There is no option {error.option_name}.{_meant(error.option_name, known)}"
    return error.format_message()


def _meant(typed: str, known: Sequence[str] | dict[str, Any]) -> str:
    near = difflib.get_close_matches(typed, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""
