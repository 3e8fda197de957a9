"""How the runners of Python print their results: pytest and unittest."""

import re

from genesis_mcp.diagnostics.test_results.runner import (
    Counts,
    Fail,
    Line,
    Named,
    Printed,
    Runner,
    Sum,
)

_FILE = r"(?P<file>[^\s:]+(?:\.\w+|/)[^\s:]*)"
_NODE = rf"(?P<name>{_FILE}(?:::[^\[\n]*?(?:\[.*?\])?)?)"
_WORD = (
    r"(?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests? \w+)"
)
_SUM = rf"\d+ {_WORD}(?:, \d+ {_WORD})*"
_BARS = r"(?:=+ )?"
_SECTION = r"_+ (?:ERROR (?:at setup of|at teardown of|collecting) )?(?P<name>\S.*?) _+$"


def _title(name: str) -> str:
    """A test's name as the heading of its section has it: `TestA.test_b[1]`."""
    _, within, test = name.partition("::")
    if not within:
        return name
    path, bracket, values = test.partition("[")
    return path.replace("::", ".") + bracket + values


def _with_file(one: Named) -> Named:
    """The whole name of a test that is told by the heading of its section, and by its place."""
    if "::" in one.name or not one.file or one.name == one.file or "/" in one.name:
        return one
    if not re.fullmatch(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py", one.file):
        return one
    path, bracket, values = one.name.partition("[")
    return one._replace(name=f"{one.file}::{path.replace('.', '::')}{bracket}{values}")


def _unittest_id(groups: dict[str, str]) -> str:
    """`a.A.test_b` of `test_b (a.A)`, which newer versions print as `test_b (a.A.test_b)`."""
    test, where = groups.get("test", ""), groups.get("where", "")
    if not where or where.startswith("unittest.loader."):
        return test or groups.get("name", "")
    name = where if where.endswith(f".{test}") else f"{where}.{test}"
    return f"{name} {groups['values']}" if groups.get("values") else name


def _settled_unittest(counts: Counts, names: tuple[str, ...]) -> Counts:
    """The counts where failures of parts of tests, and of a class's setting up, are no tests."""
    tests = {re.sub(r" [\[(].*$", "", name) for name in names}
    ran = sum(
        1 for one in tests if not re.search(r"(?:^|\.)(?:setUp|tearDown)(?:Class|Module)$", one)
    )
    failing = ran if names else counts.get("failed", 0) + counts.get("errored", 0)
    passed = counts["total"] - failing - counts.get("skipped", 0)
    return {**counts, "passed": max(0, passed)}


RUNNERS = (
    Runner(
        name="pytest",
        unsummed_by=Line(
            hints=("test session starts", "short test summary info", "= FAILURES ="),
            pattern=r"=+ (?:test session starts|short test summary info|FAILURES|ERRORS) =+",
        ),
        evidence=Line(
            hints=("short test summary info", "= FAILURES =", "= ERRORS =", "test session starts"),
            pattern=r"=+ (?:test session starts|short test summary info|FAILURES|ERRORS) =+",
        ),
        completed=_with_file,
        opens=Line(hints=("test session starts",), pattern=r"=+ test session starts =+"),
        counts=(
            Sum(
                hints=(
                    "passed",
                    "failed",
                    "error",
                    "skipped",
                    "xfailed",
                    "deselected",
                    "no tests ran",
                ),
                pattern=rf"{_BARS}(?P<counts>{_SUM}|no tests ran(?:, {_SUM})?) in \d+\.\d+ "
                rf"?s(?:econds)?"
                r"(?: \([\d:]+\))?(?: =+)?$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("FAILED ", "ERROR ", "SUBFAIL"),
                    pattern=rf"(?P<how>FAILED|ERROR|SUBFAIL(?:ED)?\S*) {_NODE}(?: - "
                    rf"(?P<message>.*))?$",
                ),
            ),
            (
                Fail(
                    hints=(" FAILED", " ERROR"),
                    pattern=rf"(?:\[gw\d+\] )?(?:\[ *\d+%\] )?{_NODE} (?P<how>FAILED|ERROR)(?: "
                    rf"+\[ *\d+%\])?$",
                ),
                Fail(
                    hints=("] FAILED ", "] ERROR "),
                    pattern=rf"\[gw\d+\] \[ *\d+%\] (?P<how>FAILED|ERROR) {_NODE} *$",
                ),
            ),
            (Fail(hints=("_ ",), pattern=_SECTION.replace("(?:ERROR", "(?P<how>ERROR")),),
        ),
        section=Line(hints=("_ ",), pattern=_SECTION),
        joined=_title,
        message=(
            r"E {3,}(?P<message>\S.*)",
            r"(?P<message>[A-Za-z_][\w.]*(?:Error|Exception|Failed|Exit|Interrupt|Warning)\b.*)",
        ),
        place=r"(?:  File \")?(?P<file>[^\s:\"]+\.\w+)(?:\", line |:)(?P<line>\d+)(?:: |, |$)",
        innermost="last",
        retried=(
            Line(hints=(" RERUN",), pattern=rf"{_NODE} RERUN(?: +\[ *\d+%\])?$"),
            Line(
                hints=("RERUN ", "R "), pattern=rf"(?:\[gw\d+\] \[ *\d+%\] )?R(?:ERUN)? {_NODE} *$"
            ),
        ),
        examples=(
            Printed(
                "=== test session starts ===\ncollected 3 items\n\ntests/test_a.py .FE\n\n"
                "=== ERRORS ===\n___ ERROR at setup of test_c ___\nE   KeyError: 'c'\n"
                "=== FAILURES ===\n___ TestA.test_b[1-x y] ___\n\n>   assert f(1) == 2\n"
                "E   assert 1 == 2\n\ntests/test_a.py:9: AssertionError\n"
                "=== short test summary info ===\n"
                "FAILED tests/test_a.py::TestA::test_b[1-x y] - assert 1 == 2\n"
                "ERROR tests/test_a.py::test_c - KeyError: 'c'\n"
                "=== 1 failed, 1 passed, 1 error in 0.12s ===\n",
                {"passed": 1, "failed": 1, "errored": 1},
                ("tests/test_a.py::TestA::test_b[1-x y]", "tests/test_a.py::test_c"),
            ),
            Printed(
                "test_r.py::test_a RERUN                      [ 50%]\n"
                "test_r.py::test_a PASSED                     [ 50%]\n"
                "test_r.py::test_b PASSED                     [100%]\n"
                "=== 2 passed, 1 rerun in 0.14s ===\n",
                {"passed": 2, "flaky": 1},
                flaky=("test_r.py::test_a",),
            ),
        ),
    ),
    Runner(
        name="unittest",
        counts=(
            Sum(hints=("Ran ",), pattern=r"Ran (?P<total>\d+) tests? in [\d.]+s$", begins=True),
            Sum(
                hints=("FAILED (",), pattern=r"FAILED \((?P<counts>[a-zA-Z].*)\)$", words_first=True
            ),
            Sum(hints=("OK",), pattern=r"OK(?: \((?P<counts>.*)\))?$", words_first=True),
        ),
        needs=("total",),
        failing=(
            (
                Fail(
                    hints=("FAIL: ", "ERROR: "),
                    pattern=r"(?P<how>FAIL|ERROR): (?P<test>\S+) \((?P<where>[\w.$<>]+)\)"
                    r"(?: (?P<values>[\[(].*))?$",
                    above=r"=====",
                ),
                Fail(
                    hints=("FAIL: ", "ERROR: "),
                    pattern=r"(?P<how>FAIL|ERROR): (?P<name>(?!.* \([\w.$<>]+\)(?: [\[(].*)?$)"
                    r"\S.*)$",
                    above=r"=====",
                ),
            ),
        ),
        named=_unittest_id,
        settled=_settled_unittest,
        message=(
            r"(?P<message>[A-Za-z_][\w.]*(?:Error|Exception|Failed|Exit|Interrupt|Warning)\b.*)",
        ),
        last_message=True,
        place=r"  File \"(?P<file>[^\"]+)\", line (?P<line>\d+)",
        innermost="last",
        examples=(
            Printed(
                "F.E\n======\nFAIL: test_b (a.A.test_b) (n=1)\n------\nTraceback (most recent "
                "call last):\n"
                '  File "/w/a.py", line 4, in test_b\n    self.assertEqual(1, 2)'
                "\nAssertionError: 1 != 2\n\n"
                "======\nERROR: test_c (a.A)\n------\nTraceback (most recent call last):\n"
                '  File "/w/a.py", line 9, in test_c\n    f()\nKeyError: 1\n\n'
                "------\nRan 3 tests in 0.001s\n\nFAILED (failures=1, errors=1)\n",
                {"passed": 1, "failed": 1, "errored": 1},
                ("a.A.test_b (n=1)", "a.A.test_c"),
            ),
            Printed(
                "..\n------\nRan 2 tests in 0.001s\n\nOK (skipped=1)\n", {"passed": 1, "skipped": 1}
            ),
        ),
    ),
)
