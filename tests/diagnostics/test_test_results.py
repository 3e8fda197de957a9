"""What is read of tests: rows by their examples, recorded runs by the runners' own reports."""

import json
import re
import time
from pathlib import Path

import pytest

from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.diagnostics.test_results.reader import read_tests
from genesis_mcp.diagnostics.test_results.report import (
    KEYS_MAX,
    NAMES_MAX,
    TEST_DIGITS,
    FoundTests,
)
from genesis_mcp.diagnostics.test_results.table import RUNNERS

STORED = Path(__file__).parent / "suites" / "recorded.ndjson"
RECORDED = [json.loads(line) for line in STORED.read_text(encoding="utf-8").splitlines()]
COUNTS = ("passed", "failed", "errored", "skipped", "flaky")
NOT_TOLD = {"go": COUNTS[::3], "node/dot": COUNTS[::3], "pytest/quieter": COUNTS[::3]}
"""Forms of output that do not tell how many passed or were skipped."""
EXAMPLES = [
    pytest.param(runner, example, id=f"{runner.name}-{number}")
    for runner in RUNNERS
    for number, example in enumerate(runner.examples)
]


def read(stdout: str, stderr: str = "", *, passed: bool = False) -> FoundTests:
    report = read_tests(stdout=stdout, stderr=stderr, passed=passed)
    assert report is not None
    return report


def names(report: FoundTests) -> list[str]:
    return [one.name for one in report.failing]


@pytest.mark.parametrize(("runner", "example"), EXAMPLES)
def test_a_row_reads_its_own_examples_also_in_the_middle_of_other_output(runner, example):
    for text in (example.text, f"building\n{example.text}uploaded 3 files, done\n"):
        report = read(text)
        assert report.runner == runner.name
        told = {name: getattr(report, name) for name in COUNTS}
        assert told == dict.fromkeys(COUNTS, 0) | {"passed": told["passed"]} | dict(example.counts)
        assert tuple(names(report)) == example.failing
        assert report.flaky_tests == example.flaky


@pytest.mark.parametrize(("runner", "example"), EXAMPLES)
def test_output_that_ends_anywhere_is_read(runner, example):
    lines = example.text.splitlines(keepends=True)
    for end in range(1, len(lines)):
        text = "".join(lines[:end])
        read_tests(stdout=text, stderr="")
        assert find_error(stdout=text, stderr="") is not None or not text.strip()


def test_every_runner_has_an_example():
    assert [runner.name for runner in RUNNERS if not runner.examples] == []


def normal(name: str) -> str:
    return re.sub(r"\W+", " ", name.replace(".py", "")).strip()


def are_the_same(found: list[str], wanted: list[str]) -> bool:
    """Whether each name is that of one found; a report may leave out the class or the values."""
    left = [normal(name) for name in found]
    for name in map(normal, wanted):
        same = next((one for one in left if one in name or name in one), None)
        if same is None:
            return False
        left.remove(same)
    return not left


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["name"])
def test_a_recorded_run_is_read_as_the_runner_itself_reports_it(recorded):
    report = read_tests(
        stdout=recorded["stdout"], stderr=recorded["stderr"], passed=recorded["exit_code"] == 0
    )
    wanted = {name: recorded[name] for name in COUNTS if recorded[name] is not None}
    for name in NOT_TOLD.get(recorded["name"], ()):
        del wanted[name]
    assert report is not None or not wanted["failed"]
    if report:
        assert {name: getattr(report, name) for name in wanted} == wanted
        assert recorded["failing"] is None or are_the_same(names(report), recorded["failing"])


def test_many_runners_were_really_run():
    assert len({one["name"].partition("/")[0] for one in RECORDED}) >= 17
    assert sum(one["exit_code"] == 0 for one in RECORDED) >= 9


FAILED = next(one for one in RECORDED if one["name"] == "pytest/plain")["stdout"]


