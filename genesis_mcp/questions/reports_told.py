"""What runs tell of their tests, which no list has: read from the store in one question."""

from collections.abc import Iterable, Sequence
from typing import Any

from genesis_mcp.questions.errors_shown import PASSES_READ, SIGNED_BYTES
from genesis_mcp.questions.remembered import readings
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.test_facts import is_read, told_of_tests
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.stores.asking import Asked, Fetch
from genesis_mcp.stores.contract import ReadsAtOnce


def runners_of(store: ReadsAtOnce, attempts: Sequence[RunFacts]) -> dict[str, str]:
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


def reports_of(store: ReadsAtOnce, runs: Iterable[RunFacts]) -> dict[str, TestReport]:
    """What each of these signed runs tells of its tests, by run_id; one question to the store.

    What another writer's run tells is read out of its texts.
    """
    known = {run.run_id: run for run in runs if _tells_tests(run)}
    told = {run_id: run.tests for run_id, run in known.items() if isinstance(run, Run)}
    read = readings(store, [run_id for run_id in known if not told.get(run_id)])
    told |= {run_id: one["tests"] for run_id, one in read.items()}
    unread = [run_id for run_id in known if not told.get(run_id)]
    fetched = store.fetch(unread, text_bytes=0) if unread else []
    told |= {run.run_id: run.tests for run in fetched}
    foreign = [run.run_id for run in fetched if not is_read(run)]
    texts = store.fetch(foreign[:PASSES_READ], text_bytes=SIGNED_BYTES) if foreign else []
    told |= {run.run_id: told_of_tests(run).get("tests") for run in texts}
    return {run_id: report for run_id, report in told.items() if report}


def reports_wanted(runs: Iterable[RunFacts]) -> list[Asked[Any]]:
    """What `reports_of` will ask of what our recorders wrote."""
    run_ids = tuple(
        run.run_id for run in runs if _tells_tests(run) and not (isinstance(run, Run) and run.tests)
    )
    return [Fetch(run_ids, 0)] if run_ids else []


def _tells_tests(run: RunFacts) -> bool:
    return run.tests_failed is not None or run.tests_passed is not None
