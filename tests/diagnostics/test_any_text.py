"""Texts of what the recognisers look for, in any order: reading them breaks nothing and stays sane.

`HYPOTHESIS_PROFILE=long` tries more of them, and others each time.
"""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as some

from benchmarks.hostile_text import PIECES
from genesis_mcp.diagnostics.finding import TIERS, find_error
from genesis_mcp.diagnostics.test_results.reader import read_tests
from genesis_mcp.diagnostics.test_results.table import RUNNERS
from genesis_mcp.ingest.lines import Lines
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import now
from genesis_mcp.text.clean import clean
from tests.helpers.waiting import times

TRIED = times(40, at_length=2_000)

ROWS = [row for tier in TIERS for row in tier]
PRINTED = [example.printed for row in ROWS for example in row.examples]
PRINTED += [example[0] for runner in RUNNERS for example in runner.examples]
LINES = sorted({line for printed in PRINTED for line in printed.split("\n")})
HINTS = sorted({hint for row in ROWS for hint in row.hints if hint})
RECORDS = ['{"level":50,"time":1766158200000,"msg":"x"}', '{"spec_id":"s","exit_code":1}', '{"a":']
BEFORE = ["", "", "api-1  | ", "2026-01-01T00:00:00Z ", "[INFO] ", "\x1b[31m", "  ", "E   ", "> "]

pieces = some.one_of(
    some.sampled_from(LINES),
    some.sampled_from(HINTS),
    some.sampled_from([*PIECES.values(), *RECORDS]),
    some.text(max_size=8),
)
lines = some.builds(
    str.__add__, some.sampled_from(BEFORE), some.lists(pieces, max_size=3).map("".join)
)
texts = some.lists(lines, max_size=25).map("\n".join)
tried = settings(max_examples=TRIED, deadline=None, derandomize=TRIED < 100, database=None)


@tried
@example("", "\n--trace-uncaught", True)
@given(texts, texts, some.booleans())
def test_the_error_of_any_text_is_one_line_of_it(stdout, stderr, guess):
    found = find_error(stdout=stdout, stderr=stderr, guess=guess)
    if found is None:
        return
    assert 1 <= len(found.message) <= 300
    assert clean(found.message) == found.message
    assert "\n" not in found.message
    whole = clean({"stdout": stdout, "stderr": stderr}[found.stream]).split("\n")
    assert 0 <= found.line_number < len(whole)


@tried
@given(texts, texts)
def test_the_tests_of_any_text_can_be_counted(stdout, stderr):
    found = read_tests(stdout=stdout, stderr=stderr)
    if found is None:
        return
    counts = (found.passed or 0, found.failed, found.errored, found.skipped, found.flaky)
    assert min(counts) >= 0
    assert not found.is_complete or len(found.failing_keys) <= found.failed + found.errored
    for one in found.failing:
        assert one.name.strip()
        assert not re.search("[\x00-\x1f\x7f-\x9f]", one.name)


@tried
@given(texts, some.integers(-1, 2))
def test_any_text_is_recorded_and_signed_the_same_each_time(text, code):
    run = make_run(
        {"run_id": "r", "timestamp": now(), "stderr": text, "exit_code": code}, recorded_by=""
    )
    signed = sign(run)
    assert sign(run) == signed
    assert signed.stderr == run.stderr


@tried
@given(texts)
def test_no_line_of_any_stream_is_told_twice(text):
    reading, stream, items = Lines(), Stream(defaults={}, now=now, is_live=False), []
    data = text.encode("utf-8", "replace")
    for line in [*reading.feed(data), *reading.end()]:
        items += stream.feed(line)
    items += stream.end()
    assert sum(item.lines for item in items) <= len(data.split(b"\n"))
    assert sum(item.size for item in items) <= len(data)
    assert all(item.run or item.rejected for item in items)
    ids = [item.run.run_id for item in items if item.run]
    assert len(set(ids)) == len(ids)
