"""What the tests share: a fixed clock, runs in few words, snapshots, a server on real pipes."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

from genesis_mcp.questions import Service
from genesis_mcp.runs.conforming import make_run

NOW = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "tests" / "snapshots"
ANSWER_SECONDS = 30


def service_on(store):
    return Service(store, clock=lambda: NOW)


def record(to, spec_id="spec_a", exit_code=0, *, minutes_ago=0.0, **fields):
    """Record a run that ended so long before NOW; what the service says of it."""
    ended = NOW - timedelta(minutes=minutes_ago)
    known = {"spec_id": spec_id, "exit_code": exit_code, "timestamp": ended, "kind": "run"}
    return to.record_one(make_run({**known, **fields}, recorded_by="test"))


def check_snapshot(name, text):
    """Compare with the stored answer; UPDATE_SNAPSHOTS=1 writes it anew."""
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == file.read_text(encoding="utf-8")


def environment(store_url, **variables):
    """The environment of this process, without settings of ours but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GENESIS_")}
    return {**kept, "GENESIS_STORE": store_url, **variables}


def cli(*arguments, store_url, **options):
    """Run the command line in a process of its own."""
    options.setdefault("timeout", 60)
    return subprocess.run(
        [sys.executable, "-m", "genesis_mcp", *arguments],
        env=environment(store_url, **options.pop("variables", {})),
        capture_output=True,
        check=False,
        **options,
    )


class Wire:
    """A server process and the two ends of its pipes: messages as they are on the wire."""

    def __init__(self, store_url, *arguments, cwd=None, **variables):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "genesis_mcp", *arguments],
            env=environment(store_url, **variables),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.errors = bytearray()
        self._lines = Queue()
        self._next_id = 0
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(ANSWER_SECONDS)
        for thread in self._threads:
            thread.join(ANSWER_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors += line

    def send_bytes(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, method, params=None, *, notification=False):
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        if not notification:
            self._next_id += 1
            message["id"] = self._next_id
        self.send_bytes(json.dumps(message).encode())
        return self._next_id

    def receive(self):
        line = self._lines.get(timeout=ANSWER_SECONDS)
        assert line is not None, f"the server ended: {self.errors.decode()}"
        return json.loads(line)

    def answer(self, request_id):
        while True:
            message = self.receive()
            if message.get("id") == request_id:
                return message

    def request(self, method, params=None):
        return self.answer(self.send(method, params))

    def initialize(self, name="test"):
        version = {"protocolVersion": "2025-06-18", "capabilities": {}}
        answer = self.request(
            "initialize", {**version, "clientInfo": {"name": name, "version": "1"}}
        )
        self.send("notifications/initialized", notification=True)
        return answer["result"]

    def call(self, tool, **arguments):
        return self.request("tools/call", {"name": tool, "arguments": arguments})["result"]

    def text(self, tool, **arguments):
        return self.call(tool, **arguments)["content"][0]["text"]

    def close_input(self):
        self.process.stdin.close()
        return self.process.wait(ANSWER_SECONDS)
