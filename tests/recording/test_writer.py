"""The one way into a store: what is kept goes first, what fails is kept, whatever goes wrong."""

import json
from contextlib import closing
from datetime import timedelta

import pytest

from genesis_mcp.config import Settings
from genesis_mcp.errors import StoreUnavailable
from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.run_queue import RunQueue
from genesis_mcp.recording.writer import IS_ANOTHERS, Writer, inbox_at, keep_for_nobody
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import NOW

WAIT = 60


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path / "kept", redacts=False)


@pytest.fixture
def store(tmp_path):
    with closing(SQLiteStore(tmp_path / "logs.db")) as store:
        yield store


def run(number, **fields):
    ended = NOW + timedelta(seconds=number)
    given = {"run_id": f"r{number}", "spec_id": "s", "exit_code": number, "timestamp": ended}
    return make_run({**given, **fields}, recorded_by="test")


def stored(store):
    found = store.find(RunQuery(spec_id="s", oldest_first=True, limit=1000)).runs
    return [(run.exit_code, run.iteration) for run in found]


class Failing:
    """A store in which something goes wrong that nobody foresaw."""

    def __init__(self, error):
        self.error = error

    def insert(self, runs):
        raise self.error


@pytest.mark.parametrize("error", [StoreUnavailable("down"), RecursionError(), MemoryError()])
def test_whatever_goes_wrong_the_run_is_kept_and_recorded_later(inbox, store, error):
    ended = Writer(Service(Failing(error)), inbox).record_or_keep(run(1))
    assert (ended.recorded, ended.kept_in.exists()) == (None, True)
    assert "The run was kept" in ended.said
    Writer(Service(store), inbox).record_or_keep(run(2))
    assert stored(store) == [(1, 1), (2, 2)]


def test_a_kept_run_whose_id_is_anothers_is_put_aside_and_the_others_are_recorded(inbox, store):
    store.insert([run(1)])
    inbox.keep([run(0), run(1, stderr="other"), run(2)])
    delivered = Writer(Service(store), inbox).deliver()
    assert (delivered.recorded, delivered.refused) == (2, 1)
    assert [code for code, _ in stored(store)] == [0, 1, 2]
    refused = json.loads(inbox.refused_file.read_text(encoding="utf-8"))
    assert (refused["run_id"], refused["refused"]) == ("r1", IS_ANOTHERS)


def test_a_run_of_a_store_that_there_is_not_is_kept_in_a_file_that_is_named(home):
    inbox = inbox_at(Settings(store="nosuch://h/g"))
    ended = keep_for_nobody(inbox, run(1), "There is no such store.")
    assert ended.said.endswith(f"The run was kept: genesis-mcp ingest {ended.kept_in}")
    assert home in ended.kept_in.parents


def test_what_comes_after_the_end_of_a_queue_is_kept_and_told(inbox, store, caplog):
    queue = RunQueue(lambda: Writer(Service(store), inbox))
    queue.offer(run(1))
    queue.end(WAIT)
    queue.offer(run(2))
    assert "It came after the end of the recording. The run was kept" in caplog.text
    assert (queue.given, queue.recorded, queue.dropped, inbox.count().runs) == (2, 1, 0, 1)


def test_a_queue_puts_one_record_aside_that_cannot_be_stored(inbox, store, caplog):
    class Picky:
        def insert(self, runs):
            if any(run.run_id == "r2" for run in runs):
                raise ValueError("odd")
            return store.insert(runs)

    queue = RunQueue(lambda: Writer(Service(Picky()), inbox))
    for number in (1, 2, 3):
        queue.offer(run(number))
    queue.end(WAIT)
    assert [code for code, _ in stored(store)] == [1, 3]
    assert inbox.count() == (0, 1)
    assert "One record was put aside" in caplog.text
