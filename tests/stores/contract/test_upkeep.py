"""Creating what is missing and deleting what is old."""

from datetime import timedelta

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END
from tests.stores.contract.records import (
    BASE,
    every_page,
    failure,
    found,
    ids,
    matches,
    mixed,
    newest_first,
    over_days,
    record,
    recounted,
    run,
)


def test_ensure_schema_may_be_repeated(store):
    done = store.ensure_schema()
    (one,) = record(store, run())

    assert all(sentence.endswith(".") for sentence in done)
    assert store.ensure_schema() == []
    assert found(store) == [one.run_id]


def test_prune_deletes_what_is_older_and_keeps_every_figure_right(store):
    runs = record(store, *over_days(mixed(1500)))
    before = BASE + timedelta(days=1, hours=1, milliseconds=7)
    kept = [one for one in runs if one.timestamp >= before]

    assert store.prune(before) == len(runs) - len(kept)

    assert ids(every_page(store, RunQuery(suites=True, limit=1000))) == ids(newest_first(kept))
    stats = store.describe(BASE)
    expected = recounted(kept, BASE)
    assert {name: getattr(stats, name) for name in expected} == expected
    for spec_id in ("spec-0", "spec-1", "spec-2"):
        those = [one for one in kept if one.spec_id == spec_id]
        assert store.spec(spec_id).newest == max(one.timestamp for one in those)
        assert store.spec(spec_id).runs == sum(one.kind != "event" for one in those)
    for text in ("connection refused", "refused"):
        query = RunQuery(text=text, limit=1000)
        expected = [one for one in newest_first(kept) if matches(one, query)]
        assert ids(store.find(query).runs) == ids(expected)
    pruned = next(one for one in runs if one.timestamp < before)
    assert store.fetch([pruned.run_id]) == []
    assert store.prune(before) == 0


def test_what_was_pruned_may_be_recorded_again(store):
    (one,) = record(store, failure(spec_id="a", stderr="sameword"))
    assert store.prune(TIMESTAMP_END) == 1
    assert (store.spec("a"), store.describe(BASE).services) == (None, ())

    record(store, one)

    assert found(store, text="sameword") == [one.run_id]
    assert store.spec("a").runs == 1


def test_a_write_that_is_tried_leaves_nothing(store):
    (one,) = record(store, run())
    store.try_writing()
    assert found(store) == [one.run_id]
    assert store.count(RunQuery(kind="event"), at_most=10) == 0
