"""How Dart, Haskell, Julia, Zig and Crystal print errors, and the shells of Windows."""

from genesis_mcp.diagnostics.format import FILE, LINE, MESSAGE, PLACE, Example, Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines
from genesis_mcp.text.pattern import pattern

_POWERSHELL_AT = pattern(r"\s*\w{2,3} (?P<file>\S.*):(?P<line>\d+) \w+ ?: ?\d+$")
_POWERSHELL_VIEW = pattern(r"(?:[\w-]+|[A-Z]\w+Error): (?P<file>\S.*):(?P<line>\d+)$")
_POWERSHELL_SAYS = pattern(r"\s*\| +(?![~\s]+$)(?P<message>\S.*)")


def find_powershell_error(lines: Lines) -> Hit | None:
    """An error above its place, as Windows prints it, or below its line of code."""
    for index, line in enumerate(lines):
        if at := _POWERSHELL_AT.match(line):
            number = _below_code(lines, index)
            number = max(0, index - 1) if number is None else number
            frame = Frame(at["file"], int(at["line"])) if at["file"] != "line" else None
            return Hit(line_number=number, message=lines[number], frame=frame)
        view = _POWERSHELL_VIEW.match(line)
        if view and index + 2 < len(lines) and lines[index + 1].startswith("Line |"):
            frame = Frame(view["file"], int(view["line"]))
            below = map(_POWERSHELL_SAYS.match, lines[index + 3 : index + 8])
            message = " ".join(said["message"] for said in below if said)
            return Hit(line_number=index, message=message, frame=frame)
    return None


def _below_code(lines: Lines, index: int) -> int | None:
    """The line behind the code of a syntax error; that of another one says it above."""
    below = range(index + 1, min(index + 6, len(lines)))
    first = next((i for i in below if not lines[i].startswith("+")), None)
    return first if first and lines[first].strip() and not lines[first].startswith(" ") else None


def find_haskell_error(lines: Lines) -> Hit | None:
    """What `error` said: the line above the call stack, behind the name of the program."""
    for index, line in enumerate(lines):
        if index and line == "CallStack (from HasCallStack):":
            program, _, message = lines[index - 1].partition(": ")
            below = filter(None, map(_HASKELL_CALL.match, lines[index + 1 : index + 20]))
            place = next(below, None)
            return Hit(
                line_number=index - 1,
                message=message if message and " " not in program else lines[index - 1],
                frame=Frame(place["file"], int(place["line"])) if place else None,
            )
    return None


_HASKELL_CALL = pattern(rf"\s+\w+, called at {PLACE} in ")
_JULIA_FRAME = rf"\s+@ (?:[\w.]+ )?(?P<file>(?!\./)\S+?):{LINE}(?: \[inlined\])?$"
_DART_FRAME = rf"#\d+ .*\((?:file://)?(?P<file>(?!dart:)\S+?):{LINE}:\d+\)$"

