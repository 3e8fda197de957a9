"""The command that runs only what failed stands in the answers that show one failure."""

import pytest

from genesis_mcp.answers.markdown import render
from genesis_mcp.questions.arguments import GetRun, LogsForSpec
from tests.helpers.service import record, service_on

FAILED = (
    "===== test session starts =====\n"
    "FAILED test_a.py::test_b - assert 1 == 2\n"
    "===== 1 failed, 2 passed in 0.12s =====\n"
)
COMMAND = {"command": ["pytest", "-q"]}
LINE = "only what failed: pytest -q test_a.py::test_b"


@pytest.fixture
def service(store):
    return service_on(store)


def answers(service, run_id):
    return [
        render(service.logs_for_spec(LogsForSpec(spec_id="soma")), "0"),
        render(service.get_run(GetRun(run_id=run_id)), "0"),
    ]


def test_it_is_made_of_the_recorded_command(service):
    run = record(service, "soma", stdout=FAILED, exit_code=1, context=COMMAND)
    for text in answers(service, run.run_id):
        assert LINE in text.split("\n")


def test_it_stands_among_what_is_quoted(service):
    run = record(service, "soma", stdout=FAILED, exit_code=1, context=COMMAND)
    for text in answers(service, run.run_id):
        assert text.index("<log-") < text.index(LINE) < text.index("</log-")


@pytest.mark.parametrize(
    "context",
    [None, {"command": ["make", "test"]}, {"command": ["pytest", "--token", "hunter22", "-q"]}],
)
def test_without_a_command_that_is_known_nothing_is_guessed(service, context):
    run = record(service, "soma", stdout=FAILED, exit_code=1, context=context)
    for text in answers(service, run.run_id):
        assert "only what failed" not in text


def test_what_passes_by_now_is_not_to_be_run_again(service):
    record(service, "soma", minutes_ago=9, stdout=FAILED, exit_code=1, context=COMMAND)
    record(service, "soma", minutes_ago=1)
    page = service.logs_for_spec(LogsForSpec(spec_id="soma"))
    assert (page.newest_failure is not None, page.rerun) == (True, None)


def test_a_command_with_a_secret_is_not_shown(service):
    secret = {"command": ["pytest", "-q", "--reruns", "ghp_" + "a1B2" * 9]}
    run = record(service, "soma", stdout=FAILED, exit_code=1, context=secret)
    for text in answers(service, run.run_id):
        assert "only what failed" not in text
