"""Where a MongoDB is: the store's URL, read and checked. Nothing connects."""

from typing import NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlencode

from genesis_mcp.errors import ConfigError

DATABASE, COLLECTION = "genesis", "logs"
"""Where the v1.0 logger writes (MS_Prometheus_Logging v1.0 section 2.2)."""

OURS = ("database", "collection")
KNOWN_OPTIONS = {
    *("appname", "authmechanism", "authmechanismproperties", "authsource", "compressors"),
    *("connecttimeoutms", "directconnection", "heartbeatfrequencyms", "journal"),
    *("loadbalanced", "localthresholdms", "maxconnecting", "maxidletimems", "maxpoolsize"),
    *("maxstalenessseconds", "minpoolsize", "readconcernlevel", "readpreference"),
    *("readpreferencetags", "replicaset", "retryreads", "retrywrites", "servermonitoringmode"),
    *("serverselectiontimeoutms", "sockettimeoutms", "srvmaxhosts", "srvservicename", "ssl"),
    *("timeoutms", "tls", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"),
    *("tlscafile", "tlscertificatekeyfile", "tlscertificatekeyfilepassword", "tlscrlfile"),
    *("tlsdisableocspendpointcheck", "tlsinsecure", "uuidrepresentation", "w"),
    *("waitqueuetimeoutms", "wtimeoutms", "zlibcompressionlevel"),
}
"""Options of a MongoDB connection string (its documentation, "Connection String Options"). The
driver only warns of others, and a misspelt `tls` would go unnoticed."""

BAD_URL = (
    "The store's URL is no valid MongoDB URL: mongodb://user:password@host:port/database, where "
    "special characters of the password are percent-encoded."
)


class Address(NamedTuple):
    """Where the store is: the driver's own URI, and the names that we take."""

    uri: str
    database: str
    collection: str

    @classmethod
    def from_url(cls, url: str) -> Self:
        """The address in a MongoDB URL, with our own options, OURS, taken out.

        Raises:
            ConfigError: the URL is incomplete, or has an option that nobody knows.
        """
        start, _, query = url.partition("?")
        given = parse_qsl(query.replace(";", "&"), keep_blank_values=True)
        names = {name: value for name, value in given if name in OURS}
        hosts, _, path = start.partition("://")[2].partition("/")
        if not hosts.rpartition("@")[2] or ("@" in query and "@" not in hosts):
            raise ConfigError(BAD_URL)
        for name, _ in given:
            if name not in OURS and name.lower() not in KNOWN_OPTIONS:
                raise ConfigError(f"The store's URL has an unknown option: {_shown(name)}.")
        rest = [(name, value) for name, value in given if name not in OURS]
        uri = f"{start}{'' if '/' in start.partition('://')[2] else '/'}"
        uri += f"?{urlencode(rest)}" if rest else ""
        database = names.get("database") or unquote(path) or DATABASE
        return cls(uri, database, names.get("collection") or COLLECTION)


def _shown(name: str) -> str:
    # A piece of a password may stand here, where a ? in it was not encoded.
    return name if name.isalnum() and len(name) <= 40 else "(not shown: it is no word)"
