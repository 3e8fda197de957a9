"""Deleting single records, with all that was made of them."""

import random

from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import (
    BASE,
    event,
    every_page,
    failure,
    found,
    ids,
    mixed,
    newest_first,
    record,
    recounted,
    run,
)


def test_forgotten_records_are_gone_and_every_figure_is_right(store):
    runs = record(store, *mixed(300))
    gone = random.Random(3).sample(runs, 120)
    names = ids(gone)
    kept = [one for one in runs if one.run_id not in names]

    assert store.forget([*names, "unknown", names[0]]).records == len(names)

    assert store.fetch(names) == []
    assert ids(every_page(store, RunQuery(suites=True, limit=1000))) == [
        one.run_id for one in newest_first(runs) if one.run_id not in names
    ]
    stats = store.describe(BASE)
    expected = recounted(kept, BASE)
    assert {name: getattr(stats, name) for name in expected} == expected
    for spec_id in ("spec-0", "spec-1", "spec-2"):
        those = [one for one in kept if one.spec_id == spec_id]
        assert store.spec(spec_id).newest == max(one.timestamp for one in those)
        assert store.spec(spec_id).runs == sum(one.kind != "event" for one in those)
    for group in ("group-0", "group-1", "group-2"):
        those = [one for one in kept if one.signature and one.signature.group == group]
        query = RunQuery(signature_group=group)
        number = sum(one.kind != "suite" for one in those)
        assert store.count(query, at_most=1000) == number
    assert store.forget(names).records == 0


def test_what_is_forgotten_is_found_by_no_word_and_may_be_recorded_again(store):
    (secret, other, line) = record(
        store,
        failure(spec_id="a", stderr="palavra secreta", run_id="o'nome \\ estranho"),
        failure(spec_id="a", stderr="palavra outra"),
        event(spec_id="a", level="error", message="palavra de um evento"),
    )
    assert store.forget([secret.run_id, line.run_id]).records == 2
    assert found(store, text="palavra") == [other.run_id]
    assert found(store, text="secreta") == []

    record(store, secret)
    assert found(store, text="secreta") == [secret.run_id]


def test_nothing_is_forgotten_by_an_empty_list(store):
    record(store, run())
    assert store.forget([]).records == 0
    assert len(found(store)) == 1
