"""Test reports of any kind become runs as JUnit's do: real ones, odd ones and hostile ones."""

import json
import os
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

from genesis_mcp.ingest import notes
from genesis_mcp.ingest.junit import read_junit
from genesis_mcp.ingest.reports import any_report
from genesis_mcp.ingest.reports.any_report import read_report
from genesis_mcp.ingest.sources import whole_file
from tests.diagnostics.suites import own_reports
from tests.helpers.command_line import cli, summary

RECORDED = Path(__file__).parent / "recorded_reports"


def read(data, say=lambda _: None):
    """Runs, and why what is no run was refused."""
    items = list(read_report(BytesIO(data if isinstance(data, bytes) else data.encode()), say))
    return [item.run for item in items if item.run], [i.rejected for i in items if not i.run]


def recorded(name):
    runs, rejected = read((RECORDED / name).read_bytes())
    assert rejected == []
    return runs


def failures(runs):
    return {run.spec_id: run.signature for run in runs if run.failed}


TOTAL = 'expect(received).toEqual(expected) // deep equality - "total": 90 + "total": 100'
FIVE = "expect(received).toBe(expected) // Object.is equality Expected: 5 Received: 3"
FIRST = "expect(received).toBe(expected) // Object.is equality Expected: 1 Received: 0"
GOT = "Expected values to be strictly deep-equal: + actual - expected + total: 100 - total: 90"
NODE = "Expected values to be strictly deep-equal: + actual - expected { + total: 100 - total: 90 }"
NEVER = "expect(received).toBe(expected) // Object.is equality Expected: 2 Received: 1"
JEST, MOCHA, PLAYWRIGHT = "ana/loja/a.test.js::", "ana/loja/a.spec.js::", "a.spec.js::"
Told = dict[str, tuple[str | None, str | None, str | None]]
_MOCHA: Told = {
    f"{MOCHA}pedido calcula o total": ("AssertionError", GOT, "a.spec.js:4"),
    f"{MOCHA}pedido soma 2 dá 5": (
        "AssertionError",
        "Expected values to be strictly equal: 3 !== 5",
        "a.spec.js:7",
    ),
    f"{MOCHA}pedido cancelado não cobra": ("TypeError", "sem pedido", "a.spec.js:10"),
    f'{MOCHA}pedido com banco "before all" hook for "grava"': (
        "Error",
        "sem banco",
        "a.spec.js:14",
    ),
}
_VITEST: Told = {
    "a.test.js > pedido > calcula o total": (
        "AssertionError",
        "expected { total: 100 } to deeply equal { total: 90 }",
        "a.test.js:3",
    ),
    "a.test.js > pedido > soma 2 dá 5": (
        "AssertionError",
        "expected 3 to be 5 // Object.is equality",
        "a.test.js:5",
    ),
    "a.test.js > pedido > cancelado > não cobra": ("TypeError", "sem pedido", "a.test.js:7"),
    "c.test.js": ("RolldownError", "Parse failure: Parse failed with 1 error:", None),
}
_NODE: Told = {
    "pedido > calcula o total": ("AssertionError", NODE, "a.test.js:5"),
    "pedido > soma 2 dá 5": (
        "AssertionError",
        "Expected values to be strictly equal: 3 !== 5",
        "a.test.js:8",
    ),
    "pedido > cancelado > não cobra": ("TypeError", "sem pedido", "a.test.js:11"),
}
_GO: Told = {
    "loja/pedido::TestTotal": (None, "total = 100, want 90", "pedido_test.go:9"),
    "loja/pedido::TestFrete/longe_demais": (None, "got 3, want 5", "pedido_test.go:17"),
    "loja/pedido::TestFrete": (None, "got 3, want 5", "pedido_test.go:17"),
}

