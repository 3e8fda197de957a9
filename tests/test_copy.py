"""Runs go from any store to any other, by copy and by pipe, and are the same when they come out."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.copying import Copying
from genesis_mcp.errors import InputError, SchemaMismatch, WriteNotAllowed
from genesis_mcp.export import export
from genesis_mcp.ingest import in_batches, read_lines
from genesis_mcp.models import TEXT_BYTES_MAX, Run, RunQuery, make_run, now
from genesis_mcp.service import Service
from genesis_mcp.stores import open_store
from genesis_mcp.stores.sqlite import SQLiteStore

from .conftest import mongodb_store
from .support import cli, environment

KINDS = ("sqlite", "clickhouse", "chdb", "mongodb")
START = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)


class Silent:
    def __init__(self):
        self.said = []

    def advance(self, runs):
        pass

    def say(self, sentence):
        self.said.append(sentence)


def copy(source, target, **options):
    copying = Copying(source, target, watcher=Silent(), **options)
    copying.prepare()
    return copying.run()


@pytest.fixture
def stores(request, tmp_path):
    """Empty stores by their kind, made when they are asked for; all are closed in the end."""
    opened = []

    def make(kind):
        if kind == "sqlite":
            store = SQLiteStore(tmp_path / f"{len(opened)}.db")
        elif kind == "mongodb":
            store = mongodb_store(request.getfixturevalue("mongod"), "copied")
        else:
            store = request.getfixturevalue(f"empty_{kind}_store")
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


def odd_runs():
    """Every field at its edges: absent against empty, 0 against null, capped texts, odd letters."""
    odd = "ação 😀 \u202e\u200b\ufeff\x1b[31m\r\n\x00 e\u0301 \ud800 \u2028 \U000e0041 \x85"
    records = [
        {"spec_id": "a", "exit_code": 0},
        {"spec_id": "a", "exit_code": 1, "stderr": odd, "stdout": odd, "code_snapshot": odd},
        {"spec_id": "a", "exit_code": 0, "iteration": 0, "duration_ms": 0},
        {"spec_id": "a", "exit_code": 3, "iteration": 2**32 - 1, "duration_ms": 2**32 - 1},
        {"spec_id": "a", "exit_code": -(2**31), "outcome": "failed"},
        {"spec_id": "a", "exit_code": 2**31 - 1, "level": "50"},
        {"spec_id": "a", "exit_code": -1, "outcome": "timeout", "message": "timed out after 60 s"},
        {"spec_id": "a", "exit_code": 127, "outcome": "not_started"},
        {"spec_id": "a", "exit_code": 0, "outcome": "failed", "stdout": "1 failed"},
        {"spec_id": "a", "exit_code": 5, "outcome": "passed"},
        {"spec_id": "a", "kind": "run", "outcome": "failed"},
        {"spec_id": "a", "kind": "run"},
        {"spec_id": "a", "stdout": "x"},
        {"kind": "run", "exit_code": 0},
        {"level": "info", "message": "Task recebida"},
        {"level": 50, "message": odd, "spec_id": "a"},
        {"level": "audit", "message": "nível próprio", "kind": "event"},
        {"level": "error", "message": "x", "kind": "event", "exit_code": 7, "stdout": "linha"},
        {"kind": "event"},
        {"spec_id": "a", "exit_code": 1, "stderr": "ç" * TEXT_BYTES_MAX, "message": "m"},
        {"spec_id": "a", "exit_code": 1, "code_snapshot": "x = 1\n" * 200_000},
        {"spec_id": "a", "exit_code": 1, "stdout": "\ufffd", "stdout_bytes": 1},
        {"spec_id": "a", "exit_code": 1, "stdout": "3", "stderr": "007", "message": "1.0"},
        {"spec_id": "a", "exit_code": 1, "stdout": "\n", "stderr": " ", "message": " "},
        {
            **{
                "spec_id": "espécie 日本 😀",
                "exit_code": 0,
                "sprint_id": "S/030#1%",
                "task_id": "7",
            },
            **{"service": 'a"b', "version": "1.0.0", "recorded_by": "it's"},
            "context": {
                **{"nulo": None, "vazio": "", "lista": [None, {}, [], ""], "grande": 2**80},
                **{"real": 0.1, "inteiro": 1, "um": 1.0, "$a.b": {"$oid": "x"}, odd[:4]: odd[5:20]},
            },
        },
    ]
    runs = []
    for number, record in enumerate(records):
        moment = START + timedelta(milliseconds=number * 333)
        fields = {"recorded_by": "odd", "run_id": f"run-{number:02d}", "timestamp": moment}
        run = make_run({**fields, **record}, recorded_by="odd")
        if run.stdout_bytes and record.get("stdout_bytes"):
            run = run.model_copy(update={"stdout_bytes": record["stdout_bytes"]})
        runs.append(run)
    at_the_edges = [(0, "first"), (7258118399999, "last")]
    runs += [
        make_run({"run_id": name, "timestamp": ms, "exit_code": 0}, recorded_by="odd")
        for ms, name in at_the_edges
    ]
    unnumbered = make_run({"spec_id": "b", "exit_code": 0, "timestamp": START}, recorded_by="odd")
    runs.append(unnumbered.model_copy(update={"run_id": "unnumbered", "iteration": None}))
    nobody = make_run({"spec_id": "c", "exit_code": 1, "timestamp": START}, recorded_by="odd")
    runs.append(nobody.model_copy(update={"run_id": "nobody", "recorded_by": None}))
    return runs


def contents(store):
    ids = [run.run_id for run in store.find(RunQuery(limit=1000)).runs]
    return {run.run_id: dict(run) for run in store.fetch(ids)}


def poured(lines, store):
    """What `genesis-mcp ingest` does with the lines of `genesis-mcp export`."""
    for batch in in_batches(read_lines(line.encode() + b"\n" for line in lines)):
        assert [line.rejected for line in batch if line.rejected] == []
        Service(store).record([line.run for line in batch])


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_gives_back_what_was_recorded_field_by_field(kind, stores):
    store = stores(kind)
    runs = odd_runs()
    inserted = {one.run_id: one for one in Service(store).record(runs)}
    stored = contents(store)
    assert inserted["unnumbered"].iteration is None
    for run in runs:
        expected = dict(run) | {"iteration": inserted[run.run_id].iteration}
        del expected["signature"], stored[run.run_id]["signature"]
        assert stored[run.run_id] == expected


@pytest.mark.parametrize("target_kind", KINDS)
@pytest.mark.parametrize("source_kind", KINDS)
def test_copy_and_pipe_make_the_same_runs_in_any_store(source_kind, target_kind, stores):
    source = stores(source_kind)
    Service(source).record(odd_runs())
    before = contents(source)
    assert len(before) == len(odd_runs())
    middle = stores("sqlite" if source_kind == target_kind else target_kind)
    poured(export(source), middle)
    assert contents(middle) == before
    back = stores("sqlite")
    copied = copy(middle, back)
    assert copied.faults == []
    assert (copied.recorded, copied.compared) == (len(before), len(before))
    assert contents(back) == before
    copied = copy(back, source)
    assert (copied.recorded, copied.already_there, copied.faults) == (0, len(before), [])
    assert contents(source) == before
