"""What an attempt means against the one before it. Pure functions on facts; no store, no text."""

from collections.abc import Iterable, Sequence

from genesis_mcp.runs.attempt_places import Place, is_known
from genesis_mcp.runs.model import RunFacts, Verdict
from genesis_mcp.runs.test_changes import TestChange, failing, is_not_built, ran
from genesis_mcp.runs.test_report import TestReport


def verdict(
    run: RunFacts, place: "Place | RunFacts | None", change: TestChange | None = None
) -> Verdict | None:
    """The verdict on `run`, given its place, or the run of the same spec before it in time.

    None for an event and for a run of which nobody knows how it ended. `change`: what became of
    its tests since; without it the error alone tells.
    """
    if run.kind == "event" or not is_known(run):
        return None
    place = place if isinstance(place, Place) else Place(place)
    previous = place.before
    if place.is_part or (previous and previous.failed and _passed_fewer(run, change)):
        return Verdict.PART
    if previous is None:
        return Verdict.FIRST
    if not run.failed:
        return Verdict.FIXED if previous.failed else Verdict.STILL_PASSING
    if not previous.failed:
        return Verdict.REGRESSED
    judged = _by_tests(change) if change else None
    return judged or _by_error(run, previous, change)


def _passed_fewer(run: RunFacts, change: TestChange | None) -> bool:
    """Whether a run passed, but nothing shows that all tests did which failed before."""
    return not run.failed and change is not None and bool(change.not_run)


def _by_error(run: RunFacts, previous: RunFacts, change: TestChange | None) -> Verdict:
    is_same = same_error(run, previous)
    if change and change.is_exact and failing(change.report):
        is_same = change.is_same_way and (is_same or change.is_way_told)
    if not is_same:
        return Verdict.NEW_ERROR
    return Verdict.NOTHING_CHANGED if same_code(run, previous) else Verdict.SAME_ERROR


def _by_tests(change: TestChange) -> Verdict | None:
    """The verdict between two failures of which both tell tests; None: the errors decide."""
    report, before = change.report, change.before
    if before is None or not _tells_of_both(change):
        return None
    if is_not_built(before) != is_not_built(report) and not change.still:
        return Verdict.PROGRESS if is_not_built(before) else Verdict.WORSE
    if not change.is_exact:
        return _by_counts(report, before)
    if change.fixed and not (change.new or change.not_run_before):
        return Verdict.PROGRESS
    if _went_on(change):
        return Verdict.PROGRESS
    if change.new and not change.fixed and failing(report) > failing(before):
        return Verdict.WORSE
    return Verdict.NEW_ERROR if change.new or change.not_run_before else None


def _tells_of_both(change: TestChange) -> bool:
    """Whether of two failures both tell that tests of one runner failed."""
    return change.before is not None and bool(failing(change.report) and failing(change.before))


def _went_on(change: TestChange) -> bool:
    """Whether all that failed before is gone and more passed, as with `--bail`."""
    report, before = change.report, change.before
    is_gone = bool(change.fixed) and not (change.still or change.not_run)
    return (
        is_gone
        and before is not None
        and (report.passed or 0) > (before.passed or 0)
        and failing(report) <= failing(before)
    )


def _by_counts(report: TestReport, before: TestReport) -> Verdict | None:
    """What two numbers of failing tests tell; nothing where fewer tests ran."""
    now, then = ran(report), ran(before)
    if now is None or then is None or now < then:
        return None
    if failing(report) < failing(before):
        return Verdict.PROGRESS
    is_worse = failing(report) > failing(before) and (report.passed or 0) < (before.passed or 0)
    return Verdict.WORSE if is_worse else None


def same_error(run: RunFacts, other: RunFacts) -> bool:
    """Whether two failures show the same error, values of an assertion included."""
    if run.signature is None or other.signature is None:
        return run.signature is other.signature and (run.outcome, run.exit_code) == (
            other.outcome,
            other.exit_code,
        )
    return run.signature.exact == other.signature.exact


def same_code(run: RunFacts, other: RunFacts) -> bool:
    """Whether two runs ran the same code, as far as it was recorded."""
    return run.code_hash is not None and run.code_hash == other.code_hash


def streak_without_progress(told: Iterable[tuple[Verdict | None, TestChange | None]]) -> int:
    """How many of the newest failures, of which this is told (newest first), came no further.

    The first of them may itself have come further than the one before it.
    """
    count = 0
    for count, (judged, change) in enumerate(told, 1):  # noqa: B007
        if not _came_no_further(judged, change):
            break
    return count


def _came_no_further(judged: Verdict | None, change: TestChange | None) -> bool:
    """Whether an attempt failed as before or worse.

    Another error is a step where nothing else is told; of tests it is one only as `progress`.
    """
    if judged == Verdict.NEW_ERROR:
        return change is not None and _tells_of_both(change)
    return judged in (Verdict.SAME_ERROR, Verdict.NOTHING_CHANGED, Verdict.WORSE)


def is_same_failure(judged: Verdict | None) -> bool:
    """Whether an attempt failed as the one before it did."""
    return judged in (Verdict.SAME_ERROR, Verdict.NOTHING_CHANGED)


def flaky_code(attempts: Sequence[RunFacts]) -> str | None:
    """The code that both passed and failed, if there is one; never guessed without code.

    What passed but a part of the tests is not to be among the attempts.
    """
    outcomes: dict[str, set[bool]] = {}
    for attempt in attempts:
        if attempt.code_hash and is_known(attempt):
            outcomes.setdefault(attempt.code_hash, set()).add(attempt.failed)
    return next((code for code, seen in outcomes.items() if len(seen) > 1), None)


def failures_of_passed_code(attempts: Sequence[RunFacts]) -> list[RunFacts]:
    """Those that failed on recorded code that passed as well; without passes of a part."""
    known = [run for run in attempts if run.code_hash and is_known(run)]
    passed = {run.code_hash for run in known if not run.failed}
    return [run for run in known if run.failed and run.code_hash in passed]


def flaky_tests(report: TestReport, changes: Iterable[TestChange]) -> tuple[str, ...]:
    """Names of tests that passed on a retry, or otherwise than in other runs of the same code.

    `changes`: what differs from each of those.
    """
    names = list(report.flaky_tests)
    for change in changes:
        names += [*change.fixed.names, *change.new.names]
    return tuple(dict.fromkeys(names))
