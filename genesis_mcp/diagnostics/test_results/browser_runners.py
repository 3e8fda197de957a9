"""How bun, deno, Playwright, Jasmine and Karma print their results."""

from genesis_mcp.diagnostics.test_results.javascript_forms import AT, TIME, VALUES, plain
from genesis_mcp.diagnostics.test_results.runner import Counts, Fail, Line, Printed, Runner, Sum


def _settled_bun(counts: Counts, _: tuple[str, ...]) -> Counts:
    """Bun counts what it could not load among the failed tests as well."""
    return {**counts, "failed": max(0, counts.get("failed", 0) - counts.get("errored", 0))}


def _passed_on_retry(counts: Counts, _: tuple[str, ...]) -> Counts:
    return {**counts, "passed": counts.get("passed", 0) + counts.get("flaky", 0)}


RUNNERS = (
    Runner(
        name="bun",
        hints=("Ran ",),
        counts=(
            Sum(hints=(" pass",), pattern=r" *(?P<passed>\d+) pass$", begins=True),
            Sum(hints=(" skip",), pattern=r" *(?P<skipped>\d+) skip$"),
            Sum(hints=(" todo",), pattern=r" *(?P<todo>\d+) todo$"),
            Sum(hints=(" fail",), pattern=r" *(?P<failed>\d+) fail$"),
            Sum(hints=(" error",), pattern=r" *(?P<errored>\d+) errors?$"),
            Sum(hints=("Ran ",), pattern=r"Ran (?P<total>\d+) tests? across \d+ files?"),
        ),
        needs=("total",),
        failing=(
            (
                Fail(hints=("(fail) ", "✗ "), pattern=rf"(?:\(fail\)|✗) (?P<name>.*?){TIME}$"),
                Fail(
                    hints=("# Unhandled error between tests",),
                    pattern=r"# Unhandled error between tests$",
                    is_error=True,
                ),
            ),
        ),
        heading=Line(hints=(":\n",), pattern=r"(?P<file>\S+\.[cm]?[jt]sx?):$"),
        begun_by="\n(",
        message=(r"error: (?P<message>.*)", r"(?P<message>\w*Error: .*)"),
        more=VALUES,
        place=AT,
        named=plain,
        settled=_settled_bun,
        examples=(
            Printed(
                "a.test.js:\n(pass) pedido > soma [0.03ms]\nerror: expect(received)"
                ".toBe(expected)\n\n"
                "Expected: 5\nReceived: 3\n\n      at <anonymous> (/w/a.test.js:3:58)\n"
                "(fail) pedido > total [0.40ms]\n\n 1 pass\n 1 fail\n 2 expect() calls\n"
                "Ran 2 tests across 1 file. [24.00ms]\n",
                {"passed": 1, "failed": 1},
                ("pedido total",),
            ),
        ),
    ),
    Runner(
        name="deno",
        opens=Line(hints=("running ",), pattern=r"running \d+ tests? from "),
        counts=(
            Sum(
                hints=(" passed",),
                pattern=r"(?:ok|FAILED) \| (?P<counts>\d+ passed.*) \(.*\)$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(" => ",),
                    pattern=r"(?P<name>\S.*?) => (?:file://)?(?P<file>\S+?):(?P<line>\d+):\d+$",
                ),
            ),
        ),
        message=(r"error: (?P<message>.*)",),
        examples=(
            Printed(
                "running 2 tests from ./a_test.ts\nsoma ... ok (1ms)\ntotal ... FAILED (1ms)\n\n "
                "ERRORS \n\n"
                "total => ./a_test.ts:5:6\nerror: Error: 100 !== 90\n\n FAILURES \n\ntotal => "
                "./a_test.ts:5:6\n\n"
                "FAILED | 1 passed | 1 failed (11ms)\n",
                {"passed": 1, "failed": 1},
                ("total",),
            ),
        ),
    ),
    Runner(
        name="playwright",
        opens=Line(hints=("Running ",), pattern=r"Running \d+ tests? using \d+ workers?"),
        counts=tuple(
            Sum(
                hints=(f" {word}",),
                pattern=rf" {{2}}(?P<{key}>\d+) {word}(?: \(.*\))?$",
                lists=r" {4}(?:\[[^\]]+\] › )?(?P<file>\S+?):(?P<line>\d+):\d+ › (?P<name>.*?) "
                r"*─*$",
            )
            for word, key in (
                ("failed", "failed"),
                ("flaky", "flaky"),
                ("interrupted", "errored"),
                ("did not run", "notrun"),
                ("skipped", "skipped"),
                ("passed", "passed"),
            )
        ),
        needs=(),
        hints=(" using ",),
        section=Line(
            hints=(" › ",),
            pattern=r" {2}\d+\) (?:\[[^\]]+\] › )?(?P<file>\S+?):\d+:\d+ › (?P<name>.*?) *─*$",
        ),
        named=plain,
        more=VALUES,
        stops=r"\s+Retry #\d",
        place=r"\s+at (?P<file>\S+):(?P<line>\d+):\d+$",
        settled=_passed_on_retry,
        examples=(
            Printed(
                "Running 3 tests using 1 worker\n\n  1) a.spec.js:4:3 › pedido › total ───\n\n   "
                " Error: 1 is not 2\n\n"
                "  1 failed\n    a.spec.js:4:3 › pedido › total ───\n  1 flaky\n    "
                "a.spec.js:9:3 › pedido › soma ──\n"
                "  1 passed (1.2s)\n",
                {"passed": 2, "failed": 1, "flaky": 1},
                ("pedido total",),
                ("pedido soma",),
            ),
        ),
    ),
    Runner(
        name="jasmine",
        counts=(
            Sum(
                hints=(" spec",),
                pattern=r"(?P<counts>\d+ specs?, \d+ failures?(?:, \d+ pending)?)(?: specs?)?$",
                begins=True,
            ),
        ),
        failing=((Fail(hints=(") ",), pattern=r" *\d+\) (?P<name>\S.*)$", below=r"\s+Message:"),),),
        message=(r"\s+(?P<message>(?!Message:)\S.*)",),
        place=AT,
        examples=(
            Printed(
                "Failures:\n1) pedido soma\n  Message:\n    Expected 3 to be 5.\n  Stack:\n"
                "        at UserContext.<anonymous> (/w/a.js:3:5)\n\n3 specs, 1 failure, 1 "
                "pending spec\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("pedido soma",),
            ),
        ),
    ),
    Runner(
        name="karma",
        counts=(
            Sum(
                hints=("Executed ",),
                pattern=r".*?: Executed (?P<ran>\d+) of (?P<total>\d+)(?: \((?P<failed>\d+) "
                r"FAILED\))?.*(?:\([\d.]+ |DISCONNECTED|ERROR).*$",
            ),
        ),
        failing=((Fail(hints=(" FAILED",), pattern=r"\S+ [\d.]+ \(.*?\) (?P<name>.*) FAILED$"),),),
        message=(r"\s+(?P<message>\S.*)",),
        place=AT,
        only_last=True,
        settled=lambda counts, _: {**counts, "failed": counts.get("failed", 0)},
        examples=(
            Printed(
                "Chrome 90.0 (Linux x86_64) pedido soma FAILED\n\tExpected 3 to be 5.\n\t    at "
                "a.js:3:5\n"
                "Chrome 90.0 (Linux x86_64): Executed 3 of 3 (1 FAILED) (0.05 secs / 0.01 secs)\n",
                {"passed": 2, "failed": 1},
                ("pedido soma",),
            ),
        ),
    ),
)
