"""How linters print a finding whose place and message stand on different lines."""

from itertools import takewhile

from genesis_mcp.diagnostics.format import FILE, LINE, MESSAGE, PLACE, Example, Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines
from genesis_mcp.text.pattern import pattern

_CODE = r"(?P<code>[A-Z]{1,7}\d{1,5}|[a-z@][\w@-]*(?:/[\w-]+)+)"
_TEXT = r"(?:\[(?:\*|x| )\] )?(?P<message>\S.*[^\W\d_]{2}.*)"
_COLUMN = r"(?::|, ?(?:col(?:umn)?\.? ?)?)\d{1,6}(?:-\d+(?::\d+)?)?"
_FINDINGS = tuple(
    map(
        pattern,
        (
            rf"\s*(?:[Ll]ine |L)?{LINE}{_COLUMN}:?\s+(?:{_CODE}:?\s+)?{_TEXT}",
            rf"\s*(?:[Ll]ine |L){LINE}:?\s+(?:{_CODE}:?\s+)?{_TEXT}",
            rf"\s*{LINE}:?\s+{_CODE}:?\s+{_TEXT}",
            rf"{_CODE} {LINE}:\d{{1,6}} {_TEXT}",
            rf"\s*(?:L: *)?{LINE} \| (?:P: *\d+ \| )?(?:ERROR|{_CODE}) \| {_TEXT}",
            rf" {{1,3}}{LINE} {{3,}}{_TEXT}",
        ),
    )
)
"""The ways to tell line, perhaps column and code, and what is wrong."""
_HEADING = pattern(
    r"(?:={1,4} \[?|FILE: |File: ?| {1,3}Line {2,})?"
    r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:()\[\]\"'|<>,;*?]++)(?:\]? ={1,4}|\] FAIL)?:? *$"
)
_IS_FILE = pattern(r".*(?:[/\\].|\.[A-Za-z]\w{0,11}$)")
_WRAPPED = pattern(r"\s{3,}\|(?: {3,}\|)? (?P<more>\S.*)")
"""What did not fit in a column, on the next line of a table."""
_RULE_LINE = pattern(r"[\s─━═=-]{4,}$|FOUND \d+ ERROR")


def find_grouped(lines: Lines) -> Hit | None:
    """The first finding under a heading that is a file: line, perhaps column, and what is wrong."""
    file = ""
    for index, line in enumerate(lines):
        heading = _HEADING.match(line)
        if heading and _IS_FILE.match(heading["file"]):
            file = heading["file"]
        elif file and line.strip() and not _RULE_LINE.match(line):
            found = next(filter(None, (finding.match(line) for finding in _FINDINGS)), None)
            if found:
                code = found.groupdict().get("code")
                frame = Frame(file, int(found["line"]))
                more = takewhile(bool, map(_WRAPPED.match, lines[index + 1 : index + 6]))
                message = " ".join([found["message"], *(one["more"] for one in more if one)])
                return Hit(line_number=index, type=code, message=message, frame=frame)
            file = ""
    return None


