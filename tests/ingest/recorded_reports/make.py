"""Runs suites and stores the reports that their runners and reporters write of them.

Run as `python -m tests.ingest.recorded_reports.make [PART OF A NAME]...`, as
`tests.diagnostics.suites.make` is; NODE_MODULES has bats and the reporters for CTRF and .trx, too,
and `mocha-7` in it is a directory with mocha 7 and its reporter for .trx. The tests read only what
is stored.
"""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from tests.diagnostics.suites.make import NODE_MODULES, SUITES, execute, neutral
from tests.diagnostics.suites.suite import Suite

HERE = Path(__file__).parent

_BATS = """\
@test "soma o frete" { [ 2 -eq 2 ]; }
@test "calcula o total" {
  echo "calculando"
  total=100
  [ "$total" -eq 90 ]
}
@test "desconto por vir" { skip "por vir"; }
"""
_PERL = """\
use strict; use Test::More tests => 5;
ok(1, 'soma o frete');
is(100, 90, 'calcula o total');
SKIP: { skip 'por vir', 1; ok(1); }
TODO: { local $TODO = 'um dia'; ok(0, 'desconto'); }
subtest 'frete' => sub { plan tests => 2; ok(1, 'perto'); is(3, 5, 'longe'); };
"""
_JEST_REPORTER = "module.exports = {{ reporters: ['default', ['{}', {}]] }};\n"
_PLAYWRIGHT_REPORTER = (
    "module.exports = { retries: 1, reporter: [['playwright-ctrf-json-reporter', {}]] };\n"
)
_BATS_TO = "node_modules/bats/bin/bats --formatter"
_CTRF = "ctrf/ctrf-report.json"


def _of(name: str, command: str, report: str, **files: str) -> tuple[Suite, str]:
    """A suite of another module, run by another command, with more files."""
    suite = next(suite for suite in SUITES if suite.name == name)
    more = {key.replace("_js", ".js").replace("_", "."): text for key, text in files.items()}
    return replace(suite, command=command, files={**suite.files, **more}, again=""), report


def _own(file: str, text: str, command: str) -> tuple[Suite, str]:
    return Suite(name=file, files={file: text}, command=command, report=""), "report.tap"


def _jest(reporter: str, options: str, report: str) -> tuple[Suite, str]:
    config = _JEST_REPORTER.format(reporter, options)
    return _of("jest/broken", "npx jest", report, jest_config_js=config)


REPORTS = {
    "go.ndjson": _of("go", "go test -json ./... > report.json 2>&1", "report.json"),
    "go-panic.ndjson": _of("go/panic", "go test -json ./... > report.json 2>&1", "report.json"),
    "go-broken.ndjson": _of("go/broken", "go test -json ./... > report.json 2>&1", "report.json"),
    "node.tap": _of("node/tap", "node --test --test-reporter=tap > report.tap", "report.tap"),
    "node-broken.tap": _of(
        "node/tap",
        "node --test --test-reporter=tap > report.tap",
        "report.tap",
        c_test_js="const a = ;\n",
    ),
    "mocha.tap": _of("mocha/spec", "npx mocha --reporter tap a.spec.js > report.tap", "report.tap"),
    "vitest.tap": _of(
        "vitest/broken", "npx vitest run --globals --reporter=tap > report.tap", "report.tap"
    ),
    "vitest-flat.tap": _of(
        "vitest/broken", "npx vitest run --globals --reporter=tap-flat > report.tap", "report.tap"
    ),
    "tape.tap": _of("tape", "node a.js > report.tap", "report.tap"),
    "ava.tap": _of("ava/tap", "npx ava --tap a.test.mjs > report.tap", "report.tap"),
    "bats.tap": _own("a.bats", _BATS, f"{_BATS_TO} tap a.bats > report.tap"),
    "bats13.tap": _own("a.bats", _BATS, f"{_BATS_TO} tap13 a.bats > report.tap"),
    "perl.tap": _own("a.t", _PERL, "perl a.t > report.tap 2>&1"),
    "jest.json": _of("jest/broken", "npx jest --json --outputFile=r.json", "r.json"),
    "jest-retries.json": _of("jest/retries", "npx jest --json --outputFile=r.json", "r.json"),
    "vitest.json": _of(
        "vitest/broken", "npx vitest run --globals --reporter=json --outputFile=r.json", "r.json"
    ),
    "vitest-retries.json": _of(
        "vitest/retries",
        "npx vitest run --globals --retry=2 --reporter=json --outputFile=r.json",
        "r.json",
    ),
    "mocha.json": _of("mocha/spec", "npx mocha --reporter json a.spec.js > r.json", "r.json"),
    "mocha-printing.json": _of(
        "mocha/passing", "npx mocha --reporter json a.spec.js > r.json", "r.json"
    ),
    "playwright.json": _of(
        "playwright/list", "npx playwright test --retries=1 --reporter=json", "report.json"
    ),
    "playwright-once.json": _of(
        "playwright/list", "npx playwright test --reporter=json", "report.json"
    ),
    "jest.trx": _jest("jest-trx-results-processor", "{outputFile: 'r.trx'}", "r.trx"),
    "mocha.trx": _of(
        "mocha/spec",
        "node_modules/mocha-7/node_modules/.bin/mocha --reporter-options output=r.trx"
        " --reporter ./node_modules/mocha-7/node_modules/mocha-trx-reporter a.spec.js",
        "r.trx",
    ),
    "jest.ctrf.json": _jest("jest-ctrf-json-reporter", "{}", _CTRF),
    "mocha.ctrf.json": _of(
        "mocha/spec", "npx mocha --reporter mocha-ctrf-json-reporter a.spec.js", _CTRF
    ),
    "playwright.ctrf.json": _of(
        "playwright/list", "npx playwright test", _CTRF, playwright_config_js=_PLAYWRIGHT_REPORTER
    ),
}


def store(name: str, suite: Suite, report: str) -> None:
    directory = Path("/tmp") / f"report-{re.sub(r'[^a-z0-9]', '-', name)}"
    shutil.rmtree(directory, ignore_errors=True)
    for file, text in {"package.json": '{"name": "loja"}', **suite.files}.items():
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(text, encoding="utf-8")
    (directory / "node_modules").symlink_to(NODE_MODULES)
    execute(suite.command, directory, suite)
    text = (directory / report).read_text(encoding="utf-8")
    (HERE / name).write_text(neutral(text, directory), encoding="utf-8", newline="\n")
    shutil.rmtree(directory)


def main(parts: list[str]) -> None:
    for name, (suite, report) in REPORTS.items():
        if not parts or any(part in name for part in parts):
            store(name, suite, report)
            print(name, (HERE / name).stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
