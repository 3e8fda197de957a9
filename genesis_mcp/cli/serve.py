"""`genesis-mcp serve`, which is also what a bare `genesis-mcp` does."""

from __future__ import annotations

import gc
import os
import sys

from genesis_mcp.cli.exits import exit_code_of, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from genesis_mcp.config import Settings
    from genesis_mcp.mcp_server.front import Begun

HTTP_ONLY = ("tokens", "hosts", "origins", "tls_certificate", "tls_key")


def serve(values: dict[str, str | bool]) -> int:
    """Serve MCP on stdin and stdout until stdin ends, or a team over HTTP until a signal."""
    # Looking for pydantic's plugins reads what every installed package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    given = {name: str(values[name]) for name in ("http", *HTTP_ONLY) if name in values}
    common = {name: one for name, one in values.items() if name not in given}
    if not given:
        return _serve_one(common)
    from genesis_mcp.config import load_settings
    from genesis_mcp.errors import InputError

    settings = load_settings(common)
    if "http" not in given:
        raise InputError(f"--{next(iter(given)).replace('_', '-')} goes with --http.")
    with settings.showing():
        _serve_team(settings, given)
    return 0


def _serve_one(values: dict[str, str | bool]) -> int:
    """Serve; what a client asks first is answered while the SDK is imported, unless `front` is off.

    Only settings that are surely right have that: a wrong one ends the server without an answer.
    """
    from genesis_mcp.cli.sure_settings import sure_settings

    sure = sure_settings(values, os.environ)
    if sure is None or not sure.front:
        serve_loaded = _load(values)
        _say_what_it_is()
        serve_loaded(None)
        return 0
    from genesis_mcp.mcp_server.front import serve_from_start, static_answers

    _say_what_it_is()
    answers = static_answers(sure.tools())

    def serve_all() -> int:
        serve_from_start(answers, lambda: _load(values))
        return 0

    os._exit(exit_code_of(serve_all))  # Python's own end would wait for the thread of stdin


def _say_what_it_is() -> None:
    if sys.stdin.isatty():
        say(
            "serving MCP on stdin and stdout, for a client such as Claude. "
            "`genesis-mcp --help` lists the commands."
        )


def _load(values: dict[str, str | bool]) -> Callable[[Begun | None], None]:
    """All of the server, which takes a second to import, on a store that is not opened yet."""
    gc.disable()  # it would look again and again at what is there to stay: a tenth of the time
    from genesis_mcp.config import load_settings
    from genesis_mcp.mcp_server.memory import hold_less
    from genesis_mcp.mcp_server.stdio import serve as serve_mcp
    from genesis_mcp.recording.writer import writer_at

    gc.enable()
    gc.freeze()
    settings = load_settings(values)
    hold_less(settings.store)
    writer = writer_at(settings)

    def serve_loaded(begun: Begun | None) -> None:
        with settings.showing():
            serve_mcp(settings, writer, begun)

    return serve_loaded


def _serve_team(settings: Settings, given: dict[str, str]) -> None:
    from pathlib import Path

    from genesis_mcp.errors import InputError
    from genesis_mcp.http_server.serving import Address, Certificate, serve_http
    from genesis_mcp.http_server.tokens import TokenFile
    from genesis_mcp.mcp_server.memory import hold_less

    hold_less(settings.store)
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
