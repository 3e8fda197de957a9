"""A run as a line of JSON: reading it gives the same run."""

import json

from hypothesis import given, settings
from hypothesis import strategies as some

from genesis_mcp.ingest import parse_object, run_of
from genesis_mcp.runs.model import RUN_FIELDS
from genesis_mcp.runs.record_line import as_line, run_from
from tests.helpers.any_run import runs


def parts(run):
    return {name: getattr(run, name) for name in (*RUN_FIELDS, "wants_iteration")}


@settings(deadline=None)
@given(runs())
def test_a_line_is_read_as_the_run_that_it_was_made_of(run):
    line = as_line(run)
    assert line.count(b"\n") == 1
    assert parts(run_from(json.loads(line), recorded_by="other")) == parts(run)


@settings(deadline=None)
@given(runs())
def test_ingest_reads_it_as_the_same_run(run):
    assert parts(run_of(parse_object(as_line(run)), recorded_by="other")) == parts(run)


@settings(deadline=None)
@given(some.floats(allow_nan=True), some.text(max_size=20))
def test_what_no_json_can_say_is_null(number, text):
    run = run_from({"exit_code": 0, "context": {"a": number, "b": text}}, recorded_by="test")
    [context] = [json.loads(as_line(run))["context"]]
    assert context["b"] == text
    assert context["a"] in (number, None)
