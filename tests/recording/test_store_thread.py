"""The thread that records: it goes on whatever comes, and its end waits for what it has in hand."""

import threading
import time

import pytest

from genesis_mcp.errors import InputError, StoreError, StoreUnavailable
from genesis_mcp.recording.poisoned import record_apart
from genesis_mcp.recording.store_thread import StoreThread
from genesis_mcp.recording.waiting import InMemory

WAIT = 60


class Store:
    """What is recorded; some records it refuses, and it can be down or slow."""

    def __init__(self):
        self.there = []
        self.said, self.refused = [], []
        self.poison = {}
        self.fault = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()

    def record(self, items):
        self.asked.set()
        assert self.gate.wait(WAIT)
        if self.fault:
            raise self.fault
        for item in items:
            if item in self.poison:
                raise self.poison[item]
        self.there += items


def is_recording():
    return any(one.name == "genesis-mcp" for one in threading.enumerate())


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def thread(store):
    thread = StoreThread(
        store.record,
        waiting=lambda: InMemory(size=lambda _: 1, records_max=1_000, bytes_max=1_000),
        refuse=lambda item, why: store.refused.append((item, why)),
        say=store.said.append,
    )
    yield thread
    store.gate.set()
    thread.close(WAIT)


@pytest.mark.parametrize("error", [ValueError("odd"), InputError("refused"), StoreError("odd")])
def test_one_record_that_cannot_be_stored_does_not_stand_before_the_others(store, thread, error):
    store.poison = {1: error}
    thread.put([0, 1, 2, 3])
    assert thread.flush(WAIT)
    assert store.there == [0, 2, 3]
    assert [item for item, _ in store.refused] == [1]
    assert thread.recorded == 3


def test_a_store_that_is_down_puts_nothing_aside(store, thread):
    store.fault = StoreUnavailable("It is down.")
    thread.put([0, 1])
    deadline = time.monotonic() + WAIT
    while not thread.why_it_fails and time.monotonic() < deadline:
        time.sleep(0.01)
    store.fault = None
    assert thread.flush(WAIT)
    assert (store.there, store.refused) == ([0, 1], [])
    assert store.said == ["It is down. Records wait until it works.", "The store works again."]


def test_the_end_waits_for_the_batch_in_flight(store, thread):
    store.gate.clear()
    thread.put([0])
    assert store.asked.wait(WAIT)
    threading.Timer(0.3, store.gate.set).start()
    assert thread.close(WAIT) == []
    assert (store.there, thread.recorded) == ([0], 1)


def test_an_end_that_cannot_wait_any_longer_tells_what_is_left_and_disturbs_nothing(store, thread):
    store.gate.clear()
    thread.put([0])
    assert store.asked.wait(WAIT)
    thread.put([1])
    assert thread.close(0.1) == [0, 1]
    store.gate.set()  # an error in the thread would fail this test
    deadline = time.monotonic() + WAIT
    while is_recording() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert store.there == [0]
    assert not thread.put([2])


def test_without_room_it_waits_for_some_and_says_when_there_is_none(store):
    thread = StoreThread(
        store.record,
        waiting=lambda: InMemory(size=lambda _: 1, records_max=1_000, bytes_max=3),
        refuse=print,
        say=print,
    )
    store.gate.clear()
    assert thread.put([0, 1, 2])
    assert not thread.put([3])
    assert not thread.put([3], patience=0.01)
    threading.Timer(0.2, store.gate.set).start()
    assert thread.put([3, 4, 5, 6], patience=WAIT)  # more than the bound, when nothing waits
    assert thread.close(WAIT) == []
    assert store.there == list(range(7))


def test_when_nothing_shows_that_the_store_works_nothing_is_refused(store):
    store.fault = StoreError("odd")
    with pytest.raises(StoreError):
        record_apart(store.record, [0, 1, 2])
    store.fault = ValueError("odd")
    assert record_apart(store.record, [0]) == [(0, "Recording failed (ValueError).")]
