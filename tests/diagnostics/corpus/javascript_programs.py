"""Programs for Node that fail, and what JavaScript's test runners and checkers say; with labels."""

from tests.diagnostics.corpus.failing import Failing


def _script(name, code, type, message, piece, run="node app.js", family="", **files):
    return Failing(
        name=f"node/{name}",
        files={"app.js": code, **{f"{key}.js": text for key, text in files.items()}},
        run=run,
        type=type,
        message=message,
        at=("app.js", piece) if isinstance(piece, str) else piece,
        family=family and f"node/{family}",
    )


_HTTP = [
    _script(f"http-{status}", f"""\
const http = require('http');
%PAD //%
const server = http.createServer((q, r) => {{ r.statusCode = {status}; r.end('x'.repeat(%N%)); }});
async function load(url) {{
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`Request failed with status code ${{answer.status}} after %MS% ms`);
}}
server.listen(0, () => load(`http://127.0.0.1:${{server.address().port}}/specs/%ID%`));
""", "Error", f"Request failed with status code {status} after", "throw new Error", family="http")
    for status in (401, 404, 503)
]  # fmt: skip

_CODED = [
    _script(f"coded-{code}", f"""\
%PAD //%
class PlanError extends Error {{ constructor(m) {{ super(m); this.name = 'PlanError'; this.code = '{code}'; }} }}
function check(id) {{
  throw new PlanError(`{code}: plan of task ${{id}} is not valid`);
}}
check('%UUID%');
""", "PlanError", f"{code}: plan of task", "throw new PlanError", family="coded")
    for code in ("E101", "E204")
]  # fmt: skip

_MODULES = [
    _script(f"module-{v}", f"%PAD //%\nconst p = require('./proto_{v}');\n", "Error",
            f"Cannot find module './proto_{v}'", "require", family="modules")
    for v in ("v1", "v2")
]  # fmt: skip

