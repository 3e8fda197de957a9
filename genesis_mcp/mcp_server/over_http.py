"""MCP over Streamable HTTP for one token: the SDK's own sessions, of both protocol eras."""

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

SESSIONS_MAX = 100
"""Of one token, open at once; each keeps what its client said of itself."""

IDLE_SECONDS = 30 * 60.0


def sessions_of(server: Server, *, body_bytes: int) -> StreamableHTTPSessionManager:
    """The sessions of a server; whoever else's they are does not find them.

    Host, Origin and token are checked before, for all that is served.
    """
    return StreamableHTTPSessionManager(
        server,
        max_request_body_size=body_bytes,
        max_sessions=SESSIONS_MAX,
        session_idle_timeout=IDLE_SECONDS,
    )
