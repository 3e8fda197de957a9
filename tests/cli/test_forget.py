"""`genesis-mcp forget`: asked first, and gone from the store's file, its log and what is kept."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite.store import path_from_url
from tests.helpers.command_line import cli, environment
from tests.helpers.foreign import V1_0, V1_2
from tests.helpers.service import NOW, service_on
from tests.helpers.terminal import Terminal

SECRET = "segredo-que-vazou-8731"


def made(spec_id, run_id, **fields):
    texts: dict[str, Any] = {
        "stderr": f"ValueError: {SECRET}",
        "message": SECRET,
        "code_snapshot": SECRET,
    }
    texts |= {"stdout": f"{SECRET} " + "x" * 5_000, "context": {"token": SECRET}}
    known = {"spec_id": spec_id, "run_id": run_id, "exit_code": 1, "timestamp": NOW}
    return make_run({**known, **texts, **fields}, recorded_by="test")


@pytest.fixture
def filled(url, open_at):
    clean = {"stderr": "ValueError: x", "message": "m", "code_snapshot": "c", "stdout": "y"}
    service_on(open_at(url)).record(
        [made("a", "vazou-1"), made("a", "vazou-2"), made("b", "limpo-1", **clean, context=None)]
    )
    return url


def bytes_of(url):
    path = path_from_url(url)
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
    return b"".join(one.read_bytes() for one in files if one.exists())


def left(open_at, url):
    return sorted(run.run_id for run in open_at(url).find(RunQuery()).runs)


def test_the_bytes_are_gone_from_the_file(filled, open_at):
    assert SECRET.encode() in bytes_of(filled)
    done = cli("forget", "vazou-1", "vazou-2", "--yes", store_url=filled)
    assert done.returncode == 0, done.stderr
    assert b"2 records deleted." in done.stdout
    assert SECRET.encode() not in bytes_of(filled)
    assert left(open_at, filled) == ["limpo-1"]


def test_all_of_a_spec_goes(filled, open_at):
    done = cli("forget", "--spec", "a", "--yes", store_url=filled)
    assert b"2 records deleted." in done.stdout
    assert left(open_at, filled) == ["limpo-1"]
    assert open_at(filled).spec("a") is None


def test_in_a_pipe_nothing_is_deleted_unasked(filled, open_at):
    done = cli("forget", "a#1", store_url=filled)
    assert done.returncode == 2
    assert b"a #1: failed, exit 1, 2025-12-19T15:30:00Z, vazou-1" in done.stderr
    assert b"1 record would be deleted for good; --yes does it." in done.stderr
    assert len(left(open_at, filled)) == 3


@pytest.mark.skipif(os.name == "nt", reason="no terminals of our own")
@pytest.mark.parametrize(("typed", "number"), [("n\n", 3), ("y\n", 2)])
def test_at_a_terminal_it_asks(filled, open_at, typed, number):
    command = [sys.executable, "-m", "genesis_mcp", "forget", "vazou-2"]
    with Terminal(*command, env=environment(filled)) as terminal:
        terminal.until("Delete 1 record for good?")
        terminal.type(typed)
        terminal.to_the_end()
    assert len(left(open_at, filled)) == number


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Name the records to delete"),
        (("x", "--spec", "a"), 2, "Name the records to delete"),
        (("não-há", "--yes"), 0, "there is no such record"),
        (("vazou-1", "--yes", "--read-only"), 3, "read-only"),
    ],
)
def test_what_cannot_be_meant_is_refused(filled, open_at, arguments, code, said):
    done = cli("forget", *arguments, store_url=filled)
    assert (done.returncode, said in done.stderr.decode()) == (code, True)
    assert len(left(open_at, filled)) == 3


def test_kept_and_refused_runs_are_forgotten_too(filled, open_at):
    inbox = Inbox.of(filled, redacts=False)
    inbox.keep([made("a", "mantido-1"), made("b", "mantido-2", stderr="limpo", message="m",
                stdout="", code_snapshot=None, context=None)])  # fmt: skip
    inbox.refuse([(made("a", "recusado-1"), "não cabe")])

    done = cli("forget", "--spec", "a", "--yes", store_url=filled)

    assert b"4 records deleted." in done.stdout, done.stderr
    kept = b"".join(file.read_bytes() for file in Path.home().rglob("kept/**/*.ndjson"))
    assert SECRET.encode() not in kept
    assert b"mantido-2" in kept
    assert SECRET.encode() not in bytes_of(filled)
    cli("flush", store_url=filled)
    assert left(open_at, filled) == ["limpo-1", "mantido-2"]


@pytest.mark.parametrize("writer", ["v1_0", "v1_2"])
def test_what_others_wrote_can_be_forgotten(request, writer):
    theirs = (
        V1_0(request.getfixturevalue("mongod"))
        if writer == "v1_0"
        else V1_2(request.getfixturevalue("clickhouse_port"))
    )
    row = {"spec_id": "a", "exit_code": 1, "stderr": SECRET, "timestamp": NOW}
    theirs.write([row, {**row, "spec_id": "b", "stderr": "limpo"}])
    [secret] = theirs.store.find(RunQuery(spec_id="a")).runs
    assert theirs.store.forget([secret.run_id]).records == 1
    rest = theirs.store.fetch([run.run_id for run in theirs.store.find(RunQuery()).runs])
    theirs.close()
    assert [run.stderr for run in rest] == ["limpo"]
