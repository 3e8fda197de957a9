"""Which error is found in real outputs, and when two errors are the same.

The outputs of python 3.11, pytest 9, node 20, gcc, rustc, javac, dash, bash and perl were
printed by these programs, then shortened and in places reordered or combined. Those of mocha,
jest, Go and tsc were written after their known form, because they were not at hand.
"""

import dataclasses
from typing import Any

import pytest

from genesis_mcp.diagnostics.finding import FoundError, find_error, normalise, signature_keys
from genesis_mcp.text.clean import clean

DIRECT_CAUSE = """\
Traceback (most recent call last):
  File "/w/app.py", line 5, in chain
    parse("x")
  File "/w/app.py", line 2, in parse
    return int(s)
           ^^^^^^
ValueError: invalid literal for int() with base 10: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/w/app.py", line 26, in <module>
    chain()
  File "/w/app.py", line 7, in chain
    raise RuntimeError("config is bad") from e
RuntimeError: config is bad
"""

WHILE_HANDLING = """\
Traceback (most recent call last):
  File "/w/app.py", line 10, in during
    {}["a"]
    ~~^^^^^
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/w/app.py", line 26, in <module>
    during()
  File "/w/app.py", line 2, in parse
    return int(s)
           ^^^^^^
ValueError: invalid literal for int() with base 10: 'y'
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/w/app.py", line 26, in <module>
  |     group()
  |   File "/w/app.py", line 14, in group
  |     raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/w/task.py", line 3, in run
    |     raise ValueError("one")
    | ValueError: one
    +---------------- 2 ----------------
    | TypeError: two
    +------------------------------------
"""

IN_LIBRARY = """\
Traceback (most recent call last):
  File "/w/app.py", line 16, in js
    import json; json.loads("{nope")
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: Expecting property name: line 1 column 2 (char 1)
"""

ASYNCIO = """\
Traceback (most recent call last):
  File "/w/aio.py", line 7, in <module>
    asyncio.run(main())
  File "/w/aio.py", line 6, in main
    raise KeyError("real one")
KeyError: 'real one'
Task exception was never retrieved
future: <Task finished name='Task-2' coro=<boom() done> exception=ValueError('inside task')>
Traceback (most recent call last):
  File "/w/aio.py", line 2, in boom
    async def boom(): raise ValueError("inside task")
ValueError: inside task
"""

BARE_ASSERT = """\
Traceback (most recent call last):
  File "/w/app.py", line 22, in bare
    assert 1 == 2
           ^^^^^^
AssertionError
"""

SYNTAX_ERROR = """\
  File "/w/bad.py", line 1
    def f(:
          ^
SyntaxError: invalid syntax
"""

PYTEST_LONG = """\
============================= test session starts ==============================
collected 3 items

test_p.py FF.                                                            [100%]

=================================== FAILURES ===================================
__________________________________ test_raise __________________________________

    def test_raise():
>       add("a", 1)

test_p.py:6:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def add(a, b):
>       return a + b
E       TypeError: can only concatenate str (not "int") to str

mod.py:2: TypeError
___________________________________ test_add ___________________________________

>       assert add(2, 2) == 5, "sum"
E       AssertionError: sum
E       assert 4 == 5

test_p.py:4: AssertionError
=========================== short test summary info ============================
FAILED test_p.py::test_raise - TypeError: can only concatenate str (not "int"...
========================= 2 failed, 1 passed in 0.02s ==========================
"""

PYTEST_SHORT = """\
=================================== FAILURES ===================================
___________________________________ test_add ___________________________________
test_p.py:4: in test_add
    assert add(2, 2) == 5
E   assert 4 == 5
E    +  where 4 = add(2, 2)
=========================== short test summary info ============================
FAILED test_p.py::test_add - assert 4 == 5
"""

PYTEST_COLLECTING = """\
==================================== ERRORS ====================================
__________________________ ERROR collecting test_c.py __________________________
ImportError while importing test module '/w/test_c.py'.
Traceback:
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
test_c.py:1: in <module>
    from mod import subtract
E   ImportError: cannot import name 'subtract' from 'mod' (/w/mod.py)
=========================== short test summary info ============================
ERROR test_c.py
"""