SCRIPTS = [
    _script("null-property", "console.log('starting %PID%');\n%PAD //%\nfunction name(user) { return user.profile.name; }\nname({ profile: null });\n",
            "TypeError", "Cannot read properties of null (reading 'name')", "return user"),
    _script("not-a-function", "%PAD //%\nconst api = {};\napi.start(%N%);\n", "TypeError", "api.start is not a function", "api.start"),
    _script("reference", "%PAD //%\nfunction total() { return itens.length; }\ntotal();\n", "ReferenceError", "itens is not defined", "return itens"),
    _script("assert", "const assert = require('assert');\n%PAD //%\nassert.strictEqual([1, 2].length, 3);\n",
            "AssertionError", "Expected values to be strictly equal: 2 !== 3", "assert.strictEqual"),
    _script("assert-message", "const assert = require('node:assert');\n%PAD //%\nassert(false, 'the valve must be shut');\n",
            "AssertionError", "the valve must be shut", "assert(false"),
    _script("rejected", "%PAD //%\nasync function pull() { throw new RangeError('cursor is past the end'); }\npull();\n",
            "RangeError", "cursor is past the end", "throw new Range"),
    _script("rejected-text", "%PAD //%\nPromise.reject('queue is gone');\n", "UnhandledPromiseRejection",
            'The promise rejected with the reason "queue is gone".', None),
    _script("syntax", "%PAD //%\nconst a = {;\n", "SyntaxError", "Unexpected token ';'", "const a"),
    _script("cause", "%PAD //%\nfunction low() { throw new TypeError('socket was never opened'); }\ntry { low(); } catch (e) { throw new Error('cannot start', { cause: e }); }\n",
            "Error", "socket was never opened", "throw new Error"),
    _script("enoent", "const fs = require('fs');\n%PAD //%\nfs.readFileSync('%TEMP%/plan.json');\n", "Error",
            "ENOENT: no such file or directory, open", "fs.readFileSync"),
    _script("refused", "const net = require('net');\n%PAD //%\nnet.connect(%PORT%, '127.0.0.1');\n", "Error",
            "connect ECONNREFUSED 127.0.0.1:", None),
    _script("in-use", "const net = require('net');\n%PAD //%\nconst a = net.createServer().listen(%PORT%, () => net.createServer().listen(%PORT%));\n",
            "Error", "listen EADDRINUSE: address already in use", "const a"),
    _script("json", "%PAD //%\nfunction parse(t) { return JSON.parse(t); }\nparse('{\"a\": %ID%,}');\n", "SyntaxError",
            "Expected double-quoted property name in JSON at position", "return JSON"),
    _script("thrown-text", "%PAD //%\nthrow 'no more tries left';\n", None, "no more tries left", "throw 'no"),
    _script("console", "console.log('task %ID%');\nconsole.error('Could not lock spec %UUID%: it is taken');\nconsole.log('bye');\nprocess.exit(1);\n",
            None, "Could not lock spec", None),
    _script("pino", """\
const log = (o) => console.log(JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, hostname: 'w', ...o }));
log({ msg: 'Tarefa recebida', id: '%UUID%' });
%PAD //%
try { null.spec } catch (e) { log({ level: 50, err: { type: e.name, message: e.message, stack: e.stack }, msg: 'Falha ao processar' }); }
process.exit(1);
""", "TypeError", "Cannot read properties of null (reading 'spec')", "null.spec"),
    _script("esm", "%PAD //%\nimport { nada } from './lib.mjs';\n", "SyntaxError",
            "The requested module './lib.mjs' does not provide an export named 'nada'", None),
    # Like a group of Python's exceptions it is known by what went wrong first.
    _script("aggregate", "%PAD //%\nPromise.any([Promise.reject(new Error('mirror one is down'))]);\n", "AggregateError",
            "mirror one is down", "Promise.any"),
    _script("stack-overflow", "%PAD //%\nfunction deep(n) { return deep(n + 1); }\ndeep(0);\n", "RangeError",
            "Maximum call stack size exceeded", "function deep"),
    _script("logged-first", """\
%PAD //%
function retry(n) { try { throw new Error('attempt ' + n + ' failed'); } catch (e) { console.error(e); } }
for (let n = 0; n < %N%; n++) retry(n);
function give() { throw new Error('all attempts were used up'); }
give();
""", "Error", "all attempts were used up", "function give"),
    _script("class", "%PAD //%\nclass LockLost extends Error {}\nfunction hold() { throw new LockLost('lock of spec %ID% was taken'); }\nhold();\n",
            "LockLost", "was taken", "throw new LockLost"),
    _script("node-code", "%PAD //%\nBuffer.alloc('x');\n", "TypeError", 'The "size" argument must be of type number.', "Buffer.alloc"),
    _script("deep-equal", "const assert = require('assert');\n%PAD //%\nassert.deepStrictEqual({ a: 1, b: [1] }, { a: 1, b: [2] });\n",
            "AssertionError", "Expected values to be strictly deep-equal", "assert.deep"),
    *_HTTP, *_CODED, *_MODULES,
]  # fmt: skip
SCRIPTS = [
    Failing(name=s.name, files={"app.mjs": s.files["app.js"], "lib.mjs": "export const x = 1;\n"},
            run="node app.mjs", type=s.type, message=s.message, at=("app.mjs", "import {"))
    if s.name == "node/esm" else s for s in SCRIPTS
]  # fmt: skip


def _tested(tool, name, file, code, type, message, piece, run, count=3, at=None, **files):
    return Failing(
        name=f"{tool}/{name}",
        files={file: code, **{f"{k}.js": v for k, v in files.items()}},
        run=run,
        type=type,
        message=message,
        at=at or ((file, piece) if piece else None),
        count=count,
    )


_NODE_TEST = ("node --test", "node --test --test-reporter=spec", "node --test --test-reporter=tap")
_TESTS = "const test = require('node:test');\nconst assert = require('assert');\n%PAD //%\n%MORE(test('fine @', () => {});\n)%"


