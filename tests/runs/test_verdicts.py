"""What an attempt means against the one before it, by its tests where both tell some."""

from datetime import timedelta

import pytest

from genesis_mcp.runs.attempt_places import places
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Signature, Verdict
from genesis_mcp.runs.test_changes import change_of
from genesis_mcp.runs.verdicts import (
    flaky_code,
    flaky_tests,
    same_error,
    streak_without_progress,
    verdict,
)
from tests.helpers.reports import counts, report
from tests.helpers.service import NOW

SUITE = ["pytest"]


def attempt(told=None, *, command=None, error="boom", minutes=0, **fields):
    """A run with this report, which failed when a test did."""
    is_failed = fields.pop("failed", bool(told and told.failing_keys) or told is None)
    fields = {"spec_id": "conta", "exit_code": int(is_failed), "context": None} | fields
    fields |= counts(told) if told else {}
    fields |= {"context": {"command": command}} if command else {}
    if is_failed:
        fields["signature"] = Signature(message=error, group=error, exact=error, version=1)
    fields["timestamp"] = NOW + timedelta(minutes=minutes)
    return make_run(fields, recorded_by="tests")


def judged(*attempts):
    """What the last of some attempts means."""
    *_, run = attempts
    place = places(attempts)[run.run_id]
    told = {one.run_id: one.tests for one in attempts}
    before = place.before
    change = run.tests and change_of(run, run.tests, before, before and told[before.run_id])
    return verdict(run, place, change), change


