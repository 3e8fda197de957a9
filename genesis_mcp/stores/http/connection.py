"""Requests to a team's server; whatever goes wrong is said in our own words."""

import http.client
import json
import ssl
import threading
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from genesis_mcp import errors
from genesis_mcp.errors import (
    ConfigError,
    GenesisError,
    InputError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.stores import tls
from genesis_mcp.stores.time_limit import counted, seconds_left
from genesis_mcp.text.clean import clean_line

ANSWER_BYTES_MAX = 64 * 1024 * 1024

SAID_CHARS = 500
"""Of what a server says is wrong."""

GONE = "The server of the team cannot be reached; see whether it runs, and its URL."

BY_TLS = tls.Peer(
    name="the team's server",
    authority="SSL_CERT_FILE in the environment",
    own="what stands before it, since genesis-mcp has none to show",
    with_tls="TLS: write https:// in GENESIS_STORE",
    without_tls="check the port, or start it with --tls-certificate and --tls-key",
)

LATE = "The server of the team did not answer within the time limit; repeat the call."


class Server(NamedTuple):
    """Where a server is, from a URL that holds no credential."""

    is_secure: bool
    host: str
    port: int | None
    prefix: str

    @classmethod
    def parse(cls, url: str) -> "Server":
        """The server at `https://host:port/prefix`; plain http to this machine only.

        Raises:
            ConfigError: the URL is not of that form.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            host = ""
        if not host or not url.isprintable() or " " in url:
            raise ConfigError("The server's URL must be as in https://logs.example:8765.")
        if parts.username is not None or parts.query or parts.fragment:
            raise ConfigError(
                "A server's URL has no user, no password and no options: the token stands in "
                "GENESIS_TOKEN."
            )
        is_secure = parts.scheme.lower() == "https"
        if not is_secure and not _is_loopback(host):
            raise ConfigError("Over plain http only a server on this machine is asked: use https.")
        return cls(is_secure, host, port, parts.path.rstrip("/"))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Connection:
    """Asks a server; a connection a thread, which is made anew when the server was."""

    def __init__(self, server: Server, token: str | None, timeout_seconds: float) -> None:
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ConfigError("GENESIS_TOKEN holds what no token has.")
        self._server, self._token = server, token
        self._timeout_seconds = timeout_seconds
        self._mine = threading.local()
        self._open = set[http.client.HTTPConnection]()

    def ask(self, path: str, body: bytes, *, waits_seconds: float = 0.0) -> dict[str, Any]:
        """What the server answers to a POST, which may be sent twice.

        Raises:
            GenesisError: as the server says it; or StoreUnavailable, StoreTimeout, ConfigError.
        """
        limit = seconds_left(self._timeout_seconds) + waits_seconds
        with counted():
            try:
                status, answer = self._sent(path, body, limit)
            except TimeoutError:
                raise StoreTimeout(LATE) from None
            except ssl.SSLError as error:
                raise tls.refusal(f"SSL {error}", BY_TLS) or StoreUnavailable(GONE) from None
            except (http.client.RemoteDisconnected, ConnectionResetError):
                by_tls = self._server.is_secure
                raise StoreUnavailable(tls.hangs_up(BY_TLS, by_tls=by_tls)) from None
            except (OSError, http.client.HTTPException):
                raise StoreUnavailable(GONE) from None
        return _read(status, answer)

    def close(self) -> None:
        """Close all connections."""
        for one in list(self._open):
            one.close()
        self._open.clear()

    def _sent(self, path: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        known: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if known is not None and known.sock is not None:
            try:
                return self._exchanged(known, path, body, seconds)
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException):  # the server closed it, or is a new one
                known.close()
        fresh = self._new()
        self._mine.connection = fresh
        self._open.add(fresh)
        return self._exchanged(fresh, path, body, seconds)

    def _new(self) -> http.client.HTTPConnection:
        server = self._server
        if server.is_secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(server.host, server.port, context=context)
        return http.client.HTTPConnection(server.host, server.port)

    def _exchanged(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, seconds: float
    ) -> tuple[int, bytes]:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request("POST", self._server.prefix + path, body, headers)
            response = connection.getresponse()
            answer = response.read(ANSWER_BYTES_MAX)
        except BaseException:
            connection.close()
            raise
        if not response.isclosed():
            connection.close()
        return response.status, answer


def _read(status: int, answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise StoreUnavailable("What answers at the server's URL is no server of genesis-mcp.")
    if status == http.client.OK:
        return told
    raise _error(status, told)


def _error(status: int, told: dict[str, Any]) -> GenesisError:
    said = clean_line(str(told.get("error", "")), SAID_CHARS) or f"The server refused ({status})."
    kind = getattr(errors, str(told.get("kind")), None)
    if isinstance(kind, type) and issubclass(kind, GenesisError):
        return kind(said)
    if status == http.client.UNAUTHORIZED:
        return ConfigError(f"{said} GENESIS_TOKEN holds the token for a team's server.")
    if status == http.client.FORBIDDEN:
        return WriteNotAllowed(said)
    if status == http.client.REQUEST_ENTITY_TOO_LARGE:
        return InputError(said)
    return StoreUnavailable(said)
