"""What every store does, whatever its engine: genesis_mcp/stores/contract.py as tests."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, product
from typing import Any

import pytest

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import (
    FACT_FIELDS,
    FAILED_OUTCOMES,
    INT32_MAX,
    INT32_MIN,
    UINT32_MAX,
    Outcome,
    Run,
    RunFacts,
    Signature,
)
from genesis_mcp.runs.query import PAGE_MAX, Cursor, DayStats, Failure, RunQuery, SpecStats
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN

BASE = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)
EVERYTHING = 1_000_000
WAIT = 30
_places = count()


def at(milliseconds):
    return BASE + timedelta(milliseconds=milliseconds)


def run(**fields):
    """A passed run, each a millisecond after the one before."""
    fields = {"exit_code": 0, "timestamp": at(next(_places))} | fields
    return make_run(fields, recorded_by="tests")


def failure(group="group-1", **fields):
    signature = Signature(
        type="AssertionError",
        message="expected 5, got 7",
        file="src/soma.js",
        line=12,
        group=group,
        exact=f"{group}-exact",
        version=3,
    )
    return run(**{"exit_code": 1, "stderr": "boom", "signature": signature} | fields)


def event(**fields):
    return make_run(
        {"level": "info", "message": "ready", "timestamp": at(next(_places))} | fields,
        recorded_by="tests",
    )


def record(store, *runs):
    statuses = [inserted.status for inserted in store.insert(runs)]
    assert statuses == ["recorded"] * len(runs)
    return runs


def found(store, **query):
    return [facts.run_id for facts in store.find(RunQuery(**query)).runs]


def ids(runs):
    return [one.run_id for one in runs]


def newest_first(runs):
    return sorted(runs, key=lambda one: (one.timestamp, one.run_id), reverse=True)


def every_page(store, query):
    """All that a query finds, page by page."""
    runs = []
    for _ in range(1000):
        page = store.find(query)
        assert len(page.runs) <= query.limit
        runs += page.runs
        if page.next is None:
            return runs
        assert page.next == Cursor(page.runs[-1].timestamp, page.runs[-1].run_id)
        query = replace(query, after=page.next)
    raise AssertionError("paging does not end")


def facts_of(whole):
    return RunFacts(**{name: getattr(whole, name) for name in FACT_FIELDS})


# --- what goes in comes out ---------------------------------------------------------------------

FULL = {
    "run_id": "worker-7/«ação»-🙂",
    "timestamp": "2025-12-19T15:30:00.123456Z",
    "kind": "run",
    "level": "error",
    "spec_id": "spec/ação 🙂",
    "iteration": UINT32_MAX,
    "exit_code": INT32_MIN,
    "outcome": "timeout",
    "duration_ms": UINT32_MAX,
    "sprint_id": "sprint-1",
    "task_id": "task-1",
    "service": "soma",
    "version": "1.2.3",
    "context": {"número": [1, 2.5, None, True, {"🙂": "é"}], "big": "x" * 16_000},
    "code_hash": "0123456789abcdef",
    "stdout_bytes": 2**40,
    "message": "falhou: não é 5 🙂",
    "stdout": "linha 1\nlinha 2\r\n\t\x1b[31mred\x1b[0m " + "ação " * 2000,
    "stderr": "Traceback\n  File 'x'\n" + "erro 🙂 " * 5000,
    "code_snapshot": "def f():\n    return 'é'\n" * 100,
    "signature": Signature(
        type="E", message="é 🙂", file="a.py", line=0, group="g", exact="e", version=1
    ),
}


def test_every_field_comes_back_as_it_was(store):
    (whole,) = record(store, make_run(FULL, recorded_by="tests"))

    assert store.fetch([whole.run_id]) == [whole]
    (facts,) = store.find(RunQuery()).runs
    assert facts == facts_of(whole)
    assert facts.timestamp.isoformat(timespec="microseconds") == "2025-12-19T15:30:00.123000+00:00"
    assert facts.outcome is Outcome.TIMEOUT
    assert isinstance(facts.signature, Signature)


def test_what_was_not_given_comes_back_as_nothing(store):
    (bare,) = record(store, run(timestamp=at(0)))

    (back,) = store.fetch([bare.run_id])

    assert back == bare
    assert (back.stdout, back.stderr) == ("", "")
    empty = {"message", "code_snapshot", "spec_id", "level", "context", "signature", "iteration"}
    assert {name for name in empty if getattr(back, name) is not None} == set()


@pytest.mark.parametrize("text", ["12", "0012", "1e5", "-0", " ", "\n", "null", "NaN", "0x10"])
def test_texts_that_look_like_something_else_stay_texts(store, text):
    (one,) = record(
        store,
        failure(message=text, stdout=text, stderr=text, code_snapshot=text, spec_id="12"),
    )

    (back,) = store.fetch([one.run_id])

    assert (back.message, back.stdout, back.stderr, back.code_snapshot) == (text,) * 4
    assert (back.spec_id, found(store, spec_id="12")) == ("12", [one.run_id])


@pytest.mark.parametrize("characters", [999, 1000, 1001, 3999, 4000, 4001, 65_535, 65_536])
def test_texts_of_any_length_come_back(store, characters):
    text = "é" * characters
    (one,) = record(store, run(message=text, stdout=text, stderr=text, code_snapshot=text))

    (back,) = store.fetch([one.run_id])

    assert {back.message, back.stdout, back.stderr, back.code_snapshot} == {text}


def test_texts_of_the_greatest_size_come_back(store):
    noise = random.Random(1)
    text = "".join(noise.choices("abcdefghij \n", k=TEXT_BYTES_MAX))
    (one,) = record(store, failure(message=text, stdout=text, stderr=text, code_snapshot=text))

    assert store.fetch([one.run_id]) == [one]


@pytest.mark.parametrize(
    "timestamp",
    [TIMESTAMP_MIN, TIMESTAMP_END - timedelta(milliseconds=1), at(1), at(999), at(-1)],
)
def test_times_keep_their_milliseconds(store, timestamp):
    (one,) = record(store, run(timestamp=timestamp))

    assert store.find(RunQuery()).runs[0].timestamp == timestamp
    assert found(store, since=timestamp) == [one.run_id]
    assert found(store, until=timestamp) == []
    assert store.describe(TIMESTAMP_MIN).newest == timestamp


def test_numbers_at_their_limits_come_back(store):
    record(store, run(run_id="greatest", exit_code=INT32_MAX, iteration=UINT32_MAX))
    record(store, run(run_id="least", exit_code=INT32_MIN, iteration=0, duration_ms=0))

    greatest, least = store.fetch(["greatest", "least"])

    assert (greatest.exit_code, greatest.iteration) == (INT32_MAX, UINT32_MAX)
    assert (least.exit_code, least.iteration, least.duration_ms) == (INT32_MIN, 0, 0)


HOSTILE = [
    "'; DROP TABLE runs; --",
    '" OR 1=1 --',
    "100%",
    "under_score",
    "back\\slash",
    "{$where: 'sleep(1000)'}",
    "$where",
    "a.b.$c",
    "*",
    "NEAR(a b)",
    "[a-z]+(",
    "é́🙂 مرحبا",
    "null",
    "x" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_taken_for_syntax(store, name):
    record(store, failure(run_id="other", spec_id="other", stderr="other"))
    labels = {"spec_id": name, "service": name, "sprint_id": name, "task_id": name}
    record(store, failure(run_id=name, group=name, stderr=f"before {name} after", **labels))

    assert found(store, **labels, signature_group=name) == [name]
    assert store.count(RunQuery(spec_id=name), at_most=EVERYTHING) == 1
    assert store.count(RunQuery(**labels), at_most=EVERYTHING) == 1
    assert store.spec(name).runs == 1
    assert ids(store.fetch([name])) == [name]
    assert "other" not in found(store, text=name)
    assert found(store, text="before", spec_id=name) == [name]
    assert store.find(RunQuery(after=Cursor(BASE, name))) is not None


@pytest.mark.parametrize("value", ["nul\x00byte", "lone\ud800surrogate", "", "x" * 100_000])
def test_values_that_no_run_can_have_find_nothing(store, value):
    record(store, failure(spec_id="a"))

    for name in ("spec_id", "service", "sprint_id", "task_id", "signature_group", "text"):
        assert found(store, **{name: value}) == []
        assert store.count(RunQuery(**{name: value}), at_most=10) == 0
    assert store.spec(value) is None
    assert store.fetch([value]) == []
    assert store.find(RunQuery(iteration=10**30)).runs == ()


# --- order and pages ----------------------------------------------------------------------------


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


# --- filters ------------------------------------------------------------------------------------


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


SHAPES: dict[str, list[Any]] = {
    "kind": [None, None, "run", "event"],
    "failed": [None, None, True, False],
    "spec_id": [None, None, "spec-0", "spec-1", "absent"],
    "iteration": [None, None, None, 1, 2],
    "service": [None, None, None, "service-0"],
    "sprint_id": [None, None, None, "sprint-0"],
    "task_id": [None, None, None, "task-0"],
    "signature_group": [None, None, None, "group-0"],
    "text": [None, None, None, "connection refused", "refused"],
    "since": [None, None, at(0), at(3_000_000), at(7_200_000)],
    "until": [None, None, at(4_000_000), at(9_000_001), at(20_000_000)],
    "oldest_first": [False, True],
}


def mixed(number):
    """Runs and events over three hours, with ties, of every combination of labels."""
    choose = random.Random(7)
    runs = []
    for place in range(number):
        kind = choose.choice([run, run, failure, event])
        fields = {
            "timestamp": at(choose.randrange(200) * 60_000 + choose.randrange(3)),
            "spec_id": choose.choice([None, "spec-0", "spec-1", "spec-2"]),
            "service": choose.choice([None, "service-0", "service-1"]),
            "sprint_id": choose.choice([None, "sprint-0", "sprint-1"]),
            "task_id": choose.choice([None, "task-0", "task-1"]),
            "message": choose.choice([None, "connection refused", "refused a connection"]),
            "stderr": choose.choice(["", "the connection refused by peer", "refused"]),
        }
        if kind is failure:
            fields["group"] = f"group-{place % 3}"
        if kind is event:
            fields |= {"level": choose.choice(["info", "error"]), "kind": "event"}
        if kind is not event:
            fields["iteration"] = choose.choice([1, 2, 3])
        runs.append(kind(**fields))
    return runs


def matches(one, query):
    plain = ("kind", "failed", "spec_id", "iteration", "service", "sprint_id", "task_id")
    if any(getattr(query, name) not in (None, getattr(one, name)) for name in plain):
        return False
    group = one.signature.group if one.signature else None
    texts = (one.message or "", one.stdout, one.stderr)
    return (
        (query.signature_group in (None, group))
        and (query.since is None or one.timestamp >= query.since)
        and (query.until is None or one.timestamp < query.until)
        and (query.text is None or (one.failed and any(query.text in text for text in texts)))
    )


def test_filters_combine_as_in_a_plain_list(store):
    runs = record(store, *mixed(400))
    choose = random.Random(3)
    sizes = set()

    for _ in range(250):
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
    runs = record(store, *mixed(300))

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
        {"limit": 5, "after": Cursor(whole[9].timestamp, whole[9].run_id)},
        {"limit": 1000, "service": "absent"},
    ]
    for shape in shapes:
        query = RunQuery(failed=True, text=text, **shape)
        assert store.failures(query) == [
            Failure(
                one.run_id,
                one.timestamp,
                one.spec_id,
                one.signature.group if one.signature else None,
                one.signature.version if one.signature else None,
            )
            for one in store.find(query).runs
        ]


# --- text ---------------------------------------------------------------------------------------


def test_text_is_found_in_message_stdout_and_stderr_of_failures(store):
    failures = record(
        store,
        failure(message="cannot find module x"),
        failure(stdout="cannot find module x"),
        failure(stderr="Error: cannot find module x\n  at y"),
        event(level="error", message="cannot find module x"),
    )
    record(store, run(stdout="cannot find module x"), event(message="cannot find module x"))
    record(store, failure(code_snapshot="cannot find module x"))

    assert found(store, text="cannot find module") == ids(newest_first(failures))
    assert found(store, text="cannot find module", failed=False) == []


def test_the_words_of_a_text_stand_together_in_this_order(store):
    (one,) = record(store, failure(stderr="expected 5 but got 7"))

    assert found(store, text="expected 5 but") == [one.run_id]
    assert found(store, text="but expected") == []
    assert found(store, text="expected 7") == []
    assert found(store, text="absent") == []


def test_words_of_different_texts_make_no_phrase(store):
    record(store, failure(stdout="one two", stderr="three four"))

    assert found(store, text="two three") == []


def test_long_texts_are_found_by_their_ends(store):
    middle = "nothing here\n" * 50_000
    (one,) = record(store, failure(stdout=f"firstword\n{middle}lastword"))

    assert found(store, text="firstword") == found(store, text="lastword") == [one.run_id]


@pytest.mark.parametrize("text", ["", " ", "!!!", "---", "\n", "{}", "_"])
def test_a_text_without_words_finds_nothing(store, text):
    record(store, failure(stderr="!!! --- {} _"))

    assert found(store, text=text) == []
    assert store.count(RunQuery(text=text), at_most=EVERYTHING) == 0


# --- counting -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", [{}, {"spec_id": "a"}, {"failed": True}, {"text": "boom"}, {"task_id": "t"}]
)
def test_counts_stop_at_their_bound_or_are_exact(store, query):
    record(store, *(failure(spec_id="a", task_id="t") for _ in range(8)))

    for bound in (1, 7, 8, 9):
        assert store.count(RunQuery(**query), at_most=bound) in {min(bound, 8), 8}


def test_groups_are_counted_together_as_they_are_one_by_one(store):
    store.insert(
        [failure(group) for group in ("a", "b", "a", "a")]
        + [failure("a", timestamp=at(-1_000)), run(), failure("c", spec_id="other")]
    )
    query = RunQuery(failed=True, since=at(-1))
    counts = store.count_groups(query, ["a", "b", "c", "none"], at_most=2)
    assert counts == {"a": 2, "b": 1, "c": 1, "none": 0}
    for group, number in counts.items():
        same = replace(query, signature_group=group)
        assert store.count(same, at_most=2) == number
    assert store.count_groups(query, [], at_most=2) == {}


def test_counts_do_not_mind_place_limit_or_order(store):
    record(store, *(failure(spec_id="a") for _ in range(5)))
    page = {"after": Cursor(at(0), "x"), "limit": 1, "oldest_first": True}

    for query in ({}, {"spec_id": "a"}, {"text": "boom"}, {"spec_id": "a", "since": at(-1)}):
        assert store.count(RunQuery(**query, **page), at_most=EVERYTHING) == 5


def test_counts_over_hours_are_exact_at_both_ends(store):
    minutes = range(0, 300, 7)
    runs = record(store, *(run(timestamp=at(minute * 60_000)) for minute in minutes))

    for first, last in product((0, 1, 30, 31, 90, 150, 299), repeat=2):
        since, until = at(first * 60_000), at(last * 60_000)
        expected = sum(since <= one.timestamp < until for one in runs)
        assert store.count(RunQuery(since=since, until=until), at_most=EVERYTHING) == expected


# --- recording ----------------------------------------------------------------------------------


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


# --- reading whole runs -------------------------------------------------------------------------


def test_fetch_keeps_the_order_and_leaves_out_what_is_unknown(store):
    one, two, three = record(store, run(), failure(), event())

    wanted = [three.run_id, "unknown", one.run_id, two.run_id, one.run_id]

    assert store.fetch(wanted) == [three, one, two, one]
    assert store.fetch([]) == []


def test_fetch_shortens_long_texts_and_leaves_short_ones(store):
    text = "start " + "é" * 300_000 + " end"
    (one,) = record(store, run(stdout=text, stderr="short", message=text))

    (short,) = store.fetch([one.run_id], text_bytes=2000)

    assert len(short.stdout.encode()) <= 2000
    assert short.stdout.startswith("start ")
    assert short.stdout.endswith(" end")
    assert "left out" in short.stdout
    assert (short.stderr, short.code_snapshot) == ("short", None)
    assert short.stdout_bytes == len(text.encode())
    assert store.fetch([one.run_id], text_bytes=TEXT_BYTES_MAX) == [one]


@pytest.mark.parametrize("text_bytes", [1, 99, 100, 101, 150])
def test_fetch_may_shorten_to_almost_nothing(store, text_bytes):
    (one,) = record(store, run(stdout="x" * 5000))

    (short,) = store.fetch([one.run_id], text_bytes=text_bytes)

    assert len(short.stdout) <= max(text_bytes, 100)
    assert "left out" in short.stdout


def test_fetch_may_leave_the_texts_out(store):
    whole = run(message="m", stdout="o" * 5000, stderr="e", code_snapshot="c", spec_id="a")
    record(store, whole)

    (bare,) = store.fetch([whole.run_id], text_bytes=0)

    assert facts_of(bare) == facts_of(store.find(RunQuery()).runs[0])
    assert isinstance(bare, Run)
    assert (bare.message, bare.stdout, bare.stderr, bare.code_snapshot) == (None, "", "", None)
    assert bare.stdout_bytes == 5000


# --- specs and the whole ------------------------------------------------------------------------


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


def recounted(runs, since):
    """The figures of `describe`, counted one by one."""
    real = [one for one in runs if one.kind == "run"]
    days = {}
    for one in runs:
        if one.timestamp.date() >= since.date():
            days.setdefault(one.timestamp.date(), []).append(one)
    return {
        "runs": len(real),
        "failed": sum(one.failed for one in real),
        "events": len(runs) - len(real),
        "oldest": min((one.timestamp for one in runs), default=None),
        "newest": max((one.timestamp for one in runs), default=None),
        "days": tuple(
            DayStats(
                day,
                sum(one.kind == "run" for one in those),
                sum(one.kind == "run" and one.failed for one in those),
                sum(one.kind == "event" for one in those),
            )
            for day, those in sorted(days.items(), reverse=True)
        ),
        "spec_count": len({one.spec_id for one in runs} - {None}),
        "services": counted(one.service for one in runs),
        "sprints": counted(one.sprint_id for one in runs),
    }


def counted(values):
    numbers = {}
    for value in values:
        if value is not None:
            numbers[value] = numbers.get(value, 0) + 1
    return tuple(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def over_days(runs):
    """Spread over five days, the third of them empty."""
    days = (0, 1, 3, 4)
    return [
        replace(one, timestamp=one.timestamp + timedelta(days=days[place % 4]))
        for place, one in enumerate(runs)
    ]


def test_describe_is_exact(store):
    runs = record(store, *over_days(mixed(300)))

    for since in (BASE - timedelta(days=9), BASE + timedelta(days=1), BASE + timedelta(days=30)):
        stats = store.describe(since)

        expected = recounted(runs, since)
        assert {name: getattr(stats, name) for name in expected} == expected
        assert list(stats.specs) == store.specs(limit=3)
        assert stats.writable
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


# --- upkeep -------------------------------------------------------------------------------------


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

    assert ids(every_page(store, RunQuery(limit=1000))) == ids(newest_first(kept))
    stats = store.describe(BASE)
    expected = recounted(kept, BASE)
    assert {name: getattr(stats, name) for name in expected} == expected
    for spec_id in ("spec-0", "spec-1", "spec-2"):
        those = [one for one in kept if one.spec_id == spec_id]
        assert store.spec(spec_id).newest == max(one.timestamp for one in those)
        assert store.spec(spec_id).runs == sum(one.kind == "run" for one in those)
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


# --- threads ------------------------------------------------------------------------------------


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


# --- the test's own tools -----------------------------------------------------------------------


def test_the_plain_list_has_every_kind_of_row():
    runs = mixed(300)

    assert {(one.kind, one.failed) for one in runs} == set(product(["run", "event"], [True, False]))
    assert all(isinstance(one, Run) for one in runs)
    assert all(one.outcome in FAILED_OUTCOMES for one in runs if one.failed and one.kind == "run")
