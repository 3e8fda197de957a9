"""Does a question slow down as a MongoDB collection fills? On our indexes, and on those of v1.0.

    python -m benchmarks.mongodb mongodb://HOST:PORT [SMALL LARGE]

Service level, as benchmarks.questions. The databases genesis_benchmark_* of that server are filled
when they are not yet, and used again; what is larger than 10,000 runs is copies of these, moved in
time, which the server makes by itself. The runs on v1.0's indexes are documents of the v1.0 logger:
its fields, ObjectIds, no signatures. Beside them stands the generic way to ask the same.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from benchmarks.questions import questions
from benchmarks.seed import BUSY_SPEC, NEWEST, SPAN, seed
from genesis_mcp.questions import Service
from genesis_mcp.stores import open_store

ROUNDS = 12
TIMEOUT_SECONDS = 60
SEEDED = 10_000
COPIED_AT_ONCE = 10

Logs = Collection[dict[str, Any]]

V1_0_FIELDS = (
    *("spec_id", "iteration", "stdout", "stderr", "exit_code", "code_snapshot", "duration_ms"),
    *("timestamp", "sprint_id", "task_id", "service", "version"),
)
V1_0_INDEXES = (
    [("spec_id", 1), ("iteration", -1)],
    [("timestamp", -1)],
    [("exit_code", 1)],
    [("sprint_id", 1)],
)
"""MS_Prometheus_Logging v1.0 section 2.3."""


def main() -> None:
    server = sys.argv[1].rstrip("/")
    small, large = (int(size) for size in sys.argv[2:4] or ("10000", "500000"))
    client: MongoClient[dict[str, Any]] = MongoClient(server)
    for size in (small, large):
        _fill(server, client, size)
    for title, suffix in (("our indexes", ""), ("v1.0's documents and indexes", "_v1")):
        print(f"| question on {title}, median in ms | {small:,} runs | {large:,} runs | ratio |")
        print("|---|---|---|---|")
        services = [_service(server, size, suffix) for size in (small, large)]
        for name, ask in questions().items():
            _row(name, [partial(ask, one) for one in services])
        print()
    print("| the generic way, v1.0's indexes | | | |\n|---|---|---|---|")
    both = [client[_name(size, "_v1")].logs for size in (small, large)]
    for name, generic in _generic().items():
        _row(name, [partial(generic, logs) for logs in both])


def _generic() -> dict[str, Callable[[Logs], object]]:
    """What a generic database server is asked; the second is v1.0's own (section 4.2)."""
    newest, order = {"exit_code": {"$ne": 0}}, [("timestamp", -1), ("_id", -1)]
    return {
        "`find` failures, sort by time, limit 20": lambda logs: list(
            logs.find(newest).sort(order).limit(20)
        ),
        "`find` one spec, sort by iteration, limit 5": lambda logs: list(
            logs.find({"spec_id": BUSY_SPEC}).sort([("iteration", -1)]).limit(5)
        ),
        "`find` one spec's failures, sort by time, limit 20": lambda logs: list(
            logs.find({"spec_id": BUSY_SPEC, **newest}).sort(order).limit(20)
        ),
        "`countDocuments` of failures": lambda logs: logs.count_documents(newest),
    }


def _row(name: str, asks: list[Callable[[], object]]) -> None:
    """Both sizes in turn, so that a busy moment of the machine meets both."""
    taken: list[list[float]] = [[] for _ in asks]
    for round_number in range(ROUNDS + 2):
        for ask, times in zip(asks, taken, strict=True):
            began = time.perf_counter()
            ask()
            if round_number >= 2:  # the first ones fill caches
                times.append((time.perf_counter() - began) * 1000)
    small, large = map(statistics.median, taken)
    print(f"| {name} | {small:.2f} | {large:.2f} | {large / small:.2f} |", flush=True)


def _name(size: int, suffix: str) -> str:
    return f"genesis_benchmark_{size}{suffix}"


def _service(server: str, size: int, suffix: str) -> Service:
    store = open_store(f"{server}/{_name(size, suffix)}", timeout_seconds=TIMEOUT_SECONDS)
    return Service(store, clock=lambda: NEWEST)


def _fill(server: str, client: MongoClient[dict[str, Any]], size: int) -> None:
    ours, v1_0 = client[_name(size, "")].logs, client[_name(size, "_v1")].logs
    if ours.estimated_document_count() != size:
        store = open_store(f"{server}/{_name(size, '')}", timeout_seconds=TIMEOUT_SECONDS)
        store.ensure_schema()
        began = time.perf_counter()
        if size <= SEEDED:
            seed(store, size)
        else:
            _fill(server, client, SEEDED)
            _copy(client[_name(SEEDED, "")].logs, ours, size)
        rate = size / (time.perf_counter() - began)
        print(f"seeded {size:,} runs at {rate:,.0f} a second", file=sys.stderr)
    if v1_0.estimated_document_count() != size:
        copied = {"_id": 0, **dict.fromkeys(V1_0_FIELDS, 1)}
        target = {"db": v1_0.database.name, "coll": v1_0.name}
        ours.aggregate([{"$sort": {"timestamp": 1}}, {"$project": copied}, {"$out": target}])
        for key in V1_0_INDEXES:
            v1_0.create_index(key)


def _copy(seeded: Logs, into: Logs, size: int) -> None:
    """Copies between the runs that there are, on the indexes that there are."""
    target = {"into": {"db": into.database.name, "coll": into.name}, "whenMatched": "fail"}
    apart = SPAN // size // timedelta(milliseconds=1)
    moved: dict[str, Any] = {
        "_id": {"$concat": ["$_id", "-", {"$toString": "$n"}]},
        "timestamp": {"$subtract": ["$timestamp", {"$multiply": ["$n", apart]}]},
    }
    for first in range(0, size // SEEDED, COPIED_AT_ONCE):
        numbers = {"$range": [first, min(first + COPIED_AT_ONCE, size // SEEDED)]}
        counted: list[dict[str, Any]] = [{"$set": {"n": numbers}}, {"$unwind": "$n"}]
        seeded.aggregate([*counted, {"$set": moved}, {"$unset": "n"}, {"$merge": target}])


if __name__ == "__main__":
    main()
