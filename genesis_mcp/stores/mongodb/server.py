"""What the server tells of itself: version, size, indexes, and what the account may do."""

from contextlib import suppress
from typing import Any

from pymongo.errors import OperationFailure

from genesis_mcp.stores.mongodb.connection import NOT_AUTHORIZED
from genesis_mcp.stores.mongodb.indexes import Indexes
from genesis_mcp.stores.mongodb.reading import Logs


def engine(logs: Logs) -> str:
    """Such as `MongoDB 6.0.5`."""
    return f"MongoDB {logs.database.command('buildInfo')['version']}"


def size_bytes(logs: Logs) -> int | None:
    """What documents and indexes take on the disk; None for an account that may not know."""
    with suppress(OperationFailure):
        statistics = logs.database.command("collStats", logs.name)
        return int(statistics["storageSize"]) + int(statistics.get("totalIndexSize", 0))
    return None


def exists(logs: Logs) -> bool:
    """Whether there is such a collection."""
    return bool(logs.database.list_collection_names(filter={"name": logs.name}))


def read_indexes(logs: Logs) -> Indexes:
    """The indexes of the collection; none for an account that may not know them."""
    try:
        return Indexes(logs.index_information())
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise
        return Indexes({})


def may_insert(logs: Logs) -> bool:
    """Whether the account has the right to insert here; without accounts everybody has."""
    told = logs.database.command("connectionStatus", showPrivileges=True)["authInfo"]
    if not told["authenticatedUsers"]:
        return True
    return any(
        "insert" in privilege["actions"] and _covers(privilege["resource"], logs)
        for privilege in told["authenticatedUserPrivileges"]
    )


def _covers(resource: dict[str, Any], logs: Logs) -> bool:
    if resource.get("anyResource"):
        return True
    database, collection = resource.get("db"), resource.get("collection")
    return database in ("", logs.database.name) and collection in ("", logs.name)
