"""Where a store is: which one is meant where nobody names one, and what is told of an address."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, quote

from genesis_mcp.errors import ConfigError

MONGO_URI = "MONGO_URI"
"""Where the specification's Node workers write (MS_Prometheus_Logging v1.0 section 2.2)."""

FILE = re.compile(r"(?:sqlite|clickhouse\+chdb):///", re.IGNORECASE)
"""A store in files of this machine."""

SERVERS = re.compile(r"https?:", re.IGNORECASE)
"""A team's server, which has a store."""

NOT_OVER_HTTP = (
    "GENESIS_STORE names a team's server, which answers questions and takes runs; do this where "
    "the server runs, with the store's own URL."
)


def default_store() -> str:
    """The embedded store in the user's home.

    Not in AppData on Windows: Windows redirects that for the store build of Claude Desktop, and a
    worker in a terminal would write to another file than the server reads.
    """
    try:
        home = Path.home()
    except RuntimeError:
        raise ConfigError("There is no home directory here: set GENESIS_STORE.") from None
    return f"sqlite:///{(home / '.genesis-mcp' / 'logs.db').as_posix()}"


def _workers_store(mongo_uri: str) -> str:
    """The store that the workers write to: the database `genesis`, whatever their URI names."""
    start, _, options = mongo_uri.partition("?")
    if "/" not in start.partition("://")[2]:
        start += "/"
    return f"{start}?{options}{'&' if options else ''}database=genesis"


_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_READABLE = re.compile(
    rf"(?P<scheme>[A-Za-z0-9+]+)://(?:[^/@?#]*@)?(?P<hosts>{_HOST}(?:,{_HOST})*)"
    r"(?P<database>/[\w.-]*)?(?:\?[^@]*)?"
)


def shown_address(store: str) -> str | None:
    """Scheme, host and database of a store's URL, or its path; None when it is not surely readable.

    Of what cannot be read nothing is shown: it is where a password stands by mistake.
    """
    address = store.partition("?")[0]
    if FILE.match(address):
        return None if "@" in address or not address.isprintable() else address
    if found := _READABLE.fullmatch(store):
        return f"{found['scheme']}://{found['hosts']}{found['database'] or ''}"
    return None


def address_hash(store: str) -> str:
    """16 hexadecimal digits for the store at a URL, whoever asks for it.

    Users, passwords and options do not count, so that a new password finds what was kept before.
    """
    address, _, query = store.partition("?")
    scheme, _, rest = address.partition("://")
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2].lower()
    if path.startswith("~"):  # of a file in the home directory
        path = Path(path).expanduser().as_posix()
    options = parse_qs(query)
    names = [options.get(name, [""])[-1] for name in ("database", "collection")]
    parts = "\0".join([scheme.lower(), host, path.strip("/"), *names])
    return hashlib.blake2b(parts.encode("utf-8", "replace"), digest_size=8).hexdigest()


def plain_store(named: str | None, environment: Mapping[str, str]) -> str:
    """The URL that was named, or that GENESIS_STORE or the documents' variables tell, or ours.

    Raises:
        ConfigError: none of them, and there is no home directory.
    """
    named = named or environment.get("GENESIS_STORE", "").strip()
    return named or documented_store(environment) or default_store()


def documented_store(given: Mapping[str, str]) -> str | None:
    """The URL that the documents' variables tell.

    Those of MS_Prometheus_Logging v1.2, section 3.3, else that of v1.0, section 2.2.
    """
    host = given.get("CLICKHOUSE_HOST", "").strip()
    if not host:
        mongo_uri = given.get(MONGO_URI, "").strip()
        return _workers_store(mongo_uri) if mongo_uri else None
    secure = given.get("CLICKHOUSE_SECURE", "").strip() or "true"  # as the official server has it
    port = given.get("CLICKHOUSE_PORT", "").strip()
    user = quote(given.get("CLICKHOUSE_USER", "").strip() or "default", safe="")
    password = quote(given.get("CLICKHOUSE_PASSWORD", ""), safe="")
    database = given.get("CLICKHOUSE_DATABASE", "").strip() or "genesis"
    place = f"[{host}]" if ":" in host else host
    port = f":{port}" if port else ""
    return f"clickhouse://{user}:{password}@{place}{port}/{database}?secure={secure}"
