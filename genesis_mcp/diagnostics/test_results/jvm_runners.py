"""How the runners of the JVM and of .NET print their results."""

import re

from genesis_mcp.diagnostics.test_results.runner import Fail, Line, Printed, Runner, Sum

_TAG = r"(?:\[(?:INFO|ERROR|WARNING)\] *)?"
_CARRIED = r"(?:\s*\[\w+\] ?)?"
"""What a build tool puts before the lines of a runner that it starts."""
_RUN = (
    r"Tests run: *(?P<total>\d+), *Failures: *(?P<failed>\d+), *Errors: *(?P<errored>\d+)"
    r"(?:, *Skipped: *(?P<skipped>\d+))?"
)
_JAVA_PLACE = r"\s+at (?:[\w.$@/-]+/)?[\w.$]+\.[\w$<>]+\((?P<file>[\w$]+\.\w+):(?P<line>\d+)\)"
_THROWN = (
    r"(?P<message>(?:Caused by: )?[\w.$]+(?:Error|Exception|Failure|Failed|Timeout)\w*(?:: .*)?"
    r"|.* ==> .*)"
)


def _method(groups: dict[str, str]) -> str:
    """`pkg.Class#method` of the ways in which surefire has printed it."""
    if groups.get("method") and groups.get("suite"):
        return f"{groups['suite']}#{groups['method']}"
    name = groups.get("name", "")
    head, bracket, rest = re.sub(r"\(\)$", "", name).partition("[")
    opened = re.search(r"[({ ]", head)
    path = head[: opened.start()] if opened else head
    owner, dot, method = path.rpartition(".")
    if not dot or re.fullmatch(r"[A-Z][\w$]*", method):
        return name
    return f"{owner}#{method}{head[len(path) :]}{bracket}{rest}"


def _joined(groups: dict[str, str]) -> str:
    return groups.get("name", "").replace(" > ", ".")