def _node_test(name, code, type, message, piece, at=None, **files):
    return _tested(
        "node-test",
        name,
        "app.test.js",
        _TESTS + code,
        type,
        message,
        piece,
        _NODE_TEST,
        at=at,
        **files,
    )


_MOCHA_HEAD = "const { expect } = require('chai');\nconst assert = require('assert');\n%PAD //%\ndescribe('plan', () => {\n%MORE(it('fine @', () => {});\n)%"


def _mocha(name, code, type, message, piece, at=None, **files):
    return _tested("mocha", name, "test/app.js", _MOCHA_HEAD + code + "});\n", type, message, piece,
                   ("mocha", "mocha --reporter dot", "mocha --reporter list"), at=at, **files)  # fmt: skip


def _jest(name, code, type, message, piece, at=None, **files):
    head = "%PAD //%\n%MORE(test('fine @', () => {});\n)%"
    return _tested("jest", name, "app.test.js", head + code, type, message, piece,
                   ("jest --rootDir=. --cache=false", "jest --rootDir=. --verbose --cache=false", "jest --rootDir=. --cache=false"),
                   at=at, **{"jest.config": "module.exports = {};\n", **files})  # fmt: skip


def _vitest(name, code, type, message, piece, at=None, **files):
    head = "import { test, expect } from 'vitest';\n%PAD //%\n%MORE(test('fine @', () => {});\n)%"
    return _tested("vitest", name, "app.test.js", head + code, type, message, piece,
                   ("vitest run", "vitest run --reporter=verbose", "vitest run --reporter=default"), at=at, **files)  # fmt: skip


_LIB = "%PAD //%\nexports.load = function load(spec) {\n  return spec.steps.length;\n};\n"

RUNNERS = [
    _node_test("equal", "test('adds', () => {\n  assert.strictEqual(2 + 2, 5);\n});\n", "AssertionError",
               "Expected values to be strictly equal: 4 !== 5", "assert.strictEqual"),
    _node_test("raised", "const { load } = require('./lib');\ntest('loads', () => { load({}); });\n", "TypeError",
               "Cannot read properties of undefined (reading 'length')", None, at=("lib.js", "spec.steps"), lib=_LIB),
    _node_test("nested", "test('outer', async (t) => {\n  await t.test('inner', () => {\n    assert.ok(false, 'gate %N% is open');\n  });\n});\n",
               "AssertionError", "is open", "assert.ok"),
    _node_test("loading", "const x = require('./missing_lib');\n", "Error", "Cannot find module './missing_lib'", "require('./missing"),
    _node_test("rejects", "test('async', async () => {\n  await new Promise((a, b) => setTimeout(() => b(new RangeError('window closed')), 5));\n});\n",
               "RangeError", "window closed", "await new Promise"),
    _mocha("equal", "it('adds', () => {\n  assert.strictEqual(2 + 2, 5);\n});\n", "AssertionError",
           "Expected values to be strictly equal: 4 !== 5", "assert.strictEqual"),
    _mocha("chai", "it('adds', () => {\n  expect([1, 2]).to.have.length(3);\n});\n", "AssertionError",
           "expected [ 1, 2 ] to have a length of 3 but got 2", "to.have.length"),
    _mocha("raised", "it('loads', () => { require('../lib').load({}); });\n", "TypeError",
           "Cannot read properties of undefined (reading 'first')", None, at=("lib.js", "spec.steps"), lib=_LIB.replace("length", "first")),
    _mocha("timeout", "it('waits', function (done) { this.timeout(%N%); });\n", "Error",
           "Timeout of %N%ms exceeded.", None),
    _mocha("hook", "beforeEach(() => {\n  throw new Error('no broker on port %PORT%');\n});\nit('x', () => {});\n", "Error",
           "no broker on port", "throw new Error"),
    _jest("equal", "test('adds', () => {\n  expect(2 + 2).toBe(5);\n});\n", None,
          "expect(received).toBe(expected) // Object.is equality Expected: 5 Received: 4", "toBe(5)"),
    _jest("raised", "const { load } = require('./lib');\ntest('loads', () => { load({}); });\n", "TypeError",
          "Cannot read properties of undefined (reading 'last')", None, at=("lib.js", "spec.steps"), lib=_LIB.replace("length", "last")),
    _jest("deep", "test('plan', () => {\n  expect({ a: 1, b: [1] }).toEqual({ a: 1, b: [2] });\n});\n", None,
          "expect(received).toEqual(expected) // deep equality", "toEqual"),
    _jest("module", "const x = require('./missing_lib');\ntest('x', () => {});\n", None,
          "Cannot find module './missing_lib' from 'app.test.js'", "require('./missing"),
    _jest("timeout", "test('waits', async () => {\n  await new Promise(() => {});\n}, %N%);\n", None,
          "Exceeded timeout of %N% ms for a test.", "test('waits'"),
    _jest("custom", "test('state', () => {\n  throw new RangeError('state %N% is unknown');\n});\n", "RangeError",
          "is unknown", "throw new Range"),
    _vitest("equal", "test('adds', () => {\n  expect(2 + 2).toBe(5);\n});\n", "AssertionError",
            "expected 4 to be 5 // Object.is equality", "toBe(5)"),
    _vitest("raised", "import { load } from './lib.js';\ntest('loads', () => { load({}); });\n", "TypeError",
            "Cannot read properties of undefined (reading 'next')", None, at=("lib.js", "spec.steps"),
            lib=_LIB.replace("length", "next").replace("exports.load = function", "export function")),
    _vitest("deep", "test('plan', () => {\n  expect({ a: 1, b: [1] }).toEqual({ a: 1, b: [2] });\n});\n", "AssertionError",
            "expected { a: 1, b: [ 1 ] } to deeply equal { a: 1, b: [ 2 ] }", "toEqual"),
    _vitest("message", "test('gate', () => {\n  expect(true, 'the lid must be shut').toBe(false);\n});\n", "AssertionError",
            "the lid must be shut", "toBe(false)"),
]  # fmt: skip

