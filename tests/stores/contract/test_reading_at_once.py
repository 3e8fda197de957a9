"""What is asked at once has the answers that it has one by one, and shares one time limit."""

from dataclasses import replace
from typing import Any

import pytest

from genesis_mcp.errors import StoreTimeout
from genesis_mcp.runs.query import Attempt, Cursor, RunQuery
from genesis_mcp.stores.asking import (
    Asked,
    Count,
    DoubtsAmong,
    Failures,
    Fetch,
    Find,
    Ids,
    NewestOf,
    Repeated,
    Spec,
    Specs,
)
from genesis_mcp.stores.time_limit import one_call
from tests.helpers.waiting import WAIT
from tests.stores.contract.records import at, failure, record, run


def some_runs(store):
    """Of four specs, some of them tied in one millisecond, one of them days before the others."""
    return record(
        store,
        *(
            failure(spec_id="tied", timestamp=at(0), iteration=n % 3, stderr="boom")
            for n in range(9)
        ),
        *(run(spec_id="a", stdout=f"saída {n}", iteration=n) for n in range(5)),
        run(spec_id="a", timestamp=at(-9 * 86_400_000), iteration=7),
        *(failure(f"group-{n % 2}", spec_id="b", service="api") for n in range(4)),
        run(spec_id="c", kind="event", level="error", message="boom"),
    )


def test_what_is_asked_at_once_is_answered_as_each_alone(store):
    runs = some_runs(store)
    newest_of_a = store.find(RunQuery(spec_id="a", limit=1)).runs[0]
    behind = Cursor.of(newest_of_a)
    queries = [
        RunQuery(limit=3),
        RunQuery(spec_id="a", after=behind, limit=2),  # which lie near the place
        RunQuery(spec_id="a", after=behind, limit=20),  # which do not all
        RunQuery(spec_id="a", after=behind, until=at(0), limit=20),  # which ends before it
        RunQuery(spec_id="a", after=behind, until=at(-3 * 86_400_000), limit=20),
        RunQuery(spec_id="tied", limit=4),
        RunQuery(spec_id="tied", oldest_first=True, limit=4),
        RunQuery(spec_id="b", failed=True, signature_group="group-1"),
        RunQuery(kind="event"),
        RunQuery(text="boom", failed=True),
        RunQuery(spec_id="none"),
        RunQuery(spec_id=""),  # which nothing can have
        *(RunQuery(spec_id=f"s{n}") for n in range(25)),
    ]
    ids = tuple(one.run_id for one in runs[::3])
    asked: list[Asked[Any]] = [
        *map(Find, queries),
        *(Count(query, 1_000) for query in queries),
        *(Failures(replace(query, failed=True)) for query in queries[:5]),
        Fetch(ids),
        Fetch((*ids, "none"), 0),
        Fetch(ids, 5),
        Fetch(()),
        Ids(ids[0][:12], 3),
        Repeated(frozenset({Attempt("tied", 1), Attempt("a", 1)})),
        Specs(3),
        Spec("a"),
        Spec("none"),
        NewestOf(("a", "tied", "none", ""), 4),
        DoubtsAmong(RunQuery(failed=False, kind="run", limit=4)),
    ]
    answers = store.read(*asked, asked[0])
    for one in asked:
        assert answers[one] == one.of(store), one
    assert [len(answers[Find(query)].runs) for query in queries[:6]] == [3, 2, 5, 1, 1, 4]


def test_the_newest_of_specs_are_the_lists_of_each(store):
    some_runs(store)
    for limit in (1, 4, 30):
        asked = NewestOf(("tied", "a", "b", "c", "none", ""), limit)
        lists = asked.lists()
        assert store.read(asked)[asked] == {spec: store.find(lists[spec].query) for spec in lists}


def test_those_in_doubt_are_found_among_the_newest(store):
    runs = record(
        store,
        *(
            run(timestamp=at(n // 3), spec_id="a", doubt="tests" if n % 4 == 1 else None)
            for n in range(20)
        ),
    )
    for limit in (1, 5, 6, 20, 30):
        asked = DoubtsAmong(RunQuery(failed=False, kind="run", limit=limit))
        found = store.read(asked)[asked]
        page = store.find(asked.query)
        assert found.run_ids == tuple(one.run_id for one in page.runs if one.doubt)
        assert found.is_all == (not found.run_ids or page.next is None)
    assert len(found.run_ids) == len([one for one in runs if one.doubt]) == 5


def test_nothing_may_be_asked(store):
    store.read()


def test_groups_are_counted_at_once_as_they_are_one_by_one(store):
    store.insert(
        [failure(group) for group in ("a", "b", "a", "a")]
        + [failure("a", timestamp=at(-1_000)), run(), failure("c", spec_id="other")]
    )
    query = RunQuery(failed=True, since=at(-1))
    asked = {
        group: Count(replace(query, signature_group=group), 2) for group in ("a", "b", "c", "none")
    }
    answers = store.read(*asked.values())
    counts = {group: min(2, answers[one]) for group, one in asked.items()}
    assert counts == {"a": 2, "b": 1, "c": 1, "none": 0}


def test_what_is_asked_at_once_fails_as_one_thing_when_its_time_is_over(store):
    asked = [Find(RunQuery(limit=1)), Count(RunQuery(), 5), Specs(5), Spec("a")]
    store.read(*asked)
    with one_call(spent=WAIT + 1.0), pytest.raises(StoreTimeout):
        store.read(*asked)
    store.read(*asked)
