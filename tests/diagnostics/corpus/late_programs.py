"""Programs in Python, JavaScript and for shells, written after the fresh ones had been measured."""

from tests.diagnostics.corpus.failing import Failing


def late(ecosystem, name, file, code, run, message, piece=None, *, type=None, at=None, family="", **files):  # fmt: skip
    return Failing(
        name=f"late-{ecosystem}/{name}", files={file: code, **files}, run=run, type=type,
        message=message, at=at or ((file, piece) if piece else None),
        family=family and f"late/{family}",
    )  # fmt: skip


def _py(name, code, type, message, piece=None, run="python app.py", ecosystem="python", **more):
    code = "%PAD #%\n" + code
    return late(ecosystem, name, "app.py", code, run, message, piece, type=type, **more)


def _pytest(name, code, type, message, piece=None, run=None, **more):
    run = run or ("pytest -q", "pytest --tb=short -p no:cacheprovider", "pytest --tb=native")
    code = "%PAD #%\n%MORE(def test_fine_@(): pass\n)%" + code
    return late("pytest", name, "test_b.py", code, run, message, piece, type=type, **more)


def _unittest(name, code, type, message, piece, **more):
    head = "import unittest\n%PAD #%\nclass B(unittest.TestCase):\n%MORE(    def test_a@(self): pass\n)%"
    run = ("python -m unittest", "python -m unittest -v", "python -m unittest test_b 2>&1")
    return late("unittest", name, "test_b.py", head + code, run, message, piece, type=type, **more)


def _js(name, code, type, message, piece=None, run="node app.js", ecosystem="node", **more):
    code = "%PAD //%\n" + code
    return late(ecosystem, name, "app.js", code, run, message, piece, type=type, **more)


def _js_test(runner, name, code, run, type, message, piece, file="b.test.js", **more):
    head = {"vitest": "import { test, expect, describe } from 'vitest';\n",
            "node-test": "const { test, describe } = require('node:test');\nconst assert = require('assert');\n"}  # fmt: skip
    ok = "it" if runner == "mocha" else "test"
    code = f"{head.get(runner, '')}%PAD //%\n%MORE({ok}('ok @', () => {{}});\n)%{code}"
    return late(runner, name, file, code, run, message, piece, type=type, **more)


def _sh(name, code, message, piece=None, run="bash job.sh", type=None, **more):
    return late("shell", name, "job.sh", "%PAD #%\n" + code, run, message, piece, type=type, **more)


_NODE_TEST = (
    "node --test",
    "node --test --test-reporter=spec",
    "node --test --test-reporter=tap 2>&1",
)
_JEST = (
    "jest --rootDir=. --cache=false",
    "jest --rootDir=. --cache=false --verbose",
    "jest --rootDir=. --cache=false 2>&1",
)
_JEST_FILE = {"jest.config.js": "module.exports = {};\n"}
_SERVER = """\
import http.server, threading, urllib.request
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_error(CODE)
    def log_message(self, *a): pass
s = http.server.HTTPServer(('127.0.0.1', 0), H)
threading.Thread(target=s.serve_forever, daemon=True).start()
def load(url):
    return urllib.request.urlopen(url)
print('asking port', s.server_port)
load(f'http://127.0.0.1:{s.server_port}/v1/plans/%UUID%')
"""

