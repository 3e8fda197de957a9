"""Programs in Python that fail, and what its test runners and checkers say; with their labels."""

from tests.diagnostics.corpus.failing import Failing


def _script(name, code, type, message, piece, run="python app.py", family="", **files):
    return Failing(
        name=f"python/{name}",
        files={"app.py": code, **{f"{key}.py": text for key, text in files.items()}},
        run=run,
        type=type,
        message=message,
        at=("app.py", piece) if isinstance(piece, str) else piece,
        family=family and f"python/{family}",
    )


_SERVED = """\
import http.server, threading, urllib.request
%PAD #%
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS); self.end_headers()
    def log_message(self, *a): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
def load(url):
    return urllib.request.urlopen(url).read()
load(f"http://127.0.0.1:{server.server_port}/specs/%ID%")
"""
_HTTP = [
    _script(f"http-{status}", _SERVED.replace("STATUS", str(status)), "urllib.error.HTTPError",
            f"HTTP Error {status}: {words}", "urlopen(url).read()", family="http")
    for status, words in ((401, "Unauthorized"), (404, "Not Found"), (503, "Service Unavailable"))
]  # fmt: skip

_CODED = [
    _script(f"coded-{code}", f"""\
%PAD #%
class PlanError(Exception): pass
def check(plan):
    raise PlanError("{code}: plan rejected after %MS% ms (request %UUID%)")
check({{}})
""", "PlanError", f"{code}: plan rejected after", "raise PlanError", family="coded", run="python -m app")
    for code in ("E101", "E204")
]  # fmt: skip

_MODULES = [
    _script(f"module-{version}", f"import sys\n%PAD #%\nfrom genesis import proto_{version}\n",
            "ImportError", f"cannot import name 'proto_{version}' from 'genesis'",
            "from genesis", family="modules", genesis="x = 1\n")
    for version in ("v1", "v2")
]  # fmt: skip

_ERRNO = [
    _script(f"errno-{number}", f"import os\n%PAD #%\ndef load(path):\n    {code}\nload('%TEMP%/plan.json')\n",
            type, f"[Errno {number}] {words}", code, family="errno")
    for number, type, words, code in (
        (2, "FileNotFoundError", "No such file or directory", "return open(path).read()"),
        (21, "IsADirectoryError", "Is a directory", "return open('/tmp').read()"),
        (98, "OSError", "Address already in use",
         "import socket; a = socket.create_server(('127.0.0.1', %PORT%)); b = socket.create_server(('127.0.0.1', %PORT%))"),
    )
]  # fmt: skip

