"""Waiting for the next run of a spec, whatever the clocks of its workers say, on every store."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.errors import InputError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import WaitForRun
from genesis_mcp.questions.wait_for_run import KNOWN, LOOKED_AT
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery


def minutes(number):
    """So many minutes from now; before now where it is negative."""
    return datetime.now(UTC) + timedelta(minutes=number)


@pytest.fixture
def service(store):
    return Service(store)


@pytest.fixture
def record(store):
    """Records a run that is dated so many minutes from now, and gives its id."""

    def recorded(dated=0.0, exit_code=1, spec_id="soma", **fields):
        given = {"spec_id": spec_id, "exit_code": exit_code, "timestamp": minutes(dated)} | fields
        (inserted,) = store.insert([make_run(given, recorded_by="tests")])
        assert inserted.status == "recorded"
        return inserted.run_id

    return recorded


def waiting(service, after=None):
    return service.wait_for_run(WaitForRun(spec_id="soma", after=after, timeout_seconds=0))


def told(wait):
    """The runs that a wait tells, one after the other, until there is none."""
    told = []
    while (answer := wait.look()) is not None:
        told.append(answer.run_id)
        assert len(told) < 100
    return told


@pytest.mark.parametrize("dated", [60, 0, -1, -120])
def test_a_run_arrives_however_it_is_dated(service, record, dated):
    """The newest in the list is dated an hour ahead, or the worker's clock is behind."""
    record(-3)
    record(60)
    wait = waiting(service)
    assert wait.look() is None

    arrived = record(dated)

    assert told(wait) == [arrived]


@pytest.mark.parametrize("dated", [60, 0, -1])
def test_after_a_run_comes_what_arrived_after_it(service, record, dated):
    earlier = [record(-3), record(60), record(-2)]
    last = record(0)
    assert told(waiting(service, after=last)) == []

    later = [record(dated), record(-1)]

    assert told(waiting(service, after=last)) == later
    assert told(waiting(service, after=earlier[1])) == [earlier[2], last, *later]


def test_runs_are_told_once_each_in_the_order_of_arrival(service, record):
    record(-5)
    wait = waiting(service)
    first = [record(dated) for dated in (3, -4, 0, 0, -9)]

    assert told(wait) == first
    assert told(wait) == []
    another = record(-30)
    assert told(wait) == [another]


def test_of_several_the_first_is_told_and_the_others_are_counted(service, record):
    wait = waiting(service)
    for _ in range(4):
        record()

    answer = wait.look()

    assert answer.iteration == 1
    assert "3 newer runs since" in answer.summary


def test_runs_of_others_and_events_are_not_waited_for(service, record, store):
    wait = waiting(service)
    record(spec_id="other")
    event = {"spec_id": "soma", "level": "error", "message": "x", "timestamp": minutes(1)}
    store.insert([make_run(event, recorded_by="tests")])

    assert wait.look() is None


def test_the_answer_says_when_the_clocks_differ(service, record):
    wait = waiting(service)
    for dated, expected in ((61, "dated 61 min ahead of its arrival"), (0, None), (-70, "before")):
        record(dated)
        summary = wait.look().summary
        assert ("dated" in summary) == (expected is not None)
        assert expected is None or expected in summary


def test_what_is_deleted_brings_no_old_run_into_sight(service, store):
    runs = [
        make_run(
            {"spec_id": "soma", "exit_code": 0, "timestamp": minutes(place), "run_id": f"{place}"},
            recorded_by="tests",
        )
        for place in range(KNOWN + 50)
    ]
    store.insert(runs)
    wait = waiting(service)

    store.prune(minutes(LOOKED_AT))

    assert wait.look() is None


def test_an_unknown_run_to_wait_behind_is_refused(service):
    with pytest.raises(InputError, match="no run has this id"):
        waiting(service, after="absent")


# --- what other programs write ------------------------------------------------------------------


@pytest.fixture
def document(mongod):
    """Writes a run as v1.0's logger does, dated so many minutes from now."""

    def written(dated, iteration):
        with mongod.client() as client:
            fields = {"spec_id": "soma", "iteration": iteration, "exit_code": 1}
            texts = {"stdout": "", "stderr": "x", "code_snapshot": ""}
            client.contract.logs.insert_one({**fields, **texts, "timestamp": minutes(dated)})

    return written


@pytest.mark.parametrize("store", ["mongodb"], indirect=True)
@pytest.mark.parametrize("dated", [61, 0.1, -2])
def test_a_document_of_another_writer_arrives(service, store, document, dated):
    document(60, 1)
    document(-1, 2)
    wait = waiting(service)
    assert wait.look() is None

    document(dated, 3)

    answer = wait.look()
    assert (answer.iteration, wait.look()) == (3, None)


@pytest.mark.parametrize("store", ["mongodb"], indirect=True)
def test_behind_a_document_of_the_future_one_waits_from_now(service, store, document):
    document(60, 1)
    (future,) = store.find(RunQuery()).runs
    wait = waiting(service, after=future.run_id)
    assert wait.look() is None
    document(0, 2)
    assert wait.look().iteration == 2


def test_a_row_of_the_documents_table_arrives(clickhouse_port, open_at):
    from tests.helpers.clickhouse import Server
    from tests.helpers.paths import ROOT

    server = Server(clickhouse_port)
    script = (ROOT / "tests" / "documents" / "clickhouse_v1.2.sql").read_text(encoding="utf-8")
    create = next(one for one in script.split(";") if "CREATE TABLE" in one)
    server.run("CREATE DATABASE waited")
    try:
        server.run(create.replace("genesis.logs", "waited.logs"))

        def row(dated, iteration):
            moment = f"{minutes(dated):%Y-%m-%d %H:%M:%S}"
            fields = {"timestamp": moment, "spec_id": "soma", "iteration": iteration}
            line = json.dumps({**fields, "exit_code": 1, "stderr": "x"})
            server.run(f"INSERT INTO waited.logs FORMAT JSONEachRow\n{line}")

        row(60, 1)
        wait = waiting(Service(open_at(server.url(database="waited"))))
        assert wait.look() is None
        row(-1, 2)
        answer = wait.look()
        assert (answer.iteration, wait.look()) == (2, None)
    finally:
        server.run("DROP DATABASE waited SYNC")


class Listening:
    """A store, and what it was asked, each trip by itself."""

    def __init__(self, store):
        self._store, self.asked = store, []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def read(self, *asked):
        self.asked.append([type(one).__name__ for one in asked])
        return self._store.read(*asked)

    def spec(self, spec_id):
        self.asked.append(["Spec"])
        return self._store.spec(spec_id)


def test_while_nothing_comes_a_look_asks_for_one_thing(store, record):
    """On a store of this machine for the totals of the spec, not for its runs."""
    for number in range(5):
        record(-number)
    listening = Listening(store)
    wait = waiting(Service(listening))
    assert wait.look() is None

    listening.asked.clear()
    for _ in range(3):
        assert wait.look() is None
    assert listening.asked == [["Find" if store.is_remote else "Spec"]] * 3

    arrived = [record(-60), record(-30)]
    assert told(wait) == arrived
