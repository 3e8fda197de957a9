"""Runs that another program stored: what they tell of tests, and doubts, read when asked."""

from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.questions.errors_shown import PASSES_READ, signed
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from tests.helpers.service import service_on

FAILED = (
    "===== test session starts =====\n"
    "FAILED test_a.py::test_b - assert 1 == 2\n"
    "===== 1 failed, 2 passed in 0.12s =====\n"
)


def stored(store, *, exit_code, number=1, stdout=FAILED):
    """Runs as a writer stores them that reads nothing of what they printed."""
    runs = [
        make_run(
            {"spec_id": "s", "kind": "run", "exit_code": exit_code, "stdout": stdout},
            recorded_by="w",
        )
        for _ in range(number)
    ]
    store.insert(runs)
    return signed(store, list(store.find(RunQuery(spec_id="s")).runs))


def test_a_failure_of_another_writer_has_the_counts_of_its_output(store):
    [run] = stored(store, exit_code=1)
    assert (run.tests_passed, run.tests_failed, run.doubt) == (2, 1, None)
    assert run.signature is not None


def test_a_pass_of_another_writer_is_in_doubt_when_its_own_summary_tells_of_failures(store):
    [run] = stored(store, exit_code=0, stdout="x\n" * 50_000 + FAILED)
    assert run.doubt == "exit 0, but its own summary tells of 1 failed test"


def test_only_the_newest_passes_of_another_writer_are_read(store):
    runs = stored(store, exit_code=0, number=PASSES_READ + 5)
    assert [run.doubt is not None for run in runs] == [True] * PASSES_READ + [False] * 5


def test_get_run_tells_a_doubt_of_another_writers_pass(store):
    [run] = stored(store, exit_code=0)
    page = service_on(store).get_run(GetRun(run_id=run.run_id))
    assert page.ended == "passed, in doubt: exit 0, but its own summary tells of 1 failed test"
    assert page.ended in page.summary
    assert page.verdict is None
