"""Suites of JavaScript's runners."""

from tests.diagnostics.suites.suite import Suite

_CASES = """\
describe('pedido', () => {
  test('soma o frete', () => { expect(1 + 1).toBe(2); });
  test('calcula o total', () => { expect({ total: 100 }).toEqual({ total: 90 }); });
  test.skip('desconto por vir', () => {});
  test.each([[1, 2], [2, 5], [3, 4]])('soma %i dá %i', (a, b) => { expect(a + 1).toBe(b); });
  describe('cancelado', () => {
    test('não cobra', () => { throw new TypeError('sem pedido'); });
    test('devolve o estoque', async () => { await Promise.resolve(); });
  });
});
"""
_PASSING = """\
test('1 failed in its name, 2 passed', () => { expect(1).toBe(1); });
test('prints what a runner prints', () => {
  console.log('Tests:       1 failed, 2 passed, 3 total');
  process.stdout.write('Tests:       1 failed, 2 passed, 3 total\\n');
  process.stdout.write('  1 failing\\n# fail 1\\nnot ok 1 - x\\n 1 fail\\n');
  process.stdout.write(' FAIL  a.test.js > x\\n      Tests  1 failed | 2 passed (3)\\n');
});
"""
_BROKEN = "const a = ;\n"
_VITEST = "import { describe, expect, test } from 'vitest';\n"
_JEST = "npx jest --json --outputFile=report.json"
_RUN_VITEST = (
    "npx vitest run --reporter=default --reporter=json --outputFile.json=report.json --globals"
)
_MOCHA = _CASES.replace("test(", "it(").replace("test.skip(", "it.skip(")
_MOCHA = _MOCHA.replace(
    "it.each([[1, 2], [2, 5], [3, 4]])('soma %i dá %i', (a, b) => { expect(a + 1).toBe(b); });", ""
)
_MOCHA = """\
const assert = require('node:assert');
describe('pedido', () => {
  it('soma o frete', () => { assert.strictEqual(1 + 1, 2); });
  it('calcula o total', () => { assert.deepStrictEqual({ total: 100 }, { total: 90 }); });
  it.skip('desconto por vir', () => {});
  for (const [a, b] of [[1, 2], [2, 5], [3, 4]]) {
    it(`soma ${a} dá ${b}`, () => { assert.strictEqual(a + 1, b); });
  }
  describe('cancelado', () => {
    it('não cobra', () => { throw new TypeError('sem pedido'); });
    it('devolve o estoque', async () => { await Promise.resolve(); });
  });
  describe('com banco', () => {
    before(() => { throw new Error('sem banco'); });
    it('grava', () => {});
  });
});
"""
_NODE = _MOCHA.replace("before(() => { throw new Error('sem banco'); });", "").replace(
    "const assert", "const { describe, it, before } = require('node:test');\nconst assert"
)
_NODE_ONCE = "node --test --test-reporter={} --test-reporter-destination=stdout"
_NODE_JUNIT = " --test-reporter=junit --test-reporter-destination=report.xml"
_FLAT = """\
const total = (a) => a * 10;
"""
_AVA = """\
import test from 'ava';
test('soma o frete', (t) => { t.is(1 + 1, 2); });
test('calcula o total', (t) => { t.deepEqual({ total: 100 }, { total: 90 }); });
test('não cobra', () => { throw new TypeError('sem pedido'); });
test.skip('desconto por vir', (t) => { t.pass(); });
test.todo('um dia');
for (const [a, b] of [[1, 2], [2, 5]]) {
  test(`soma ${a} dá ${b}`, (t) => { t.is(a + 1, b); });
}
"""
_DENO = """\
const same = (a: unknown, b: unknown) => {
  if (a !== b) throw new Error(`Values are not equal: ${a} !== ${b}`);
};
Deno.test('soma o frete', () => same(1 + 1, 2));
Deno.test('calcula o total', () => same(100, 90));
Deno.test({ name: 'desconto por vir', ignore: true, fn() {} });
for (const [a, b] of [[1, 2], [2, 5]]) Deno.test(`soma ${a} dá ${b}`, () => same(a + 1, b));
Deno.test('não cobra', () => { throw new TypeError('sem pedido'); });
"""
_PLAYWRIGHT = """\
const { test, expect } = require('@playwright/test');
test.describe('pedido', () => {
  test('soma o frete', () => { expect(1 + 1).toBe(2); });
  test('calcula o total', () => { expect({ total: 100 }).toEqual({ total: 90 }); });
  test.skip('desconto por vir', () => {});
  for (const [a, b] of [[1, 2], [2, 5]]) {
    test(`soma ${a} da ${b}`, () => { expect(a + 1).toBe(b); });
  }
  test('passa na segunda', ({}, info) => { expect(info.retry).toBe(1); });
});
"""
_TAPE = """\
const test = require('tape');
test('soma o frete', (t) => { t.equal(1 + 1, 2, 'dois'); t.end(); });
test('calcula o total', (t) => { t.equal(100, 90, 'noventa'); t.end(); });
test.skip('desconto por vir', (t) => { t.end(); });
test('não cobra', (t) => { t.ok(false, 'cobrou'); t.end(); });
"""
_RETRIES = """\
let n = 0;
describe('pedido', () => {
  jest.retryTimes(2);
  test('passa na segunda', () => { n += 1; expect(n).toBe(2); });
  test('nunca passa', () => { expect(1).toBe(2); });
});
"""
_TWO = {"a.test.js": _CASES, "b.test.js": "test('b', () => { expect(2).toBe(2); });\n"}

