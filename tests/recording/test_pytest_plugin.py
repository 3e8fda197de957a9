"""`pytest --genesis` records each test as a run; without it, nothing of ours is even imported."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.command_line import environment

WAIT = 120

pytestmark = pytest.mark.slow  # each is a session of pytest of its own, or several

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
PYTEST += ["-c", os.devnull]

SUITE = """
import sys
import pytest

def test_passes():
    print("linha ação")

@pytest.mark.parametrize("value", [4, 5])
def test_soma(value):
    print("aviso", file=sys.stderr)
    assert value == 4, "esperado 4"

@pytest.fixture
def broken():
    raise RuntimeError("sem banco")

def test_setup(broken):
    pass

@pytest.fixture
def closing():
    yield
    raise OSError("não fecha")

def test_teardown(closing):
    pass

def test_both(closing):
    assert False

@pytest.mark.skip(reason="depois")
def test_skipped():
    pass

def test_skipped_inside():
    pytest.skip("agora não")

@pytest.mark.xfail(reason="sabido")
def test_expected():
    assert 0

@pytest.mark.xfail(strict=True)
def test_unexpectedly_good():
    pass

@pytest.mark.xfail
def test_good_all_the_same():
    pass

@pytest.mark.genesis(spec="spec_001")
class TestMarked:
    def test_one(self):
        pass

@pytest.mark.parametrize("value", [1, 2], ids=["x" * 300, "linha\\u202enova"])
def test_long(value):
    pass
