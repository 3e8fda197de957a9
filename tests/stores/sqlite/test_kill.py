"""Several processes on one SQLite store: while they write, create it together, and are killed."""

import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import now
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, times

ROUNDS = times(5, at_length=60)
WRITERS = 3
BATCHES_BEFORE_KILL = 15

# Prints an id only when `insert` has returned: what is printed was acknowledged.
WRITER = """
import itertools, sys
from pathlib import Path
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Signature
from genesis_mcp.stores.sqlite import SQLiteStore

path, name, batches = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = SQLiteStore(path, timeout_seconds=60)
signature = Signature(message="m", group="g", exact="e", version=1)

def make(place):
    fields = {"exit_code": place % 3, "spec_id": f"spec-{name}", "service": "worker",
              "stdout": "output " * 200, "stderr": "acknowledged " * 20}
    if place % 3:
        fields["signature"] = signature
    return make_run(fields, recorded_by=name)

print("ready", flush=True)
sys.stdin.readline()
places = itertools.count()
for batch in range(batches):
    runs = [make(next(places)) for _ in range(batch % 4 + 1)]
    assert {done.status for done in store.insert(runs)} == {"recorded"}
    print(*(run.run_id for run in runs), flush=True)
store.close()
"""


def told(process):
    """What a process of ONE_AT_A_TIME acknowledges when it is told to record."""
    process.stdin.write("\n")
    process.stdin.flush()
    return acknowledged(process.stdout.readline())


@contextmanager
def processes(code, path, *, number, batches=0):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(name), str(batches)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in range(number)
    ]
    try:
        yield begun
    finally:
        for process in begun:
            process.kill()
            process.communicate(timeout=WAIT)


@contextmanager
def writers(path, *, batches):
    """Writer processes that start writing together."""
    with processes(WRITER, path, number=WRITERS, batches=batches) as begun:
        for process in begun:
            assert process.stdout.readline() == "ready\n"
        for process in begun:
            process.stdin.write("go\n")
            process.stdin.flush()
        yield begun


def acknowledged(output):
    """The ids in what a writer printed; a line that the kill cut short acknowledges nothing."""
    return {
        run_id for line in output.splitlines(True) if line[-1] == "\n" for run_id in line.split()
    }


def pages(store, **query):
    """The ids of all runs, and nothing twice."""
    found, after = [], None
    while True:
        page = store.find(RunQuery(limit=1000, after=after, **query))
        found += [one.run_id for one in page.runs]
        after = page.next
        if after is None:
            assert len(found) == len({*found})
            return {*found}


def test_processes_that_create_and_write_at_once_lose_nothing_while_one_reads(tmp_path, check_file):
    path = tmp_path / "logs.db"
    seen = set()

    with closing(SQLiteStore(path, timeout_seconds=WAIT)) as reader:
        with writers(path, batches=60) as begun:
            while any(process.poll() is None for process in begun):
                found = pages(reader)
                assert seen <= found  # what was there once stays there
                stats = reader.describe(now())
                assert stats.runs >= len(found)
                assert stats.runs == sum(spec.runs for spec in stats.specs)
                seen = found
            outputs = [process.stdout.read() for process in begun]
        assert [process.returncode for process in begun] == [0] * WRITERS

        recorded = set().union(*map(acknowledged, outputs))
        assert len(recorded) == WRITERS * 150
        assert pages(reader) == recorded
        assert len(pages(reader, text="acknowledged")) == WRITERS * 100
    assert check_file(path) == recorded


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_no_acknowledged_run_is_lost_when_its_writer_is_killed(tmp_path, check_file):
    path = tmp_path / "logs.db"
    recorded = set()

    for place in range(ROUNDS):
        with writers(path, batches=1_000_000) as begun:
            lines = [begun[0].stdout.readline() for _ in range(BATCHES_BEFORE_KILL + 10 * place)]
            for process in begun:
                process.send_signal(signal.SIGKILL)
            outputs = [process.stdout.read() for process in begun]
            assert [process.wait(WAIT) for process in begun] == [-signal.SIGKILL] * WRITERS
        outputs.append("".join(lines))
        recorded |= set().union(*map(acknowledged, outputs))

        with closing(SQLiteStore(path, timeout_seconds=WAIT)) as store:
            found = pages(store)
            assert recorded <= found
            assert len(pages(store, text="acknowledged")) == len(pages(store, failed=True))
            # At most the one batch that each had in hand is stored and not acknowledged.
            assert len(found - recorded) <= 4 * WRITERS * (place + 1)
            recorded = found
        assert check_file(path) == found
    assert len(recorded) > ROUNDS * WRITERS * BATCHES_BEFORE_KILL / 3


ONE_AT_A_TIME = """
import sys
from pathlib import Path
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore

store = SQLiteStore(Path(sys.argv[1]), timeout_seconds=60)
for line in sys.stdin:
    runs = [make_run({"exit_code": 1, "stderr": "x" * 3000}, recorded_by="x") for _ in range(20)]
    store.insert(runs)
    print(*(run.run_id for run in runs), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted")
@pytest.mark.parametrize("suffixes", [("",), ("", "-wal"), ("", "-shm"), ("", "-wal", "-shm")])
def test_processes_meet_again_in_a_new_file_when_theirs_was_deleted(tmp_path, check_file, suffixes):
    path = tmp_path / "logs.db"
    with processes(ONE_AT_A_TIME, path, number=2) as (one, other):
        for process in (one, other, one):
            assert len(told(process)) == 20
        for suffix in suffixes:
            Path(f"{path}{suffix}").unlink()

        recorded = [told(process) for process in (one, one, other, one, other, other)]

        with closing(SQLiteStore(path)) as store:
            assert pages(store) == set().union(*recorded)
    assert check_file(path) == set().union(*recorded)