FORMATS: tuple[Format, ...] = (
    Format(
        name="shellcheck",
        hints=("In ",),
        start=rf"In {FILE} line {LINE}:\n(?:.*\n){{1,3}}?\s*\^-+\^?(?: \^-+\^?)*(?:--)? ?"
        rf"(?P<code>SC\d+) \(\w+\): {MESSAGE}",
        examples=(
            Example(
                "\nIn a.sh line 2:\nfor f in $(ls); do\n         ^---^ SC2045 (error): Iterating "
                "over ls output is fragile. Use globs.\n",
                "Iterating over ls output is fragile. Use globs.",
                "a.sh:2",
                "SC2045",
            ),
        ),
    ),
    Format(
        name="bandit",
        hints=(">> Issue: ",),
        start=rf">> Issue: \[(?P<code>B\d+)[^\]\n]*\] {MESSAGE}",
        frame=rf"\s+Location: {PLACE}",
        examples=(
            Example(
                ">> Issue: [B307:blacklist] Use of possibly insecure function.\n   Severity: Medium"
                "   Confidence: High\n   Location: a.py:3:4\n",
                "Use of possibly insecure function.",
                "a.py:3",
                "B307",
            ),
        ),
    ),
    Format(
        name="pydocstyle",
        hints=(" in public ", " in private ", " at module level"),
        start=rf"{FILE}:{LINE} (?:in|at) .*:\n\s+(?P<code>D\d+): {MESSAGE}",
        examples=(
            Example(
                "a.py:2 in public function `f`:\n"
                "        D103: Missing docstring in public function\n",
                "Missing docstring in public function",
                "a.py:2",
                "D103",
            ),
        ),
    ),
    Format(
        name="robot framework",
        hints=("| FAIL |",),
        start=r".*\| FAIL \|\n(?P<message>(?!\d+ tests?,|[-=]{3}).+)",
        examples=(
            Example(
                "Soma                              | FAIL |\n100 != 90\n--------------\n"
                "R                                 | FAIL |\n1 test, 0 passed, 1 failed\n",
                "100 != 90",
            ),
        ),
    ),
    Format(
        name="behave",
        hints=("ASSERT FAILED: ", "Assertion Failed: "),
        start=rf"\s*(?:ASSERT FAILED|Assertion Failed): {MESSAGE}",
        type="AssertionError",
        frame=rf'\s+File "(?P<file>[^"]+)", line {LINE}',
        innermost="last",
        examples=(
            Example(
                "    Then total 90 # features/steps/s.py:5\n      ASSERT FAILED: total 100\n",
                "total 100",
                None,
                "AssertionError",
            ),
        ),
    ),
    Format(
        name="biome",
        hints=(" ━━━━",),
        start=rf"{PLACE} (?P<code>[\w/-]+) [^\n]*━\n\n\s+× {MESSAGE}",
        examples=(
            Example(
                "a.ts:3:1 parse ━━━━━━━━━━━━━━\n\n  × expected `,` but instead found `const`\n"
                "  \n    2 │   b: 1\n  > 3 │ const c = 2;\n      │ ^^^^^\n",
                "expected `,` but instead found `const`",
                "a.ts:3",
                "parse",
            ),
        ),
    ),
    Format(
        name="biome warning",
        hints=(" ━━━━",),
        start=rf"{PLACE} (?P<code>[\w/-]+) [^\n]*━\n\n\s+! {MESSAGE}",
        examples=(
            Example(
                "a.ts:1:15 lint/correctness/noUnusedVariables  FIXABLE  ━━━━━━━━━━━━━━━\n\n"
                "  ! This variable a is unused.\n  \n  > 1 │ const a = {\n",
                "This variable a is unused.",
                "a.ts:1",
                "lint/correctness/noUnusedVariables",
            ),
        ),
    ),
    Format(
        name="oxlint",
        hints=("  x ", "  × "),
        start=rf"\s+[x×] (?:(?P<code>[\w@/-]+\([\w/-]+\)): )?{MESSAGE}\n(?:\s+[│|] .*\n)*"
        rf"\s+(?:,-|╭─)\[{PLACE}\]",
        examples=(
            Example(
                "  x Expected `,` or `}` but found `const`\n   ,-[a.ts:3:1]\n 1 | const a = {\n",
                "Expected `,` or `}` but found `const`",
                "a.ts:3",
            ),
            Example(
                "  × eslint(no-debugger): `debugger` statement is not allowed\n"
                "   ╭─[src/a.js:2:3]\n 2 │   debugger\n",
                "`debugger` statement is not allowed",
                "src/a.js:2",
                "eslint(no-debugger)",
            ),
        ),
    ),
    Format(
        name="isort",
        hints=("ERROR: ",),
        start=rf"ERROR: {FILE} (?P<message>Imports are incorrectly sorted.*)",
        examples=(
            Example(
                "ERROR: /w/loja/a.py Imports are incorrectly sorted and/or formatted.\n",
                "Imports are incorrectly sorted and/or formatted.",
                "/w/loja/a.py",
            ),
        ),
    ),
    Format(
        name="error in a rule",
        hints=(" in file ",),
        start=rf'(?P<type>\w+(?:Exception|Error)) in (?:\w+ \w+ in )?file "?(?P<file>[^"\n]+?)"?, '
        rf"line {LINE}:\n{MESSAGE}",
        examples=(
            Example(
                'Building DAG of jobs...\nMissingInputException in rule b in file "/w/Snakefile", '
                "line 3:\nMissing input files for rule b:\n    output: b.txt\n",
                "Missing input files for rule b:",
                "/w/Snakefile:3",
                "MissingInputException",
            ),
        ),
    ),
    Format(
        name="json schema",
        hints=("::$",),
        start=rf"\s+{FILE}::\$[^:\n]*: {MESSAGE}",
        examples=(
            Example(
                "Schema validation errors were encountered.\n"
                "  dados/loja.json::$.itens[0]: 'cep' is a required property\n",
                "'cep' is a required property",
                "dados/loja.json",
            ),
        ),
    ),
)

