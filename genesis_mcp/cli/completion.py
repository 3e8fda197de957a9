"""`genesis-mcp completion`: what makes a shell complete commands, options and specs."""

from typing import Any

import click
from click.shell_completion import get_completion_class

from genesis_mcp.cli.command_form import command
from genesis_mcp.config import Settings

SHELLS = ("bash", "zsh", "fish")


@command(
    "completion",
    click.Argument(["shell"], type=click.Choice(SHELLS), metavar="bash|zsh|fish"),
    examples=[
        "genesis-mcp completion bash > genesis-mcp.bash",
        "genesis-mcp completion fish > genesis-mcp.fish",
    ],
)
def completion(_settings: Settings, given: dict[str, Any]) -> int:
    """Print what makes a shell complete commands, options and specs.

    bash, zsh: eval "$(genesis-mcp completion bash)" in ~/.bashrc, or zsh in ~/.zshrc; fish: into
    ~/.config/fish/completions/genesis-mcp.fish.
    """
    from genesis_mcp.cli.main import COMPLETION_VARIABLE, GROUP, PROGRAM

    made = get_completion_class(given["shell"])
    assert made is not None
    print(made(GROUP, {}, PROGRAM, COMPLETION_VARIABLE).source())
    return 0
