"""The documents' question to the official ClickHouse MCP server and to ours, on the same table.

    python -m benchmarks.neighbour /path/to/mcp-clickhouse

The command is that of the PyPI package mcp-clickhouse, in an environment of its own. "Claude, what
went wrong in spec_001?" (v1.2, section 4): the official server takes the calls by which a model
finds the table and its columns, and the documents' SQL; ours takes one. Rows are written by ours.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import TextContent

from benchmarks.clickhouse import DOCUMENTS, Server, stop
from genesis_mcp.questions import Service
from genesis_mcp.runs.conforming import make_run

QUESTION = DOCUMENTS.read_text(encoding="utf-8").rpartition("\n\n")[2].strip().rstrip(";")

ERROR = (
    "/app/soma.js:15\n    return carrinho.itens.length\n                          ^\n\n"
    "TypeError: Cannot read properties of undefined (reading 'length')\n"
    + "".join(f"    at quadro{number} (/app/soma.js:{number}:3)\n" for number in range(15, 45))
)

Call = tuple[str, dict[str, Any]]

THEIRS: list[Call] = [
    ("list_databases", {}),
    ("list_tables", {"database": "genesis"}),
    ("run_query", {"query": QUESTION}),
]
OURS: list[Call] = [("logs_for_spec", {"spec_id": "spec_001"})]


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "clickhouse")
        try:
            _record(server)
            with (Path(folder) / "stderr.log").open("w", encoding="utf-8") as log:
                anyio.run(_compare, server.port, sys.argv[1], log)
        finally:
            stop(server)


def _record(server: Server) -> None:
    """Ten attempts at spec_001, of which every third passes."""
    store = server.store("genesis")
    store.ensure_schema()
    began = datetime.now(UTC) - timedelta(hours=2)
    Service(store).record(
        [
            make_run(
                {
                    "spec_id": "spec_001",
                    "iteration": number,
                    "exit_code": int(number % 3 > 0),
                    "stderr": ERROR.replace(":15", f":{15 + number // 3}") if number % 3 else "",
                    "stdout": "ok 1 - soma\n" * 40,
                    "code_snapshot": "module.exports = (carrinho) => carrinho.itens.length\n",
                    "duration_ms": 1500 + number,
                    "timestamp": began + timedelta(minutes=10 * number),
                },
                recorded_by="benchmark",
            )
            for number in range(1, 11)
        ]
    )
    store.close()


async def _compare(port: int, command: str, log: TextIO) -> None:
    theirs = StdioServerParameters(
        command=command,
        env={
            **os.environ,
            "CLICKHOUSE_HOST": "127.0.0.1",
            "CLICKHOUSE_PORT": str(port),
            "CLICKHOUSE_USER": "default",
            "CLICKHOUSE_PASSWORD": "",
            "CLICKHOUSE_SECURE": "false",
        },
    )
    ours = StdioServerParameters(
        command=sys.executable,
        args=["-m", "genesis_mcp"],
        env={**os.environ, "GENESIS_STORE": f"clickhouse://127.0.0.1:{port}/genesis"},
    )
    print("| server | calls | characters of the answers | of these the last |\n|---|---|---|---|")
    for name, server, calls in (("mcp-clickhouse", theirs, THEIRS), ("genesis-mcp", ours, OURS)):
        answers = await _ask(server, calls, log)
        sizes = [len(answer) for answer in answers]
        print(f"| {name} | {len(calls)} | {sum(sizes):,} | {sizes[-1]:,} |")
        if "--answers" in sys.argv:
            print("\n\n".join(answers), "\n")


async def _ask(server: StdioServerParameters, calls: list[Call], log: TextIO) -> list[str]:
    answers = []
    with anyio.fail_after(120):
        async with Client(stdio_client(server, errlog=log), read_timeout_seconds=60) as client:
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                text = [one.text for one in result.content if isinstance(one, TextContent)]
                answers.append("\n".join(text))
    return answers


if __name__ == "__main__":
    main()
