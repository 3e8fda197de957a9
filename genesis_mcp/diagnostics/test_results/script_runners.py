"""How the runners of Ruby, PHP and Elixir print their results, and TAP."""

from dataclasses import replace

from genesis_mcp.diagnostics.test_results.runner import Fail, Line, Printed, Runner, Sum


def _example(groups: dict[str, str]) -> str:
    return groups.get("name", "").strip()


_TAP_FAILS = Fail(
    hints=("not ok ",),
    pattern=r" *not ok(?: \d+)?(?: -)? ?(?P<name>(?!.*# ?(?:TODO|SKIP|todo|skip)\b).*?)(?: # "
    r"time=.*)?$",
    unless=r"\A\s*---\n(?:.*\n){0,8}?\s*failureType: 'subtestsFailed'",
)

RUNNERS = (
    Runner(
        name="rspec",
        counts=(
            Sum(
                hints=(" example",),
                pattern=r"(?P<counts>\d+ examples?, \d+ failures?(?:, \d+ pending)?)"
                r"(?:, (?P<errored>\d+) errors? occurred outside of examples)?$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("rspec ",),
                    pattern=r"rspec (?:(?P<file>[^\s:\['#]+):(?P<line>\d+)"
                    r"|'(?P<suite>[^\s:\['#]+\[[\d:,]+\])') # (?P<name>.*)$",
                ),
            ),
        ),
        lists_after=True,
        named=_example,
        section=Line(hints=(") ",), pattern=r" {2}\d+\) (?P<name>\S.*)$"),
        below="",
        message=(
            r"\s+(?P<message>[A-Z][\w:]*(?:Error|Exception)\w*:?(?: .*)?)$",
            r"\s+(?P<message>expected\b.*)$",
            r"\s+Failure/Error: (?P<message>.*)",
        ),
        more=r"\s+(?:got|expected): .*",
        place=r"\s+# (?P<file>\S+?):(?P<line>\d+)(?::in .*)?$",
        examples=(
            Printed(
                "Failures:\n\n  1) pedido total\n     Failure/Error: expect(100).to eq(90)\n\n"
                "       expected: 90\n            got: 100\n     # ./spec/a_spec.rb:3:in "
                "`block'\n\n"
                "3 examples, 1 failure, 1 pending\n\nFailed examples:\n\nrspec "
                "./spec/a_spec.rb:3 # pedido total\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("pedido total",),
            ),
        ),
    ),
    Runner(
        name="minitest",
        opens=Line(hints=("Run options: ",), pattern=r"Run options: "),
        counts=(
            Sum(
                hints=(" assertions, ",),
                pattern=r"(?P<counts>\d+ (?:runs|tests)), \d+ assertions, (?P<failed>\d+) "
                r"failures, (?P<errored>\d+) errors"
                r"(?:, (?P<skipped>\d+) (?:skips|pendings|omissions).*)?$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("#",),
                    pattern=r"(?P<name>[\w:]+#\S.*?)(?: \[(?P<file>[^\]]+):(?P<line>\d+)\])?:$",
                    above=r"(?:\s+\d+\) )?(?:Failure|Error):$",
                ),
                Fail(
                    hints=("Failure: ", "Error: "),
                    pattern=r"(?:Failure|Error): (?P<name>\w+\(.*\))(?::.*)?$",
                    above=r"=====",
                ),
            ),
        ),
        message=(r"(?P<message>\S.*)",),
        more=r"\s*(?:Actual: .*)",
        place=r"\s+(?P<file>\S+?\.rb):(?P<line>\d+):in ",
        examples=(
            Printed(
                "Run options: --seed 1\n\n  1) Failure:\nPedidoTest#test_total "
                "[a_test.rb:4]:\nExpected: 90\n"
                "  Actual: 100\n\n  2) Error:\nPedidoTest#test_x:\nTypeError: sem\n    "
                "a_test.rb:6:in `test_x'\n\n"
                "4 runs, 2 assertions, 1 failures, 1 errors, 1 skips\n",
                {"passed": 1, "failed": 1, "errored": 1, "skipped": 1},
                ("PedidoTest#test_total", "PedidoTest#test_x"),
            ),
        ),
    ),
    Runner(
        name="phpunit",
        opens=Line(hints=("by Sebastian",), pattern=r"PHPUnit \d\S* by Sebastian"),
        counts=(
            Sum(
                hints=("Assertions: ",),
                pattern=r"Tests: +(?P<total>\d+), Assertions: \d+(?:, (?P<counts>.*?))?\.?$",
                words_first=True,
                begins=True,
            ),
            Sum(
                hints=("OK (",),
                pattern=r"OK \((?P<total>\d+) tests?, \d+ assertions?\)$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("::",),
                    pattern=r"\d+\) (?P<name>[\w\\]+::\S.*)$",
                ),
            ),
            (Fail(hints=(" ✘ ",), pattern=r" ✘ (?P<name>\S.*?)(?: \[[\d.]+ ms\])?$"),),
        ),
        heading=Line(
            hints=("There w",),
            pattern=r"There (?:was|were) \d+ (?P<kind>[\w-]+?)s?:$",
        ),
        named=lambda groups: (
            ""
            if groups.get("kind", "failure") not in ("failure", "error")
            else groups.get("name", "")
        ),
        message=(r"(?:\s+│ )?(?P<message>\S.*)",),
        more=r"(?:[-+](?!\+|-)['\w].*)",
        place=r"(?:\s+│ )?(?P<file>/?[^\s:]+\.php):(?P<line>\d+)$",
        examples=(
            Printed(
                "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n.FS  3 / 3 (100%)"
                "\n\nThere was 1 failure:\n\n"
                "1) PedidoTest::testTotal with data set #0 (2, 5)\nFailed asserting that 3 is "
                "identical to 5.\n\n"
                "/w/PedidoTest.php:5\n\nFAILURES!\nTests: 3, Assertions: 2, Failures: 1, "
                "Skipped: 1.\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("PedidoTest::testTotal with data set #0 (2, 5)",),
            ),
        ),
    ),
    Runner(
        name="pest",
        counts=(
            Sum(
                hints=("Tests: ",),
                pattern=r" {2}Tests: +(?P<counts>\d+ \w+(?:, \d+ \w+)*)(?: \(\d+ assertions?\))?$",
                begins=True,
            ),
            Sum(hints=("Duration: ",), pattern=r" {2}Duration: +(?P<lasted>\d)"),
        ),
        needs=("lasted",),
        failing=(
            (
                Fail(
                    hints=(" FAILED ",),
                    pattern=r" *FAILED +(?P<suite>[\w\\]+) > (?P<name>.*?)(?: {2,}\S.*)?$",
                ),
            ),
            (Fail(hints=(" ⨯ ", " ✕ "), pattern=r" +[⨯✕] (?P<name>\S.*?)(?: {2,}\S.*)?$"),),
        ),
        message=(r"\s*(?P<message>\S.*)",),
        place=r"\s*(?:at|→|➜)? *(?P<file>[\w./-]+\.php):(?P<line>\d+)$",
        examples=(
            Printed(
                "   FAIL  Tests\\Unit\\SomaTest\n  ⨯ it soma                                  "
                "0.02s\n"
                "  ────\n   FAILED  Tests\\Unit\\SomaTest > it soma\n  Failed asserting that 3 "
                "is identical to 5.\n\n"
                "  at tests/Unit/SomaTest.php:4\n\n  Tests:    1 failed, 2 passed (3 assertions)"
                "\n  Duration: 0.05s\n",
                {"passed": 2, "failed": 1},
                ("it soma",),
            ),
        ),
    ),
    Runner(
        name="exunit",
        counts=(
            Sum(
                hints=(" failure",),
                pattern=r"(?P<counts>(?:\d+ (?:doctests?|properties|property), )*\d+ tests?, \d+ "
                r"failures?"
                r"(?:, \d+ (?:skipped|invalid))*)(?:, \d+ excluded)?$"
                r"|(?P<counts2>x)",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(") test ", ") doctest ", ") property "),
                    pattern=r" +\d+\) (?P<name>(?:test|doctest|property) .* \([\w.]+\))$",
                ),
            ),
        ),
        message=(r"\s+(?P<message>(?!\S+\.exs?:\d+$)\S.*)",),
        more=r"\s+(?:left|right): .*",
        place=r"\s+(?P<file>\S+\.exs?):(?P<line>\d+)(?:: .*)?$",
        examples=(
            Printed(
                "  1) test total (PedidoTest)\n     a_test.exs:5\n     Assertion with == "
                "failed\n     left:  100\n"
                "     right: 90\n     stacktrace:\n       a_test.exs:5: (test)\n\nFinished in "
                "0.2 seconds\n"
                "3 tests, 1 failure, 1 skipped\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("test total (PedidoTest)",),
            ),
        ),
    ),
    Runner(
        name="tap",
        unsummed_by=Line(hints=("TAP version", "1.."), pattern=r"TAP version 1\d|1\.\.\d+"),
        counts=(
            Sum(hints=("# tests ",), pattern=r"# tests +(?P<total>\d+)$", begins=True),
            *(
                Sum(hints=(f"# {word} ",), pattern=rf"# {word} +(?P<{key}>\d+)$")
                for word, key in (("pass", "passed"), ("fail", "failed"), ("skip", "skipped"))
            ),
        ),
        needs=("total",),
        failing=((_TAP_FAILS,),),
        hints=("ok 1", "# tests "),
        excused=Line(hints=("not ok ",), pattern=r"not ok .*# ?(?i:TODO)"),
        passing=Line(hints=("ok ",), pattern=r" *ok \d+(?!.*# ?(?i:SKIP|TODO))"),
        skipping=Line(hints=("ok ",), pattern=r" *(?:not )?ok \d+.*# ?(?i:SKIP|TODO)"),
        below=r"\s+(?:error|'Difference[^']*'|'Error thrown[^']*'): [|>][\d-]*$",
        message=(
            r"\s+error: '?(?P<message>[^|>\s].*?)'?$",
            r"\s+message: ['\"]?(?P<message>\w.*?)['\"]?,?$",
            r"\s+(?P<message>[A-Z]\w*(?: \[\w+\])?: .*)",
            r"#? +(?P<message>(?!---|duration_ms|location|type:|failureType|operator|name:|stack|"
            r"at:)\S.*)",
        ),
        more=r"\s+(?:expected|actual|got): +\S.*",
        place=r"\s+(?:at: )?.*?[ (']?(?:file://)?(?P<file>[^\s('\"]+\.\w+):(?P<line>\d+):\d+\)?'?$",
        examples=(
            Printed(
                "TAP version 13\nok 1 soma\nnot ok 2 - total\n  ---\n    expected: 90\n    "
                "actual:   100\n"
                "    at: Test.<anonymous> (/w/a.js:3:36)\n  ...\nok 3 x # SKIP\n\n1..3\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("total",),
            ),
        ),
    ),
)

TAP = RUNNERS[-1]
NODE_TAP = replace(
    TAP,
    name="node:test",
    counts=(
        Sum(hints=("# tests ",), pattern=r"# tests (?P<total>\d+)$", begins=True),
        *(
            Sum(hints=(f"# {word} ",), pattern=rf"# {word} (?P<{key}>\d+)$")
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
    unsummed_by=None,
    hints=("# cancelled ",),
    excused=None,
    passing=None,
    skipping=None,
    examples=(
        Printed(
            "TAP version 13\n# Subtest: soma\nok 1 - soma\n  ---\n  duration_ms: 0.1\n  ...\n"
            "# Subtest: total\nnot ok 2 - total\n  ---\n  location: '/w/a.test.js:5:3'\n"
            "  failureType: 'testCodeFailure'\n  error: 'sem pedido'\n  ...\n1..2\n# tests 2\n# "
            "suites 0\n"
            "# pass 1\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n",
            {"passed": 1, "failed": 1},
            ("total",),
        ),
    ),
)
