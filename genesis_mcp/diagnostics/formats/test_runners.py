"""How test runners print a failure: rows for those that need no function."""

from genesis_mcp.diagnostics.format import FILE, FRAMES_REACH, LINE, MESSAGE, PLACE, Example, Format
from genesis_mcp.diagnostics.formats.javascript import difference
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, own_frame, with_cause
from genesis_mcp.text.pattern import pattern

_AVA_FAILURE = pattern(r"\s*[✘✖×] \[fail\]: (.+)")
_AVA_PLACE = pattern(r"\s*(\S+\.\w+):(\d+)$")
_AVA_SAID = pattern(r"\s*(?!\d+: )\S.*[:?]$|\s*\w*(?:Error|Exception)\b.*")


def find_ava_failure(lines: Lines) -> Hit | None:
    """The first failed test of ava: what was compared, and the lines that differ."""
    for index, line in enumerate(lines):
        if failure := _AVA_FAILURE.match(line):
            test = failure[1].strip()
            title = next((i for i in range(index + 1, len(lines)) if lines[i].strip() == test), -1)
            section = lines[title + 1 : title + 30] if title > 0 else []
            place = next(filter(None, map(_AVA_PLACE.match, section)), None)
            said = next((i for i, part in enumerate(section) if _AVA_SAID.match(part)), None)
            return Hit(
                line_number=index if said is None else title + 1 + said,
                message=test if said is None else section[said].strip(),
                values=difference(section, ""),
                frame=Frame(place[1], int(place[2])) if place else None,
                beside=test,
            )
    return None


_NET_PLACE = pattern(
    r"\s+(?:at|em|à|bei) \S.* (?:in|em|dans) (?P<file>\S.*?):(?:line|linha|ligne) (?P<line>\d+)$"
)
_NET_FRAME = pattern(r"\s+(?:at|em|à|bei) [\w.<>`]+.*\(|\s+--- ")
_NET_HEAD = pattern(
    r"\s*(?:Unhandled exception[.:] )?(?:(?P<type>(?:\w+\.)*\w+Exception) ?: ?(?P<message>.*)"
    r"|(?P<said>Assert\.\w+.*))$"
)
_NET_CAUSE = pattern(r"\s*---> (?P<type>[\w.]+): (?P<message>.*?)(?: --->.*)?$")
NET_MESSAGE_REACH = 12
"""Lines above a stack of .NET in which its error begins."""


def find_dotnet_stack(lines: Lines) -> Hit | None:
    """The first error above a stack of .NET that names a place, and what led to it."""
    first = next((i for i, line in enumerate(lines) if _NET_PLACE.match(line)), 0)
    start = first
    while start > 0 and _NET_FRAME.match(lines[start - 1]):
        start -= 1
    for top in range(start - 1, max(-1, start - 1 - NET_MESSAGE_REACH), -1):
        if head := _NET_HEAD.match(lines[top]):
            causes = filter(None, map(_NET_CAUSE.match, lines[top + 1 : start]))
            cause = next(((one["type"], one["message"]) for one in causes), None)
            below = lines[top + 1 : start] if not cause else ()
            said = [head["said"] or head["message"], *map(str.strip, below)]
            places = map(_NET_PLACE.match, lines[first : first + FRAMES_REACH])
            return Hit(
                line_number=top,
                type=head["type"],
                message=with_cause(" ".join(filter(None, said)), cause),
                frame=own_frame([Frame(one["file"], int(one["line"])) for one in places if one]),
            )
    return None


_DOTNET_FRAME = rf".*\bin (?P<file>\S.*?):line {LINE}$"

