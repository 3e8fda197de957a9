"""The error of a run whose tests failed in several ways, from what runners really print."""

import os
import subprocess
import sys

import pytest

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.signing import find, sign

SUITE = """\
def saldo(valor): return valor - 1
def test_soma(): assert saldo(2) == 5
def test_frete(): raise KeyError("frete")
def test_prazo(): raise KeyError("frete")
"""

GO = """\
--- FAIL: TestSaldo (0.00s)
    conta_test.go:3: saldo 1, want 2
--- FAIL: TestFrete (0.00s)
    conta_test.go:4: sem frete para AM
--- FAIL: TestPrazo (0.00s)
    conta_test.go:5: sem frete para AM
FAIL
FAIL\tconta\t0.002s
FAIL
"""

CARGO = """\
running 3 tests
test tests::frete ... FAILED
test tests::prazo ... FAILED
test tests::saldo ... FAILED

failures:

---- tests::saldo stdout ----

thread 'tests::saldo' panicked at src/lib.rs:2:18:
assertion `left == right` failed
  left: 1
 right: 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- tests::frete stdout ----

thread 'tests::frete' panicked at src/lib.rs:3:18:
sem frete

---- tests::prazo stdout ----

thread 'tests::prazo' panicked at src/lib.rs:4:18:
sem frete


failures:
    tests::frete
    tests::prazo
    tests::saldo

test result: FAILED. 0 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


def failed(stdout, stderr=""):
    fields = {"spec_id": "conta", "exit_code": 1, "stdout": stdout, "stderr": stderr}
    return sign(make_run(fields, recorded_by="test"))


def run_pytest(folder, suite, *options):
    (folder / "test_conta.py").write_text(suite, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_conta.py"]
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # they take most of the time
        capture_output=True,
        encoding="utf-8",
        check=False,
    ).stdout


@pytest.mark.parametrize("options", [(), ("-q", "--tb=short"), ("-v",), ("-rA",)])
def test_it_is_the_one_that_most_tests_share_as_if_the_others_had_passed(options, tmp_path):
    both = failed(run_pytest(tmp_path, SUITE, *options))
    alone = failed(run_pytest(tmp_path, SUITE.replace("== 5", "== 1"), *options))
    assert (both.tests_failed, alone.tests_failed) == (3, 2)
    assert (both.signature.group, both.signature.exact) == (
        alone.signature.group,
        alone.signature.exact,
    )
    assert both.signature.location.endswith("test_conta.py:3")
    assert (both.signature.type, both.signature.message) == ("KeyError", "'frete'")


def test_unittest_prints_errors_first_and_on_stderr(tmp_path):
    suite = (
        "import unittest\n"
        "class Conta(unittest.TestCase):\n"
        "    def test_a(self): raise ValueError('sem saldo')\n"
        "    def test_b(self): self.assertEqual(1, 2)\n"
        "    def test_c(self): self.assertEqual(1, 2)\n"
    )
    (tmp_path / "conta.py").write_text(suite, encoding="utf-8")
    command = [sys.executable, "-m", "unittest", "conta"]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    signature = failed("", ended.stderr).signature
    assert (signature.type, signature.message) == ("AssertionError", "1 != 2")


@pytest.mark.parametrize(
    ("output", "message", "line"), [(GO, "sem frete para AM", 4), (CARGO, "sem frete", 3)]
)
def test_other_runners(output, message, line):
    run = failed(output)
    assert (run.signature.message, run.signature.line) == (message, line)
    found = find(run, run.tests)
    assert output.split("\n")[found.line_number].endswith((message, ":3:18:"))


def test_of_two_that_as_many_share_it_is_the_first(tmp_path):
    suite = SUITE + "def test_taxa(): assert saldo(2) == 5\n"
    assert failed(run_pytest(tmp_path, suite)).signature.type == "AssertionError"


def test_what_is_no_tests_own_error_stays():
    crash = "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\n"
    run = failed(GO, f"{crash}main.main()\n\t/loja/main.go:7 +0x1d\nexit status 2\n")
    assert "index out of range" in run.signature.message
