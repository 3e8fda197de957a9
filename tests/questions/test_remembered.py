"""What the documents' workers wrote is read once by a process, and what is new is read still."""

import pytest

from genesis_mcp.questions import remembered
from genesis_mcp.questions.arguments import LogsForSpec, RecentFailures
from tests.helpers.service import NOW, service_on

FAILURES = 120


def document(number, stderr):
    return {
        "spec_id": f"spec_{number % 3}",
        "iteration": number,
        "stdout": "",
        "stderr": stderr,
        "exit_code": 1,
        "code_snapshot": None,
        "duration_ms": 5,
        "timestamp": NOW.replace(microsecond=number * 1000),
        "sprint_id": None,
        "task_id": None,
        "service": "genesis-pipeline",
        "version": "1.0.0",
    }


@pytest.fixture
def sent(v1_0, mongod):
    """Bytes that the server sent for a call, by its own count."""
    with mongod.client() as client:

        def sent_of(call):
            before = client.admin.command("serverStatus")["network"]["bytesOut"]
            answer = call()
            return answer, client.admin.command("serverStatus")["network"]["bytesOut"] - before

        yield sent_of


@pytest.mark.engines
def test_the_texts_of_foreign_rows_are_fetched_once(v1_0, sent):
    noise = "passo feito\n" * 800
    v1_0.write([document(n, f"{noise}ValueError: saldo {n % 7}") for n in range(FAILURES)])
    service = service_on(v1_0.store)

    def ask():
        page = service.recent_failures(RecentFailures())
        return page, service.logs_for_spec(LogsForSpec(spec_id="spec_1"))

    first, cost = sent(ask)
    again, cost_again = sent(ask)
    assert [one.model_dump() for one in first] == [one.model_dump() for one in again]
    assert cost > FAILURES * len(noise)
    assert cost_again < cost / 3

    v1_0.write([document(FAILURES + 1, "KeyError: 'frete'")])
    page, _ = ask()
    assert "KeyError: 'frete'" in {group.error for group in page.errors}


@pytest.mark.engines
def test_no_more_is_remembered_than_the_bound(v1_0, monkeypatch):
    monkeypatch.setattr(remembered, "REMEMBERED_MAX", 50)
    v1_0.write([document(n, f"ValueError: saldo {n}") for n in range(FAILURES)])
    service = service_on(v1_0.store)
    first = service.recent_failures(RecentFailures())
    assert service.recent_failures(RecentFailures()) == first
    assert len(remembered._READINGS[v1_0.store]) == 50
