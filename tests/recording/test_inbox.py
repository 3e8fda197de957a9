"""What is kept for a store: it comes out as it went in, once, in the order of time."""

import json
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from genesis_mcp.errors import StoreUnavailable
from genesis_mcp.recording.inbox import NOT_READABLE, PATIENT_SHARE, Inbox
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import RUN_FIELDS
from genesis_mcp.stores.location import address_hash
from genesis_mcp.stores.time_limit import one_call, seconds_left
from tests.helpers.any_run import runs
from tests.helpers.command_line import environment
from tests.helpers.service import NOW

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="rights, and limits of a process")


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path / "kept", redacts=False)


def run(number, **fields):
    ended = NOW + timedelta(seconds=number)
    given = {"run_id": f"r{number}", "spec_id": "s", "exit_code": 0, "timestamp": ended}
    return make_run({**given, **fields}, recorded_by="test")


class Taken(list):
    """A store that takes everything, and notes it."""

    def __call__(self, runs):
        self.extend(runs)
        return []

    @property
    def ids(self):
        return [run.run_id for run in self]


def parts(run):
    return {name: getattr(run, name) for name in (*RUN_FIELDS, "wants_iteration")}


@settings(deadline=None)
@given(some.lists(runs(), max_size=8))
def test_what_is_kept_comes_out_as_it_was(tmp_path_factory, kept):
    inbox, taken = Inbox(tmp_path_factory.mktemp("kept"), redacts=False), Taken()
    for one in kept:
        inbox.keep([one])
    assert inbox.deliver(taken).recorded == len(kept)
    by_id = lambda one: one["run_id"]  # noqa: E731
    assert sorted(map(parts, taken), key=by_id) == sorted(map(parts, kept), key=by_id)
    assert inbox.is_empty()


def test_runs_of_several_processes_come_out_in_the_order_of_time(inbox):
    for process in range(3):
        writer = Inbox(inbox.directory, redacts=False)
        for number in range(process, 300, 3):
            writer.keep([run(number)])
    taken = Taken()
    inbox.deliver(taken)
    assert taken.ids == [f"r{number}" for number in range(300)]


def test_what_is_over_a_bound_stays_for_the_next_time(inbox):
    inbox.keep([run(number) for number in range(1_050)])
    taken = Taken()
    assert inbox.deliver(taken, at_most=500).is_rest
    assert inbox.count().runs == 550
    assert not inbox.deliver(taken, at_most=1_000).is_rest
    assert taken.ids == [f"r{number}" for number in range(1_050)]
    assert (inbox.count().runs, inbox.is_empty()) == (0, True)


def test_a_store_that_fails_in_between_gets_the_rest_later(inbox):
    inbox.keep([run(number) for number in range(250)])
    taken = Taken()

    def fails_after_one(runs):
        if taken:
            raise StoreUnavailable("down")
        return taken(runs)

    with pytest.raises(StoreUnavailable):
        inbox.deliver(fails_after_one)
    assert inbox.count().runs == 250 - len(taken) > 0
    inbox.deliver(taken)
    assert taken.ids == [f"r{number}" for number in range(250)]


def test_half_a_line_of_a_process_that_died_loses_only_that_line(inbox):
    path = inbox.keep([run(0), run(1)])
    with path.open("ab") as file:
        file.write(b'{"run_id":"r2","stdo')
    Inbox(inbox.directory, redacts=False).keep([run(3)])
    taken = Taken()
    delivered = inbox.deliver(taken)
    assert taken.ids == ["r0", "r1", "r3"]
    assert (delivered.recorded, delivered.refused) == (3, 1)
    [line] = inbox.refused_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {"line": '{"run_id":"r2","stdo', "refused": NOT_READABLE}


def test_what_the_store_refuses_is_put_aside_with_the_reason_and_can_be_mended(inbox):
    inbox.keep([run(number) for number in range(3)])
    taken = Taken()

    def refuses_one(runs):
        taken([one for one in runs if one.run_id != "r1"])
        return [(one, "too odd") for one in runs if one.run_id == "r1"]

    assert inbox.deliver(refuses_one).refused == 1
    assert (taken.ids, inbox.count()) == (["r0", "r2"], (0, 1))
    record = json.loads(inbox.refused_file.read_text(encoding="utf-8"))
    assert (record["run_id"], record["refused"]) == ("r1", "too odd")


