"""`genesis-mcp serve`, which is also what a bare `genesis-mcp` does."""

from __future__ import annotations

import sys

from genesis_mcp.cli.exits import say


def serve(values: dict[str, str | bool]) -> int:
    """Serve MCP on stdin and stdout until stdin ends."""
    from genesis_mcp.config import load_settings
    from genesis_mcp.mcp_server.stdio import serve as serve_mcp

    settings = load_settings(values)
    if sys.stdin.isatty():
        say(
            "serving MCP on stdin and stdout, for a client such as Claude. "
            "`genesis-mcp --help` lists the commands."
        )
    with settings.showing():
        serve_mcp(settings)
    return 0
