"""What of a call over stdio is the SDK's, what is ours; memory and start-up beside a bare server.

    python -m benchmarks.server

The bare server is the SDK's own with one tool that returns a constant; both are real processes,
called by the SDK's client in turn.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from benchmarks.seed import NEWEST, seed
from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.stores.sqlite import SQLiteStore

RUNS, CALLS = 10_000, 300

BARE_SERVER = """
from mcp.server import MCPServer
server = MCPServer("bare", version="1")
@server.tool()
def recent_failures() -> str:
    return "x" * 1500
server.run("stdio")
"""


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "logs.db"
        store = SQLiteStore(path)
        seed(store, RUNS)
        service = Service(store, clock=lambda: NEWEST)
        ours_alone = _median_of(lambda: fit(service.recent_failures(RecentFailures()), MAX_CHARS))
        store.close()
        anyio.run(_compare, path, ours_alone)


async def _compare(path: Path, ours_alone: float) -> None:
    url = f"sqlite:///{path.as_posix()}"
    python = sys.executable
    servers = {
        "bare": StdioServerParameters(command=python, args=["-c", BARE_SERVER]),
        "ours": StdioServerParameters(
            command=python, args=["-m", "genesis_mcp"], env={"GENESIS_STORE": url}
        ),
    }
    starts: dict[str, float] = {}
    calls: dict[str, list[float]] = {name: [] for name in servers}
    async with AsyncExitStack() as stack:
        clients = {}
        for name, server in servers.items():
            began = time.perf_counter()
            clients[name] = await stack.enter_async_context(Client(server))
            starts[name] = (time.perf_counter() - began) * 1000
        for _ in range(CALLS):
            for name, client in clients.items():
                began = time.perf_counter()
                await client.call_tool("recent_failures", {})
                calls[name].append((time.perf_counter() - began) * 1000)
        memory = _resident_megabytes(list(servers))
    medians = {name: statistics.median(times) for name, times in calls.items()}
    print("| | bare SDK server | genesis-mcp | difference |\n|---|---|---|---|")
    _row("start to first answer, ms", starts["bare"], starts["ours"])
    _row("one `recent_failures` over stdio, median ms", medians["bare"], medians["ours"])
    if memory:
        _row("resident memory after the calls, MB", memory["bare"], memory["ours"])
    print(f"\nThe question and its rendering alone, without MCP: {ours_alone:.2f} ms.")


def _row(name: str, bare: float, ours: float) -> None:
    print(f"| {name} | {bare:.2f} | {ours:.2f} | {ours - bare:+.2f} |")


def _median_of(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(100):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _resident_megabytes(names: list[str]) -> dict[str, float]:
    """Of our child processes, in the order in which they were started; empty without /proc."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
        except OSError:
            continue
        if int(fields.get("PPid", "0")) == os.getpid():
            found.append((int(fields["Pid"]), int(fields["VmRSS"].split()[0]) / 1024))
    return dict(zip(names, [size for _, size in sorted(found)], strict=False))


if __name__ == "__main__":
    main()
