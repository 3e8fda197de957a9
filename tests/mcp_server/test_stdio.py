"""The server as a process: what it writes to its pipes, its signals, its end, what it survives."""

import json
import re
import signal
import sqlite3
import subprocess
import sys

import pytest

from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.command_line import cli, environment
from tests.helpers.wire import Wire
from tests.mcp_server.test_tools import SOMA, TOOLS


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(["serve", "--read-only"], {}), ([], {"GENESIS_READ_ONLY": "1"})],
)
def test_read_only_takes_record_run_off_the_list(url, arguments, variables):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":0}')
    with Wire(url, *arguments, **variables) as wire:
        wire.initialize()
        names = [tool["name"] for tool in wire.request("tools/list")["result"]["tools"]]
        assert names == TOOLS[:-1]
        assert "1 run" in wire.text("describe_logs")
        assert wire.call("record_run", spec_id="x", exit_code=0)["isError"]


def test_who_recorded_a_run_is_the_client_that_did(url):
    with Wire(url) as wire:
        wire.initialize("claude-code")
        run_id = wire.call("record_run", spec_id="x", exit_code=0)["structuredContent"]["run_id"]
        assert "recorded_by: record_run (claude-code)" in wire.text("get_run", run_id=run_id)


def test_nothing_but_the_protocol_is_written_to_stdout(url):
    with Wire(url) as wire:
        assert wire.initialize()["serverInfo"]["name"] == "genesis-mcp"
        for line in (b"", b"not json", b"[]", b'{"jsonrpc":"2.0"}', b"\xff\xfe", b"{" * 5_000):
            wire.send_bytes(line)
        first = wire.send("tools/call", {"name": "recent_failures", "arguments": {}})
        while True:
            message = wire.receive()  # every line is JSON, or this raises
            assert message["jsonrpc"] == "2.0"
            if message.get("id") == first:
                break
        assert wire.close_input() == 0


@pytest.mark.parametrize("escape", [rb"\ud800", rb"\udc80 \ud83d"])
def test_a_lone_surrogate_gets_an_answer_and_the_server_lives(url, escape):
    with Wire(url) as wire:
        wire.initialize()
        for params, said in (
            (
                rb'{"name":"logs_for_spec","arguments":{"spec_id":"a%sb"}}',
                "spec_id: must be one line",
            ),
            (rb'{"name":"no_%s","arguments":{}}', "There is no tool no_"),
            (
                rb'{"name":"record_run","arguments":{"spec_id":"x","exit_code":1,"stderr":'
                rb'"Erro %s \\ud800 \ud83d\ude00"}}',
                "Recorded #1: failed",
            ),
        ):
            head = b'{"jsonrpc":"2.0","id":900,"method":"tools/call","params":'
            wire.send_bytes(head + params.replace(b"%s", escape) + b"}")
            assert wire.answer(900)["result"]["content"][0]["text"].startswith(said)
        assert "\ufffd \\ud800 \U0001f600" in wire.text("recent_failures")


def test_a_handshake_after_discovery_on_the_same_pipe_is_served(url):
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "slow", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    with Wire(url) as wire:
        discovered = wire.send("server/discover", {"_meta": meta})
        assert "supportedVersions" in wire.answer(discovered)["result"]
        assert wire.initialize()["protocolVersion"] == "2025-06-18"
        assert "store is empty" in wire.text("recent_failures")
        assert wire.close_input() == 0


def test_the_end_of_input_ends_the_server_with_0(url):
    with Wire(url) as wire:
        wire.initialize()
        assert wire.close_input() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_while_it_waits_for_input(url, number):
    with Wire(url) as wire:
        wire.initialize()
        wire.process.send_signal(number)
        assert wire.process.wait(20) == 0


def test_a_store_that_fails_is_told_and_works_again_when_it_is_mended(tmp_path, url):
    file = tmp_path / "logs.db"
    file.write_bytes(b"this is no database, " * 500)
    with Wire(url) as wire:
        wire.initialize()
        assert len(wire.request("tools/list")["result"]["tools"]) == len(TOOLS)
        for tool, arguments in (
            ("recent_failures", {}),
            ("record_run", {"spec_id": "x", "exit_code": 0}),
        ):
            answer = wire.call(tool, **arguments)
            said = answer["content"][0]["text"]
            assert answer["isError"]
            assert str(tmp_path) not in said
            assert "sqlite3" not in said
            assert len(said) < 400
        file.unlink()
        assert not wire.call("record_run", spec_id="x", exit_code=1).get("isError")
        assert "1 of 1 run failed" in wire.text("recent_failures")


