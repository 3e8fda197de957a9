"""What goes wrong with ClickHouse: each fault has its sentence, in time, and leaves nothing."""

import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from genesis_mcp.errors import (
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.clickhouse import Server, start_server, stop_server
from tests.helpers.waiting import WAIT, until


def told(ask):
    """The error that a call raises; in time, and without a word of the driver's."""
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        ask()
    assert time.monotonic() - began < WAIT
    said = str(caught.value)
    for foreign in ("http", "127.0.0.1", "urllib3", "DB::", "Code:", "Exception", "s3nh4"):
        assert foreign not in said.replace("HTTP interface", "")
    return caught.value


def find(store):
    return store.find(RunQuery(limit=1))


@pytest.fixture
def made(server, open_at):
    """A table of ours with one run."""
    store = open_at(server.url())
    store.ensure_schema()
    store.insert([make_run({"spec_id": "a", "exit_code": 1, "stderr": "x"}, recorded_by="tests")])
    return server


# --- the connection -----------------------------------------------------------------------------


@contextmanager
def peer(behaviour):
    """A listener that does `behaviour` with each connection that it accepts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = []

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                behaviour(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"clickhouse://u:s3nh4@127.0.0.1:{listener.getsockname()[1]}/genesis"
        for connection in connections:
            connection.close()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=WAIT)
    assert not thread.is_alive()


def read_request(connection):
    connection.settimeout(10)
    while b"\r\n\r\n" not in connection.recv(65_536):
        pass


def test_nobody_listens(open_at):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    error = told(lambda: find(open_at(f"clickhouse://u:s3nh4@127.0.0.1:{port}/genesis")))

    assert isinstance(error, StoreUnavailable)
    assert "cannot be reached" in str(error)


def test_the_host_has_no_such_name(open_at):
    error = told(lambda: find(open_at("clickhouse://u:s3nh4@no-such-host.invalid/genesis")))

    assert "name of the store's host" in str(error)


def test_a_peer_that_never_answers(open_at):
    with peer(lambda _: None) as url:
        error = told(lambda: find(open_at(url, timeout_seconds=1)))

    assert isinstance(error, StoreTimeout)
    assert "time limit" in str(error)


def test_calls_on_a_silent_peer_wait_side_by_side(open_at):
    with peer(lambda _: None) as url:
        store = open_at(url, timeout_seconds=1)
        with ThreadPoolExecutor(100) as pool:  # one behind the other they would take 200 s
            errors = list(pool.map(lambda _: told(lambda: find(store)), range(100), timeout=WAIT))
    assert {type(error) for error in errors} == {StoreTimeout}


def test_a_server_that_falls_silent_between_two_calls(has_chdb, tmp_path, open_at):
    process = start_server(tmp_path)
    url = Server(int(process.stdout.readline())).url()
    open_at(url).ensure_schema()
    store = open_at(url, timeout_seconds=3)
    until(lambda: works(lambda: find(store)))
    process.send_signal(signal.SIGSTOP)
    try:
        assert isinstance(told(lambda: find(store)), StoreTimeout)
    finally:
        process.send_signal(signal.SIGCONT)
    until(lambda: works(lambda: find(store)))
    stop_server(process)


def works(ask):
    """Whether a call works again."""
    try:
        ask()
    except StoreError:
        return False
    return True


def test_half_an_answer(open_at):
    def answer(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")
        connection.close()

    with peer(answer) as url:
        error = told(lambda: find(open_at(url)))

    assert isinstance(error, StoreUnavailable)
    assert "broke off" in str(error)


def test_another_server_than_clickhouse(open_at):
    def answer(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")

    with peer(answer) as url:
        error = told(lambda: find(open_at(url)))

    assert "not ClickHouse's HTTP interface" in str(error)


def test_a_server_that_was_killed_is_used_again_when_it_is_back(has_chdb, tmp_path, open_at):
    process = start_server(tmp_path)
    port = int(process.stdout.readline())
    store = open_at(Server(port).url(database="other"))
    store.ensure_schema()
    store.insert([make_run({"exit_code": 0}, recorded_by="tests")])

    process.kill()
    process.wait(timeout=WAIT)
    for ask in (find, lambda store: store.insert([make_run({}, recorded_by="tests")])):
        assert isinstance(told(lambda: ask(store)), StoreUnavailable)  # noqa: B023
    process.stdin.close()
    process.stdout.close()

    process = start_server(tmp_path, port)
    assert int(process.stdout.readline()) == port
    assert len(find(store).runs) == 1
    stop_server(process)


# --- the account --------------------------------------------------------------------------------


def account(server, settings="", grants="SELECT ON genesis.logs"):
    server.run(
        f"CREATE USER other IDENTIFIED BY 's3nh4'{' SETTINGS ' if settings else ''}{settings}"
    )
    if grants:
        server.run(f"GRANT {grants} TO other")
    return server.url("other:s3nh4")


def test_a_wrong_password(made, open_at):
    assert "refused the login" in str(told(lambda: find(open_at(made.url("default:s3nh4")))))


def test_no_right_to_read(made, open_at):
    store = open_at(account(made, grants="SELECT ON genesis.nothing"))

    assert "grant it SELECT" in str(told(lambda: find(store)))

    made.run("GRANT SELECT ON genesis.logs TO other")
    assert len(find(store).runs) == 1


@pytest.mark.parametrize("settings", ["", "readonly = 1", "readonly = 2"])
def test_an_account_that_may_only_read(made, open_at, settings):
    store = open_at(account(made, settings))
    assert len(find(store).runs) == 1

    with pytest.raises(WriteNotAllowed, match="may only read"):
        store.insert([make_run({}, recorded_by="tests")])


NO_MEMORY = "max_memory_usage = 1000, max_untracked_memory = 1"
"""Of which every byte counts: an engine need not look at the first megabytes."""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (f"readonly = 1, {NO_MEMORY}", "more memory"),
        (NO_MEMORY, "more memory"),
        ("readonly = 1, max_bytes_to_read = 1", "limits of the ClickHouse account"),
        ("readonly = 1, max_result_rows = 1", "limits of the ClickHouse account"),
    ],
)
def test_the_limits_of_an_account(made, open_at, settings, said):
    assert said in str(told(lambda: find(open_at(account(made, settings)))))


def test_the_quota_of_an_account(made, open_at):
    url = account(made)
    made.run("CREATE QUOTA few FOR INTERVAL 1 hour MAX queries = 1 TO other")

    assert "used up its quota" in str(told(lambda: find(open_at(url))))


# --- the table ----------------------------------------------------------------------------------


def test_no_database_and_no_table(server, open_at):
    store = open_at(server.url())
    for ask in (find, lambda store: store.insert([make_run({}, recorded_by="tests")])):
        assert 'run "genesis-mcp init"' in str(told(lambda: ask(store)))  # noqa: B023
    server.run("CREATE DATABASE genesis")
    assert 'run "genesis-mcp init"' in str(told(lambda: find(store)))

    assert "Created the table." in open_at(server.url()).ensure_schema()

    assert find(store).runs == ()


def test_a_table_that_loses_a_column_while_it_is_used(made, open_at):
    store = open_at(made.url())
    assert len(find(store).runs) == 1
    made.run("RENAME TABLE genesis.logs TO genesis.away")
    assert 'run "genesis-mcp init"' in str(told(lambda: find(store)))
    made.run("CREATE TABLE genesis.logs (timestamp DateTime64(3), level String)"
             " ENGINE = MergeTree ORDER BY timestamp")  # fmt: skip

    assert "changed while it was in use" in str(told(lambda: find(store)))
    assert "lacks columns of the documents" in str(told(lambda: find(store)))

    made.run("DROP TABLE genesis.logs SYNC")
    made.run("RENAME TABLE genesis.away TO genesis.logs")
    assert len(find(store).runs) == 1


def slow_table(server):
    """A table of which every read takes far longer than any limit here."""
    server.run("CREATE DATABASE slow")
    columns = server.run(
        "SELECT arrayStringConcat(groupArray(name), ', ') FROM system.columns"
        " WHERE database = 'genesis' AND table = 'logs'"
    )
    server.run(
        f"CREATE VIEW slow.logs AS SELECT {columns.strip()} FROM genesis.logs"
        " CROSS JOIN numbers(1000000000000) AS n WHERE n.number % 2 = 0"
    )


def running(server):
    return int(server.run("SELECT count() FROM system.processes WHERE query LIKE '%`slow`.logs%'"
                          " AND query NOT LIKE '%system.processes%'"))  # fmt: skip


@pytest.mark.parametrize("settings", ["", "readonly = 1"])
def test_a_query_that_takes_too_long_is_given_up_and_does_not_go_on(made, open_at, settings):
    slow_table(made)
    try:
        url = account(made, settings, "SELECT ON *.*").replace("/genesis", "/slow")
        store = open_at(url, timeout_seconds=1)

        assert isinstance(told(lambda: find(store)), StoreTimeout)

        until(lambda: not running(made), "a query is left running")
    finally:
        made.run("DROP DATABASE slow SYNC")


def test_threads_share_one_store(made, open_at):
    store = open_at(made.url())

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: find(store), range(32), timeout=WAIT))

    assert {len(page.runs) for page in pages} == {1}


# --- embedded -----------------------------------------------------------------------------------

HOLD = """
import sys
from genesis_mcp.stores import open_store
store = open_store(sys.argv[1])
store.ensure_schema()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_directory_that_another_process_has_open(has_chdb, tmp_path):
    url = f"clickhouse+chdb://{(tmp_path / 'embedded').as_posix()}"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert holder.stdout.readline() == "open\n"
    ask = [sys.executable, "-m", "genesis_mcp", "describe", "--store", url]

    refused = subprocess.run(ask, capture_output=True, text=True, timeout=WAIT)
    stop_server(holder)
    answered = subprocess.run(ask, capture_output=True, text=True, timeout=WAIT)

    assert refused.returncode == 4
    assert "another process has it open" in refused.stderr
    assert answered.returncode == 0
    assert "Nothing was recorded yet" in answered.stdout


def test_nothing_is_connected_before_the_first_call():
    open_store("clickhouse://no-such-host.invalid/genesis").close()
    open_store("clickhouse+chdb:///no/such/directory").close()
