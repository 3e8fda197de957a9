"""Questions on ClickHouse at two sizes: their times, and what the engine reads for them.

    python -m benchmarks.clickhouse [LARGE]

Service level, over HTTP, on our table and on the documents' own with the same rows; and the
documents' question (section 4 of v1.2) in their own SQL. Rows and bytes are the engine's figures.
The large table holds the small one's runs many times, moved in time. The tables are kept in the
system's folder for temporary files and used again.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.questions import questions
from benchmarks.seed import BUSY_SPEC, NEWEST, SPAN, seed
from genesis_mcp.questions import Service
from genesis_mcp.stores import RunStore, open_store
from genesis_mcp.stores.clickhouse.rows import WRITTEN

ROUNDS = 15
SEEDED = 10_000
"""Runs that are recorded one by one; a larger table is made of copies of them."""

DOCUMENTS = Path(__file__).parent.parent / "tests" / "documents" / "clickhouse_v1.2.sql"

Ask = Callable[[Service], object]


class Cost(NamedTuple):
    """Of one question at one size."""

    ms: float
    rows: int
    bytes: int


class Server:
    """The engine in a process of its own."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.clickhouse_http", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def request(self, path: str, body: str = "") -> str:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, body.encode() or None, timeout=3600) as answer:
            text: str = answer.read().decode()
            return text

    def read(self) -> tuple[int, int]:
        """Rows and bytes that the engine has read of tables so far."""
        rows, size = json.loads(self.request("/test/read"))
        return rows, size

    def store(self, database: str) -> RunStore:
        return open_store(f"clickhouse://127.0.0.1:{self.port}/{database}", timeout_seconds=60)


def main() -> None:
    sizes = [SEEDED, *map(int, sys.argv[1:2] or ["1000000"])]
    server = Server(Path(tempfile.gettempdir()) / "genesis-mcp-benchmarks" / "clickhouse")
    try:
        ours = [_service(server, size) for size in sizes]
        plain = [_plain_service(server, size) for size in sizes]
        _print(server, "our table", sizes, ours)
        _print(server, "the documents' table", sizes, plain)
        _print_documents_question(server, sizes)
    finally:
        stop(server)


def stop(server: Server) -> None:
    """End the engine's process."""
    assert server.process.stdin is not None
    server.process.stdin.close()
    server.process.wait(timeout=60)


def _print(server: Server, table: str, sizes: list[int], services: list[Service]) -> None:
    small, large = sizes
    print(f"\n| on {table} | ms, {small:,} | ms, {large:,} | ratio | rows read | | MB read | |")
    print("|---|---|---|---|---|---|---|---|")
    for name, ask in questions().items():
        print(_line(name, _costs(server, ask, services)), flush=True)


def _print_documents_question(server: Server, sizes: list[int]) -> None:
    sql = DOCUMENTS.read_text(encoding="utf-8").rpartition("\n\n")[2].strip().rstrip(";")
    sql = sql.replace("spec_001", BUSY_SPEC)
    small, large = sizes
    print(
        f"\n| section 4's SQL | ms, {small:,} | ms, {large:,} | ratio | rows read | | MB read | |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for table, prefix in (("the documents' table", "plain_"), ("our table", "ours_")):
        costs = [
            _cost(server, lambda text=text: server.request("/", text))  # type: ignore[misc]
            for text in (sql.replace("genesis.logs", f"{prefix}{size}.logs") for size in sizes)
        ]
        print(_line(f"on {table}", costs))


def _line(name: str, costs: list[Cost]) -> str:
    small, large = costs
    read = " | ".join(f"{cost.rows:,}" for cost in costs)
    size = " | ".join(f"{cost.bytes / 1e6:.1f}" for cost in costs)
    ratio = large.ms / small.ms
    return f"| {name} | {small.ms:.1f} | {large.ms:.1f} | {ratio:.2f} | {read} | {size} |"


def _costs(server: Server, ask: Ask, services: list[Service]) -> list[Cost]:
    """Both sizes in turn, so that a busy moment of the machine meets both."""
    taken: list[list[float]] = [[] for _ in services]
    read = [_read(server, lambda s=service: ask(s)) for service in services]  # type: ignore[misc]
    for _ in range(ROUNDS):
        for service, times in zip(services, taken, strict=True):
            began = time.perf_counter()
            ask(service)
            times.append((time.perf_counter() - began) * 1000)
    return [Cost(statistics.median(times), *one) for times, one in zip(taken, read, strict=True)]


def _cost(server: Server, ask: Callable[[], object]) -> Cost:
    read = _read(server, ask)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return Cost(statistics.median(times), *read)


def _read(server: Server, ask: Callable[[], object]) -> tuple[int, int]:
    """What the first time reads: later ones are spared it by the engine's caches."""
    server.request("/", "SYSTEM DROP QUERY CONDITION CACHE")
    before = server.read()
    ask()
    after = server.read()
    return after[0] - before[0], after[1] - before[1]


def _service(server: Server, size: int) -> Service:
    store = server.store(f"ours_{size}")
    store.ensure_schema()
    if "TTL " in server.request("/", f"SHOW CREATE TABLE ours_{size}.logs"):
        # The runs are older than the 90 days that the documents' table keeps.
        server.request("/", f"ALTER TABLE ours_{size}.logs REMOVE TTL")
    if store.describe(NEWEST).runs != size:
        began = time.perf_counter()
        _fill(server, store, size)
        rate = size / (time.perf_counter() - began)
        print(f"{size:,} runs at {rate:,.0f} a second", file=sys.stderr)
    server.request("/", f"OPTIMIZE TABLE ours_{size}.logs FINAL")  # as merges leave it
    return Service(store, clock=lambda: NEWEST)


def _fill(server: Server, store: RunStore, size: int) -> None:
    if size <= SEEDED:
        seed(store, size)
        return
    copies = size // SEEDED
    names = ", ".join(name for name in WRITTEN if name not in ("timestamp", "run_id"))
    apart = int(SPAN.total_seconds() * 1000) // size
    for first in range(0, copies, 10):
        server.request(
            "/",
            f"INSERT INTO ours_{size}.logs (timestamp, run_id, {names})"
            f" SELECT timestamp - toIntervalMillisecond(n * {apart}),"
            f" concat(run_id, '-', toString(n)), {names} FROM ours_{SEEDED}.logs"
            f" CROSS JOIN (SELECT number + {first} AS n FROM numbers(10)) AS copies",
        )


def _plain_service(server: Server, size: int) -> Service:
    """The documents' table with the same rows, without its TTL."""
    database = f"plain_{size}"
    if server.request("/", f"EXISTS DATABASE {database}") == "0\n":
        script = DOCUMENTS.read_text(encoding="utf-8").partition("CREATE USER")[0]
        lines = [line.partition("--")[0] for line in script.splitlines()]
        for statement in "\n".join(lines).replace("genesis.", f"{database}.").split(";"):
            sql = statement.replace("EXISTS genesis", f"EXISTS {database}")
            sql = sql.replace("TTL timestamp + INTERVAL 90 DAY", "").strip()
            if sql:
                server.request("/", sql)
        columns = (
            "timestamp, level, message, spec_id, iteration, stdout, stderr, exit_code, "
            "code_snapshot, duration_ms, sprint_id, task_id, service, version"
        )
        server.request(
            "/", f"INSERT INTO {database}.logs ({columns}) SELECT {columns} FROM ours_{size}.logs"
        )
        server.request("/", f"OPTIMIZE TABLE {database}.logs FINAL")
    return Service(server.store(database), clock=lambda: NEWEST)


if __name__ == "__main__":
    main()
