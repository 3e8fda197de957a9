"""A client of the SDK's own, connected in this process, in both eras of the protocol."""

import anyio
import pytest
from mcp import Client

from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.tools import build_server
from genesis_mcp.questions import Service
from genesis_mcp.stores.sqlite import SQLiteStore


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(params=["auto", "legacy"])
async def client(request, tmp_path):
    """Asks a server whose store is empty."""
    store = SQLiteStore(tmp_path / "logs.db")
    server = build_server(Service(store), Settings(), anyio.CapacityLimiter(4))
    async with Client(server, mode=request.param, raise_exceptions=True) as connected:
        yield connected
    store.close()
