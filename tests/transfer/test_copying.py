"""Runs go from any store to any other, by copy and by pipe, and are the same when they come out."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from genesis_mcp.ingest import parse_object, run_of
from genesis_mcp.questions import Service
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import READ_FIELDS, RUN_FIELDS
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.stores import open_store
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.transfer.copying import Copying
from genesis_mcp.transfer.export import export
from tests.helpers.command_line import cli, environment
from tests.helpers.mongod import Mongod, mongodb_store

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
    records: list[dict[str, Any]] = [
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
            "spec_id": "espécie 日本 😀",
            "exit_code": 0,
            "sprint_id": "S/030#1%",
            "task_id": "7",
            "service": 'a"b',
            "version": "1.0.0",
            "recorded_by": "it's",
            "context": {
                "nulo": None,
                "vazio": "",
                "lista": [None, {}, [], ""],
                "grande": 2**80,
                "numeros": [0.1, 1, 1.0, -0.0, 1e300],
                "$a.b": {"$oid": "x"},
                odd[:4]: odd[5:16],
            },
        },
    ]
    runs = []
    for number, record in enumerate(records):
        moment = START + timedelta(milliseconds=number * 333)
        fields = {"recorded_by": "odd", "run_id": f"run-{number:02d}", "timestamp": moment}
        run = make_run({**fields, **record}, recorded_by="odd")
        if run.stdout_bytes and record.get("stdout_bytes"):
            run = replace(run, stdout_bytes=record["stdout_bytes"])
        runs.append(run)
    at_the_edges = [(0, "first"), (7258118399999, "last")]
    runs += [
        make_run({"run_id": name, "timestamp": ms, "exit_code": 0}, recorded_by="odd")
        for ms, name in at_the_edges
    ]
    unnumbered = make_run({"spec_id": "b", "exit_code": 0, "timestamp": START}, recorded_by="odd")
    runs.append(replace(unnumbered, run_id="unnumbered", wants_iteration=False))
    nobody = make_run({"spec_id": "c", "exit_code": 1, "timestamp": START}, recorded_by="odd")
    runs.append(replace(nobody, run_id="nobody", recorded_by=None))
    return runs


def fields_of(run):
    return {name: getattr(run, name) for name in RUN_FIELDS}


def contents(store):
    ids = [run.run_id for run in store.find(RunQuery(limit=1000)).runs]
    return {run.run_id: fields_of(run) for run in store.fetch(ids)}


def poured(lines, store):
    """What `genesis-mcp ingest` does with the lines of `genesis-mcp export`."""
    runs = [run_of(parse_object(line), recorded_by="genesis-mcp ingest") for line in lines]
    Service(store).record(runs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_gives_back_what_was_recorded_field_by_field(kind, stores):
    store = stores(kind)
    runs = odd_runs()
    inserted = {one.run_id: one for one in Service(store).record(runs)}
    stored = contents(store)
    assert inserted["unnumbered"].iteration is None
    for run in runs:
        expected = fields_of(run) | {"iteration": inserted[run.run_id].iteration}
        for name in READ_FIELDS:  # found in the texts when it was recorded
            del expected[name], stored[run.run_id][name]
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


def test_the_commands_make_the_same_runs_by_pipe(tmp_path, mongod):
    urls = [url_of(tmp_path / "from.db"), mongod.url("copied"), url_of(tmp_path / "to.db")]
    mongodb_store(mongod, "copied").close()
    with closing(open_store(urls[0])) as source:
        Service(source).record(odd_runs())
        before = contents(source)
    for source_url, target_url in pairwise(urls):
        exported = cli("export", store_url=source_url)
        assert (exported.returncode, exported.stderr) == (0, b"")
        done = cli("ingest", "--quiet", store_url=target_url, input=exported.stdout)
        assert (done.returncode, done.stderr) == (0, b"")
    with closing(open_store(urls[2])) as target:
        assert contents(target) == before


# --- rows of other writers ----------------------------------------------------------------------


def v1_0(number, **fields):
    """A document as the v1.0 logger writes it."""
    moment = START + timedelta(seconds=number)
    known = {"spec_id": "spec_a", "iteration": 1, "stdout": "", "stderr": "", "exit_code": 0}
    others = {"code_snapshot": None, "duration_ms": 5, "timestamp": moment, "sprint_id": None}
    return known | others | {"service": "genesis-pipeline", "version": "1.0.0"} | fields


def pino(number, **fields):
    """A line as pino-mongodb writes it."""
    moment = START + timedelta(seconds=number)
    return {"level": 30, "time": moment, "pid": 42, "hostname": "w-1", "msg": "Task"} | fields


DOCUMENTS = [
    v1_0(0, exit_code=1, stderr="TypeError: x is not a function\n    at a.js:1:2"),
    v1_0(1, iteration=None),
    v1_0(2, iteration="3", exit_code=-1),
    v1_0(3, exit_code=4294967295.0, stdout=b"bytes\xff"),
    v1_0(4, spec_id="s" * 300, sprint_id="S\n1", iteration=2**40, duration_ms=float("inf")),
    v1_0(5, _id="linha\num", stderr="x" * (2 * TEXT_BYTES_MAX)),
    v1_0(6, _id={"a": 1}, exit_code=None),
    pino(7, level=50, err={"type": "Error", "message": "socket", "stack": "Error: socket\n at x"}),
    pino(8, msg="Task concluída", taskId="t-1", extra={"deep": [1, None, {"x": 2.5}]}),
    pino(9, blob="x" * 20_000, small=1),
]


@pytest.mark.parametrize("target_kind", ["sqlite", "clickhouse", "chdb"])
def test_documents_of_other_writers_arrive(target_kind, stores, mongod):
    source = stores("mongodb")
    with mongod.client() as client:
        client.copied.logs.insert_many(dict(document) for document in DOCUMENTS)
    target = stores(target_kind)
    copied = copy(source, target)
    assert (copied.recorded, copied.compared, copied.faults) == (10, 10, [])
    assert copied.changed_to_fit == 2
    again = copy(source, target)
    assert (again.recorded, again.already_there, again.faults) == (0, 10, [])

    page = target.find(RunQuery(oldest_first=True)).runs
    runs = target.fetch([run.run_id for run in page])
    outcomes = ["failed", "passed", "killed", "killed", "passed", "passed", "unknown"]
    assert [run.outcome for run in runs] == [*outcomes, None, None, None]
    assert [run.iteration for run in runs[:5]] == [1, None, 3, 1, None]
    assert runs[0].signature.type == "TypeError"
    assert runs[3].stdout == "bytes\ufffd"
    assert runs[4].spec_id.startswith("ssss")
    assert len(runs[4].spec_id) <= 200
    assert runs[4].context["spec_id"] == "s" * 300
    assert (runs[4].sprint_id[:3], runs[4].context["sprint_id"]) == ("S 1", "S\n1")
    assert runs[5].context == {"run_id": "linha\num"}
    assert runs[5].stderr_bytes == 2 * TEXT_BYTES_MAX
    assert (runs[7].level, runs[7].stderr) == ("error", "Error: socket\n at x")
    assert runs[7].context["err"] == {"type": "Error", "message": "socket"}
    assert (runs[8].message, runs[8].context["taskId"]) == ("Task concluída", "t-1")
    assert runs[8].context["extra"] == {"deep": [1, None, {"x": 2.5}]}
    assert (runs[9].context["pid"], runs[9].context["left_out"]) == (42, ["blob"])


def test_what_was_copied_from_mongodb_is_known_there_again(stores, mongod):
    source, target = stores("mongodb"), stores("sqlite")
    with mongod.client() as client:
        client.copied.logs.insert_many(dict(document) for document in DOCUMENTS[:4])
    assert copy(source, target).recorded == 4
    back = copy(target, source)
    assert (back.recorded, back.already_there, back.conflicts) == (0, 4, 0)


@pytest.mark.parametrize("target_kind", KINDS)
@pytest.mark.parametrize("source_kind", KINDS)
def test_the_order_of_one_millisecond_survives_a_copy(source_kind, target_kind, stores):
    """Also where iterations came in another order than that of their numbers."""
    source = stores(source_kind)
    names = [f"{place * 37 % 101:03}" for place in range(40)]
    for place, name in enumerate(names):
        fields = {"run_id": name, "spec_id": "soma", "iteration": 40 - place, "exit_code": 1}
        source.insert([make_run({**fields, "timestamp": START}, recorded_by="test")])
    target = stores("sqlite" if source_kind == target_kind else target_kind)

    assert copy(source, target).faults == []

    for store in (source, target):
        listed = store.find(RunQuery(oldest_first=True, limit=100)).runs
        assert [run.run_id for run in listed] == names
    arrivals = [run.recorded_at for run in listed]
    assert arrivals == sorted(set(arrivals))
    assert min(arrivals) > max(run.recorded_at for run in source.find(RunQuery()).runs)


@pytest.mark.parametrize("indexed", [True, False])
def test_documents_of_one_and_the_same_millisecond_all_arrive(indexed, stores, mongod, tmp_path):
    database = "copied" if indexed else "bare"
    stores("mongodb")
    ids = [f"id-{number:05d}" for number in range(6_000)] + list(range(50))
    with mongod.client() as client:
        logs = client[database].logs
        logs.delete_many({})
        logs.insert_many(v1_0(0, _id=one) for one in ids)
        logs.insert_many(v1_0(0) for _ in range(6_000))
    with closing(open_store(mongod.url(database), timeout_seconds=60)) as source:
        copied = copy(source, stores("sqlite"))
        assert (copied.recorded, copied.already_there, copied.faults) == (12_050, 0, [])
        newest_first, query = [], RunQuery(limit=1000)
        while True:
            page = source.find(query)
            newest_first += [run.run_id for run in page.runs]
            if page.next is None:
                break
            query = replace(query, after=page.next)
    assert len(newest_first) == 12_050
    assert newest_first == sorted(set(newest_first), reverse=True)


TABLE_OF_V1_2 = """
CREATE TABLE v12.logs (
  timestamp DateTime64(3) DEFAULT now64(3), level LowCardinality(String), message String,
  spec_id LowCardinality(String), iteration UInt32, stdout String, stderr String,
  exit_code Int32, code_snapshot String, duration_ms UInt32, sprint_id LowCardinality(String),
  task_id LowCardinality(String), service LowCardinality(String) DEFAULT 'genesis-pipeline',
  version LowCardinality(String)
) ENGINE = MergeTree ORDER BY (timestamp, spec_id)"""

ROWS_OF_V1_2 = """
INSERT INTO v12.logs (timestamp, level, message, spec_id, iteration, stderr, exit_code, duration_ms)
VALUES
  ('2025-12-19 15:30:00.001', 'info', 'Task recebida', '', 0, '', 0, 0),
  ('2025-12-19 15:30:01.002', 'info', 'run', 'spec_a', 1, 'TypeError: x', 1, 1500),
  ('2025-12-19 15:30:02.003', '', '', 'spec_a', 0, '', 0, 900),
  ('2025-12-19 15:30:03.004', '50', 'Falha', '', 0, '', 0, 0),
  ('2025-12-19 15:30:04.005', '', '', 'spec_a', 2, '', -1, 60000)"""


@pytest.mark.parametrize("target_kind", ["sqlite", "mongodb", "chdb"])
def test_rows_of_the_documents_table_arrive(target_kind, stores, clickhouse_table):
    url, run = clickhouse_table
    for sql in ("CREATE DATABASE IF NOT EXISTS v12", "DROP TABLE IF EXISTS v12.logs"):
        run(sql)
    run(TABLE_OF_V1_2)
    run(ROWS_OF_V1_2)
    target = stores(target_kind)
    with closing(open_store(url.replace("/contract", "/v12"), read_only=True)) as source:
        for expected in ((5, 0), (0, 5)):
            copied = copy(source, target)
            assert (copied.recorded, copied.already_there) == expected
            assert (copied.compared, copied.faults) == (5, [])
    runs = target.find(RunQuery(oldest_first=True)).runs
    assert [run.kind for run in runs] == ["event", "run", "run", "event", "run"]
    assert [run.outcome for run in runs] == [None, "failed", "passed", None, "killed"]
    assert [run.iteration for run in runs] == [None, 1, None, None, 2]
    assert [run.failed for run in runs] == [False, True, False, True, True]


# --- stopped, disturbed, refused ----------------------------------------------------------------


def plain_runs(count, **fields):
    return [
        make_run(
            {"spec_id": f"s{number % 7}", "exit_code": number % 2, "stderr": f"erro {number}"}
            | {"timestamp": START + timedelta(seconds=number), "run_id": f"r{number:06d}"}
            | fields,
            recorded_by="test",
        )
        for number in range(count)
    ]


def url_of(path):
    return f"sqlite:///{path.as_posix()}"


@pytest.fixture
def filled(tmp_path):
    """A SQLite store with 6,000 runs; its URL."""
    with closing(SQLiteStore(tmp_path / "filled.db")) as store:
        Service(store).record(plain_runs(6_000))
    return url_of(tmp_path / "filled.db")


def copied_by_command(source, target, *arguments):
    return cli("copy", "--from", source, "--to", target, *arguments, store_url="sqlite:////unused")


def test_the_command_copies_and_tells(filled, mongod):
    mongodb_store(mongod, "copied").close()
    done = copied_by_command(filled, mongod.url("copied"))
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        "6,000 read, 6,000 recorded, 0 already there, 0 conflicts, 0 vanished, 0 changed to fit",
        "Verified: the source holds 6,000, the target 6,000; 200 compared field by field.",
    ]
    assert done.returncode == 0
    again = copied_by_command(filled, mongod.url("copied"), "--json")
    counts = json.loads(again.stdout)
    assert (counts["recorded"], counts["already_there"], counts["verified"]) == (0, 6000, True)
    newer = copied_by_command(filled, mongod.url("copied"), "--since", "2025-12-19T16:00:00Z")
    assert newer.stdout.startswith(b"4,200 read")


def test_a_copy_that_was_killed_is_finished_by_starting_it_again(filled, mongod):
    mongodb_store(mongod, "copied").close()
    url = mongod.url("copied")
    command = [sys.executable, "-m", "genesis_mcp", "copy", "--from", filled, "--to", url]
    with (
        mongod.client() as client,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment(filled)) as process,
    ):
        while not client.copied.logs.estimated_document_count() and process.poll() is None:
            pass
        process.kill()
    done = copied_by_command(filled, url)
    assert b"\nVerified: the source holds 6,000, the target 6,000;" in done.stdout
    assert done.returncode == 0


class Disturbing(Silent):
    """Does something once, after the first runs were copied."""

    def __init__(self, disturb):
        super().__init__()
        self.disturb = disturb

    def advance(self, runs):
        disturb, self.disturb = self.disturb, None
        if disturb:
            disturb()


def test_a_store_that_goes_down_is_waited_for_and_that_is_told(has_mongod, filled, tmp_path):
    with Mongod(tmp_path / "mongod") as server:
        with closing(mongodb_store(server, "copied")):
            pass
        url = server.url("copied", serverSelectionTimeoutMS=300)
        with (
            closing(open_store(filled)) as source,
            closing(open_store(url, timeout_seconds=2)) as target,
        ):
            restart = threading.Timer(4.0, server.start)

            def disturb():
                server.kill()
                restart.start()

            watcher = Disturbing(disturb)
            copying = Copying(source, target, watcher=watcher)
            assert copying.prepare() == 6_000
            copied = copying.run()
            restart.join()
            assert (copied.recorded + copied.already_there, copied.faults) == (6_000, [])
            assert watcher.said[0].startswith("the target: ")
            assert watcher.said[0].endswith(" Trying again in 1 s.")
            # The other way round: the source goes down.
            watcher = Disturbing(disturb)
            restart = threading.Timer(4.0, server.start)
            with closing(SQLiteStore(tmp_path / "back.db")) as back:
                copying = Copying(target, back, watcher=watcher)
                copying.prepare()
                assert copying.run().faults == []
            restart.join()
            assert watcher.said[0].startswith("the source: ")


def test_what_arrives_meanwhile_is_copied_when_it_is_newer_and_told_when_not(filled, tmp_path):
    with closing(open_store(filled)) as source, closing(SQLiteStore(tmp_path / "to.db")) as target:
        late = {"timestamp": START + timedelta(days=1), "run_id": "newer"}
        early = {"timestamp": START - timedelta(days=1), "run_id": "older"}
        arriving = [make_run(one | {"exit_code": 0}, recorded_by="x") for one in (late, early)]
        watcher = Disturbing(lambda: source.insert(arriving))
        copying = Copying(source, target, watcher=watcher)
        copying.prepare()
        copied = copying.run()
        assert copied.recorded == 6_001
        assert [run.run_id for run in target.fetch(["newer", "older"])] == ["newer"]
        assert copied.faults == [
            "The source holds 1 run more than were read. "
            "If they arrived meanwhile, the same command copies them; docs/copy.md tells of "
            "other reasons."
        ]
        assert (copy(source, target).recorded, len(target.fetch(["older"]))) == (1, 1)


def test_a_run_of_the_same_id_is_named_and_left_as_it_is(filled, tmp_path):
    other = plain_runs(8, stdout="outra")
    with closing(SQLiteStore(tmp_path / "to.db")) as target:
        target.insert(other)
        done = copied_by_command(filled, url_of(tmp_path / "to.db"))
        lines = done.stderr.decode().splitlines()
        assert lines[0] == "genesis-mcp: r000000: the target has another run of this id."
        assert lines[5] == "genesis-mcp: there are more conflicts; they are counted."
        assert len(lines) == 6
        assert done.stdout.startswith(b"6,000 read, 5,992 recorded, 0 already there, 8 conflicts")
        assert done.returncode == 2
        assert target.fetch(["r000003"])[0].stdout == "outra"


def test_the_same_store_on_both_sides_is_refused(filled):
    done = copied_by_command(filled, filled)
    assert done.stderr == b"genesis-mcp: --to: is the same store as --from; name another one.\n"
    assert done.returncode == 2


def test_a_store_that_is_not_there_is_told_at_once_and_nothing_is_made(filled, tmp_path):
    done = copied_by_command(url_of(tmp_path / "none.db"), url_of(tmp_path / "to.db"))
    assert done.stderr.startswith(b"genesis-mcp: --from: There is no store yet")
    assert done.returncode == 4
    assert not (tmp_path / "to.db").exists()
    done = copied_by_command(filled, "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300")
    assert done.stderr.startswith(b"genesis-mcp: --to: MongoDB cannot be reached")
    assert done.returncode == 4


def test_a_target_that_may_only_be_read_is_refused(has_mongod, filled, tmp_path):
    done = copied_by_command(filled, url_of(tmp_path / "to.db"), "--read-only")
    assert (done.returncode, (tmp_path / "to.db").exists()) == (3, False)
    with Mongod(tmp_path / "mongod", auth=True) as server:
        with server.client() as client:
            client.genesis.command("createUser", "reader", pwd="x", roles=["read"])
        done = copied_by_command(filled, server.url("genesis", user="reader", password="x"))
        assert b"may only read" in done.stderr
        assert done.returncode == 3


def test_a_target_of_a_newer_version_is_refused_and_left_alone(filled, tmp_path):
    with closing(SQLiteStore(tmp_path / "to.db")) as target:
        target.ensure_schema()
    with closing(sqlite3.connect(tmp_path / "to.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    done = copied_by_command(filled, url_of(tmp_path / "to.db"))
    assert done.stderr.startswith(b"genesis-mcp: --to: ")
    assert b"newer" in done.stderr
    assert done.returncode == 4


def test_the_documents_own_table_is_refused_as_a_target(filled, clickhouse_table):
    url, run = clickhouse_table
    for sql in ("CREATE DATABASE IF NOT EXISTS v12", "DROP TABLE IF EXISTS v12.logs"):
        run(sql)
    run(TABLE_OF_V1_2)
    done = copied_by_command(filled, url.replace("/contract", "/v12"))
    assert b'run "genesis-mcp init"' in done.stderr
    assert done.returncode == 4


def test_a_target_that_would_delete_what_is_old_is_not_filled_with_it(filled, clickhouse_table):
    url, run = clickhouse_table
    url = url.replace("/contract", "/expiring")
    run("DROP DATABASE IF EXISTS expiring")
    assert cli("init", store_url=url).returncode == 0
    done = copied_by_command(filled, url)
    assert done.stderr.decode() == (
        "genesis-mcp: The target deletes by itself what is older than 90 days, and the source has "
        "runs since 2025-12-19T15:30:00Z, which would not stay. Leave them out (--since 90d), or "
        "change the target first: docs/clickhouse.md and docs/mongodb.md say how.\n"
    )
    assert done.returncode == 2
    done = copied_by_command(filled, url, "--since", "89d")
    assert done.stdout.startswith(b"0 read")
    run("ALTER TABLE expiring.logs REMOVE TTL")
    done = copied_by_command(filled, url)
    assert b"\nVerified: the source holds 6,000, the target 6,000;" in done.stdout
    run("DROP DATABASE expiring SYNC")


MEASURED = """
import resource, sys
from genesis_mcp.cli.main import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_what_is_copied(tmp_path):
    text = "".join(chr(97 + place * place % 26) for place in range(1_000_000))
    peaks = []
    for count in (40, 200):
        path = tmp_path / f"{count}.db"
        with closing(SQLiteStore(path)) as source:
            for run in plain_runs(count, stdout=text):
                source.insert([run])
        to = url_of(tmp_path / f"copy-{count}.db")
        command = [sys.executable, "-c", MEASURED, "copy", "--from", url_of(path), "--to", to]
        done = subprocess.run(command, capture_output=True, check=True, env=environment(to))
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] < peaks[0] * 1.2


def test_on_a_terminal_there_is_a_bar(filled, tmp_path):
    ours, theirs = os.openpty()
    to = url_of(tmp_path / "to.db")
    command = [sys.executable, "-m", "genesis_mcp", "copy", "--from", filled, "--to", to]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment(to)) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # what Linux says when the other end is closed
            while more := os.read(ours, 65536):
                shown += more
    os.close(ours)
    assert process.returncode == 0
    assert b"copying  [####################################]  100%" in shown
