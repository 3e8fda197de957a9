"""`pytest --genesis` records the whole session as a suite's run, once, whatever ends it."""

import subprocess
import sys
from contextlib import closing

import pytest

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.command_line import environment

pytestmark = pytest.mark.slow  # each is a session of pytest of its own, or several

PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "--rootdir=.",
    "--genesis",
]

CONTA = """
import pathlib, pytest

def test_deposito(): pass

def test_saque(): assert 90 == 80

@pytest.fixture
def banco(): raise RuntimeError("sem banco")

def test_extrato(banco): pass

def test_juros(): pytest.skip("depois")

def test_pix(tmp_path_factory):
    tried = pathlib.Path(__file__).with_name("tried")
    if not tried.exists():
        tried.touch()
        assert False, "ainda não"
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "conta"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_conta.py").write_text(CONTA, encoding="utf-8")
    return folder


def session(project, url, *arguments):
    return subprocess.run(
        [*PYTEST, *arguments], cwd=project, env=environment(url), capture_output=True, check=False
    )


def recorded(url):
    """The suites' runs, and the tests' runs and events by spec, the oldest first."""
    with closing(open_store(url)) as store:
        found = store.find(RunQuery(suites=True, oldest_first=True, limit=1000)).runs
        runs = store.fetch([run.run_id for run in found])
    return [one for one in runs if one.kind == "suite"], [
        one for one in runs if one.kind != "suite"
    ]


def counts(suite):
    tests = suite.tests
    return tests.passed, tests.failed, tests.errored, tests.skipped, tests.flaky


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_passed_on_a_rerun_is_flaky_and_no_failure(project, url, workers):
    done = session(project, url, "--reruns", "1", *workers)

    [suite], tests = recorded(url)
    assert b"genesis-mcp: 5 of 5 runs and events recorded\n" in done.stdout
    assert (suite.spec_id, suite.outcome, suite.exit_code) == ("conta::pytest", "failed", 1)
    assert counts(suite) == (2, 1, 1, 1, 1)
    assert suite.tests.flaky_tests == ("test_conta.py::test_pix",)
    assert sorted((one.name, one.message) for one in suite.tests.failing) == [
        ("test_conta.py::test_extrato", "RuntimeError: sem banco"),
        ("test_conta.py::test_saque", "assert 90 == 80"),
    ]
    assert {one.context["suite_run"] for one in tests} == {suite.run_id}
    by_name = {one.spec_id.rpartition("::")[2]: one for one in tests}
    assert {name: one.outcome for name, one in by_name.items()} == {
        "test_deposito": "passed",
        "test_saque": "failed",
        "test_extrato": "failed",
        "test_juros": None,
        "test_pix": "passed",
    }
    assert by_name["test_pix"].stderr == ""
    told = {name: by_name[name].context.get("flaky") for name in by_name}
    assert told == {
        "test_deposito": None,
        "test_saque": False,
        "test_extrato": False,
        "test_juros": None,
        "test_pix": True,
    }
    assert by_name["test_pix"].context["reruns"] == 1
    assert "ainda não" in by_name["test_pix"].context["first_failure"]


def test_a_session_that_stops_at_its_first_failure_has_what_ran(project, url):
    session(project, url, "-x")
    session(project, url, "-x", "-k", "deposito or juros")

    [stopped, passed], _ = recorded(url)
    assert (stopped.outcome, counts(stopped)) == ("failed", (1, 1, 0, 0, 0))
    assert (passed.outcome, counts(passed)) == ("passed", (1, 0, 0, 1, 0))


def test_a_session_without_a_test_is_none(project, url):
    session(project, url, "-k", "nada")

    assert recorded(url) == ([], [])
