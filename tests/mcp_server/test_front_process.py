"""The server as a process while it is still being loaded: who is answered, and if that fails."""

import json
import signal
import subprocess
import sys

import pytest

from tests.helpers.command_line import environment
from tests.helpers.opening import LISTS, META, MODERN, handshake, modern, request
from tests.helpers.waiting import WAIT
from tests.helpers.wire import Wire

INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}

CALL = {"name": "logs_for_spec", "arguments": {"spec_id": "x"}}


@pytest.fixture
def slow_to_load(tmp_path):
    """Variables that put another SDK first, which fails once its gate, a file, is there."""
    package = tmp_path / "other" / "mcp"
    package.mkdir(parents=True)
    gate = tmp_path / "gate"
    (package / "__init__.py").write_text(
        "import pathlib, time\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n"
        "raise ImportError('half an installation')\n"
    )
    return {"PYTHONPATH": str(package.parent)}, gate


def printed(url, messages, **variables):
    """The lines that the server prints when its input is these messages and then ends."""
    done = subprocess.run(
        [sys.executable, "-m", "genesis_mcp", "serve"],
        input=b"".join(json.dumps(one).encode() + b"\n" for one in messages),
        capture_output=True,
        env=environment(url, **variables),
        timeout=WAIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return sorted(done.stdout.splitlines())


@pytest.mark.parametrize("read_only", ["0", "1"])
def test_both_eras_get_the_same_bytes_with_and_without_a_front(url, read_only):
    of_handshake = [handshake("2025-06-18"), INITIALIZED, request("ping")]
    of_handshake += [request(method, {}) for method in (*LISTS, "resources/list", "no/such")]
    of_modern = [modern(method) for method in ("server/discover", *LISTS, "ping")]
    for script, call in (
        (of_handshake, request("tools/call", CALL)),
        (of_modern, modern("tools/call", **CALL)),
    ):
        script.append(call)
        on, off = (
            printed(url, script, GENESIS_READ_ONLY=read_only, GENESIS_FRONT=front)
            for front in ("on", "off")
        )
        assert on == off
        assert len(on) == sum("id" in message for message in script)


def test_who_only_asks_for_lists_does_not_wait_for_the_sdk(url, slow_to_load):
    variables, _ = slow_to_load
    with Wire(url, "serve", **variables) as wire:
        assert wire.initialize()["protocolVersion"] == "2025-06-18"
        for method in LISTS:
            assert wire.request(method)["result"]
        assert wire.close_input() == 0


def test_who_waits_is_told_when_the_server_cannot_be_loaded(url, slow_to_load):
    variables, gate = slow_to_load
    with Wire(url, "serve", **variables) as wire:
        wire.initialize()
        waiting = wire.send("tools/call", CALL)
        assert wire.request("tools/list")["result"]  # what came later is answered meanwhile
        gate.touch()
        error = wire.answer(waiting)["error"]
        assert error["code"] == -32603
        assert "could not be loaded (ImportError)" in error["message"]
        assert wire.process.wait(WAIT) == 4
    assert wire.errors.startswith(b"genesis-mcp: Something went wrong inside (ImportError)")
    assert wire.errors.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_also_while_it_is_loaded(url, slow_to_load, number):
    variables, _ = slow_to_load
    with Wire(url, "serve", **variables) as wire:
        wire.initialize()
        wire.send("tools/call", CALL)
        wire.process.send_signal(number)
        assert wire.process.wait(WAIT) == 0
    assert wire.errors == b""


def test_a_list_that_depends_on_the_account_waits_for_the_store(tmp_path, slow_to_load):
    variables, gate = slow_to_load
    with Wire("mongodb://127.0.0.1:9/genesis", "serve", **variables) as wire:
        wire.initialize()
        asked = wire.send("tools/list")
        assert wire.request("prompts/list")["result"]
        gate.touch()
        assert "error" in wire.answer(asked)


def test_a_client_that_tries_discovery_first_is_known_by_its_handshake(url):
    """Its name stands in what it records, though the SDK has not seen its first two requests."""
    with Wire(url) as wire:
        meta = modern("server/discover")["params"]["_meta"]
        assert wire.request("server/discover", {"_meta": meta})["result"]["supportedVersions"]
        assert meta[f"{META}protocolVersion"] == MODERN
        wire.initialize("claude-code")
        run_id = wire.call("record_run", spec_id="x", exit_code=0)["structuredContent"]["run_id"]
        assert "recorded_by: record_run (claude-code)" in wire.text("get_run", run_id=run_id)
