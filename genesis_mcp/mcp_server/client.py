"""A real client of our own server over stdio, for `doctor` and `demo`."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TextIO

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from genesis_mcp.config import Settings

CALL_SECONDS = 30.0
"""How long an answer is waited for; starting Python and the SDK takes a second or two of it."""


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make another process use the same settings."""
    return {
        f"GENESIS_{name.upper()}": str(int(value) if isinstance(value, bool) else value)
        for name, value in settings.model_dump().items()
    }


@asynccontextmanager
async def connected(settings: Settings, log: TextIO) -> AsyncIterator[Client]:
    """A client of a server of its own; the server's stderr goes to `log`."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "genesis_mcp", "serve"],
        # PYTHONPATH as it is here: the package may be run from a checkout.
        env={**os.environ, **environment(settings)},
        cwd=_somewhere(),
    )
    async with Client(
        stdio_client(server, errlog=log), read_timeout_seconds=CALL_SECONDS
    ) as client:
        yield client


def _somewhere() -> Path:
    """A directory that is there: the home directory of a service's user may not be."""
    with suppress(RuntimeError):
        if (home := Path.home()).is_dir():
            return home
    return Path(tempfile.gettempdir())


def text_of(result: CallToolResult) -> str:
    """What a host shows of an answer."""
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))
