"""A server beside the two generic ones: its start, its memory, a chat's tokens, a question."""

import json
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.figures import BEFORE, CLICKHOUSE, MONGODB, NOW, Figure, limit
from benchmarks.mcp_process import MCPProcess
from benchmarks.stock import LARGE_SPEC, SPEC, Stock
from benchmarks.subjects import HERE, KEPT, Subject
from tests.helpers.node import installed

Call = tuple[str, dict[str, Any]]
Servers = Mapping[str, Subject]

STARTS = 7
ROUNDS = 15

_COLUMNS = "timestamp, level, stderr, exit_code, duration_ms"
_FIND = {"connectionId": "preconfigured", "database": "genesis", "collection": "logs"}
_LIST = [("list_databases", {}), ("list_tables", {"database": "genesis"})]
_LOOK = [
    ("list-databases", {"connectionId": "preconfigured"}),
    ("list-collections", {"connectionId": "preconfigured", "database": "genesis"}),
    ("collection-schema", _FIND),
]
_FIELDS = dict.fromkeys(("timestamp", "spec_id", "stderr", "exit_code", "duration_ms"), 1)

FAILED_RECENTLY: dict[str, list[Call]] = {
    NOW: [("recent_failures", {})],
    CLICKHOUSE: [
        *_LIST,
        (
            "run_query",
            {
                "query": f"SELECT spec_id, {_COLUMNS} FROM genesis.logs WHERE exit_code != 0"
                " ORDER BY timestamp DESC LIMIT 10"
            },
        ),
    ],
    MONGODB: [
        *_LOOK,
        (
            "find",
            _FIND
            | {
                "filter": {"exit_code": {"$ne": 0}},
                "projection": _FIELDS,
                "sort": {"timestamp": -1},
                "limit": 10,
            },
        ),
    ],
}
"""The first calls are those by which a model finds the table and its columns."""

LAST_FIVE: dict[str, list[Call]] = {
    NOW: [("logs_for_spec", {"spec_id": SPEC, "failures_only": True, "limit": 5})],
    CLICKHOUSE: [
        *_LIST,
        (
            "run_query",
            {
                "query": f"SELECT {_COLUMNS} FROM genesis.logs WHERE spec_id = '{SPEC}'"
                " AND exit_code != 0 ORDER BY timestamp DESC LIMIT 5"
            },
        ),
    ],
    MONGODB: [
        *_LOOK,
        (
            "find",
            _FIND
            | {
                "filter": {"spec_id": SPEC, "exit_code": {"$ne": 0}},
                "projection": _FIELDS,
                "sort": {"timestamp": -1},
                "limit": 5,
            },
        ),
    ],
}

ALL_OF_STDOUT: dict[str, list[Call]] = {
    NOW: [("get_run", {"run_id": f"{LARGE_SPEC}#1", "part": "stdout"})],
    CLICKHOUSE: [
        (
            "run_query",
            {"query": f"SELECT stdout FROM genesis.logs WHERE spec_id = '{LARGE_SPEC}'"},
        )
    ],
    MONGODB: [
        (
            "find",
            _FIND
            | {
                "filter": {"spec_id": LARGE_SPEC},
                "projection": {"stdout": 1},
                "responseBytesLimit": 1_000_000,
            },
        )
    ],
}

QUESTIONS = {
    '"what failed recently", ten': (FAILED_RECENTLY, 590, 0.60, 0.135),
    "a spec's last five failures": (LAST_FIVE, 640, None, None),
    "200 KB of stdout asked for": (ALL_OF_STDOUT, 2_400, None, None),
}
"""With the most tokens that the answer should have, and the parts of a new chat with each peer."""


def starts(servers: Servers, rounds: int = STARTS) -> list[Figure]:
    """Spawned until the tool list is answered; and the end of the input until the process ends."""
    wall: dict[str, list[float]] = {name: [] for name in servers}
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    ends: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, subject in servers.items():
            process = MCPProcess(subject)
            process.tools()
            wall[name].append((time.perf_counter() - process.began) * 1000)
            cpu[name].append(process.cpu_ms())
            ends[name].append(process.close())
    return [
        Figure("start to the tool list", "ms", _medians(wall), CLICKHOUSE, 0.05),
        Figure("the same, processor", "ms", _medians(cpu), CLICKHOUSE),
        Figure("end of input to the end of the process", "ms", _medians(ends), CLICKHOUSE),
    ]


def first_answers(servers: Servers, rounds: int = STARTS) -> list[Figure]:
    """Spawned until the first question is answered; of our versions, which know the question."""
    wall: dict[str, list[float]] = {name: [] for name in (BEFORE, NOW)}
    cpu: dict[str, list[float]] = {name: [] for name in wall}
    for _ in range(rounds):
        for name, times in wall.items():
            with MCPProcess(servers[name]) as process:
                process.call(*FAILED_RECENTLY[NOW][0])
                times.append((time.perf_counter() - process.began) * 1000)
                cpu[name].append(process.cpu_ms())
    return [
        Figure("start to the first answer", "ms", _medians(wall), BEFORE, 1.0),
        Figure("the same, processor", "ms", _medians(cpu), BEFORE),
    ]