CASES = {
    "fewer fail, none new": (
        report("a b c d", 2), report("b c d", 3),
        Verdict.PROGRESS, {"fixed": ("a",), "still": ("b", "c", "d")},
    ),
    "more fail, none fixed": (
        report("a", 3), report("a b", 2), Verdict.WORSE, {"new": ("b",), "still": ("a",)},
    ),
    "one fixed, one new": (
        report("a b", 2), report("b c", 2),
        Verdict.NEW_ERROR, {"fixed": ("a",), "new": ("c",), "still": ("b",)},
    ),
    "the same fail in the same way": (
        report("a b", 2), report("a b", 2), Verdict.SAME_ERROR, {"still": ("a", "b")},
    ),
    "the same fail in another way": (
        report("a=4 b", 2), report("a=5 b", 2), Verdict.NEW_ERROR, {"still": ("a", "b")},
    ),
    "fewer were run": (
        report("a b c", 7), report("a", 0), Verdict.SAME_ERROR,
        {"still": ("a",), "not_run": ("b", "c")},
    ),
    "fewer were run, and what ran fails in another way": (
        report("a=1 b c", 7), report("a=2", 0), Verdict.NEW_ERROR, {"not_run": ("b", "c")},
    ),
    "a test was skipped": (
        report("a b", 8), report("b", 8, skipped=1), Verdict.SAME_ERROR, {"not_run": ("a",)},
    ),
    "a test was skipped, and others were added": (
        report("a b", 8), report("b", 11, skipped=1), Verdict.PROGRESS, {"fixed": ("a",)},
    ),
    "a test was skipped, and as many were added": (
        report("a b", 8), report("b", 9, skipped=1), Verdict.SAME_ERROR, {"not_run": ("a",)},
    ),
    "what failed is skipped, and another one was added": (
        report("a", 8), report("", 9, skipped=1), Verdict.PART, {"not_run": ("a",)},
    ),
    "the whole suite after a part of it": (
        report("a", 0), report("a b c", 7), Verdict.NEW_ERROR, {"not_run_before": ("b", "c")},
    ),
    "the first failure ends the run, and it went on": (
        report("a", 2), report("b", 5), Verdict.PROGRESS, {"fixed": ("a",)},
    ),
    "the first failure ends the run, and it ends earlier": (
        report("b", 5), report("a", 2), Verdict.NEW_ERROR, {"not_run": ("b",), "new": ("a",)},
    ),
    "another one fails, no more pass": (
        report("a", 5), report("b", 5), Verdict.NEW_ERROR, {"fixed": ("a",), "new": ("b",)},
    ),
    "it could not be built, and is now": (
        report("f", 0, errored=1), report("a b c", 1), Verdict.PROGRESS,
        {"fixed": ("f",), "not_run_before": ("a", "b", "c")},
    ),
    "it cannot be built any more": (
        report("a b c", 1), report("f", 0, errored=1), Verdict.WORSE,
        {"new": ("f",), "not_run": ("a", "b", "c")},
    ),
    "it can still not be built": (
        report("f", 0, errored=1), report("f", 0, errored=1), Verdict.SAME_ERROR, {"still": ("f",)},
    ),
    "one file of several could not be built, and its tests fail now": (
        report("f", 5, errored=1), report("a b c", 6), Verdict.NEW_ERROR,
        {"fixed": ("f",), "not_run_before": ("a", "b", "c")},
    ),
    "all pass": (report("a b", 2), report("", 4), Verdict.FIXED, {"fixed": ("a", "b")}),
    "a part passes": (report("a b", 2), report("", 1), Verdict.PART, {"not_run": ("a", "b")}),
    "it broke": (report("", 4), report("a", 3), Verdict.REGRESSED, {"new": ("a",)}),
    "it passes as before": (report("", 4), report("", 4), Verdict.STILL_PASSING, {}),
    "it passes with more tests": (report("", 4), report("", 6), Verdict.STILL_PASSING, {}),
    "tests of another runner": (
        report("a b", 2), report("c", 9, runner="jest"), Verdict.SAME_ERROR, {},
    ),
    "too many to be told apart, fewer fail": (
        report(passed=10, failed=6_000, is_complete=False),
        report(passed=500, failed=5_510, is_complete=False), Verdict.PROGRESS, {},
    ),
    "too many to be told apart, more fail": (
        report(passed=500, failed=5_510, is_complete=False),
        report(passed=10, failed=6_000, is_complete=False), Verdict.WORSE, {},
    ),
    "too many to be told apart, as many fail": (
        report(passed=10, failed=6_000, is_complete=False),
        report(passed=10, failed=6_000, is_complete=False), Verdict.SAME_ERROR, {},
    ),
    "too many to be told apart, fewer were run": (
        report(passed=10, failed=6_000, is_complete=False),
        report(passed=0, failed=5_500, is_complete=False), Verdict.SAME_ERROR, {},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected", "tests"), CASES.values(), ids=CASES)
def test_two_attempts_are_judged_by_their_tests(before, after, expected, tests):
    is_failed = {"failed": True} if before.failed else {}
    older = attempt(before, **is_failed)
    later = attempt(after, minutes=1, **({"failed": True} if after.failed else {}))

    meaning, change = judged(older, later)

    groups = ("fixed", "new", "still", "not_run", "not_run_before")
    found = {name: getattr(change, name).names for name in groups}
    assert meaning == expected
    assert {name: names for name, names in found.items() if names} | tests == {
        name: names for name, names in found.items() if names
    }


def test_where_nothing_tells_how_tests_failed_the_error_decides():
    told = report("a=? b=?", 2)

    same, _ = judged(attempt(told), attempt(told, minutes=1))
    other, _ = judged(attempt(told), attempt(told, minutes=1, error="bang"))

    assert (same, other) == (Verdict.SAME_ERROR, Verdict.NEW_ERROR)


def test_the_first_printed_error_may_change_where_the_same_tests_fail_in_the_same_way():
    told = report("a b", 2)

    assert judged(attempt(told), attempt(told, minutes=1, error="bang"))[0] == Verdict.SAME_ERROR


def test_the_same_tests_on_the_same_code_are_nothing_changed():
    told = report("a b", 2)

    meaning, _ = judged(attempt(told, code_hash="x"), attempt(told, minutes=1, code_hash="x"))

    assert meaning == Verdict.NOTHING_CHANGED


def test_runs_without_tests_are_judged_by_their_error():
    older, same, other = attempt(), attempt(minutes=1), attempt(minutes=2, error="bang")

    assert verdict(same, older) == Verdict.SAME_ERROR
    assert verdict(other, older) == Verdict.NEW_ERROR
    assert same_error(older, same)


def test_a_failure_without_a_failing_test_is_judged_by_its_error():
    """Such as a suite that passes, of which too little is covered."""
    meaning, change = judged(
        attempt(report("a", 3)), attempt(report("", 4), failed=True, minutes=1, error="coverage")
    )

    assert (meaning, change.fixed.names) == (Verdict.NEW_ERROR, ("a",))


def test_a_run_of_what_failed_alone_is_told_from_its_command():
    older = attempt(report("test_a test_b test_c", 7), command=["pytest"])
    again = attempt(
        report("test_b", 2),
        command=["pytest", "t.py::test_a", "t.py::test_b", "t.py::test_c"],
        minutes=1,
    )

    meaning, change = judged(older, again)

    assert (meaning, change.fixed.names) == (Verdict.PROGRESS, ("test_a", "test_c"))


def test_a_name_in_a_command_is_no_proof_where_too_few_passed():
    older = attempt(report("test_a test_b test_c", 7), command=["pytest"])
    command = ["pytest", "-k", "test_a or test_c"]
    again = attempt(report("test_b", 1), command=command, minutes=1)

    meaning, change = judged(older, again)

    assert (meaning, change.fixed.names) == (Verdict.SAME_ERROR, ())


@pytest.mark.parametrize(
    "left_out", [["--deselect", "t.py::test_a"], ["-k", "not test_a"], ["--", "--skip", "test_a"]]
)
def test_a_test_that_a_command_leaves_out_is_not_run(left_out):
    older = attempt(report("test_a test_b", 8), command=["pytest"])
    later = attempt(report("test_b", 8), command=["pytest", *left_out], minutes=1)

    meaning, change = judged(older, later)

    assert (meaning, change.not_run.names) == (Verdict.SAME_ERROR, ("test_a",))


def test_a_part_of_a_suite_that_passes_is_no_pass():
    whole = attempt(report("a b", 8), command=SUITE)
    of_it = attempt(report("a", 0), command=["pytest", "a"], minutes=1)
    passes = attempt(report("", 1), command=["pytest", "a"], minutes=2)
    again = attempt(report("", 1), command=["pytest", "a"], minutes=3)
    then = attempt(report("b", 9), command=SUITE, minutes=4)
    attempts = [whole, of_it, passes, again, then]

    found = places(attempts)

    assert [found[run.run_id].is_part for run in attempts] == [False, False, True, True, False]
    assert found[then.run_id].before is whole
    assert judged(*attempts[:3])[0] == judged(*attempts[:4])[0] == Verdict.PART


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (["go", "test", "./..."], ["go", "test", "-run", "^a$", "./..."]),
        (["pytest", "-qq"], ["pytest", "-qq", "t.py::a"]),
        (["mvn", "-q", "test"], ["mvn", "-q", "test", "-Dtest=Conta#a"]),
        (["sh", "-c", "go test ./..."], ["sh", "-c", "go test -run=a ./..."]),
    ],
)
def test_where_nobody_counts_passes_the_command_tells_a_part(whole, part):
    attempts = [
        attempt(report("a b", None), command=whole),
        attempt(report("a", None), command=part, minutes=1),
        attempt(command=part, failed=False, minutes=2),
        attempt(report("b", None), command=whole, minutes=3),
        attempt(command=[*whole, "-v"], failed=False, minutes=4),
    ]

    meanings = [judged(*attempts[: count + 1])[0] for count in range(len(attempts))]

    told = [Verdict.FIRST, Verdict.SAME_ERROR, Verdict.PART, Verdict.PROGRESS, Verdict.FIXED]
    assert meanings == told


