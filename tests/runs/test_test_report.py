"""What is kept of a run's tests: the same after being text, never more than there is room for."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from genesis_mcp.diagnostics.test_results.report import FailingTest
from genesis_mcp.runs.test_report import (
    FAILING_MAX,
    JSON_BYTES_MAX,
    KEYS_MAX,
    TestReport,
)

names = some.text(some.characters(exclude_categories=("Cs",)), max_size=40)
keys = some.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
counts = some.integers(0, 10**6)
failing_tests = some.builds(
    FailingTest,
    name=names,
    suite=some.none() | names,
    file=some.none() | names,
    line=some.none() | counts,
    message=some.none() | names,
    key=keys,
)
reports = some.builds(
    TestReport,
    runner=some.none() | names,
    **dict.fromkeys(("passed", "failed", "errored", "skipped", "flaky"), counts),
    failing=some.lists(failing_tests, max_size=5).map(tuple),
    failing_keys=some.lists(keys, max_size=5).map(tuple),
    flaky_tests=some.lists(names, max_size=5).map(tuple),
    is_complete=some.booleans(),
)


@given(report=reports)
def test_a_report_comes_back_from_its_text(report):
    assert TestReport.from_json(report.to_json()) == report
    assert report.within_bounds() == report


def key(number):
    return f"{number:016x}"


def failing(number, message="falhou 🙂"):
    return FailingTest(
        name=f"tests/a.py::test_{number}", file="tests/a.py", message=message, key=key(number)
    )


def test_five_thousand_keys_and_two_hundred_short_names_are_kept():
    report = TestReport(
        failed=KEYS_MAX,
        failing=tuple(failing(number, None) for number in range(100)),
        failing_keys=tuple(map(key, range(KEYS_MAX))),
    )

    assert TestReport.from_json(report.to_json()) == report


@pytest.mark.parametrize("keys_told", [0, 3_000, KEYS_MAX, KEYS_MAX + 1])
@pytest.mark.parametrize("message", [None, "é" * 300, "🙂" * 5_000, "\x00" * 5_000])
def test_a_report_never_takes_more_than_its_room(keys_told, message):
    report = TestReport(
        runner="pytest" * 100,
        failed=7_000,
        failing=tuple(failing(number, message) for number in range(FAILING_MAX + 50)),
        failing_keys=tuple(map(key, range(keys_told))),
        flaky_tests=("x" * 5_000,) * 500,
    )

    text = report.to_json()
    back = TestReport.from_json(text)

    assert len(text.encode()) <= JSON_BYTES_MAX
    assert back is not None
    assert back.failed == 7_000
    assert back.is_complete == (keys_told <= KEYS_MAX)
    assert back.failing_keys == (report.failing_keys if keys_told <= KEYS_MAX else ())
    assert len(back.failing) <= FAILING_MAX
    assert [one.key for one in back.failing] == list(map(key, range(len(back.failing))))
    assert back.within_bounds() == back


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", "{}", "1", "not JSON", "[" * 100_000),
        json.dumps(json.loads(TestReport().to_json()) | {"failed": "2"}),
        json.dumps(json.loads(TestReport().to_json()) | {"failing": [1]}),
        json.dumps(json.loads(TestReport().to_json()) | {"failing_keys": "é"}),
    ],
)
def test_what_is_no_report_is_none(text):
    assert TestReport.from_json(text) is None


def test_messages_are_cut_before_names():
    long = TestReport(failing=tuple(failing(number, "m" * 1_000) for number in range(150)))

    back = TestReport.from_json(long.to_json())

    assert back is not None
    assert len(back.failing) == 150
    assert {one.message for one in back.failing} == {"m" * 100}
    assert back == replace(long, failing=back.failing)
