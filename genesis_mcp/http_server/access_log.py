"""One line of JSON on stderr for each request: no header, no body, no query and no secret in it."""

import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

from starlette.types import Message, Scope, Send

from genesis_mcp.text.clean import clean_line

NAME_CHARS = 60


class Entry:
    """What is noted of a request while it is answered."""

    def __init__(self, scope: Scope, route: str) -> None:
        self._scope, self._route = scope, route
        self._began = time.monotonic()
        self.token: str | None = None
        """The name of the token, which is no secret."""
        self.asked: str | None = None
        """The question or the method, if it is one that we know."""
        self.status: int | None = None
        self.bytes = 0
        self._is_open = False

    def watching(self, send: Send) -> Send:
        """Sends, and notes what was sent."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            self.bytes += len(message.get("body", b""))
            self._is_open = message.get("more_body", message["type"] == "http.response.start")
            await send(message)

        return watched

    async def end(self, send: Send) -> None:
        """End an answer that was left open, as a stream is when the server stops."""
        if self._is_open:
            await send({"type": "http.response.body", "body": b""})

    def write(self) -> None:
        """Write the line; nobody may be there to read it."""
        client = self._scope.get("client")
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": client[0] if client else None,
            "token": self.token and clean_line(self.token, NAME_CHARS),
            "method": clean_line(self._scope["method"], 10),
            "route": self._route,
            "asked": self.asked,
            "status": self.status,
            "milliseconds": round((time.monotonic() - self._began) * 1000),
            "bytes": self.bytes,
        }
        with suppress(OSError, ValueError):
            line = json.dumps({name: value for name, value in told.items() if value is not None})
            print(line, file=sys.stderr, flush=True)
