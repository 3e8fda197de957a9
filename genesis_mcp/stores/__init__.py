"""Opening a store: the scheme of its URL picks the module, which is imported only then."""

from genesis_mcp.errors import ConfigError
from genesis_mcp.stores.contract import ExpiringStore, RunStore

__all__ = ["ExpiringStore", "RunStore", "open_store"]

FORMS = (
    "sqlite:///path",
    "clickhouse://user:password@host:8123/genesis",
    "clickhouse+chdb:///path",
    "mongodb://user:password@host:27017/genesis",
    "mongodb+srv://user:password@host/genesis",
    "https://host",
)


def open_store(url: str, *, read_only: bool = False, timeout_seconds: float = 10.0) -> RunStore:
    """The store at `url`; nothing is opened or connected before its first use.

    FORMS has the forms of URL. `read_only` refuses writes and creates nothing; `timeout_seconds`
    bounds each call.

    Raises:
        ConfigError: the URL is not one of a store that this version knows.
    """
    scheme = url.partition(":")[0].lower()
    if scheme == "sqlite":
        from genesis_mcp.stores.sqlite import SQLiteStore

        return SQLiteStore.from_url(url, read_only=read_only, timeout_seconds=timeout_seconds)
    if scheme.startswith("clickhouse"):
        from genesis_mcp.stores.clickhouse import ClickHouseStore

        return ClickHouseStore.from_url(url, read_only=read_only, timeout_seconds=timeout_seconds)
    if scheme in ("mongodb", "mongodb+srv"):
        from genesis_mcp.stores.mongodb import MongoDBStore

        return MongoDBStore.from_url(url, read_only=read_only, timeout_seconds=timeout_seconds)
    if scheme in ("https", "http"):
        from genesis_mcp.stores.http import ServerStore

        return ServerStore.from_url(url, timeout_seconds=timeout_seconds)
    raise ConfigError(
        f"The store's URL has an unknown scheme; this version knows {', '.join(FORMS)}."
    )
