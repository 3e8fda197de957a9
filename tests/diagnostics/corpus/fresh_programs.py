"""Programs written after the recognisers were tuned; they were measured once and never tuned on."""

from tests.diagnostics.corpus.failing import Failing


def _of(name, file, code, run, type, message, piece=None, family="", at=None, **files):
    return Failing(
        name=f"fresh-{name}", files={file: code, **files}, run=run, type=type, message=message,
        at=at or ((file, piece) if piece else None), family=family,
    )  # fmt: skip


def _py(name, code, type, message, piece, **more):
    return _of(
        f"python/{name}",
        "app.py",
        "%PAD #%\n" + code,
        "python app.py",
        type,
        message,
        piece,
        **more,
    )


def _js(name, code, type, message, piece, **more):
    return _of(
        f"node/{name}", "app.js", "%PAD //%\n" + code, "node app.js", type, message, piece, **more
    )


def _sh(name, code, message, piece=None, **more):
    return _of(
        f"shell/{name}", "job.sh", "%PAD #%\n" + code, "bash job.sh", None, message, piece, **more
    )


_PYTEST = ("pytest", "pytest -q --tb=short", "pytest -vv")
_CARGO = '[package]\nname = "ponte"\nversion = "0.1.0"\nedition = "2021"\n'
_MOD = {"go.mod": "module ponte\n\ngo 1.19\n"}