PYTHON = [
    *(_py(f"urllib-{code}", _SERVER.replace("CODE", str(code)), "urllib.error.HTTPError", f"HTTP Error {code}: {text}", "urlopen(url)", family="urllib")
      for code, text in ((403, "Forbidden"), (500, "Internal Server Error"))),
    *(_py(f"printed-{code}", f"import sys\nprint('plan %UUID% read in %MS% ms')\nprint('POST /v1/plans/%ID% -> {code} {text} in %MS% ms')\nprint('giving up')\nsys.exit(1)\n",
          None, f"{code} {text}", family="printed") for code, text in ((409, "Conflict"), (422, "Unprocessable Entity"))),
    *(_py(f"os-{number}", f"import os\ndef keep(path):\n    raise OSError({number}, os.strerror({number}), path)\nkeep('%TEMP%/plan-%ID%.bin')\n",
          "OSError", text, "raise OSError", family="os") for number, text in ((28, "[Errno 28] No space left on device"), (122, "[Errno 122] Disk quota exceeded"))),
    *(_py(f"library-{version}", f"import sys\ndef need(version):\n    raise RuntimeError(f'libsoma {{version}} is needed, found 0.9.1 (build %SHA%)')\nneed('{version}')\n",
          "RuntimeError", f"libsoma {version} is needed", "raise Runtime", family="library") for version in ("2.0.1", "3.1.0")),
    *(_py(f"module-{module}", f"import json, os\nimport {module}\n", "ModuleNotFoundError", f"No module named '{module}'", f"import {module}", family="modules")
      for module in ("numba_ponte", "scipy_ponte")),
    _py("future", "import concurrent.futures as f, time\nwith f.ThreadPoolExecutor() as pool:\n    job = pool.submit(time.sleep, 0.4)\n    job.result(timeout=0.05)\n", "TimeoutError", "", "job.result"),
    _py("task-group", "import asyncio\nasync def dig(n):\n    if n == 2: raise ValueError('tunnel two is flooded')\n    await asyncio.sleep(0.1)\nasync def main():\n    async with asyncio.TaskGroup() as g:\n        for n in range(4): g.create_task(dig(n))\nasyncio.run(main())\n",
        "ExceptionGroup", "tunnel two is flooded", "raise Value"),
    _py("logged", "import logging, sys\nlogging.basicConfig(format='%(asctime)s %(levelname)s %(name)s: %(message)s', level=20)\nlog = logging.getLogger('soma')\ntry:\n    {'largura': 3}['vao']\nexcept KeyError:\n    log.exception('step %ID% failed')\nlog.info('closing after %SECONDS% s')\nsys.exit(3)\n",
        "KeyError", "'vao'", "['vao']"),
    _py("argparse", "import argparse\np = argparse.ArgumentParser(prog='soma')\np.add_argument('--plan', required=True)\np.parse_args([])\n", None, "the following arguments are required: --plan"),
    _py("import-name", "from collections import Mapping\n", "ImportError", "cannot import name 'Mapping' from 'collections'", "import Mapping"),
    _py("struct", "import struct\ndef head(data):\n    return struct.unpack('<I', data)\nhead(b'abc')\n", "struct.error", "unpack requires a buffer of 4 bytes", "struct.unpack('"),
    _py("stdout-middle", "import sys, traceback\ntry:\n    open('%TEMP%.plan').seek('a')\nexcept OSError:\n    traceback.print_exc(file=sys.stdout)\nfor n in range(400 + %N%):\n    print(f'shard {n} written, {n * 37} bytes')\nsys.exit(1)\n",
        "FileNotFoundError", "[Errno 2] No such file or directory", "open('"),
    _py("assert-text", "def total(rows):\n    return sum(rows)\ngot = total([1, 2])\nassert got == 4, f'total is {got} after %MS% ms'\n", "AssertionError", "total is 3 after", "assert got"),
    _py("one-liner", "", "ZeroDivisionError", "float division by zero", run="python -c 'print(%N% / 0.0)'"),
    _py("warned", "import warnings\nwarnings.warn('plan v1 is old', DeprecationWarning, stacklevel=1)\nprint('retry %N%')\nfloat('doze')\n", "ValueError", "could not convert string to float: 'doze'", "float('doze')"),
    _py("process", "import multiprocessing as m, sys\ndef work(n):\n    raise OverflowError(f'gear {n} turned too far')\nif __name__ == '__main__':\n    p = m.Process(target=work, args=(%N%,))\n    p.start(); p.join(); sys.exit(p.exitcode)\n",
        "OverflowError", "turned too far", "raise Over"),
    _py("encode", "text = 'vão %N%'\nprint('ok')\ntext.encode('ascii')\n", "UnicodeEncodeError", "'ascii' codec can't encode character", "text.encode"),
    _py("decimal", "from decimal import Decimal\ndef price(text): return Decimal(text)\nprice('12,5')\n", "decimal.InvalidOperation", "[<class 'decimal.ConversionSyntax'>]", "return Decimal"),
    _py("integrity", "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table plano(id integer unique)')\nfor _ in range(2):\n    c.execute('insert into plano values (%N%)')\n", "sqlite3.IntegrityError", "UNIQUE constraint failed: plano.id", "insert into plano"),
    _py("json-line", "import json, sys\nfor n in range(3): print(json.dumps({'level': 'info', 'event': f'step {n}', 'ms': %MS%}))\nprint(json.dumps({'event': 'ledger refused the plan', 'level': 'error', 'timestamp': '%TIME%', 'plan': '%UUID%'}))\nsys.exit(1)\n", None, "ledger refused the plan"),
    _py("fault-handler", "import ctypes\ndef peek():\n    ctypes.string_at(0)\npeek()\n", None, "Segmentation fault", "ctypes.string_at", run="python -X faulthandler app.py; exit $?"),
    _py("memory", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2 ** 28, 2 ** 28))\ndef grow():\n    return bytearray(2 ** 30)\ngrow()\n", "MemoryError", "", "bytearray("),
    _py("getattr", "class Plan:\n    pass\ndef width(p):\n    return p.largura\nwidth(Plan())\n", "AttributeError", "'Plan' object has no attribute 'largura'", "p.largura"),
    _py("keyword", "def span(*, metros): pass\nprint('at', '%TIME%')\nspan(metro=%N%)\n", "TypeError", "span() got an unexpected keyword argument 'metro'", "span(metro"),
    _py("many-handled", "def read():\n    try:\n        int('x')\n    except ValueError as e:\n        raise RuntimeError('ledger row %N% is not readable') from e\ndef run():\n    try:\n        read()\n    except RuntimeError as e:\n        raise SystemError('day is not closed') from e\nrun()\n",
        "SystemError", "day is not closed <- ValueError: invalid literal for int() with base 10: 'x'", "raise SystemError"),
    _py("await", "import asyncio\nasync def go():\n    await asyncio.wait_for(asyncio.sleep(5), 0.05)\nasyncio.run(go())\n", "TimeoutError", "", "wait_for"),
    _py("stderr-plain", "import sys\nprint('reading %TEMP%/plan.csv')\nprint('soma: row %N%: 7 columns expected', file=sys.stderr)\nprint('closed %TIME%')\nsys.exit(2)\n", None, "7 columns expected"),
    _pytest("fixture-refused", "def test_open(link): assert link\n", "ConnectionRefusedError", "[Errno 111] Connection refused", at=("conftest.py", "s.connect"),
            **{"conftest.py": "import pytest, socket\n%PAD #%\n@pytest.fixture\ndef link():\n    s = socket.socket()\n    s.connect(('127.0.0.1', 1))\n    return s\n"}),
    _pytest("styles", "def test_beam():\n    beam = 'oak'\n    assert beam == 'steel', 'beam has the wrong stuff'\n", "AssertionError", "beam has the wrong stuff", at=("test_b.py", None), run=("pytest --tb=line -q", "pytest --tb=native", "pytest -rA --tb=long -q")),
    _pytest("string", "def test_poem():\n    assert 'um\\ndois' == 'um\\ntres'\n", "AssertionError", "assert 'um\\ndois' == 'um\\ntres'", "assert 'um"),
    _pytest("set", "def test_gears():\n    found = {1, 2}\n    assert found == {1, 3}\n", "AssertionError", "assert {1, 2} == {1, 3}", "assert found"),
    _pytest("raised-below", "import soma\ndef test_span():\n    soma.span(%N%)\n", "LookupError", "no beam is that long", at=("soma.py", "raise Look"), **{"soma.py": "%PAD #%\ndef span(n):\n    return pick(n)\ndef pick(n):\n    raise LookupError('no beam is that long')\n"}),
    _pytest("no-file", "", None, "file or directory not found: test_nada.py", run="pytest test_nada.py"),
    _pytest("marker", "import pytest\n@pytest.mark.lento\ndef test_x(): pass\n", "Failed", "'lento' not found in `markers` configuration option", run="pytest --strict-markers -q"),
    _pytest("mock", "from unittest.mock import Mock\ndef test_called():\n    m = Mock()\n    m('a')\n    m.assert_called_once_with('b')\n", "AssertionError", "expected call not found.", "m.assert_called"),
    _pytest("several", "def test_one():\n    raise RuntimeError('boiler is cold')\ndef test_two():\n    assert 0\n", "RuntimeError", "boiler is cold", "raise Run"),
    _unittest("almost", "    def test_w(self):\n        self.assertAlmostEqual(3.2, 3.5)\n", "AssertionError", "3.2 != 3.5 within 7 places", "self.assertAlmost"),
    _unittest("raised", "    def test_w(self):\n        import soma; soma.span()\n", "ArithmeticError", "span is not finite", None, at=("soma.py", "raise Arith"), **{"soma.py": "%PAD #%\ndef span():\n    raise ArithmeticError('span is not finite')\n"}),
    _unittest("in", "    def test_w(self):\n        self.assertIn('x', ['a', 'b'])\n", "AssertionError", "'x' not found in ['a', 'b']", "self.assertIn"),
    late("doctest", "list", "calc.py", 'def rows():\n    """\n%MORE(    >>> 1 + @ - @\n    1\n)%    >>> rows()\n    [1, 2]\n    """\n    return [1, 3]\n', "python -m doctest calc.py", "rows()", ">>> rows()"),
    late("mypy", "index", "app.py", "%PAD #%\ndef f(rows: list[int]) -> int:\n    return rows['a']\n", ("mypy --no-incremental app.py", "mypy --no-incremental --show-column-numbers app.py"),
         'No overload variant of "__getitem__" of "list" matches argument type "str"', "rows['a']", type="call-overload"),
    late("mypy", "override", "app.py", "%PAD #%\nclass A:\n    def f(self, n: int) -> None: ...\nclass B(A):\n    def f(self, n: str) -> None: ...\n", "mypy --no-incremental app.py",
         'Argument 1 of "f" is incompatible with supertype "A"; supertype defines the argument type as "int"', "n: str", type="override"),
    late("ruff", "none", "app.py", "%PAD #%\ndef f(x):\n    return x is not x_nada\n", ("ruff check --no-cache app.py", "ruff check --no-cache --output-format=concise app.py"), "Undefined name `x_nada`", "x_nada", type="F821"),
    late("ruff", "twice", "app.py", "%PAD #%\ndef f(): pass\n\n\ndef f(): pass  # again\n", ("ruff check --no-cache app.py", "ruff check --no-cache --output-format=concise app.py"), "Redefinition of unused `f`", "# again", type="F811"),
]  # fmt: skip

