"""Which error a run has when several of its tests failed: the one that most of them share."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from genesis_mcp.diagnostics.test_results.report import NOT_TOLD, TEST_DIGITS, FailingTest
from genesis_mcp.diagnostics.test_results.told_lines import end_of_line
from genesis_mcp.runs.model import Run
from genesis_mcp.text.clean import clean

if TYPE_CHECKING:
    from genesis_mcp.diagnostics.finding import FoundError

FEWEST = 3
"""Failing tests from which on two of them can share an error that others have not."""

TOLD_CHARS = 60
"""Of a message, by which it is found again in the output."""

ALIKE_CHARS = 30
"""Of two messages of one error: behind may stand the values, as each runner prints them."""

SEPARATING = " \t\n=-_*"
"""What a line between two tests is made of."""

LEAF_CHARS = 4
"""Of a name's end that is enough to find it by."""

ABOVE_CHARS, BELOW_CHARS = 4_000, 3_000
"""Of the output around a message in which its error is looked for."""


def shared_by_most(run: Run, tests: Sequence[FailingTest], found: "FoundError") -> "FoundError":
    """The error that most of a run's failing tests share, or else what was `found`.

    Of two that are shared by as many, the first that is printed. What was found and is no test's
    own, such as the crash of the whole program, stays.
    """
    groups = _by_way(tests)
    most = max(groups, key=len)
    own = next((some for some in groups if any(_tells(one, found) for one in some)), None)
    if own is None or len(own) >= len(most):
        return found
    return _error_of(run, most[0], tests) or found


def of_suite(tests: Sequence[FailingTest]) -> "FoundError":
    """The error of a suite whose tests are runs of their own: the one that most of them share."""
    from genesis_mcp.diagnostics.finding import FoundError, find_error

    test = max(_by_way(tests), key=len)[0]
    message = test.message or f"{test.name} failed"
    found = find_error(stdout=message, stderr="", guess=False) or FoundError(
        type=None, message=message, file=None, line=None, stream="stdout", line_number=0
    )
    return replace(found, file=test.file, line=test.line) if test.file else found


def _by_way(tests: Sequence[FailingTest]) -> list[list[FailingTest]]:
    """Those that failed in the same way together, the first first."""
    groups: dict[str, list[FailingTest]] = {}
    for test in tests:
        groups.setdefault(_way(test), []).append(test)
    return list(groups.values())


def _way(test: FailingTest) -> str:
    """How a test failed."""
    way = test.key[TEST_DIGITS:]
    return way if way != NOT_TOLD else test.key


def _tells(test: FailingTest, found: "FoundError") -> bool:
    """Whether what was found is this test's error: by its place, or by how the message begins."""
    if test.line is not None and found.line == test.line and _base(test) == _base(found):
        return True
    message = (test.message or "")[:ALIKE_CHARS]
    begun = found.message[:ALIKE_CHARS]
    return bool(message) and (message in found.message or begun in (test.message or ""))


def _base(placed: "FailingTest | FoundError") -> str:
    return re.split(r"[/\\]", placed.file or "")[-1]


def _error_of(run: Run, test: FailingTest, tests: Sequence[FailingTest]) -> "FoundError | None":
    """The error of one test, read where its message stands; None where it is not surely that."""
    from genesis_mcp.diagnostics.finding import find_error

    for is_stderr, printed in ((True, run.stderr), (False, run.stdout)):
        text = clean(printed)
        start, end = _span(text, test, [_leaf(other) for other in tests if other is not test])
        own = text[start:end].rstrip(SEPARATING)
        found = find_error(stdout="" if is_stderr else own, stderr=own if is_stderr else "")
        if found and _tells(test, found):
            if found.file is None:
                found = replace(found, file=test.file, line=test.line)
            return replace(found, line_number=found.line_number + text.count("\n", 0, start))
    return None


def _span(text: str, test: FailingTest, others: list[str]) -> tuple[int, int]:
    """Where one test is printed: from its name above its message until another test's name."""
    told = (test.message or "")[:TOLD_CHARS]
    place = text.find(told) if told else -1
    if place < 0:
        return 0, 0
    first = max(0, place - ABOVE_CHARS)
    after = max((text.rfind(leaf, first, place) for leaf in others), default=-1)
    begin = text.find(_leaf(test), max(first, after), place)
    last = place + len(told)
    if begin < 0:  # no name stands above it: the line is all there is
        return text.rfind("\n", 0, place) + 1, end_of_line(text, last)
    ends = [text.find(leaf, last, last + BELOW_CHARS) for leaf in others]
    end = min((one for one in ends if one >= 0), default=last + BELOW_CHARS)
    return text.rfind("\n", 0, begin) + 1, text.rfind("\n", last, end) + 1 or end


def _leaf(test: FailingTest) -> str:
    """The end of a name, as it stands above what is printed of the test."""
    leaf = re.split(r"::| > |/", test.name)[-1]
    return leaf if len(leaf) >= LEAF_CHARS else test.name
