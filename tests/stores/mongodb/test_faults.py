"""The MongoDB store when something is wrong: each fault has its sentence, in time, and passes."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from genesis_mcp.errors import (
    GenesisError,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.mongodb import connection as said
from tests.helpers.command_line import cli
from tests.helpers.mongod import ADMIN, PASSWORD, Mongod, free_port, mongodb_store
from tests.helpers.slow_link import slow_link
from tests.helpers.waiting import WAIT, times, until

SECRET = "s3nh4"


@pytest.fixture(scope="module")
def server(has_mongod, tmp_path_factory):
    """A server that the tests may freeze and kill."""
    with Mongod(tmp_path_factory.mktemp("faults")) as server:
        yield server


@pytest.fixture
def store(server):
    opened = mongodb_store(server, "faults", timeout_seconds=10, serverSelectionTimeoutMS=1_000)
    yield opened
    opened.close()


def a_run(**fields):
    return make_run({"spec_id": "a", "exit_code": 1, "stderr": "boom"} | fields, recorded_by="test")


def fault_of(call):
    """The error of a call, which comes in time."""
    began = time.monotonic()
    with pytest.raises(GenesisError) as caught:
        call()
    assert time.monotonic() - began < WAIT
    assert SECRET not in str(caught.value)
    return caught.value


def failing(server, *commands, times="alwaysOn", **data):
    """The server fails these commands of ours as it is told."""
    data |= {"failCommands": list(commands), "appName": "genesis-mcp"}
    return failpoint(server, "failCommand", times, **data)


@contextmanager
def failpoint(server, name, times="alwaysOn", **data):
    point = {"configureFailPoint": name}
    with server.client() as client:
        client.admin.command(point | {"mode": times, "data": data})
        try:
            yield
        finally:
            client.admin.command(point | {"mode": "off"})


READS = ("find", "aggregate")


@pytest.mark.parametrize(
    ("code", "error", "sentence"),
    [
        (13, StoreUnavailable, said.NO_READING),
        (18, StoreUnavailable, said.LOGIN),
        (50, StoreTimeout, said.TOO_SLOW),
        (43, StoreUnavailable, said.DROPPED),
        (237, StoreUnavailable, said.DROPPED),
        (189, StoreUnavailable, said.ELECTING),
        (10107, StoreUnavailable, said.ELECTING),
        (11600, StoreUnavailable, said.ELECTING),
        (166, StoreError, said.VIEW),
        (8, StoreError, said.UNKNOWN),
    ],
)
def test_a_fault_while_reading_has_its_sentence_and_is_over_when_it_is(
    server, store, code, error, sentence
):
    run = a_run()
    store.insert([run])
    with failing(server, *READS, errorCode=code):
        fault = fault_of(lambda: store.find(RunQuery()))

    assert (isinstance(fault, error), str(fault)) == (True, sentence)
    assert [one.run_id for one in store.find(RunQuery()).runs] == [run.run_id]


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        ({"errorCode": 13}, WriteNotAllowed, said.NO_WRITING),
        ({"errorCode": 14031}, StoreUnavailable, said.FULL),
        (
            {"writeConcernError": {"code": 64, "errmsg": f"waiting {SECRET}"}},
            StoreUnavailable,
            said.NOT_DURABLE,
        ),
        ({"errorCode": 189}, StoreUnavailable, said.ELECTING),
        ({"closeConnection": True}, StoreUnavailable, said.CUT),
    ],
)
def test_a_fault_while_recording_has_its_sentence_and_the_call_may_be_repeated(
    server, store, data, error, sentence
):
    runs = [a_run(), a_run()]
    with failing(server, "insert", **data):
        fault = fault_of(lambda: store.insert(runs))
    assert (type(fault), str(fault)) == (error, sentence)

    statuses = {inserted.status for inserted in store.insert(runs)}

    assert statuses <= {"recorded", "duplicate"}
    assert store.count(RunQuery(), at_most=10) == 2


def test_a_store_behind_a_slow_link_can_be_used(server, open_at):
    with slow_link(server.port, 0.7) as port:
        store = open_at(f"mongodb://127.0.0.1:{port}/faults", timeout_seconds=60)
        [inserted] = store.insert([a_run()])
        assert inserted.status == "recorded"
        assert len(store.find(RunQuery(limit=1)).runs) == 1


def test_a_slow_answer_ends_at_the_limit_and_nothing_is_left_running(server, open_at):
    store = open_at(server.url("faults"), timeout_seconds=1)
    store.insert([a_run()])
    with failing(server, "find", blockConnection=True, blockTimeMS=4_000):
        fault = fault_of(lambda: store.find(RunQuery()))
        assert isinstance(fault, StoreTimeout)
    until(lambda: not running(server), "a query is left running")
    assert len(store.find(RunQuery(limit=1)).runs) == 1


def running(server):
    with server.client() as client:
        operations = client.admin.aggregate([{"$currentOp": {"allUsers": True}}])
        return [
            one
            for one in operations
            if one.get("appName") == "genesis-mcp"
            and one.get("op") in ("query", "command")
            and one.get("ns", "").startswith("faults")
        ]


def test_a_query_past_the_limit_is_ended_by_the_server_itself(server, open_at, store):
    store.insert([a_run() for _ in range(2_000)])
    slow = open_at(server.url("faults"), timeout_seconds=1)
    slow.ping()

    with failpoint(server, "setYieldAllLocksWait", waitForMillis=1_500):
        fault = fault_of(lambda: slow.count(RunQuery(text="absent"), at_most=9))
        until(lambda: not running(server), "a query is left running")

    assert isinstance(fault, StoreTimeout)


def test_a_server_that_is_not_there_is_said_to_be_down(open_at):
    url = f"mongodb://u:{SECRET}@127.0.0.1:{free_port()}/genesis"

    assert str(fault_of(open_at(url).ping)) == said.DOWN


def test_calls_that_wait_for_each_other_tell_the_same_of_a_silent_server(open_at):
    with socket.create_server(("127.0.0.1", 0)) as listener:  # it accepts, and that is all
        store = open_at(f"mongodb://127.0.0.1:{listener.getsockname()[1]}/g", timeout_seconds=1)
        with ThreadPoolExecutor(4) as pool:
            faults = list(
                pool.map(
                    lambda _: fault_of(lambda: store.insert([a_run()])), range(4), timeout=WAIT
                )
            )

    assert {str(fault) for fault in faults} == {said.FROZEN}


def test_a_host_that_nobody_knows_is_named_as_the_fault(open_at):
    url = f"mongodb://u:{SECRET}@no-such-host.invalid/genesis"

    assert str(fault_of(open_at(url).ping)) == said.NO_HOST


def test_a_name_without_servers_behind_it_is_named_as_the_fault(open_at):
    store = open_at(f"mongodb+srv://u:{SECRET}@cluster.no-such-host.invalid/genesis")

    assert str(fault_of(store.ping)) == said.NO_HOST
    assert str(fault_of(store.ping)) == said.NO_HOST


def test_a_set_of_another_name_has_no_primary(server, open_at):
    store = open_at(server.url("faults", replicaSet="other"))

    assert str(fault_of(store.ping)) in (said.NO_PRIMARY, said.DOWN)


def test_a_frozen_server_is_told_and_answers_again_when_it_thaws(server, store, open_at):
    fresh = open_at(server.url("faults"), timeout_seconds=5)
    known = open_at(server.url("faults"), timeout_seconds=5)
    known.insert([a_run()])
    server.freeze()
    try:
        faults = [fault_of(one.ping) for one in (fresh, known)]
    finally:
        server.thaw()

    assert [str(fault) for fault in faults] == [said.FROZEN, said.FROZEN]
    assert len(known.find(RunQuery()).runs) == 1
    assert fresh.ping().startswith("MongoDB ")


@pytest.mark.long
def test_no_acknowledged_run_is_lost_when_the_server_is_killed(server, store):
    acknowledged, rounds = [], times(3, at_length=30)
    for round_number in range(rounds):
        for place in range(20):
            runs = [a_run(iteration=place) for _ in range(place % 3 + 1)]
            acknowledged += [inserted.run_id for inserted in store.insert(runs)]
        server.kill()
        fault = fault_of(lambda: store.insert([a_run()]))
        assert str(fault) in (said.DOWN, said.CUT), round_number
        server.start()

        page = store.find(RunQuery(limit=1000))
        assert {run.run_id for run in page.runs} >= {*acknowledged}
    assert len(acknowledged) == rounds * 39


WRITER = """
import itertools, sys
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores import open_store

