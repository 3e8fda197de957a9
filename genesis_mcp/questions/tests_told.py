"""What an attempt's tests mean, in words: numbers, and names as they may be shown."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from genesis_mcp.answers.readable import shown_line
from genesis_mcp.diagnostics.test_results.report import NOT_TOLD, TEST_DIGITS, FailingTest
from genesis_mcp.questions.judging import Judged
from genesis_mcp.runs.model import Run, RunFacts, Verdict
from genesis_mcp.runs.test_changes import (
    SomeTests,
    TestChange,
    failing,
    is_not_built,
    ran,
    tests_ran,
)
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.wording import changes_told, ended, plural

if TYPE_CHECKING:  # models: slow to make, and recording needs none
    from genesis_mcp.answers.shown_tests import ShownTests

NAMES_SHOWN = 3
"""Tests that one line names; the others are counted."""

GROUPS_SHOWN = 5
"""Errors of failing tests that an answer tells of; the tests of the others are counted."""

NAME_CHARS = 80
"""Characters shown of a test's name."""

MESSAGE_CHARS, PLACE_CHARS = 120, 100

LISTED_CHARS = 500
"""Characters shown of a name, and of a message, where all tests of a run are listed."""

COMPARED_NAMES = 20
"""Tests of each kind that a comparison of two runs names."""

_FILE = re.compile(r"[^\s:]*\.\w+::")
"""What pytest has before the name of a test."""

_CHANGES = ("fixed", "new", "not_run", "not_run_before")


# --- numbers, of which none is a program's word -------------------------------------------------


def told_end(one: Judged) -> str:
    """How an attempt ended, such as `failed, exit 1` or `passed, 1 of 4 tests`."""
    number = _part(one)
    return f"{ended(one.run)}, {number}" if number else ended(one.run)


def told_verdict(one: Judged) -> str | None:
    """The verdict with its numbers, such as `progress: 3 of 4 still fail`."""
    if one.verdict is None:
        return None
    numbers = "" if one.verdict == Verdict.PART else told_numbers(one)
    return f"{one.verdict}: {numbers}" if numbers else str(one.verdict)


def told_numbers(one: Judged) -> str:
    """How many tests fail, or pass; nothing where nobody counted them."""
    if one.change is None:
        return ""
    report = one.change.report
    if one.run.failed:
        return _failing(one.change, one.verdict)
    if ran(report) is None:
        return ""
    if one.verdict == Verdict.PART:
        return _part(one)
    skipped = f", {report.skipped:,} skipped" if report.skipped else ""
    if one.verdict == Verdict.FIXED and not skipped:
        return f"all {report.passed or 0:,} pass"
    return f"{plural(f'{report.passed or 0:,}', 'test')} passed{skipped}"


def _part(one: Judged) -> str:
    """Such as `1 of 4 tests`, when a run passed in part."""
    is_other = one.change is not None and one.change.is_other_runner
    if is_other and one.verdict == Verdict.PART and one.run.tests_passed is not None:
        return f"{plural(f'{one.run.tests_passed:,}', 'test')} of another runner"
    suite = one.place.suite or one.before
    number, total = tests_ran(one.run), tests_ran(suite) if suite else None
    if one.verdict != Verdict.PART or number is None or total is None:
        return ""
    if number >= total:
        skipped = f", {one.run.tests_skipped:,} skipped" if one.run.tests_skipped else ""
        return plural(f"{number:,}", "test") + skipped
    return f"{number:,} of {plural(f'{total:,}', 'test')}"


def _failing(change: TestChange, verdict: Verdict | None) -> str:
    report, before = change.report, change.before
    count, total = failing(report), ran(report)
    if not count:
        return f"{plural(f'{report.passed:,}', 'test')} passed" if report.passed else ""
    if is_not_built(report):
        return "no test could be run"
    is_still = bool(change.still) and not (change.new or change.not_run_before)
    verb = f"{'still ' if is_still else ''}{'fails' if count == 1 else 'fail'}"
    told = f"{count:,} {verb}" if total is None else f"{count:,} of {total:,} {verb}"
    return told + (_before(report, before, verdict, is_still=is_still) if before else "")


def _before(
    report: TestReport, before: TestReport, verdict: Verdict | None, *, is_still: bool
) -> str:
    """What it was before, where the number of now alone says too little."""
    if is_still or verdict not in (Verdict.PROGRESS, Verdict.WORSE, Verdict.NEW_ERROR):
        return ""
    if is_not_built(before):
        return ", before none could be run"
    if verdict == Verdict.PROGRESS and failing(before) == failing(report):
        return f", another one; {report.passed or 0:,} pass, {before.passed or 0:,} before"
    return f", {failing(before):,} before"


