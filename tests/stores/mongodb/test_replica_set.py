"""A replica set whose primary steps down or is killed: nothing is lost, and reading goes on."""

import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest

from genesis_mcp.errors import StoreError
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from genesis_mcp.stores.mongodb import connection as told
from tests.helpers.command_line import cli, exported
from tests.helpers.killed_writers import Account, Ingest, OverMCP
from tests.helpers.replica_set import ELECTION_MS, ReplicaSet
from tests.helpers.waiting import WAIT, times, until

ROUNDS = times(1, at_length=4)
"""Of each kind of change; the usual run has one, so that it takes seconds."""

THAT_ONE_CHANGES = {told.ELECTING, told.NO_PRIMARY, told.CUT}


class Asking(threading.Thread):
    """Does one thing again and again, and keeps for how long it was not done."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self._call, self._stopped = call, threading.Event()
        self.done, self.said, self.gap_seconds = 0, set(), 0.0
        self.start()

    def run(self):
        done_at = time.monotonic()
        while not self._stopped.wait(0.01):
            try:
                self._call()
            except StoreError as error:
                self.said.add(str(error))
                continue
            self.gap_seconds = max(self.gap_seconds, time.monotonic() - done_at)
            done_at = time.monotonic()
            self.done += 1

    def stop(self):
        self._stopped.set()
        self.join(WAIT)


@contextmanager
def asking(url):
    """One that reads and one that records, in this process."""
    reading, recording = open_store(url), open_store(url)
    asked, acknowledged = [], set()

    def record():
        # As who was told that a run was not recorded: the same one again.
        if not asked or asked[-1].run_id in acknowledged:
            asked.append(make_run({"spec_id": "gap", "exit_code": 1}, recorded_by="tests"))
        recording.insert(asked[-1:])
        acknowledged.add(asked[-1].run_id)

    reader = Asking(lambda: reading.find(RunQuery(spec_id="gap", limit=5)))
    recorder = Asking(record)
    try:
        yield reader, recorder
    finally:
        for one in (reader, recorder):
            one.stop()
        reading.close()
        recording.close()
    stored = [one["run_id"] for one in exported(url, "--spec", "gap")]
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored)) <= len(asked)


def change(replica_set, how):
    """Have another member become the primary, and the set be whole again afterwards."""
    before = replica_set.primary()
    if how == "step-down":
        replica_set.step_down()
    else:
        replica_set.kill_primary()
    until(lambda: replica_set.primary() not in (None, before), "no other primary")
    if how == "kill":
        before.start()
    until(replica_set.is_whole, "the set did not come together again")


@pytest.fixture(scope="module", params=[ELECTION_MS, *times([], at_length=[10_000])])
def replica_set(has_mongod, tmp_path_factory, request):
    with ReplicaSet(tmp_path_factory.mktemp("set"), election_ms=request.param) as members:
        yield members


@pytest.mark.long
def test_no_run_is_lost_or_doubled_while_the_primary_changes(replica_set, tmp_path):
    url, account = replica_set.url("genesis"), Account()
    cli("init", store_url=url)
    writers = [kind(url, account, tmp_path) for kind in (Ingest, OverMCP)]
    with asking(url) as (reader, recorder):
        for writer in writers:
            writer.start()
        for how in ["step-down", "kill"] * ROUNDS:
            all_go_on(reader, recorder, *writers)
            reader.gap_seconds = recorder.gap_seconds = 0.0
            change(replica_set, how)
            all_go_on(reader, recorder, *writers)
            gaps = [
                f"{one.gap_seconds:.1f} s without {what}"
                for one, what in ((reader, "an answer"), (recorder, "a recorded run"))
            ]
            print(f"{how}, elections after {replica_set.election_ms} ms: {', '.join(gaps)}")
        for writer in writers:
            writer.stopped.set()
        for writer in writers:
            writer.join(WAIT)
    assert [writer.fault for writer in writers] == [None, None]
    assert cli("flush", store_url=url).returncode == 0
    stored = [one["spec_id"] for one in exported(url) if one["spec_id"] != "gap"]
    account.check(Counter(stored))
    assert reader.said | recorder.said <= THAT_ONE_CHANGES
    print(
        f"{recorder.done + len(account.acknowledged)} acknowledged, {len(account.kept)} kept, "
        f"{len(account.failed)} told as failed; said {sorted(reader.said)}, {sorted(recorder.said)}"
    )


def all_go_on(*those):
    """Until each has done something more."""
    before = [done_by(one) for one in those]
    until(lambda: all(done_by(one) > many for one, many in zip(those, before, strict=True)))


def done_by(one):
    return one.done if isinstance(one, Asking) else one.acknowledged


def test_a_set_without_a_primary_is_read_and_says_why_nothing_is_recorded(replica_set, open_at):
    url = replica_set.url("alone")
    store = open_at(url, timeout_seconds=5)
    store.ensure_schema()
    run = make_run({"spec_id": "alone", "exit_code": 1}, recorded_by="tests")
    store.insert([run])
    killed = [replica_set.kill_primary()]
    until(lambda: replica_set.primary() is not None)
    killed.append(replica_set.kill_primary())  # one of three is no majority
    for one in (store, open_at(url, timeout_seconds=5)):
        assert one.fetch([run.run_id])
        assert one.ping().startswith("MongoDB ")
        assert one.count(RunQuery(spec_id="alone", failed=True), at_most=9) == 1
        with pytest.raises(StoreError) as caught:
            one.insert([make_run({"exit_code": 0}, recorded_by="tests")])
        assert str(caught.value) in (told.NO_PRIMARY, told.ELECTING)
    for member in killed:
        member.start()
    until(replica_set.is_whole)
    assert store.insert([make_run({"exit_code": 0}, recorded_by="tests")])[0].status == "recorded"