def test_a_suite_that_has_become_smaller_passes_again_from_the_next_run_on():
    attempts = [
        attempt(report("a", 9), command=SUITE),
        attempt(report("", 9), command=SUITE, minutes=1),
        attempt(report("", 9), command=SUITE, minutes=2),
    ]

    assert judged(*attempts[:2])[0] == Verdict.PART
    assert judged(*attempts)[0] == Verdict.STILL_PASSING


def test_a_whole_pass_after_a_part_is_fixed():
    attempts = [
        attempt(report("a b", 8)),
        attempt(report("", 2), minutes=1),
        attempt(report("", 10), minutes=2),
    ]

    assert judged(*attempts)[0] == Verdict.FIXED


def test_doubt_is_no_outcome():
    older = attempt(report("a", 3))
    doubtful = attempt(report("", 4), minutes=1, doubt="its output tells of a failure")
    later = attempt(report("a", 3), minutes=2)
    found = places([older, doubtful, later])

    assert verdict(doubtful, older) is None
    assert not flaky_code([older, doubtful])
    assert found[later.run_id].before is older


def streak(*attempts):
    """How many of the newest failures of these attempts came no further."""
    told = [judged(*attempts[: count + 1]) for count in range(len(attempts))]
    newest_first = zip(reversed(attempts), reversed(told), strict=True)
    return streak_without_progress(means for run, means in newest_first if run.failed)


