"""Following what each answer offers as its next page visits everything once, and ends.

As a client does it: with the calls as they are written in the structured answer, on answers that
were cut to a small budget, with many runs of one millisecond and iterations that repeat.
"""

import ast
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.answers.markdown import fit
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import LogsForSpec, RecentFailures, SearchLogs
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.signing import sign
from tests.helpers.service import NOW

TOOLS = {
    "recent_failures": RecentFailures,
    "logs_for_spec": LogsForSpec,
    "search_logs": SearchLogs,
}
PAGES_MAX = 200
WORDS = (
    *("alfa", "beta", "gama", "delta", "epsilon", "zeta", "eta", "teta", "iota", "kapa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "ipsilon"),
)

records = st.lists(
    st.fixed_dictionaries(
        {
            "timestamp": st.sampled_from((0, 0, 0, 1, 2, 3_600_000)).map(
                lambda ms: NOW - timedelta(milliseconds=ms)
            ),
            "spec_id": st.sampled_from(("soma", "soma", "ação", None)),
            "exit_code": st.sampled_from((1, 1, 1, 0, None)),
            "error": st.sampled_from(WORDS),
            "kind": st.just("run"),
        },
        optional={"iteration": st.sampled_from((1, 1, 2))},
    ),
    min_size=1,
    max_size=40,
)


def recorded(store, drawn):
    """What was drawn, recorded in several calls."""
    runs = []
    for fields in drawn:
        error = fields.pop("error")
        text = f"marca\nValueError: {error} is wrong\n" if fields["exit_code"] != 0 else "marca\n"
        runs.append(sign(make_run({**fields, "stderr": text}, recorded_by="tests")))
    for first in range(0, len(runs), 7):
        store.insert(runs[first : first + 7])
    return runs


def followed(service, tool, **arguments):
    """Every structured page, the next one being asked for as the page before wrote it."""
    pages, asked = [], arguments
    while True:
        answer = getattr(service, tool)(TOOLS[tool](**asked))
        pages.append(fit(answer, 1_500).result.structured())
        assert len(pages) < PAGES_MAX, f"the pages of {tool} do not end"
        onward = pages[-1].get("more") or pages[-1].get("hint", "")
        if not onward.startswith(f"{tool}("):
            return pages
        call = ast.parse(onward.replace("true", "True").replace("false", "False"), mode="eval").body
        asked = {one.arg: ast.literal_eval(one.value) for one in call.keywords}


def listed(pages, items):
    return [item["run_id"] for page in pages for item in page.get(items) or []]


@given(drawn=records, limit=st.sampled_from((1, 3, 10)))
def test_attempts_of_a_spec_are_listed_once_each(empty_store, drawn, limit):
    with empty_store() as store:
        runs = recorded(store, drawn)
        expected = {run.run_id for run in runs if run.spec_id == "soma"}
        if expected:
            pages = followed(Service(store), "logs_for_spec", spec_id="soma", limit=limit)
            visited = listed(pages, "attempts")
            assert len(visited) == len(set(visited))
            assert set(visited) == expected


@given(drawn=records, limit=st.sampled_from((1, 3, 10)), since=st.sampled_from((None, "30m")))
def test_errors_are_listed_once_each(empty_store, drawn, limit, since):
    with empty_store() as store:
        runs = recorded(store, drawn)
        service = Service(store, clock=lambda: NOW)
        pages = followed(service, "recent_failures", limit=limit, since=since)
        errors = [error["error"] for page in pages for error in page.get("errors", [])]
        earliest = NOW - timedelta(minutes=30) if since else NOW - timedelta(days=1)
        expected = {
            run.signature.group
            for run in runs
            if run.failed and run.signature and run.timestamp >= earliest
        }
        assert len(errors) == len(set(errors)) == len(expected)


@given(drawn=records, limit=st.sampled_from((1, 3, 10)))
def test_failures_with_one_error_are_listed_once_each(empty_store, drawn, limit):
    with empty_store() as store:
        runs = [run for run in recorded(store, drawn) if run.failed]
        if runs:
            same = {run.run_id for run in runs if run.signature == runs[0].signature}
            service = Service(store, clock=lambda: NOW)
            pages = followed(service, "recent_failures", error=runs[0].run_id, limit=limit)
            visited = listed(pages, "occurrences")
            assert len(visited) == len(set(visited))
            assert set(visited) == same


@given(
    drawn=records,
    limit=st.sampled_from((1, 3, 10)),
    failures_only=st.booleans(),
    text=st.sampled_from(("marca", "alfa")),
)
def test_runs_that_printed_a_text_are_listed_once_each(
    empty_store, drawn, limit, failures_only, text
):
    with empty_store() as store:
        runs = recorded(store, drawn)
        service = Service(store, clock=lambda: NOW)
        asked = {"text": text, "limit": limit, "failures_only": failures_only}
        visited = listed(followed(service, "search_logs", **asked), "matches")
        assert len(visited) == len(set(visited))
        assert set(visited) == {
            run.run_id for run in runs if text in run.stderr and (run.failed or not failures_only)
        }
