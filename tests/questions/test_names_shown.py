"""What runs are called in answers: short and unambiguous, in a way that every tool takes."""

import json

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.questions.arguments import (
    CompareRuns,
    GetRun,
    LogsForSpec,
    RecentFailures,
    RecordRun,
    SearchLogs,
    WaitForRun,
)
from genesis_mcp.runs.identifiers import UUID7
from genesis_mcp.runs.query import Attempt
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on

ERROR = "".join(f"linha {number}\n" for number in range(900)) + "ValueError: soma\n"


@pytest.fixture
def service(store):
    return service_on(store)


def uuid(number):
    return f"01a20040-b73c-7{number:02x}7-8000-00000000000{number % 10}"


def answers(service, spec_id, run_id):
    """The answer of every tool that names runs, and one that goes on in several."""
    wait = parse(WaitForRun, {"spec_id": spec_id, "after": run_id, "timeout_seconds": 0})
    asked = service.wait_for_run(wait)
    results = [
        service.recent_failures(parse(RecentFailures, {"limit": 1})),
        service.logs_for_spec(parse(LogsForSpec, {"spec_id": spec_id, "limit": 1})),
        service.get_run(parse(GetRun, {"run_id": run_id})),
        service.get_run(parse(GetRun, {"run_id": run_id, "part": "stderr", "lines": 2})),
        service.get_run(parse(GetRun, {"run_id": run_id, "grep": "linha"})),
        service.search_logs(parse(SearchLogs, {"text": "valueerror", "limit": 1})),
        service.compare_runs(parse(CompareRuns, {"spec_id": spec_id})),
        asked.look() or asked.nothing(),
    ]
    return [fit(result, MAX_CHARS, mark="0000") for result in results]


def test_where_spec_and_number_are_known_no_answer_spends_characters_on_an_id(service):
    for number in range(1, 5):
        record(service, "soma", 1, minutes_ago=9 - number, run_id=uuid(number), stderr=ERROR)

    for answer in answers(service, "soma", "soma#3"):
        assert UUID7.search(answer.text) is None
        assert "01a20040" not in answer.text
        assert "soma#" in answer.text or "#4" in answer.text
        calls = json.dumps(answer.result.structured()).count("_id=")
        assert calls == json.dumps(answer.result.structured()).count('_id=\\"soma')


def test_structured_content_keeps_whole_ids(service):
    record(service, "soma", 1, minutes_ago=3, run_id=uuid(1), stderr=ERROR)
    record(service, "soma", 1, minutes_ago=2, run_id=uuid(2), stderr=ERROR)

    results = [answer.result.structured() for answer in answers(service, "soma", uuid(1))]
    assert results[0]["errors"][0]["run_id"] == uuid(2)
    assert results[1]["attempts"][0]["run_id"] == uuid(2)
    assert results[2]["run_id"] == uuid(1)
    assert results[5]["matches"][0]["run_id"] == uuid(2)
    assert all("names" not in result for result in results)


@pytest.mark.parametrize("spec_id", ["soma", "uma frase", "a=b"])
def test_what_an_answer_calls_a_run_every_tool_takes(service, spec_id):
    for number in (1, 2):
        record(service, spec_id, 1, minutes_ago=5 - number, run_id=uuid(number), stderr=ERROR)
    record(service, spec_id, 1, minutes_ago=1, run_id=uuid(30), iteration=2, stderr=ERROR)

    page = service.logs_for_spec(parse(LogsForSpec, {"spec_id": spec_id}))
    assert {page.name(run.run_id) for run in page.attempts} == {
        uuid(30)[:17],
        uuid(2)[:17],
        uuid(1)[:17] if " " in spec_id else f"{spec_id}#1",
    }
    text = fit(page, MAX_CHARS).text
    assert f"run {uuid(30)[:17]}" in text
    assert f"run {uuid(1)[:17]}" not in text or " " in spec_id
    for run in page.attempts:
        detail = service.get_run(parse(GetRun, {"run_id": page.name(run.run_id)}))
        assert detail.run_id == run.run_id


def test_ids_of_a_client_and_of_others_are_shown_whole(service):
    for minutes, run_id in ((2, "task-2025-12-19-000001"), (1, "6571f0c2a1b2c3d4e5f60718")):
        record(service, None, 1, minutes_ago=minutes, run_id=run_id, stderr=ERROR)
        page = service.recent_failures(parse(RecentFailures, {}))
        assert run_id in {page.name(group.place) for group in page.errors}
        assert service.get_run(parse(GetRun, {"run_id": run_id})).run_id == run_id


def test_a_recorded_run_is_called_by_the_number_that_it_got(service):
    arguments = {"spec_id": "soma", "exit_code": 1, "timestamp": NOW}
    for number in (1, 2):
        made = service.record_run(parse(RecordRun, arguments), recorded_by="test")
        assert made.name(made.run_id) == f"soma#{number}"
    again = service.record_run(parse(RecordRun, arguments | {"iteration": 2}), recorded_by="test")
    assert again.name(again.run_id) == again.run_id[:17]
    assert Attempt("soma", 2).name not in again.names.values()
