"""Several processes write one SQLite file by turns, and none waits for its turn for ever."""

import sqlite3
import time
from contextlib import closing
from threading import Event, Thread

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.waiting import WAIT

HELD_SECONDS, FREE_SECONDS = 0.19, 0.01
WAITS = 4
TURNS = 8
"""Of the other one, at most, on average while a run waits. The lock is free at the end of each,
which a busy machine may miss now and then; who looks each 100 ms, as SQLite does, misses all."""


class Greedy(Thread):
    """Another writer, which leaves the lock for a moment only."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self._path = path
        self.turns = 0
        self.holds, self.stopped = Event(), Event()

    def run(self):
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=WAIT)) as connection:
            while not self.stopped.is_set() and self.turns < 2 * WAITS * TURNS:
                connection.execute("BEGIN IMMEDIATE")
                self.holds.set()
                time.sleep(HELD_SECONDS)
                self.holds.clear()
                connection.execute("COMMIT")
                self.turns += 1
                time.sleep(FREE_SECONDS)
            self.holds.set()


def test_who_waits_for_the_write_lock_has_it_soon_after_another_leaves_it(tmp_path):
    store = SQLiteStore(tmp_path / "logs.db", timeout_seconds=WAIT)
    store.ensure_schema()
    greedy = Greedy(tmp_path / "logs.db")
    greedy.start()
    try:
        for _ in range(WAITS):
            assert greedy.holds.wait(WAIT)
            store.insert([make_run({"spec_id": "a", "exit_code": 1}, recorded_by="tests")])
    finally:
        greedy.stopped.set()
        greedy.join(WAIT)
        store.close()
    assert greedy.turns < WAITS * TURNS
