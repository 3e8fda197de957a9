"""The server on real pipes: messages as they are on the wire."""

import json
import subprocess
import sys
import threading
from queue import Queue

from tests.helpers.command_line import environment
from tests.helpers.waiting import WAIT


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
        self._answers = {}
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
        self.process.wait(WAIT)
        for thread in self._threads:
            thread.join(WAIT)
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
        line = self._lines.get(timeout=WAIT)
        assert line is not None, f"the server ended: {self.errors.decode()}"
        return json.loads(line)

    def answer(self, request_id):
        """The answer to a request; those to others that come before it are kept for who asks."""
        while request_id not in self._answers:
            message = self.receive()
            self._answers[message.get("id")] = message
        return self._answers.pop(request_id)

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
        return self.process.wait(WAIT)
