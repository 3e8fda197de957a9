"""A team's server as a store: it answers questions and takes runs, and knows the store itself."""

from genesis_mcp.stores.http.store import ServerStore

__all__ = ["ServerStore"]
