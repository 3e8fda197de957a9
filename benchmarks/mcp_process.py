"""An MCP server as a process: spawned, asked line by line, its CPU and memory read from /proc."""

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.subjects import Subject

TICKS = os.sysconf("SC_CLK_TCK")


class MCPProcess:
    """One server over stdio, of whatever SDK."""

    def __init__(self, subject: Subject) -> None:
        self._ids = 0
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            subject.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **subject.environment},
        )
        client = {"name": "benchmark", "version": "1"}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        self.instructions: str = self.ask("initialize", hello).get("instructions") or ""
        self._send({"method": "notifications/initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def tools(self) -> list[dict[str, Any]]:
        """The tool list, all pages."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.ask("tools/list", cursor)
            found += page["tools"]
            if not page.get("nextCursor"):
                return found
            cursor = {"cursor": page["nextCursor"]}

    def call(self, name: str, arguments: dict[str, Any]) -> str:
        """The text that a model reads; an error is none of what is measured."""
        answer = self.ask("tools/call", {"name": name, "arguments": arguments})
        text = "\n".join(one["text"] for one in answer["content"] if one["type"] == "text")
        assert not answer.get("isError"), text
        return text

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a request; notifications and requests of the server are passed over."""
        self._ids += 1
        self._send({"id": self._ids, "method": method, "params": params})
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == self._ids and "method" not in message:
                assert "result" in message, message
                result: dict[str, Any] = message["result"]
                return result
        raise AssertionError(f"the server ended in {method}")

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self._process.stdin.flush()

    def cpu_ms(self) -> float:
        """Processor time of the process until now, in steps of the kernel's clock."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / TICKS

    def memory_mb(self, what: str = "VmRSS") -> float:
        """Resident memory; `VmHWM` is the most that it was."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def close(self) -> float:
        """End the input and wait; how many ms the server took to end."""
        assert self._process.stdin is not None
        began = time.perf_counter()
        self._process.stdin.close()
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return (time.perf_counter() - began) * 1000
