"""`genesis-mcp` and `python -m genesis_mcp`: the command line, by the shortest way.

What starts often or must start soon is read here by a table (`cli/options.py`) and runs without the
rest. Everything else, and every call that is not plainly right, goes to click.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


INTERRUPTED = 130
"""What shells exit with after an interrupt."""

COMPLETION_VARIABLE = "_GENESIS_MCP_COMPLETE"
"""Set by a shell that asks what may stand where its user is typing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say and return what the process should exit with."""
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments) or ["serve"])
    except KeyboardInterrupt:  # while the rest of the program was loaded
        return INTERRUPTED


def _open_streams() -> None:
    """Give a process that was started with closed streams (cron, some supervisors) empty ones.

    Otherwise what is opened next, such as a database, would be where programs print.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))


def _main(given: list[str]) -> int:
    _open_streams()
    if given == ["--version"]:
        from genesis_mcp import __version__

        print(f"genesis-mcp {__version__}")
        return 0
    for stream in (sys.stdout, sys.stderr):
        # Accents and emoji must not crash a print where the console's encoding lacks them.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if given == ["hook"]:
        from genesis_mcp.cli.hooked import hooked

        return hooked(None)
    if given[0] in ("run", "serve") and COMPLETION_VARIABLE not in os.environ:
        from genesis_mcp.cli.options import parse_plainly

        if plain := parse_plainly(given):
            return _call(*plain)
    from genesis_mcp.cli.main import main as whole

    return whole(given)


def _call(name: str, values: dict[str, str | bool], command: list[str]) -> int:
    from genesis_mcp.cli.exits import exit_code_of

    if name == "serve":
        from genesis_mcp.cli.serve import serve

        return exit_code_of(lambda: serve(values))
    from genesis_mcp.cli.run import run

    return exit_code_of(lambda: run(values, command))


if __name__ == "__main__":
    sys.exit(main())
