"""A suite, of which each test is a run as well: an attempt of its own spec, and in no total."""

from dataclasses import replace

from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import (
    BASE,
    EVERYTHING,
    event,
    failed_suite,
    failure,
    found,
    ids,
    newest_first,
    record,
    run,
    suite,
)


def report():
    """What one report makes: its tests, and the suite of them."""
    return [
        run(spec_id="test_soma", service="ci"),
        failure(spec_id="test_saque", service="ci", stderr="sem saldo"),
        event(spec_id="test_pix", service="ci", message="skipped"),
        failed_suite(spec_id="suite", service="ci", stderr="sem saldo"),
    ]


def test_it_is_an_attempt_of_its_own_spec(store):
    runs = record(store, *report(), suite(spec_id="suite", service="ci"))
    attempts = newest_first(runs[-2:])

    assert found(store, spec_id="suite") == found(store, spec_id="suite", kind="run")
    assert found(store, spec_id="suite") == ids(attempts)
    assert found(store, spec_id="suite", failed=True) == [runs[-2].run_id]
    assert found(store, spec_id="suite", failed=False) == [runs[-1].run_id]
    assert found(store, spec_id="suite", text="saldo") == [runs[-2].run_id]
    assert found(store, spec_id="suite", signature_group="group-1") == [runs[-2].run_id]
    assert found(store, spec_id="suite", kind="event") == []
    assert store.count(RunQuery(spec_id="suite", kind="run"), at_most=EVERYTHING) == 2
    assert store.spec("suite")[1:3] == (2, 1)
    assert {one.spec_id: one[1:3] for one in store.specs(limit=9)}["suite"] == (2, 1)


def test_its_attempts_are_numbered_as_those_of_any_run(store):
    numbers = []
    for _ in range(3):
        numbers += [one.iteration for one in store.insert([suite(spec_id="suite")])]

    assert numbers == [1, 2, 3]
    assert found(store, spec_id="suite", iteration=2) == [found(store, spec_id="suite")[1]]


def test_where_no_spec_is_named_its_tests_are_counted_and_it_is_not(store):
    tests = record(store, *report())[:-1]
    queries = [
        RunQuery(kind="run"),
        RunQuery(kind="run", service="ci"),
        RunQuery(failed=True),
        RunQuery(failed=False, service="ci"),
        RunQuery(signature_group="group-1"),
        RunQuery(text="saldo"),
    ]
    for query in queries:
        expected = [
            one
            for one in newest_first(tests)
            if query.kind in (None, one.kind) and query.failed in (None, one.failed)
            if query.text is query.signature_group is None or one.spec_id == "test_saque"
        ]
        assert ids(store.find(query).runs) == ids(expected), query
        assert store.count(query, at_most=EVERYTHING) == len(expected), query
    failures = store.failures(RunQuery(failed=True))
    assert [one.spec_id for one in failures] == ["test_saque"]
    stats = store.describe(BASE)
    assert (stats.runs, stats.failed, stats.events) == (2, 1, 1)
    assert [day[1:] for day in stats.days] == [(2, 1, 1)]
    assert stats.services == (("ci", 3),)


def test_who_asks_for_suites_finds_everything(store):
    runs = record(store, *report())
    queries = [{}, {"service": "ci"}, {"since": BASE}]

    for query in queries:
        assert found(store, **query) == ids(newest_first(runs[:-1]))
        assert found(store, suites=True, **query) == ids(newest_first(runs))
        asked = RunQuery(suites=True, **query)
        assert store.count(asked, at_most=EVERYTHING) == len(runs)
        assert store.count(replace(asked, suites=False), at_most=EVERYTHING) == len(runs) - 1
    failed = [one for one in runs if one.failed]
    assert found(store, suites=True, failed=True) == ids(newest_first(failed))
    assert found(store, suites=True, failed=True, kind="run") == ids(newest_first(failed))
    (stored,) = store.fetch([runs[-1].run_id])
    assert stored == replace(runs[-1], iteration=1, recorded_at=stored.recorded_at)
