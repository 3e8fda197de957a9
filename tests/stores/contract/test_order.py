"""Lists come in order, and page by page."""

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


def test_within_a_millisecond_the_run_id_orders(store):
    names = ["b", "a", "Z", "é", "10", "9", "🙂"]
    record(store, *(run(run_id=name, timestamp=at(0)) for name in names))

    assert found(store, oldest_first=True) == sorted(names)
    assert found(store) == sorted(names, reverse=True)


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
    place = Cursor(at(1), "b")
    assert store.find(RunQuery(after=place, oldest_first=True)).runs == ()

    record(store, run(timestamp=at(1), run_id="c"), run(timestamp=at(2), run_id="a"))

    assert found(store, after=place, oldest_first=True) == ["c", "a"]


@pytest.mark.parametrize("text", [None, "boom"])
def test_a_place_outside_the_time_asked_for_widens_nothing(store, text):
    runs = record(store, *(failure(timestamp=at(place)) for place in range(10)))
    window = {"since": at(3), "until": at(6), "text": text}
    inside = ids(runs[3:6])

    assert found(store, **window, after=Cursor(at(8), "x")) == inside[::-1]
    assert found(store, **window, after=Cursor(at(1), "x")) == []
    assert found(store, **window, after=Cursor(at(1), "x"), oldest_first=True) == inside
    assert found(store, **window, after=Cursor(at(8), "x"), oldest_first=True) == []


def test_a_page_holds_at_most_what_was_asked_for(store):
    record(store, *(run() for _ in range(PAGE_MAX + 1)))

    assert len(store.find(RunQuery()).runs) == 100
    assert len(store.find(RunQuery(limit=PAGE_MAX)).runs) == PAGE_MAX
