"""An example for each recogniser of scripts, tools, linters and crashes; as printed, shortened."""

import pytest

from genesis_mcp.diagnostics.finding import TIERS, find_error
from genesis_mcp.diagnostics.parts_seen import seen_text

# The name of the recogniser, what was printed, and type, message and location to be found.
EXAMPLES = [
    ("minitest", "  1) Failure:\nPlanTest#test_sum [app.rb:5]:\nExpected: 5\n  Actual: 4\n\n2 runs",
     None, "Expected: 5 Actual: 4", "app.rb:5"),
    ("minitest", "  1) Error:\nPlanTest#test_x:\nKeyError: no plan\n    /usr/lib/ruby/x.rb:2:in `fetch'\n    app.rb:9:in `test_x'\n",
     "KeyError", "no plan", "app.rb:9"),
    ("rspec", "  1) plan adds\n     Failure/Error: expect(2 + 2).to eq(5)\n\n       expected: 5\n            got: 4\n\n       (compared using ==)\n     # ./a_spec.rb:5:in `block'\n",
     None, "expected: 5 got: 4", "./a_spec.rb:5"),
    ("ruby", "app.rb:12:in `rescue in <main>': cannot start (RuntimeError)\n\tfrom app.rb:9:in `<main>'\n",
     "RuntimeError", "cannot start", "app.rb:12"),
    ("ruby", "app.rb:3:in 'Kernel#Integer': bad value (ArgumentError)\n", "ArgumentError", "bad value", "app.rb:3"),
    ("ruby", "<internal:/usr/lib/ruby/kernel_require.rb>:85:in `require': cannot load such file -- fila (LoadError)\n\tfrom app.rb:6:in `<main>'\n",
     "LoadError", "cannot load such file -- fila", "app.rb:6"),
    ("php", "PHP Fatal error:  Uncaught PlanError: plan 7 has no title in /w/app.php:5\nStack trace:\n#0 /w/app.php(7): check()\n#1 {main}\n  thrown in /w/app.php on line 5\n",
     "PlanError", "plan 7 has no title", "/w/app.php:5"),
    ("php", "PHP Parse error:  syntax error, unexpected token \";\" in /w/app.php on line 5\n", None,
     'syntax error, unexpected token ";"', "/w/app.php:5"),
    ("phpunit", "PHPUnit 9.6.7\n\n1) PlanTest::testSum\nFailed asserting that 4 is identical to 5.\n\n/w/PlanTest.php:9\n", None,
     "Failed asserting that 4 is identical to 5.", "/w/PlanTest.php:9"),
    ("lua", "lua5.4: app.lua:7: attempt to index a nil value (field 'profile')\nstack traceback:\n\tapp.lua:7: in local 'name'\n", None,
     "attempt to index a nil value (field 'profile')", "app.lua:7"),
    ("busted", "Failure -> a_spec.lua @ 8\nplan adds\na_spec.lua:9: Expected objects to be equal.\nPassed in:\n(number) 4\nExpected:\n(number) 5\n", None,
     "Expected objects to be equal. Passed in: (number) 4", "a_spec.lua:9"),
    ("elixir", "** (ArgumentError) plan 5 has no rows\n    (elixir 1.14.0) lib/code.ex:1: Code.x/2\n    app.exs:5: Plan.check/1\n", "ArgumentError",
     "plan 5 has no rows", "app.exs:5"),
    ("tcl", 'invalid command name "nada"\n    while executing\n"nada 1"\n    (file "app.tcl" line 9)\n', None, 'invalid command name "nada"', "app.tcl:9"),
    ("r", "Error in check(44) : plan 44 has no date\nExecution halted\n", None, "plan 44 has no date", None),
    ("perl test", "not ok 2 - adds\n#   Failed test 'adds'\n#   at t.pl line 4.\n#          got: '4'\n#     expected: '5'\n", None,
     "Failed test 'adds' got: '4' expected: '5'", "t.pl:4"),
    ("at line", "plan 8 has no owner at app.pl line 4, <STDIN> line 2.\n", None, "plan 8 has no owner", "app.pl:4"),
    ("mypy", 'app.py:4: error: "A" has no attribute "name"  [attr-defined]\nFound 1 error in 1 file\n', "attr-defined", '"A" has no attribute "name"', "app.py:4"),
    ("mypy", 'app.py:4: error: Cannot find stub for module named\n"nada"  [import-not-found]\n    import nada\n    ^\n', "import-not-found",
     'Cannot find stub for module named "nada"', "app.py:4"),
    ("lint", "F401 [*] `os` imported but unused\n --> app.py:7:8\n  |\n", "F401", "`os` imported but unused", "app.py:7"),
    ("lint", "app.py:7:8: F821 Undefined name `x`\n", "F821", "Undefined name `x`", "app.py:7"),
    ("eslint", "\n/w/app.mjs\n  1:1  error  'valor' is not defined  no-undef\n\n✖ 1 problem (1 error, 0 warnings)\n", "no-undef", "'valor' is not defined", "/w/app.mjs:1"),
    ("make", "make: *** No rule to make target 'a.c', needed by 'app'.  Stop.\n", None, "No rule to make target 'a.c', needed by 'app'.", None),
    ("make", "Makefile:3: *** missing separator.  Stop.\n", None, "missing separator.", "Makefile:3"),
    ("cmake", "CMake Error at CMakeLists.txt:6 (find_package):\n  Could not find a package\n  of Fila.\n\n\n-- Configuring incomplete\n", None, "Could not find a package of Fila.", "CMakeLists.txt:6"),
    ("npm", 'npm error code E404\nnpm error Missing script: "deploy"\nnpm error A complete log of this run\n', None, 'Missing script: "deploy"', None),
    ("sql", 'psql:q.sql:2: ERROR:  relation "runs" does not exist\nLINE 1: select\n', None, 'relation "runs" does not exist', "q.sql:2"),
    ("sql", "Parse error near line 7: no such column: nome\n  select nome from t;\n", None, "no such column: nome", None),
    ("sql", "ERROR 1146 (42S02) at line 1: Table 'g.runs' doesn't exist\n", "ERROR 1146", "Table 'g.runs' doesn't exist", None),
    ("json log", '{"level":30,"msg":"ok"}\n{"level":50,"err":{"type":"TypeError","message":"no \\"spec\\"","stack":"TypeError: no\\n    at f (node:x:1:1)\\n    at g (/w/app.js:4:9)"},"msg":"Falha"}\n{"level":30,"msg":"bye"}\n',
     "TypeError", 'no "spec"', "/w/app.js:4"),
    ("pytest line", "=================== FAILURES ===================\n/w/test_a.py:4: ValueError: bad column\n====== short test summary info ======\n", "ValueError", "bad column", "/w/test_a.py:4"),
    ("doctest", '*****************************\nFile "/w/calc.py", line 4, in calc.add\nFailed example:\n    add(2, 2)\nExpected:\n    5\nGot:\n    4\n*****************************\n', None,
     "add(2, 2) Expected: 5 Got: 4", "/w/calc.py:4"),
    ("thrown value", "/w/app.js:3\nthrow 'no more';\n^\nno more\n(Use `node --trace-uncaught ...` to show where)\n", None, "no more", "/w/app.js:3"),
    ("inspected error", '[UnhandledPromiseRejection: This error originated either by a. The promise rejected with the reason "gone".] {\n  code: 1\n}\n',
     "UnhandledPromiseRejection", '"gone".', None),
    ("sanitizer", "==21==ERROR: AddressSanitizer: heap-use-after-free on address 0x6020 at pc 0x55\n    #0 0x55 in main /w/app.c:7\n", "AddressSanitizer", "heap-use-after-free", "/w/app.c:7"),
    ("compiler", "app.c:9:12: runtime error: index 5 out of bounds for type 'int [2]'\n", None, "index 5 out of bounds", "app.c:9"),
    ("linker", "/usr/bin/ld: app.o: in function `main':\n/w/app.c:10: undefined reference to `f'\n", None, "undefined reference to `f'", "/w/app.c:10"),
    ("linker", "/usr/bin/ld: cannot find -lfila: No such file or directory\n", None, "cannot find -lfila", None),
    ("ocaml", 'File "./app.ml", line 3, characters 14-17:\n3 | let n : int = "x"\n                  ^^^\nError: This expression has type string but int\n         was expected\n', None,
     "has type string but int was expected", "app.ml:3"),
    ("ocaml", 'Exception: Failure "fila vazia".\n', "Failure", '"fila vazia"', None),
    ("ocaml", "Fatal error: exception Not_found\n", "Not_found", "", None),
    ("named error", "Exception: Database is down\n", "Exception", "Database is down", None),
    ("go", "=== RUN   TestTable\n    a_test.go:22: the queue must be empty\n--- FAIL: TestTable (0.00s)\n", None, "the queue must be empty", "a_test.go:22"),
    ("go", "--- FAIL: TestQueue (0.00s)\n    a_test.go:6: input 3\n    a_test.go:8: queue(3) = 6, want 7\nFAIL\n", None, "queue(3) = 6, want 7", "a_test.go:8"),
    ("go", "    TestQueue: a_test.go:14: the queue must have 3\n--- FAIL: TestQueue (0.00s)\nFAIL\n", None, "the queue must have 3", "a_test.go:14"),
    ("rspec", "  1) plan adds\n     Failure/Error: expect(a).to include(b: 4)\n\n       expected {:b => 3} to include {:b => 4}\n       Diff:\n       @@ -1 +1 @@\n       -:b => 4,\n     # ./a_spec.rb:5:in `block'\n",
     None, "expected {:b => 3} to include {:b => 4}", "./a_spec.rb:5"),
    ("rspec", "An error occurred while loading ./a_spec.rb.\nFailure/Error: require 'gears'\n\nLoadError:\n  cannot load such file -- gears\n# ./a_spec.rb:1:in `<top (required)>'\nNo examples found.\n",
     "LoadError", "cannot load such file -- gears", "./a_spec.rb:1"),
    ("minitest", "  1) Error:\nPlanTest#test_roof:\nNoMethodError: undefined method `total' for nil\n\n    nil.total\n       ^^^^^^\n    a_test.rb:4:in `test_roof'\n\n1 runs\n",
     "NoMethodError", "undefined method `total' for nil", "a_test.rb:4"),
    ("tap", "TAP version 13\n1..1\nnot ok 1 - a.test.ts # time=58.22ms {\n    1..1\n    not ok 1 - gear # time=49.28ms\n        ---\n        error:\n            name: \"AssertionError\"\n            message: \"expected 'A' to be 'B'\"\n        at: \"/w/a.test.ts:2:36\"\n        ...\n}\n",
     "AssertionError", "expected 'A' to be 'B'", "/w/a.test.ts:2"),
    ("javascript stack", " Exception during run: /w/test/a.js:2\n  const x = ;\n            ^\n\nSyntaxError: Unexpected token ';'\n    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n    at async load (/w/node_modules/mocha/lib/esm.js:11:14)\n",
     "SyntaxError", "Unexpected token ';'", "/w/test/a.js:2"),
    ("javascript stack", "AggregateError: \n    at connect (node:net:1117:18) {\n  code: 'ECONNREFUSED',\n  [errors]: [\n    Error: connect ECONNREFUSED ::1:5432\n        at made (node:net:1647:14) {\n    }\n  ]\n}\n",
     "AggregateError", "Error: connect ECONNREFUSED ::1:5432", None),
    ("error word", "[ERROR] Rule 0: RequireJavaVersion failed with message:\nDetected JDK 11.0.2 is not in the range [17,).\n[INFO] BUILD FAILURE\n[ERROR] To see the full stack trace of the errors, re-run Maven with -e.\n",
     None, "Detected JDK 11.0.2 is not in the range [17,).", None),
    ("error word", "plan: cannot mend the roof\n    at /w/error-fail/roof.pl6:4\n    ------> win\n", None, "plan: cannot mend the roof", "/w/error-fail/roof.pl6:4"),
    ("error word", "error: no package named `gears` found\nsearched: index\nto avoid failures, try again without `--offline`\n", None, "no package named `gears` found", None),
    ("error word", "/w/lib/setup.py:9: OldWarning: 1.x is an invalid version\n  warnings.warn(text)\nerror: invalid command 'bdist_wheel'\n", None, "invalid command 'bdist_wheel'", None),
    ("last line", "plan kept\n\nthe web may not import the store:\n\n-   web -> store (l.1)\n\n", None, "the web may not import the store:", None),
    ("shell", "app.sh:9: command not found: foofila\n", None, "command not found: foofila", "app.sh:9"),
    ("signal", "bash: line 1: 2542 Segmentation fault      ./app 5\n", None, "Segmentation fault", None),
    ("signal", "free(): double free detected in tcache 2\nbash: line 1: 2542 Aborted                 ./app\n", None, "free(): double free", None),
    ("error word", "cannot reach the broker\n[8/8] step 8 ok, 0 errors\nthe build failed.\n", None, "cannot reach the broker", None),
    ("error word", "GET /plans/7 -> 409 Conflict in 12 ms\ngood bye\n", None, "409 Conflict", None),
    ("weaker word", "tide table is missing\ngood bye\n[2/2] missing parts made, done\n", None, "tide table is missing", None),
    ("last line", "reading plan\nSaldo negativo na conta\n[2/2] fim em 3 s\n==> report\nfinished in 3 s.\n", None, "Saldo negativo na conta", None),
    ("named error", "note: x\nError: ParseIntError { kind: InvalidDigit }\n", None, "ParseIntError { kind: InvalidDigit }", None),
    ("pytest native", "=========== FAILURES ===========\n_____ test_one _____\nTraceback (most recent call last):\n  File \"/w/test_b.py\", line 4, in test_one\n    f()\nRuntimeError: cold\n_____ test_two _____\nTraceback (most recent call last):\n  File \"/w/test_b.py\", line 9, in test_two\n    f()\nKeyError: 'x'\n",
     "RuntimeError", "cold", "/w/test_b.py:4"),
    ("python crash", 'Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at\n  File "/w/app.py", line 7 in peek\n',
     None, "Segmentation fault", "/w/app.py:7"),
    ("php warning", "PHP Warning:  fopen(a.txt): Failed to open stream: No such file or directory in /w/b.php on line 6\n", None, "fopen(a.txt): Failed to open stream", "/w/b.php:6"),
    ("terraform", "│ Error: Missing name for resource\n│ \n│   on main.tf line 2, in resource \"soma\":\n", None, "Missing name for resource", "main.tf:2"),
    ("java launch", "Error: Could not find or load main class Porto\nCaused by: java.lang.ClassNotFoundException: Porto\n", "java.lang.ClassNotFoundException", "main class Porto", None),
    ("linker", "/usr/bin/ld: /usr/lib/Scrt1.o: in function `_start':\n(.text+0x17): undefined reference to `main'\n", None, "undefined reference to `main'", None),
    ("tap", "ok 1 a\nnot ok 2 gear\n  Gear has no teeth\n  TypeError: Gear has no teeth\n      at Context.<anonymous> (test/b.js:9:10)\n# fail 1\n", "TypeError", "Gear has no teeth", "test/b.js:9"),
    ("javascript stack", "build failed: RangeError: plan has no roof\n    at build (/w/app.js:5:9)\n", "RangeError", "plan has no roof", "/w/app.js:5"),
    ("traceback", 'Traceback (most recent call last):\n  File "/usr/lib/python3.11/asyncio/tasks.py", line 9, in f\nasyncio.exceptions.CancelledError\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "/w/app.py", line 4, in go\nTimeoutError\n',
     "TimeoutError", "", "/w/app.py:4"),
]  # fmt: skip

