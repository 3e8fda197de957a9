"""Filters, each alone and all together, give what they give on a plain list."""

import random
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from genesis_mcp.runs.model import FAILED_OUTCOMES, Run
from genesis_mcp.runs.query import Cursor, Failure, RunQuery
from tests.stores.contract.records import (
    EVERYTHING,
    SHAPES,
    at,
    event,
    every_page,
    failure,
    found,
    ids,
    matches,
    mixed,
    newest_first,
    record,
    run,
)


def test_since_is_inclusive_and_until_is_exclusive(store):
    runs = record(store, *(run(timestamp=at(place)) for place in range(5)))

    assert found(store, since=at(1), until=at(3)) == ids([runs[2], runs[1]])
    assert found(store, since=at(2), until=at(2)) == []
    assert store.count(RunQuery(since=at(1), until=at(3)), at_most=EVERYTHING) == 2


def test_bounds_between_milliseconds_keep_their_sense(store):
    (one,) = record(store, run(timestamp=at(10)))
    later = at(10) + timedelta(microseconds=1)

    assert found(store, since=later) == []
    assert found(store, until=later) == [one.run_id]


def test_bounds_may_lie_outside_all_that_can_be_stored(store):
    (one,) = record(store, run())
    always = {"since": datetime.min.replace(tzinfo=UTC), "until": datetime.max.replace(tzinfo=UTC)}

    assert found(store, **always) == [one.run_id]
    assert store.count(RunQuery(**always), at_most=EVERYTHING) == 1
    assert found(store, since=always["until"]) == found(store, until=always["since"]) == []


def test_a_failure_is_what_the_outcome_or_an_events_level_says(store):
    failed = [
        failure(exit_code=1),
        failure(exit_code=-1),
        failure(exit_code=-9),
        run(exit_code=None, outcome="timeout"),
        run(exit_code=0, outcome="failed"),
        event(level="error"),
        event(level=60),
    ]
    passed = [
        run(exit_code=0),
        run(exit_code=None, stderr="loud, but nobody knows how it ended"),
        run(exit_code=0, level="error"),
        event(level="warn"),
        event(level=None),
        event(level="info", message="error"),
    ]
    record(store, *failed, *passed)

    assert found(store, failed=True) == ids(newest_first(failed))
    assert found(store, failed=False) == ids(newest_first(passed))
    assert all(one.failed for one in store.find(RunQuery(failed=True)).runs)


def test_events_are_told_from_runs(store):
    runs, events = [run(), failure()], [event(), event(level="error")]
    record(store, *runs, *events)

    assert found(store, kind="run") == ids(newest_first(runs))
    assert found(store, kind="event") == ids(newest_first(events))
    assert found(store, kind="event", failed=True) == [events[1].run_id]


@pytest.mark.parametrize("name", ["spec_id", "service", "sprint_id", "task_id"])
def test_labels_are_matched_whole_and_exactly(store, name):
    values = ["a", "A", "a ", "ab", "á", None]
    for value in values:
        record(store, run(**{name: value}))

    matched = store.find(RunQuery(**{name: "a"})).runs

    assert {getattr(one, name) for one in matched} == {"a"}
    assert len(matched) == 2  # "a " is recorded as "a"


def test_filters_combine_as_in_a_plain_list(store):
    runs = record(store, *mixed(200))
    choose = random.Random(3)
    sizes = set()

    for _ in range(150):
        shape = {name: choose.choice(values) for name, values in SHAPES.items()}
        query = RunQuery(**shape, limit=choose.choice([3, 50, 1000]))
        expected = ids(one for one in newest_first(runs) if matches(one, query))
        sizes.add(len(expected))

        got = ids(every_page(store, query))

        assert got == (expected[::-1] if query.oldest_first else expected), shape
        assert store.count(query, at_most=EVERYTHING) == len(expected), shape
        assert store.count(query, at_most=5) in {min(5, len(expected)), len(expected)}, shape
    assert len(sizes) > 20  # the data and the shapes do tell filters apart


def test_each_filter_alone_is_as_in_a_plain_list(store):
    runs = record(store, *mixed(120))

    for name, values in SHAPES.items():
        for value, kind, failed in product({*values}, SHAPES["kind"], SHAPES["failed"]):
            query = RunQuery(**{"kind": kind, "failed": failed} | {name: value}, limit=1000)
            expected = [one for one in newest_first(runs) if matches(one, query)]
            expected = expected[::-1] if query.oldest_first else expected

            assert ids(store.find(query).runs) == ids(expected), query
            assert store.count(query, at_most=EVERYTHING) == len(expected), query


@pytest.mark.parametrize("text", [None, "refused"])
def test_failures_are_what_find_gives_in_short(store, text):
    record(store, *mixed(300))
    whole = store.find(RunQuery(failed=True, limit=1000, text=text)).runs
    assert {bool(one.signature) for one in whole} == {True, False}

    shapes: list[dict[str, Any]] = [
        {"limit": 1000},
        {"limit": 7},
        {"limit": 1000, "oldest_first": True},
        {"limit": 1000, "spec_id": "spec-1", "since": at(3_000_000)},
        {"limit": 5, "after": Cursor.of(whole[9])},
        {"limit": 1000, "service": "absent"},
    ]
    for shape in shapes:
        query = RunQuery(failed=True, text=text, **shape)
        assert [one._replace(iteration=None) for one in store.failures(query)] == [
            Failure(
                one.run_id,
                one.timestamp,
                one.spec_id,
                one.signature.group if one.signature else None,
                one.signature.version if one.signature else None,
                one.recorded_at,
            )
            for one in store.find(query).runs
        ]


def test_the_plain_list_has_every_kind_of_row():
    runs = mixed(300)

    kinds = ["run", "event", "suite"]
    assert {(one.kind, one.failed) for one in runs} == set(product(kinds, [True, False]))
    assert all(isinstance(one, Run) for one in runs)
    assert all(one.outcome in FAILED_OUTCOMES for one in runs if one.failed and one.kind != "event")