PROGRAMS = [
    *(_py(f"status-{code}", f"class ApiError(Exception): pass\ndef call():\n    raise ApiError('server answered {code} for request %UUID% in %MS% ms')\ncall()\n",
          "ApiError", f"server answered {code} for request", "raise ApiError", family="fresh/status") for code in (429, 502)),
    _py("from-none", "def pick(d):\n    try:\n        return d['x']\n    except KeyError:\n        raise LookupError('no bridge called x') from None\npick({})\n",
        "LookupError", "no bridge called x", "raise Lookup"),
    _py("many-lines", "def f():\n    raise ValueError('bridge is wrong:\\n - too long: %N%\\n - too old')\nf()\n", "ValueError", "bridge is wrong:", "raise ValueError"),
    _py("package", "from ponte.core import start\nstart()\n", "PermissionError", "ledger is read-only", None,
        at=("ponte/core.py", "raise Perm"), **{"ponte/__init__.py": "", "ponte/core.py": "%PAD #%\ndef start():\n    raise PermissionError('ledger is read-only')\n"}),
    _py("stop", "import signal, os\nprint('step %ID%')\nraise KeyboardInterrupt\n", "KeyboardInterrupt", "", "raise Key"),
    _py("unpack", "def f(row):\n    a, b = row\nf([1, 2, 3])\n", "ValueError", "too many values to unpack (expected 2)", "a, b = row"),
    _py("dataclass", "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    n: int\nP(1).n = %N%\n", "dataclasses.FrozenInstanceError",
        "cannot assign to field 'n'", "P(1).n"),
    _of("python/no-file", "app.py", "", "python nada.py", None, "can't open file"),
    _of("pytest/class", "test_b.py", "%PAD #%\nclass TestB:\n%MORE(    def test_ok_@(self): pass\n)%    def test_span(self):\n        span = {'m': 3}\n        assert span['m'] > 5\n",
        _PYTEST, "AssertionError", "assert 3 > 5", "assert span"),
    _of("pytest/conftest", "test_b.py", "def test_x(): pass\n", _PYTEST, "ModuleNotFoundError", "No module named 'ponte_nada'", None,
        at=("conftest.py", "import ponte"), **{"conftest.py": "%PAD #%\nimport ponte_nada\n"}),
    _of("pytest/raises-match", "test_b.py", "import pytest\n%PAD #%\ndef test_m():\n    with pytest.raises(ValueError, match='wide'):\n        raise ValueError('narrow bridge')\n",
        _PYTEST, "AssertionError", "Regex pattern did not match", "with pytest"),
    _of("unittest/dict", "test_b.py", "import unittest\n%PAD #%\nclass B(unittest.TestCase):\n%MORE(    def test_a@(self): pass\n)%    def test_d(self):\n        self.assertDictEqual({'a': 1}, {'a': 2})\n",
        "python -m unittest test_b", "AssertionError", "{'a': 1} != {'a': 2}", "self.assertDict"),
    _of("mypy/call", "app.py", "%PAD #%\ndef f(a: int) -> None: ...\nf()\n", "mypy --no-incremental app.py", "call-arg", 'Missing positional argument "a" in call to "f"', "f()\n".strip()),
    _of("ruff/import", "app.py", "%PAD #%\ndef f():\n    try:\n        pass\n    except:\n        pass\n", "ruff check --no-cache app.py", "E722", "Do not use bare `except`", "except:"),
    *(_js(f"code-{code}", f"const e = new Error('{code}: ledger %ID% refused'); e.code = '{code}';\nfunction open() {{ throw e; }}\nopen();\n", "Error", f"{code}: ledger",
          "const e", family="fresh/codes") for code in ("L10", "L20")),
    _js("worker", "const { Worker, isMainThread } = require('worker_threads');\nif (isMainThread) new Worker(__filename);\nelse { throw new RangeError('bridge thread is lost'); }\n",
        "RangeError", "bridge thread is lost", "throw new Range"),
    _js("emitter", "const e = new (require('events'))();\ne.emit('error', new Error('span %N% collapsed'));\n", "Error", "collapsed", "e.emit"),
    _js("const", "const n = 1;\nfunction f() { n = 2; }\nf();\n", "TypeError", "Assignment to constant variable.", "n = 2"),
    _js("bigint", "BigInt('1.5');\n", "SyntaxError", "Cannot convert 1.5 to a BigInt", "BigInt("),
    _of("node/esm-missing", "app.mjs", "%PAD //%\nimport { x } from './nada.mjs';\n", "node app.mjs", "Error", "Cannot find module"),
    _of("node-test/deep", "b.test.js", "const test = require('node:test');\nconst assert = require('assert');\n%PAD //%\n%MORE(test('ok @', () => {});\n)%test('span', () => {\n  assert.deepEqual([1, 2], [1, 3]);\n});\n",
        "node --test", "AssertionError", "Expected values to be loosely deep-equal", "assert.deepEqual"),
    _of("mocha/promise", "test/b.js", "%PAD //%\ndescribe('bridge', () => {\n%MORE(it('ok @', () => {});\n)%it('opens', async () => {\n  throw new TypeError('gear is stuck');\n});\n});\n",
        "mocha", "TypeError", "gear is stuck", "throw new Type"),
    _of("jest/throw", "b.test.js", "%PAD //%\n%MORE(test('ok @', () => {});\n)%test('span', () => {\n  expect(() => 1).toThrow('collapse');\n});\n", "jest --rootDir=. --cache=false", None,
        "expect(received).toThrow(expected)", "toThrow", **{"jest.config.js": "module.exports = {};\n"}),
    _of("vitest/null", "b.test.js", "import { test, expect } from 'vitest';\n%PAD //%\n%MORE(test('ok @', () => {});\n)%test('span', () => {\n  expect(undefined).toBeDefined();\n});\n", "vitest run",
        "AssertionError", "expected undefined to be defined", "toBeDefined"),
    _of("tsc/implicit", "b.ts", "%PAD //%\nexport function f(a) { return a; }\n", "tsc --noEmit --strict b.ts", "TS7006", "Parameter 'a' implicitly has an 'any' type.", "function f"),
    _of("gcc/void", "b.c", "%PAD //%\nvoid g(void) {}\nint f(void) {\n  return g();\n}\n", "gcc -c b.c", None, "void value not ignored as it ought to be", "return g"),
    _of("g++/linker", "b.cpp", "%PAD //%\nstruct S { void span(); };\nint main() { S().span(); }\n", "g++ b.cpp -o b", None, "undefined reference to `S::span()'", None, at=("b.cpp", None)),
    _of("g++/at", "b.cpp", "#include <vector>\n%PAD //%\nint main() {\n  std::vector<int> v(2);\n  return v.at(%N%);\n}\n", "g++ b.cpp -o b && ./b; exit $?", "std::out_of_range", "vector::_M_range_check"),
    _of("c/fpe", "b.c", "%PAD //%\nint main(int n, char **a) { return 5 / (n - 1); }\n", "gcc -w b.c -o b && ./b; exit $?", None, "Floating point exception"),
    _of("make/script", "Makefile", "%PAD #%\nall:\n\t@python app.py\n", "make", "RuntimeError", "beam is missing", None, at=("app.py", "raise Run"),
        **{"app.py": "%PAD #%\nraise RuntimeError('beam is missing')\n"}),
    _of("rust/borrow", "src/main.rs", "%PAD //%\nfn main() {\n    let mut v = vec![1];\n    let a = &v[0];\n    v.push(2);\n    println!(\"{}\", a);\n}\n", "cargo build -q", "E0502",
        "cannot borrow `v` as mutable because it is also borrowed as immutable", "v.push", **{"Cargo.toml": _CARGO}),
    _of("rust/method", "src/main.rs", "%PAD //%\nfn main() {\n    let n = 5;\n    n.span();\n}\n", "cargo check", "E0599", "no method named `span` found for type `{integer}` in the current scope",
        "n.span", **{"Cargo.toml": _CARGO}),
    _of("rust/divide", "src/main.rs", "%PAD //%\nfn half(n: usize) -> usize {\n    10 / n\n}\nfn main() {\n    half(std::env::args().count() - 1);\n}\n", "cargo run -q", "panic",
        "attempt to divide by zero", "10 / n", **{"Cargo.toml": _CARGO}),
    _of("go/return", "main.go", "package main\n\n%PAD //%\nfunc f() int {\n}\nfunc main() { f() }\n", "go build", None, "missing return", "}", **_MOD),
    _of("go/exit", "main.go", "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n%PAD //%\nfunc main() {\n\tfmt.Fprintln(os.Stderr, \"error: ledger %ID% is locked\")\n\tos.Exit(3)\n}\n", "go run .", None, "is locked", **_MOD),
    _of("go/convert", "main.go", "package main\n\n%PAD //%\nfunc main() {\n\tvar x interface{} = %N%\n\t_ = x.(string)\n}\n", "go run .", "panic", "interface conversion: interface {} is int, not string", "_ = x", **_MOD),
    _of("java/cast", "B.java", "%PAD //%\npublic class B {\n  public static void main(String[] a) {\n    Object o = 5;\n    String s = (String) o;\n  }\n}\n", "javac B.java && java B", "java.lang.ClassCastException",
        "class java.lang.Integer cannot be cast to class java.lang.String", "(String) o"),
    _of("java/unreported", "B.java", "%PAD //%\npublic class B {\n  public static void main(String[] a) {\n    Thread.sleep(5);\n  }\n}\n", "javac B.java", None,
        "unreported exception InterruptedException; must be caught or declared to be thrown", "Thread.sleep"),
    _of("ruby/constant", "b.rb", "%PAD #%\ndef f\n  Ponte.new\nend\nf\n", "ruby b.rb", "NameError", "uninitialized constant Ponte", "Ponte.new"),
    _of("ruby/frozen", "b.rb", "%PAD #%\ndef f(s)\n  s << 'x'\nend\nf('abc'.freeze)\n", "ruby b.rb", "FrozenError", "can't modify frozen String: \"abc\"", "s << "),
    _of("php/arguments", "b.php", "<?php\n%PAD //%\nfunction span($a, $b) {}\nspan(%N%);\n", "php b.php", "ArgumentCountError", "Too few arguments to function span(), 1 passed", "function span"),
    _of("lua/concat", "b.lua", "%PAD --%\nlocal t = {}\nprint('a' .. t.name)\n", "lua5.4 b.lua", None, "attempt to concatenate a nil value (field 'name')", "print("),
    _of("perl/open", "b.pl", "use strict;\n%PAD #%\nopen(my $f, '<', 'nada.txt') or die \"cannot open nada.txt: $!\";\n", "perl b.pl", None, "cannot open nada.txt: No such file or directory", "open(my"),
    _sh("substitution", "x=1\necho ${x!y}\n", "bad substitution", "echo"),
    _sh("sed", "set -e\necho abc | sed 's/a/b'\n", "unterminated `s' command"),
    _sh("mkdir", "set -e\nmkdir %TEMP%/a/b\n", "cannot create directory"),
    _sh("python-inside", "echo 'step 1'\npython -c 'import json; json.loads(\"\")'\n", "Expecting value", None),
    _sh("node-inside", "echo 'step %ID%'\nnode -e 'null.x'\n", "Cannot read properties of null (reading 'x')"),
    _sh("grep", "grep -E '(' job.sh\n", "Unmatched ( or \\("),
    _of("sqlite3/type", "q.sql", "create table t(id integer primary key);\ninsert into t values('doze');\n", "sqlite3 -bail x.db < q.sql", None, "datatype mismatch"),
    _of("psql/column", "q.sql", "%PAD --%\nselect nome from pg_class;\n", "psql -q -v ON_ERROR_STOP=1 -f q.sql", None, 'column "nome" does not exist', "select nome"),
    _of("r/arguments", "b.R", "%PAD #%\nf <- function(a) a\nf(1, 2)\n", "Rscript b.R", None, "unused argument (2)"),
    _of("portuguese/conexao", "app.py", "import sys\n%PAD #%\nprint('Conectando ao banco em %IP%:%PORT%')\nprint('Falha de conexão: o servidor recusou o usuário genesis (tentativa %N%)', file=sys.stderr)\nsys.exit(1)\n",
        "python app.py", None, "Falha de conexão: o servidor recusou o usuário genesis (tentativa"),
    _of("portuguese/saldo", "app.js", "%PAD //%\nclass SaldoInsuficiente extends Error {}\nfunction pagar(v) {\n  throw new SaldoInsuficiente(`saldo insuficiente na conta ${v}`);\n}\npagar(%ID%);\n",
        "node app.js", "SaldoInsuficiente", "saldo insuficiente na conta", "throw new Saldo"),
    _of("portuguese/nivel", "app.sh", "%PAD #%\necho '[INFO] lendo plano'\necho '[ERRO] plano %UUID% sem responsável'\necho '[INFO] encerrado em %SECONDS% s'\nexit 2\n", "bash app.sh", None, "sem responsável"),
]  # fmt: skip
PROGRAMS = [
    Failing(name=p.name, files=p.files, run=p.run, message=p.message, at=p.at, family=p.family, plain=p.plain,
            type={"fresh-shell/python-inside": "json.decoder.JSONDecodeError", "fresh-shell/node-inside": "TypeError"}.get(p.name, p.type))
    for p in PROGRAMS
]  # fmt: skip
