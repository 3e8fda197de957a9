"""What is looked at of a request before anything is done: its headers, its body within bounds."""

import ipaddress
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import anyio
from starlette.types import Message, Receive, Scope

from genesis_mcp.errors import GenesisError

BODY_BYTES_MAX = 32 * 1024 * 1024
"""Of one request: twice what a document of MongoDB holds, so that any run fits."""

BODY_SECONDS = 30.0
"""For a whole body: whoever sends slower has fewer runs to send at once."""

HEADER_BYTES_MAX = 32 * 1024

GONE = 499
"""In the access log, for a request that nobody waits for any more; nginx has it so."""

T = TypeVar("T")

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Refused(Exception):
    """A request that is not answered with what it asks for; `said` is our own words."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said
        self.kind = "Refused"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @classmethod
    def at_the_end(cls) -> "Refused":
        """What is not finished when the server ends."""
        return cls(503, "The server ends; ask again in a moment.", Retry_After="1")

    @classmethod
    def of(cls, status: int, error: GenesisError) -> "Refused":
        """One of ours, whose kind a client of ours raises again."""
        refused = cls(status, str(error))
        refused.kind = type(error).__name__
        return refused


def header(scope: Scope, name: str) -> str | None:
    """A header that stands there once.

    Raises:
        Refused: it stands there several times, and proxies differ in which of them they mean.
    """
    values = [value for key, value in scope["headers"] if key == name.encode()]
    if len(values) > 1:
        raise Refused(400, f"The header {name} stands there more than once.")
    return values[0].decode("latin-1") if values else None


class Places:
    """Under which names a server is asked for, and from which pages of browsers."""

    def __init__(self, bound: str, hosts: Iterable[str], origins: Collection[str]) -> None:
        self._takes_addresses = bound in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        own = f"[{bound}]" if ":" in bound else bound
        self._hosts = {name.lower() for name in (*LOOPBACK_NAMES, own, *hosts)}
        self._origins = {origin.lower().rstrip("/") for origin in origins}

    def check(self, scope: Scope) -> None:
        """A page that a name was turned to us for gets no answer.

        Raises:
            Refused: the request names another host, or comes from another page.
        """
        host = header(scope, "host")
        if host is None or not self._is_ours(host.lower()):
            raise Refused(421, "This Host is not served: serve --hosts NAME adds it.")
        origin = header(scope, "origin")
        if origin is None or origin.lower() in self._origins:
            return
        if origin.lower() != f"{scope['scheme']}://{host.lower()}":
            raise Refused(403, "This Origin may not ask: serve --origins URL adds it.")

    def _is_ours(self, host: str) -> bool:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        if name in self._hosts or host in self._hosts:
            return True
        if not self._takes_addresses:
            return False
        with suppress(ValueError):  # no name can be turned to us that is an address
            ipaddress.ip_address(name.strip("[]"))
            return True
        return False


def check_size(scope: Scope) -> None:
    """Headers are no place for much.

    Raises:
        Refused: they are too long.
    """
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES_MAX:
        raise Refused(431, f"Headers have at most {HEADER_BYTES_MAX:,} bytes together.")


def bearer(scope: Scope) -> str | None:
    """The token of a request; None when it brings none.

    Raises:
        Refused: it has an Authorization of another kind.
    """
    given = header(scope, "authorization")
    if given is None:
        return None
    kind, _, token = given.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refused(
            401, "Give the token as: Authorization: Bearer TOKEN", WWW_Authenticate="Bearer"
        )
    return token.strip()


async def body_of(scope: Scope, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Refused: it is too long, packed, comes too slowly, or its sender is gone.
    """
    if (header(scope, "content-encoding") or "identity").strip().lower() != "identity":
        raise Refused(415, "Send the body as it is: no Content-Encoding is taken.")
    told = header(scope, "content-length")
    if told is not None and header(scope, "transfer-encoding") is not None:
        raise Refused(400, "Give a length or send chunks, not both.", Connection="close")
    if told is not None and (not told.isdecimal() or int(told[:20]) > BODY_BYTES_MAX):
        raise _too_long()
    parts, size = list[bytes](), 0
    with anyio.move_on_after(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "The body ended before its end.")
            part = message.get("body", b"")
            size += len(part)
            if size > BODY_BYTES_MAX:
                raise _too_long()
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)
    raise Refused(408, f"The body took more than {BODY_SECONDS:g} s.", Connection="close")


def _too_long() -> Refused:
    return Refused(
        413, f"A body has at most {BODY_BYTES_MAX:,} bytes; send fewer.", Connection="close"
    )


async def while_there(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """What work gives, which is given up when whoever asked for it goes away.

    Raises:
        Refused: that happened; nobody is there to read it.
        GenesisError: of the work.
    """
    done: list[T] = []
    failed: list[Exception] = []
    async with anyio.create_task_group() as tasks:

        async def give_up_when_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        tasks.start_soon(give_up_when_gone)
        try:
            done.append(await work())
        except Exception as error:  # as it is, and not in the group of the tasks
            failed.append(error)
        tasks.cancel_scope.cancel()
    if failed:
        raise failed[0]
    if not done:
        raise Refused(GONE, "Who asked has gone away.")
    return done[0]


def replayed(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already once more, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return messages.pop() if messages else await receive()

    return again