TABLES = tuple(row for tier in TIERS for row in tier)


@pytest.mark.parametrize(("name", "printed", "error_type", "message", "location"), EXAMPLES)
def test_a_recogniser_reads_its_own_example(name, printed, error_type, message, location):
    recogniser = next(one for one in TABLES if one.name == name)
    hit = recogniser.read(seen_text(printed))
    assert hit is not None
    assert (hit.type, message in hit.message) == (error_type, True)


@pytest.mark.parametrize(("name", "printed", "error_type", "message", "location"), EXAMPLES)
def test_the_whole_table_reads_it_the_same(name, printed, error_type, message, location):
    error = find_error(stdout="starting\n" + printed, stderr="")
    assert error is not None
    assert (error.type, error.location) == (error_type, location)
    assert message in error.message


@pytest.mark.parametrize(
    "printed",
    [
        "test passed\nAll 5 checks ok\n",
        '{"level":30,"msg":"token refreshed"}\n',
        "Compiling app.c\n[1/2] linking\n",
        "INFO at startup line 5 was read\n",
        "2 examples, 0 failures\n",
    ],
)
def test_output_without_an_error_has_none_for_sure(printed):
    assert find_error(stdout=printed, stderr="", guess=False) is None


@pytest.mark.parametrize("prefix", ["api-1  | ", "2025-03-04T05:06:07.1234567Z "])
def test_what_stands_before_every_line_of_a_log_does_not_matter(prefix):
    printed = (
        'Traceback (most recent call last):\n  File "/w/a.py", line 3, in f\n    g()\nKeyError: 1\n'
    )
    prefixed = "".join(f"{prefix}{line}\n" for line in printed.splitlines())
    plain, found = find_error(stdout=printed, stderr=""), find_error(stdout=prefixed, stderr="")
    assert found == plain


def test_recognisers_have_names_of_their_own():
    names = [one.name for one in TABLES]
    assert len(names) == len(set(names))
