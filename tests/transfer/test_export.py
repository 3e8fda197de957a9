"""Lines of JSON in and out: nothing vanishes uncounted, the same input is the same runs."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from genesis_mcp.ingest import run_of
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from tests.helpers.command_line import NOTHING, cli, exported, summary

DOCUMENT = {
    "spec_id": "spec_usuario_criar",
    "iteration": 2,
    "stdout": "Test started...\n",
    "stderr": "AssertionError: expected 5 to equal 4\n    at Context.<anonymous> (test.js:15:10)",
    "exit_code": 1,
    "code_snapshot": "function criar(dados) {\n  return { id: 1, ...dados };\n}",
    "duration_ms": 1523,
    "timestamp": "2025-12-19T15:30:00Z",
    "sprint_id": "S030",
    "task_id": "T03",
    "service": "genesis-pipeline",
    "version": "1.0.0",
}
"""The example of the specification, v1.0 section 3."""


def ndjson(*records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def test_the_documents_example_is_read_field_by_field(url):
    assert cli("ingest", store_url=url, input=ndjson(DOCUMENT)).returncode == 0
    [record] = exported(url)
    assert {name: record[name] for name in DOCUMENT} == DOCUMENT


def test_the_summary_counts_every_line(url):
    given = (
        b"\xef\xbb\xbf"
        + ndjson(DOCUMENT).replace(b"\n", b"\r\n")
        + b"\n   \nnot json\n[1]\n"
        + ndjson(DOCUMENT, {**DOCUMENT, "exit_code": "muito"}, {**DOCUMENT, "iteration": 3})
        + ndjson({"level": 30, "msg": "Task recebida"})
        + b'{"torn": '
    )
    done = cli("ingest", "--json", store_url=url, input=given)
    assert summary(done) == {**NOTHING, "read": 8, "recorded": 3, "events": 1, "other_lines": 3} | {
        "rejected": 1
    }
    assert done.returncode == 2
    assert "line 7: exit_code: must be a whole number" in done.stderr.decode()
    again = cli("ingest", "--json", store_url=url, input=given)
    assert summary(again) == {**NOTHING, "read": 8, "duplicates": 4, "other_lines": 3} | {
        "rejected": 1
    }


def test_the_same_input_twice_is_recorded_once(url, tmp_path):
    no_time = {"spec_id": "x", "exit_code": 0}
    given = ndjson(DOCUMENT, no_time, no_time)
    (tmp_path / "runs.ndjson").write_bytes(given)
    file = str(tmp_path / "runs.ndjson")
    first, again = (summary(cli("ingest", file, "--json", store_url=url)) for _ in range(2))
    assert first == {**NOTHING, "read": 3, "recorded": 3}
    assert again == {**NOTHING, "read": 3, "duplicates": 3}


def test_an_id_that_is_another_runs_is_rejected_and_the_rest_recorded(url):
    first, other = {**DOCUMENT, "run_id": "a"}, {**DOCUMENT, "run_id": "a", "exit_code": 0}
    done = cli(
        "ingest", "--json", store_url=url, input=ndjson(first, other, {**DOCUMENT, "run_id": "b"})
    )
    assert summary(done) == {**NOTHING, "read": 3, "recorded": 2, "rejected": 1}
    assert "line 2: run_id: is another run's already." in done.stderr.decode()


def test_what_comes_out_goes_in_again_as_the_same_runs(url, tmp_path):
    records = [
        DOCUMENT,
        {"spec_id": "lento", "exit_code": -1, "outcome": "timeout", "message": "timed out"},
        {"spec_id": "sem-saida", "kind": "run", "timestamp": "2025-12-19T15:31:00.123Z"},
        {"level": "error", "message": "Falha ao processar", "pid": 7, "spec_id": "x"},
        {"spec_id": "enorme", "exit_code": 1, "stdout": "linha ç\n" * 400_000},
        {"spec_id": "vazio", "exit_code": 0, "context": {"a": [1, {"b": None}]}},
    ]
    cli("ingest", store_url=url, input=ndjson(*records))
    other = f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
    out = cli("export", store_url=url).stdout
    done = cli("ingest", "--json", store_url=other, input=out)
    assert summary(done) == {**NOTHING, "read": 6, "recorded": 5, "events": 1}
    assert cli("export", store_url=other).stdout == out
    assert (
        cli("export", "--derived", store_url=other).stdout
        == cli("export", "--derived", store_url=url).stdout
    )


def test_fields_that_no_run_has_are_kept_in_the_context():
    run = run_of({**DOCUMENT, "hostname": "w1", "context": {"a": 1}}, recorded_by="test")
    assert run.context == {"a": 1, "hostname": "w1"}


def test_derived_fields_tell_what_this_package_makes_of_a_run(url):
    passed = {**DOCUMENT, "exit_code": 0, "stderr": "", "timestamp": "2025-12-19T15:40:00Z"}
    cli("ingest", store_url=url, input=ndjson(DOCUMENT, passed))
    failed, fixed = exported(url, "--derived")
    assert failed["outcome"] == "failed"
    assert failed["error_type"] == "AssertionError"
    assert failed["error_message"] == "expected 5 to equal 4"
    assert failed["error_location"] == "test.js:15"
    assert len(failed["signature_group"]) == len(failed["signature_exact"]) == 16
    assert (failed["verdict"], fixed["verdict"]) == ("first", "fixed")
    assert (fixed["outcome"], "error_type" in fixed) == ("passed", False)


def test_export_is_oldest_first_and_of_one_spec_when_asked(url):
    later = {**DOCUMENT, "timestamp": "2025-12-19T15:31:00Z", "spec_id": "b"}
    earlier = {**DOCUMENT, "timestamp": "2025-12-19T15:29:00Z"}
    cli("ingest", store_url=url, input=ndjson(later, DOCUMENT, earlier))
    assert [record["timestamp"][14:16] for record in exported(url)] == ["29", "30", "31"]
    assert [record["spec_id"] for record in exported(url, "--spec", "b")] == ["b"]


def test_export_goes_through_more_runs_than_one_page(url):
    cli("ingest", store_url=url, input=ndjson({"spec_id": "x", "exit_code": 0}) * 1_234)
    ids = [record["run_id"] for record in exported(url)]
    assert (len(ids), len(set(ids))) == (1_234, 1_234)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("exit_code", "1", 1),
        ("exit_code", 3.0, 3),
        ("iteration", None, None),
        ("duration_ms", 1523.7, 1524),
        ("level", 50, "error"),
        ("level", "WARN", "warn"),
        ("spec_id", "  com espaços  ", "com espaços"),
        ("spec_id", 12, "12"),
        ("timestamp", 1766158200000, datetime(2025, 12, 19, 15, 30, tzinfo=UTC)),
        ("timestamp", 1766158200, datetime(2025, 12, 19, 15, 30, tzinfo=UTC)),
        (
            "timestamp",
            "2025-12-19T12:30:00.123456-03:00",
            datetime(2025, 12, 19, 15, 30, 0, 123000, UTC),
        ),
        (
            "timestamp",
            {"$date": "2025-12-19T15:30:00Z"},
            datetime(2025, 12, 19, 15, 30, tzinfo=UTC),
        ),
        ("stdout", "a\x00b\ud800", "a\ufffdb\ufffd"),
        ("code_snapshot", "", None),
        ("message", "", None),
    ],
)
def test_values_are_taken_as_writers_write_them(field, value, kept):
    assert getattr(run_of({**DOCUMENT, field: value}, recorded_by="test"), field) == kept


@pytest.mark.parametrize(
    ("record", "kind", "outcome"),
    [
        ({"exit_code": 0}, "run", "passed"),
        ({"exit_code": 2}, "run", "failed"),
        ({"exit_code": -1}, "run", "killed"),
        ({"exit_code": -9, "stderr": "x"}, "run", "killed"),
        ({"exit_code": -2}, "run", "not_started"),
        ({"exit_code": -2, "stderr": "KeyboardInterrupt"}, "run", "killed"),
        ({"exit_code": -1, "outcome": "timeout"}, "run", "timeout"),
        ({"stdout": "x"}, "run", "unknown"),
        ({"level": "info", "message": "Task recebida"}, "event", None),
        ({"level": "info", "message": "Task concluída", "duration_ms": 5}, "event", None),
    ],
)
def test_a_record_is_a_run_or_an_event_by_what_it_tells(record, kind, outcome):
    run = run_of({"spec_id": "x", **record}, recorded_by="test")
    assert (run.kind, run.outcome) == (kind, outcome)


def test_an_event_of_the_documents_clickhouse_table_is_no_pass():
    row: dict[str, Any] = dict.fromkeys(("iteration", "exit_code", "duration_ms"), 0)
    row |= dict.fromkeys(("stdout", "stderr", "code_snapshot", "sprint_id"), "")
    row |= {"timestamp": "2025-12-19 15:30:00.123", "level": "info", "spec_id": "x"}
    event = run_of({**row, "message": "Task recebida"}, recorded_by="test")
    assert (event.kind, event.outcome, event.exit_code) == ("event", None, None)
    run = run_of({**row, "message": "m", "duration_ms": 3}, recorded_by="test")
    assert (run.kind, run.outcome) == ("run", "passed")


def test_a_text_over_the_limit_keeps_both_ends_and_its_true_length():
    text = "início " + "ç" * TEXT_BYTES_MAX + " fim"
    run = run_of({"spec_id": "x", "exit_code": 1, "stderr": text}, recorded_by="test")
    assert len(run.stderr.encode()) <= TEXT_BYTES_MAX
    assert run.stderr.startswith("início ç")
    assert run.stderr.endswith("ç fim")
    assert "\ufffd" not in run.stderr
    assert "bytes left out" in run.stderr
    assert run.stderr_bytes == len(text.encode())


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
def test_an_export_to_a_terminal_shows_nothing_that_a_terminal_acts_on(url):
    from tests.helpers.terminal import in_terminal

    hidden = "\x00\x07\x1b[2J\x1b]0;title\x07\x7f\x9b31m\u200b\u202e\u2066\U000e0041 \u2028 \ufeff."
    context = {"note": hidden}
    cli("ingest", store_url=url, input=ndjson({**DOCUMENT, "stdout": hidden, "context": context}))
    shown, code = in_terminal("export", store_url=url, columns=10_000)
    assert code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\U000e0041\ufeff]", shown)
    assert [json.loads(shown)] == exported(url)