SCRIPTS = [
    _script("key-error", """\
import sys
%PAD #%
def read(settings):
    return settings["database"]

def main():
    print("starting worker %PID%")
    read({"port": %PORT%})

main()
""", "KeyError", "'database'", 'settings["database"]'),
    _script("zero-division", "%PAD #%\ndef mean(xs):\n    return sum(xs) / len(xs)\nprint(mean([]))\n",
            "ZeroDivisionError", "division by zero", "return sum"),
    _script("direct-cause", """\
%PAD #%
def parse(text):
    return int(text)
def load(text):
    try:
        return parse(text)
    except ValueError as error:
        raise RuntimeError("settings are wrong") from error
load("porta")
""", "RuntimeError", "settings are wrong <- ValueError: invalid literal for int() with base 10: 'porta'", "raise RuntimeError"),
    _script("while-handling", """\
%PAD #%
class CleanupFailed(Exception): pass
def work():
    return {}["spec"]
try:
    work()
except KeyError:
    raise CleanupFailed("could not remove %TEMP%/x.lock")
""", "CleanupFailed", "could not remove", "raise CleanupFailed"),
    _script("group", """\
import asyncio
%PAD #%
async def one(): raise ValueError("first task is wrong")
async def two(): await asyncio.sleep(5)
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(two())
asyncio.run(main())
""", "ExceptionGroup", "first task is wrong", "raise ValueError"),
    _script("none-attribute", "%PAD #%\ndef name(user):\n    return user.name.upper()\nname(None)\n",
            "AttributeError", "'NoneType' object has no attribute 'name'", "return user"),
    _script("no-module", "import os\n%PAD #%\nimport fila_de_tarefas\n", "ModuleNotFoundError",
            "No module named 'fila_de_tarefas'", "import fila"),
    _script("refused", "import urllib.request\n%PAD #%\nurllib.request.urlopen('http://127.0.0.1:%PORT%/health', timeout=3)\n",
            "urllib.error.URLError", "<urlopen error [Errno 111] Connection refused>", "urlopen('http"),
    _script("json", "import json\n%PAD #%\ndef load(text):\n    return json.loads(text)\nload('{\"a\": 1, %MORE(\"b@\": 2, )% nope}')\n",
            "json.decoder.JSONDecodeError", "Expecting property name enclosed in double quotes", "return json"),
    _script("recursion", "%PAD #%\ndef walk(node):\n    return walk(node['next'])\nn = {}; n['next'] = n\nwalk(n)\n",
            "RecursionError", "maximum recursion depth exceeded", "return walk"),
    _script("bare-assert", "%PAD #%\ndef pay(total):\n    assert total >= 0\n    return total\npay(-%N%)\n",
            "AssertionError", "assert total >= 0", "assert total"),
    _script("subprocess-timeout", "import subprocess\n%PAD #%\nsubprocess.run(['sleep', '5'], timeout=0.%N%)\n",
            "subprocess.TimeoutExpired", "Command '['sleep', '5']' timed out after", "subprocess.run"),
    _script("subprocess-failed", "import subprocess\n%PAD #%\nsubprocess.run(['false'], check=True)\n",
            "subprocess.CalledProcessError", "Command '['false']' returned non-zero exit status 1.", "subprocess.run"),
    _script("syntax", "%PAD #%\ndef broken(:\n    pass\n", "SyntaxError", "invalid syntax", "def broken"),
    _script("indent-imported", "%PAD #%\nimport plan\n", "IndentationError",
            "expected an indented block after function definition on line 1",
            ("plan.py", "x = 1"), plan="def f():\nx = 1\n"),
    _script("forgotten-task", """\
import asyncio
%PAD #%
async def lost(): raise ValueError("nobody waits for %ID%")
async def main():
    task = asyncio.create_task(lost())
    await asyncio.sleep(0.01)
    raise LookupError("no plan for this spec")
asyncio.run(main())
""", "LookupError", "no plan for this spec", "raise LookupError"),
    _script("thread", """\
import threading, sys
%PAD #%
def work():
    raise RuntimeError("worker lost its lock")
for n in range(%N%):
    pass
t = threading.Thread(target=work); t.start(); t.join()
sys.exit(1)
""", "RuntimeError", "worker lost its lock", "raise RuntimeError"),
    _script("exit-message", "import sys\n%PAD #%\nprint('reading spec %ID%')\nsys.exit('fatal: the spec has no plan')\n",
            None, "the spec has no plan", None),
    _script("logged", """\
import logging, sys
logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
log = logging.getLogger("app.worker")
log.info("task %ID% received")
log.error("could not load the plan of spec %ID%")
log.info("shutting down")
sys.exit(2)
""", None, "could not load the plan of spec", None),
    _script("arguments", "import argparse\n%PAD #%\np = argparse.ArgumentParser(prog='loader'); p.add_argument('--spec')\np.parse_args()\n",
            None, "unrecognized arguments: --retries=", None, run="python app.py --retries=%N%"),
    _script("validation", """\
from pydantic import BaseModel
%PAD #%
class Spec(BaseModel):
    iteration: int
def load(fields):
    return Spec(**fields)
load({"iteration": "many"})
""", "pydantic_core._pydantic_core.ValidationError", "1 validation error for Spec iteration", "return Spec"),
    _script("decode", "%PAD #%\ndef read(data):\n    return data.decode('utf-8')\nread(b'a' * %N% + b'\\xff')\n",
            "UnicodeDecodeError", "'utf-8' codec can't decode byte 0xff in position", "return data"),
    _script("sqlite", "import sqlite3\n%PAD #%\ndb = sqlite3.connect(':memory:')\ndb.execute('select * from runs where id = %ID%')\n",
            "sqlite3.OperationalError", "no such table: runs", "db.execute"),
    _script("pool", """\
from concurrent.futures import ProcessPoolExecutor
%PAD #%
def work(n):
    raise ValueError("chunk is damaged")
if __name__ == "__main__":
    with ProcessPoolExecutor(1) as pool:
        list(pool.map(work, range(%N%)))
""", "ValueError", "chunk is damaged", "raise ValueError"),
    _script("undefined-name", "%PAD #%\ndef total(items):\n    return sun(items)\ntotal([%N%])\n",
            "NameError", "name 'sun' is not defined", "return sun"),
    _script("argument-count", "%PAD #%\ndef save(a, b):\n    return a\nsave(%N%)\n",
            "TypeError", "save() missing 1 required positional argument: 'b'", "save(%N%)"),
    _script("own-repr", "%PAD #%\nclass Job: pass\ndef start(job):\n    raise RuntimeError(f'job {job!r} never started')\nx = [0] * %ID%\nstart(Job())\n",
            "RuntimeError", "never started", "raise RuntimeError"),
    _script("noted", "%PAD #%\ndef f():\n    e = ValueError('bad column')\n    e.add_note('while reading row %ID%')\n    raise e\nf()\n",
            "ValueError", "bad column", "raise e"),
    *_HTTP, *_CODED, *_MODULES, *_ERRNO,
]  # fmt: skip