FAILURES: dict[str, Told] = {
    "go.ndjson": _GO,
    "go-panic.ndjson": _GO
    | {"loja/cliente::TestNome": ("panic", "sem nome", "cliente/cliente_test.go:5")},
    "go-broken.ndjson": _GO
    | {"loja/cliente": (None, "undefined: nada", "cliente/cliente_test.go:5")},
    "node.tap": _NODE,
    "node-broken.tap": _NODE
    | {"ana/loja/c.test.js": ("SyntaxError", "Unexpected token ';'", "c.test.js:1")},
    "mocha.tap": {name.replace(MOCHA, ""): told for name, told in _MOCHA.items()},
    "vitest.tap": _VITEST,
    "vitest-flat.tap": _VITEST,
    "tape.tap": {
        "calcula o total > noventa": (None, "noventa", "a.js:3"),
        "não cobra > cobrou": (None, "cobrou", "a.js:5"),
    },
    "ava.tap": {
        "calcula o total": (
            "AssertionError",
            "Difference (- actual, + expected): { - total: 100, + total: 90, }",
            None,
        ),
        "não cobra": (
            "AssertionError",
            "Error thrown in test: TypeError { message: 'sem pedido', }",
            "a.test.mjs:4",
        ),
        "soma 2 dá 5": ("AssertionError", "Difference (- actual, + expected): - 3 + 5", None),
    },
    "bats.tap": {"calcula o total": (None, '`[ "$total" -eq 90 ]\' failed', "a.bats:5")},
    "bats13.tap": {"calcula o total": (None, '`[ "$total" -eq 90 ]\' failed', "a.bats:5")},
    "perl.tap": {
        "calcula o total": (
            None,
            "Failed test 'calcula o total' got: '100' expected: '90'",
            "a.t:3",
        ),
        "frete > longe": (None, None, "a.t:6"),
    },
    "jest.json": {
        f"{JEST}pedido > calcula o total": ("Error", TOTAL, "a.test.js:3"),
        f"{JEST}pedido > soma 2 dá 5": ("Error", FIVE, "a.test.js:5"),
        f"{JEST}pedido > cancelado > não cobra": ("TypeError", "sem pedido", "a.test.js:7"),
        "ana/loja/c.test.js": ("SyntaxError", None, "c.test.js:1"),
    },
    "jest-retries.json": {f"{JEST}pedido > nunca passa": ("Error", NEVER, "a.test.js:5")},
    "vitest.json": {
        f"{JEST}pedido > calcula o total": (
            "AssertionError",
            "expected { total: 100 } to deeply equal { total: 90 }",
            "a.test.js:3",
        ),
        f"{JEST}pedido > soma 2 dá 5": (
            "AssertionError",
            "expected 3 to be 5 // Object.is equality",
            "a.test.js:5",
        ),
        f"{JEST}pedido > cancelado > não cobra": ("TypeError", "sem pedido", "a.test.js:7"),
        "ana/loja/c.test.js": (None, None, "c.test.js"),
    },
    "vitest-retries.json": {
        f"{JEST}pedido > nunca passa": ("AssertionError", None, "a.test.js:4"),
    },
    "mocha.json": _MOCHA,
    "mocha-printing.json": {},
    "playwright.json": {
        f"{PLAYWRIGHT}pedido > calcula o total": ("Error", TOTAL, "a.spec.js:4"),
        f"{PLAYWRIGHT}pedido > soma 2 da 5": ("Error", FIVE, "a.spec.js:7"),
    },
    "playwright-once.json": {
        f"{PLAYWRIGHT}pedido > calcula o total": ("Error", TOTAL, "a.spec.js:4"),
        f"{PLAYWRIGHT}pedido > soma 2 da 5": ("Error", FIVE, "a.spec.js:7"),
        f"{PLAYWRIGHT}pedido > passa na segunda": ("Error", FIRST, "a.spec.js:9"),
    },
    "jest.trx": {
        "pedido::pedido / calcula o total": ("Error", TOTAL, "a.test.js:3"),
        "pedido::pedido / soma 2 dá 5": ("Error", FIVE, "a.test.js:5"),
        "pedido::pedido / cancelado / não cobra": ("TypeError", "sem pedido", "a.test.js:7"),
        "c.test.js": ("SyntaxError", None, "c.test.js:1"),
    },
    "mocha.trx": {
        name.replace(MOCHA, "none::").replace('"before all" hook for "grava"', "grava"): told
        for name, told in _MOCHA.items()
    },
    "jest.ctrf.json": {
        f"{JEST}pedido calcula o total": ("Error", TOTAL, "a.test.js:3"),
        f"{JEST}pedido soma 2 dá 5": ("Error", FIVE, "a.test.js:5"),
        f"{JEST}pedido cancelado não cobra": ("TypeError", "sem pedido", "a.test.js:7"),
    },
    "mocha.ctrf.json": _MOCHA,
    "playwright.ctrf.json": {
        f"{MOCHA}pedido > calcula o total": ("Error", TOTAL, "a.spec.js:4"),
        f"{MOCHA}pedido > soma 2 da 5": ("Error", FIVE, "a.spec.js:7"),
    },
}
"""Of each report the failures by spec: type, message and the end of the place; None: whatever."""