def loop(*reports):
    return [attempt(told, minutes=place) for place, told in enumerate(reports)]


STREAKS = {
    "without progress": (loop(*map(report, ("a b", "a b", "b c", "a b"), (2, 2, 2, 2))), 4),
    "since the last progress": (
        loop(*map(report, ("a b c d", "b c d", "b c e", "b c d"), (2, 3, 3, 3))), 3,
    ),
    "none but the newest": (loop(report("b", 3), report("a b", 2), report("b", 3)), 1),
    "it went on": (loop(report("a", 2), report("b", 3)), 1),
    "from what could not be built to failing tests": (
        loop(report("f", errored=1), report("f", errored=1), report("a b c", 1)), 1,
    ),
    "from failing tests to what cannot be built": (
        loop(report("a b c", 1), report("f", errored=1), report("f", errored=1)), 3,
    ),
    "fewer fail, and fewer were run": (loop(report("a b c", 7), report("a"), report("a")), 3),
    "more fail": (loop(report("a", 7), report("a b", 6), report("a b c", 5)), 3),
    "other errors": ([attempt(), attempt(error="bang"), attempt(error="bang")], 2),
    "a part passes meanwhile": (
        [attempt(report("a b", 8)), attempt(report("", 1), minutes=1),
         attempt(report("a b", 8), minutes=2)], 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("attempts", "expected"), STREAKS.values(), ids=STREAKS)
def test_stuck_counts_the_attempts_without_progress(attempts, expected):
    assert streak(*attempts) == expected


def test_a_test_that_passes_and_fails_on_the_same_code_is_flaky():
    older = attempt(report("a b", 2), code_hash="x")
    later = attempt(report("b c", 2), code_hash="x", minutes=1)

    _, change = judged(older, later)

    assert flaky_tests(later.tests, [change]) == ("a", "c")
    assert flaky_tests(later.tests, []) == ()
    assert flaky_tests(report("", 4, flaky_tests=("d",), flaky=1), []) == ("d",)


def test_a_pass_of_another_runner_fixes_nothing():
    """However many tests it ran: of those that failed it tells nothing."""
    failed = attempt(report("a b", 2), command=["pytest"])
    other = attempt(report("", 9, runner="jest"), command=["npx", "jest"], minutes=1)
    again = attempt(report("a b", 2), command=["pytest"], minutes=2)

    meaning, change = judged(failed, other)

    assert (meaning, change.not_run.names) == (Verdict.PART, ("a", "b"))
    assert places([failed, other])[other.run_id].is_part
    assert judged(failed, other, again)[0] == Verdict.SAME_ERROR


def test_another_runner_by_the_same_command_is_in_part_only_once():
    command = ["npm", "test"]
    attempts = [
        attempt(report("a b", 2), command=command),
        attempt(report("", 9, runner="vitest"), command=command, minutes=1),
        attempt(report("", 9, runner="vitest"), command=command, minutes=2),
    ]

    assert judged(*attempts[:2])[0] == Verdict.PART
    assert judged(*attempts)[0] == Verdict.STILL_PASSING


def test_passes_of_two_runners_are_passes():
    pytest_passed = attempt(report("", 9))
    jest_passed = attempt(report("", 2, runner="jest"), minutes=1)

    assert judged(pytest_passed, jest_passed)[0] == Verdict.STILL_PASSING
