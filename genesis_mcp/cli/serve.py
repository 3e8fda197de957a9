"""`genesis-mcp serve`, which is also what a bare `genesis-mcp` does."""

from __future__ import annotations

import sys

from genesis_mcp.cli.exits import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from genesis_mcp.config import Settings

HTTP_ONLY = ("tokens", "hosts", "origins", "tls_certificate", "tls_key")


def serve(values: dict[str, str | bool]) -> int:
    """Serve MCP on stdin and stdout until stdin ends, or a team over HTTP until a signal."""
    from genesis_mcp.config import load_settings

    given = {name: str(values[name]) for name in ("http", *HTTP_ONLY) if name in values}
    settings = load_settings({name: one for name, one in values.items() if name not in given})
    with settings.showing():
        if "http" in given:
            _serve_team(settings, given)
        else:
            _serve_one(settings, given)
    return 0


def _serve_one(settings: Settings, given: dict[str, str]) -> None:
    from genesis_mcp.errors import InputError
    from genesis_mcp.mcp_server.stdio import serve as serve_mcp

    if given:
        raise InputError(f"--{next(iter(given)).replace('_', '-')} goes with --http.")
    if sys.stdin.isatty():
        say(
            "serving MCP on stdin and stdout, for a client such as Claude. "
            "`genesis-mcp --help` lists the commands."
        )
    serve_mcp(settings)


def _serve_team(settings: Settings, given: dict[str, str]) -> None:
    from pathlib import Path

    from genesis_mcp.errors import InputError
    from genesis_mcp.http_server.serving import Address, Certificate, serve_http
    from genesis_mcp.http_server.tokens import TokenFile

    if ("tls_certificate" in given) != ("tls_key" in given):
        raise InputError("--tls-certificate and --tls-key go together.")
    certificate = (
        Certificate(Path(given["tls_certificate"]), Path(given["tls_key"]))
        if "tls_key" in given
        else None
    )
    serve_http(
        settings,
        Address.parse(given["http"]),
        TokenFile(Path(given["tokens"])) if "tokens" in given else TokenFile.usual(),
        hosts=_named(given.get("hosts", "")),
        origins=_named(given.get("origins", "")),
        certificate=certificate,
    )


def _named(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