FORMATS: tuple[Format, ...] = (
    Format(
        name="dart exception",
        hints=("Unhandled exception:",),
        start=r"(?:\[ERROR:[^\]\n]*\] )?Unhandled [eE]xception:(?: |\n)"
        rf"(?:(?P<type>[A-Z]\w*(?:Exception|Error)): )?{MESSAGE}",
        frame=_DART_FRAME,
        examples=(
            Example(
                "Unhandled exception:\nFormatException: CEP ruim\n"
                "#0      int._throwFormatException (dart:core-patch/integers_patch.dart:131:5)\n"
                "#1      ler (file:///w/bin/cep.dart:9:3)\n#2      main (file:///w/bin/cep.dart:4:3)\n",
                "CEP ruim",
                "/w/bin/cep.dart:9",
                "FormatException",
            ),
        ),
    ),
    Format(
        name="dart test",
        hints=(" [E]",),
        start=rf"\d+:\d+ \+\d+.*: .* \[E\]\s*\n\s+{MESSAGE}",
        goes_on=r"\s+(?P<message>(?:Actual|Which): .*)",
        frame=rf"\s+(?P<file>(?!package:|dart:)\S+\.dart) {LINE}:\d+\s",
        examples=(
            Example(
                "00:00 +0: soma\n00:01 +0 -1: soma [E]\n  Expected: <3>\n    Actual: <4>\n  \n"
                "  package:matcher     expect\n  test/soma_test.dart 12:5  main.<fn>\n  \n"
                "00:01 +0 -1: Some tests failed.\n",
                "Expected: <3> Actual: <4>",
                "test/soma_test.dart:12",
            ),
        ),
    ),
    Format(
        name="haskell",
        hints=(": error:",),
        start=rf"{PLACE}: error:(?: \[(?P<code>GHC-\d+)\])?(?: \[-W[\w=, -]+\])?\n"
        rf"\s+(?:\u2022 )?{MESSAGE}",
        examples=(
            Example(
                "src/Soma.hs:9:12: error: [GHC-88464]\n    Variable not in scope: taxa\n  |\n",
                "Variable not in scope: taxa",
                "src/Soma.hs:9",
                "GHC-88464",
            ),
            Example(
                "app/Main.hs:3:8: error:\n    \u2022 No instance for (Num [Char])\n"
                "    \u2022 In the expression: 1\n",
                "No instance for (Num [Char])",
                "app/Main.hs:3",
            ),
        ),
    ),
    Format(
        name="haskell call stack",
        hints=("CallStack (from HasCallStack):",),
        find=find_haskell_error,
        examples=(
            Example(
                "soma: lista vazia\nCallStack (from HasCallStack):\n"
                "  error, called at src/Soma.hs:14:9 in main:Soma\n",
                "lista vazia",
                "src/Soma.hs:14",
            ),
        ),
    ),
    Format(
        name="hspec",
        hints=(".hs:",),
        start=rf"\s*{PLACE}: *\n\s+1\) .*\n\s+{MESSAGE}",
        goes_on=r"\s+(?P<message>(?:but got|got|expected|predicate failed)\b.*)",
        examples=(
            Example(
                "Failures:\n\n  test/SomaSpec.hs:11:19: \n  1) Soma dois\n       expected: 3\n"
                "        but got: 4\n\n  To rerun use: --match x\n\n1 example, 1 failure\n",
                "expected: 3 but got: 4",
                "test/SomaSpec.hs:11",
            ),
        ),
    ),
    Format(
        name="julia test",
        hints=("Test Failed at ", "Error During Test at "),
        start=rf".*(?:Test Failed|Error During Test) at {FILE}:{LINE}\n"
        rf"\s+(?:Expression: )?{MESSAGE}",
        goes_on=r"\s+(?P<message>Evaluated: .*)",
        examples=(
            Example(
                "soma: Test Failed at /w/test/runtests.jl:5\n  Expression: soma(1, 2) == 3\n"
                "   Evaluated: 4 == 3\n\nERROR: LoadError: Some tests did not pass: 0 passed.\n",
                "soma(1, 2) == 3 Evaluated: 4 == 3",
                "/w/test/runtests.jl:5",
            ),
        ),
    ),
    Format(
        name="julia",
        hints=("ERROR: ",),
        start=r"ERROR: (?:LoadError: )*(?:(?P<type>\w+(?:Error|Exception))(?:: |\(| with ))?"
        rf"{MESSAGE}(?=\n(?:.*\n){{0,3}}?Stacktrace:\n)",
        goes_on=r"(?!Stacktrace:)\S",
        frame=_JULIA_FRAME,
        examples=(
            Example(
                "ERROR: LoadError: DomainError with -1.0:\nsqrt was called with a negative number\n"
                "Stacktrace:\n [1] throw_complex_domainerror(f::Symbol, x::Float64)\n"
                "   @ Base.Math ./math.jl:33\n [2] lado(a::Float64)\n   @ Main ~/w/soma.jl:4\n"
                "in expression starting at /w/soma.jl:7\n",
                "-1.0: sqrt was called with a negative number",
                "~/w/soma.jl:4",
                "DomainError",
            ),
            Example(
                'ERROR: KeyError: key "AM" not found\nStacktrace:\n [1] getindex\n'
                "   @ ./dict.jl:498 [inlined]\n [2] taxa(uf::String)\n   @ Main /w/taxa.jl:4\n",
                'key "AM" not found',
                "/w/taxa.jl:4",
                "KeyError",
            ),
        ),
    ),
    Format(
        name="zig panic",
        hints=(" panic: ",),
        start=r"thread \d+ panic: (?P<message>.+)",
        frame=rf"(?P<file>/?(?!\S*/lib/(?:zig/)?std/)\S+\.zig):{LINE}:\d+: 0x",
        examples=(
            Example(
                "thread 71 panic: integer overflow\n"
                "/usr/lib/zig/std/debug.zig:9:4: 0x10 in f (main)\n"
                "/w/src/soma.zig:9:14: 0x1034b21 in main (main)\n    return a + b;\n      ^\n"
                "Aborted (core dumped)\n",
                "integer overflow",
                "/w/src/soma.zig:9",
            ),
        ),
    ),
    Format(
        name="crystal",
        hints=("In ",),
        start=rf"In {PLACE}\n\n(?:.*\n){{2,4}}?Error: {MESSAGE}",
        examples=(
            Example(
                "In soma.cr:5:8\n\n 5 | total.nada\n           ^---\n"
                "Error: undefined method 'nada' for Int32\n",
                "undefined method 'nada' for Int32",
                "soma.cr:5",
            ),
        ),
    ),
    Format(
        name="sass",
        hints=("Error: ",),
        start=rf"Error: {MESSAGE}\n(?: *(?:\d+ +)?[\u2577\u2502\u2575].*\n){{2,8}}"
        rf"\s+(?P<file>\S+\.\w+) {LINE}:\d+ ",
        examples=(
            Example(
                'Error: expected ";".\n  \u2577\n3 \u2502   color: red\n  \u2502   ^\n  \u2575\n'
                "  tema/base.scss 3:13  root stylesheet\n",
                'expected ";".',
                "tema/base.scss:3",
            ),
        ),
    ),
    Format(
        name="xunit console",
        hints=(" [FAIL]",),
        start=rf"\s+\S.* \[FAIL\]\n\s+(?:(?P<type>[\w.]+Exception) ?: )?{MESSAGE}",
        goes_on=r"(?!\s+Stack Trace:)\s{4,}\S",
        frame=rf"\s+(?P<file>\S.*)\({LINE},\d+\): at ",
        examples=(
            Example(
                "    Loja.Testes.Soma [FAIL]\n      Assert.Equal() Failure\n      Expected: 3\n"
                "      Actual:   4\n      Stack Trace:\n        /w/Soma.cs(18,0): at Loja.Soma()\n",
                "Assert.Equal() Failure Expected: 3 Actual:   4",
                "/w/Soma.cs:18",
            ),
        ),
    ),
    Format(
        name="powershell",
        hints=(" char:", " caractere:", " caractere :", "\nLine |\n"),
        find=find_powershell_error,
        examples=(
            Example(
                "soma : The term 'soma' is not recognized as the name of a cmdlet.\n"
                "At C:\\loja\\rodar.ps1:3 char:1\n+ soma 1\n+ ~~~~\n"
                "    + CategoryInfo          : ObjectNotFound: (soma:String) []\n",
                "soma : The term 'soma' is not recognized as the name of a cmdlet.",
                "C:\\loja\\rodar.ps1:3",
            ),
            Example(
                "At C:\\loja\\frete.ps1:7 char:9\n+ if ($uf {\n+         ~\n"
                "Missing closing ')' after expression in 'if' statement.\n"
                "    + CategoryInfo          : ParserError: (:) [], ParseException\n",
                "Missing closing ')' after expression in 'if' statement.",
                "C:\\loja\\frete.ps1:7",
            ),
            Example(
                "At line:11 char:31\n+ soma 'a\n+      ~\n"
                "The string is missing the terminator: '.\n+ CategoryInfo     : NotSpecified\n",
                "The string is missing the terminator: '.",
            ),
            Example(
                "Get-Item: /w/rodar.ps1:3\nLine |\n   3 |  Get-Item nada\n     |  ~~~~~~~~~~~~~\n"
                "     | Cannot find path '/w/nada' because it does not exist.\n",
                "Cannot find path '/w/nada' because it does not exist.",
                "/w/rodar.ps1:3",
            ),
        ),
    ),
)
