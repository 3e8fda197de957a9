"""Runs are stored once and numbered by one rule."""

from dataclasses import replace

import pytest

from genesis_mcp.runs.conforming import restored
from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import BASE, at, event, failure, found, ids, record, run


def test_the_same_run_again_is_a_duplicate(store):
    one = failure(spec_id="a", stdout="é" * 5000, stderr="x" * 5000, code_snapshot="c" * 2000)
    record(store, one)

    (again,) = store.insert([one])

    assert again == (one.run_id, "duplicate", 1)
    assert found(store) == [one.run_id]
    assert store.spec("a").runs == 1


@pytest.mark.parametrize(
    "other",
    [
        {"spec_id": "b"},
        {"exit_code": 2},
        {"exit_code": None},
        {"kind": "event"},
        {"message": "other"},
        {"message": None},
        {"stdout": "other"},
        {"stderr": "x" * 5001},
        {"code_snapshot": None},
    ],
)
def test_another_run_with_the_same_id_is_a_conflict_and_changes_nothing(store, other):
    first = run(spec_id="a", message="m", stderr="x" * 5000, code_snapshot="c")
    record(store, first)
    (stored,) = store.fetch([first.run_id])

    (conflict,) = store.insert([replace(first, **other)])

    assert conflict == (first.run_id, "conflict", 1)
    assert store.fetch([first.run_id]) == [stored]
    assert store.describe(BASE).runs == 1


def test_facts_beside_spec_exit_code_and_texts_make_no_conflict(store):
    first = run(spec_id="a", duration_ms=1)
    record(store, first)

    (again,) = store.insert([replace(first, duration_ms=2, iteration=9)])

    assert again == (first.run_id, "duplicate", 1)


def test_duplicates_within_one_call_are_stored_once(store):
    one, other = failure(spec_id="a"), run(spec_id="a")
    changed = replace(one, stderr="changed")

    statuses = [inserted.status for inserted in store.insert([one, other, one, changed])]

    assert statuses == ["recorded", "recorded", "duplicate", "conflict"]
    assert store.spec("a").runs == 2
    assert found(store, text="boom") == [one.run_id]


def test_a_batch_is_answered_in_its_order(store):
    runs = [run(timestamp=at(place)) for place in (5, 1, 9, 3)]

    assert ids(store.insert(runs)) == ids(runs)
    assert store.insert([]) == []


def test_iterations_count_up_for_each_spec(store):
    answers = store.insert([run(spec_id=spec) for spec in "abaab"])

    assert [inserted.iteration for inserted in answers] == [1, 1, 2, 3, 2]
    assert [one.iteration for one in store.find(RunQuery(spec_id="a")).runs] == [3, 2, 1]


def test_an_iteration_follows_the_highest_of_its_spec_whatever_order_they_come_in(store):
    def next_iteration(**given):
        (inserted,) = store.insert([run(spec_id="a", **given)])
        return inserted.iteration

    assert next_iteration(iteration=5) == 5
    assert next_iteration() == 6
    assert next_iteration(iteration=9) == 9  # a gap
    assert next_iteration() == 10
    assert next_iteration(iteration=1) == 1  # numbering begins again
    assert next_iteration() == 11
    assert next_iteration(iteration=70, timestamp=at(-1_000_000)) == 70  # older, recorded late
    assert next_iteration() == 71
    assert next_iteration(iteration=UINT32_MAX) == UINT32_MAX
    assert next_iteration() == UINT32_MAX


def test_failed_and_passed_runs_share_their_numbering(store):
    kinds = [failure, run, run, failure]

    answers = [store.insert([kind(spec_id="a")])[0].iteration for kind in kinds]

    assert answers == [1, 2, 3, 4]


def test_events_and_runs_without_a_spec_get_no_iteration(store):
    answers = store.insert([event(spec_id="a"), run(), run(spec_id="a"), event(spec_id="a")])

    assert [inserted.iteration for inserted in answers] == [None, None, 1, None]


@pytest.mark.parametrize("in_one_call", [True, False])
def test_the_iterations_of_events_never_count(store, in_one_call):
    records = [
        event(spec_id="a", iteration=7),
        run(spec_id="a"),
        event(spec_id="a", iteration=UINT32_MAX),
        run(spec_id="a"),
        failure(spec_id="a", iteration=3),
        event(spec_id="b", level="error", iteration=5),
        run(spec_id="a"),
        run(spec_id="b"),
    ]

    calls = [records] if in_one_call else [[one] for one in records]
    answers = [inserted for call in calls for inserted in store.insert(call)]

    assert [one.iteration for one in answers] == [7, 1, UINT32_MAX, 2, 3, 5, 4, 1]
    stored = {one.run_id: one.iteration for one in store.find(RunQuery()).runs}
    assert stored == {one.run_id: one.iteration for one in answers}


def test_numbering_goes_on_in_one_call_from_what_is_stored(store):
    record(store, run(spec_id="a", iteration=4), event(spec_id="a", iteration=9))

    answers = store.insert([run(spec_id="a"), run(spec_id="a", iteration=2), run(spec_id="a")])

    assert [one.iteration for one in answers] == [5, 2, 6]


def test_what_is_there_already_takes_no_number(store):
    (one,) = record(store, run(spec_id="a"))

    answers = store.insert([one, run(spec_id="a"), one, run(spec_id="a")])

    assert [answer.iteration for answer in answers] == [1, 2, 1, 3]


def test_who_was_told_to_have_no_iteration_gets_none(store):
    unnumbered = restored({"run_id": "old", "timestamp": at(0), "spec_id": "a", "exit_code": 0})

    answers = store.insert([unnumbered, run(spec_id="a")])

    assert [answer.iteration for answer in answers] == [None, 1]
