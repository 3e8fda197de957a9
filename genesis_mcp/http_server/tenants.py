"""Who is served: for each token what it may see and do, its limits and its sessions of MCP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
from anyio.abc import TaskGroup, TaskStatus
from starlette.types import Scope

from genesis_mcp.config import Settings
from genesis_mcp.errors import ConfigError
from genesis_mcp.http_server.limits import Limits
from genesis_mcp.http_server.requests import BODY_BYTES_MAX, Refused, bearer
from genesis_mcp.http_server.tokens import SCOPES, Token, TokenFile
from genesis_mcp.mcp_server.over_http import Sessions
from genesis_mcp.mcp_server.tools import build_server
from genesis_mcp.questions import Service
from genesis_mcp.recording.writer import Writer
from genesis_mcp.stores.one_service import OneService

THREADS = 24
"""That ask the store for all tokens together: six tokens with all that one may ask at once."""

SWEEP_SECONDS = 5.0
"""After so long at most the sessions of a token that was revoked are gone."""

ANYBODY = Token(name="anybody", digest="", scopes=SCOPES, created=datetime.fromtimestamp(0, UTC))
"""Who asks on this machine, as long as no token was ever made."""


class Tenant:
    """One token, and what is there for it."""

    def __init__(self, token: Token, writer: Writer, settings: Settings) -> None:
        whole = writer.service
        self.token = token
        self.settings = settings
        self.reads = "read" in token.scopes
        self.records = "record" in token.scopes and not settings.read_only
        self.service = whole
        if token.service is not None:
            self.service = Service(
                OneService(whole.store, token.service),
                stores_secrets=settings.redact != "write",
                redacts_also=settings.redacted_also,
            )
        self.writer = Writer(self.service, writer.inbox)
        self.limits = Limits()
        may = settings.model_copy(update={"read_only": not self.records})
        self._server = (self.service, may, writer)
        self.scope = anyio.CancelScope()

    async def run(self, threads: anyio.CapacityLimiter, *, task_status: TaskStatus[None]) -> None:
        """Have its sessions until its scope is cancelled."""
        service, may, writer = self._server
        server = build_server(service, may, threads, writer=writer, reads=self.reads)
        self.sessions = Sessions(server, body_bytes=BODY_BYTES_MAX)
        with self.scope:
            async with self.sessions.run():
                task_status.started()
                await anyio.sleep_forever()


class Tenants:
    """All that were there, until their tokens are gone."""

    def __init__(
        self, file: TokenFile, writer: Writer, settings: Settings, *, open_here: bool
    ) -> None:
        self.threads = anyio.CapacityLimiter(THREADS)
        self.writer = writer
        self._file, self._settings = file, settings
        self._is_open = open_here
        self._known: dict[Token, Tenant] = {}
        self._making = anyio.Lock()
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within this they may come."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._sweep)
            yield
            self._tasks.cancel_scope.cancel()

    async def who(self, scope: Scope) -> Tenant:
        """The one whose token a request brings.

        Raises:
            Refused: it brings none, or none that is valid.
        """
        given = bearer(scope)
        try:
            token = self._token(given)
        except ConfigError as error:
            raise Refused(503, str(error), Retry_After="30") from None
        if token is None:
            said = "This token is unknown, revoked or expired." if given else "A token is needed."
            raise Refused(401, said, WWW_Authenticate="Bearer")
        async with self._making:
            if token not in self._known:
                assert self._tasks is not None
                tenant = Tenant(token, self.writer, self._settings)
                await self._tasks.start(tenant.run, self.threads)
                self._known[token] = tenant
        return self._known[token]

    def _token(self, given: str | None) -> Token | None:
        if self._is_open:
            if not self._file.tokens():
                return ANYBODY
            self._is_open = False  # for good: that the last token is revoked opens nothing
        return None if given is None else self._file.find(given)

    async def _sweep(self) -> None:
        while True:
            await anyio.sleep(SWEEP_SECONDS)
            try:
                valid = set(self._file.tokens())
            except ConfigError:
                valid = set()
            if self._is_open and not valid:
                continue
            moment = datetime.now(UTC)
            for token in [*self._known]:
                if token not in valid or token.has_expired(moment):
                    self._known.pop(token).scope.cancel()