store = open_store(sys.argv[1])
for place in itertools.count():
    run = make_run({"exit_code": 1, "spec_id": "killed", "stderr": "x" * 2000}, recorded_by="test")
    store.insert([run])
    print(run.run_id, flush=True)
"""


def test_a_server_killed_under_a_writer_keeps_what_was_acknowledged(server, store):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, server.url("faults")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = [writer.stdout.readline() for _ in range(30)]
    server.kill()
    output, _ = writer.communicate(timeout=WAIT)  # it ends with the first error
    lines += output.splitlines(keepends=True)
    server.start()

    acknowledged = {line.strip() for line in lines if line.endswith("\n")}
    found = {run.run_id for run in store.find(RunQuery(spec_id="killed", limit=1000)).runs}
    assert len(acknowledged) >= 30
    assert acknowledged <= found
    assert len(found - acknowledged) <= 1


# --- the doctor ---------------------------------------------------------------------------------


def test_the_doctor_tells_four_states_apart(has_mongod, tmp_path):
    with Mongod(tmp_path / "doctor", auth=True) as server:
        with server.client() as client:
            client.genesis.command("createUser", "reader", pwd=SECRET, roles=["read"])
        address = f"{server.address}/genesis"
        good = f"mongodb://{ADMIN}:{PASSWORD}@{address}?authSource=admin"
        reader = f"mongodb://reader:{SECRET}@{address}"
        wrong = f"mongodb://reader:{SECRET}-x@{address}"

        healthy = cli("doctor", store_url=good)
        read_only = cli("doctor", store_url=reader)
        refused = cli("doctor", store_url=wrong)
        server.freeze()
        try:
            frozen = cli("doctor", store_url=good)
        finally:
            server.thaw()

    answers = [done.stdout.decode() for done in (healthy, read_only, refused, frozen)]
    assert [done.returncode for done in (healthy, read_only, refused, frozen)] == [0, 0, 4, 4]
    assert "runs can be recorded" in answers[0]
    assert "the store may only be read" in answers[1]
    assert said.LOGIN in answers[2]
    assert said.FROZEN in answers[3]
    for done in (healthy, read_only, refused, frozen):
        assert SECRET.encode() not in done.stdout + done.stderr
        assert PASSWORD.encode() not in done.stdout + done.stderr
