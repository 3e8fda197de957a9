"""Suites of pytest and unittest."""

from dataclasses import replace

from tests.diagnostics.suites.suite import Suite

_PYTEST = """\
import pytest


def soma(a):
    return a + 1


class TestPedido:
    def test_soma(self):
        assert soma(1) == 2

    def test_total(self):
        assert soma(99) == 90, "total"

    @pytest.mark.skip(reason="por vir")
    def test_desconto(self):
        pass


@pytest.mark.parametrize(("a", "b"), [(1, 2), (2, 5), (3, 4)])
def test_frete(a, b):
    assert soma(a) == b


@pytest.fixture
def banco():
    raise ConnectionError("sem banco")


def test_grava(banco):
    pass


def test_cobra():
    raise TypeError("sem pedido - 1 failed")


@pytest.mark.xfail
def test_um_dia():
    assert False
"""
_RETRIES = """\
import pathlib


def test_segunda():
    seen = pathlib.Path("seen")
    before = seen.exists()
    seen.touch()
    assert before


def test_nunca():
    assert 1 == 2


def test_sempre():
    pass
"""
_PASSING = """\
import pytest


@pytest.mark.parametrize("name", ["1 failed, 2 passed in 0.10s", "FAILED a.py::b - x"])
def test_names(name):
    print("=========== 1 failed, 2 passed in 0.10s ===========")
    print("FAILED tests/test_x.py::test_y - AssertionError: x")
    print("1 failed, 2 passed in 0.10s")
    print("FAILED (failures=1)")
"""
_UNITTEST = """\
import unittest


class Pedido(unittest.TestCase):
    def test_soma(self):
        self.assertEqual(1 + 1, 2)

    def test_total(self):
        \"\"\"O total vem certo.\"\"\"
        self.assertEqual(100, 90)

    @unittest.skip("por vir")
    def test_desconto(self):
        pass

    def test_cobra(self):
        raise TypeError("sem pedido")

    def test_frete(self):
        for a, b in ((1, 2), (2, 5), (3, 9)):
            with self.subTest(a=a):
                self.assertEqual(a + 1, b)

    @unittest.expectedFailure
    def test_um_dia(self):
        self.fail()


class Banco(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionError("sem banco")

    def test_grava(self):
        pass
"""
_JUNIT = "--junitxml=report.xml"
_FILES = {"tests/test_a.py": _PYTEST, "tests/test_b.py": "def test_b():\n    assert True\n"}
_BROKEN = _FILES | {"tests/test_c.py": "import nada_disso\n"}
_UNIT_TOLD = "told: {}, 1 passed, 2 skipped, {}"
_UNIT = {"test_a.py": _UNITTEST}


def _pytest(name: str, options: str, files: dict[str, str] = _FILES) -> Suite:
    return Suite(
        name=f"pytest/{name}",
        files=files,
        command=f"python -m pytest -p no:cacheprovider {options} {_JUNIT}",
        report="pytest:report.xml",
    )


SUITES = [
    _pytest("plain", ""),
    _pytest("verbose", "-v"),
    _pytest("quiet", "-q"),
    _pytest("quieter", "-qq"),
    _pytest("all", "-rA"),
    *(_pytest(f"tb-{style}", f"--tb={style}") for style in ("short", "line", "native", "no")),
    _pytest("no-summary", "--no-summary -v"),
    _pytest("r-none", "-rN"),
    _pytest("xdist", "-n 2"),
    _pytest("xdist-verbose", "-n 2 -v"),
    _pytest("colours", "--color=yes -v"),
    _pytest("broken", "", _BROKEN),
    _pytest("broken-goes-on", "--continue-on-collection-errors", _BROKEN),
    _pytest("stops", "-x"),
    replace(
        _pytest("reruns", "--reruns 2 -v", {"test_r.py": _RETRIES}),
        report="told: 1 failed, 2 passed, 1 flaky: test_r.py::test_nunca",
    ),
    replace(
        _pytest("reruns-quiet", "--reruns 2 -q", {"test_r.py": _RETRIES}),
        report="told: 1 failed, 2 passed, 0 flaky: test_r.py::test_nunca",
    ),
    _pytest("passing", "-v", {"test_p.py": _PASSING}),
    _pytest("passing-printed", "-s", {"test_p.py": _PASSING}),
    _pytest("passing-quiet", "-q -s", {"test_p.py": _PASSING}),
    _pytest("passing-all", "-rA", {"test_p.py": _PASSING}),
    Suite(
        name="unittest",
        files=_UNIT,
        command="python -m unittest",
        report="told: 3 failed, 2 errored, 2 skipped, 1 passed",
    ),
    Suite(
        name="unittest/verbose",
        files=_UNIT,
        command="python -m unittest -v",
        report="told: 3 failed, 2 errored, 2 skipped, 1 passed",
    ),
    Suite(
        name="unittest/broken",
        files={"test_c.py": "import nada_disso\n"},
        command="python -m unittest",
        report="told: 1 errored: test_c",
    ),
    Suite(
        name="unittest/passing",
        files={
            "test_p.py": "import sys\nimport unittest\n\n\nclass A(unittest.TestCase):\n"
            "    def test_a(self):\n        print('FAILED (failures=1)', file=sys.stderr)\n"
            "        print('FAIL: test_a (b.A)', file=sys.stderr)\n"
        },
        command="python -m unittest -v",
        report="told: 1 passed",
    ),
]