# --- names, which are a program's words ---------------------------------------------------------


def changes_in_words(one: Judged) -> str:
    """Such as `fixed: test_saque; new: test_juros`; for a line that is not fenced."""
    return changes_told(_changes(one))


def shown_tests(one: Judged, *, is_whole: bool = False) -> "ShownTests | None":
    """What an attempt's tests mean; `is_whole`: with those that fail, by their errors."""
    from genesis_mcp.answers.shown_tests import ShownTests

    change = one.change
    if change is None:
        return None
    shown = ShownTests(told=told_numbers(one), **_changes(one))
    return _with_failing(shown, change) if is_whole and failing(change.report) else shown


def _changes(one: Judged) -> dict[str, list[str]]:
    if one.change is None:
        return {}
    some = {kind: _without(getattr(one.change, kind), one.flaky) for kind in _CHANGES}
    some["flaky"] = SomeTests(len(one.flaky), one.flaky)
    return {kind: names_shown(tests) for kind, tests in some.items() if tests}


def _without(some: SomeTests, flaky: Sequence[str]) -> SomeTests:
    """Those that are not flaky: of one that is, nothing was fixed and nothing broken."""
    names = tuple(name for name in some.names if name not in flaky)
    return SomeTests(some.number - (len(some.names) - len(names)), names)


def compared_tests(one: Judged) -> "ShownTests | None":
    """What became of the tests between two runs: those of each kind by name."""
    shown, change = shown_tests(one), one.change
    if shown is None or change is None:
        return None
    found = {kind: getattr(change, kind) for kind in (*_CHANGES, "still")}
    named = {kind: names_shown(some, COMPARED_NAMES) for kind, some in found.items() if some}
    return shown.but(**named)


def _with_failing(shown: "ShownTests", change: TestChange) -> "ShownTests":
    groups = failing_groups(change)
    told = groups[:GROUPS_SHOWN]
    rest = failing(change.report) - sum(len(tests) for tests in told)
    return shown.but(failing=list(map(in_a_line, told)) or None, failing_not_shown=rest or None)


def failing_groups(change: TestChange) -> list[list[FailingTest]]:
    """The failing tests that are known by name, same error together; the newest ones first."""
    new = {*change.new.names, *change.not_run_before.names}
    groups: dict[str, list[FailingTest]] = {}
    for test in sorted(change.report.failing, key=lambda test: test.name not in new):
        way = test.key[TEST_DIGITS:]
        groups.setdefault(way if way != NOT_TOLD else test.message or "", []).append(test)
    return list(groups.values())


def more_tests(run: RunFacts) -> dict[str, int | None]:
    """Of a failure's tests, how many more fail than one, and of how many other errors."""
    report = run.tests if isinstance(run, Run) else None
    if report is None or failing(report) < 2:
        return {}
    groups = failing_groups(TestChange(report=report))
    return {"more_tests": failing(report) - 1, "other_errors": len(groups) - 1 or None}


def listed(report: TestReport) -> str:
    """All failing tests that are known by name, one in a line."""
    lines = [_whole_line(test) for test in report.failing]
    unnamed = failing(report) - len(lines)
    if unnamed > 0:
        lines.append(f"and {plural(f'{unnamed:,}', 'more failing test')}, not known by name")
    flaky = [f"passed on a retry: {shown_line(one, NAME_CHARS)}" for one in report.flaky_tests]
    return "\n".join([*lines, *flaky])


def _whole_line(test: FailingTest) -> str:
    """A test by the name that its runner takes."""
    return _with_error(shown_line(test.name, LISTED_CHARS) or "?", test, LISTED_CHARS)


def in_a_line(tests: list[FailingTest]) -> str:
    """Tests of one error as they are shown, and the error; the place is that of the first."""
    names = names_shown(SomeTests(len(tests), tuple(test.name for test in tests)))
    return _with_error(", ".join(names), tests[0], MESSAGE_CHARS)


def _with_error(names: str, test: FailingTest, chars: int) -> str:
    message = f": {shown_line(test.message, chars)}" if test.message else ""
    place = f"{test.file}:{test.line}" if test.file and test.line else test.file
    return f"{names}{message} ({shown_line(place, PLACE_CHARS)})" if place else names + message


def names_shown(some: SomeTests, at_most: int = NAMES_SHOWN) -> list[str]:
    """The first names, and how many there are more."""
    names = short_names(some.names[:at_most])
    more = some.number - len(names)
    return [*names, *([f"+{more:,} more"] if more else [])]


def short_names(names: Iterable[str]) -> list[str]:
    """Names as they may be shown, without the file that pytest puts before each."""
    return [shown_line(_FILE.sub("", name, count=1), NAME_CHARS) or "?" for name in names]
