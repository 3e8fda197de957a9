"""How builders, linters and small test runners of JavaScript print errors."""

from genesis_mcp.diagnostics.format import LINE, MESSAGE, PLACE, Example, Format

_NODE_FRAME = rf"\s+at (?:.*\()?(?:file://)?(?P<file>[^\s()<>]+):{LINE}:\d+\)?$"

FORMATS: tuple[Format, ...] = (
    Format(
        name="ts-node",
        hints=("Unable to compile TypeScript",),
        start=r".*Unable to compile TypeScript:?\n\s*(?P<file>[^\s(:]+)[(:](?P<line>\d+)[,:]\d+\)?"
        rf"(?::| -) error (?P<code>TS\d+): {MESSAGE}",
        examples=(
            Example(
                "TSError: ⨯ Unable to compile TypeScript:\nsrc/taxa.ts(2,9): error TS2322: Type "
                "'number' is not assignable to type 'string'.\n\n"
                "    at createTSError (/w/node_modules/ts-node/dist/index.js:859:12)\n",
                "Type 'number' is not assignable to type 'string'.",
                "src/taxa.ts:2",
                "TS2322",
            ),
        ),
    ),
    Format(
        name="rolldown",
        hints=("ailed with ",),
        start=r".*[Ff]ailed with \d+ errors?:\n\n?\[(?P<code>[A-Z]+(?:_[A-Z]+)+)\] "
        rf"{MESSAGE}(?:\n\s+╭─\[ ?{PLACE} ?\])?",
        examples=(
            Example(
                "error during build:\nBuild failed with 1 error:\n\n"
                "[UNRESOLVED_IMPORT] Could not resolve './menu.js' in src/main.js\n"
                "   ╭─[ src/main.js:1:22 ]\n   │\n 1 │ import { menu } from './menu.js';\n",
                "Could not resolve './menu.js' in src/main.js",
                "src/main.js:1",
                "UNRESOLVED_IMPORT",
            ),
        ),
    ),
    Format(
        name="eslint itself",
        hints=("Oops! Something went wrong!",),
        start=r"Oops! Something went wrong! :\(\n\nESLint: [^\n]*\n\n"
        r"(?P<message>(?!\w*Error: )\S.*)",
        examples=(
            Example(
                "Oops! Something went wrong! :(\n\nESLint: 9.39.5\n\nESLint couldn't find an "
                "eslint.config.(js|mjs|cjs) file.\n\nFrom ESLint v9.0.0, the default is another.\n",
                "ESLint couldn't find an eslint.config.(js|mjs|cjs) file.",
            ),
        ),
    ),
    Format(
        name="jasmine",
        hints=("  Message:\n",),
        start=r"  Message:\n\s+(?:(?P<type>\w*Error): )?(?P<message>\S.*)",
        frame=_NODE_FRAME,
        examples=(
            Example(
                "Failures:\n1) Cupom vence\n  Message:\n    Expected 5 to be greater than 9.\n"
                "  Stack:\n        at <Jasmine>\n"
                "        at UserContext.<anonymous> (/w/spec/a_spec.js:3:15)\n",
                "Expected 5 to be greater than 9.",
                "/w/spec/a_spec.js:3",
            ),
        ),
    ),
    Format(
        name="uvu",
        hints=("   FAIL  ",),
        start=r"\s+FAIL  (?:\S.* )?\"[^\"\n]*\"\n\s+(?P<message>\S.*?)(?:  \(\w+\))?$",
        goes_on=r"(?!\s+at )\s*(?:\+\+|--|··)?(?P<message>.*)",
        frame=_NODE_FRAME,
        examples=(
            Example(
                '   FAIL  "taxa"\n    arredonda  (is)\n\n        ++1    (Expected)\n'
                "        --2    (Actual)\n\n"
                "    at assert (/w/node_modules/uvu/assert/index.js:33:8)\n"
                "    at Object.handler (/w/a.js:4:10)\n\n  Total:     1\n",
                "arredonda 1    (Expected) 2    (Actual)",
                "/w/a.js:4",
            ),
        ),
    ),
    Format(
        name="prettier",
        hints=("[warn] ",),
        start=r"\[warn\] (?P<message>(?P<file>\S+))\n(?:\[warn\] \S+\n)*\[warn\] Code style issues",
        examples=(
            Example(
                "Checking formatting...\n[warn] src/a.js\n[warn] src/b.css\n"
                "[warn] Code style issues found in 2 files. Run Prettier with --write to fix.\n",
                "src/a.js",
                "src/a.js",
            ),
        ),
    ),
    Format(
        name="htmlhint",
        hints=(" |",),
        start=rf"\s+L{LINE} \|.*\n\s+\^ (?P<message>\S.*?) \((?P<code>[\w-]+)\)$",
        heading=r"\s+(?P<file>\S+\.\w+)$",
        examples=(
            Example(
                "\n   /w/pagina.html\n      L3 |<div></p>\n            ^ Tag must be paired, "
                "no start tag: [ </p> ] (tag-pair)\n\nScanned 1 files, found 1 errors (26 ms)\n",
                "Tag must be paired, no start tag: [ </p> ]",
                "/w/pagina.html:3",
                "tag-pair",
            ),
        ),
    ),
    Format(
        name="ajv",
        hints=(" invalid\n",),
        start=r"(?P<file>\S+) invalid\n(?:.*\n){1,12}?\s+message: ['\"](?P<message>.+)['\"]$",
        examples=(
            Example(
                "dados/loja.json invalid\n[\n  {\n    instancePath: '',\n"
                "    params: { missingProperty: 'nome' },\n"
                "    message: \"must have required property 'nome'\"\n  }\n]\n",
                "must have required property 'nome'",
                "dados/loja.json",
            ),
        ),
    ),
    Format(
        name="dependency-cruiser",
        hints=(" → ",),
        start=r"\s+error (?P<code>[\w-]+): (?P<message>(?P<file>\S+) →.*)",
        goes_on=r"\s{4,}\S",
        examples=(
            Example(
                "  error no-circular: src/a.js → \n      src/b.js →\n      src/a.js\n\n"
                "x 1 dependency violations (1 errors, 0 warnings). 2 modules cruised.\n",
                "src/a.js → src/b.js → src/a.js",
                "src/a.js",
                "no-circular",
            ),
        ),
    ),
    Format(
        name="redocly",
        hints=(" at #/",),
        start=rf"\[\d+\] {PLACE} at #\S*\n\n?{MESSAGE}",
        examples=(
            Example(
                "validating o.yaml...\n[1] o.yaml:7:5 at #/paths/~1a/get/summary\n\n"
                "Operation object should contain `summary` field.\n\n5 | paths:\n6 |   /a:\n",
                "Operation object should contain `summary` field.",
                "o.yaml:7",
            ),
        ),
    ),
)