PYTEST_NO_TRACEBACK = """\
FF.                                                                      [100%]
=========================== short test summary info ============================
FAILED test_p.py::test_add - AssertionError: sum
2 failed, 1 passed in 0.01s
"""

UNITTEST = """\
FE
======================================================================
FAIL: test_add (__main__.T.test_add)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/w/test_u.py", line 5, in test_add
    self.assertEqual(add(2, 2), 5)
  File "/usr/lib/python3.11/unittest/case.py", line 873, in assertEqual
    assertion_func(first, second, msg=msg)
AssertionError: 4 != 5

======================================================================
ERROR: test_err (__main__.T.test_err)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/w/mod.py", line 2, in add
    return a + b
TypeError: can only concatenate str (not "int") to str

----------------------------------------------------------------------
Ran 2 tests in 0.000s

FAILED (failures=1, errors=1)
"""

NODE_UNCAUGHT = """\
Error: logged before and survived
    at warm (/w/up.js:9:1)
/w/e1.js:2
function read(o) { return o.name; }
                            ^

TypeError: Cannot read properties of null (reading 'name')
    at read (/w/e1.js:2:29)
    at Object.<anonymous> (/w/e1.js:3:1)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)

Node.js v20.20.2
"""

NODE_SYNTAX = """\
/w/e3.js:1
const a = ;
          ^

SyntaxError: Unexpected token ';'
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
"""

NODE_ASSERT = """\
node:assert:90
  throw new AssertionError(obj);
  ^

AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

-1 !== 5

    at Object.<anonymous> (file:///w/my%20dir/e2.js:3:8)
    at node:internal/main/run_main_module:28:49 {
  generatedMessage: true,
  code: 'ERR_ASSERTION'
}
"""

NODE_MODULE = """\
node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module './nothere'
Require stack:
- /w/e4.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at require (node:internal/modules/helpers:182:18)
    at Object.<anonymous> (/w/e4.js:1:1) {
  code: 'MODULE_NOT_FOUND',
}
"""

NODE_CAUSE = """\
/w/e7.js:1
throw new Error('outer', {cause: new TypeError('inner')});
^

Error: outer
    at Object.<anonymous> (/w/e7.js:1:7)
    at node:internal/main/run_main_module:28:49 {
  [cause]: TypeError: inner
      at Object.<anonymous> (/w/e7.js:1:34)
      at node:internal/main/run_main_module:28:49
}
"""

NODE_OWN_CLASS = """\
/w/e13.js:2
throw new MyErr('custom');
^

MyErr: custom
    at Object.<anonymous> (/w/e13.js:2:7) {
  code: 'E101'
}
"""

MOCHA = """\
  Array
    1) adds

  0 passing (5ms)
  1 failing

  1) Array
       adds:

      AssertionError: expected 5 to equal 4
      + expected - actual

      -5
      +4

      at Context.<anonymous> (test.js:15:10)
      at process.processImmediate (node:internal/timers:476:21)
"""

NODE_TEST_TAP = """\
TAP version 13
# Subtest: pending
not ok 1 - pending # TODO
  ---
  error: 'later'
  ...
# Subtest: adds
not ok 2 - adds
  ---
  duration_ms: 1.822468
  location: '/w/e8.test.js:2:1'
  failureType: 'testCodeFailure'
  error: |-
    Expected values to be strictly equal:

    2 !== 3

  code: 'ERR_ASSERTION'
  name: 'AssertionError'
  stack: |-
    TestContext.<anonymous> (/w/e8.test.js:2:29)
    Test.runInAsyncScope (node:async_hooks:206:9)
  ...
1..2
# fail 1
"""

JEST = """\
FAIL ./sum.test.js
  ● adds

    expect(received).toBe(expected) // Object.is equality

    Expected: 3
    Received: 2

      1 | test('adds', () => {
    > 2 |   expect(1 + 1).toBe(3);
        |                 ^

      at Object.toBe (sum.test.js:2:17)

Tests:       1 failed, 1 total
"""

