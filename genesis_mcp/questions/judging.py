"""What attempts mean, each against the one before it; their tests, which no list has, are read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genesis_mcp.questions.errors_shown import PASSES_READ, SIGNED_BYTES, signed
from genesis_mcp.questions.neighbours import earlier_runs
from genesis_mcp.questions.same_code import with_code
from genesis_mcp.runs.attempt_places import Place, is_known, places
from genesis_mcp.runs.model import Run, RunFacts, Verdict
from genesis_mcp.runs.test_changes import TestChange, change_of
from genesis_mcp.runs.test_facts import is_read, told_of_tests
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.verdicts import verdict
from genesis_mcp.stores.contract import RunStore

_NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An attempt, what it is judged against, and what it means."""

    run: RunFacts
    place: Place = _NOWHERE
    change: TestChange | None = None
    """None where the run tells nothing of tests."""
    verdict: Verdict | None = None

    @property
    def before(self) -> RunFacts | None:
        return self.place.before


def judged(store: RunStore, run: RunFacts) -> Judged:
    """A signed attempt against the one before it; "first" only when none came before."""
    if run.kind == "event" or not is_known(run):
        return Judged(run=run, change=_change(run, None, reports_of(store, [run])))
    earlier = earlier_runs(store, run)
    place = places([*reversed(earlier.known), run])[run.run_id]
    [one] = all_judged(store, [run], [place])
    return one if one.before or earlier.is_complete else Judged(run=run, change=one.change)


def all_judged(store: RunStore, runs: Sequence[RunFacts], found: Sequence[Place]) -> list[Judged]:
    """Signed attempts, each at its place; what they are judged against is signed here."""
    read = {run.run_id: run for run in runs}
    befores = [place.before for place in found if place.before]
    unread = {run.run_id: run for run in befores if run.run_id not in read}
    read |= {run.run_id: run for run in signed(store, list(unread.values()))}
    failed = [run for run in read.values() if run.failed]
    read |= {run.run_id: run for run in with_code(store, failed)}
    reports = reports_of(store, read.values())
    return [
        _judged(read[run.run_id], place.against(read), reports)
        for run, place in zip(runs, found, strict=True)
    ]


def _judged(run: RunFacts, place: Place, reports: Mapping[str, TestReport]) -> Judged:
    change = _change(run, place.before, reports)
    return Judged(run=run, place=place, change=change, verdict=verdict(run, place, change))


def _change(
    run: RunFacts, before: RunFacts | None, reports: Mapping[str, TestReport]
) -> TestChange | None:
    report = reports.get(run.run_id)
    if report is None:
        return None
    return change_of(run, report, before, reports.get(before.run_id) if before else None)


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
