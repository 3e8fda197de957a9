"""Any answer fits any budget, as text and in its structured form."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from genesis_mcp.answers.budget import MAX_CHARS_RANGE
from genesis_mcp.answers.markdown import fit
from genesis_mcp.questions.arguments import (
    PATTERN_CHARS_MAX,
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
)
from genesis_mcp.runs.conforming import make_run
from tests.helpers.service import NOW, service_on
from tests.properties.strategies import contexts

# What grows most when it is written as JSON, wants a fence, or looks like an error.
PIECES = ('"', "\\", "🙂", "é", "`", "x", " ", "<log-", "</log-", "[...]", "\t", "error: ")
LINES = ("\n", '\n  File "a.py", line 3, in f\n', "\nError: no\n", "\nexpected 5, got 7\n")
labels = st.builds(
    lambda piece, number: (piece * number)[:200],
    st.sampled_from(('"', "\\", "🙂", "é", "spec_a", "[a]")),
    st.sampled_from((1, 20, 200)),
)
# Pieces and how often each stands: written out only in the test, for the sake of its report.
outputs = st.lists(
    st.tuples(st.sampled_from(PIECES + LINES), st.sampled_from((1, 10, 300, 3_000))), max_size=6
)
hostile_runs = st.fixed_dictionaries(
    {"spec_id": labels, "exit_code": st.sampled_from((0, 1, 1, -1))},
    optional={
        "run_id": labels,
        "stdout": outputs,
        "stderr": outputs,
        "message": outputs,
        "code_snapshot": outputs,
        "service": labels,
        "sprint_id": labels,
        "task_id": labels,
        "version": labels,
        "context": contexts,
    },
)
searched = st.builds(
    lambda piece, number: (piece * number)[:PATTERN_CHARS_MAX],
    st.sampled_from(('"', "\\", "🙂", "é", "x", "error")),
    st.sampled_from((1, 20, PATTERN_CHARS_MAX)),
)
LEAST, MOST = MAX_CHARS_RANGE
budgets = st.sampled_from((LEAST, LEAST, LEAST, LEAST + 100, 4_000, 8_000, MOST))


def written_out(fields):
    """A run of which the texts are put together from their pieces."""
    texts = {
        name: "".join(piece * number for piece, number in value)
        for name, value in fields.items()
        if isinstance(value, list)
    }
    return make_run({"timestamp": NOW, **fields, **texts}, recorded_by="tests")


def every_answer(service, run, text, detail):
    """An answer of every question that can be asked of a run."""
    spec = {"spec_id": run.spec_id}
    yield service.recent_failures(RecentFailures(detail=detail))
    yield service.recent_failures(RecentFailures(**spec, limit=50))
    yield service.logs_for_spec(LogsForSpec(**spec, detail=detail, limit=50))
    yield service.logs_for_spec(LogsForSpec(spec_id=f"{run.spec_id[:190]}absent"))
    yield service.describe_logs(DescribeLogs())
    yield service.compare_runs(CompareRuns(**spec))
    yield service.search_logs(SearchLogs(text=text, failures_only=False))
    for part in ("summary", "stdout", "stderr", "code", "message"):
        yield service.get_run(GetRun(run_id=run.run_id, part=part))
        yield service.get_run(GetRun(run_id=run.run_id, part=part, grep=text))


LONG_QUOTES = {"spec_id": '"' * 200, "exit_code": 1, "message": [('"', 3_000)]}
CODE = [("x = 1\n", 1), ("raise Error('" + '"' * 900 + "')\n", 9)]
TRACE = [('Traceback (most recent call last):\n  File "a.py", line 4, in f\nError: no\n', 1)]
CODE_AND_TRACE = {"spec_id": "\\" * 200, "exit_code": 1, "code_snapshot": CODE, "stderr": TRACE}


@example(fields=[LONG_QUOTES], text="x", detail="full", budget=LEAST)
@example(fields=[CODE_AND_TRACE] * 5, text='"' * 500, detail="full", budget=LEAST)
@given(
    fields=st.lists(hostile_runs, min_size=1, max_size=6),
    text=searched,
    detail=st.sampled_from(("summary", "full")),
    budget=budgets,
)
def test_every_answer_fits_the_budget_in_both_forms(empty_store, fields, text, detail, budget):
    with empty_store() as store:
        service = service_on(store)
        runs = [written_out(one) for one in fields]
        service.record(runs)

        for result in every_answer(service, runs[-1], text, detail):
            answer = fit(result, budget)

            structured = json.dumps(answer.result.structured(), ensure_ascii=False)
            assert len(answer.text) <= budget, type(result).__name__
            assert len(structured) <= budget, type(result).__name__