def memory(server: Subject, where: str) -> Figure:
    """What our server holds after it stored a record of 5 MB and answered a few questions."""
    with MCPProcess(server) as process:
        for calls in (FAILED_RECENTLY, LAST_FIVE, ALL_OF_STDOUT):
            process.call(*calls[NOW][0])
        text = "linha de saída sem nada de novo\n" * (5_000_000 // 33)
        process.call("record_run", {"spec_id": "memoria", "exit_code": 0, "stdout": text})
        process.call(*FAILED_RECENTLY[NOW][0])
        return limit(f"memory after a record of 5 MB, {where}", "MB", process.memory_mb(), 85)


def tokens(servers: Servers, read_only: Subject) -> list[Figure]:
    """What a model reads: of the tools, of each question's calls, and of both in a new chat."""
    counter = Tokens()
    lists, answers = {}, {name: {} for name in QUESTIONS}  # type: dict[str, float], dict[str, Any]
    for server, subject in [*servers.items(), ("read-only", read_only)]:
        with MCPProcess(subject) as process:
            lists[server] = counter.count([_as_read(process.tools()) + process.instructions])
            for question, (calls, *_) in QUESTIONS.items():
                if server != "read-only":
                    texts = [process.call(*one) for one in _known(process, server, calls)]
                    answers[question][server] = counter.count(texts)
    only = lists.pop("read-only")
    figures = [Figure("tool list and instructions", "tokens", lists, BEFORE)]
    for question, (_, at_most, of_clickhouse, of_mongodb) in QUESTIONS.items():
        read = answers[question]
        figures.append(Figure(question, "tokens", read, CLICKHOUSE))
        figures.append(limit(f"{question}: goal", "tokens", read[NOW], at_most))
        if of_clickhouse and of_mongodb:
            chat = {server: lists[server] + read[server] for server in lists}
            alone = chat | {NOW: only + read[NOW]}
            figures += [
                Figure("a new chat for it", "tokens", chat, CLICKHOUSE, of_clickhouse),
                Figure("beside MongoDB's", "tokens", chat, MONGODB, of_mongodb),
                Figure("a new chat for it, read-only", "tokens", alone, CLICKHOUSE, 0.50),
                Figure("read-only, beside MongoDB's", "tokens", alone, MONGODB, 0.115),
            ]
    return figures


def _known(process: MCPProcess, server: str, calls: Mapping[str, list[Call]]) -> list[Call]:
    """The calls of a server; an earlier version of ours knew runs by their whole ids only."""
    known = calls.get(server, calls[NOW])
    if server != BEFORE or known[0][0] != "get_run":
        return known
    spec = {"name": "logs_for_spec", "arguments": {"spec_id": LARGE_SPEC}}
    attempt = process.ask("tools/call", spec)["structuredContent"]["attempts"][0]
    return [("get_run", known[0][1] | {"run_id": attempt["run_id"]})]


def _as_read(tools: Sequence[dict[str, Any]]) -> str:
    """As a model is given them."""
    listed = [
        {"name": one["name"], "description": one.get("description"), "input": one["inputSchema"]}
        for one in tools
    ]
    return json.dumps(listed, separators=(",", ":"), ensure_ascii=False)


class Tokens:
    """npm's gpt-tokenizer with o200k, in a folder that is used again."""

    def __init__(self) -> None:
        self._folder = KEPT / "tokens"
        if not self._folder.exists():
            installed(HERE / "tests" / "mcp_server" / "tokens", self._folder)

    def count(self, texts: Sequence[str]) -> float:
        """Of these together."""
        done = subprocess.run(
            ["node", "count.js"],
            cwd=self._folder,
            input=json.dumps(list(texts)).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        return float(sum(json.loads(done.stdout)))


def questions(
    stock: Stock, now: Subject, before: Subject, clickhouse: Subject, mongodb: Subject
) -> list[Figure]:
    """A question whose schema is known, on the team's store: ours beside the peer's one query."""
    figures = []
    for place, peer, subject in (
        ("clickhouse documents", CLICKHOUSE, clickhouse),
        ("clickhouse", CLICKHOUSE, clickhouse),
        ("mongodb documents", MONGODB, mongodb),
        ("mongodb", MONGODB, mongodb),
    ):
        url = stock.url(place)
        servers = {NOW: now.with_store(url), peer: subject}
        if "documents" in place:  # our own tables may be of a later schema than it knows
            servers[BEFORE] = before.with_store(url)
        for name, calls in (("recent failures", FAILED_RECENTLY), ("a spec", LAST_FIVE)):
            wall, cpu = _asked(servers, calls)
            where = place.replace(" documents", ", the documents' own")
            figures.append(Figure(f"{name}, {where}", "ms", wall, peer, 5))
            figures.append(Figure("the same, processor", "ms", cpu, peer))
    return figures


def _asked(
    servers: Servers, calls: Mapping[str, list[Call]]
) -> tuple[dict[str, float], dict[str, float]]:
    """Medians of wall-clock and means of processor time, by turns, after the first call."""
    wall: dict[str, list[float]] = {name: [] for name in servers}
    processes = {name: MCPProcess(subject) for name, subject in servers.items()}
    for name, process in processes.items():
        process.call(*calls.get(name, calls[NOW])[-1])
    used = {name: process.cpu_ms() for name, process in processes.items()}
    for _ in range(ROUNDS):
        for name, process in processes.items():
            began = time.perf_counter()
            process.call(*calls.get(name, calls[NOW])[-1])
            wall[name].append((time.perf_counter() - began) * 1000)
    cpu = {name: (one.cpu_ms() - used[name]) / ROUNDS for name, one in processes.items()}
    for process in processes.values():
        process.close()
    return _medians(wall), cpu


def _medians(taken: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(times) for name, times in taken.items()}
