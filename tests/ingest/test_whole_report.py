"""A whole test report is a run too: an attempt of its own spec, in no total beside its tests."""

import json
import subprocess
import sys
from contextlib import closing

import pytest

from genesis_mcp.cli.main import main
from genesis_mcp.ingest.whole_report import told_path
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.command_line import environment

REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" time="1.25">
  <testsuite name="conta" timestamp="2025-12-19T15:3{minute}:00" tests="6">
    {cases}
    <testcase classname="conta" name="juros" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>"""
TESTS = ("deposito", "saque", "extrato", "pix", "saldo")


def case(name, fault=None, element="failure"):
    said = f'<{element} type="AssertionError" message="{fault}">em {name}</{element}>'
    return (
        f'<testcase classname="conta" name="{name}" time="0.1">{said if fault else ""}</testcase>'
    )


def report(minute, failing=()):
    """The tests of an account, of which some fail."""
    cases = [case(name, f"esperado {name}" if name in failing else None) for name in TESTS]
    return REPORT.format(minute=minute, cases="\n".join(cases))


@pytest.fixture
def command(url, tmp_path, monkeypatch, capsys):
    """Runs a command of ours in this process, which is quick, and gives what it printed."""
    monkeypatch.chdir(tmp_path)

    def one(*arguments):
        main([*arguments, "--store", url])
        return capsys.readouterr()

    return one


@pytest.fixture
def ingest(tmp_path, command):
    """Ingests a report from a file, and gives the numbers."""

    def one(text, *arguments, name="report.xml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return json.loads(command("ingest", "--json", "--junit", *arguments, name).out)

    return one


@pytest.fixture
def exported(command):
    """What `export` writes, and what it says."""

    def one(*arguments):
        out, said = command("export", *arguments)
        return [json.loads(line) for line in out.splitlines()], said

    return one


def test_a_report_that_lies_elsewhere_is_known_by_the_end_of_its_path(tmp_path, monkeypatch):
    path = tmp_path / "a" / "b" / "report.xml"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    assert told_path(path) == "a/b/report.xml"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert told_path(path) == "report.xml"
    monkeypatch.chdir(tmp_path)
    assert told_path(path) == "a/b/report.xml"


def attempts(url, spec_id):
    with closing(open_store(url)) as store:
        found = store.find(RunQuery(spec_id=spec_id, oldest_first=True)).runs
        return store.fetch([run.run_id for run in found])


def test_it_has_the_counts_the_failing_tests_and_their_errors(ingest, url):
    ingest(report(0, ["saque", "pix"]))

    [suite] = attempts(url, "report.xml::jest tests")
    assert (suite.kind, suite.outcome, suite.exit_code, suite.duration_ms) == (
        *("suite", "failed", 1),
        1250,
    )
    assert (suite.tests_passed, suite.tests_failed, suite.tests_skipped) == (3, 2, 1)
    assert [(one.name, one.message) for one in suite.tests.failing] == [
        ("conta::saque", "AssertionError: esperado saque"),
        ("conta::pix", "AssertionError: esperado pix"),
    ]
    assert suite.signature.message == "esperado saque"
    with closing(open_store(url)) as store:
        tests = store.find(RunQuery()).runs
    assert [(one.context or {}).get("suite_run") for one in tests] == [suite.run_id] * 6


def test_its_verdicts_tell_what_was_fixed(ingest, command):
    failing = ["saque", "extrato", "pix", "saldo"]
    for minute, now_failing in enumerate([failing, failing[1:], ["pix", "saque"], []]):
        ingest(report(minute, now_failing))

    told = command("spec", "report.xml::jest tests").out

    assert "#1 failed, exit 1 · first: 4 of 5 fail" in told
    assert "#2 failed, exit 1 · progress: 3 of 5 still fail" in told
    assert "#2 fixed: conta::saque" in told
    assert "#3 failed, exit 1 · new error: 2 of 5 fail, 3 before" in told
    assert "#3 fixed: conta::extrato, conta::saldo; new: conta::saque" in told
    assert "#4 passed · fixed: 5 tests passed, 1 skipped" in told


def test_every_total_counts_its_tests_and_not_the_suite(ingest, exported, command):
    assert ingest(report(0, ["saque", "pix"])) == {
        "read": 6,
        "recorded": 5,
        "suites": 1,
        "duplicates": 0,
        "events": 1,
        "other_lines": 0,
        "rejected": 0,
    }

    derived, said = exported("--derived")
    everything, nothing = exported()

    assert sum(line.get("exit_code") == 1 for line in derived) == 2
    assert {line["spec_id"] for line in derived} == {f"conta::{name}" for name in (*TESTS, "juros")}
    assert "1 run of whole suites left out" in said
    assert nothing == ""
    assert [line["spec_id"] for line in everything if line.get("kind") == "suite"] == [
        "report.xml::jest tests"
    ]
    of_suite, _ = exported("--derived", "--spec", "report.xml::jest tests")
    assert [line["tests_failed"] for line in of_suite] == [2]
    assert "2 of 5 runs failed" in command("failures").out
    found = json.loads(command("search", "esperado saque", "--json").out)
    assert [one["spec_id"] for one in found["matches"]] == ["conta::saque"]
    described = json.loads(command("describe", "--json").out)
    assert (described["runs"], described["failed"], described["events"]) == (5, 2, 1)


def test_the_same_report_again_is_the_same_suite(ingest, url):
    first = report(0, ["saque"])
    ingest(first)

    assert ingest(first) == {
        "read": 6,
        "recorded": 0,
        "duplicates": 6,
        "events": 0,
        "other_lines": 0,
        "rejected": 0,
    }
    assert len(attempts(url, "report.xml::jest tests")) == 1


def test_other_reports_are_other_specs(ingest, tmp_path, url):
    (tmp_path / "api").mkdir()
    ingest(report(0), name="web.xml")
    ingest(report(1), name="api/web.xml")
    ingest(report(2), "--service", "worker", name="web.xml")

    for spec_id in ("web.xml::jest tests", "api/web.xml::jest tests"):
        assert len(attempts(url, spec_id)) == 1
    [suite] = attempts(url, "worker::web.xml::jest tests")
    assert suite.service == "worker"
    with closing(open_store(url)) as store:
        assert len(store.find(RunQuery(service="worker")).runs) == 6


def test_spec_names_the_suite_and_iteration_numbers_all(ingest, url):
    ingest(report(0), "--spec", "conta", "--iteration", "7")

    [suite] = attempts(url, "conta")
    assert (suite.kind, suite.iteration) == ("suite", 7)
    assert [one.iteration for one in attempts(url, "conta::saque")] == [7]


def test_several_reports_with_one_spec_are_no_attempts_of_it(tmp_path, command, url):
    for place, name in enumerate(("a.xml", "b.xml")):
        (tmp_path / name).write_text(report(place), encoding="utf-8")

    command("ingest", "--junit", "a.xml", "b.xml", "--spec", "conta")

    assert len(attempts(url, "conta::a.xml")) == len(attempts(url, "conta::b.xml")) == 1
    assert attempts(url, "conta") == []


def test_a_report_from_a_pipe_has_a_suite_too(url):
    done = subprocess.run(
        [sys.executable, "-m", "genesis_mcp", "ingest", "--json", "--junit"],
        input=report(0, ["pix"]).encode(),
        env=environment(url),
        capture_output=True,
        check=False,
    )

    assert json.loads(done.stdout)["suites"] == 1
    assert len(attempts(url, "jest tests")) == 1


def test_what_could_not_run_is_an_error_and_no_failure(ingest, command):
    cases = case("tests.test_novo", "collection failure", element="error")
    ingest(REPORT.format(minute=0, cases=cases))
    ingest(report(1, ["saque"]))

    told = command("spec", "report.xml::jest tests").out

    assert "first: no test could be run" in told
    assert "progress: 1 of 5 fails, before none could be run" in told


def test_a_flake_inside_a_report_leaves_a_mark(ingest, url):
    flaky = '<testcase classname="conta" name="pix"><flakyFailure message="uma vez"/></testcase>'
    text = REPORT.format(minute=0, cases=flaky + case("saque"))
    ingest(text.replace('tests="6"', 'tests="3"'))

    [suite] = attempts(url, "report.xml::jest tests")
    assert (suite.outcome, suite.tests.flaky, suite.tests.passed) == ("passed", 1, 2)
    assert suite.tests.flaky_tests == ("conta::pix",)


@pytest.mark.parametrize("failing", [["deposito"], [], ["saldo"]])
def test_a_report_that_is_cut_off_did_not_pass(ingest, url, failing):
    text = report(0, failing)
    counts = ingest(text[: text.index('name="juros"')])

    assert counts["suites"] == 1
    [suite] = attempts(url, "report.xml::jest tests")
    assert suite.outcome == "failed"


def test_nobody_knows_how_a_suite_ended_of_which_tests_are_missing(ingest, url):
    ingest(report(0).replace('tests="6"', 'tests="9"'))

    [suite] = attempts(url, "report.xml::jest tests")
    assert (suite.outcome, suite.exit_code, suite.tests_passed) == ("unknown", None, 5)


@pytest.mark.parametrize("text", ["<testsuites/>", "<html/>", "", '{"spec_id": "a"}'])
def test_a_report_without_a_test_has_none(ingest, exported, text):
    assert "suites" not in ingest(text)
    assert exported() == ([], "")


def test_a_tests_run_names_the_run_of_its_suite(ingest, command, url):
    ingest(report(0, ["pix"]))
    [suite] = attempts(url, "report.xml::jest tests")

    shown = json.loads(command("show", "conta::pix#1", "--json").out)

    assert shown["facts"]["suite_run"] == (
        f"report.xml::jest tests #1, failed, exit 1; run_id {suite.run_id}"
    )
    assert "suite_run" not in shown["facts"]["context"]