_STYLES = (
    "pytest",
    "pytest --tb=long -v",
    "pytest --tb=short -q",
    "pytest --tb=line",
    "pytest --tb=native",
    "pytest --tb=no -rf",
)


def _pytest(name, test, type, message, piece, *, file="test_app.py", run=_STYLES, **files):
    return Failing(
        name=f"pytest/{name}",
        files={
            "test_app.py": "import pytest\n%PAD #%\n%MORE(def test_fine_@(): pass\n)%\n" + test,
            **{f"{key}.py": text for key, text in files.items()},
        },
        run=run,
        type=type,
        message=message,
        at=(file, piece),
        count=len(run),
    )


_PRINTING = _STYLES[:5]

PYTEST = [
    _pytest("compare", "from app import add\ndef test_add():\n    assert add(2, 2) == 5\n",
            "AssertionError", "assert 4 == 5", "assert add", app="def add(a, b):\n    return a + b\n", run=_PRINTING),
    _pytest("raised-in-code", "from app import load\ndef test_load():\n    load({})\n",
            "KeyError", "'spec'", 'fields["spec"]', file="app.py",
            app='%PAD #%\ndef load(fields):\n    print("loading %ID%")\n    return fields["spec"]\n', run=_PRINTING),
    _pytest("message", "def test_state():\n    state = 'open'\n    assert state == 'closed', 'the gate must be closed'\n",
            "AssertionError", "the gate must be closed", "assert state", run=_PRINTING),
    _pytest("fixture", "@pytest.fixture\ndef store():\n    raise ConnectionError('store is away on port %PORT%')\ndef test_it(store): pass\n",
            "ConnectionError", "store is away on port", "raise Connection", run=_PRINTING),
    _pytest("collecting", "from app import subtract\ndef test_it(): subtract(1, 2)\n",
            "ImportError", "cannot import name 'subtract' from 'app'", "from app import", app="x = 1\n", run=_PRINTING),
    _pytest("collecting-module", "import cliente_http\n", "ModuleNotFoundError", "No module named 'cliente_http'",
            "import cliente", run=("pytest", "pytest --tb=short", "pytest -q --tb=native")),
    _pytest("did-not-raise", "def test_it():\n    with pytest.raises(ValueError):\n        int('%N%')\n",
            "Failed", "DID NOT RAISE", "with pytest.raises", run=_PRINTING[:3]),
    _pytest("approx", "def test_mean():\n    assert (1 + 2) / 2 == pytest.approx(1.6)\n",
            "AssertionError", "assert", "assert (1", run=_PRINTING[:3]),
    _pytest("dict", "def test_plan():\n    assert {'status': 'open', 'n': 1} == {'status': 'done', 'n': 1}\n",
            "AssertionError", "assert {", "assert {", run=_PRINTING[:3]),
    _pytest("in-list", "def test_in():\n    names = ['ana', 'bia']\n    assert 'caio' in names\n",
            "AssertionError", "assert 'caio' in ['ana', 'bia']", "assert 'caio'", run=_PRINTING[:3]),
    _pytest("captured", "import logging, sys\ndef test_noisy():\n    logging.error('retry %N% failed')\n    print('Error: not this one')\n    raise PermissionError('no right to write')\n",
            "PermissionError", "no right to write", "raise Perm", run=_PRINTING[:3]),
    _pytest("parametrized", "@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_even(n):\n    assert n % 2 == 0, 'must be even'\n",
            "AssertionError", "must be even", "assert n", run=_PRINTING[:3]),
    _pytest("teardown", "@pytest.fixture\ndef db():\n    yield 1\n    raise RuntimeError('connection %ID% leaked')\ndef test_db(db): pass\n",
            "RuntimeError", "leaked", "raise Runtime", run=_PRINTING[:3]),
    _pytest("summary-only", "def test_it():\n    raise OSError('disk is full')\n", "OSError", "disk is full", None,
            run=("pytest --tb=no -rf", "pytest -q --tb=no", "pytest --tb=no -v")),
]  # fmt: skip


def _tool(name, file, code, run, type, message, piece, count=3, **files):
    return Failing(
        name=name, files={file: code, **{f"{k}.py": v for k, v in files.items()}}, run=run,
        type=type, message=message, at=(file, piece) if piece else None, count=count,
    )  # fmt: skip


