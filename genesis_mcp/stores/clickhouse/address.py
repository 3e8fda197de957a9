"""Where a ClickHouse is and how to log in: the store's URL, read and checked. Nothing connects."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from genesis_mcp.errors import ConfigError, InputError

DEFAULT_DATABASE = "genesis"
PORTS = {False: 8123, True: 8443}
"""ClickHouse's ports for HTTP and for HTTPS."""

OF_TLS = ("ca_cert", "client_cert", "client_cert_key")
OPTIONS = ("secure", "verify", *OF_TLS)
EMBEDDED = "clickhouse+chdb"

FORM = "clickhouse://user:password@host:8123/genesis"

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_CLUSTER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Address(NamedTuple):
    """One ClickHouse: a server, or a directory of the embedded engine when `path` is set."""

    database: str = DEFAULT_DATABASE
    host: str = ""
    port: int = 0
    user: str = "default"
    password: str = ""
    secure: bool = False
    verify: bool = True
    ca_cert: str | None = None
    client_cert: str | None = None
    client_cert_key: str | None = None
    path: Path | None = None


def parse_address(url: str) -> Address:
    """The address in a store's URL.

    Raises:
        ConfigError: it lacks something, or has what is not known or contradicts itself.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(f"The store's URL cannot be read; its form is {FORM}.") from None
    options = _options(parts.query)
    if parts.fragment:
        raise ConfigError("The store's URL has a #; write it as %23 in a user or a password.")
    if parts.scheme == EMBEDDED:
        return _embedded(parts, options)
    if not parts.hostname:
        raise ConfigError(f"The store's URL has no host; its form is {FORM}.")
    _known(options, OPTIONS)
    secure = _secure(parts.scheme, options)
    return Address(
        database=database_name(unquote(parts.path).strip("/") or DEFAULT_DATABASE),
        host=parts.hostname,
        port=port or PORTS[secure],
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        secure=secure,
        verify=_truth("verify", options.get("verify", "true")),
        **{name: options.get(name) for name in OF_TLS},  # type: ignore[arg-type]
    )


def database_name(name: str) -> str:
    """A name that can stand in a statement.

    Raises:
        ConfigError: it is not one.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError("The database in the store's URL must be letters, digits and _ only.")
    return name


def cluster_name(name: str) -> None:
    """Check a name that is to stand in statements.

    Raises:
        InputError: it is not one.
    """
    if not _CLUSTER.fullmatch(name):
        raise InputError("--cluster: must be letters, digits, _, - and . only.")


def _embedded(parts: SplitResult, options: dict[str, str]) -> Address:
    _known(options, ("database",))
    path = unquote(parts.path)
    if parts.netloc or len(path) < 2:
        raise ConfigError("The embedded ClickHouse's URL is clickhouse+chdb:///path.")
    database = database_name(options.get("database", DEFAULT_DATABASE))
    return Address(database=database, path=Path(path))


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs):
        raise ConfigError("The store's URL has an option twice.")
    return options


def _known(options: dict[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(options) - set(known))
    if unknown:
        names = ", ".join(name for name in unknown if _NAME.fullmatch(name)) or "without a name"
        raise ConfigError(
            f"The store's URL has unknown options: {names}. Known: {', '.join(known)}."
        )


def _secure(scheme: str, options: dict[str, str]) -> bool:
    """Whether TLS is wanted; what would quietly do without it is refused."""
    asked = _truth("secure", options["secure"]) if "secure" in options else None
    if scheme == "clickhouses" and asked is False:
        raise ConfigError("The store's URL says both clickhouses and secure=false; choose one.")
    secure = scheme == "clickhouses" or bool(asked)
    of_tls = [name for name in ("verify", *OF_TLS) if name in options]
    if of_tls and not secure:
        raise ConfigError(
            f"The store's URL has {', '.join(of_tls)} without TLS; add secure=true or leave it out."
        )
    if "client_cert_key" in options and "client_cert" not in options:
        raise ConfigError("The store's URL has client_cert_key without client_cert.")
    return secure


def _truth(name: str, value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise ConfigError(f"The option {name} of the store's URL must be true or false.")
    return value.lower() in _TRUE
