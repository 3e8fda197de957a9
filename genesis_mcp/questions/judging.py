"""What attempts mean, each against the one before it; their tests, which no list has, are read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.errors_shown import signed, signing_wanted
from genesis_mcp.questions.neighbours import earlier_runs
from genesis_mcp.questions.reports_told import reports_of, reports_wanted, runners_of
from genesis_mcp.questions.same_code import code_wanted, with_code
from genesis_mcp.runs.attempt_places import Place, is_known, places
from genesis_mcp.runs.model import RunFacts, Verdict
from genesis_mcp.runs.query import Cursor
from genesis_mcp.runs.test_changes import TestChange, change_of
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.verdicts import flaky_tests, same_code, verdict
from genesis_mcp.stores.asking import Asked
from genesis_mcp.stores.contract import ReadsAtOnce

_NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An attempt, what it is judged against, and what it means."""

    run: RunFacts
    place: Place = _NOWHERE
    change: TestChange | None = None
    """None where the run tells nothing of tests."""
    verdict: Verdict | None = None
    flaky: tuple[str, ...] = ()
    """Names of tests that passed on a retry, or otherwise than in another run of the same code."""

    @property
    def flaky_on_same_code(self) -> set[str]:
        """Those of the second kind alone."""
        return set(self.flaky) - set(self.change.report.flaky_tests if self.change else ())

    @property
    def before(self) -> RunFacts | None:
        return self.place.before


def judging_wanted(store: ReadsAtOnce, runs: Sequence[RunFacts]) -> list[Asked[Any]]:
    """What is asked of attempts to say what they mean: texts that nobody read, code, tests."""
    texts = signing_wanted(store, runs)
    fetched = {run_id: one.text_bytes or 0 for one in texts for run_id in one.run_ids}
    return [*texts, *code_wanted(store, runs, fetched), *reports_wanted(runs)]


def judged(store: ReadsAtOnce, run: RunFacts) -> Judged:
    """A signed attempt against the one before it; "first" only when none came before."""
    if run.kind == "event" or not is_known(run):
        return _judged(run, _NOWHERE, reports_of(store, [run]))
    earlier = earlier_runs(store, run)
    ask_ahead(store, *judging_wanted(store, [*earlier.known, run]))
    attempts = [*reversed(with_code(store, earlier.known)), run]
    place = places(attempts, runners_of(store, attempts))[run.run_id]
    [one] = all_judged(store, [run], [place], attempts)
    return one if one.before or earlier.is_complete else replace(one, verdict=None)


def all_judged(
    store: ReadsAtOnce,
    runs: Sequence[RunFacts],
    found: Sequence[Place],
    attempts: Iterable[RunFacts] = (),
) -> list[Judged]:
    """Signed attempts, each at its place; what they are judged against is signed here.

    `attempts`: more of them, among which those of the same code tell which tests are flaky.
    """
    read = {run.run_id: run for run in runs}
    befores = [place.before for place in found if place.before]
    unread = {run.run_id: run for run in befores if run.run_id not in read}
    ask_ahead(store, *judging_wanted(store, [*read.values(), *unread.values()]))
    read |= {run.run_id: run for run in signed(store, list(unread.values()))}
    failed = [run for run in read.values() if run.failed]
    read |= {run.run_id: run for run in with_code(store, failed)}
    coded = {run.code_hash for run in read.values() if run.code_hash}
    others = {run.run_id: run for run in attempts if run.code_hash in coded} | read
    reports = reports_of(store, others.values())
    return [
        _judged(read[run.run_id], place.against(read), reports, others.values())
        for run, place in zip(runs, found, strict=True)
    ]


def _judged(
    run: RunFacts,
    place: Place,
    reports: Mapping[str, TestReport],
    others: Iterable[RunFacts] = (),
) -> Judged:
    change = _change(run, place.before, reports)
    of_this_code = [other for other in others if same_code(run, other) and _is_before(other, run)]
    changes = [_change(run, other, reports) for other in of_this_code] if change else []
    return Judged(
        run=run,
        place=place,
        change=change,
        verdict=verdict(run, place, change),
        flaky=flaky_tests(change.report, filter(None, changes)) if change else (),
    )


def _is_before(run: RunFacts, other: RunFacts) -> bool:
    return is_known(run) and Cursor.of(run) < Cursor.of(other)


def _change(
    run: RunFacts, before: RunFacts | None, reports: Mapping[str, TestReport]
) -> TestChange | None:
    report = reports.get(run.run_id)
    if report is None:
        return None
    return change_of(run, report, before, reports.get(before.run_id) if before else None)
