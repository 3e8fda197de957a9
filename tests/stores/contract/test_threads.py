"""Several threads use one store."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import BASE, at, failure, found, record, run

WAIT = 180


def in_threads(number, work):
    """What `work(place)` gives in each thread; they begin together."""
    begin = threading.Barrier(number, timeout=WAIT)

    def started(place):
        begin.wait()
        return work(place)

    with ThreadPoolExecutor(number) as pool:
        return [
            future.result(timeout=WAIT)
            for future in [pool.submit(started, place) for place in range(number)]
        ]


def test_threads_that_write_and_read_at_once_lose_nothing(store):
    def work(place):
        recorded = []
        for _ in range(10):
            (one,) = record(store, failure(spec_id=f"spec-{place}", stderr="threadword"))
            recorded.append(one.run_id)
            assert recorded[::-1] == found(store, spec_id=f"spec-{place}")
            assert store.fetch([one.run_id])[0].stderr == "threadword"
            assert store.spec(f"spec-{place}").runs == len(recorded)
        return recorded

    recorded = [run_id for several in in_threads(8, work) for run_id in several]

    assert sorted(found(store, limit=1000)) == sorted(recorded)
    assert sorted(found(store, text="threadword", limit=1000)) == sorted(recorded)
    assert store.describe(BASE).runs == 80
    for place in range(8):
        page = store.find(RunQuery(spec_id=f"spec-{place}", oldest_first=True))
        assert [one.iteration for one in page.runs] == list(range(1, 11))


def test_threads_that_record_the_same_run_store_it_once(store):
    one = failure(spec_id="a")

    statuses = in_threads(8, lambda _: store.insert([one])[0].status)

    assert sorted(statuses) == ["duplicate"] * 7 + ["recorded"]
    assert store.spec("a").runs == 1


def test_an_iteration_counts_runs_that_other_threads_have_recorded(store):
    # All at one time and with ids in the order of recording, so that the newest is the last one.
    order = count()
    lock = threading.Lock()

    def work(_):
        with lock:
            name = f"{next(order):03}"
            return store.insert([run(spec_id="a", run_id=name, timestamp=at(0))])[0].iteration

    assert sorted(in_threads(8, work)) == list(range(1, 9))
