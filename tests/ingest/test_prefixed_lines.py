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