SUITES = [
    Suite(name="jest", files=_TWO, command=_JEST, report="jest:report.json"),
    Suite(name="jest/verbose", files=_TWO, command=f"{_JEST} --verbose", report="jest:report.json"),
    Suite(
        name="jest/broken",
        files={**_TWO, "c.test.js": _BROKEN},
        command=_JEST,
        report="jest:report.json",
    ),
    Suite(
        name="jest/retries",
        files={
            "a.test.js": _RETRIES.replace(
                "retryTimes(2)", "retryTimes(2, {logErrorsBeforeRetry: true})"
            )
        },
        command=_JEST,
        report="jest:report.json",
    ),
    Suite(
        name="jest/colours",
        files=_TWO,
        command=_JEST,
        report="jest:report.json",
        environment={"FORCE_COLOR": "1"},
    ),
    Suite(
        name="jest/passing", files={"a.test.js": _PASSING}, command=_JEST, report="jest:report.json"
    ),
    Suite(name="vitest", files=_TWO, command=_RUN_VITEST, report="jest:report.json"),
    Suite(
        name="vitest/verbose",
        files=_TWO,
        command=_RUN_VITEST.replace("=default", "=verbose"),
        report="jest:report.json",
    ),
    Suite(
        name="vitest/broken",
        files={**_TWO, "c.test.js": _BROKEN},
        command=_RUN_VITEST,
        report="jest:report.json",
    ),
    Suite(
        name="vitest/retries",
        files={"a.test.js": _RETRIES.replace("  jest.retryTimes(2);\n", "")},
        command=f"{_RUN_VITEST} --retry=2",
        report="told: 1 failed, 1 passed, 1 flaky: pedido nunca passa",
    ),
    Suite(
        name="vitest/passing",
        files={"a.test.js": _PASSING},
        command=_RUN_VITEST,
        report="jest:report.json",
    ),
    *(
        Suite(
            name=f"mocha/{reporter}",
            files={"a.spec.js": _MOCHA},
            command=f"npx mocha --reporter {reporter} a.spec.js",
            again="npx mocha --reporter json a.spec.js > report.json",
            report="mocha:report.json",
        )
        for reporter in ("spec", "dot", "min", "list")
    ),
    Suite(
        name="mocha/passing",
        files={"a.spec.js": _PASSING.replace("test(", "it(").replace("expect(1).toBe(1);", "")},
        command="npx mocha a.spec.js",
        again="npx mocha --reporter json a.spec.js > report.json; sed -i -n '/^{$/,$p' report.json",
        report="mocha:report.json",
    ),
    *(
        Suite(
            name=f"node/{reporter}",
            files={"a.test.js": _NODE, "b.test.js": "require('node:test')('b', () => {});\n"},
            command=_NODE_ONCE.format(reporter) + _NODE_JUNIT,
            report="junit:report.xml",
        )
        for reporter in ("spec", "tap", "dot")
    ),
    Suite(
        name="node/passing",
        files={
            "a.test.js": "const test = require('node:test');\n"
            + _PASSING.replace("expect(1).toBe(1);", "")
        },
        command=_NODE_ONCE.format("spec") + _NODE_JUNIT,
        report="junit:report.xml",
    ),
    Suite(
        name="ava",
        files={"a.test.mjs": _AVA, "package.json": "{}"},
        command="npx ava a.test.mjs",
        again="npx ava --tap a.test.mjs > report.tap",
        report="told: 3 failed, 2 passed, 2 skipped: calcula o total; não cobra; soma 2 dá 5",
    ),
    Suite(
        name="ava/tap",
        files={"a.test.mjs": _AVA, "package.json": "{}"},
        command="npx ava --tap a.test.mjs",
        report="told: 3 failed, 2 passed, 2 skipped: calcula o total; não cobra; soma 2 dá 5",
    ),
    Suite(
        name="bun",
        files=_TWO,
        command="npx bun test --reporter=junit --reporter-outfile=report.xml",
        report="junit:report.xml",
    ),
    Suite(
        name="bun/broken",
        files={**_TWO, "c.test.js": _BROKEN},
        command="npx bun test --reporter=junit --reporter-outfile=report.xml",
        report="told: 3 failed, 5 passed, 1 skipped, 1 errored",
    ),
    Suite(
        name="deno",
        files={"a_test.ts": _DENO},
        command="npx deno test --junit-path=report.xml a_test.ts",
        report="junit:report.xml",
        environment={"NO_COLOR": "1"},
    ),
    Suite(
        name="playwright/list",
        files={"a.spec.js": _PLAYWRIGHT},
        command="npx playwright test --retries=1 --reporter=list,json",
        report="playwright:report.json",
        environment={"PLAYWRIGHT_JSON_OUTPUT_NAME": "report.json"},
    ),
    Suite(
        name="playwright/line",
        files={"a.spec.js": _PLAYWRIGHT},
        command="npx playwright test --reporter=line,json",
        report="playwright:report.json",
        environment={"PLAYWRIGHT_JSON_OUTPUT_NAME": "report.json"},
    ),
    Suite(
        name="tape",
        files={"a.js": _TAPE},
        command="node a.js",
        report="told: 2 failed, 1 passed: noventa; cobrou",
    ),
]
