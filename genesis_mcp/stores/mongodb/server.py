"""What the server tells of itself: version, size, indexes, and what the account may do."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo.errors import OperationFailure

from genesis_mcp.errors import WriteNotAllowed
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.stores.mongodb.connection import NO_WRITING, NOT_AUTHORIZED, Logs
from genesis_mcp.stores.mongodb.indexes import Indexes

NO_SUCH_COLLECTION = 26

PROBE = {
    "timestamp": datetime(1970, 1, 1, tzinfo=UTC),
    "kind": "event",
    "level": "debug",
    "message": "written, and deleted at once, by genesis-mcp doctor",
}


def engine(logs: Logs) -> str:
    """Such as `MongoDB 6.0.5`."""
    return f"MongoDB {_command(logs, 'buildInfo')['version']}"


def clock_ahead(logs: Logs) -> int:
    """Microseconds that the server's clock is ahead of this machine's, about."""
    asked = time.time_ns()
    told: datetime = _command(logs, "hello")["localTime"]  # in UTC, and naive
    here = (asked + time.time_ns()) // 2_000
    return milliseconds_since_1970(told.replace(tzinfo=UTC)) * 1_000 - here


def size_bytes(logs: Logs) -> int | None:
    """What documents and indexes take on the disk; None for an account that may not know."""
    with suppress(OperationFailure):
        statistics = _command(logs, "collStats", logs.name)
        return int(statistics["storageSize"]) + int(statistics.get("totalIndexSize", 0))
    return None


def exists(logs: Logs) -> bool:
    """Whether there is such a collection."""
    return bool(logs.database.list_collection_names(filter={"name": logs.name}))


def read_indexes(logs: Logs) -> Indexes:
    """The indexes of the collection; none for an account that may not know them."""
    try:
        told = _command(logs, "listIndexes", logs.name)["cursor"]["firstBatch"]
    except OperationFailure as error:
        if error.code not in (NOT_AUTHORIZED, NO_SUCH_COLLECTION):
            raise
        told = []
    return Indexes({one.pop("name"): {**one, "key": list(one["key"].items())} for one in told})


def _command(logs: Logs, name: str, value: Any = 1, **options: Any) -> dict[str, Any]:
    """What a member answers that may be read now; the driver by itself asks the primary alone."""
    return logs.database.command(name, value, read_preference=logs.read_preference, **options)


def try_writing(logs: Logs) -> None:
    """Insert a document and delete it, which lasts for a moment; or look at the right to.

    Raises:
        WriteNotAllowed: the account may not insert.
    """
    if not may_insert(logs):
        raise WriteNotAllowed(NO_WRITING)
    if _may(logs, "remove"):
        probe = {**PROBE, "_id": f"genesis-mcp doctor {uuid4()}"}
        logs.insert_one(probe)
        logs.delete_one({"_id": probe["_id"]})


def may_insert(logs: Logs) -> bool:
    """Whether the account has the right to insert here; without accounts everybody has."""
    return _may(logs, "insert")


def _may(logs: Logs, action: str) -> bool:
    told = _command(logs, "connectionStatus", showPrivileges=True)["authInfo"]
    if not told["authenticatedUsers"]:
        return True
    return any(
        action in privilege["actions"] and _covers(privilege["resource"], logs)
        for privilege in told["authenticatedUserPrivileges"]
    )


def _covers(resource: dict[str, Any], logs: Logs) -> bool:
    if resource.get("anyResource"):
        return True
    database, collection = resource.get("db"), resource.get("collection")
    return database in ("", logs.database.name) and collection in ("", logs.name)
