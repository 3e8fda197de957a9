"""`genesis-mcp ingest` as a process beside a worker, and the store that it records into."""

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

from tests.helpers.command_line import cli, environment
from tests.helpers.waiting import WAIT


class Ingest:
    """The command as a process, with its three ends in hand."""

    def __init__(self, url, *arguments, **variables):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "genesis_mcp", "ingest", *map(str, arguments)],
            env=environment(url, **variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said = bytearray()
        self.passed_on = bytearray()
        self._threads = [
            threading.Thread(target=self._gather, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.passed_on), (self.process.stderr, self.said))
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.end()

    @staticmethod
    def _gather(pipe, into):
        while chunk := pipe.read1(65536):
            into += chunk

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end(self):
        """Close its input, if that is open, and wait until it has ended."""
        self.process.stdin.close()
        code = self.process.wait(WAIT)
        for thread in self._threads:
            thread.join(WAIT)
        for pipe in (self.process.stdout, self.process.stderr):
            pipe.close()
        return code

    def stop(self, number=signal.SIGTERM):
        """Have it end by a signal; its input stays open until it did."""
        self.process.send_signal(number)
        self.process.wait(WAIT)
        return self.end()


def stored(tmp_path):
    """How many records the store has, without our code."""
    path = tmp_path / "logs.db"
    if not path.exists() or not path.stat().st_size:
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=WAIT)) as connection:
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0]


@contextmanager
def locked(url, tmp_path):
    """The store, kept from being written by another program."""
    cli("init", store_url=url)
    connection = sqlite3.connect(tmp_path / "logs.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with closing(connection):
        yield
