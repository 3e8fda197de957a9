"""The HTTP face: five places, and what is checked before any of them is asked. No sockets here."""

import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from genesis_mcp.errors import (
    ConfigError,
    GenesisError,
    InputError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.http_server.access_log import Entry
from genesis_mcp.http_server.asked import ask, in_thread
from genesis_mcp.http_server.recorded_lines import record_as_they_stand, record_lines, record_one
from genesis_mcp.http_server.report_asked import page_asked
from genesis_mcp.http_server.requests import (
    Places,
    Refused,
    body_of,
    check_size,
    header,
    replayed,
    while_there,
)
from genesis_mcp.http_server.tenants import Tenant, Tenants
from genesis_mcp.http_server.unfinished import Unfinished
from genesis_mcp.mcp_server.kept_first import KeptFirst
from genesis_mcp.mcp_server.tools import TOOLS

logger = logging.getLogger(__name__)

STATUS = {
    InputError: 400,
    WriteNotAllowed: 403,
    StoreUnavailable: 503,
    StoreTimeout: 504,
    ConfigError: 500,
}

CALLS = {"tools/call", "prompts/get", "resources/read", "completion/complete"}
"""Methods of MCP that ask the store."""

KEY_CHARS_MAX = 200

METHODS = {
    "/health": ("GET",),
    "/mcp": ("GET", "POST", "DELETE"),
    "/report": ("GET",),
    "/runs": ("POST",),
    "/runs/each": ("POST",),
    "/runs/one": ("POST",),
}
"""What is served, besides `/questions/NAME`; every other path is nothing."""

QUESTIONS = "/questions/"


class Application:
    """What an ASGI server calls."""

    def __init__(self, tenants: Tenants, places: Places, *, read_only: bool) -> None:
        self._tenants, self._places = tenants, places
        self._delivers = not read_only
        self._ending = anyio.Event()
        self._unfinished = Unfinished()

    def end(self) -> None:
        """No more requests will come: whoever waits for something is told so."""
        self._ending.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._tenants.running(), anyio.create_task_group() as tasks:
            if self._delivers:
                tasks.start_soon(KeptFirst(self._tenants.writer).now_and_then)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._unfinished.settled()
            tasks.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        question = path.removeprefix(QUESTIONS) if path.startswith(QUESTIONS) else None
        route = path if path in METHODS else f"{QUESTIONS}NAME" if question is not None else "none"
        entry = Entry(scope, route)
        watched = entry.watching(send)
        try:
            await self._answer(scope, receive, watched, entry, question)
        except Refused as refused:
            await _refuse(refused, scope, receive, watched, entry)
        except GenesisError as error:
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 503)
            await _refuse(Refused.of(status, error), scope, receive, watched, entry)
        except anyio.get_cancelled_exc_class():
            if not self._ending.is_set():
                raise
            with anyio.CancelScope(shield=True):
                await _refuse(Refused.at_the_end(), scope, receive, watched, entry)
        except Exception:
            logger.exception("a request crashed")
            said = "Something went wrong inside genesis-mcp. The cause is in its log (stderr)."
            await _refuse(Refused(500, said), scope, receive, watched, entry)
        finally:
            await entry.end(send)
            entry.write()

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, entry: Entry, question: str | None
    ) -> None:
        check_size(scope)
        self._places.check(scope)
        _check_method(scope, question)
        path = scope["path"]
        if path == "/health":
            await JSONResponse({"status": "ok"})(scope, receive, send)
            return
        tenant = await self._tenants.who(scope)
        entry.token = tenant.token.name
        tenant.limits.request()
        body = await body_of(scope, receive) if scope["method"] == "POST" else b""
        if path == "/mcp":
            again = replayed(body, receive)
            await self._speak(tenant, body, entry, partial(_mcp, tenant, scope, again, send))
        elif path == "/report":
            entry.asked = "report"
            page = await page_asked(tenant, scope, self._tenants.threads)
            await page(scope, receive, send)
        elif question is not None:
            entry.asked = question if question in TOOLS else None
            work = partial(
                ask, tenant, question, body, threads=self._tenants.threads, ending=self._ending
            )
            if question in TOOLS and TOOLS[question].writes:
                await self._unfinished.finish(partial(_tell, work, scope, receive, send))
            else:
                await _tell(partial(while_there, receive, work), scope, receive, send)
        else:
            record = partial(self._record, tenant, path, body, scope)
            await self._unfinished.finish(partial(_tell, record, scope, receive, send))

    async def _record(self, tenant: Tenant, path: str, body: bytes, scope: Scope) -> dict[str, Any]:
        if not tenant.records:
            raise Refused(403, "This token may not record.")
        key = header(scope, "idempotency-key")
        if key is not None and not 0 < len(key) <= KEY_CHARS_MAX:
            raise Refused(400, f"Idempotency-Key has 1 to {KEY_CHARS_MAX} characters.")
        work: dict[str, Callable[[], dict[str, Any]]] = {
            "/runs": partial(record_lines, tenant.writer, body, origin=key),
            "/runs/each": partial(record_as_they_stand, tenant.service, body),
            "/runs/one": partial(record_one, tenant.service, body),
        }
        return await in_thread(self._tenants.threads, work[path])

    async def _speak(
        self, tenant: Tenant, body: bytes, entry: Entry, go_on: Callable[[], Awaitable[None]]
    ) -> None:
        """A message of MCP, which is limited as what it asks for."""
        if body.lstrip().startswith(b"["):
            raise Refused(400, "Send one message in a request: lists of them are not taken.")
        method, name = _called(body)
        if method not in CALLS:
            await go_on()
            return
        entry.asked = name if name in TOOLS else method
        async with tenant.limits.call("wait" if name == "wait_for_run" else "question"):
            await go_on()


def _check_method(scope: Scope, question: str | None) -> None:
    """Only what is served, in its way.

    Raises:
        Refused: it is something else.
    """
    allowed = METHODS.get(scope["path"], ("POST",) if question is not None else ())
    if not allowed:
        raise Refused(
            404, "There is nothing here: see /health, /mcp, /report, /runs, /questions/NAME."
        )
    if scope["method"] not in allowed:
        raise Refused(405, f"Here is {' and '.join(allowed)} only.", Allow=", ".join(allowed))


def _called(body: bytes) -> tuple[object, object]:
    """The method of a message, and the tool that it calls; None where it is no message."""
    try:
        message = json.loads(body) if body else {}
        params = message.get("params") or {}
        method, name = message.get("method"), params.get("name")
    except (ValueError, RecursionError, AttributeError):
        return None, None
    return (method if isinstance(method, str) else None), (name if isinstance(name, str) else None)


async def _tell(
    work: Callable[[], Awaitable[dict[str, Any]]], scope: Scope, receive: Receive, send: Send
) -> None:
    await JSONResponse(await work())(scope, receive, send)


async def _mcp(tenant: Tenant, scope: Scope, receive: Receive, send: Send) -> None:
    await tenant.sessions.handle_request(scope, receive, send)


async def _refuse(
    refused: Refused, scope: Scope, receive: Receive, send: Send, entry: Entry
) -> None:
    if entry.status is not None:  # the answer has begun: its end is all that can be told
        return
    told = {"error": refused.said, "kind": refused.kind}
    await JSONResponse(told, refused.status, refused.headers)(scope, receive, send)
