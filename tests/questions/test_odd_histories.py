"""What answers say where events, unknown outcomes or filters leave nothing of the ordinary kind."""

from datetime import timedelta

import pytest

from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import (
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
    WaitForRun,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on


@pytest.fixture
def service(store):
    return service_on(store)


def event(to, level, minutes_ago, **fields):
    line = {"level": level, "message": "pedido recebido", "kind": "event"}
    ended = NOW - timedelta(minutes=minutes_ago)
    to.record([make_run({**line, **fields, "timestamp": ended}, recorded_by="test")])


def summary_of_spec(service, **given):
    return service.logs_for_spec(parse(LogsForSpec, {"spec_id": "soma", **given})).summary


def test_a_store_with_events_alone_is_not_called_empty(service):
    event(service, "info", 5, service="api")
    assert service.recent_failures(RecentFailures()).summary == (
        "No failures: 1 event and no run looked at."
    )
    since = service.recent_failures(RecentFailures(since="1h")).summary
    assert since == "No failures: 1 event and no run since 2025-12-19T14:30:00Z looked at."
    assert service.recent_failures(RecentFailures(since="1m")).summary.startswith("No runs match")
    assert summary_of_spec(service) == "Nothing was ever recorded for this spec_id."
    compared = service.compare_runs(CompareRuns(spec_id="soma"))
    assert compared.summary == "Nothing was ever recorded for this spec_id."
    assert service.describe_logs(DescribeLogs()).hint == "recent_failures()"


def test_events_that_speak_of_an_error_are_counted_where_nothing_failed(service):
    event(service, "info", 5, message="lote iniciado")
    event(service, "warn", 4, message="pedido 12: erro ao gravar, de novo")
    event(service, None, 3, message="falha ao conectar no banco")
    event(service, None, 2, message="0 erros", stderr="fim")
    answer = service.recent_failures(RecentFailures())
    assert answer.summary == (
        "No failures: 4 events and no run looked at; "
        "2 events without such a level speak of an error."
    )
    assert answer.hint == 'search_logs(text=["erro", "falh"], failures_only=false)'
    found = service.search_logs(
        parse(SearchLogs, {"text": ["erro", "falh"], "failures_only": False})
    )
    assert found.summary.startswith("3 records")  # and the one that says "0 erros"
    record(service, "soma", 0, minutes_ago=1)
    assert "2 events without such a level" in service.recent_failures(RecentFailures()).summary


def test_a_spec_with_events_alone_is_said_to_have_some(service):
    event(service, "error", 5, spec_id="soma")
    waited = service.wait_for_run(WaitForRun(spec_id="soma", timeout_seconds=0)).nothing()
    assert waited.summary.endswith("only events were recorded for it.")
    assert waited.nearest_specs is None
    assert waited.hint == 'logs_for_spec(spec_id="soma")'
    with pytest.raises(InputError, match="a spec of which only events were recorded"):
        service.get_run(parse(GetRun, {"run_id": "soma"}))


def test_an_attempt_whose_outcome_nobody_knows_is_the_newest_all_the_same(service):
    record(service, "soma", 1, minutes_ago=9, stderr="Error: a\n")
    record(service, "soma", None, minutes_ago=7, stderr="quem sabe")
    assert summary_of_spec(service) == (
        "2 runs, 1 failed; newest #2 outcome not recorded, 7 min ago; "
        "before it #1 failed, exit 1, 9 min ago; never passed."
    )


def test_an_error_with_other_values_is_new_and_of_a_kind_that_came_before(service):
    for minutes, value in ((9, 7), (8, 6), (7, 5)):
        record(
            service,
            "soma",
            1,
            minutes_ago=minutes,
            stderr=f"ValueError: esperado 4, veio {value}\n",
        )
    page = service.logs_for_spec(parse(LogsForSpec, {"spec_id": "soma"}))
    assert page.attempts[0].verdict == "new error"
    assert "; this kind of error came 2 times before;" in page.summary
    record(service, "soma", 1, minutes_ago=6, stderr="ValueError: esperado 4, veio 6\n")
    assert "; this error came 3 times before;" in summary_of_spec(service)


def test_filters_that_leave_no_attempt_are_told_one_by_one(service):
    record(service, "soma", minutes_ago=9)
    assert summary_of_spec(service, failures_only=True) == "1 run, 0 failed; no failed attempt."
    older = summary_of_spec(service, before="soma#1")
    assert older == "1 run, 0 failed; no attempt is older than that."


def test_a_search_in_failures_of_which_there_are_none_leads_to_the_rest(service):
    record(service, "soma", minutes_ago=9, stdout="ok\n")
    page = service.search_logs(parse(SearchLogs, {"text": "ok", "spec_id": "soma"}))
    assert page.summary == "No failures match the filters, so there was nothing to search."
    assert page.hint == 'search_logs(text="ok", spec_id="soma", failures_only=false)'
    given = {"text": "ok", "failures_only": False, "limit": 1}
    assert service.search_logs(parse(SearchLogs, given)).summary == (
        "The newest record with this text; older ones were not looked at."
    )
    recent = {"text": "ok", "failures_only": False, "since": "1m"}
    assert service.search_logs(parse(SearchLogs, recent)).hint is None


def test_lines_before_a_run_that_lack_the_text_are_not_denied(service):
    event(service, "info", 5, service="api")
    record(service, "soma", 1, minutes_ago=3, service="api", run_id="r1")
    summaries = [
        service.get_run(parse(GetRun, {"run_id": "r1", "part": "before", **grep})).summary
        for grep in ({}, {"grep": "recebido"}, {"grep": "nada"})
    ]
    same = "before it with the same service"
    assert summaries == [
        f"1 record {same}, the newest last.",
        f"1 record {same} and with the text asked for, the newest last.",
        "No record with the same service and with the text asked for before it.",
    ]


def test_a_message_that_is_quoted_is_not_told_a_second_time(service):
    killed = {"exit_code": -9, "outcome": "killed", "message": "killed by SIGKILL"}
    record(service, "soma", minutes_ago=3, run_id="r1", **killed)
    text = fit(service.get_run(GetRun(run_id="r1")), 8_000).text
    assert "message: killed" not in text
    assert "message:\n| killed by SIGKILL" in text
