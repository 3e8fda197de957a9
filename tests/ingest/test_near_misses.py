"""Names that are nearly fields: refused where a person writes one record, told of a stream."""

import json

import pytest

from tests.helpers.command_line import cli, exported


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("exitcode", "exit_code"),
        ("exit-code", "exit_code"),
        ("Exit Code", "exit_code"),
        ("std_out", "stdout"),
        ("stdErr", "stderr"),
        ("spec", "spec_id"),
        ("iteratoin", "iteration"),
        ("duration", "duration_ms"),
        ("returncode", "exit_code"),
    ],
)
def test_a_record_by_hand_with_a_near_miss_is_refused(url, name, meant):
    record = {"spec_id": "a", "stderr": "x", name: 1}
    done = cli("record", store_url=url, input=json.dumps(record).encode())
    assert done.returncode == 2
    assert f"do you mean {meant}?".encode() in done.stderr


@pytest.mark.parametrize("record", [{}, {"foo": 1}, {"content": "x", "url": "y"}])
def test_what_has_no_field_is_no_record(url, record):
    done = cli("record", store_url=url, input=json.dumps(record).encode())
    assert done.returncode == 2
    assert b"no record" in done.stderr


@pytest.mark.parametrize(
    "record",
    [
        {"specId": "a", "exitCode": 1, "durationMs": 3, "sprintId": "s", "taskId": "t"},
        {"spec_id": "a", "resultado": {"exitCode": 1, "code": "soma(1)", "durationMs": 3}},
        {"spec_id": "a", "exit_code": 1, "content": "x", "messages": 2, "sessionId": "y"},
        {"spec_id": "a", "exit_code": 1, "code": "ENOENT"},
    ],
)
def test_other_names_are_taken_for_what_they_are(url, record):
    done = cli("record", store_url=url, input=json.dumps(record).encode())
    assert done.returncode == 0, done.stderr
    [run] = exported(url)
    assert (run["spec_id"], run["exit_code"]) == ("a", 1)


def test_a_stream_says_what_it_did_not_take(url):
    lines = [{"spec_id": "a", "exitcode": place, "exit_code": 1} for place in range(3)]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "{}\n"
    done = cli("ingest", "--json", store_url=url, input=text.encode())
    assert done.returncode == 0
    assert b"3 records: names that are nearly fields, and none: exit_code." in done.stderr
    assert json.loads(done.stdout)["recorded"] == 3
    assert json.loads(done.stdout)["other_lines"] == 1  # {} says nothing
