"""The command that runs only what failed: really run for each runner, and never a guess."""

import shlex
import subprocess
import sys

import pytest

from genesis_mcp.diagnostics.test_results.report import FailingTest
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.rerunning import TESTS_MAX, rerun_command
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.test_report import TestReport
from tests.diagnostics.suites.python_suites import SUITES as PYTHON_SUITES
from tests.diagnostics.test_test_results import RECORDED

RERUN = [one for one in RECORDED if one["rerun"]]


@pytest.mark.parametrize("recorded", RERUN, ids=lambda one: one["name"])
def test_the_recorded_re_run_ran_exactly_the_failing_tests(recorded):
    rerun = recorded["rerun"]
    assert sorted(rerun["failing"]) == sorted(rerun["failed_before"])
    assert not rerun["passed"]


@pytest.mark.parametrize("recorded", RERUN, ids=lambda one: one["name"])
def test_the_command_is_still_the_one_that_was_really_run(recorded):
    from tests.diagnostics.suites.make import SUITES

    suite = next(one for one in SUITES if one.name == recorded["name"])
    told = {name: recorded[name] for name in ("stdout", "stderr", "exit_code")}
    tests = sign(make_run({**told, "kind": "run"}, recorded_by="test")).tests
    assert rerun_command(shlex.split(suite.command), tests) == recorded["rerun"]["command"]


def test_the_re_runs_of_many_runners_were_really_run():
    assert len({one["name"].partition("/")[0] for one in RERUN}) >= 15


@pytest.mark.parametrize(
    "suite",
    [one for one in PYTHON_SUITES if one.name in ("pytest/plain", "unittest")],
    ids=lambda suite: suite.name,
)
def test_a_re_run_on_this_machine_runs_exactly_the_failing_tests(suite, tmp_path):
    for name, text in suite.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    def tests_of(command):
        done = subprocess.run(
            [sys.executable, *command[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        told = {"stdout": done.stdout, "stderr": done.stderr, "exit_code": done.returncode}
        return sign(make_run({**told, "kind": "run"}, recorded_by="test")).tests

    command = shlex.split(suite.command)
    before = tests_of(command)
    line = rerun_command(command, before)
    assert line is not None
    after = tests_of(shlex.split(line))
    assert sorted(one.name for one in after.failing) == sorted(one.name for one in before.failing)
    assert (after.passed, after.failed, after.errored) == (0, before.failed, before.errored)


def report(runner="pytest", *names, **fields):
    failing = tuple(
        FailingTest(name=name, key=f"{number:016x}", **fields) for number, name in enumerate(names)
    )
    keys = tuple(one.key for one in failing)
    return TestReport(runner=runner, failed=len(names), failing=failing, failing_keys=keys)


@pytest.mark.parametrize(
    "command",
    [
        "pytest -q tests",
        "python3 -m pytest tests/unit -q",
        "uv run pytest -q tests",
        "CI=1 poetry run pytest -q tests",
        ".venv/bin/pytest -q",
    ],
)
def test_what_starts_the_runner_stays_and_what_it_was_given_goes(command):
    line = rerun_command(shlex.split(command), report("pytest", "tests/test_a.py::test_b"))
    assert line is not None
    assert shlex.split(line)[-2:] == ["-q", "tests/test_a.py::test_b"]
    assert shlex.split(line)[:2] == shlex.split(command)[:2]


def test_names_are_quoted_for_the_shell():
    name = "tests/test_a.py::test_b[$(rm -rf /) 'x' \"y\"; z]"
    line = rerun_command(["pytest"], report("pytest", name))
    assert line is not None
    assert shlex.split(line) == ["pytest", name]


def test_the_values_of_options_are_no_files():
    command = ["pytest", "-n", "2", "-m", "not slow", "--tb", "short", "--lf", "tests"]
    line = rerun_command(command, report("pytest", "a.py::b"))
    assert line == "pytest -n 2 -m 'not slow' --tb short a.py::b"


@pytest.mark.parametrize(
    "command",
    [
        None,
        "pytest",
        [],
        ["make", "test"],
        ["npm", "test"],
        ["tox", "-e", "py"],
        ["bash", "-c", "pytest tests"],
        ["pytest", "--unheard-of", "value"],
        ["pytest", "[... 12 arguments left out ...]"],
        ["python", "runtests.py"],
        ["coverage", "run", "-m", "pytest"],
    ],
)
def test_where_the_command_is_not_surely_the_runners_nothing_is_said(command):
    assert rerun_command(command, report("pytest", "a.py::b")) is None


@pytest.mark.parametrize(
    "told",
    [
        None,
        TestReport(runner="pytest", failed=1),
        TestReport(runner="pytest + jest", failed=1, failing=report("x", "a.py::b").failing),
        report("pytest", "test_without_its_file"),
        report("pytest", "a.py::b[[redacted:token]]"),
        report("pytest", *(f"a.py::test_{number}" for number in range(TESTS_MAX + 1))),
        report("maven surefire", "br.PedidoTest#soma[1]"),
        report("unheard of", "a"),
    ],
)
def test_where_not_every_failing_test_can_be_named_nothing_is_said(told):
    for command in (["pytest"], ["mvn", "test"]):
        assert rerun_command(command, told) is None


@pytest.mark.parametrize(
    ("command", "told", "wanted"),
    [
        (
            "mvn -B test",
            report("maven surefire", "br.A#soma", "br.A#total", "br.B#x"),
            "mvn -B test '-Dtest=br.A#soma+total,br.B#x' -Dsurefire.failIfNoSpecifiedTests=false",
        ),
        (
            "./gradlew test",
            report("gradle", "br.A.soma", "B.total()"),
            "./gradlew test --tests br.A.soma --tests '*B.total'",
        ),
        (
            "dotnet test Loja.sln",
            report("dotnet test", "Loja.A.Soma", "Loja.A.Total"),
            "dotnet test Loja.sln --filter "
            "'FullyQualifiedName=Loja.A.Soma|FullyQualifiedName=Loja.A.Total'",
        ),
        (
            "cargo nextest run",
            report("nextest", "a::soma", "a::total"),
            "cargo nextest run -E 'test(=a::soma) | test(=a::total)'",
        ),
        (
            "mix test",
            report("exunit", "test soma (A)", file="test/a_test.exs", line=5),
            "mix test test/a_test.exs:5",
        ),
    ],
)
def test_the_forms_of_runners_that_were_not_at_hand_are_those_of_their_documentation(
    command, told, wanted
):
    assert rerun_command(shlex.split(command), told) == wanted
