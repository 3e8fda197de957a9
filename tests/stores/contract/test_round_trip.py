"""What goes into a store comes out as it was, whatever it is called."""

import random
from datetime import timedelta

import pytest

from genesis_mcp.diagnostics.test_results.report import FailingTest
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import INT32_MAX, INT32_MIN, UINT32_MAX, Outcome, Signature
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN
from tests.stores.contract.records import (
    BASE,
    EVERYTHING,
    at,
    every_page,
    facts_of,
    failure,
    found,
    ids,
    record,
    run,
)

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
    "doubt": "exit 0, but its own summary tells of 2 failed tests 🙂",
    "read_version": 7,
    "tests_passed": 0,
    "tests_failed": 2,
    "tests_skipped": UINT32_MAX,
    "tests": TestReport(
        runner="pytest",
        failed=1,
        errored=1,
        skipped=UINT32_MAX,
        failing=(
            FailingTest(name="a.py::test_é[🙂]", file="a.py", line=3, message="é", key="0" * 16),
            FailingTest(name="b", key="f" * 16),
        ),
        failing_keys=("0" * 16, "f" * 16),
        flaky_tests=("c",),
        is_complete=False,
    ),
}


def test_every_field_comes_back_as_it_was(store):
    (whole,) = record(store, make_run(FULL, recorded_by="tests"))

    assert store.fetch([whole.run_id]) == [whole]
    assert store.fetch([whole.run_id], text_bytes=100)[0].tests == whole.tests
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
    empty |= {"doubt", "read_version", "tests", "tests_passed", "tests_failed", "tests_skipped"}
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


def test_runs_at_both_ends_of_time_are_found_by_any_bound(store):
    times = [TIMESTAMP_MIN, TIMESTAMP_MIN + timedelta(days=2), at(1), TIMESTAMP_END - timedelta(1)]
    ids = [one.run_id for one in record(store, *(run(timestamp=moment) for moment in times))][::-1]

    for older, moment in enumerate(times):
        assert found(store, since=moment) == ids[: len(ids) - older]
        assert found(store, until=moment) == ids[len(ids) - older :]
    assert [one.run_id for one in every_page(store, RunQuery(limit=1))] == ids
    store.prune(times[2])
    assert ids[2] not in found(store)  # of the first millisecond MongoDB has what tells no time


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
    assert store.find(RunQuery(after=Cursor(BASE, 0, name))) is not None


@pytest.mark.parametrize("value", ["nul\x00byte", "lone\ud800surrogate", "", "x" * 100_000])
def test_values_that_no_run_can_have_find_nothing(store, value):
    record(store, failure(spec_id="a"))

    for name in ("spec_id", "service", "sprint_id", "task_id", "signature_group", "text"):
        assert found(store, **{name: value}) == []
        assert store.count(RunQuery(**{name: value}), at_most=10) == 0
    assert store.spec(value) is None
    assert store.fetch([value]) == []
    assert store.find(RunQuery(iteration=10**30)).runs == ()
