"""A run that exits with 0 under a summary of failed tests is in doubt, and every answer says so."""

from contextlib import closing

import pytest

from genesis_mcp.answers.markdown import render
from genesis_mcp.questions.arguments import CompareRuns, GetRun, LogsForSpec, RecentFailures
from genesis_mcp.questions.doubted import AMONG
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import NOW, record, service_on

FAILED = "===== test session starts =====\n===== 2 failed, 1 passed in 0.12s =====\n"
DOUBT = "exit 0, but its own summary tells of 2 failed tests"


@pytest.fixture
def service(tmp_path):
    with closing(SQLiteStore(tmp_path / "logs.db")) as store:
        yield service_on(store)


def failures(service, **arguments):
    return service.recent_failures(RecentFailures(**arguments))


def test_whoever_records_it_is_told_so(service):
    answer = record(service, "soma", stdout=FAILED)
    assert answer.ended == f"passed, in doubt: {DOUBT}"
    assert DOUBT in answer.summary


def test_each_answer_that_names_the_run_says_so(service):
    run = record(service, "soma", stdout=FAILED)
    assert DOUBT in render(service.logs_for_spec(LogsForSpec(spec_id="soma")), "0")
    assert DOUBT in render(service.get_run(GetRun(run_id=run.run_id)), "0")


def test_recent_failures_lists_them_in_lines_of_their_own(service):
    record(service, "carga", 1, minutes_ago=9, stderr="KeyError: 1")
    for minutes in range(5):
        record(service, "soma", minutes_ago=minutes, stdout=FAILED)
    page = failures(service)
    assert [one.doubt for one in page.in_doubt] == [DOUBT] * 3
    assert page.failed == 1
    lines = render(page, "0").split("\n")
    assert lines[2] == f"In doubt: `soma` #1 · {DOUBT} · 2025-12-19T15:30Z"
    assert "2 more runs in doubt not shown." in lines


def test_more_of_them_may_stand_behind_those_that_were_looked_at(service):
    ended = {"spec_id": "soma", "exit_code": 0, "timestamp": NOW}
    runs = [{**ended, "stdout": FAILED} for _ in range(4)] + [ended] * (AMONG - 3)
    service.record([make_run(one, recorded_by="test") for one in reversed(runs)])
    assert "1+ more runs in doubt not shown." in render(failures(service), "0")


def test_where_nothing_failed_they_are_listed_all_the_same(service):
    record(service, "soma", stdout=FAILED)
    page = failures(service)
    assert (page.failed, len(page.in_doubt)) == (0, 1)


def test_an_answer_without_one_says_nothing_of_doubts(service):
    record(service, "soma", stdout="===== 3 passed in 0.12s =====\n")
    assert failures(service).in_doubt is None


def test_a_pass_in_doubt_has_not_passed_since(service):
    record(service, "soma", 1, minutes_ago=9, stderr="KeyError: 1")
    record(service, "soma", minutes_ago=1, stdout=FAILED)
    assert failures(service).errors[0].passed_since is None


def test_verdicts_and_the_last_pass_go_by_what_is_known(service):
    record(service, "soma", 1, minutes_ago=9, stderr="KeyError: 1")
    assert record(service, "soma", minutes_ago=7, stdout=FAILED).verdict is None
    assert record(service, "soma", 1, minutes_ago=5, stderr="KeyError: 1").verdict == "same error"
    text = render(service.logs_for_spec(LogsForSpec(spec_id="soma")), "0")
    assert "never passed" in text
    assert "fixed" not in text


def test_one_code_that_failed_and_passed_in_doubt_is_not_flaky(service):
    record(service, "soma", 1, minutes_ago=9, stderr="KeyError: 1", code_snapshot="soma()")
    record(service, "soma", minutes_ago=7, stdout=FAILED, code_snapshot="soma()")
    assert "flaky" not in render(service.logs_for_spec(LogsForSpec(spec_id="soma")), "0")
    page = service.compare_runs(CompareRuns(spec_id="soma", run_a="soma#1", run_b="soma#2"))
    assert "how one of them ended is in doubt" in render(page, "0")
