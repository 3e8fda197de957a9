"""How the runners of compiled languages print their results."""

from genesis_mcp.diagnostics.test_results.runner import Fail, Line, Printed, Runner, Sum
from genesis_mcp.diagnostics.test_results.told_lines import end_of_line

_RUST_PANIC = r"thread '.*' (?:\(\d+\) )?panicked at (?P<file>[^':]\S*):(?P<line>\d+):\d+:?$"

_NEXTEST_TEST = r"\[.*?\] +(?:\( *(?:\d+/\d+|─+)\) )?(?P<suite>\S+) (?P<name>.*)"


def _case(text: str, place: int) -> str:
    """The name of a Catch2 test case: the first line between two of dashes, above its place."""
    text = f"\n{text[:place]}"
    dots = text.rfind("\n.....")
    last = text.rfind("\n-----", 0, max(dots, 0))
    first = text.rfind("\n-----", 0, max(last, 0))
    return text[end_of_line(text, first + 1) + 1 : last].split("\n")[0] if first >= 0 else ""


RUNNERS = (
    Runner(
        name="cargo test",
        unsummed_by=Line(hints=("running ",), pattern=r"running \d+ tests?$"),
        opens=Line(hints=("running ",), pattern=r"running \d+ tests?$"),
        counts=(
            Sum(
                hints=("test result: ",),
                pattern=r"test result: \w+\. (?P<counts>\d+ passed; \d+ failed; \d+ ignored)",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(" ... FAILED",),
                    pattern=r"test (?P<name>.*?)(?: - should panic)? \.\.\. FAILED$",
                ),
            ),
            (Fail(hints=(" stdout ----",), pattern=r"---- (?P<name>.*) stdout ----$"),),
        ),
        section=Line(hints=(" stdout ----",), pattern=r"---- (?P<name>.*) stdout ----$"),
        below=_RUST_PANIC,
        message=(
            r"thread '.*' (?:\(\d+\) )?panicked at '(?P<message>.*)', ",
            r"(?P<message>(?!thread|note: )\S.*)",
        ),
        more=r"\s*(?:left|right): .*",
        place=_RUST_PANIC,
        other_place=r"thread '.*' panicked at '.*', (?P<file>\S+):(?P<line>\d+):\d+$",
        examples=(
            Printed(
                "running 3 tests\ntest a::soma ... ok\ntest a::total ... FAILED\ntest a::x ... "
                "ignored\n\nfailures:\n\n"
                "---- a::total stdout ----\n\nthread 'a::total' (12) panicked at src/lib.rs:8:28:\n"
                "assertion `left == right` failed\n  left: 100\n right: 90\n\n\nfailures:\n    "
                "a::total\n\n"
                "test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; "
                "finished in 0.00s\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("a::total",),
            ),
        ),
    ),
    Runner(
        name="nextest",
        opens=Line(hints=("Starting ",), pattern=r" +Starting \d+ tests? across "),
        counts=(
            Sum(
                hints=(" run: ",),
                pattern=r" +Summary \[.*?\] (?:\d+/)?(?P<total>\d+) tests? run: (?P<counts>.*)$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(" FAIL [", " TIMEOUT [", " SIGABRT [", " SIGSEGV [", " ABORT ["),
                    pattern=rf" +(?:TRY \d+ )?(?:FAIL|TIMEOUT|SIG\w+|ABORT) {_NEXTEST_TEST}$",
                ),
            ),
        ),
        flaky=(
            Line(
                hints=(" FLAKY ",),
                pattern=rf" +FLAKY \d+/\d+ {_NEXTEST_TEST}$",
            ),
        ),
        section=Line(
            hints=("STDERR: ",),
            pattern=r"[-─ ]+ ?(?:TRY \d+ )?STDERR: +(?P<suite>\S+) (?P<name>.*?) ?[-─]*$",
        ),
        below=_RUST_PANIC,
        message=(r"\s*thread '.*' panicked at '(?P<message>.*)', ",),
        more=r"\s*(?:left|right): .*",
        place=_RUST_PANIC,
        settled=None,
        examples=(
            Printed(
                "    Starting 3 tests across 1 binary\n        PASS [   0.004s] loja a::soma\n"
                "        FAIL [   0.005s] loja a::total\n\n--- STDERR:              loja "
                "a::total ---\n"
                "thread 'a::total' panicked at src/lib.rs:8:28:\nassertion failed: 1 > "
                "2\n\n------------\n"
                "     Summary [   0.010s] 3 tests run: 2 passed (1 flaky), 1 failed, 0 skipped\n"
                "   FLAKY 2/3 [   0.010s] loja a::soma\n        FAIL [   0.005s] loja a::total\n",
                {"passed": 2, "failed": 1, "flaky": 1},
                ("a::total",),
                ("a::soma",),
            ),
            Printed(
                "    Starting 2 tests across 1 binary\n"
                "  TRY 1 FAIL [   0.7s] (───) loja a::soma\n  stderr ───\n\n"
                "    thread 'a::soma' (9) panicked at src/lib.rs:4:9:\n    vazio\n\n"
                "  TRY 2 PASS [   0.1s] (1/2) loja a::soma\n"
                "  TRY 1 FAIL [   0.5s] (───) loja a::total\n"
                "  TRY 2 FAIL [   0.5s] (2/2) loja a::total\n"
                "────────────\n"
                "     Summary [   1.4s] 2 tests run: 1 passed (1 flaky), 1 failed, 0 skipped\n"
                "   FLAKY 2/2 [   0.1s] (1/2) loja a::soma\n"
                "  TRY 2 FAIL [   0.5s] (2/2) loja a::total\n",
                {"passed": 1, "failed": 1, "flaky": 1},
                ("a::total",),
                ("a::soma",),
            ),
        ),
    ),
    Runner(
        name="googletest",
        unsummed_by=Line(hints=("[==========] Running",), pattern=r"\[==========\] Running \d"),
        opens=Line(hints=("[==========] Running",), pattern=r"\[==========\] Running \d+ tests?"),
        counts=(
            Sum(
                hints=("[  PASSED  ] ",),
                pattern=r"\[  PASSED  \] (?P<passed>\d+) tests?",
                begins=True,
            ),
            Sum(
                hints=("[  SKIPPED ] ",), pattern=r"\[  SKIPPED \] (?P<skipped>\d+) tests?, listed"
            ),
            Sum(
                hints=("[  FAILED  ] ",),
                pattern=r"\[  FAILED  \] (?P<failed>\d+) tests?, listed",
                lists=r"\[  FAILED  \] (?P<name>[^\s,]+)",
            ),
        ),
        failing=(
            (Fail(hints=("[  FAILED  ] ",), pattern=r"\[  FAILED  \] (?P<name>[^\s,]+\.[^\s,]+)"),),
        ),
        begun_by="[ RUN      ] {}\n",
        below=r"(?:.+:\d+|unknown file): Failure|.*\): error:",
        more=r"(?:  (?!Which).*|.*actual: .*)",
        place=r"(?P<file>\S.*?):(?P<line>\d+): Failure",
        settled=lambda counts, _: {**counts, "failed": counts.get("failed", 0)},
        examples=(
            Printed(
                "[==========] Running 2 tests from 1 test suite.\n[ RUN      ] Soma.Adds\n[      "
                " OK ] Soma.Adds (0 ms)\n"
                "[ RUN      ] Soma.Total\na.cpp:3: Failure\nExpected equality of these values:\n "
                " 100\n  90\n"
                "[  FAILED  ] Soma.Total (0 ms)\n[==========] 2 tests from 1 test suite ran. (0 "
                "ms total)\n"
                "[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] "
                "Soma.Total\n\n 1 FAILED TEST\n",
                {"passed": 1, "failed": 1},
                ("Soma.Total",),
            ),
        ),
    ),
    Runner(
        name="catch2",
        counts=(
            Sum(
                hints=("test cases:",),
                pattern=r"test cases: +(?P<total>\d+) \| (?P<counts>.*)$",
                begins=True,
            ),
            Sum(
                hints=("All tests passed (",),
                pattern=r"All tests passed \(.* in (?P<passed>\d+) test cases?\)$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(": FAILED:",),
                    pattern=r"(?P<file>\S.*?):(?P<line>\d+): FAILED:",
                ),
            ),
        ),
        name_above=_case,
        more=r"  \S.*|with expansion:|due to .*",
        examples=(
            Printed(
                "-------------\ntotal\n  longe\n-------------\na.cpp:7\n.............\n\na.cp"
                "p:8: FAILED:\n"
                "  REQUIRE( 5 < 3 )\n\n=============\ntest cases: 2 | 1 passed | 1 failed\n"
                "assertions: 2 | 1 passed | 1 failed\n",
                {"passed": 1, "failed": 1},
                ("total",),
            ),
        ),
    ),
    Runner(
        name="doctest",
        counts=(
            Sum(
                hints=("[doctest] test cases:",),
                pattern=r"\[doctest\] test cases: +(?P<total>\d+) \| +(?P<passed>\d+) passed \| "
                r"+(?P<failed>\d+) failed(?: \| +(?P<out>\d+) skipped)?",
                begins=True,
            ),
        ),
        failing=((Fail(hints=("TEST CASE: ",), pattern=r"TEST CASE: +(?P<name>\S.*)$"),),),
        message=(r"(?:.*)ERROR: (?P<message>.*)",),
        more=r"  values: .*",
        place=r"(?P<file>\S+?):(?P<line>\d+): (?:FATAL )?ERROR",
        examples=(
            Printed(
                "=====\na.cpp:3:\nTEST CASE:  soma\n\na.cpp:4: ERROR: CHECK( 3 == 5 ) is NOT "
                "correct!\n"
                "  values: CHECK( 3 == 5 )\n\n=====\n[doctest] test cases: 2 | 1 passed | 1 "
                "failed | 0 skipped\n",
                {"passed": 1, "failed": 1},
                ("soma",),
            ),
        ),
    ),
    Runner(
        name="ctest",
        counts=(
            Sum(
                hints=("% tests passed, ",),
                pattern=r"\d+% tests passed, (?P<failed>\d+) tests? failed out of (?P<total>\d+)",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(
                        "(Failed)",
                        "(Timeout)",
                        "(SEGFAULT)",
                        "(Subprocess aborted)",
                        "(Not Run)",
                    ),
                    pattern=r"\s+\d+ - (?P<name>\S.*?) \((?:Failed|Timeout|SEGFAULT|Subprocess "
                    r"aborted|Not Run)\)",
                ),
            ),
        ),
        lists_after=True,
        message=("(?!)(?P<message>)",),
        examples=(
            Printed(
                "50% tests passed, 1 tests failed out of 2\n\nThe following tests FAILED:\n\t  2 "
                "- soma (Failed)\n",
                {"passed": 1, "failed": 1},
                ("soma",),
            ),
        ),
    ),
)
