"""A ClickHouse process for the tests, and how its administrator talks to it."""

import json
import os
import subprocess
import sys
import urllib.request

from tests.helpers.waiting import WAIT

PYTHON = os.environ.get("CLICKHOUSE_TEST_PYTHON", sys.executable)
"""An interpreter with another chdb, which is another version of the engine: see `.ci/run long`."""


def start_server(directory, *port):
    """A process whose first line of output is its port."""
    return subprocess.Popen(
        [PYTHON, "-m", "tests.helpers.clickhouse_http", str(directory), *map(str, port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def stop_server(server):
    server.stdin.close()
    server.stdout.close()
    server.wait(timeout=WAIT)


class Server:
    """A ClickHouse as its administrator sees it."""

    def __init__(self, port):
        self.port = port

    def url(self, user="default:", database="genesis"):
        return f"clickhouse://{user}@127.0.0.1:{self.port}/{database}"

    def request(self, path, body=b""):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, body or None, timeout=WAIT) as answer:
            return answer.read().decode()

    def run(self, sql):
        return self.request("/", sql.encode())

    def read_by(self, ask):
        """Rows and bytes that the engine reads of tables for a call."""
        before = json.loads(self.request("/test/read"))
        ask()
        after = json.loads(self.request("/test/read"))
        return [late - early for late, early in zip(after, before, strict=True)]
