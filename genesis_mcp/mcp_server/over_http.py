"""MCP over Streamable HTTP for one token: the SDK's own sessions, of both protocol eras."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Message, Receive, Scope, Send

SESSIONS_KEPT = 100
"""Of one token; each keeps what its client said of itself. Who starts a client again and again, and
never ends a session, has the oldest ended for each new one."""

SESSIONS_MAX = 2 * SESSIONS_KEPT
"""With those that nobody may end, since something is asked in them."""

IDLE_SECONDS = 30 * 60.0

SESSION = b"mcp-session-id"


class Sessions:
    """The sessions of a server; whoever else's they are does not find them.

    Host, Origin and token are checked before, for all that is served.
    """

    def __init__(self, server: Server, *, body_bytes: int) -> None:
        self._manager = StreamableHTTPSessionManager(
            server,
            max_request_body_size=body_bytes,
            max_sessions=SESSIONS_MAX,
            session_idle_timeout=IDLE_SECONDS,
        )
        self._asked: dict[str, int] = {}
        """How many requests are under way in each, that of the longest rest first."""

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Within this they live."""
        async with self._manager.run():
            yield

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, which may open a session."""
        named = _session_of(scope["headers"])
        if named is None:
            await self._make_room()
        elif named in self._asked:
            self._asked[named] += 1
        opened = named

        async def watched(message: Message) -> None:
            nonlocal opened
            if message["type"] == "http.response.start" and named is None:
                opened = _session_of(message["headers"])
                if opened is not None:
                    self._asked[opened] = 1
            await send(message)

        try:
            await self._manager.handle_request(scope, receive, watched)
        finally:
            if opened in self._asked:
                self._asked[opened] = self._asked.pop(opened) - 1

    async def _make_room(self) -> None:
        if len(self._asked) < SESSIONS_KEPT:
            return
        resting = next((name for name, requests in self._asked.items() if not requests), None)
        if resting is not None:
            del self._asked[resting]
            await self._manager.handle_request(_ending(resting), _nothing_more, _unheard)


def _session_of(headers: list[tuple[bytes, bytes]]) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name == SESSION), None)


def _ending(session: str) -> Scope:
    """The request by which a client ends its session."""
    named = (SESSION, session.encode())
    return {
        "type": "http",
        "method": "DELETE",
        "path": "/",
        "headers": [named],
        "query_string": b"",
    }


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _unheard(_message: Message) -> None:
    """Nobody waits for the answer."""