"""

OUTCOMES = {
    "test_soma.py::test_passes": "passed",
    "test_soma.py::test_soma[4]": "passed",
    "test_soma.py::test_soma[5]": "failed",
    "test_soma.py::test_setup": "failed",
    "test_soma.py::test_teardown": "failed",
    "test_soma.py::test_both": "failed",
    "test_soma.py::test_skipped": None,
    "test_soma.py::test_skipped_inside": None,
    "test_soma.py::test_expected": None,
    "test_soma.py::test_unexpectedly_good": "failed",
    "test_soma.py::test_good_all_the_same": "passed",
    "spec_001": "passed",
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "test_soma.py").write_text(SUITE, encoding="utf-8")
    return folder


def run_pytest(folder, url, *arguments, **variables):
    return subprocess.run(
        [*PYTEST, "--strict-markers", *arguments],
        cwd=folder,
        env=environment(url, **variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=WAIT,
        check=False,
    )


def stored(url):
    """The tests' runs and events, without the suites'."""
    return [run for run in everything(url) if run.kind != "suite"]


def suites(url):
    return [run for run in everything(url) if run.kind == "suite"]


def everything(url):
    with closing(open_store(url)) as store:
        page = store.find(RunQuery(suites=True, oldest_first=True, limit=1000)).runs
        return store.fetch([run.run_id for run in page])


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-n", "2", "--dist", "loadfile")])
def test_every_test_is_one_run_with_its_outcome(folder, url, options):
    done = run_pytest(folder, url, "--genesis", *options)
    assert done.returncode == 1
    assert "\ngenesis-mcp: 14 of 14 runs and events recorded\n" in done.stdout
    runs = {run.spec_id: run for run in stored(url)}
    assert len(runs) == 14
    long = [spec for spec in runs if spec.startswith("test_soma.py::test_long")]
    assert {spec: run.outcome for spec, run in runs.items() if spec not in long} == OUTCOMES

    passed = runs["test_soma.py::test_passes"]
    assert passed.stdout == "linha ação\n"
    assert passed.code_snapshot == 'def test_passes():\n    print("linha ação")\n'
    assert (passed.exit_code, passed.iteration, passed.stderr) == (0, 1, "")
    assert passed.recorded_by == "genesis_mcp (pytest)"
    failed = runs["test_soma.py::test_soma[5]"]
    assert failed.stderr.startswith("aviso\n")
    assert failed.signature.type == "AssertionError"
    assert failed.signature.message.startswith("esperado 4")
    with closing(open_store(url)) as store:
        shown = Service(store).get_run(GetRun(run_id=failed.run_id))
    [line] = [text for number, text in shown.code.lines if number == failed.signature.line]
    assert line.lstrip().startswith("assert ")
    assert runs["test_soma.py::test_setup"].message == "failed in setup"
    assert "RuntimeError: sem banco" in runs["test_soma.py::test_setup"].stderr
    assert runs["test_soma.py::test_teardown"].message == "failed in teardown"
    assert runs["test_soma.py::test_both"].message == "failed in teardown"
    assert "assert False" in runs["test_soma.py::test_both"].stderr
    assert "OSError: não fecha" in runs["test_soma.py::test_both"].stderr
    assert "[XPASS(strict)]" in runs["test_soma.py::test_unexpectedly_good"].stderr
    events = [runs[spec] for spec, outcome in OUTCOMES.items() if outcome is None]
    assert {(event.kind, event.level, event.failed) for event in events} == {
        ("event", "info", False)
    }
    messages = ["skipped: depois", "skipped: agora não", "xfailed: sabido"]
    assert [event.message for event in events] == messages
    assert sorted(len(spec) <= 200 for spec in long) == [True, True]
    [shortened] = [runs[spec] for spec in long if "nodeid" in runs[spec].context]
    assert shortened.context["nodeid"] == f"test_soma.py::test_long[{'x' * 300}]"


def test_a_test_that_changes_the_environment_does_not_change_the_store(folder, url):
    (folder / "test_soma.py").write_text(
        "import os\n"
        "def test_a(): os.environ['GENESIS_STORE'] = 'postgres://x'\n"
        "def test_b(): pass\n",
        encoding="utf-8",
    )
    run_pytest(folder, url, "--genesis")
    assert [run.outcome for run in stored(url)] == ["passed", "passed"]


def test_the_next_session_records_the_next_iterations(folder, url):
    for _ in range(2):
        run_pytest(folder, url, "--genesis", "test_soma.py::test_passes")
    assert [run.iteration for run in stored(url)] == [1, 2]


def test_without_the_flag_nothing_of_ours_is_imported_or_recorded(folder, url, tmp_path):
    (folder / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure(config):\n"
        "    ours = [name for name in sys.modules if name.startswith('genesis_mcp')]\n"
        "    print(sorted(ours), 'pydantic' in sys.modules)\n",
        encoding="utf-8",
    )
    done = run_pytest(folder, url, "-s", "-k", "passes")
    said = "['genesis_mcp', 'genesis_mcp.recording', 'genesis_mcp.recording.pytest_plugin'] False"
    assert done.stdout.splitlines()[-1] == said
    assert not (tmp_path / "logs.db").exists()


def test_a_session_that_passes_loads_no_models(folder, url):
    (folder / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure(config):\n"
        "    slow = {'pydantic', 'genesis_mcp.answers', 'genesis_mcp.questions.history'}\n"
        "    print(sorted(slow & set(sys.modules)))\n",
        encoding="utf-8",
    )
    done = run_pytest(folder, url, "--genesis", "-s", "test_soma.py::test_passes")
    assert done.stdout.splitlines()[-1] == "[]"
    assert [run.spec_id for run in stored(url)] == ["test_soma.py::test_passes"]


def test_pytest_does_not_rewrite_the_assertions_of_this_package(folder, url):
    """Where it keeps no compiled copies, that takes longer than a thousand tests."""
    (folder / "test_soma.py").write_text(
        "import sys\n\ndef test_loaded():\n"
        "    ours = [name for name in sys.modules if name.startswith('genesis_mcp.runs.')]\n"
        "    loaders = {type(sys.modules[name].__spec__.loader).__name__ for name in ours}\n"
        "    assert loaders == {'SourceFileLoader'}\n"
        "    assert type(__spec__.loader).__name__ == 'AssertionRewritingHook'\n",
        encoding="utf-8",
    )
    done = run_pytest(folder, url, "--genesis")
    assert done.returncode == 0, done.stdout


def test_a_module_that_cannot_be_collected_is_a_failed_run(folder, url):
    (folder / "test_novo.py").write_text("import modulo_que_falta\n", encoding="utf-8")
    for options in ((), ("-n", "2")):
        assert run_pytest(folder, url, "--genesis", *options).returncode in (1, 2)
    runs = [run for run in stored(url) if run.spec_id == "test_novo.py"]
    assert [(run.outcome, run.message, run.iteration) for run in runs] == [
        ("failed", "not collected", 1),
        ("failed", "not collected", 2),
    ]
    assert runs[0].signature.type == "ModuleNotFoundError"
    for suite in suites(url):
        assert suite.outcome == "failed"
        [novo] = [one for one in suite.tests.failing if one.name == "test_novo.py"]
        assert (novo.message, novo.line) == (
            "ModuleNotFoundError: No module named 'modulo_que_falta'",
            1,
        )


def test_a_worker_that_dies_is_a_failed_run(folder, url):
    (folder / "test_morre.py").write_text(
        "import os\ndef test_morre(): os._exit(9)\n", encoding="utf-8"
    )
    run_pytest(folder, url, "--genesis", "-n", "1", "test_morre.py")
    [run] = stored(url)
    assert (run.spec_id, run.outcome) == ("test_morre.py::test_morre", "failed")
    assert run.message == "the worker crashed"


def test_an_interrupted_session_keeps_what_was_done(folder, url, tmp_path):
    mark = tmp_path / "mark"
    (folder / "test_dorme.py").write_text(
        f"import pathlib, time\ndef test_a(): pass\ndef test_b():\n"
        f"    pathlib.Path({str(mark)!r}).touch()\n    time.sleep({WAIT})\n",
        encoding="utf-8",
    )
    with subprocess.Popen(
        [*PYTEST, "--genesis", "test_dorme.py"],
        cwd=folder,
        env=environment(url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while not mark.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
    outcomes = {run.spec_id: run.outcome for run in stored(url)}
    assert outcomes == {"test_dorme.py::test_a": "passed", "test_dorme.py::test_b": "killed"}
    [suite] = suites(url)
    assert (suite.outcome, suite.message) == ("killed", "the session was stopped")
    assert (suite.tests_passed, suite.tests_failed) == (1, 0)


def test_a_store_that_is_down_fails_no_test_and_loses_no_run(folder, home):
    down = "mongodb://127.0.0.1:1/genesis?serverSelectionTimeoutMS=200"
    done = run_pytest(folder, down, "--genesis", "-k", "passes")
    assert done.returncode == 0
    [kept] = home.glob(".genesis-mcp/kept/*/*.ndjson")
    said = "0 of 1 runs and events recorded; the others were kept, to be recorded before the next"
    assert f"\ngenesis-mcp: {said}" in done.stdout
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [one["spec_id"] for one in lines] == ["test_soma.py::test_passes", "suite::pytest"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--genesis-store", "postgres://x"), "unknown scheme"),
        ((), "read-only"),
    ],
)
def test_a_store_that_is_none_is_told_before_a_test_runs(folder, url, options, said):
    done = run_pytest(folder, url, "--genesis", *options, GENESIS_READ_ONLY=str(int(not options)))
    assert done.returncode == 4
    assert said in done.stderr
    assert done.stderr.startswith("ERROR: --genesis: ")


UNITTEST = """
import unittest

class TestSoma(unittest.TestCase):
    def test_ok(self): pass
    def test_subtests(self):
        for value in range(3):
            with self.subTest(value=value):
                self.assertLess(value, 2)
    @unittest.skip("depois")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
"""


def test_tests_of_unittest_are_runs_too(folder, url):
    (folder / "test_soma.py").write_text(UNITTEST, encoding="utf-8")
    run_pytest(folder, url, "--genesis")
    outcomes = {run.spec_id.rpartition("::")[2]: run.outcome for run in stored(url)}
    assert outcomes == {
        "test_ok": "passed",
        "test_subtests": "failed",
        "test_skipped": None,
        "test_expected": None,
    }