RUNNERS = (
    Runner(
        name="maven surefire",
        unsummed_by=Line(hints=("<<< FAILURE!", "<<< ERROR!"), pattern=r".*Time elapsed: "),
        counts=(
            Sum(
                hints=("Tests run:",),
                pattern=rf"{_TAG}{_RUN}(?:, *Flakes: *(?P<flaky>\d+))?$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("<<< FAILURE!", "<<< ERROR!"),
                    pattern=rf"{_TAG}(?P<method>[^\s(][^(]*?(?:\(.*?\))?(?:\[.*?\])?)"
                    rf"\((?P<suite>[\w.$\[\]]+)\)"
                    r" *(?:-- )? *Time elapsed: .* <<< (?P<how>FAILURE|ERROR)!",
                ),
                Fail(
                    hints=("<<< FAILURE!", "<<< ERROR!"),
                    pattern=rf"{_TAG}(?P<name>(?!Tests run:)[\w.$]\S*.*?)"
                    r" *(?:-- )? *Time elapsed: .* <<< (?P<how>FAILURE|ERROR)!",
                ),
            ),
            (
                Fail(
                    hints=(":",),
                    pattern=r"(?:\[ERROR\] *|  +)(?P<name>[A-Z][\w$]*\.\w+(?:\[.*?\])?)"
                    r":(?P<line>\d+)(?:->\S+)? ?(?P<message>.*)$",
                ),
                Fail(
                    hints=("): ",),
                    pattern=r"(?:\[ERROR\] *|  +)(?P<method>[\w$]+(?:\[.*?\])?)"
                    r"\((?P<suite>[\w.$]+)\): (?P<message>.*)$",
                ),
            ),
        ),
        retried=(
            Line(
                hints=("[WARNING] ",),
                pattern=r"\[WARNING\] (?P<name>[\w.$]+\.\w+)(?:\(\))?$",
                below=r"\[ERROR\] +Run 1: ",
            ),
        ),
        named=_method,
        message=(_THROWN,),
        more=r"(?:Expected|Actual|expected|actual|[Ee]xpect|but was|but:|\s+(?:but:|Expected|to )"
        r").*",
        place=_JAVA_PLACE,
        examples=(
            Printed(
                "[INFO] Running br.PedidoTest\n[ERROR] Tests run: 3, Failures: 1, Errors: 1, "
                "Skipped: 0, "
                "Time elapsed: 0.03 s <<< FAILURE! -- in br.PedidoTest\n"
                "[ERROR] br.PedidoTest.total -- Time elapsed: 0.01 s <<< FAILURE!\n"
                "java.lang.AssertionError: expected:<90> but was:<100>\n\tat "
                "org.junit.Assert.fail(Assert.java:89)\n"
                "\tat br.PedidoTest.total(PedidoTest.java:12)\n\n"
                "[ERROR] cobra(br.PedidoTest)  Time elapsed: 0 s  <<< ERROR!\njava.lang.NullPoin"
                "terException\n\n"
                "[ERROR] Tests run: 3, Failures: 1, Errors: 1, Skipped: 0\n",
                {"passed": 1, "failed": 1, "errored": 1},
                ("br.PedidoTest#total", "br.PedidoTest#cobra"),
            ),
            Printed(
                "[WARNING] Flakes: \n[WARNING] br.PedidoTest.total\n[ERROR]   Run 1: "
                "PedidoTest.total:12 x\n"
                "[INFO]   Run 2: PASS\n\n[WARNING] Tests run: 3, Failures: 0, Errors: 0, "
                "Skipped: 0, Flakes: 1\n",
                {"passed": 3, "flaky": 1},
                flaky=("br.PedidoTest#total",),
            ),
        ),
    ),
    Runner(
        name="ant junit",
        counts=(
            Sum(
                hints=("Tests run:",),
                pattern=rf"\s*(?:\[junit\] )?\s*{_RUN},? *Time elapsed: .*sec$",
                begins=True,
            ),
        ),
        hints=("[junit] ",),
        failing=(
            (
                Fail(
                    hints=("Testcase: ",),
                    pattern=r"\s*(?:\[junit\] )?Testcase: (?P<name>.*?)(?:\(.*\))?(?: took .*|"
                    r":\s*(?:FAILED|Caused an ERROR))?$",
                    below=r"\s*(?:\[junit\] )?\s*(?:FAILED|Caused an ERROR)",
                ),
                Fail(
                    hints=("FAILED", "Caused an ERROR"),
                    pattern=r"\s*(?:\[junit\] )?Testcase: (?P<name>.*?)(?:\((?P<suite>[\w.$]+)\))"
                    r"?:\s*(?:FAILED|Caused an ERROR)$",
                ),
            ),
        ),
        lists_after=True,
        heading=Line(
            hints=("Testsuite: ",), pattern=r"\s*(?:\[junit\] )?Testsuite: (?P<suite>[\w.$]+)"
        ),
        named=lambda groups: (
            f"{groups['suite']}.{groups['name']}" if groups.get("suite") else groups.get("name", "")
        ),
        message=(r"\s*(?:\[junit\] )?\s*(?P<message>(?!FAILED|Caused an ERROR|at )\S.*)",),
        place=r"\s*(?:\[junit\] )?" + _JAVA_PLACE,
        examples=(
            Printed(
                "    [junit] Testsuite: br.PedidoTest\n"
                "    [junit] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: "
                "0.03 sec\n"
                "    [junit] Testcase: soma took 0.01 sec\n    [junit] Testcase: total took 0.01 "
                "sec\n"
                "    [junit] \tFAILED\n    [junit] expected:<90> but was:<100>\n",
                {"passed": 1, "failed": 1},
                ("br.PedidoTest.total",),
            ),
        ),
    ),
    Runner(
        name="gradle",
        unsummed_by=Line(hints=("> Task ", "BUILD ", ":test"), pattern=r"> Task |BUILD |:"),
        counts=(
            Sum(
                hints=(" completed, ", " completed\n"),
                pattern=r"(?P<total>\d+) tests? completed(?:, (?P<failed>\d+) failed)?(?:, "
                r"(?P<skipped>\d+) skipped)?$",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=(" FAILED",),
                    pattern=r"\s*(?:Gradle Test Run \S+ > )?(?:Gradle Test Executor \d+ > )"
                    r"?(?P<name>(?!> Task)[\w.$].* > .*?) FAILED(?: \(.*\))?$",
                ),
            ),
        ),
        named=_joined,
        message=(
            r"\s+(?P<message>[\w.$]+(?:Error|Exception|Failure|Timeout)\w*(?:: .*?)?)(?: at "
            r"\S+:\d+)?$",
            r"\s+(?P<message>\S.*)",
        ),
        place=r".* at (?P<file>[\w$]+\.\w+):(?P<line>\d+)$",
        other_place=_JAVA_PLACE,
        examples=(
            Printed(
                "> Task :test FAILED\n\nbr.PedidoTest > soma FAILED\n"
                "    java.lang.AssertionError at PedidoTest.java:43\n\n3 tests completed, 1 "
                "failed, 1 skipped\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("br.PedidoTest.soma",),
            ),
        ),
    ),
    Runner(
        name="junit console",
        counts=tuple(
            Sum(
                hints=(f" tests {word}",),
                pattern=rf"{_CARRIED}\[ +(?P<{key}>\d+) tests {word} +\]$",
            )
            for word, key in (
                ("found", "found"),
                ("skipped", "skipped"),
                ("started", "started"),
                ("aborted", "aborted"),
                ("successful", "passed"),
                ("failed", "failed"),
            )
        ),
        needs=("passed", "failed"),
        failing=(
            (
                Fail(
                    hints=("JUnit ",),
                    pattern=rf"{_CARRIED} {{2}}JUnit \w+:(?P<name>\S.*)$",
                    below=rf"{_CARRIED}\s+(?:MethodSource|ClassSource|=>)",
                ),
            ),
        ),
        named=lambda groups: groups.get("name", "").replace(":", "#"),
        message=(rf"{_CARRIED}\s+=> (?P<message>.*)",),
        place=rf"{_CARRIED}\s+(?:at )?[\w.$]+\((?P<file>[\w$]+\.\w+):(?P<line>\d+)\)",
        examples=(
            Printed(
                "Failures (1):\n  JUnit Jupiter:PedidoTest:total()\n"
                "    MethodSource [className = 'br.PedidoTest', methodName = 'total', "
                "methodParameterTypes = '']\n"
                "    => org.opentest4j.AssertionFailedError: expected: <90> but was: <100>\n"
                "       br.PedidoTest.total(PedidoTest.java:12)\n\n"
                "[         3 tests found           ]\n[         1 tests skipped         ]\n"
                "[         1 tests successful      ]\n[         1 tests failed          ]\n",
                {"passed": 1, "failed": 1, "skipped": 1},
                ("PedidoTest#total()",),
            ),
        ),
    ),
    Runner(
        name="sbt",
        counts=(
            Sum(
                hints=("Total ",),
                pattern=r"\[\w+\] (?:Failed|Passed|Error): Total (?P<total>\d+), Failed "
                r"(?P<failed>\d+), Errors (?P<errored>\d+), Passed (?P<passed>\d+)(?:, Ignored "
                r"(?P<skipped>\d+))?",
                begins=True,
            ),
        ),
        failing=(
            (
                Fail(
                    hints=("*** FAILED ***",),
                    pattern=r"(?:\[\w+\] )?- (?P<name>.*?) \*\*\* FAILED \*\*\*",
                ),
                Fail(hints=(" x ", " ! "), pattern=r"\[error\] +[x!] (?P<name>\S.*)$"),
                Fail(
                    hints=(" failed: ",),
                    pattern=r"\[error\] Test (?P<name>[\w.$]+) failed: (?P<message>.*)$",
                ),
            ),
        ),
        message=(r"(?:\[\w+\])?\s+(?P<message>\S.*)",),
        examples=(
            Printed(
                "[info] - soma *** FAILED ***\n[info]   100 did not equal 90 (PedidoSpec.scala:9)\n"
                "[error] Failed: Total 2, Failed 1, Errors 0, Passed 1\n",
                {"passed": 1, "failed": 1},
                ("soma",),
            ),
        ),
    ),
    Runner(
        name="dotnet test",
        counts=(
            Sum(
                hints=("Failed: ",),
                pattern=r"(?:Failed|Passed|Skipped)! +- (?P<counts>Failed: .*?), (?:Total: .*|"
                r"Duration: .*)$",
                words_first=True,
                begins=True,
            ),
            Sum(hints=("Total tests: ",), pattern=r"Total tests: (?P<total>\d+)", begins=True),
            *(
                Sum(hints=(f"{word}: ",), pattern=rf" *{word}: (?P<{key}>\d+)$")
                for word, key in (
                    ("Passed", "passed"),
                    ("Failed", "failed"),
                    ("Skipped", "skipped"),
                )
            ),
            Sum(
                hints=("summary: total",),
                pattern=r"Test summary: (?P<counts>total: .*?), duration: .*$",
                words_first=True,
                begins=True,
            ),
            Sum(
                hints=("Test run summary:",), pattern=r"Test run summary: (?P<run>\w+)", begins=True
            ),
            *(
                Sum(hints=(f"{word}: ",), pattern=rf" {{2}}{word}: (?P<{key}>\d+)$")
                for word, key in (
                    ("total", "total"),
                    ("failed", "failed"),
                    ("succeeded", "passed"),
                    ("skipped", "skipped"),
                )
            ),
        ),
        needs=("failed",),
        hints=("Failed: ", "Total tests: ", "summary: "),
        failing=(
            (
                Fail(
                    hints=("Failed ", "failed ", "X "),
                    pattern=r"\s*(?:Failed|failed|X) (?P<name>[\w.+`]+(?:\(.*\)| .*?)?) "
                    r"[\[(](?:< )?\d[\d.,]* ?(?:ms|s|m|h).*[\])]$",
                ),
            ),
            (Fail(hints=("[FAIL]",), pattern=r"(?:\[xUnit.*?\] +)?\s*(?P<name>\S.*?) \[FAIL\]$"),),
        ),
        below=r"\s*Error Message:",
        message=(r"\s+(?P<message>(?!from )\S.*)",),
        more=r"\s*(?:Expected|Actual|But was)\b.*",
        place=r".*\bin (?P<file>\S.*?):(?:line )?(?P<line>\d+)$",
        examples=(
            Printed(
                "  Failed Loja.Testes.Soma(a: 1) [5 ms]\n  Error Message:\n   Assert.Equal() "
                "Failure\nExpected: 90\n"
                "Actual:   100\n  Stack Trace:\n     at Loja.Testes.Soma() in /w/Testes.cs:line "
                "27\n\n"
                "Failed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, "
                "Duration: 5 ms - L.dll\n",
                {"passed": 2, "failed": 1, "skipped": 1},
                ("Loja.Testes.Soma(a: 1)",),
            ),
            Printed(
                "failed Loja.Soma (5ms)\n  Assert.AreEqual failed. Expected:<90>. Actual:<100>.\n"
                "    at Loja.Soma() in /w/L.cs:27\n\nTest run summary: Failed! - L.dll (net9.0)"
                "\n  total: 3\n"
                "  failed: 1\n  succeeded: 2\n  skipped: 0\n  duration: 1s\n",
                {"passed": 2, "failed": 1},
                ("Loja.Soma",),
            ),
        ),
    ),
)