def test_each_report_that_is_stored_is_looked_at():
    assert {file.name for file in RECORDED.iterdir() if file.suffix not in (".py", "")} == {
        *FAILURES
    }


@pytest.mark.parametrize("name", FAILURES)
def test_what_a_real_report_tells_of_failures(name):
    found = failures(recorded(name))
    assert found.keys() == FAILURES[name].keys()
    for spec, (kind, message, place) in FAILURES[name].items():
        error = found[spec]
        if kind is not None:
            assert error.type == kind
        if message is not None:
            assert error.message == message
        if place is not None:
            assert (error.location or "").endswith(place)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        *((name, own_reports.go) for name in FAILURES if name.startswith("go")),
        *((f"{name}.json", own_reports.jest) for name in ("jest", "jest-retries", "vitest")),
        ("mocha.json", own_reports.mocha),
        *((f"{name}.json", own_reports.playwright) for name in ("playwright", "playwright-once")),
    ],
)
def test_as_many_tests_as_the_report_counts(name, reader):
    told = reader(RECORDED / name)
    runs = recorded(name)
    counts = Counter(str(run.outcome or "skipped") for run in runs)
    broken = 1 if name == "go-broken.ndjson" else 0
    assert counts["passed"] == told["passed"]
    assert counts["failed"] == told["failed"] + told["errored"] + broken
    assert counts["skipped"] == told["skipped"]
    assert sum((run.context or {}).get("flaky", False) for run in runs) == told["flaky"]


@pytest.mark.parametrize("name", [name for name in FAILURES if name.endswith(".ctrf.json")])
def test_as_many_as_the_summary_of_ctrf(name):
    told = json.loads((RECORDED / name).read_text(encoding="utf-8"))["results"]["summary"]
    counts = Counter(str(run.outcome or "skipped") for run in recorded(name))
    assert [counts[one] for one in ("passed", "failed")] == [told["passed"], told["failed"]]
    assert counts["skipped"] == told["skipped"] + told["pending"]


def test_the_kind_of_a_junit_report_is_known_too():
    report = (
        b'<!-- x --><testsuite timestamp="2026-11-25T10:00:00"><testcase name="a"/></testsuite>'
    )
    assert list(read_report(BytesIO(report))) == list(read_junit(BytesIO(report)))


@pytest.mark.parametrize(
    "text",
    ["", "\n", "{}", "[]", "<html/>", '{"a": 1}', "ok then", "\x00\x01", "{" * 500_000, "[" * 9],
)
def test_what_is_no_report_is_said(text):
    runs, rejected = read(text)
    assert runs == []
    assert rejected == [any_report.UNKNOWN]


def test_what_tests_print_stands_around_the_document():
    report = (RECORDED / "mocha.json").read_text(encoding="utf-8")
    noise = "{ a: 1 }\nok 1 - not a test\n1..3\nTAP version 13\n"
    assert read(f"{noise}{report}\nDone.\n")[0] == read(report)[0]


