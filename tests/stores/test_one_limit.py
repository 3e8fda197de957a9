"""A time limit holds once for the whole of a call, by any way into any store, and side by side."""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import pytest

from genesis_mcp.cli.copy import CALL_SECONDS
from genesis_mcp.config import load_settings
from genesis_mcp.errors import GenesisError
from genesis_mcp.questions import arguments
from genesis_mcp.recording.writer import writer_at
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores import open_store
from tests.helpers.clickhouse import Server
from tests.helpers.command_line import cli, environment
from tests.helpers.slow_link import slow_link
from tests.helpers.waiting import WAIT, times

LIMIT = times(6, at_length=20)
"""Seconds. A limit that is paid twice, or waited for by one call after the other, takes twice as
long at least; else there is as much left for a busy machine."""

SLOW_SECONDS = 0.7
LINE = json.dumps({"spec_id": "soma", "exit_code": 1}).encode() + b"\n"
SILENT = ("mongodb", "clickhouse")


def a_run():
    return make_run({"spec_id": "soma", "exit_code": 1, "stderr": "boom"}, recorded_by="tests")


WAYS = {
    "recent_failures": lambda it: it.service.recent_failures(arguments.RecentFailures()),
    "logs_for_spec": lambda it: it.service.logs_for_spec(arguments.LogsForSpec(spec_id="soma")),
    "describe_logs": lambda it: it.service.describe_logs(arguments.DescribeLogs()),
    "get_run": lambda it: it.service.get_run(arguments.GetRun(run_id="soma#1")),
    "search_logs": lambda it: it.service.search_logs(arguments.SearchLogs(text="boom")),
    "compare_runs": lambda it: it.service.compare_runs(arguments.CompareRuns(spec_id="soma")),
    "record_run": lambda it: it.record_one(a_run()),
    "run": lambda it: it.record_or_keep(a_run()),
    "ingest": lambda it: it.record([a_run() for _ in range(5)]),
}
"""What the tools and commands do, in this process."""

COMMANDS = {
    "failures": (["failures"], None),
    "export": (["export"], None),
    "run": (["run", "--spec", "soma", "--", sys.executable, "-c", ""], None),
    "record": (["record"], LINE),
    "ingest": (["ingest"], LINE),
}


@pytest.fixture
def silent():
    """A port that takes connections, and that is all."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener


def address(scheme, listener):
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/limit"


def taken_side_by_side(url):
    """Seconds of each way, all of them begun at once."""
    writer = writer_at(load_settings({"store": url, "timeout_seconds": LIMIT}, {}))
    writer.inbox.keep([a_run()])  # whoever records delivers it first
    with closing(writer.service.store), ThreadPoolExecutor(len(WAYS)) as pool:
        began = [(name, pool.submit(seconds_of, way, writer)) for name, way in WAYS.items()]
        return {name: future.result(WAIT) for name, future in began}


def seconds_of(way, writer):
    began = time.monotonic()
    with suppress(GenesisError):
        way(writer)
    return time.monotonic() - began


def late(taken, limit=LIMIT):
    return {name: seconds for name, seconds in taken.items() if seconds >= 2 * limit}


@pytest.mark.parametrize("scheme", SILENT)
def test_nobody_waits_twice_for_a_silent_server(scheme, silent):
    assert late(taken_side_by_side(address(scheme, silent))) == {}


def test_nobody_waits_twice_for_a_file_that_is_locked(url, tmp_path):
    with closing(open_store(url)) as store:
        store.ensure_schema()
    with closing(sqlite3.connect(tmp_path / "logs.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert late(taken_side_by_side(url)) == {}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("engine", SILENT)
def test_nobody_waits_twice_behind_a_slow_link(engine, request):
    if engine == "mongodb":
        server = request.getfixturevalue("mongod")
    else:
        server = Server(request.getfixturevalue("clickhouse_port"))
    url = server.url(database="slow")
    with closing(open_store(url)) as store:
        store.ensure_schema()
    with slow_link(server.port, SLOW_SECONDS) as port:
        assert late(taken_side_by_side(url.replace(f":{server.port}/", f":{port}/"))) == {}


@contextmanager
def started(name, given, url):
    """A command that has its input, and is killed if it does not end by itself."""
    command = [sys.executable, "-m", "genesis_mcp", *name]
    variables = environment(url, GENESIS_TIMEOUT_SECONDS=str(LIMIT))
    with subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            process.stdin.write(given or b"")
            process.stdin.close()
            yield process
        finally:
            process.kill()


def seconds_since_connected(arguments_given, scheme, *, until_it_speaks=False):
    """From a command's first connection until its end, so that its start does not count."""
    command, given = arguments_given
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(WAIT)
        url = address(scheme, listener)
        filled = [one.format(url=url) for one in command]
        with started(filled, given, url) as process, listener.accept()[0]:
            began = time.monotonic()
            assert process.stderr.readline()
            if not until_it_speaks:
                process.wait(WAIT)
            return time.monotonic() - began


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("scheme", SILENT[: times(1, at_length=len(SILENT))])
def test_no_command_waits_twice_for_a_silent_server(scheme, url):
    assert cli("record", store_url=url, input=LINE).returncode == 0
    copies = {
        "copy --from": (["copy", "--from", "{url}", "--to", url], None),
        "copy --to": (["copy", "--from", url, "--to", "{url}"], None),
    }
    with ThreadPoolExecutor(len(COMMANDS) + len(copies)) as pool:
        taken = {
            name: pool.submit(seconds_since_connected, command, scheme)
            for name, command in COMMANDS.items()
        }
        copied = {
            name: pool.submit(seconds_since_connected, command, scheme, until_it_speaks=True)
            for name, command in copies.items()
        }
    assert late({name: one.result() for name, one in taken.items()}) == {}
    assert late({name: one.result() for name, one in copied.items()}, CALL_SECONDS) == {}