JAVASCRIPT = [
    *(_js(f"status-{code}", f"class HttpError extends Error {{}}\nasync function load(id) {{\n  throw new HttpError(`GET /plans/${{id}} failed with status {code}`);\n}}\nload('%UUID%');\n",
          "HttpError", f"failed with status {code}", "throw new Http", family="node-status") for code in (402, 418)),
    *(_js(f"code-{code}", f"const fs = require('fs');\nfunction make() {{ fs.{call}; }}\nmake();\n", "Error", f"{code}: {text}", f"fs.{call}", family="node-code")
      for code, text, call in (("ENOTDIR", "not a directory, open", "openSync('app.js/plan')"), ("EISDIR", "illegal operation on a directory, read", "readFileSync('.')"))),
    _js("fetch", "async function load() {\n  return await fetch('http://127.0.0.1:1/plan');\n}\nload();\n", "TypeError", "bad port"),
    _js("throws", "const assert = require('assert');\nassert.throws(() => 1, /tide/);\n", "AssertionError", "Missing expected exception.", "assert.throws"),
    _js("export", "import './b.mjs';\n", "SyntaxError", "The requested module './c.mjs' does not provide an export named 'tide'", run="node app.mjs", at=("b.mjs", "import { tide"),
        **{"app.mjs": "import './b.mjs';\n", "b.mjs": "import { tide } from './c.mjs';\n%PAD //%\n", "c.mjs": "export const x = 1;\n"}),
    _js("argument-type", "const fs = require('fs');\nfunction load(p) { return fs.readFileSync(p); }\nload(undefined);\n", "TypeError", 'The "path" argument must be of type string or an instance of Buffer or URL. Received undefined', "fs.readFileSync"),
    _js("logged", "function build() {\n  throw new RangeError('plan %UUID% has no roof');\n}\ntry { build(); } catch (error) { console.error('build failed:', error); }\nfor (let n = 0; n < 200; n++) console.log(`cleanup ${n}: ok, 0 errors`);\nprocess.exit(4);\n", "RangeError", "has no roof", "throw new Range"),
    _js("exit-text", "console.log('started at %TIME%');\nconsole.error('soma: tide table %ID% is missing');\nprocess.exitCode = 2;\n", None, "is missing"),
    _js("unhandled-object", "async function f() {\n  throw { code: 'E_TIDE', tide: 3 };\n}\nf();\n", "UnhandledPromiseRejection", 'The promise rejected with the reason "#<Object>".'),
    _js("iterable", "function total(rows) {\n  const [a] = rows;\n  return a;\n}\ntotal({ n: %N% });\n", "TypeError", "rows is not iterable", "const [a]"),
    _js("read-only-prop", "'use strict';\nconst p = Object.freeze({ n: 1 });\nfunction set() { p.n = %N%; }\nset();\n", "TypeError", "Cannot assign to read only property 'n' of object '#<Object>'", "p.n ="),
    _js("token", "function f( {\n  return 1;\n}\n", "SyntaxError", "Unexpected number", "return 1"),
    _js("child", "const { execSync } = require('child_process');\nfunction go() { execSync('exit 5'); }\ngo();\n", "Error", "Command failed: exit 5", "execSync('"),
    _js("dns", "require('net').connect(1, '127.0.0.1').on('error', (e) => { console.log('retry in %MS% ms'); throw e; });\n", "Error", "connect ECONNREFUSED 127.0.0.1:1"),
    _js("progress", "for (let n = 0; n <= 100; n++) process.stdout.write(`\\r\\x1b[2K[${'='.repeat(n / 5)}] ${n}%`);\nconsole.log();\nfunction pour() { throw new EvalError('concrete is too wet'); }\npour();\n", "EvalError", "concrete is too wet", "throw new Eval"),
    _js_test("node-test", "deep", "describe('bridge', () => {\n  test('gear', () => {\n    assert.deepStrictEqual({ a: 1 }, { a: 2 });\n  });\n});\n", _NODE_TEST, "AssertionError", "Expected values to be strictly deep-equal:", "assert.deepStrict"),
    _js_test("node-test", "thrown", "test('gear', async () => {\n  throw new TypeError('gear has no teeth');\n});\n", _NODE_TEST, "TypeError", "gear has no teeth", "throw new Type"),
    _js_test("node-test", "ok", "test('gear', () => {\n  assert.ok([].length, 'no gears were made');\n});\n", _NODE_TEST, "AssertionError", "no gears were made", "assert.ok"),
    _js_test("mocha", "deep", "const assert = require('assert');\nit('gear', () => {\n  assert.deepEqual([1, 2], [1, 3]);\n});\n", ("mocha", "mocha --reporter dot", "mocha --reporter tap"), "AssertionError", "Expected values to be loosely deep-equal:", "assert.deep", file="test/b.js"),
    _js_test("mocha", "reason", "it('tide', async () => {\n  await Promise.reject(new URIError('tide table is torn'));\n});\n", ("mocha", "mocha --reporter dot", "mocha --reporter min"), "URIError", "tide table is torn", "new URIError", file="test/b.js"),
    _js_test("mocha", "done", "it('gear', (done) => { setTimeout(() => { throw new Error('gear slipped at %MS%'); }, 1); });\n", "mocha", "Error", "gear slipped at", "throw new Error", file="test/b.js"),
    _js_test("jest", "match", "test('gear', () => {\n  expect({ a: 1, b: 2 }).toMatchObject({ a: 3 });\n});\n", _JEST, None, "expect(received).toMatchObject(expected)", "toMatchObject", **_JEST_FILE),
    _js_test("jest", "rejects", "test('tide', async () => {\n  await expect(Promise.resolve(3)).rejects.toThrow('low');\n});\n", _JEST, None, "expect(received).rejects.toThrow()", "await expect", **_JEST_FILE),
    _js_test("jest", "before", "beforeAll(() => {\n  throw new ReferenceError('harbour was never built');\n});\ntest('gear', () => {});\n", _JEST, "ReferenceError", "harbour was never built", "throw new Ref", **_JEST_FILE),
    _js_test("vitest", "throws", "test('gear', () => {\n  expect(() => { throw new Error('worn out'); }).toThrow('broken');\n});\n", "vitest run", "AssertionError", "expected [Function] to throw error including 'broken' but got 'worn out'", "toThrow"),
    _js_test("vitest", "object", "describe('bridge', () => {\n  test('gear', () => {\n    expect({ a: 1 }).toEqual({ a: 2 });\n  });\n});\n", ("vitest run", "vitest run --reporter=verbose"), "AssertionError", "expected { a: 1 } to deeply equal { a: 2 }", "toEqual"),
    _js_test("vitest", "import", "import { x } from './nada.js';\ntest('gear', () => { x(); });\n", "vitest run", "Error", "Cannot find module './nada.js' imported from", "import { x }"),
    late("tsc", "count", "b.ts", "%PAD //%\nfunction f(a: number) { return a; }\nf();\n", ("tsc --noEmit --strict b.ts", "tsc --noEmit --strict --pretty b.ts"), "Expected 1 arguments, but got 0.", at=("b.ts", "f();"), type="TS2554"),
    late("tsc", "null", "b.ts", "%PAD //%\nfunction f(a: string | null) {\n  return a.length;\n}\nf(null);\n", ("tsc --noEmit --strict b.ts", "tsc --noEmit --strict --pretty b.ts"), "'a' is possibly 'null'.", "a.length", type="TS18047"),
    late("npm", "test", "package.json", '{"name": "ponte", "version": "0.1.%N%", "scripts": {"test": "node check.js"}}', "npm test", "gate will not shut", at=("check.js", "throw new"), type="Error",
         **{"check.js": "%PAD //%\nfunction shut() {\n  throw new Error('gate will not shut');\n}\nshut();\n"}),
    late("npm", "script", "package.json", '{"name": "ponte", "version": "0.1.%N%", "scripts": {"build": "node b.js"}}', "npm run buildd", 'Missing script: "buildd"'),
]  # fmt: skip

