"""What a list shows again is not fetched again, and nothing that is gone or new is missed."""

from datetime import timedelta

import pytest

from genesis_mcp.questions import fetched_before
from genesis_mcp.questions.arguments import LogsForSpec, RecentFailures
from genesis_mcp.questions.fetched_before import FetchedBefore, Listed
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import Failure
from genesis_mcp.runs.signing import sign
from tests.helpers.mongod import mongodb_store
from tests.helpers.round_trips import counted_trips, listen
from tests.helpers.service import NOW, service_on

ERRORS = ["ValueError: saldo", "KeyError: 'nota'", "TypeError: soma", "NameError: x", *"ABCDE"]


def a_run(number=0, *, error=None, stdout="passo feito\n"):
    return sign(
        make_run(
            {
                "run_id": f"0000000{number}-0000-7000-8000-000000000000",
                "spec_id": f"spec_{number}",
                "iteration": 1,
                "exit_code": 1,
                "timestamp": NOW - timedelta(minutes=number),
                "stdout": stdout,
                "stderr": f"um passo\nmais um\n{error or ERRORS[number]}",
            },
            recorded_by="test",
        )
    )


@pytest.fixture(params=["clickhouse", "mongodb"])
def service(request):
    listen()
    if request.param == "mongodb":
        opened = mongodb_store(request.getfixturevalue("mongod"), "fetched")
    else:
        opened = request.getfixturevalue("empty_clickhouse_store")
    yield service_on(opened)
    opened.close()


def asked(service):
    """What both questions answer, and the requests that they took."""
    with counted_trips() as trips:
        page = service.recent_failures(RecentFailures())
        spec = service.logs_for_spec(LogsForSpec(spec_id="spec_0"))
    return page, spec, trips.number


@pytest.mark.engines
def test_the_second_answer_is_the_first_one_for_fewer_requests(service):
    service.record([a_run(number) for number in range(4)])
    page, spec, number = asked(service)
    again, spec_again, fewer = asked(service)
    assert (again, spec_again) == (page, spec)
    assert fewer < number


@pytest.mark.engines
def test_a_run_that_is_gone_is_not_shown(service):
    service.record([a_run(number) for number in range(4)])
    asked(service)
    service.store.forget([a_run(0).run_id])
    page, _, _ = asked(service)
    assert {group.spec_id for group in page.errors} == {"spec_1", "spec_2", "spec_3"}


@pytest.mark.engines
def test_a_run_that_takes_the_id_of_one_that_is_gone_is_shown_as_it_is(service):
    service.record([a_run(0)])
    asked(service)
    service.store.forget([a_run(0).run_id])
    service.record([a_run(0, error="KeyError: 'frete'")])
    page, spec, _ = asked(service)
    [group] = page.errors
    assert group.error == "KeyError: 'frete'"
    assert "frete" in str(group.text)
    assert [one.error for one in spec.attempts] == ["KeyError: 'frete'"]


def test_only_the_run_that_a_list_tells_of_is_given_back():
    before = FetchedBefore()
    before.keep([run := a_run(1)], None)
    listed = Listed.of(run)
    assert before.get(run.run_id, None, listed) is run
    assert before.get(run.run_id, 0, listed) is None
    assert before.get("another", None, listed) is None
    signature = run.signature
    one = (run.run_id, run.timestamp, run.spec_id, signature.group, signature.version)
    assert before.get(run.run_id, None, Listed.of(Failure(*one, run.recorded_at))) is run
    assert before.get(run.run_id, None, Listed.of(Failure(*one, run.recorded_at + 1))) is None
    unsigned = Failure(*one[:3], None, None, run.recorded_at)
    assert before.get(run.run_id, None, Listed.of(unsigned)) is None


def test_no_more_is_remembered_than_the_bounds(monkeypatch):
    monkeypatch.setattr(fetched_before, "REMEMBERED_CHARS", 5 * fetched_before.FACTS_CHARS)
    before = FetchedBefore()
    runs = [a_run(number) for number in range(9)]
    before.keep(runs, None)

    def remembered():
        return [run for run in runs if before.get(run.run_id, None, Listed.of(run))]

    assert remembered() == runs[-4:]
    before.keep(runs[-4:-3], None)
    before.keep(runs[:1], None)
    assert remembered() == [runs[0], runs[-4], *runs[-2:]]
    long = a_run(0, stdout="x" * fetched_before.RUN_CHARS_MAX)
    before.keep([long], 0)
    assert before.get(long.run_id, 0, Listed.of(long)) is None