def test_a_file_that_its_process_still_writes_is_left_alone(inbox):
    writing = inbox.begin()
    writing.append(inbox.line_of(run(0)))
    taken = Taken()
    Inbox(inbox.directory, redacts=False).deliver(taken)
    assert not taken
    writing.close()
    inbox.deliver(taken)
    assert taken.ids == ["r0"]


def test_many_who_keep_and_many_who_deliver_lose_nothing_and_double_nothing(inbox):
    taken, lock = Taken(), threading.Lock()

    def take(runs):
        with lock:
            return taken(runs)

    def keep(process):
        writer = Inbox(inbox.directory, redacts=False)
        for number in range(50):
            writer.keep([run(100 * process + number)])

    def deliver():
        reader = Inbox(inbox.directory, redacts=False)
        while len(taken) < 200 and any(thread.is_alive() for thread in keeping):
            reader.deliver(take, seconds=1)

    keeping = [threading.Thread(target=keep, args=(process,)) for process in range(4)]
    delivering = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in (*keeping, *delivering):
        thread.start()
    for thread in (*keeping, *delivering):
        thread.join(60)
    inbox.deliver(take)
    expected = {f"r{100 * process + number}" for process in range(4) for number in range(50)}
    assert (len(taken), set(taken.ids)) == (200, expected)


def test_waiting_for_another_who_delivers_is_of_the_time_limit(inbox):
    inbox.keep([run(1)])
    with one_call():
        delivered = inbox.deliver(lambda _: inbox.deliver(Taken(), seconds=1.0) and [])
        assert delivered.recorded == 1
        assert seconds_left(10.0) <= 10.0 - 1.0 / PATIENT_SHARE


@on_posix
def test_only_its_owner_reads_what_is_kept(inbox):
    path = inbox.keep([run(0)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(inbox.directory.stat().st_mode) == 0o700


def test_secrets_are_taken_out_before_anything_is_written(tmp_path):
    inbox = Inbox(tmp_path / "kept", redacts=True)
    path = inbox.keep([run(0, stdout="password=correct-horse")])
    assert "correct-horse" not in path.read_text(encoding="utf-8")


def test_a_store_has_one_inbox_whatever_its_password_and_options():
    same = [
        "mongodb://ana:old@Host:27017/genesis",
        "mongodb://ana:new@host:27017/genesis?w=majority",
        "mongodb://host:27017/genesis/",
    ]
    assert len(set(map(address_hash, same))) == 1
    others = ["mongodb://host/genesis", "mongodb://host:27017/genesis?database=a", "sqlite:///a@b"]
    assert len({address_hash(url) for url in [*same, *others, "sqlite:///c@b"]}) == 5
    assert address_hash("sqlite:////a/b") == address_hash("sqlite:///a/b")


def test_a_run_is_kept_without_opening_a_store_or_importing_much(tmp_path):
    script = (
        "import sys\n"
        "from genesis_mcp.recording.inbox import Inbox\n"
        "from genesis_mcp.runs.conforming import make_run\n"
        "run = make_run({'spec_id': 'a', 'exit_code': 1, 'stderr': 'x'}, recorded_by='t')\n"
        "print(Inbox.of('mongodb://h/g', redacts=False).keep([run]))\n"
        "print({'pydantic', 'pydantic_core', 'anyio', 'asyncio', 'pymongo', 'sqlite3'}"
        " & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment("unused"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[1] == "set()"


@on_posix
def test_a_disk_without_room_takes_all_of_a_batch_or_nothing(tmp_path):
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from genesis_mcp.recording.inbox import Inbox\n"
        "from genesis_mcp.runs.conforming import make_run\n"
        "inbox = Inbox(Path(sys.argv[1]), redacts=False)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "def run(size):\n"
        "    return make_run({'exit_code': 1, 'stderr': 'x' * size}, recorded_by='t')\n"
        "inbox.keep([run(100)])\n"
        "try: inbox.keep([run(8_000), run(8_000)])\n"
        "except OSError: print(inbox.count().runs)\n"
        "inbox.keep([run(100)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "kept")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "1\n"
    taken = Taken()
    Inbox(tmp_path / "kept", redacts=False).deliver(taken)
    assert [len(one.stderr) for one in taken] == [100, 100]


def test_a_line_that_was_kept_twice_is_the_same_run(inbox):
    inbox.keep([run(0)])
    inbox.keep([replace(run(0))])
    taken = Taken()
    inbox.deliver(taken)
    assert taken.ids == ["r0", "r0"]  # its id tells the store