GROUPED = Format(
    name="grouped by file",
    hints=("\n  ", "\n\t", "\nL", "\n "),
    find=find_grouped,
    examples=(
        Example(
            "m.py:\n  1:8 F401 [*] `os` imported but unused\n  3:1 E999 no such thing\n\n"
            "Found 2 errors.\n[*] 1 fixable with the `--fix` option.\n",
            "`os` imported but unused",
            "m.py:1",
            "F401",
        ),
        Example(
            "checking 2 files\ndocs/LEIA-ME.md\n  12:1-12:40  Line must be at most 80 characters\n"
            "\n1 issue\n",
            "Line must be at most 80 characters",
            "docs/LEIA-ME.md:12",
        ),
        Example(
            "== app/taxa.rb ==\n  line 7, col 3: Useless assignment to variable\n1 offense\n",
            "Useless assignment to variable",
            "app/taxa.rb:7",
        ),
        Example(
            "src/menu.vue\n\t31: vue/no-unused-vars 'preco' is defined but never used\n",
            "'preco' is defined but never used",
            "src/menu.vue:31",
            "vue/no-unused-vars",
        ),
        Example(
            "== [dia.sql] FAIL\nL:   4 | P:   9 | LT01 | Expected only single space before FROM.\n"
            "All Finished!\n",
            "Expected only single space before FROM.",
            "dia.sql:4",
            "LT01",
        ),
        Example(
            "== [a.sql] FAIL\nL:   1 | P:   1 | LT09 | Select targets should be on a new line\n"
            "                       | unless there is only one. [layout.select_targets]\n",
            "Select targets should be on a new line unless there is only one. "
            "[layout.select_targets]",
            "a.sql:1",
            "LT09",
        ),
        Example(
            "\nFILE: /w/src/Taxa.php\n-----------------------\n"
            "FOUND 1 ERROR AFFECTING 1 LINE\n-----------------------\n"
            " 14 | ERROR | [x] Expected 1 space after IF keyword\n-----------------------\n",
            "Expected 1 space after IF keyword",
            "/w/src/Taxa.php:14",
        ),
        Example(
            " ------ ------------------------ \n  Line   src/Taxa.php             \n"
            " ------ ------------------------ \n  21     Undefined variable: $uf  \n"
            " ------ ------------------------ \n\n [ERROR] Found 1 error\n",
            "Undefined variable: $uf  ",
            "src/Taxa.php:21",
        ),
        Example(
            "pagina.html\n──────────────────\nH025 7:4 Tag seems to be an orphan.\n\n"
            "Linted 1 file, found 1 error.\n",
            "Tag seems to be an orphan.",
            "pagina.html:7",
            "H025",
        ),
    ),
)
"""Findings of linters below the name of their file."""
