"""`serve --http`: the sockets, TLS, and an orderly end. No request is looked at here."""

import asyncio
import ipaddress
import logging
import signal
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from genesis_mcp.config import Settings
from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.http_server.application import Application
from genesis_mcp.http_server.requests import Places
from genesis_mcp.http_server.tenants import Tenants
from genesis_mcp.http_server.tokens import TokenFile
from genesis_mcp.recording.writer import writer_at
from genesis_mcp.stores.contract import AnsweringStore

CONNECTIONS_MAX = 512
"""Open at once; who comes then is told 503, and with OVER_MAX more the door is shut."""

OVER_MAX = 64

BACKLOG = 128
"""Connections that wait to be taken; asyncio takes so many before it looks at the first of them."""

FILES_WANTED = 2_048
"""That this process may have open, connections among them, where the system allows it."""

FLOOD_SECONDS = 60.0
"""Between two lines of the log on connections that the system cannot open."""

HEADER_SECONDS = 10
"""For the head of a request; a connection that asks nothing for so long is closed."""

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)

EXIT_GRACE_SECONDS = 3
"""After a signal: time for requests under way."""


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """HOST:PORT, [IPv6]:PORT or PORT.

        Raises:
            InputError: it is none of these.
        """
        host, _, port = text.rpartition(":")
        if not (port.isascii() and port.isdecimal() and int(port) < 2**16):
            raise InputError("--http: give HOST:PORT, such as 127.0.0.1:8765.")
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine comes there."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def shown(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Certificate(NamedTuple):
    """The files of a TLS certificate, with its chain, and of its key."""

    certificate: Path
    key: Path


class Protocol(H11Protocol):
    """HTTP/1.1 that closes connections on which no request begins, however slowly one is sent."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look_later(None)
        if len(self.connections) > (self.config.limit_concurrency or 0) + OVER_MAX:
            transport.abort()

    def _look_later(self, seen: object) -> None:
        self._look = self.loop.call_later(HEADER_SECONDS, self._close_if_idle, seen)

    def _close_if_idle(self, seen: object) -> None:
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if not self.transport.is_closing() and (is_busy or self.cycle is not seen):
            self._look_later(self.cycle)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)


def serve_http(
    settings: Settings,
    address: Address,
    file: TokenFile,
    *,
    hosts: list[str],
    origins: list[str],
    certificate: Certificate | None,
) -> None:
    """Serve until a signal asks for the end. Logs go to stderr.

    Raises:
        ConfigError: there is no token where one is needed, or the certificate cannot be used.
    """
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("asyncio").addFilter(_NoFlood())
    if not file.tokens() and not address.is_loopback:
        raise ConfigError(
            "Others can reach this address, and there is no token: genesis-mcp token new NAME "
            "--scopes read,record"
        )
    if certificate is not None:
        _check(certificate)
    writer = writer_at(settings)
    if isinstance(writer.service.store, AnsweringStore):
        raise ConfigError("GENESIS_STORE names a team's server: serve a store of your own.")
    tenants = Tenants(file, writer, settings, open_here=address.is_loopback)
    application = Application(
        tenants, Places(address.host, hosts, origins), read_only=settings.read_only
    )
    try:
        _Server(_configured(application, address, certificate), application).run()
    finally:
        writer.service.store.close()


class _Server(uvicorn.Server):
    """It says where it listens; a signal is its usual end, of which who waits is told."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self._application = application

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, which ends the process by that signal once more afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            [first, *_] = self.servers[0].sockets
            host, port = first.getsockname()[:2]
            where = f"http{'s' if self.config.is_ssl else ''}://{Address(host, port).shown}"
            print(f"genesis-mcp: serving {where} (MCP at {where}/mcp)", file=sys.stderr, flush=True)

    async def shutdown(self, sockets: Any = None) -> None:
        self._application.end()
        await super().shutdown(sockets)


def _configured(
    application: Application, address: Address, certificate: Certificate | None
) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        host=address.host,
        port=address.port,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_connections_max(),
        backlog=BACKLOG,
        timeout_graceful_shutdown=EXIT_GRACE_SECONDS,
        ssl_certfile=certificate and certificate.certificate,
        ssl_keyfile=certificate and certificate.key,
    )


class _NoFlood(logging.Filter):
    """Lets one line through, and no traceback, where asyncio would log thousands in a second."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if not any(part in said for part in ("out of system resource", "_start_serving")):
            return True
        record.msg, record.args, record.exc_info = "a connection could not be opened", None, None
        now = time.monotonic()
        if now < self._quiet_until:
            return False
        self._quiet_until = now + FLOOD_SECONDS
        return True


def _connections_max() -> int:
    """How many may be open: half of what the system allows, since each answer needs files too."""
    if sys.platform == "win32":
        return CONNECTIONS_MAX
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return CONNECTIONS_MAX if soft == resource.RLIM_INFINITY else min(CONNECTIONS_MAX, soft // 2)


def _check(certificate: Certificate) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*certificate, password=lambda: "")
    except (OSError, ValueError):
        raise ConfigError(
            "--tls-certificate and --tls-key: give PEM files of a certificate and of its key, "
            "without a passphrase."
        ) from None
