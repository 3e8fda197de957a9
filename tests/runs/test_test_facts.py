"""What is kept of a run's tests, and the doubt of an exit code that its output contradicts."""

import pytest

from genesis_mcp.diagnostics.test_results.table import RUNNERS
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Outcome
from genesis_mcp.runs.signing import sign, sign_anew
from genesis_mcp.runs.test_facts import MARKS, READ_VERSION, is_piped
from tests.diagnostics.test_test_results import RECORDED

PYTEST = next(one for one in RECORDED if one["name"] == "pytest/plain")


def signed(stdout="", exit_code=0, **fields):
    fields = {"stdout": stdout, "exit_code": exit_code, "kind": "run", **fields}
    return sign(make_run(fields, recorded_by="test"))


def test_a_run_has_the_counts_and_the_failing_tests_of_its_output():
    run = signed(PYTEST["stdout"], 1)
    assert (run.tests_passed, run.tests_failed, run.tests_skipped) == (4, 4, 2)
    assert run.tests is not None
    assert [one.name for one in run.tests.failing][1] == "tests/test_a.py::test_frete[2-5]"
    assert (run.read_version, run.doubt) == (READ_VERSION, None)


def test_a_pass_is_read_as_well_and_says_so_also_when_it_tells_of_no_tests():
    run = signed("=== 3 passed in 0.10s ===\n")
    assert (run.tests_passed, run.tests_failed, run.read_version) == (3, 0, READ_VERSION)
    assert signed("done\n").tests_failed is None
    assert signed("done\n").read_version == READ_VERSION


def test_exit_code_0_under_failed_tests_is_in_doubt_and_the_outcome_stays():
    run = signed(PYTEST["stdout"])
    assert run.outcome == Outcome.PASSED
    assert run.doubt == "exit 0, but its own summary tells of 3 failed tests and 1 error"
    one = "=== test session starts ===\n=== 1 failed in 0.10s ===\n"
    assert signed(one).doubt == "exit 0, but its own summary tells of 1 failed test"
    assert signed(one, 1).doubt is None


def test_a_pipe_is_named_only_where_the_recorded_command_has_one():
    text = PYTEST["stdout"]
    piped = signed(text, context={"command": ["bash", "-c", "pytest | tee log"]})
    assert piped.doubt is not None
    assert piped.doubt.endswith("; the code of a pipe is its last command's")
    plain = signed(text, context={"command": ["bash", "-c", "pytest; true"]})
    assert plain.doubt is not None
    assert "pipe" not in plain.doubt


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (["sh", "-c", "pytest | tee a"], True),
        (["/bin/bash", "-lc", "pytest 2>&1|tee a"], True),
        (["env", "A=1", "bash", "-c", "pytest |& tee a"], True),
        (["cmd.exe", "/c", "pytest | more"], True),
        (["bash", "-o", "pipefail", "-c", "pytest | tee a"], False),
        (["bash", "-c", "set -euo pipefail; pytest | tee a"], False),
        (["bash", "-c", "pytest || true"], False),
        (["bash", "-c", "pytest -k 'a | b'"], False),
        (["bash", "run.sh", "a | b"], False),
        (["pytest", "-k", "a | b"], False),
        (["bash"], False),
        ("pytest | tee a", False),
        (None, False),
    ],
)
def test_a_pipe_is_a_shells_that_has_one_without_pipefail(command, wanted):
    assert is_piped(command) == wanted


@pytest.mark.parametrize(
    "recorded", [one for one in RECORDED if one["exit_code"] == 0], ids=lambda one: one["name"]
)
def test_no_run_that_really_passed_is_in_doubt(recorded):
    run = signed(recorded["stdout"], stderr=recorded["stderr"])
    assert (run.doubt, run.tests_failed or 0) == (None, 0)


@pytest.mark.parametrize(
    "recorded", [one for one in RECORDED if one["exit_code"] != 0], ids=lambda one: one["name"]
)
def test_a_run_that_really_failed_is_in_doubt_when_exit_code_0_is_claimed(recorded):
    run = signed(recorded["stdout"], stderr=recorded["stderr"])
    unsummed = recorded["name"] in ("node/dot", "pytest/quieter")
    assert (run.doubt is None) == unsummed


def test_what_is_looked_for_first_is_in_every_output_that_tells_of_tests():
    texts = [example.text for runner in RUNNERS for example in runner.examples]
    texts += [one["stdout"] + one["stderr"] for one in RECORDED]
    assert [text for text in texts if not MARKS.has_any(text)] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Chrome 120.0.0.0 (Linux x86_64): Executed 5 of 5 SUCCESS (0.01 secs / 0.04 secs)\n",
            (5, 0),
        ),
        ("1 error in 0.05s\n", (0, 1)),
        ("3 deselected in 0.05s\n", (0, 0)),
        ("ok 1 - soma\n1..1\n", (1, 0)),
        ("ok 1 - soma\nok 2 - pedido em 7 ms\n", (None, None)),
    ],
)
def test_a_summary_without_any_other_word_is_read_and_lines_of_ok_alone_are_none(text, wanted):
    run = signed(text)
    assert (run.tests_passed, run.tests_failed) == wanted


def test_an_event_has_no_tests():
    run = sign(
        make_run(
            {"kind": "event", "level": "info", "message": "=== 1 failed in 0.10s ==="},
            recorded_by="test",
        )
    )
    assert (run.tests, run.doubt, run.read_version) == (None, None, None)


def test_a_run_that_was_read_by_the_present_rules_is_not_read_again():
    run = signed(PYTEST["stdout"], 1)
    assert sign_anew(run) is run
