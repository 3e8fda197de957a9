"""From a server's spawn to the tool list, and to its first answer: with and without its front.

    python -m benchmarks.start_of_server [rounds]

Beside `mcp-clickhouse`, which needs no ClickHouse for its list, and the version before; by turns,
on an empty SQLite store. Prints a table in Markdown. On a busy machine only the ratios are of use.
"""

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import subjects
from benchmarks.figures import BEFORE, CLICKHOUSE, NOW
from benchmarks.mcp_process import MCPProcess
from benchmarks.subjects import Subject

ROUNDS = 7

WITHOUT = "GENESIS_FRONT=off"

NOBODY = 9
"""A port at which nothing answers."""


class Start(NamedTuple):
    """Milliseconds of one start, the processor's in brackets as the table has them."""

    listed: float
    listed_cpu: float
    answered: float
    answered_cpu: float
    ended: float


def start(name: str, subject: Subject) -> Start:
    """Spawned, asked for the tools and, if it is ours, for what the store holds; then ended."""
    process = MCPProcess(subject)
    process.tools()
    listed, listed_cpu = (time.perf_counter() - process.began) * 1000, process.cpu_ms()
    if name != CLICKHOUSE:
        process.call("describe_logs", {})
    answered, answered_cpu = (time.perf_counter() - process.began) * 1000, process.cpu_ms()
    return Start(listed, listed_cpu, answered, answered_cpu, process.close())


def compare(servers: Mapping[str, Subject], rounds: int) -> str:
    """The table of the medians."""
    taken: dict[str, list[Start]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, subject in servers.items():
            one = start(name, subject)
            if number:  # the first has no byte code yet
                taken[name].append(one)
    middle = {name: Start(*map(median, zip(*all_, strict=True))) for name, all_ in taken.items()}
    lines = [
        "| server | tool list, ms (CPU) | of mcp-clickhouse | first answer, ms (CPU) "
        "| of the one before | end, ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in middle.items():
        ours = name != CLICKHOUSE
        first = f"{one.answered:.0f} ({one.answered_cpu:.0f})" if ours else "-"
        part = f"{one.answered / middle[BEFORE].answered:.2f}" if ours else "-"
        lines.append(
            f"| {name} | {one.listed:.0f} ({one.listed_cpu:.0f}) "
            f"| {one.listed / middle[CLICKHOUSE].listed:.3f} | {first} | {part} | {one.ended:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        store = f"sqlite:///{(Path(scratch) / 'logs.db').as_posix()}"
        ours = subjects.now().with_store(store)
        variables = {**ours.environment, "GENESIS_FRONT": "off"}
        print(
            compare(
                {
                    CLICKHOUSE: subjects.clickhouse_server(NOBODY),
                    BEFORE: subjects.before(subjects.BEFORE_REVISION).with_store(store),
                    f"{NOW}, {WITHOUT}": ours._replace(environment=variables),
                    NOW: ours,
                },
                int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS,
            )
        )