def test_a_locked_store_is_told_in_time_and_loses_nothing(tmp_path, url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":0}')
    lock = sqlite3.connect(tmp_path / "logs.db", isolation_level=None)
    with Wire(url, GENESIS_TIMEOUT_SECONDS="0.5") as wire:
        wire.initialize()
        lock.execute("BEGIN IMMEDIATE")
        assert wire.call("record_run", spec_id="x", exit_code=1)["isError"]
        assert "1 run" in wire.text("describe_logs")  # readers do not wait for a writer
        lock.execute("ROLLBACK")
        lock.close()
        assert not wire.call("record_run", spec_id="x", exit_code=1).get("isError")
        assert "2 runs" in wire.text("describe_logs")


def test_calls_at_once_are_all_answered(url):
    with Wire(url) as wire:
        wire.initialize()
        params = {"name": "record_run", "arguments": {"spec_id": "x", "exit_code": 1}}
        wanted = {wire.send("tools/call", params) for _ in range(40)}
        iterations = set()
        while wanted:
            message = wire.receive()
            wanted.discard(message["id"])
            iterations.add(message["result"]["structuredContent"]["iteration"])
        assert iterations == set(range(1, 41))


def test_a_wrong_setting_ends_the_server_with_a_sentence_on_stderr(url):
    done = cli("serve", store_url=url, variables={"GENESIS_STOER": "x"}, stdin=None)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"GENESIS_STOER is no setting of genesis-mcp. Did you mean GENESIS_STORE?" in done.stderr


def test_the_server_needs_no_path_and_no_working_directory_of_its_own(tmp_path, url):
    with Wire(url, cwd=tmp_path.anchor, PATH="") as wire:
        wire.initialize()
        assert "store is empty" in wire.text("recent_failures")


def test_a_run_that_was_acknowledged_survives_the_death_of_the_server(tmp_path, url):
    acknowledged = set()
    for _ in range(3):
        with Wire(url) as wire:
            wire.initialize()
            params = {"name": "record_run", "arguments": {"spec_id": "x", "exit_code": 1}}
            for _ in range(30):
                wire.send("tools/call", params)
            for _ in range(10):  # the others are under way when it dies
                acknowledged.add(wire.receive()["result"]["structuredContent"]["run_id"])
            wire.process.kill()
    store = SQLiteStore(tmp_path / "logs.db")
    kept = {run.run_id for run in store.fetch(sorted(acknowledged))}
    store.close()
    assert kept == acknowledged
    assert len(acknowledged) == 30


def test_four_processes_write_while_the_server_reads_and_nothing_is_lost(tmp_path, url):
    records = b"".join(b'{"spec_id":"x","exit_code":1,"stdout":"%d"}\n' % n for n in range(400))
    ingest = [sys.executable, "-m", "genesis_mcp", "ingest", "--json"]
    with Wire(url) as wire:
        wire.initialize()
        writers = []
        for number in range(4):  # another spec each: the ids are made from the content
            file = tmp_path / f"runs{number}.ndjson"
            file.write_bytes(records.replace(b'"x"', b'"spec_%d"' % number))
            command = [*ingest, str(file)]
            writers.append(
                subprocess.Popen(command, env=environment(url), stdout=subprocess.DEVNULL)
            )
        reads = 0
        while any(writer.poll() is None for writer in writers):
            assert not wire.call("recent_failures").get("isError")
            reads += 1
        assert [writer.wait(60) for writer in writers] == [0] * 4
        described = wire.call("describe_logs")["structuredContent"]
        assert described["runs"] == described["failed"] == 1_600
        assert reads > 0


# --- waiting ------------------------------------------------------------------------------------


def waiting(wire, token=None, **arguments):
    meta = {"_meta": {"progressToken": token}} if token else {}
    return wire.send("tools/call", {"name": "wait_for_run", "arguments": arguments, **meta})


def test_a_wait_tells_of_its_progress_and_ends_when_its_time_is_over(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1,"run_id":"r1"}')
    with Wire(url) as wire:
        wire.initialize()
        request = waiting(wire, "t", spec_id="x", timeout_seconds=2.5)
        messages = [wire.receive()]
        while messages[-1].get("id") != request:
            messages.append(wire.receive())

        notes = [one["params"] for one in messages[:-1]]
        assert notes
        assert all(note["progressToken"] == "t" and note["total"] == 2.5 for note in notes)
        answer = messages[-1]["result"]["structuredContent"]
        assert answer["arrived"] is False
        assert "in 2.5 s; newest #1 failed, exit 1" in answer["summary"]
        assert answer["hint"] == 'wait_for_run(spec_id="x", after="x#1")'


def test_a_wait_for_a_spec_that_nobody_knows_sees_its_first_run(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    with Wire(url) as wire:
        wire.initialize()
        nothing = wire.call("wait_for_run", spec_id="x2", timeout_seconds=0)["structuredContent"]
        assert (nothing["arrived"], nothing["nearest_specs"]) == (False, ["x"])
        request = waiting(wire, spec_id="x2")
        wire.text("describe_logs")
        cli("record", store_url=url, input=b'{"spec_id":"x2","exit_code":0}')
        arrived = wire.answer(request)["result"]["structuredContent"]
        assert (arrived["arrived"], arrived["verdict"]) == (True, "first")


def test_many_waits_hold_up_nobody_and_can_be_cancelled(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    with Wire(url) as wire:
        wire.initialize()
        requests = [waiting(wire, spec_id="x", timeout_seconds=50) for _ in range(20)]
        assert "1 run" in wire.text("describe_logs")
        for request in requests[1:]:
            wire.send("notifications/cancelled", {"requestId": request}, notification=True)
        assert "1 run" in wire.text("describe_logs")
        cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":0}')
        arrived = wire.answer(requests[0])["result"]["structuredContent"]
        assert arrived["verdict"] == "fixed"
        waiting(wire, spec_id="x", timeout_seconds=50)
        assert wire.close_input() == 0


def test_runs_that_came_meanwhile_are_given_one_after_the_other(url):
    for number in range(3):
        record = {"spec_id": "x", "exit_code": number, "run_id": f"r{number}"}
        record["timestamp"] = f"2025-12-19T15:30:0{number}Z"
        cli("record", store_url=url, input=json.dumps(record).encode())
    with Wire(url) as wire:
        wire.initialize()
        first = wire.call("wait_for_run", spec_id="x", after="r0")["structuredContent"]
        assert (first["run_id"], first["verdict"]) == ("r1", "regressed")
        assert "1 newer run since" in first["summary"]
        second = wire.call("wait_for_run", spec_id="x", after="r1")["structuredContent"]
        assert (second["run_id"], second["verdict"]) == ("r2", "new error")
        wrong = wire.call("wait_for_run", spec_id="x", after="r9")
        assert wrong["content"][0]["text"].startswith("after: no run has this id.")


# --- what was stored is acknowledged ------------------------------------------------------------


def test_a_run_that_was_stored_is_acknowledged_also_when_its_history_cannot_be_read(tmp_path, url):
    with Wire(url) as wire:
        wire.initialize()
        wire.text("record_run", spec_id="soma", exit_code=1, stderr=SOMA)
        with sqlite3.connect(tmp_path / "logs.db") as damaged:
            damaged.execute("DROP TRIGGER runs_append_only")
            damaged.execute("PRAGMA ignore_check_constraints = 1")
            damaged.execute("UPDATE runs SET context = 'damaged'")
        damaged.close()
        told = wire.call("record_run", spec_id="soma", exit_code=1, stderr=SOMA, run_id="mine")
        assert not told.get("isError")
        text = told["content"][0]["text"]
        assert text.startswith("Recorded #2: failed, exit 1; its verdict is not known now.")
        assert "verdict" not in told["structuredContent"]
    with sqlite3.connect(tmp_path / "logs.db") as connection:
        assert ("mine",) in connection.execute("SELECT run_id FROM runs").fetchall()
    connection.close()


def test_a_run_that_could_not_be_stored_says_how_it_is_safe_to_repeat(tmp_path, url):
    with Wire(url) as wire:
        wire.initialize()
        wire.text("record_run", spec_id="soma", exit_code=0)
        with sqlite3.connect(tmp_path / "logs.db") as refusing:
            refusing.execute("BEGIN EXCLUSIVE")
            refused = wire.call("record_run", spec_id="soma", exit_code=1, stderr=SOMA)
            assert refused["isError"]
            [run_id] = re.findall(r"Repeat it with run_id=([0-9a-f-]{36}): ", str(refused))
            refusing.rollback()
        refusing.close()
        again = {"spec_id": "soma", "exit_code": 1, "stderr": SOMA, "run_id": run_id}
        assert wire.text("record_run", **again).startswith("Recorded #2")
        assert wire.text("record_run", **again).startswith("#2 was recorded already")
