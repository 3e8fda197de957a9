"""One rule for names: on every store, in each way in, and in a copy."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.ingest.records import run_of
from genesis_mcp.questions.arguments import DescribeLogs, LogsForSpec, RecordRun
from genesis_mcp.runs.conforming import fitted, make_run
from genesis_mcp.runs.fields import label
from genesis_mcp.runs.model import LABEL_CHARS_MAX
from genesis_mcp.runs.names import clean_name, named_exactly, shown_exactly
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.validation import parse
from tests.helpers.command_line import cli, exported
from tests.helpers.foreign import V1_0
from tests.helpers.service import NOW, service_on

NAMES = [
    (" carga ", "carga"),
    ("carga\n", "carga"),
    ("linha 1\nlinha 2", "linha 1 linha 2"),
    ("a\r\nb\tc", "a b c"),
    ("a\x00b\x1bc", "a b c"),
    ("so\u202ema\u200b", "soma"),
    ("dois  espaços", "dois  espaços"),
    ("meio \ud83d", "meio ?"),
    (7, "7"),
]
FIELDS = ["spec_id", "sprint_id", "task_id", "service", "version", "recorded_by"]


@pytest.mark.parametrize(("given_name", "kept"), NAMES)
@pytest.mark.parametrize("field", FIELDS)
def test_a_name_is_cleaned_and_kept(field, given_name, kept):
    run = make_run({"spec_id": "x", "exit_code": 1, field: given_name}, recorded_by="test")
    assert getattr(run, field) == kept


@given(st.text(st.characters(), max_size=300))
def test_a_clean_name_stays_and_is_one_line(text):
    name = clean_name(text)
    assert clean_name(name) == name
    assert len(name) <= LABEL_CHARS_MAX
    assert name == "" or label(name) == name  # what is kept can be asked for
    if name != text and text.strip():
        assert named_exactly(shown_exactly(text)) in (text, None)


def test_long_names_that_differ_at_the_end_stay_apart():
    one, other = clean_name("a" * 500 + "1"), clean_name("a" * 500 + "2")
    assert one != other
    assert len(one) == LABEL_CHARS_MAX


def test_every_store_keeps_the_same_name(store):
    service = service_on(store)
    given_names = {"spec_id": " car\nga ", "service": "a\tb", "sprint_id": "s" * 300}
    asked = {"exit_code": 1, "timestamp": NOW, **given_names}
    recorded = service.record_run(parse(RecordRun, asked), recorded_by="test")

    assert recorded.spec_id == "car ga"
    assert "cleaned to be a name: spec_id, sprint_id, service" in recorded.summary
    [run] = store.fetch([recorded.run_id])
    assert (run.spec_id, run.service) == ("car ga", "a b")
    page = service.logs_for_spec(parse(LogsForSpec, {"spec_id": "car ga"}))
    assert page.summary.startswith("1 run, 1 failed")


def test_a_line_break_in_a_name_does_not_lose_a_failing_run(url, tmp_path):
    record = {"spec_id": "carga\nalta", "service": "worker\n", "exit_code": 1, "stderr": "x"}
    (tmp_path / "runs.ndjson").write_text(json.dumps(record) + "\n", encoding="utf-8")
    done = cli("ingest", str(tmp_path / "runs.ndjson"), store_url=url)
    assert done.returncode == 0, done.stderr
    assert b"1 record: cleaned to be a name: spec_id, service." in done.stderr
    assert [(one["spec_id"], one["service"]) for one in exported(url)] == [("carga alta", "worker")]


def test_a_copy_keeps_the_clean_name_and_what_was_there(mongod):
    writer = V1_0(mongod)
    writer.write([{"spec_id": "carga ", "exit_code": 1, "timestamp": NOW, "service": "a\nb"}])
    [found] = writer.store.fetch([one.run_id for one in writer.store.find(RunQuery()).runs])
    kept = fitted(found)
    writer.close()
    assert (kept.spec_id, kept.service) == ("carga", "a b")
    assert kept.context is not None
    assert (kept.context["spec_id"], kept.context["service"]) == ("carga ", "a\nb")


def test_what_others_stored_uncleaned_is_listed_as_itself_and_can_be_asked_for(mongod):
    writer = V1_0(mongod)
    rows = [("carga", 0), ("carga ", 1), ("só\numa", 1)]
    writer.write({"spec_id": name, "exit_code": code, "timestamp": NOW} for name, code in rows)
    service = service_on(writer.store)

    listed = {spec.spec_id for spec in service.describe_logs(DescribeLogs()).specs}
    assert listed == {"carga", '"carga "', '"só\\numa"'}
    told = {
        name: service.logs_for_spec(parse(LogsForSpec, {"spec_id": name})).summary.split(";")[0]
        for name in listed
    }
    found = service.logs_for_spec(parse(LogsForSpec, {"spec_id": "só uma"}))
    writer.close()
    assert told == {
        "carga": "1 run, 0 failed",
        '"carga "': "1 run, 1 failed",
        '"só\\numa"': "1 run, 1 failed",
    }
    assert found.summary.startswith("1 run, 1 failed")
    assert found.spec_id == '"só\\numa"'


def test_a_record_with_any_names_is_a_run():
    run = run_of({"spec_id": "a\nb", "service": "\x00", "exit_code": 1}, recorded_by="test")
    assert (run.spec_id, run.service, run.exit_code) == ("a b", None, 1)
