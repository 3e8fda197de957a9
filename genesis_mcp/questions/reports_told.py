"""What runs tell of their tests, which no list has: read from the store in one question."""

from collections.abc import Iterable, Sequence

from genesis_mcp.questions.errors_shown import PASSES_READ, SIGNED_BYTES
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.test_facts import is_read, told_of_tests
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.stores.contract import RunStore


def runners_of(store: RunStore, attempts: Sequence[RunFacts]) -> dict[str, str]:
    """Whose tests each of the attempts at a spec ran, by run_id, where that can matter.

    Nothing is read where all of them are of one command, or where none passed after a failure.
    """
    telling = [run for run in attempts if _tells_tests(run)]
    commands = {repr((run.context or {}).get("command")) for run in telling}
    is_one = len(commands) == 1 and commands != {"None"}
    if is_one or len({run.failed for run in telling}) < 2:
        return {}
    reports = reports_of(store, telling)
    return {run_id: report.runner for run_id, report in reports.items() if report.runner}


def reports_of(store: RunStore, runs: Iterable[RunFacts]) -> dict[str, TestReport]:
    """What each of these signed runs tells of its tests, by run_id; one question to the store.

    What another writer's run tells is read out of its texts.
    """
    known = {run.run_id: run for run in runs if _tells_tests(run)}
    reports = {run_id: run.tests for run_id, run in known.items() if isinstance(run, Run)}
    unread = [run_id for run_id in known if not reports.get(run_id)]
    fetched = store.fetch(unread, text_bytes=0) if unread else []
    reports |= {run.run_id: run.tests for run in fetched}
    foreign = [run.run_id for run in fetched if not is_read(run)]
    read = store.fetch(foreign[:PASSES_READ], text_bytes=SIGNED_BYTES) if foreign else []
    reports |= {run.run_id: told_of_tests(run).get("tests") for run in read}
    return {run_id: report for run_id, report in reports.items() if report}


def _tells_tests(run: RunFacts) -> bool:
    return run.tests_failed is not None or run.tests_passed is not None