SHELL = [
    _sh("pipe", "set -euo pipefail\ncat %TEMP%.plan | sort > out\n", "No such file or directory"),
    _sh("copy", "mkdir a\nset -e\necho 'step %ID%'\ncp a b\n", "-r not specified; omitting directory 'a'"),
    _sh("silent", "echo 'step 1 done in %SECONDS%s' > /dev/null\nexit 7\n", "exit 7"),
    _sh("trap", "trap 'echo \"job.sh: stopped at line $LINENO\" >&2' ERR\nset -e\nls nada-%N%\n", "cannot access"),
    _sh("source", "set -e\nsource ./plano.env\n", "./plano.env: No such file or directory", "source"),
    _sh("read-only", "readonly tide=3\ntide=4\necho never\n", "tide: readonly variable", "tide=4"),
    _sh("arithmetic", "n=0\necho $((10 / n))\nexit $?\n", "division by 0", "10 / n"),
    _sh("quotes", "echo 'abc\n", "unexpected EOF while looking for matching `''"),
    _sh("zsh-unset", "set -u\necho $tide\n", "tide: parameter not set", "echo $tide", run="zsh job.sh"),
    _sh("dash-source", "echo 'step'\n. ./nada.env\n", "./nada.env: not found", run="dash job.sh"),
    _sh("pushd", "cd %TEMP%/build || { echo \"FATAL: no build directory\" >&2; exit 9; }\n", "no build directory"),
    _sh("xargs", "echo a b | xargs -n1 soma-nada\n", "soma-nada: No such file or directory"),
    _sh("usr1", "echo 'pid %PID%'\nbash -c 'kill -USR1 $$'\nexit $?\n", "User defined signal 1"),
    _sh("python-killed", "python -c 'import os; os.kill(os.getpid(), 9)'\nexit $?\n", "Killed"),
    _sh("limit", "echo 'waiting for %IP%:%PORT%'\ntimeout 0.3 sleep 9 || { code=$?; echo \"gave up: time limit of 0.3 s passed\"; exit $code; }\n", "time limit of 0.3 s passed"),
    _sh("github", "echo '##[group]Run npm ci'\necho 'added 31 packages in %SECONDS%s'\necho '##[endgroup]'\necho '##[error]gear catalogue is not signed'\necho '##[error]Process completed with exit code 3.'\nexit 3\n", "gear catalogue is not signed"),
    _sh("stamped", "python app.py 2>&1 | sed 's/^/2025-03-04T05:06:07.1234567Z /'\nexit 1\n", "crane is in the way", None, type="RuntimeError", at=("app.py", "raise Run"), **{"app.py": "%PAD #%\ndef lift():\n    raise RuntimeError('crane is in the way')\nlift()\n"}),
    _sh("compose", "python app.py 2>&1 | sed 's/^/api-1  | /'\necho 'api-1 exited with code 1'\nexit 1\n", "'harbour'", None, type="KeyError", at=("app.py", "['harbour']"), **{"app.py": "%PAD #%\nplan = {}\nprint('up on port %PORT%')\nplan['harbour']\n"}),
    late("tools", "git-branch", "a", "", "git init -q . && git checkout nada", "pathspec 'nada' did not match any file(s) known to git"),
    late("tools", "wget", "a", "", "wget -t 1 http://127.0.0.1:1/plan", "failed: Connection refused."),
    late("tools", "jq-index", "a.json", '{"n": [%N%]}', "jq .n.x a.json", "Cannot index array with"),
    late("tools", "awk", "a.txt", "%N% 0\n", "awk '{ print $1 / $2 }' a.txt", "division by zero"),
    late("tools", "gzip", "a.gz", "plan %ID%", "gzip -d a.gz", "not in gzip format"),
    late("tools", "terraform", "main.tf", "# %UUID%\nresource \"soma\" {\n}\n", ("terraform validate -no-color", "terraform validate"), "Missing name for resource", 'resource "soma"'),
    late("sqlite3", "foreign", "q.sql", "pragma foreign_keys=1;\ncreate table a(id integer primary key);\ncreate table b(a references a(id));\ninsert into b values (%N%);\n", ("sqlite3 -bail x.db < q.sql", "sqlite3 x.db '.read q.sql'"), "FOREIGN KEY constraint failed"),
    late("sqlite3", "function", "q.sql", "select 1;\nselect maré(%N%);\n", "sqlite3 -bail x.db < q.sql", "no such function: maré"),
    late("psql", "null", "q.sql", "%PAD --%\ncreate temp table t(a int not null);\ninsert into t values (null);\n", "psql -q -v ON_ERROR_STOP=1 -f q.sql", 'null value in column "a" of relation "t" violates not-null constraint', "values (null)"),
    late("psql", "function", "q.sql", "%PAD --%\nselect mare(3);\n", "psql -q -v ON_ERROR_STOP=1 -f q.sql", "function mare(integer) does not exist", "select mare"),
    late("psql", "database", "q.sql", "select 1;\n", "psql -d nada -f q.sql", 'database "nada" does not exist'),
]  # fmt: skip