_UNITTEST = "import unittest\n%PAD #%\nclass T(unittest.TestCase):\n%MORE(    def test_a_fine_@(self): pass\n)%"
_RUN_UNITTEST = (
    "python -m unittest test_it.py",
    "python -m unittest -v",
    "python -m unittest test_it",
)

UNITTEST = [
    _tool("unittest/equal", "test_it.py", _UNITTEST + "    def test_sum(self):\n        self.assertEqual(2 + 2, 5)\n",
          _RUN_UNITTEST, "AssertionError", "4 != 5", "self.assertEqual"),
    _tool("unittest/error", "test_it.py", _UNITTEST + "    def test_x(self):\n        [][3]\n",
          _RUN_UNITTEST, "IndexError", "list index out of range", "[][3]"),
    _tool("unittest/setup", "test_it.py", _UNITTEST + "    def setUp(self):\n        raise EnvironmentError('no database at %IP%')\n",
          _RUN_UNITTEST, "OSError", "no database at", "raise Env"),
    _tool("unittest/not-raised", "test_it.py", _UNITTEST + "    def test_x(self):\n        with self.assertRaises(ValueError):\n            int('1')\n",
          _RUN_UNITTEST, "AssertionError", "ValueError not raised", "with self.assertRaises"),
    _tool("unittest/subtest", "test_it.py", _UNITTEST + "    def test_x(self):\n        for n in (1, 3):\n            with self.subTest(n=n):\n                self.assertTrue(n < 3, 'too large')\n",
          _RUN_UNITTEST, "AssertionError", "False is not true : too large", "self.assertTrue"),
    _tool("unittest/import", "test_it.py", _UNITTEST.replace("import unittest\n", "import unittest\nimport filas\n", 1) + "    def test_x(self): pass\n",
          _RUN_UNITTEST, "ModuleNotFoundError", "No module named 'filas'", "import filas"),
    _tool("doctest/value", "calc.py", "%PAD #%\ndef add(a, b):\n    '''\n    >>> add(2, 2)\n    5\n    '''\n    return a + b\n",
          "python -m doctest calc.py", None, "add(2, 2)", ">>> add"),
    _tool("doctest/raised", "calc.py", "%PAD #%\ndef half(a):\n    '''\n    >>> half('x')\n    5\n    '''\n    return a / 2\n",
          "python -m doctest calc.py", "TypeError", "unsupported operand type(s) for /: 'str' and 'int'", ">>> half"),
]  # fmt: skip

_MYPY = (
    "mypy --no-incremental app.py",
    "mypy --no-incremental --pretty app.py",
    "mypy --no-incremental --show-column-numbers app.py",
)
_RUFF = (
    "ruff check --no-cache app.py",
    "ruff check --no-cache --output-format=concise app.py",
    "ruff check --no-cache --output-format=full app.py",
)

CHECKERS = [
    _tool("mypy/arg-type", "app.py", "%PAD #%\ndef f(n: int) -> int:\n    return n\nf('x')\n", _MYPY, "arg-type",
          'Argument 1 to "f" has incompatible type "str"; expected "int"', "f('x')"),
    _tool("mypy/attr", "app.py", "%PAD #%\nclass A: pass\nA().name\n", _MYPY, "attr-defined", '"A" has no attribute "name"', "A().name"),
    _tool("mypy/return", "app.py", "%PAD #%\ndef f() -> str:\n    return 5\n", _MYPY, "return-value",
          'Incompatible return value type (got "int", expected "str")', "return 5"),
    _tool("mypy/stubs", "app.py", "%PAD #%\nimport nada_disso\n", _MYPY, "import-not-found",
          'Cannot find implementation or library stub for module named "nada_disso"', "import nada"),
    _tool("ruff/undefined", "app.py", "%PAD #%\ndef f():\n    return valor\n", _RUFF, "F821", "Undefined name `valor`", "return valor"),
    _tool("ruff/unused", "app.py", "%PAD #%\nimport os\n", _RUFF, "F401", "`os` imported but unused", "import os"),
    _tool("ruff/format", "app.py", "%PAD #%\nx = {  'a':1 }\n", "ruff format --no-cache --check app.py", "unformatted", "File would be reformatted", "x = {"),
    _tool("ruff/syntax", "app.py", "%PAD #%\nx = = 1\n", _RUFF, "invalid-syntax", "Expected an expression", "x = ="),
]  # fmt: skip

PROGRAMS = [*SCRIPTS, *PYTEST, *UNITTEST, *CHECKERS]
