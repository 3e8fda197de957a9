"""Reads what the output of a run says of its tests, by all runners of the table."""

import hashlib
from collections.abc import Sequence

from genesis_mcp.diagnostics.prefixes import may_join, shown
from genesis_mcp.diagnostics.test_results.engine import read_runner
from genesis_mcp.diagnostics.test_results.report import (
    KEYS_MAX,
    MESSAGE_CHARS_MAX,
    NAME_CHARS_MAX,
    NAMES_MAX,
    NOT_TOLD,
    TEST_DIGITS,
    FailingTest,
    FoundTests,
)
from genesis_mcp.diagnostics.test_results.runner import Named, Runner, Told
from genesis_mcp.diagnostics.test_results.suite_text import read_suite
from genesis_mcp.diagnostics.test_results.table import RUNNERS
from genesis_mcp.text.clean import clean, clean_line
from genesis_mcp.text.literals import Literals
from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.redact import redact

YIELDS = {"tap": "node:test", "pest": "phpunit", "jasmine": "karma"}
"""Runners whose output another one, that is surer, may print as well."""

_LOOKED_FOR = Literals(hint for row in RUNNERS for hint in row.looked_for)
_RUNNERS_OF: dict[str, list[int]] = {}
for _number, _row in enumerate(RUNNERS):
    for _hint in _row.looked_for:
        _RUNNERS_OF.setdefault(_hint, []).append(_number)
_VOLATILE = pattern(
    r"\d(?:(?<=\b\d)(?:x[0-9a-f]{4,16}\b"
    r"|\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?)?|\d:\d\d:\d\d(?:[.,]\d+)?"
    r"|\d*(?:[.,]\d+)? ?(?:[mµn]?s|sec(?:ond)?s?)\b"
    r"|[0-9a-f]{7}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|[0-9a-f]{15,}\b))"
    r"|/tmp/\S*/|:\d+(?::\d+)?(?=\)?$|\s)"
)
"""What differs between two occurrences of one failure, as `diagnostics.normalise` has it, in one
pattern: thousands of messages are read at once."""


def read_tests(*, stdout: str, stderr: str, passed: bool = False) -> FoundTests | None:
    """What a run's raw output says of its tests; None when it says nothing.

    `passed`: its exit code says so; failures then count only where the runner itself surely counts
    them, since a test may print anything. Linear in the length of the texts.
    """
    if suite := read_suite(stdout):
        name, told_of_it = suite
        return _report({name: [told_of_it]})
    text = f"{stderr}\n{stdout}" if stderr and stdout else stderr or stdout
    hints = _LOOKED_FOR.within(text)
    if not hints:
        return None
    numbers = sorted({number for hint in hints for number in _RUNNERS_OF[hint]})
    text = clean(text)
    if not may_join(text):
        numbers = [number for number in numbers if RUNNERS[number].may_tell(text)]
    if not numbers:
        return None
    text = shown(text)
    told: dict[str, list[Told]] = {}
    for number in numbers:
        runner = RUNNERS[number]
        if YIELDS.get(runner.name) in told:
            continue
        runs = _runs(runner, text, passed=passed)
        if runs:
            told.setdefault(runner.name, []).extend(runs)
    return _report(told) if told else None


def _runs(runner: Runner, text: str, *, passed: bool) -> list[Told]:
    if runner.find:
        found = runner.find(text)
        runs = [found] if found else []
    else:
        runs = read_runner(runner, text)
    return [
        run for run in runs if not _fails(run) or (run.is_sure and (run.is_summed or not passed))
    ]


def _fails(run: Told) -> bool:
    return bool(run.counts.get("failed") or run.counts.get("errored"))


def _report(told: dict[str, list[Told]]) -> FoundTests:
    runs = [run for of_runner in told.values() for run in of_runner]
    failing = [one for run in runs for one in run.failing]
    failed, errored = _sum(runs, "failed"), _sum(runs, "errored")
    keys = tuple(dict.fromkeys(map(_key, failing[:KEYS_MAX])))
    is_complete = len(keys) == failed + errored <= KEYS_MAX
    return FoundTests(
        runner=" + ".join(told),
        passed=_sum(runs, "passed") if any("passed" in run.counts for run in runs) else None,
        failed=failed,
        errored=errored,
        skipped=_sum(runs, "skipped"),
        flaky=_sum(runs, "flaky"),
        failing=tuple(map(_failing, failing[:NAMES_MAX])),
        failing_keys=keys,
        flaky_tests=tuple(dict.fromkeys(name for run in runs for name in run.flaky))[:NAMES_MAX],
        is_complete=is_complete,
    )


def _sum(runs: Sequence[Told], key: str) -> int:
    return sum(run.counts.get(key, 0) for run in runs)


def _failing(one: Named) -> FailingTest:
    message = clean_line(redact(one.message), MESSAGE_CHARS_MAX)
    return FailingTest(
        name=clean_line(redact(one.name), NAME_CHARS_MAX) or "?",
        file=clean_line(one.file, NAME_CHARS_MAX) if one.file else None,
        line=one.line,
        message=message or None,
        suite=clean_line(one.suite, NAME_CHARS_MAX) if one.suite else None,
        key=_key(one),
    )


def _key(one: Named) -> str:
    """Of the test, and of how it failed; the same error at another line is the same."""
    file = (one.file or "").replace("\\", "/").rpartition("/")[2]
    test = _digest(f"{one.suite or ''}\n{file}\n{one.name}")[:TEST_DIGITS]
    if not one.message:
        return test + NOT_TOLD
    return test + _digest(_VOLATILE.sub("", one.message[:MESSAGE_CHARS_MAX]))[TEST_DIGITS:]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()
