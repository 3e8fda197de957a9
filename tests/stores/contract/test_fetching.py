"""Whole runs, or as much of their texts as was asked for."""

import pytest

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from tests.helpers.reports import counts, report
from tests.stores.contract.records import event, facts_of, failure, record, run


def test_fetch_keeps_the_order_and_leaves_out_what_is_unknown(store):
    one, two, three = record(store, run(), failure(), event())

    wanted = [three.run_id, "unknown", one.run_id, two.run_id, one.run_id]

    assert store.fetch(wanted) == [three, one, two, one]
    assert store.fetch([]) == []


def test_fetch_shortens_long_texts_and_leaves_short_ones(store):
    text = "start " + "é" * 300_000 + " end"
    (one,) = record(store, run(stdout=text, stderr="short", message=text))

    (short,) = store.fetch([one.run_id], text_bytes=2000)

    assert len(short.stdout.encode()) <= 2000
    assert short.stdout.startswith("start ")
    assert short.stdout.endswith(" end")
    assert "left out" in short.stdout
    assert (short.stderr, short.code_snapshot) == ("short", None)
    assert short.stdout_bytes == len(text.encode())
    assert store.fetch([one.run_id], text_bytes=TEXT_BYTES_MAX) == [one]


@pytest.mark.parametrize("text_bytes", [1, 99, 100, 101, 150])
def test_fetch_may_shorten_to_almost_nothing(store, text_bytes):
    (one,) = record(store, run(stdout="x" * 5000))

    (short,) = store.fetch([one.run_id], text_bytes=text_bytes)

    assert len(short.stdout) <= max(text_bytes, 100)
    assert "left out" in short.stdout


def test_fetch_may_leave_the_texts_out(store):
    told = report("test_saque", 3)
    texts = {"message": "m", "stdout": "o" * 5000, "stderr": "e", "code_snapshot": "c"}
    whole = run(**texts, spec_id="a", **counts(told))
    record(store, whole)

    (bare,) = store.fetch([whole.run_id], text_bytes=0)

    assert facts_of(bare) == facts_of(store.find(RunQuery()).runs[0])
    assert isinstance(bare, Run)
    assert (bare.message, bare.stdout, bare.stderr, bare.code_snapshot) == (None, "", "", None)
    assert bare.stdout_bytes == 5000
    assert bare.tests == told
