"""Lists come in order, and page by page."""

import time
from dataclasses import replace

import pytest

from genesis_mcp.runs.query import PAGE_MAX, Cursor, RunQuery
from tests.stores.contract.records import (
    at,
    every_page,
    failure,
    found,
    ids,
    newest_first,
    record,
    run,
)


def test_newest_first_and_oldest_first(store):
    runs = record(store, run(timestamp=at(20)), run(timestamp=at(10)), run(timestamp=at(30)))

    assert found(store) == ids(newest_first(runs))
    assert found(store, oldest_first=True) == ids(newest_first(runs))[::-1]


@pytest.mark.parametrize("calls", [1, 7])
def test_within_a_millisecond_the_arrival_orders(store, calls):
    names = ["b", "a", "Z", "é", "10", "9", "🙂"]
    runs = [failure(run_id=name, timestamp=at(0)) for name in names]
    for first in range(0, len(runs), len(runs) // calls):
        record(store, *runs[first : first + len(runs) // calls])

    for text in (None, "boom"):
        assert found(store, text=text, oldest_first=True) == names
        assert found(store, text=text) == names[::-1]
        assert ids(every_page(store, RunQuery(text=text, limit=2))) == names[::-1]


def test_within_a_call_a_spec_and_a_millisecond_iterations_come_first(store):
    told: list[tuple[str, str | None, int | None]] = [
        ("c", "soma", 3),
        ("x", "soma", None),
        ("a", "soma", 1),
        ("o", "other", 1),
    ]
    told += [("b", "soma", 2), ("y", None, None)]
    runs = [
        run(run_id=name, spec_id=spec, iteration=iteration, kind=kind, level="info", **of_run)
        for name, spec, iteration in told
        for kind, of_run in [("event", {"exit_code": None}) if iteration is None else ("run", {})]
    ]
    record(store, *(replace(one, timestamp=at(0)) for one in runs))

    assert found(store, oldest_first=True) == ["a", "x", "b", "o", "c", "y"]


def test_arrivals_rise_and_are_times(store):
    before = time.time_ns() // 1000
    for _ in range(3):
        record(store, *(run(timestamp=at(0), spec_id="a", iteration=1) for _ in range(4)))

    runs = store.find(RunQuery(oldest_first=True)).runs

    arrivals = [one.recorded_at for one in runs]
    assert arrivals == sorted(set(arrivals))
    assert arrivals[0] >= before
    assert [one.recorded_at for one in store.fetch(ids(runs))] == arrivals
    assert [one.recorded_at for one in store.failures(RunQuery())] == []
    assert runs[0].arrived.timestamp() == pytest.approx(arrivals[0] / 1e6)


def test_a_run_that_is_recorded_again_keeps_its_place(store):
    first, second = (run(timestamp=at(0), run_id=name) for name in ("b", "a"))
    record(store, first)
    record(store, second)
    assert [one.status for one in store.insert([first])] == ["duplicate"]

    assert found(store, oldest_first=True) == ["b", "a"]


def test_more_than_a_page_of_one_millisecond_is_read_once_each(store):
    names = [f"{place * 7919 % 2503:05}" for place in range(2_503)]
    record(store, *(run(run_id=name, timestamp=at(0)) for name in names))

    for limit in (PAGE_MAX, 700):
        assert ids(every_page(store, RunQuery(limit=limit))) == names[::-1]
        assert ids(every_page(store, RunQuery(limit=limit, oldest_first=True))) == names


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("text", [None, "boom"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_hold_everything_once_also_within_a_millisecond(store, oldest_first, text, limit):
    runs = record(store, *(failure(timestamp=at(place // 5)) for place in range(23)))

    query = RunQuery(limit=limit, oldest_first=oldest_first, text=text)

    expected = ids(newest_first(runs))
    assert ids(every_page(store, query)) == (expected[::-1] if oldest_first else expected)


def test_the_last_page_says_that_it_is_the_last(store):
    record(store, *(run() for _ in range(4)))

    assert store.find(RunQuery(limit=4)).next is None
    assert store.find(RunQuery(limit=3)).next is not None
    assert store.find(RunQuery(limit=5)).next is None


def test_runs_that_arrive_between_pages_do_not_shift_them(store):
    runs = record(store, *(failure(timestamp=at(place)) for place in range(10)))
    first = store.find(RunQuery(limit=4))
    record(store, failure(timestamp=at(50)), failure(timestamp=at(6), run_id="~"))

    rest = every_page(store, RunQuery(limit=4, after=first.next))

    assert ids(first.runs) + ids(rest) == ids(newest_first(runs))


def test_reading_on_from_the_newest_gives_what_came_since(store):
    record(store, run(timestamp=at(1), run_id="b"))
    (newest,) = store.find(RunQuery()).runs
    place = Cursor.of(newest)
    assert store.find(RunQuery(after=place, oldest_first=True)).runs == ()

    record(store, run(timestamp=at(1), run_id="c"), run(timestamp=at(2), run_id="a"))

    assert found(store, after=place, oldest_first=True) == ["c", "a"]


def test_a_place_holds_when_its_run_is_gone(store):
    """As of a page that was read before somebody deleted the run at its end."""
    runs = [failure(timestamp=at(0), run_id=name) for name in "cabed"]
    record(store, *runs)
    places = {one.run_id: Cursor.of(one) for one in store.find(RunQuery()).runs}
    gone = places["b"]._replace(run_id="b-")

    for text in (None, "boom"):
        assert found(store, after=gone, oldest_first=True, text=text) == ["e", "d"]
        assert found(store, after=gone, text=text) == ["b", "a", "c"]


@pytest.mark.parametrize("text", [None, "boom"])
def test_a_place_outside_the_time_asked_for_widens_nothing(store, text):
    runs = record(store, *(failure(timestamp=at(place)) for place in range(10)))
    window = {"since": at(3), "until": at(6), "text": text}
    inside = ids(runs[3:6])

    assert found(store, **window, after=Cursor(at(8), 0, "x")) == inside[::-1]
    assert found(store, **window, after=Cursor(at(1), 0, "x")) == []
    assert found(store, **window, after=Cursor(at(1), 0, "x"), oldest_first=True) == inside
    assert found(store, **window, after=Cursor(at(8), 0, "x"), oldest_first=True) == []


def test_a_page_holds_at_most_what_was_asked_for(store):
    record(store, *(run() for _ in range(PAGE_MAX + 1)))

    assert len(store.find(RunQuery()).runs) == 100
    assert len(store.find(RunQuery(limit=PAGE_MAX)).runs) == PAGE_MAX
