"""Entries of Claude's that name a team's server by its URL: whether it answers, and lets it in."""

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from genesis_mcp.errors import ConfigError, GenesisError, WriteNotAllowed
from genesis_mcp.http_server.tokens import BEGINNING
from genesis_mcp.install.clients import NAME
from genesis_mcp.install.config_file import at
from genesis_mcp.stores.http.connection import Connection, Server
from genesis_mcp.stores.location import address_hash, shown_address

PLACE = "/mcp"
"""Where a server speaks MCP; its questions stand beside it."""

SECONDS = 10.0

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""As Claude Code has them in an entry, with what is meant where there is none of the name."""


class Remote(NamedTuple):
    """One entry with a URL that is, or seems to be, that of a server of ours."""

    title: str
    server: str | None
    """The URL as GENESIS_STORE would have it; None where a variable tells it that is not here."""
    authorization: str

    def look(self, store: str) -> str:
        """What the server says to this entry, beside a shell whose store is `store`.

        Raises:
            GenesisError: it does not answer, or does not let it in.
        """
        if self.server is None:
            return f"{self.title} asks a team's server at a URL that this shell has not: not tried"
        try:
            server = Server.parse(self.server)
        except ConfigError as error:
            raise ConfigError(f"{self.title}: {error}") from None
        said = f"{self.title} asks the team's server {shown_address(self.server)}, "
        token = _expanded(self.authorization)
        if token is None:
            said += "with a token that this shell has not: not tried"
        else:
            said += self._asked(server, token.partition(" ")[2].strip() or None)
        is_other = address_hash(self.server) != address_hash(store)
        return said + ("; this shell has another store" if is_other else "")

    def _asked(self, server: Server, token: str | None) -> str:
        connection = Connection(server, token, SECONDS)
        try:
            connection.ask("/questions/describe_logs", b"{}")
        except WriteNotAllowed:
            return "which takes its token to record, and not to read"
        except ConfigError:
            wrong = "does not take the token" if token else "wants a token, and there is none"
            raise ConfigError(
                f"{self.title}: the team's server {wrong} in its entry. Enter it anew with "
                '--header "Authorization: Bearer TOKEN", which genesis-mcp token new prints there.'
            ) from None
        except GenesisError as error:
            raise type(error)(f"{self.title}: {error}") from None
        finally:
            connection.close()
        return "which answers"


def remote(title: str, name: str, entry: Any, store: str) -> Remote | None:
    """The entry, if it has a URL, and its name, its token or its place says that it is ours."""
    url = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(url, str):
        return None
    headers: Mapping[str, Any] = at(entry, "headers")
    named = (str(value) for key, value in headers.items() if key.lower() == "authorization")
    authorization = next(named, "")
    expanded = _expanded(url)
    server = None if expanded is None else expanded.rstrip("/").removesuffix(PLACE)
    is_ours = NAME in name.lower() or BEGINNING in authorization
    is_ours = is_ours or (server is not None and address_hash(server) == address_hash(store))
    return Remote(title, server, authorization) if is_ours else None


def _expanded(text: str) -> str | None:
    """The text with its variables; None where this shell does not have one."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        told = os.environ.get(found[1], found[2])
        missing |= told is None
        return told or ""

    expanded = _VARIABLE.sub(value, text)
    return None if missing else expanded