GCC = """\
a.c: In function ‘main’:
a.c:2:21: warning: initialization of ‘int’ from ‘char *’ [-Wint-conversion]
a.c:2:33: error: ‘y’ undeclared (first use in this function)
    2 | int main(){ int x = "a"; return y; }
a.c:3:1: error: expected declaration
make: *** [Makefile:2: all] Error 1
"""

LINKER = """\
/usr/bin/ld: /tmp/ccu7VZKt.o: in function `main':
l.c:(.text+0xa): undefined reference to `f'
collect2: error: ld returned 1 exit status
"""

RUSTC = """\
error[E0308]: mismatched types
 --> src/main.rs:2:18
  |
2 |     let x: i32 = "a";
  |            ---   ^^^ expected `i32`, found `&str`

error: aborting due to 1 previous error

For more information about this error, try `rustc --explain E0308`.
"""

RUST_PANIC = """\
thread 'adds' (3590) panicked at rt.rs:1:21:
assertion `left == right` failed: sum
  left: 2
 right: 3
stack backtrace:
   0: __rustc::rust_begin_unwind
"""

GO_PANIC = """\
panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.pick(...)
\t/w/main.go:10
main.main()
\t/w/main.go:6 +0x1d
exit status 2
"""

JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: bad config
\tat M.main(M.java:3)
Caused by: java.lang.NumberFormatException: For input string: "x"
\tat java.base/java.lang.Integer.parseInt(Integer.java:668)
\tat M.f(M.java:2)
\t... 1 more
"""

CPP = "terminate called after throwing an instance of 'std::runtime_error'\n  what():  bad thing\n"

FOUND = {
    "direct cause": (
        DIRECT_CAUSE,
        "RuntimeError",
        "config is bad <- ValueError: invalid literal for int",
        "/w/app.py:7",
    ),
    "while handling": (WHILE_HANDLING, "ValueError", "base 10: 'y'", "/w/app.py:2"),
    "exception group": (GROUP, "ExceptionGroup", "<- ValueError: one", "/w/app.py:14"),
    "python library": (IN_LIBRARY, "json.decoder.JSONDecodeError", "Expecting", "/w/app.py:16"),
    "asyncio": (ASYNCIO, "KeyError", "'real one'", "/w/aio.py:6"),
    "bare assert": (BARE_ASSERT, "AssertionError", "assert 1 == 2", "/w/app.py:22"),
    "python syntax": (SYNTAX_ERROR, "SyntaxError", "invalid syntax", "/w/bad.py:1"),
    "pytest long": (PYTEST_LONG, "TypeError", "can only concatenate", "mod.py:2"),
    "pytest short": (PYTEST_SHORT, "AssertionError", "assert 4 == 5", "test_p.py:4"),
    "pytest collecting": (PYTEST_COLLECTING, "ImportError", "cannot import", "test_c.py:1"),
    "pytest summary": (PYTEST_NO_TRACEBACK, "AssertionError", "sum", "test_p.py"),
    "unittest": (UNITTEST, "AssertionError", "4 != 5", "/w/test_u.py:5"),
    "node": (NODE_UNCAUGHT, "TypeError", "Cannot read properties of null", "/w/e1.js:2"),
    "node syntax": (NODE_SYNTAX, "SyntaxError", "Unexpected token ';'", "/w/e3.js:1"),
    "node assert": (
        NODE_ASSERT,
        "AssertionError",
        "strictly equal: -1 !== 5",
        "/w/my%20dir/e2.js:3",
    ),
    "node module": (NODE_MODULE, "Error", "Cannot find module './nothere'", "/w/e4.js:1"),
    "node cause": (NODE_CAUSE, "Error", "outer <- TypeError: inner", "/w/e7.js:1"),
    "node own class": (NODE_OWN_CLASS, "MyErr", "custom", "/w/e13.js:2"),
    "mocha": (MOCHA, "AssertionError", "expected 5 to equal 4", "test.js:15"),
    "node:test tap": (NODE_TEST_TAP, "AssertionError", "equal: 2 !== 3", "/w/e8.test.js:2"),
    "jest": (JEST, None, "equality Expected: 3 Received: 2", "sum.test.js:2"),
    "gcc": (GCC, None, "‘y’ undeclared (first use in this function)", "a.c:2"),
    "gcc fatal": ("m.c:1:10: fatal error: n.h: No such file\n", None, "n.h: No such file", "m.c:1"),
    "javac": ("B.java:1: error: incompatible types\n1 error\n", None, "incompatible", "B.java:1"),
    "tsc": ("src/a.ts(3,5): error TS2322: Type 'x'.\n", "TS2322", "Type 'x'.", "src/a.ts:3"),
    "linker": (LINKER, None, "undefined reference to `f'", "l.c"),
    "rustc": (RUSTC, "E0308", "mismatched types", "src/main.rs:2"),
    "rust panic": (RUST_PANIC, "panic", "failed: sum left: 2 right: 3", "rt.rs:1"),
    "go panic": (GO_PANIC, "panic", "index out of range [5]", "/w/main.go:10"),
    "go build": ("# w\n./main.go:10:2: undefined: x\n", None, "undefined: x", "main.go:10"),
    "go test": (
        "--- FAIL: TestAdd (0.00s)\n    add_test.go:8: got 4, want 5\nFAIL\n",
        None,
        "got 4, want 5",
        "add_test.go:8",
    ),
    "java": (
        JAVA,
        "java.lang.IllegalStateException",
        'bad config <- java.lang.NumberFormatException: For input string: "x"',
        "M.java:3",
    ),
    "c assert": ("as: as.c:2: main: Assertion `1==2' failed.\n", None, "Assertion", "as.c:2"),
    "c++": (CPP, "std::runtime_error", "bad thing", None),
    "named": ("starting\nValidationError: bad id\nbye\n", "ValidationError", "bad id", None),
    "named in a log line": ("ERROR [db] MongoError: no primary\n", "MongoError", "no pri", None),
    "dash": ("sh: 1: foo: not found\n", None, "foo: not found", None),
    "bash": ("bash: line 3: foo: command not found\n", None, "foo: command not found", None),
    "bash -c": ("bash: -c: line 1: syntax error near `then'\n", None, "syntax error near", None),
    "script": ("x.sh: line 2: foo: command not found\n", None, "foo: command", "x.sh:2"),
    "perl": ("oops at run.pl line 12.\n", None, "oops", "run.pl:12"),
    "words": ("loading\nfatal: not a git repository\nbye\n", None, "fatal: not a git", None),
    "portuguese": ("lendo\nFalha ao abrir o arquivo\nfim\n", None, "Falha ao abrir", None),
    "no news": ("cannot reach db\nmake: *** [all] Error 1\n", None, "cannot reach db", None),
    "last line": ("one\ngive up\n\n", None, "give up", None),
}


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_error_of_an_output_is_found(name: str, stream: str):
    output, error_type, message, location = FOUND[name]
    error = find_error(
        stdout=output if stream == "stdout" else "", stderr=output if stream == "stderr" else ""
    )
    assert error is not None
    assert (error.type, error.location, error.stream) == (error_type, location, stream)
    assert message in error.message


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (DIRECT_CAUSE, "RuntimeError: config is bad"),
        (WHILE_HANDLING, "ValueError: invalid literal for int() with base 10: 'y'"),
        (GROUP, "  | ExceptionGroup: several (2 sub-exceptions)"),
        (BARE_ASSERT, "AssertionError"),
        (PYTEST_LONG, 'E       TypeError: can only concatenate str (not "int") to str'),
        (UNITTEST, "AssertionError: 4 != 5"),
        (NODE_UNCAUGHT, "TypeError: Cannot read properties of null (reading 'name')"),
        (NODE_CAUSE, "Error: outer"),
        (MOCHA, "      AssertionError: expected 5 to equal 4"),
        (NODE_TEST_TAP, "not ok 2 - adds"),
        (JEST, "    expect(received).toBe(expected) // Object.is equality"),
        (GCC, "a.c:2:33: error: ‘y’ undeclared (first use in this function)"),
        (RUST_PANIC, "thread 'adds' (3590) panicked at rt.rs:1:21:"),
        (JAVA, 'Exception in thread "main" java.lang.IllegalStateException: bad config'),
    ],
    ids=lambda text: text.strip()[:20],
)
@pytest.mark.parametrize("before", ["", "10%\r20%\r30%\n", "a\x85b\u2028c\n"])
def test_the_line_number_is_that_of_the_error_in_the_cleaned_stream(
    output: str, line: str, before: str
):
    printed = before + output.replace("Error", "\x1b[31mError\x1b[0m").replace("\n", "\r\n")
    error = find_error(stdout="", stderr=printed)
    assert error is not None
    assert clean(printed).split("\n")[error.line_number] == line


def test_nothing_printed_is_no_error():
    assert find_error(stdout="", stderr="") is None
    assert find_error(stdout="\n \n", stderr="\x1b[0m\n", message="") is None


def test_a_traceback_on_stdout_beats_a_word_on_stderr():
    error = find_error(stdout=DIRECT_CAUSE, stderr="warning: 1 test failed\n")
    assert error is not None
    assert (error.stream, error.type) == ("stdout", "RuntimeError")


def test_stderr_comes_before_stdout_and_both_before_the_message():
    error = find_error(stdout="TypeError: out", stderr="TypeError: err", message="TypeError: log")
    assert error is not None
    assert error.message == "err"
    error = find_error(stdout="done", stderr="", message="Run failed: TypeError: log")
    assert error is not None
    assert (error.stream, error.message) == ("message", "log")


def test_the_middle_of_a_huge_output_is_skipped_and_lines_are_still_counted_from_its_start():
    noise = "compiling something ok\n" * 100_000
    late = find_error(stdout="", stderr=noise + DIRECT_CAUSE)
    assert late is not None
    assert late.line_number == 100_015
    early = find_error(stdout=GCC + noise, stderr="")
    assert early is not None
    assert early.line_number == 2


def test_a_message_is_one_clean_line_of_bounded_length():
    error = find_error(stdout="", stderr="ValueError: \u202ea\tb\x07" + "c" * 5000)
    assert error is not None
    assert error.message.startswith("a bc")
    assert len(error.message) == 300
    assert error.message.endswith("…")


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 1_000_000 + "!",
        "[" * 1_000_000,
        "error: x\n" * 200_000,
        "a:1: " * 200_000,
        "a.b:" * 100_000 + "\n" + "Error(" * 100_000,
        '  File "' * 100_000,
        "Traceback (most recent call last):\n" * 30_000,
        "Traceback (most recent call last):\n  x\n" * 30_000,
        "    at foo (a.js:1:1)\n" * 50_000,
        "Error: x\n    at a (b.js:1:2)\n" * 30_000,
        "\tat a.b.C.m(C.java:1)\n" * 50_000,
        "E   x\n\n" * 100_000,
        "not ok 1 - x\n  ---\n" * 50_000,
        "● x\n\n" * 100_000,
        "FAIL: x\n-----\n" * 70_000,
        "panic: x\n" * 70_000 + "goroutine ",
        ("a" * 999 + "\n") * 500 + ("a:" * 499 + "\n") * 500,
        "/a" * 500_000 + ":1:1: error: x",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_output_is_analysed_in_time(hostile: str):
    error = find_error(stdout=hostile, stderr="")
    assert error is not None
    assert len(signature_keys(error).group) == 16


def found(message: str, **changes: Any) -> FoundError:
    error = FoundError(
        type="ValueError", message=message, file=None, line=None, stream="stderr", line_number=0
    )
    return dataclasses.replace(error, **changes)


# Each pair differs only in what does not matter to anyone.
VOLATILE = [
    ("bad file /tmp/tmpab12cd34/x.py", "bad file /tmp/tmpzz99yy88/x.py"),
    ("bad file /var/folders/q1/T/x.py", "bad file /tmp/y/x.py"),
    ("in x.py:12", "in x.py:99:3"),
    ("<Foo object at 0x7f3a1c2d>", "<Foo object at 0x7f991111>"),
    ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:49152"),
    ("address already in use :::3000", "address already in use :::3001"),
    ("port 8080 is busy", "port 9090 is busy"),
    ("pid 1234 died", "pid 99 died"),
    ("timeout after 2000ms", "timeout after 35ms"),
    ("took 1.5 s", "took 2 seconds"),
    ("at 2026-01-01T10:00:00Z it broke", "at 2025-11-03 11:22:33,123 it broke"),
    (
        "no user 550e8400-e29b-41d4-a716-446655440000",
        "no user 650e8400-e29b-41d4-a716-446655440001",
    ),
    ("no doc 507f1f77bcf86cd799439011", "no doc 507f1f77bcf86cd799439012"),
    ("unexpected end, line 3 column 5", "unexpected end, line 4 column 8"),
    ("lost attempt_1445_0020_m_000000_0", "lost attempt_1446_0114_m_000003_1"),
    ("block blk_-1608999687919862906 is gone", "block blk_7503483334202473044 is gone"),
    ("[48213] ERROR no memory", "[977] ERROR no memory"),
    ("could not apply 3f2a1bc... sum", "could not apply 9d0e77f... sum"),
    (
        "Cannot find module './a' from 'try1.test.js'",
        "Cannot find module './a' from 'try2.test.js'",
    ),
    ("due on 05/01/2026 14:30", "due on 27/11/2026, 08:12:59"),
]

# Each pair is the same error in a list, and progress from one attempt to the next.
VALUES = [
    ("expected 5 to equal 4", "expected 7 to equal 4"),
    ("4 != 5", "-1 != 2.5"),
    ("expected [1, 2, 3] items", "expected [1, 2] items"),
    ("index 5 out of range", "index 3 out of range"),
    ("12 MB free", "3.5 MB free"),
    ("3 tests failed", "4 tests failed"),
    ("expected 05/01/2026", "expected 06/01/2026"),
    ("expected sku_10001", "expected sku_10002"),
    ("[404] no such plan", "[410] no such plan"),
    ("cannot open /home/a/x.py", "cannot open /srv/b/c/x.py"),
    (r"cannot open C:\a\x.py", r"cannot open D:\b\c\x.py"),
    ("missing ./src/app.js", "missing ../lib/app.js"),
    ("worker-3 stopped", "worker-4 stopped"),
    ("Unexpected token } in JSON at position 5", "Unexpected token } in JSON at position 17"),
    ("E11000 duplicate key { id: 5 }", "E11000 duplicate key { id: 6 }"),
]

# Each pair is two errors.
MEANINGFUL = [
    ("Request failed with status code 401", "Request failed with status code 404"),
    ("HTTP 404", "HTTP 503"),
    ("HTTP Error 404: Not Found", "HTTP Error 403: Forbidden"),
    ("HTTP/1.1 404 Not Found", "HTTP/1.1 500 Internal Server Error"),
    ("expected status 200, got 404", "expected status 200, got 500"),
    ("statusCode: 404", "statusCode: 500"),
    ("E101 bad input", "E204 bad input"),
    ("No module named 'proto_v1'", "No module named 'proto_v2'"),
    ("[Errno 2] failed", "[Errno 13] failed"),
    ("exited with code 1", "exited with code 137"),
    ("exit status 1", "exit status 2"),
    ("Code: 60. DB::Exception", "Code: 241. DB::Exception"),
    ("ORA-00942", "ORA-00943"),
    ("needs version 1.2", "needs version 1.3"),
    ("lodash 4.17.21", "lodash 4.17.20"),
    ("codec utf-8", "codec utf-16"),
    ("error 0x80070005", "error 0x80070002"),
    ("name 'a' is not defined", "name 'b' is not defined"),
]


@pytest.mark.parametrize(("one", "other"), VOLATILE)
def test_what_is_volatile_changes_no_key(one: str, other: str):
    assert signature_keys(found(one)) == signature_keys(found(other))


@pytest.mark.parametrize(("one", "other"), VALUES)
def test_values_change_only_the_exact_key(one: str, other: str):
    one_keys, other_keys = signature_keys(found(one)), signature_keys(found(other))
    assert one_keys.group == other_keys.group
    assert one_keys.exact != other_keys.exact


@pytest.mark.parametrize(("one", "other"), MEANINGFUL)
def test_a_digit_or_name_with_a_meaning_changes_both_keys(one: str, other: str):
    one_keys, other_keys = signature_keys(found(one)), signature_keys(found(other))
    assert one_keys.group != other_keys.group
    assert one_keys.exact != other_keys.exact


@pytest.mark.parametrize(
    ("message", "coarse", "fine"),
    [
        ("expected  5 to\tequal 4", "expected <n> to equal <n>", "expected 5 to equal 4"),
        ("no /tmp/x1/a.py:3", "no a.py", "no a.py"),
        ("127.0.0.1:5432 refused", "<ip>:<port> refused", "127.0.0.1:<port> refused"),
        (
            "@scope/pkg and/or text/html",
            "@scope/pkg and/or text/html",
            "@scope/pkg and/or text/html",
        ),
        ("HTTP 404 after 35 ms, 3 tries", "HTTP 404 after <duration>, <n> tries", None),
    ],
)
def test_a_message_is_normalised_like_this(message: str, coarse: str, fine: str | None):
    assert normalise(message, keep_numbers=False) == coarse
    if fine:
        assert normalise(message, keep_numbers=True) == fine


def test_normalising_twice_changes_nothing_more():
    for pair in VOLATILE + VALUES + MEANINGFUL:
        for keep_numbers in (True, False):
            once = normalise(pair[0], keep_numbers=keep_numbers)
            assert normalise(once, keep_numbers=keep_numbers) == once


def test_line_and_stream_change_no_key():
    moved = found("no such user", file="/a/b.py", line=3, stream="stdout", line_number=7)
    assert signature_keys(moved) == signature_keys(found("no such user"))


def test_another_type_is_another_error():
    assert signature_keys(found("x")).group != signature_keys(found("x", type="TypeError")).group


def test_the_file_tells_apart_messages_that_say_nothing_themselves():
    one, other, moved = (
        signature_keys(found("expected 5 to equal 4", type="AssertionError", file=file))
        for file in ("/a/test_one.py", "/a/test_two.py", "/b/test_one.py")
    )
    assert one.group != other.group
    assert one == moved


def test_keys_are_stable_across_releases():
    keys = signature_keys(found("invalid literal for int() with base 10: 'x'"))
    assert (keys.group, keys.exact) == ("aef3fcca77d25842", "15ccd7f2e3640e4d")


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        (
            "usage: frete.py [-h] pedido\nfrete.py: error: the following arguments are required:"
            " pedido\n",
            "frete.py: error: the following arguments are required: pedido",
        ),
        (
            "ls: unrecognized option '--rapido'\nTry 'ls --help' for more information.\n",
            "ls: unrecognized option '--rapido'",
        ),
        (
            "flag provided but not defined: -rapido\nUsage of frete:\n  -n int\n"
            "    \tnumber (default 1)\nexit status 2\n",
            "flag provided but not defined: -rapido",
        ),
        (
            "Usage: node [options] [ script.js ] [arguments]\nnode: bad option: --rapido\n",
            "node: bad option: --rapido",
        ),
    ],
)
def test_of_a_wrong_call_the_usage_is_not_the_message(printed, message):
    found = find_error(stdout="", stderr=printed)
    assert found is not None
    assert found.message == message


def test_a_panic_that_cargo_nextest_prints_indented_is_the_error():
    printed = (
        "        FAIL [   0.400s] (1/1) loja tests::panica\n  stderr ───\n\n"
        "    thread 'tests::panica' (24428) panicked at src/lib.rs:7:27:\n    sem saldo\n"
        "    stack backtrace:\n       0: __rustc::rust_begin_unwind\n"
        "                 at /rustc/5980/library/std/src/panicking.rs:689:5\n"
        "    note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose one.\n"
    )

    found = find_error(stdout="", stderr=printed)

    assert (found.message, found.location) == ("sem saldo", "src/lib.rs:7")