@pytest.mark.parametrize("name", ["go.ndjson", "node.tap", "jest.json", "mocha.trx"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_that_shells_of_windows_write(name, encoding):
    text = (RECORDED / name).read_text(encoding="utf-8").replace("\n", "\r\n")
    specs = {run.spec_id for run in read(text.encode(encoding))[0]}
    assert specs == {run.spec_id for run in recorded(name)}


@pytest.mark.parametrize("name", FAILURES)
def test_a_report_cut_anywhere_is_no_silent_pass(name):
    whole = (RECORDED / name).read_bytes()
    for part in (0.3, 0.6, 0.9):
        runs, rejected = read(whole[: int(len(whole) * part)])
        events = [run for run in runs if run.kind == "event" and run.level in ("warn", "error")]
        assert rejected or events or len(runs) == len(recorded(name))


@pytest.mark.parametrize(
    "name", ["jest-retries.json", "vitest.json", "playwright.json", "mocha.json", "jest.ctrf.json"]
)
def test_values_of_any_type_do_no_harm(name):
    """Each value in turn is something that nobody expects there."""
    report = json.loads((RECORDED / name).read_text(encoding="utf-8"))
    for odd in (None, -1, 1e308, "\ud800", [], {}, [None, 1], True):
        runs, rejected = read(json.dumps(_with(report, odd)).encode())
        assert runs or rejected


def _with(value, odd, depth=0):
    """A copy in which what is no list and no object is another value, and every third list too."""
    if isinstance(value, dict):
        return {name: _with(one, odd, depth + 1) for name, one in value.items()}
    if isinstance(value, list) and value:
        return [_with(one, odd, depth + 1) for one in value] + [odd]
    return odd if depth > 2 else value


def test_a_document_that_is_too_large_or_has_too_many_values_is_refused(monkeypatch):
    report = (RECORDED / "jest.json").read_bytes()
    monkeypatch.setattr(any_report, "VALUES_MAX", 100)
    assert read(report) == ([], ["has more than 100 values: it is not read."])
    monkeypatch.setattr(any_report, "DOCUMENT_BYTES_MAX", 1024 * 1024)
    _, [reason] = read(report + b" " * 3_000_000)
    assert reason == "has more than 1 MiB: it is not read."


@pytest.mark.parametrize("name", FAILURES)
def test_the_same_report_gives_the_same_ids(name):
    ids = [run.run_id for run in recorded(name)]
    assert len(set(ids)) == len(ids)
    assert ids == [run.run_id for run in recorded(name)]


def test_a_report_without_times_is_another_run_when_it_was_written_anew(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    report = tmp_path / "report.tap"
    report.write_bytes((RECORDED / "tape.tap").read_bytes())
    for seconds, numbers in ((1_795_000_000, 3), (1_795_000_000, 0), (1_795_000_060, 3)):
        os.utime(report, (seconds, seconds))
        told = summary(cli("ingest", "--json", "--report", str(report), store_url=url))
        assert (told["recorded"], told["duplicates"]) == (numbers, 3 - numbers)
        assert told.get("suites", 0) == numbers // 3


def test_the_command_records_a_report_once(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    report = str(RECORDED / "go.ndjson")
    first = summary(cli("ingest", "--json", "--report", report, store_url=url))
    again = summary(cli("ingest", "--json", "--report", report, store_url=url))
    assert (first["recorded"], first["events"], again["duplicates"]) == (6, 1, 7)
    shown = cli("failures", store_url=url).stdout.decode()
    assert "got 3, want 5" in shown


@pytest.mark.parametrize(
    "name", ["go.ndjson", "jest.json", "mocha.json", "playwright.json", "mocha.ctrf.json"]
)
def test_a_report_among_logs_is_pointed_out(name):
    items = [item for some in whole_file(RECORDED / name, {}) for item in some]
    assert any(notes.IS_REPORT in item.notes for item in items)


def test_two_kinds_of_files_at_once_are_refused(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    done = cli("ingest", "--report", "--junit", "x", store_url=url)
    assert done.returncode == 2
    assert b"--junit and --report are two kinds of files: give one of them." in done.stderr
