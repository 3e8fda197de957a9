"""`run` and `serve` for click: their help, and every call that is not plainly right."""

from typing import Any

import click

from genesis_mcp.cli.command_form import Command, click_options
from genesis_mcp.cli.options import RUN, SERVE, split_command
from genesis_mcp.cli.run import run as run_and_record
from genesis_mcp.cli.serve import serve as serve_mcp
from genesis_mcp.errors import InputError

WHERE_THE_COMMAND_STANDS = "Put the command after --, as in: genesis-mcp run --spec ID -- {}"


class Run(Command):
    """What is after `--` is the command to run, untouched."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["--spec ID", *super().collect_usage_pieces(ctx), "-- COMMAND ..."]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ours, command = split_command(args)
        ctx.meta["command"] = command or []
        return super().parse_args(ctx, ours)

    def work(self, common: dict[str, Any], given: dict[str, Any]) -> int:
        ctx = click.get_current_context()
        command = ctx.meta["command"]
        if ctx.args or not command:
            shown = " ".join(ctx.args) or "COMMAND"
            raise InputError(WHERE_THE_COMMAND_STANDS.format(shown))
        return run_and_record(common | given, command)


class Serve(Command):
    """It reads the settings itself."""

    def work(self, common: dict[str, Any], given: dict[str, Any]) -> int:
        return serve_mcp(common | given)


run = Run(
    name="run",
    params=click_options(RUN),
    context_settings={"allow_extra_args": True, "allow_interspersed_args": False},
    help="Run a command and record it: its output is passed on, its exit code is this one's.",
    examples=[
        "genesis-mcp run --spec soma -- python3 soma.py",
        "genesis-mcp run --spec soma --code soma.py --timeout 10 -- python3 soma.py",
    ],
    exits=(
        "the command's own; 124 timed out, 126 could not be executed, 127 was not found, 128 + n "
        "killed by signal n. Nothing was run: 2 the caller's fault, 3 refused"
    ),
)

serve = Serve(
    name="serve",
    params=click_options(SERVE),
    help="Serve MCP on stdin and stdout, for a client such as Claude; or a team over HTTP.",
    examples=["genesis-mcp serve < /dev/null", "genesis-mcp serve --read-only < /dev/null"],
)
