"""That reading takes time in proportion to the length of what is read, whatever it holds.

The time for a text is compared with that for one four times as long. Work that grows with the
square would take sixteen times as long; a linear one about four times. The best of several
measures of processor time counts, and a pair that looks bad is measured again, so that a busy
machine does not decide.
"""

import time

import pytest

from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.text.clean import clean
from genesis_mcp.text.redact import redact

TIMES_LONGER = 4
MOST_GROWTH = 9.0
"""Half-way, on a logarithmic scale, between linear growth and growth with the square."""
TRIES = 4
LENGTH = 30_000
"""Characters of the shorter text: enough for milliseconds of work."""

PIECES = {
    "one long line": "a",
    "one long line of words": "error ",
    "nested brackets": "[({",
    "nested quotes": "\"'`\\",
    "colons": "a:1: ",
    "paths": "/a.b",
    "errors": "error: x\n",
    "named errors": "Error(: Exception: ",
    "frames": '  File "a.py", line 1, in f\n',
    "tracebacks": "Traceback (most recent call last):\n  x\n",
    "javascript stacks": "Error: x\n    at a (b.js:1:2)\n",
    "java stacks": "\tat a.b.C.m(C.java:1)\nCaused by: x.Y: z\n",
    "pytest": "E   x\n\na.py:1: in f\n",
    "tap": "not ok 1 - x\n  ---\n",
    "jest": "● x\n\n",
    "unittest": "FAIL: x\n-----\n",
    "go": "panic: x\ngoroutine \n=== RUN x\n    a_test.go:1: b\n",
    "rust": "error: x\n  --> a\nthread 'x' panicked at \n",
    "ruby": "a.rb:1:in `b': c\n'",
    "ruby quotes": ":in `'",
    "rspec": "Failure/Error: \n Error:\n",
    "php": "PHP Fatal error:  Uncaught x in \n",
    "phpunit": "PHPUnit \n1) A::b\n",
    "lua": "a:1: b\nstack traceback:\n",
    "busted": "Failure -> a @ 1\n",
    "perl": " at  line ",
    "perl tests": "#   Failed test\n",
    "r": "Error in in : Execution halted ",
    "elixir": "** (A) b\n  1) test x (Y)\n",
    "mypy": "a.py:1: error: b\nc.py:",
    "lint": "F401 x\n --> a:1:\n",
    "eslint": "a\n  1:1  error  b",
    "cmake": "CMake Error at a:1 (b):\n  c\n",
    "psql": "psql:a:1: ERROR:  ",
    "json logs": '{"level":50,"err":{"type":"a","message":"\\"',
    "doctest": 'File "a", line 1, in b\nFailed example:\n    Exception raised:\n',
    "tap without details": "not ok 1 - x\n  Error: a\n",
    "pytest's tracebacks": "=== FAILURES ===\n___ a ___\nTraceback (most recent call last):\n",
    "python crash": 'Fatal Python error: x\n  File "a", line 1 in b\n',
    "php warnings": "PHP Warning: a in ",
    "terraform": "│ Error: x\n│   on \n",
    "java launch": "Error: Could not find main class \n",
    "logged errors": "a Error (Error: ",
    "prefixes": "api-1  | a\n",
    "ends of steps": "done in ...",
    "weaker words": "missing 1 x\n",
    "sanitizer": "==1==ERROR: ASanitizer: a on address \n    #0 0x1 in ",
    "colours": "\x1b[31m",
    "unfinished colours": "\x1b[1;",
    "titles": "\x1b]",
    "redrawn lines": "10%\r",
    "C1 strings": "\x9d",
    "C1 controls": "\x9b1;",
    "mojibake": "\xe2\x80\x9dx\xe2\x80\x9c",
    "backspaces": "ab\b",
    "erasures": "\x1b[2K\r\x1b[K",
    "NUL": "\x00",
    "passwords": "password=",
    "quoted passwords": 'password="',
    "tokens": "token:",
    "urls": "://a:",
    "curl": "curl -u ",
    "keys": "-----BEGIN PRIVATE KEY-----\n",
    "ends of keys": "aaaaaaaaaaaaaaaaaaaa\n-----END PRIVATE KEY-----\n",
    "jwt": "eyJabcdefgh.",
    "authorization": "authorization: bearer ",
    "senha": "senha do banco ",
    "flags": " --a-password-password-",
    "names of calls": "token=a.b.c",
    "prompts": "'password: '",
    "keys without a digit": "_key=aaaaaaaa",
    "sayings": "senha é 'a",
    "signed urls": "?sig=",
    "webhooks": "api/webhooks/1",
}
READERS = {
    "clean": clean,
    "redact": redact,
    "find_error": lambda text: find_error(stdout=text, stderr=""),
}


def seconds(reader, text):
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        reader(text)
        best = min(best, time.process_time() - start)
    return best


def growth(reader, piece):
    short = piece * (LENGTH // len(piece))
    return seconds(reader, short * TIMES_LONGER) / max(seconds(reader, short), 1e-3)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", PIECES)
def test_time_grows_with_the_length_and_not_with_its_square(reader, name):
    measured = (growth(READERS[reader], PIECES[name]) for _ in range(TRIES))
    assert any(ratio <= MOST_GROWTH for ratio in measured)
