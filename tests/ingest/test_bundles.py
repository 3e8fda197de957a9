"""Lines that hold several records: each is one, with what all of them share."""

import json

from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.runs.times import now


def events(*lines):
    stream = Stream(defaults={}, now=now, is_live=False)
    read = [Line(number, line.encode()) for number, line in enumerate(lines, 1)]
    return [item.run for line in read for item in stream.feed(line)] + [
        item.run for item in stream.end()
    ]


def record(body, level="ERROR"):
    return {
        "timeUnixNano": "1764068115000000000",
        "severityText": level,
        "body": {"stringValue": body},
    }


WHOLE = {"resourceLogs": [
    {"resource": {"attributes": [
        {"key": "service.name", "value": {"stringValue": "loja"}},
        {"key": "service.version", "value": {"stringValue": "2.1"}}]},
     "scopeLogs": [{"scope": {"name": "importa"},
                    "logRecords": [record("um"), record("dois", "INFO")]},
                   {"logRecords": [record("três")]}]},
    {"scopeLogs": [{"logRecords": [record("quatro", "WARN")]}]},
]}  # fmt: skip
TOLD = [("um", "error", "loja"), ("dois", "info", "loja"), ("três", "error", "loja"),
        ("quatro", "warn", None)]  # fmt: skip


def told(runs):
    return [(run.message, run.level, run.service) for run in runs]


def test_each_record_of_the_protocol_is_an_event_of_its_service():
    for line in (json.dumps(WHOLE), "worker-1  | " + json.dumps(WHOLE), "out " + json.dumps(WHOLE)):
        runs = events(line)
        assert told(runs) == TOLD
        assert len({run.run_id for run in runs}) == 4
    assert runs[0].version == "2.1"


def test_the_protocol_over_several_lines_is_read_as_in_one():
    assert told(events(*json.dumps(WHOLE, indent=2).split("\n"))) == TOLD


def test_each_record_of_a_list_is_an_event():
    line = json.dumps([{"level": 50, "msg": "um"}, {"level": "info", "message": "dois"}])
    assert [(run.message, run.level) for run in events(line)] == [("um", "error"), ("dois", "info")]
    spread = json.dumps([{"level": 50, "msg": "um"}], indent=2).split("\n")
    assert [(run.message, run.level) for run in events(*spread)] == [("um", "error")]


def test_what_only_looks_like_records_stays_as_it_is():
    for line in (
        "[1, 2]",
        "[]",
        '[{"a": 1}, 2]',
        '{"resourceLogs": 1}',
        '{"resourceLogs": [{',
        "[{}]",
    ):
        assert len(events(line)) == 1
