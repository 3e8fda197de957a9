"""`genesis-mcp install` and `uninstall`: this server in the configuration of a client."""

from typing import Any

import click

from genesis_mcp.cli.command_form import command, flag
from genesis_mcp.cli.exits import say
from genesis_mcp.config import Settings
from genesis_mcp.errors import ConfigError
from genesis_mcp.install.clients import CLIENTS, this_machine
from genesis_mcp.install.entry import Hook, Server
from genesis_mcp.install.installing import Target
from genesis_mcp.stores.location import shown_address

SCOPES = ("user", "project", "local")

CLIENT = click.Argument(["client"], type=click.Choice(list(CLIENTS)), metavar="CLIENT")
SCOPE = click.Option(
    ["--scope"],
    type=click.Choice(SCOPES),
    help="for you everywhere (default), for all of the project, or for you in it",
)

TEMPORARY = (
    "This installation lies in a directory for temporary files: when that is emptied the server "
    "cannot be started any more. Install it elsewhere for good."
)

LEFT_OUT = (
    "GENESIS_TOKEN is left out: start the client where it is set, or have it written readably into "
    "the file (--with-secrets)."
)

NOT_SET = (
    "GENESIS_TOKEN is not set here, and a team's server answers only to a token, once it has any: "
    "set it and type this again, with --with-secrets, or start the client where it is set."
)


@command(
    "install",
    CLIENT,
    SCOPE,
    flag("--hook", "Claude Code: also record what it runs in the shell"),
    flag("--print", "only print what would be entered"),
    flag("--with-secrets", "write the password in the store's URL, or the token, into the file"),
    examples=[
        "genesis-mcp install claude-desktop",
        "genesis-mcp install claude-code --hook --print",
    ],
)
def install(settings: Settings, given: dict[str, Any]) -> int:
    """Enter this server in a client: claude-desktop, claude-code, cursor, vscode, codex.

    The entry starts this installation on this shell's store. Other servers stay as they are.
    """
    machine = this_machine()
    target = Target(given["client"], given.get("scope"), machine)
    parts = target.parts(
        settings.store,
        read_only=settings.read_only,
        hook="hook" in given,
        with_secrets="with_secrets" in given,
    )
    token = target.token_of(settings.store)
    if token == "" or (token and "with_secrets" not in given):
        say(LEFT_OUT if token else NOT_SET)
    if machine.python.is_relative_to(machine.temporary):
        say(TEMPORARY)
    if "print" in given:
        for part in parts:
            _print_snippet(target, part)
        return 0
    codes = [_entered(target, part) for part in parts]
    if not any(codes):
        print(f"Its store: {shown_address(settings.store) or '(its URL cannot be read)'}")
        print(f"Start {target.client.title} anew, then ask it: What broke lately?")
    return max(codes)


def _entered(target: Target, part: Server | Hook) -> int:
    try:
        print(target.enter(part), flush=True)
    except ConfigError as error:
        _print_snippet(target, part)
        say(f"{target.client.title}: {error} Nothing was changed in it.")
        return error.exit_code
    return 0


def _print_snippet(target: Target, part: Server | Hook) -> None:
    print(target.snippet(part), flush=True)
    say(f"What is printed here goes into {part.file}")


@command(
    "uninstall",
    CLIENT,
    SCOPE,
    examples=["genesis-mcp uninstall cursor", "genesis-mcp uninstall claude-code --scope project"],
)
def uninstall(_settings: Settings, given: dict[str, Any]) -> int:
    """Take this server, and its hook, out of a client again; runs and store stay."""
    target = Target(given["client"], given.get("scope"), this_machine())
    try:
        for said in target.take_out():
            print(said, flush=True)
    except ConfigError as error:
        say(f"{target.client.title}: {error} It is as it was: {target.place.file}")
        return error.exit_code
    return 0
