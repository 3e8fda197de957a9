"""What was logged just before a failure by the same request, trace or service, on every store."""

from datetime import timedelta

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.questions.lines_before import READ_MAX
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on


@pytest.fixture
def service(store):
    return service_on(store)


def line(message, seconds_ago, level="info", **fields):
    fields |= {"kind": "event", "level": level, "message": message, "run_id": message[:60]}
    moment = NOW - timedelta(seconds=seconds_ago)
    return make_run({**fields, "timestamp": moment}, recorded_by="test")


def before(service, run_id="falhou", **arguments):
    return service.get_run(parse(GetRun, {"run_id": run_id, "part": "before", **arguments}))


def messages(page):
    return [one.message for one in page.before or ()]


@pytest.mark.parametrize(
    "context",
    [
        {"reqId": "r-7"},
        {"request_id": 7},
        {"traceId": "0af7651916cd43dd"},
        {"trace_id": "0af7651916cd43dd"},
        {"correlationId": "c"},
        {"req": {"id": 7, "method": "POST"}},
        {"trace": {"id": "0af"}},
    ],
    ids=str,
)
def test_lines_with_the_same_id_are_shown_whatever_their_service_the_newest_last(service, context):
    service.record(
        [
            line("pedido recebido", 5, service="porta", context=context),
            line("outro pedido", 4, service="api", context={"reqId": "r-8"}),
            line("consulta lenta", 3, "warn", service="api", context=context | {"ms": 900}),
            line("falhou", 2, "error", service="api", context=context),
            line("depois", 1, service="api", context=context),
        ]
    )

    page = before(service)
    assert messages(page) == ["pedido recebido", "consulta lenta"]
    assert page.summary.startswith("2 records before it with the same ")
    text = fit(page, MAX_CHARS, mark="0000").text
    assert "2025-12-19T15:29:57.000Z warn: consulta lenta" in text


def test_without_an_id_the_service_tells_and_a_run_is_a_line_too(service):
    record(service, "soma", 1, minutes_ago=1, run_id="r1", service="api", stderr="Erro: x\nmais\n")
    service.record(
        [
            line("de outro", 9, service="web"),
            line("sem serviço", 8),
            line("começou", 7, service="api"),
            line("falhou", 2, "fatal", service="api", context={"reqId": "so este"}),
        ]
    )

    page = before(service)
    assert messages(page) == ["Erro: x mais", "começou"]
    assert page.summary == (
        "2 records before it with the same service; none has its reqId, the newest last."
    )
    assert messages(before(service, grep="COMEC")) == ["começou"]
    assert messages(before(service, lines=1)) == ["começou"]
    assert before(service, lines=1).hint == 'get_run(run_id="começou", part="before")'
    assert service.get_run(parse(GetRun, {"run_id": "falhou"})).hint == (
        'get_run(run_id="falhou", part="before")'
    )


def test_an_empty_answer_says_why(service):
    service.record(
        [
            line("nada", 3),
            line("sozinho", 2, "error"),
            line("primeiro", 1, "error", service="api"),
            line("com id", 0, "error", context={"reqId": "x"}),
        ]
    )
    assert "has no service and no request or trace id" in before(service, "sozinho").summary
    assert before(service, "primeiro").summary == "No record with the same service before it."
    assert before(service, "com id").summary == "No record with the same reqId before it."
    assert messages(before(service, "com id")) == []
    with pytest.raises(InputError, match=r"^from_line: "):
        before(service, "sozinho", from_line=3)


def test_how_far_was_looked_is_said_and_the_answer_keeps_within_its_budget(service):
    long = [line(f"{place} {'x' * 200}", 900 - place, service="api") for place in range(READ_MAX)]
    service.record([*long, line("falhou", 0, "error", service="api", context={"reqId": "x"})])
    service.record([line("antes de todos", 999, service="api", context={"reqId": "x"})])

    page = before(service, lines=100)
    assert "none has its reqId among the 300 records before it" in page.summary
    assert len(messages(page)) == 100
    fitted = fit(page, 4_000)
    assert len(fitted.text) <= 4_000
    assert 'part="before"' in (fitted.result.hint or "")
    assert f"{READ_MAX - 1} xxx" in fitted.text
