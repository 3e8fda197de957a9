"""How CI services, build daemons and runtimes print what went wrong: containers, memory, make."""

from genesis_mcp.diagnostics.format import FILE, LINE, MESSAGE, PLACE, Example, Format

FORMATS: tuple[Format, ...] = (
    Format(
        name="heap of node",
        hints=("FATAL ERROR: ",),
        start=r"(?:\S+: )?FATAL ERROR: (?P<message>.+)",
        examples=(
            Example(
                "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
                "\n----- Native stack trace -----\n\n 1: 0xb8ced1 node::OOMErrorHandler() [node]\n"
                "Aborted (core dumped)\n",
                "Reached heap limit Allocation failed - JavaScript heap out of memory",
            ),
        ),
    ),
    Format(
        name="valgrind",
        hints=(" lost in loss record", "== Invalid ", "== Conditional jump", "== Use of uninit"),
        start=r"==\d+== (?P<message>(?:[\d,]+ bytes in .* (?:definitely|indirectly|possibly) lost"
        r"|Invalid |Conditional jump|Use of uninit).*)",
        frame=rf"==\d+==\s+(?:at|by) 0x\w+: .*\((?P<file>[^\s:()]+):{LINE}\)",
        examples=(
            Example(
                "==812== 48 bytes in 3 blocks are definitely lost in loss record 1 of 1\n"
                "==812==    at 0x4843788: malloc (in /usr/libexec/valgrind/preload.so)\n"
                "==812==    by 0x1091B2: nova (caixa.c:27)\n==812== ERROR SUMMARY: 1 errors\n",
                "48 bytes in 3 blocks are definitely lost in loss record 1 of 1",
                "caixa.c:27",
            ),
            Example(
                "==4411== Invalid read of size 4\n==4411==    at 0x109199: media (caixa.c:9)\n",
                "Invalid read of size 4",
                "caixa.c:9",
            ),
        ),
    ),
    Format(
        name="esbuild",
        hints=(" [ERROR] ",),
        start=r"[✘X] \[ERROR\] (?P<message>.+)",
        frame=rf"\s+{PLACE}:?$",
        examples=(
            Example(
                '✘ [ERROR] Could not resolve "moldura"\n\n    src/painel.ts:3:21:\n'
                '      3 │ import { tabela } from "moldura";\n\n1 error\n',
                'Could not resolve "moldura"',
                "src/painel.ts:3",
            ),
        ),
    ),
    Format(
        name="bundler",
        hints=(": ERROR: ",),
        start=rf"{PLACE}: ERROR: {MESSAGE}",
        examples=(
            Example(
                'Error: Build failed with 1 error:\nsrc/a.ts:3:21: ERROR: Could not resolve "b"\n'
                "    at failureErrorWithLog (/w/node_modules/esbuild/lib/main.js:1472:15)\n",
                'Could not resolve "b"',
                "src/a.ts:3",
            ),
        ),
    ),
    Format(
        name="next",
        hints=("./",),
        start=rf"(?P<file>\./[^\s:]+):{LINE}:\d+\n(?:(?P<type>Syntax ?Error|Type error): )?"
        r"(?P<message>(?:Module not found|Error|[A-Z'\"`]).+)",
        examples=(
            Example(
                "Failed to compile.\n\n./app/page.tsx:14:7\nType error: Type 'string' is not "
                "assignable to type 'number'.\n\n> 14 |       total={texto}\n",
                "Type 'string' is not assignable to type 'number'.",
                "./app/page.tsx:14",
                "Type error",
            ),
        ),
    ),
    Format(
        name="webpack",
        hints=("ERROR in ",),
        start=rf"ERROR in {FILE}(?: {LINE}:\d+(?:-\d+)?|[(:](?P<at>\d+)[,:]\d+\)?)?\n\s*"
        r"(?:\[tsl\] ERROR .*\n\s*)?(?:(?P<code>TS\d+): )?"
        r"(?P<message>(?!Module build failed)\S.*)",
        examples=(
            Example(
                "ERROR in ./src/a.js 3:0-21\n"
                "Module not found: Error: Can't resolve './b' in '/w'\n",
                "Module not found: Error: Can't resolve './b' in '/w'",
                "./src/a.js:3",
            ),
        ),
    ),
    Format(
        name="rollup itself",
        hints=("[!] ",),
        start=r"\[!\] (?:\([^)\n]*\) )?(?P<type>\w*Error): (?:(?P<file>[^\s:()]+) "
        r"\((?P<line>\d+):\d+\): )?(?P<message>\S.*)",
        frame=rf"(?P<file>[^\s:()]+\.\w+) \({LINE}:\d+\)$",
        examples=(
            Example(
                '[!] RollupError: a.mjs (1:9): "soma" is not exported by "b.mjs".\n'
                "https://rollupjs.org/troubleshooting/\na.mjs (1:9)\n",
                '"soma" is not exported by "b.mjs".',
                "a.mjs:1",
                "RollupError",
            ),
        ),
    ),
    Format(
        name="rollup",
        hints=("error during build:",),
        start=r"error during build:\n(?:\[[\w:/@-]+\]:? ?)?(?:(?P<type>\w*Error): )?"
        r"(?:\[[\w:/@-]+\]:? ?)?"
        r"(?P<message>\S.*)",
        frame=rf"\s*file: (?P<file>\S+?):{LINE}(?::\d+)?$",
        examples=(
            Example(
                'error during build:\n[vite]: Rollup failed to resolve import "a" from "/w/b.ts".\n'
                "    at viteWarn (file:///w/node_modules/vite/dist/dep.js:65589:17)\n",
                'Rollup failed to resolve import "a" from "/w/b.ts".',
            ),
            Example(
                'error during build:\nsrc/a.ts (1:9): "b" is not exported by "src/c.ts".\n'
                "file: /w/src/a.ts:1:9\n",
                'src/a.ts (1:9): "b" is not exported by "src/c.ts".',
                "/w/src/a.ts:1",
            ),
        ),
    ),
)
