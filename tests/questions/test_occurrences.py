"""All failures with one error: `recent_failures(error=...)`, on every store."""

from typing import Any

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on

SUM = (
    'Traceback (most recent call last):\n  File "soma.py", line 3\nValueError: esperado 4, veio 5\n'
)
NAME = "TypeError: nome inválido\n    at criar (/app/usuario.js:3:9)\n"


@pytest.fixture
def service(store):
    return service_on(store)


def failures(service, **arguments):
    return service.recent_failures(parse(RecentFailures, arguments))


def ids(page):
    return [one.run_id for one in page.occurrences]


def fill(service, number=7):
    for place in range(number):
        spec_id = ("soma", "total")[place % 2]
        record(service, spec_id, 1, minutes_ago=20 - place, run_id=f"sum-{place}", stderr=SUM)
        record(service, "usuario", 1, minutes_ago=20 - place, run_id=f"name-{place}", stderr=NAME)
    record(service, "soma", 0, minutes_ago=30, run_id="passed")


def test_every_failure_with_the_error_of_a_run_is_listed_and_no_other(service):
    fill(service)
    line = {"kind": "event", "level": "error", "message": SUM, "run_id": "event", "spec_id": "soma"}
    service.record([make_run({**line, "timestamp": NOW}, recorded_by="test")])

    page = failures(service, error="soma#2")
    assert ids(page) == ["event", *(f"sum-{place}" for place in range(6, -1, -1))]
    assert (page.failed, page.error_events, page.runs) == (7, 1, 15)
    text = fit(page, MAX_CHARS, mark="0000").text
    assert text.startswith(
        "With this error: 7 of 15 runs failed, and 1 error event; newest 0 s ago.\n"
        "run event · `soma` · error event · 2025-12-19T15:30Z\n"
        "`soma` #4 · failed, exit 1 · 15:16\n"
    )
    assert "ValueError: esperado 4, veio 5 (soma.py:3)" in text
    assert "TypeError" not in text


def test_the_newest_one_is_quoted_in_full_when_that_is_asked_for(service):
    steps = "".join(f"passo {number} {'x' * 50}\n" for number in range(60))
    record(service, "soma", 1, minutes_ago=1, run_id="r1", stderr=f"{steps}{SUM}")
    shown = {
        detail: failures(service, error="r1", detail=detail).errors[0].text.text
        for detail in ("summary", "full")
    }
    assert len(shown["summary"]) <= 600 < 3_000 < len(shown["full"])


def test_the_pages_of_one_error_show_each_failure_once_and_keep_the_filters(service):
    fill(service)
    shown, before = [], None
    for number in range(4):
        page = failures(service, error="sum-1", limit=2, before=before)
        assert page.summary.startswith("With this error: 7 of 15 runs failed")
        assert bool(page.errors) == (number == 0)
        shown += ids(page)
        before = page.occurrences[-1].run_id
        assert (page.more is None) == (number == 3)
    assert shown == [f"sum-{place}" for place in range(6, -1, -1)]

    of_one = failures(service, error="sum-1", spec_id="total", since="18m")
    assert ids(of_one) == ["sum-5", "sum-3"]
    assert of_one.summary.startswith("With this error since 2025-12-19T15:12:00Z with spec_id=")


def test_rows_that_nobody_signed_are_read_and_it_is_said_how_many(service):
    fill(service, 2)
    texts = {"sum-x": SUM, "name-x": NAME}
    for run_id, stderr in texts.items():
        fields = {"spec_id": "soma", "exit_code": 1, "stderr": stderr, "run_id": run_id}
        service.store.insert([make_run({**fields, "timestamp": NOW}, recorded_by="other")])

    page = failures(service, error="sum-0")
    assert ids(page) == ["sum-x", "sum-1", "sum-0"]
    assert page.summary == "With this error: 3 of 6 failures that were read; newest 0 s ago."
    first = failures(service, error="sum-0", limit=1)
    assert ids(first) == ["sum-x"]
    assert 'before="' in first.more
    assert ids(failures(service, error="sum-0", limit=1, before="sum-x")) == ["sum-1"]


def test_a_run_that_shows_no_error_and_one_that_does_not_exist_are_told(service):
    fill(service, 1)
    with pytest.raises(InputError, match=r"^error: this run shows none \(passed\)"):
        failures(service, error="passed")
    with pytest.raises(InputError, match=r"^error: no run has this id"):
        failures(service, error="nobody")
    none = failures(service, error="sum-0", until="2025-12-19T14:00:00Z")
    assert (ids(none), none.more) == ([], None)
    assert "nothing" in none.summary


def test_many_failures_with_one_error_keep_within_the_budget(service):
    fill(service, 60)
    answer: Any = fit(failures(service, error="sum-0", limit=50), 2_000)
    assert len(answer.text) <= 2_000
    assert 3 < len(answer.result.occurrences) < 50
    assert answer.result.more