@pytest.mark.parametrize(
    "prefix",
    ["2026-11-25T10:00:00.1234567Z ", "worker-1  | ", "[pod/x/y] ", "api:test: ", "\x1b[31m"],
)
def test_a_run_behind_a_prefix_or_in_colours_is_read_the_same(prefix):
    prefixed = "\n".join(prefix + line for line in FAILED.split("\n"))
    assert read(prefixed) == read(FAILED)


def test_a_summary_whose_words_are_cut_in_two_is_read():
    cut = "2026-11-25T10:00:00.123456789Z stdout "
    text = f"{cut}F ok 1 - soma\n{cut}P # te\n{cut}F sts 3\n{cut}F # pass 2\n{cut}F # fail 1\n"
    assert (read(text).passed, read(text).failed) == (2, 1)


def test_two_runs_in_one_output_are_added_up():
    suite = "FAIL {0}/a.test.js\n  ● {0} › soma\n\n    no\n\nTest Suites: 1 failed, 1 total\n"
    sums = "Tests:       1 failed, 2 passed, 3 total\nSnapshots:   0 total\n\n"
    report = read(suite.format("api") + sums + suite.format("web") + sums + FAILED)
    assert report.runner == "pytest + jest"
    assert (report.passed, report.failed, report.errored) == (8, 5, 1)
    assert names(report)[-2:] == ["api soma", "web soma"]


def test_a_run_that_a_test_of_another_run_printed_is_not_its_own():
    inner = FAILED
    outer = (
        "===== test session starts =====\ncollected 1 item\n\ntests/test_plugin.py "
        + inner
        + ".\n\n"
        "===== 1 passed in 0.30s =====\n"
    )
    report = read(outer, passed=True)
    assert (report.passed, report.failed, names(report)) == (1, 0, [])


def test_a_key_tells_the_test_and_how_it_failed():
    def keys(message: str, name: str = "test_a", line: int = 3) -> tuple[str, ...]:
        return read(
            f"=== FAILURES ===\n___ {name} ___\nE   {message}\n\na.py:{line}: AssertionError\n"
            f"=== short test summary info ===\nFAILED a.py::{name} - {message}\n"
            "=== 1 failed in 0.10s ===\n"
        ).failing_keys

    first = keys("assert 5 == 7")
    assert keys("assert 5 == 7", line=90) == first
    assert keys("assert 6 == 7")[0][:TEST_DIGITS] == first[0][:TEST_DIGITS]
    assert keys("assert 6 == 7") != first
    assert keys("assert 5 == 7", "test_b")[0][:TEST_DIGITS] != first[0][:TEST_DIGITS]


@pytest.mark.parametrize("number", [NAMES_MAX + 1, KEYS_MAX + 1])
def test_of_many_failing_tests_some_are_named_more_have_keys_and_all_are_counted(number):
    lines = "".join(f"FAILED a.py::test_{one} - assert {one}\n" for one in range(number))
    report = read(f"=== test session starts ===\n{lines}=== {number} failed in 9.00s ===\n")
    assert (report.failed, len(report.failing)) == (number, NAMES_MAX)
    assert len(report.failing_keys) == min(number, KEYS_MAX)
    assert report.is_complete == (number <= KEYS_MAX)


def test_output_without_tests_has_no_report():
    for text in ("", "2 files were changed\nfailed to push\n", "1) first\n2) second\n"):
        assert read_tests(stdout=text, stderr="") is None


@pytest.mark.parametrize("example", [param.values[1] for param in EXAMPLES])
def test_reading_costs_grow_with_the_length_and_not_with_its_square(example):
    def cost(text: str) -> float:
        began = time.process_time()
        read_tests(stdout=text, stderr="")
        return time.process_time() - began

    lines = example.text.split("\n")
    text = "".join(f"{line}\n" * (4_000 // len(lines)) for line in lines) * 4
    # The square of four times the length is sixteen times; a busy machine may spoil a measure.
    assert any(cost(text * 4) <= 10 * max(cost(text), 0.005) for _ in range(4))
