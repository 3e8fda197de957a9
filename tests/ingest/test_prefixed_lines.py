"""Lines of a logger behind what pods, processes, units and containers put before them."""

import json
from datetime import UTC, datetime

import pytest

from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.stream import Stream

LINE = json.dumps({"level": 50, "time": 1795635001000, "err": {"message": "no cpf"}, "msg": "x"})


def read(*lines: str):
    stream = Stream(defaults={}, now=lambda: datetime(2026, 11, 25, tzinfo=UTC), is_live=False)
    items = []
    for number, line in enumerate(lines, 1):
        items += stream.feed(Line(number, line.encode()))
    return [item.run for item in [*items, *stream.end()]]


@pytest.mark.parametrize(
    ("prefix", "source"),
    [
        ("[pod/worker-7cf-nk5kr/worker] ", "pod/worker-7cf-nk5kr/worker"),
        ("0|worker   | ", "worker"),
        ("0|worker   | 2026-11-25T10:55:10: ", "worker"),
        ("Nov 25 10:55:10 vm3 node[4121]: ", "node"),
    ],
)
def test_a_record_behind_a_prefix_is_read_and_keeps_its_source(prefix, source):
    (run,) = read(prefix + LINE)
    assert (run.kind, run.level) == ("event", "error")
    assert run.context["container"] == source


def test_a_record_behind_any_other_short_prefix_is_read():
    (run,) = read(f"worker out {LINE}")
    assert run.level == "error"


def test_an_object_in_a_sentence_is_no_record():
    (run,) = read('sent {"a": 1}')
    assert run.message == 'sent {"a": 1}'


def test_a_line_in_a_log_of_docker_is_read_and_has_its_time():
    text = {"log": "started\n", "stream": "stdout", "time": "2026-11-25T10:55:10.123Z"}
    logged, plain = read(json.dumps({**text, "log": LINE + "\n"}), json.dumps(text))
    assert logged.level == "error"
    assert (plain.message, plain.timestamp.isoformat()[:19]) == ("started", "2026-11-25T10:55:10")


STAMP = "2026-11-25T10:55:10.123456789Z"


def test_lines_that_a_runtime_cut_are_read_as_one():
    halves = [LINE[:30], LINE[30:60], LINE[60:]]
    marked = zip(halves, "PPF", strict=True)
    lines = [f"{STAMP} stderr {mark} {half}" for half, mark in marked]
    other = f"{STAMP} stdout F started"
    for order in (lines, [lines[0], other, *lines[1:]]):
        runs = read(*order)
        assert [run.level for run in runs if run.level] == ["error"]
        assert len(runs) == len(order) - 2


def test_records_of_docker_whose_line_goes_on_are_read_as_one():
    parts = [LINE[:30], LINE[30:] + "\n"]
    lines = [json.dumps({"log": part, "stream": "stderr", "time": STAMP}) for part in parts]
    (run,) = read(*lines)
    assert (run.level, run.message) == ("error", "x")


def test_a_line_that_is_never_finished_is_kept():
    (run,) = read(f"{STAMP} stdout P half of it")
    assert run.message == "half of it"


def test_a_traceback_behind_a_runtimes_marks_is_one_event():
    traceback = ("Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 1")
    (run,) = read(*(f"{STAMP} stderr F {line}" for line in traceback))
    assert run.level == "error"