FORMATS: tuple[Format, ...] = (
    Format(name="ava", hints=("[fail]: ",), find=find_ava_failure),
    Format(
        name="catch2",
        hints=(": FAILED:",),
        start=rf"{PLACE}: FAILED:\n\s+{MESSAGE}",
        goes_on=r"with expansion:$|due to unexpected exception|  \S",
        examples=(
            Example(
                "/w/pedido.cpp:21: FAILED:\n  REQUIRE( soma() == 90 )\nwith expansion:\n"
                "  100 == 90\n\n",
                "REQUIRE( soma() == 90 ) with expansion: 100 == 90",
                "/w/pedido.cpp:21",
            ),
        ),
    ),
    Format(
        name="googletest",
        hints=(": Failure",),
        start=rf"{PLACE}: Failure\n{MESSAGE}",
        goes_on=r"(?!\[ )\s*\S",
        examples=(
            Example(
                "/w/soma_test.cc:12: Failure\nExpected equality of these values:\n  soma(2, 2)\n"
                "    Which is: 4\n  5\n\n[  FAILED  ] Soma.Adds (0 ms)\n",
                "Expected equality of these values: soma(2, 2) Which is: 4 5",
                "/w/soma_test.cc:12",
            ),
        ),
    ),
    Format(
        name="gradle test",
        hints=(" FAILED",),
        start=rf"(?P<message>\S.* > .+) FAILED\n\s+(?P<type>[\w.$]+)(?:: .*)? at {FILE}:{LINE}$",
        examples=(
            Example(
                "br.PedidoTest > soma FAILED\n    java.lang.AssertionError at PedidoTest.java:43\n",
                "br.PedidoTest > soma",
                "PedidoTest.java:43",
                "java.lang.AssertionError",
            ),
        ),
    ),
    Format(
        name="dotnet test",
        hints=("Error Message:",),
        start=r"\s*Error Message:\n\s*(?:(?P<type>[\w.]+Exception) ?: ?)?(?P<message>\S.*)",
        goes_on=r"(?!\s*Stack Trace:)\s*\S",
        frame=_DOTNET_FRAME,
        examples=(
            Example(
                "  Failed Loja.Testes.Soma [5 ms]\n  Error Message:\n   Assert.Equal() Failure\n"
                "Expected: 90\nActual:   100\n  Stack Trace:\n"
                "     at Loja.Testes.Soma() in /w/Testes.cs:line 27\n",
                "Assert.Equal() Failure Expected: 90 Actual:   100",
                "/w/Testes.cs:27",
            ),
        ),
    ),
    Format(
        name="dotnet stack",
        hints=(":line ", ":linha ", ":ligne "),
        find=find_dotnet_stack,
        examples=(
            Example(
                "Unhandled exception. System.InvalidOperationException: fila vazia\n"
                "   at System.Linq.Enumerable.First()\n"
                "   at Program.Main() in /w/Program.cs:line 5\n",
                "fila vazia",
                "/w/Program.cs:5",
                "System.InvalidOperationException",
            ),
            Example(
                "Assert.Equal() Failure: Values differ\nExpected: 90\nActual:   100\n"
                "   at Loja.Testes.Soma() in /w/Testes.cs:line 27\n"
                "   at System.Reflection.MethodBaseInvoker.InvokeWithNoArgs(Object obj)\n",
                "Assert.Equal() Failure: Values differ Expected: 90 Actual:   100",
                "/w/Testes.cs:27",
            ),
            Example(
                "fail: Loja.Api[0]\n      System.InvalidOperationException: pedido recusado\n"
                "       ---> System.FormatException: cep vazio\n"
                "         at Loja.Cep.Ler(String texto) in /w/Cep.cs:line 9\n"
                "         --- End of inner exception stack trace ---\n"
                "         at Loja.Pedido.Abrir() in /w/Pedido.cs:line 31\n",
                "pedido recusado <- System.FormatException: cep vazio",
                "/w/Cep.cs:9",
                "System.InvalidOperationException",
            ),
        ),
    ),
    Format(
        name="dotnet exception",
        hints=("Unhandled exception. ", "Unhandled Exception: "),
        start=r"Unhandled [eE]xception[.:] (?P<type>[\w.]+): (?P<message>.+)",
        examples=(
            Example(
                "Unhandled exception. System.InvalidOperationException: fila vazia\n"
                "   at System.Linq.Enumerable.First()\n   at Program.Main()\n",
                "fila vazia",
                None,
                "System.InvalidOperationException",
            ),
        ),
    ),
    Format(
        name="jest coverage",
        hints=("Jest: ",),
        start=r"Jest: (?P<message>.*coverage threshold .*)",
        examples=(
            Example(
                'Jest: "global" coverage threshold for branches (80%) not met: 61.9%\n',
                '"global" coverage threshold for branches (80%) not met: 61.9%',
            ),
        ),
    ),
    Format(
        name="coverage threshold",
        hints=("ERROR: Coverage for ",),
        start=r"ERROR: (?P<message>Coverage for .*)",
        examples=(
            Example(
                "ERROR: Coverage for lines (50%) does not meet global threshold (90%)\n",
                "Coverage for lines (50%) does not meet global threshold (90%)",
            ),
        ),
    ),
    Format(
        name="deno types",
        hints=(" [ERROR]: ",),
        start=rf"(?P<code>TS\d+) \[ERROR\]: {MESSAGE}",
        frame=rf"\s+at (?:file://)?(?P<file>\S+?):{LINE}:\d+$",
        examples=(
            Example(
                "TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.\n"
                'const n: number = "text";\n      ^\n    at file:///w/a.ts:1:7\n\n'
                "error: Type checking failed.\n",
                "Type 'string' is not assignable to type 'number'.",
                "/w/a.ts:1",
                "TS2322",
            ),
        ),
    ),
    Format(
        name="pest",
        hints=(" FAILED  ",),
        start=r"\s+FAILED  \S.*? > .*?(?:\s{2,}(?P<type>\w*(?:Exception|Error)))?\s*\n"
        rf"\s+{MESSAGE}",
        frame=rf"\s+at (?P<file>\S+\.php):{LINE}$",
        examples=(
            Example(
                "   FAILED  Tests\\Unit\\SumTest > adds with discount\n"
                "  Failed asserting that 90 is identical to 100.\n\n  at tests/Unit/SumTest.php:4\n"
                "      3▕ it('adds', function () {\n",
                "Failed asserting that 90 is identical to 100.",
                "tests/Unit/SumTest.php:4",
            ),
        ),
    ),
    Format(
        name="bun module",
        hints=("Cannot find module ",),
        start=r"error: (?P<message>Cannot find (?:module|package) .+ from ['\"]"
        r"(?P<file>[^'\"\n]+)['\"].*)",
        examples=(
            Example(
                "error: Cannot find module './no' from '/w/a.ts'\n\nBun v1.4.5 (Linux x64)\n",
                "Cannot find module './no' from '/w/a.ts'",
                "/w/a.ts",
            ),
        ),
    ),
)
