"""The server as a process: every request gets an answer, also where its client is odd."""

import json
import signal
import subprocess
import sys

import pytest

from tests.helpers.command_line import cli, environment
from tests.helpers.waiting import WAIT
from tests.helpers.wire import Wire

HELLO = {
    "protocolVersion": "2025-03-26",
    "capabilities": {},
    "clientInfo": {"name": "odd", "version": "1"},
}


def request(number, method, params=None):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}}


def calling(number, tool, **arguments):
    return request(number, "tools/call", {"name": tool, "arguments": arguments})


def piped(url, *messages, **variables):
    """What the server prints when its input is these lines and then ends."""
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    done = subprocess.run(
        [sys.executable, "-m", "genesis_mcp", "serve"],
        input=b"\n".join([json.dumps(request(0, "initialize", HELLO)).encode(), *lines, b""]),
        capture_output=True,
        env=environment(url, **variables),
        timeout=WAIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()][1:]


def test_all_requests_are_answered_when_the_input_ends_behind_them(url):
    calls = [calling(number, "record_run", spec_id="x", exit_code=1) for number in range(1, 9)]
    answers = piped(url, *calls, request(9, "tools/list"))
    assert sorted(answer["id"] for answer in answers) == list(range(1, 10))
    assert all("result" in answer for answer in answers)


def test_a_wait_is_ended_with_the_input_and_says_so(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    [answer] = piped(url, calling("w", "wait_for_run", spec_id="x", timeout_seconds=50))
    assert (answer["id"], "error" in answer) == ("w", True)


def test_odd_requests_are_answered_and_the_next_one_as_ever(url):
    deep = b'{"jsonrpc":"2.0","id":"deep","method":"ping","params":{"a":%s}}'
    with Wire(url) as wire:
        wire.send_bytes(b"\xef\xbb\xbf" + json.dumps(request(100, "initialize", HELLO)).encode())
        assert wire.answer(100)["result"]["serverInfo"]["name"] == "genesis-mcp"
        for line, wanted in (
            (b"{", None),
            (deep % (b"[" * 3_000 + b"]" * 3_000), "deep"),
            (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', 7),
            (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 1.5),
            (b'{"id":8,"method":"ping"}', 8),
            (b'{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":{}}}', 9),
        ):
            wire.send_bytes(line)
            answer = wire.receive()
            assert (answer["id"], "error" in answer) == (wanted, True)
        assert "store is empty" in wire.text("recent_failures")
        assert wire.close_input() == 0


def test_the_answers_to_a_batch_are_one_array(url):
    with Wire(url) as wire:
        wire.initialize()
        batch = [
            calling(1, "describe_logs"),
            {"jsonrpc": "2.0", "method": "notifications/x"},
            {"jsonrpc": "2.0", "id": 2, "method": "ping", "params": []},
            request(3, "ping"),
        ]
        wire.send_bytes(json.dumps(batch).encode())
        answers = wire.receive()
        assert sorted(answer["id"] for answer in answers) == [1, 2, 3]
        assert [answer["id"] for answer in answers if "error" in answer] == [2]
        wire.send_bytes(b'[1,{"jsonrpc":"2.0","id":4}]')
        assert [answer["id"] for answer in wire.receive()] == [None, 4]
        wire.send_bytes(json.dumps([{"jsonrpc": "2.0", "method": "notifications/x"}]).encode())
        assert "store is empty" in wire.text("recent_failures")


def test_a_cancelled_request_holds_up_no_batch(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    with Wire(url) as wire:
        wire.initialize()
        wait = calling("w", "wait_for_run", spec_id="x", timeout_seconds=50)
        wire.send_bytes(json.dumps([wait, request("p", "ping")]).encode())
        wire.send("notifications/cancelled", {"requestId": "w"}, notification=True)
        while not isinstance(answers := wire.receive(), list):
            pass
        assert "p" in [answer["id"] for answer in answers]


@pytest.mark.parametrize("closed", [["stdout"], ["stdout", "stdin"]])
def test_a_client_that_closes_the_pipe_leaves_no_traceback(url, closed):
    with subprocess.Popen(
        [sys.executable, "-m", "genesis_mcp", "serve"],
        env=environment(url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as server:
        server.stdin.write(json.dumps(request(0, "initialize", HELLO)).encode() + b"\n")
        server.stdin.flush()
        assert server.stdout.readline()
        server.stdout.close()
        server.stdin.write(json.dumps(request(1, "ping")).encode() + b"\n")
        server.stdin.flush()
        if "stdin" in closed:
            server.stdin.close()
        assert server.wait(WAIT) == 0
        assert server.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("module", ["genesis_mcp.config", "mcp.server", "genesis_mcp.cli.exits"])
def test_an_interrupt_while_the_program_is_loaded_leaves_no_traceback(url, module):
    interrupting = f"""
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from genesis_mcp.__main__ import main
sys.exit(main(["serve"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", interrupting],
        env=environment(url, GENESIS_FRONT="off"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WAIT,
        check=False,
    )
    assert done.returncode in (130, -signal.SIGINT)
    assert done.stderr == b""
