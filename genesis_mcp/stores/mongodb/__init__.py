"""The store in a MongoDB collection: the documents' first design, for teams that have MongoDB."""

from genesis_mcp.stores.mongodb.store import MongoDBStore

__all__ = ["MongoDBStore"]
