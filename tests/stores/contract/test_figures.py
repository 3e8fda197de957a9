"""The figures of specs, and of everything."""

from datetime import UTC, date, datetime, timedelta

from genesis_mcp.runs.query import DayStats, RunQuery, SpecStats
from tests.stores.contract.records import (
    BASE,
    at,
    event,
    failure,
    mixed,
    over_days,
    record,
    recounted,
    run,
)


def test_specs_come_the_most_recently_active_first(store):
    record(store, run(spec_id="old", timestamp=at(0)), run(spec_id="new", timestamp=at(9)))
    record(store, event(spec_id="talkative", timestamp=at(20)), run(timestamp=at(50)))
    record(store, failure(spec_id="old", timestamp=at(5)), run(spec_id="late", timestamp=at(-9)))

    assert store.specs(limit=10) == [
        SpecStats("talkative", 0, 0, at(20)),
        SpecStats("new", 1, 0, at(9)),
        SpecStats("old", 2, 1, at(5)),
        SpecStats("late", 1, 0, at(-9)),
    ]
    assert store.specs(limit=2) == store.specs(limit=10)[:2]


def test_specs_that_were_active_at_the_same_time_come_by_name(store):
    record(store, *(run(spec_id=name, timestamp=at(0)) for name in ("b", "é", "a", "B")))

    assert [stats.spec_id for stats in store.specs(limit=10)] == ["B", "a", "b", "é"]


def test_a_spec_is_known_once_something_was_recorded_for_it(store):
    record(store, failure(spec_id="a", timestamp=at(1)), event(spec_id="a", timestamp=at(2)))

    assert store.spec("a") == SpecStats("a", 1, 1, at(2))
    assert store.spec("A") is None
    assert store.spec("b") is None


def test_describe_is_exact(store):
    runs = record(store, *over_days(mixed(300)))

    for since in (BASE - timedelta(days=9), BASE + timedelta(days=1), BASE + timedelta(days=30)):
        stats = store.describe(since)

        expected = recounted(runs, since)
        assert {name: getattr(stats, name) for name in expected} == expected
        assert list(stats.specs) == store.specs(limit=3)
        assert stats.writable
        assert store.may_write()
        assert stats.size_bytes is None or stats.size_bytes > 0
        assert stats.engine == store.ping()


def test_an_empty_store_answers(store):
    stats = store.describe(BASE)

    assert (stats.runs, stats.failed, stats.events, stats.oldest, stats.newest) == (
        (0, 0, 0, None, None)
    )
    assert (stats.days, stats.specs, stats.spec_count, stats.services) == ((), (), 0, ())
    assert store.find(RunQuery()) == ((), None, None)
    assert store.find(RunQuery(text="a")) == ((), None, None)
    assert store.fetch(["a"]) == []
    assert store.count(RunQuery(), at_most=5) == 0
    assert (store.specs(limit=5), store.spec("a")) == ([], None)
    assert store.prune(BASE) == 0


def test_days_are_those_of_utc(store):
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    record(store, run(timestamp=midnight - timedelta(milliseconds=1)), run(timestamp=midnight))

    assert store.describe(midnight - timedelta(days=2)).days == (
        DayStats(date(2026, 1, 1), 1, 0, 0),
        DayStats(date(2025, 12, 31), 1, 0, 0),
    )


def test_the_day_of_the_time_asked_for_is_whole_also_at_its_very_end(store):
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    record(store, run(timestamp=midnight - timedelta(hours=12)), run(timestamp=midnight))

    days = store.describe(midnight - timedelta(microseconds=1)).days

    assert [figures.day for figures in days] == [date(2026, 1, 1), date(2025, 12, 31)]
