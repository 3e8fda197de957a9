"""Workers and clients on a MongoDB that is killed again and again: nothing is lost or grows."""

import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from genesis_mcp.stores import open_store
from tests.helpers.command_line import cli, exported
from tests.helpers.killed_writers import Account, OverMCP, Python
from tests.helpers.mongod import Mongod
from tests.helpers.waiting import WAIT, times, until
from tests.helpers.wire import Wire

SECONDS = times(1, at_length=600)
WORKERS = times(2, at_length=8)
CLIENTS = times(2, at_length=4)
WARM_CALLS = times(24, at_length=200)
"""After so many answers of each client, and one death of the store, everything is loaded."""

GROWTH_MB = 5.0
PAUSE_SECONDS = 0.1
UP_SECONDS, DOWN_SECONDS = times(2.0, at_length=30.0), times(1.0, at_length=5.0)
"""At most so long the store works before it is killed, and is away."""

QUESTIONS = (
    ("recent_failures", {}),
    ("recent_failures", {"detail": "full", "limit": 50}),
    ("search_logs", {"text": "killed"}),
    ("record_run", {"spec_id": "of-clients", "exit_code": 1, "stderr": "ValueError: x" * 99}),
    ("logs_for_spec", {"spec_id": "of-clients"}),
)
"""None about all specs, of which every run here is one more: what those hold in memory is in
tests/stores/contract/test_memory.py."""


class Client(threading.Thread):
    """Asks its own server one question after the other."""

    def __init__(self, url, seed):
        super().__init__(daemon=True)
        self._wire, self._chance = Wire(url), random.Random(seed)
        self.process = self._wire.process
        self.stopped = threading.Event()
        self.calls, self.fault, self.errors = 0, None, Counter()

    def run(self):
        try:
            with self._wire:
                self._wire.initialize()
                while not self.stopped.wait(PAUSE_SECONDS):
                    self._ask(*self._chance.choice(QUESTIONS))
                assert self._wire.close_input() == 0
            assert b"Traceback" not in self._wire.errors
        except BaseException as fault:
            self.fault = fault
            raise

    def _ask(self, tool, arguments):
        answer = self._wire.call(tool, **arguments)
        if answer.get("isError"):
            self.errors[answer["content"][0]["text"].partition(".")[0]] += 1
        self.calls += 1


def memory_mb(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def descriptors(process):
    return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())


def kill_and_restart(server, account, chance):
    before = account.unstored
    server.kill()
    until(lambda: account.unstored > before, "no worker noticed")
    time.sleep(chance.random() * DOWN_SECONDS)
    server.start()
    before = len(account.acknowledged)
    until(lambda: len(account.acknowledged) > before, "no worker came back")


def all_answer(clients, calls):
    """Wait until each client has that many more answers, as long as one after the other comes."""
    before = [client.calls for client in clients]
    for more in range(1, calls + 1):
        until(
            lambda: (
                any(client.fault for client in clients)
                or all(one.calls >= had + more for one, had in zip(clients, before, strict=True))  # noqa: B023
            )
        )


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_nothing_is_lost_and_nothing_grows_while_the_store_dies_again_and_again(
    has_mongod, tmp_path, capsys
):
    chance, account = random.Random(31), Account()
    with Mongod(tmp_path / "mongod") as server:
        url = server.url("soak")
        store = open_store(url)
        store.ensure_schema()
        store.close()
        kinds = [(Python, OverMCP)[place % 2] for place in range(WORKERS)]
        workers = [kind(url, account, tmp_path, pause_seconds=PAUSE_SECONDS) for kind in kinds]
        clients = [Client(url, seed) for seed in range(CLIENTS)]
        everybody = [*workers, *clients]
        for one in everybody:
            one.start()
        try:
            all_answer(clients, WARM_CALLS // 2)
            kill_and_restart(server, account, chance)
            all_answer(clients, WARM_CALLS // 2)
            measured = [one.process for one in everybody]
            before = [(memory_mb(one), descriptors(one)) for one in measured]
            until_then = time.monotonic() + SECONDS
            kills = 0
            while time.monotonic() < until_then:
                time.sleep(chance.random() * UP_SECONDS)
                kill_and_restart(server, account, chance)
                kills += 1
            all_answer(clients, WARM_CALLS // 4)
            after = [(memory_mb(one), descriptors(one)) for one in measured]
        finally:
            for one in everybody:
                one.stopped.set()
            for one in everybody:
                one.join(WAIT)
        assert [one.fault for one in everybody] == [None] * len(everybody)
        assert cli("flush", store_url=url).returncode == 0
        stored = Counter(record["spec_id"] for record in exported(url))
    del stored["of-clients"]
    account.check(stored)
    figures = list(zip(before, after, strict=True))
    with capsys.disabled():
        if SECONDS >= 600:
            print(f"\n{kills} kills, {len(stored)} stored, {[one.errors for one in clients]}")
            print(f"MB and descriptors, warm and at the end: {figures}")
    assert [late for late in figures if late[1][0] - late[0][0] >= GROWTH_MB] == []
    assert [late for late in figures if late[1][1] > late[0][1] + 2] == []