PORTUGUESE = [
    _py("vao", "import sys\nprint('Lendo plano %UUID%')\nprint('Vão de %N% m passa do limite da norma', file=sys.stderr)\nsys.exit(1)\n", None, "m passa do limite da norma", ecosystem="portuguese"),
    _py("saldo", "import sys\nprint('[1/2] carregando contas')\nprint('Saldo negativo na conta da obra')\nprint('[2/2] fim em %SECONDS% s')\nsys.exit(1)\n", None, "Saldo negativo na conta da obra", ecosystem="portuguese"),
    _py("excecao", "class PlanoRecusado(Exception):\n    pass\ndef aprovar(n):\n    raise PlanoRecusado(f'plano {n} sem assinatura do responsável')\naprovar(%ID%)\n", "PlanoRecusado", "sem assinatura do responsável", "raise Plano", ecosystem="portuguese"),
    _py("tempo", "import sys\nprint('Aguardando %IP%')\nprint('Tempo limite excedido ao esperar o servidor de marés (%MS% ms)', file=sys.stderr)\nsys.exit(1)\n", None, "Tempo limite excedido ao esperar o servidor de marés", ecosystem="portuguese"),
    _js("memoria", "console.log('etapa 1');\nconsole.error('Não há espaço para o arquivo %TEMP%/planta.dxf');\nconsole.log('etapa 2 ignorada');\nprocess.exit(1);\n", None, "Não há espaço para o arquivo", ecosystem="portuguese"),
    _js("validar", "function validar(p) {\n  if (!p.vao) throw new Error(`Campo obrigatório ausente: vão (plano ${p.id})`);\n}\nvalidar({ id: %ID% });\n", "Error", "Campo obrigatório ausente: vão", "throw new", ecosystem="portuguese"),
    late("portuguese", "ruby", "b.rb", "%PAD #%\ndef abrir\n  raise ArgumentError, 'comporta emperrada'\nend\nabrir\n", "ruby b.rb", "comporta emperrada", "raise Arg", type="ArgumentError"),
    late("portuguese", "registro", "app.sh", "%PAD #%\necho '2025-01-02 10:11:12 INFO  lendo plano'\necho '2025-01-02 10:11:13 ERRO  viga %ID% sem apoio'\necho '2025-01-02 10:11:14 INFO  fim'\nexit 2\n", "bash app.sh", "sem apoio"),
]  # fmt: skip

PROGRAMS = [*PYTHON, *JAVASCRIPT, *SHELL, *PORTUGUESE]
