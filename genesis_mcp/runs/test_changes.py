"""What became of the tests between two runs of one spec: fixed, new, still failing, not run.

Pure functions on reports. Absent from a list of failures may mean "not run": a test counts as fixed
only where the later run shows that it passed, or ran at least as many tests of the same runner.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from genesis_mcp.diagnostics.test_results.report import NOT_TOLD, TEST_DIGITS
from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.test_report import TestReport


@dataclass(frozen=True, slots=True)
class SomeTests:
    """Some of the tests of a run: how many, and the names of those that are known by name."""

    number: int = 0
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.number > 0


_NONE = SomeTests()

_LEAVES_OUT = re.compile(r"\bnot\b|deselect|exclude|ignore|invert|skip", re.IGNORECASE)
"""In a command, where the tests that it names may be those that it leaves out."""

_SELECTING = re.compile(
    r"-run|--run|-t|-k|-g|--grep|--filter|--tests|--exact|--match|--testNamePattern"
    r"|--test-name-pattern|--gtest_filter|-Dtest|-Dit\.test|--lf|--last-failed|--onlyFailures"
    r"|--only-failures|.*::.*"
)
"""Options of runners that select tests, and tests by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestChange:
    """The tests of a run against those of the run before it."""

    __test__: ClassVar[bool] = False  # for pytest, which takes the name for a test's

    report: TestReport
    before: TestReport | None = None
    """None: nothing is known of the run before, or it ran tests of another runner."""
    is_other_runner: bool = False
    is_exact: bool = False
    """Whether both reports know each failing test; otherwise only the counts are sure."""
    fixed: SomeTests = _NONE
    new: SomeTests = _NONE
    still: SomeTests = _NONE
    not_run: SomeTests = _NONE
    """Those that failed before, of which the later run shows nothing."""
    not_run_before: SomeTests = _NONE
    """Those that fail now, and may have failed before: fewer tests ran then."""
    is_same_way: bool = False
    """Whether those that still fail do so as before, as far as the reports tell how."""
    is_way_told: bool = False
    """Whether they tell how of each."""


def failing(report: TestReport) -> int:
    """How many tests failed, or ended in an error."""
    return report.failed + report.errored


def ran(report: TestReport) -> int | None:
    """How many tests ran; None where nothing tells how many passed."""
    return None if report.passed is None else report.passed + failing(report)


def is_not_built(report: TestReport) -> bool:
    """Whether no test ran at all, as where a suite could not be collected or compiled."""
    return bool(report.errored) and not report.failed and not report.passed


def tests_ran(run: RunFacts) -> int | None:
    """`ran` by what every list has of a run."""
    if run.tests_passed is None:
        return None
    return run.tests_passed + (run.tests_failed or 0)


def is_same_command(run: RunFacts, other: RunFacts | None) -> bool:
    """Whether two runs are known to be of one command, and so of one selection of tests."""
    command = (run.context or {}).get("command")
    return bool(command) and other is not None and command == (other.context or {}).get("command")


def selects_more(run: RunFacts, other: RunFacts) -> bool:
    """Whether a run's command selects tests in a way that the other's has not."""
    more = _words(run) - _words(other)
    return any(_SELECTING.fullmatch(word.partition("=")[0]) for word in more)


def _words(run: RunFacts) -> set[str]:
    return set(" ".join(_arguments(run)).split())


def change_of(
    run: RunFacts,
    report: TestReport,
    previous: RunFacts | None = None,
    before: TestReport | None = None,
) -> TestChange:
    """What became of the tests since the run before, as far as the two reports tell."""
    if previous is None or before is None:
        return TestChange(report=report)
    if not is_same_runner(report.runner, before.runner):
        known = tuple(test.name for test in before.failing)
        return TestChange(
            report=report, is_other_runner=True, not_run=SomeTests(failing(before), known)
        )
    if not (report.is_complete and before.is_complete):
        return TestChange(report=report, before=before)
    keys, keys_before = _ways(report), _ways(before)
    names = _names(before) | _names(report)
    gone = [test for test in keys_before if test not in keys]
    come = [test for test in keys if test not in keys_before]
    still = [test for test in keys if test in keys_before]
    is_command = is_same_command(run, previous)
    passed = gone if _ran_as_many(report, before, is_command=is_command) else []
    if not passed and not is_command:
        passed = _shown_to_pass(run, report, gone, names)
    was_run = _ran_as_many(before, report, is_command=is_command)
    return TestChange(
        report=report,
        before=before,
        is_exact=True,
        fixed=_tests(passed, names),
        new=_tests(come if was_run else [], names),
        still=_tests(still, names),
        not_run=_tests([test for test in gone if test not in passed], names),
        not_run_before=_tests([] if was_run else come, names),
        is_same_way=all(_is_one_way(keys[test], keys_before[test]) for test in still),
        is_way_told=all(NOT_TOLD not in (keys[test], keys_before[test]) for test in still),
    )


def is_same_runner(runner: str | None, other: str | None) -> bool:
    """Whether tests can be compared; a runner that nobody knows is taken for the same."""
    return runner is None or other is None or runner == other


def _ways(report: TestReport) -> dict[str, str]:
    """How each failing test failed, by what tells the test."""
    return {key[:TEST_DIGITS]: key[TEST_DIGITS:] for key in report.failing_keys}


def _is_one_way(one: str, other: str) -> bool:
    return one == other or NOT_TOLD in (one, other)


def _names(report: TestReport) -> dict[str, str]:
    return {test.key[:TEST_DIGITS]: test.name for test in report.failing}


def _tests(tests: Collection[str], names: dict[str, str]) -> SomeTests:
    return SomeTests(len(tests), tuple(names[test] for test in tests if test in names))


def _ran_as_many(report: TestReport, other: TestReport, *, is_command: bool) -> bool:
    """Whether a run ran at least as many tests as another; one command runs the same ones.

    Where more were skipped than in the other, new ones may have run in their place.
    """
    number, number_of_other = ran(report), ran(other)
    if number is None or number_of_other is None:
        return is_command and number is number_of_other
    return number - max(0, report.skipped - other.skipped) >= number_of_other


def _shown_to_pass(
    run: RunFacts, report: TestReport, gone: list[str], names: dict[str, str]
) -> list[str]:
    """Those that the run's own command names, as one that runs only what failed does."""
    told = "\n".join(_arguments(run))
    if not told or _LEAVES_OUT.search(told):
        return []
    named = [test for test in gone if (name := names.get(test)) and _is_word(name, told)]
    return named if len(named) <= (report.passed or 0) else []


def _arguments(run: RunFacts) -> Iterator[str]:
    command = (run.context or {}).get("command")
    for one in command if isinstance(command, list) else [command]:
        if isinstance(one, str):
            yield one


def _is_word(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