_TSC = (
    "tsc --noEmit --strict app.ts",
    "tsc --noEmit --strict --pretty app.ts",
    "tsc --noEmit --strict app.ts",
)


def _typed(name, code, type, message, piece):
    return _tested("tsc", name, "app.ts", "%PAD //%\n" + code, type, message, piece, _TSC)


_ESLINT = "export default [{ rules: { 'no-unused-vars': 'error', 'no-undef': 'error' } }];\n"


def _linted(name, code, type, message, piece):
    return Failing(
        name=f"eslint/{name}", files={"app.mjs": "%PAD //%\n" + code, "eslint.config.mjs": _ESLINT},
        run="eslint app.mjs", type=type, message=message, at=("app.mjs", piece),
    )  # fmt: skip


CHECKERS = [
    _typed("assign", "const n: number = 'x';\n", "TS2322", "Type 'string' is not assignable to type 'number'.", "const n"),
    _typed("name", "console.log(valor);\nexport {};\n", "TS2304", "Cannot find name 'valor'.", "console.log"),
    _typed("property", "interface A { a: number }\nconst f = (x: A) => x.b;\n", "TS2339", "Property 'b' does not exist on type 'A'.", "x.b"),
    _typed("argument", "function f(a: string) { return a; }\nf(%N%);\n", "TS2345",
           "Argument of type 'number' is not assignable to parameter of type 'string'.", "f(%N%)"),
    _typed("module", "import x from './nada';\nx();\n", "TS2307", "Cannot find module './nada' or its corresponding type declarations.", "import x"),
    _typed("syntax", "const a = {;\n", "TS1136", "Property assignment expected.", "const a"),
    _linted("unused", "const resto = 1;\n", "no-unused-vars", "'resto' is assigned a value but never used", "const resto"),
    _linted("undefined", "valor();\n", "no-undef", "'valor' is not defined", "valor()"),
]  # fmt: skip

PROGRAMS = [*SCRIPTS, *RUNNERS, *CHECKERS]
