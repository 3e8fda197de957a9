"""How the runners of JavaScript print their results."""

from genesis_mcp.diagnostics.test_results.javascript_forms import AT, TIME, VALUES, plain
from genesis_mcp.diagnostics.test_results.runner import Counts, Fail, Line, Printed, Runner, Sum


def _settled_vitest(counts: Counts, _: tuple[str, ...]) -> Counts:
    return {
        key: number for key, number in counts.items() if key != "total" or "passed" not in counts
    }


RUNNERS = (
    Runner(
        name="jest",
        counts=(
            Sum(
                hints=("Test Suites: ",),
                pattern=r"Test Suites: +(?P<suites>\d+) \w+(?:, \d+ \w+)*$",
                begins=True,
            ),
            Sum(hints=("Tests: ",), pattern=r"Tests: +(?P<counts>\d+ \w+(?:, \d+ \w+)*)$"),
        ),
        needs=("suites", "total"),
        failing=(
            (
                Fail(
                    hints=("● ",),
                    pattern=r"\s*● (?P<name>(?!Console$|Test suite failed to run|Validation |"
                    r"Deprecation"
                    r"|Cannot log after|Multiple configs|Process )\S.*)$",
                ),
                Fail(
                    hints=("● Test suite failed to run",),
                    pattern=r"\s*● Test suite failed to run$",
                    is_error=True,
                ),
            ),
            (Fail(hints=("✕ ",), pattern=rf"\s+✕ (?P<name>.*?){TIME}$"),),
        ),
        heading=Line(
            hints=("FAIL ",),
            pattern=r"\s*FAIL +(?:\S+ +)?(?:\./)?(?P<file>\S+\.\w+)(?: \(.*\))?$",
        ),
        retried=(
            Line(hints=("RETRY ERRORS",), pattern=r"\s*LOGGING RETRY ERRORS +(?P<name>\S.*)$"),
        ),
        named=plain,
        more=VALUES,
        place=AT,
        examples=(
            Printed(
                "FAIL src/a.test.js\n  ● pedido › soma\n\n    expect(received).toBe(expected)\n\n"
                "    Expected: 90\n    Received: 100\n\n      at Object.toBe (src/a.test.js:3:58)"
                "\n\n"
                "PASS src/b.test.js\n\nTest Suites: 1 failed, 1 passed, 2 total\n"
                "Tests:       1 failed, 1 skipped, 2 passed, 4 total\nSnapshots:   0 total\n",
                {"passed": 2, "failed": 1, "skipped": 1},
                ("pedido soma",),
            ),
            Printed(
                "FAIL ./c.test.js\n  ● Test suite failed to run\n\n    SyntaxError: no\n\n"
                "Test Suites: 1 failed, 1 total\nTests:       0 total\n",
                {"errored": 1},
                ("c.test.js",),
            ),
        ),
    ),
    Runner(
        name="vitest",
        unsummed_by=Line(hints=(" RUN ",), pattern=r"\s*(?:RUN|DEV) +v\d"),
        opens=Line(hints=(" RUN ",), pattern=r"\s*(?:RUN|DEV) +v\d"),
        counts=(
            Sum(
                hints=("Test Files ",),
                pattern=r" *Test Files {2}(?P<suites>\d+) \w+(?: \| \d+ \w+)*(?: \(\d+\))?$",
                begins=True,
            ),
            Sum(
                hints=("Tests ",),
                pattern=r" *Tests {2}(?P<counts>\d+ \w+(?: \| \d+ \w+)*)(?: \((?P<total>\d+)\))?$"
                r"| *Tests {2}(?P<none>no tests)$",
            ),
            Sum(hints=("Errors ",), pattern=r" *Errors {2}(?P<uncaught>\d+) errors?$"),
        ),
        needs=("suites",),
        failing=(
            (
                Fail(
                    hints=("FAIL ",),
                    pattern=r" *FAIL {2}(?:\|?[\w-]+\|? )?(?P<file>\S+\.\w+) > (?P<name>.*)$",
                ),
                Fail(
                    hints=("FAIL ",),
                    pattern=r" *FAIL {2}(?:\|?[\w-]+\|? )?(?P<file>\S+\.\w+)(?: \[ .* \])?$",
                    is_error=True,
                ),
            ),
            (
                Fail(
                    hints=(" × ", " ✗ ", " ❯ "),
                    pattern=rf" +[×✗❯] (?P<file>\S+\.\w+) > (?P<name>.*?){TIME}$",
                ),
            ),
            (Fail(hints=(" × ",), pattern=rf" +× (?P<name>.*?){TIME}$"),),
        ),
        flaky=(
            Line(
                hints=("(retry x",),
                pattern=rf" +✓ (?:(?P<file>\S+\.\w+) > )?(?P<name>.*?){TIME} \(retry x\d+\)$",
            ),
        ),
        named=plain,
        settled=_settled_vitest,
        lists_after=False,
        place=r" *❯ (?:\S.* )?(?P<file>\S+):(?P<line>\d+):\d+$",
        examples=(
            Printed(
                " RUN  v4.1.12 /w\n\n ❯ a.test.js (2 tests | 1 failed)\n\n"
                " FAIL  a.test.js > pedido > soma\nAssertionError: expected 3 to be 5\n\n"
                " ❯ a.test.js:5:82\n\n FAIL  c.test.js [ c.test.js ]\nError: no\n\n"
                " Test Files  2 failed (2)\n      Tests  1 failed | 1 passed | 1 skipped (3)\n",
                {"passed": 1, "failed": 1, "errored": 1, "skipped": 1},
                ("pedido soma", "c.test.js"),
            ),
            Printed(
                " RUN  v4.1.12 /w\n\n     ✓ soma 8ms (retry x1)\n\n"
                " Test Files  1 passed (1)\n      Tests  1 passed (1)\n",
                {"passed": 1, "flaky": 1},
                flaky=("soma",),
            ),
        ),
    ),
    Runner(
        name="mocha",
        counts=(
            Sum(
                hints=(" passing",),
                pattern=r" {2}(?:[✔✓√] )?(?P<passed>\d+) (?:tests? )?passing(?: \(.*\))?$",
                begins=True,
            ),
            Sum(hints=(" pending",), pattern=r" {2}(?P<skipped>\d+) (?:tests? )?pending$"),
            Sum(hints=(" failing",), pattern=r" {2}(?P<failed>\d+) (?:tests? )?failing$"),
        ),
        needs=("passed",),
        failing=((Fail(hints=(") ",), pattern=r" {2}\d+\) (?P<name>\S.*)$", until=":"),),),
        lists_after=True,
        message=(
            r"\s+(?P<message>(?:Uncaught )?[A-Z]\w*(?: \[\w+\])?: .*)",
            r"\s+(?P<message>\S.*)",
        ),
        place=AT,
        more=r"\s+[-+](?!\+|-)(?! (?:expected|actual))\s*\S.*",
        examples=(
            Printed(
                "  pedido\n    ✔ soma\n    1) total\n    - desconto\n\n  1 passing (9ms)\n  1 "
                "pending\n"
                "  1 failing\n\n  1) pedido\n       total:\n     TypeError: sem pedido\n"
                "      at Context.<anonymous> (a.spec.js:10:35)\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("pedido total",),
            ),
            Printed(
                "\n  0 passing (3ms)\n  1 failing\n\n  1) pedido soma o total:\n     Error: x\n",
                {"failed": 1},
                ("pedido soma o total",),
            ),
        ),
    ),
    Runner(
        name="node:test",
        counts=(
            Sum(hints=("ℹ tests ",), pattern=r"ℹ tests (?P<total>\d+)$", begins=True),
            *(
                Sum(hints=(f"ℹ {word} ",), pattern=rf"ℹ {word} +(?P<{key}>\d+)$")
                for word, key in (
                    ("suites", "suites"),
                    ("pass", "passed"),
                    ("fail", "failed"),
                    ("cancelled", "errored"),
                    ("skipped", "skipped"),
                    ("todo", "todo"),
                )
            ),
        ),
        needs=("total", "errored"),
        failing=(
            (
                Fail(
                    hints=("✖ ",),
                    pattern=rf"✖ (?P<name>.*?){TIME}$",
                    above=r"test at .*:\d+:\d+$",
                    unless=r"^\s*'\d+ subtests? failed'",
                ),
            ),
            (
                Fail(
                    hints=("✖ ",),
                    pattern=rf"\s*✖ (?P<name>(?!failing tests:).*?){TIME}$",
                    unless=r"\A\s*'\d+ subtests? failed'",
                ),
            ),
        ),
        unsummed_by=Line(hints=("Failed tests:",), pattern=r"Failed tests:$"),
        heading=Line(hints=("test at ",), pattern=r"test at (?P<file>\S.*):(?P<line>\d+):\d+$"),
        passing=Line(hints=("✔ ",), pattern=r"\s*✔ "),
        message=(
            r"\s+error: '?(?P<message>[^|>\s].*?)'?$",
            r"\s+(?P<message>[A-Z]\w*(?: \[\w+\])?: .*)",
            r"\s+(?P<message>(?!---|duration_ms|location|type:|failureType|error: [|>])\S.*)",
        ),
        more=r"\s+[-+] +(?!actual|expected|Expected|Received)\S.*|\s+\S+ (?:!==|==) \S+$",
        place=AT,
        examples=(
            Printed(
                "✔ soma (0.1ms)\n✖ total (0.2ms)\nℹ tests 3\nℹ suites 0\nℹ pass 1\nℹ fail 1\nℹ "
                "cancelled 0\n"
                "ℹ skipped 1\nℹ todo 0\n\n✖ failing tests:\n\ntest at a.test.js:5:3\n✖ total "
                "(0.2ms)\n"
                "  TypeError [Error]: sem pedido\n      at Test.<anonymous> (/w/a.test.js:6:40)\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("total",),
            ),
        ),
        lists_after=True,
    ),
    Runner(
        name="ava",
        counts=(
            *(
                Sum(hints=(f" {word}",), pattern=rf" {{2}}(?P<{key}>\d+) tests? {word}$")
                for word, key in (
                    ("failed", "failed"),
                    ("skipped", "skipped"),
                    ("passed", "passed"),
                )
            ),
            Sum(hints=(" todo",), pattern=r" {2}(?P<todo>\d+) tests? todo$"),
            Sum(
                hints=("uncaught ", "unhandled "),
                pattern=r" {2}(?P<errored>\d+) (?:uncaught exception|unhandled rejection)s?$",
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("[fail]: ",),
                    pattern=r"\s*[✘✖×] \[fail\]: (?P<name>.*?)(?: (?:Error thrown|Rejected "
                    r"promise|Promise).*)?$",
                ),
            ),
        ),
        passing=Line(hints=("✔ ", "✓ "), pattern=r"\s*[✔✓] \S"),
        hints=("[fail]: ", " tests passed", " test passed", " tests failed"),
        begun_by="\n  {}\n\n",
        message=(r"\s+(?P<message>\w*(?:Error|Exception)\b: .*)", r"\s+(?P<message>\S.*:)$"),
        more=r"\s+[-+] +(?!actual|expected)\S.*",
        place=r"\s+(?:› |at (?:.*\()?)?(?:file://)?(?P<file>\S+\.\w+):(?P<line>\d+)",
        examples=(
            Printed(
                "  ✔ soma\n  ✘ [fail]: total\n  ─\n\n  total\n\n  a.test.mjs:3\n\n  Difference "
                "(- actual, + expected):\n\n"
                "  - 3\n  + 5\n\n  ─\n\n  1 test failed\n  1 test skipped\n  1 test todo\n",
                {"passed": 1, "failed": 1, "skipped": 2},
                ("total",),
            ),
        ),
        settled=lambda counts, _: {
            **counts,
            "skipped": counts.get("skipped", 0) + counts.get("todo", 0),
        },
    ),
)
