"""The store in one SQLite file, the default: nothing to install, nothing to run."""

from genesis_mcp.stores.sqlite.store import SQLiteStore

__all__ = ["SQLiteStore"]
