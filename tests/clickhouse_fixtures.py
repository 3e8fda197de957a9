"""ClickHouse for tests: the real engine over HTTP and in process, and emptied stores on both."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest


@pytest.fixture(scope="session")
def has_chdb():
    """The engine of ClickHouse, from PyPI; where the tests must be complete, it must be there."""
    if find_spec("chdb") is None:
        if os.environ.get("CI"):
            pytest.fail("The tests of ClickHouse need the package chdb.")
        pytest.skip("The tests of ClickHouse need the package chdb.")


@pytest.fixture(scope="session")
def clickhouse_port(has_chdb, tmp_path_factory):
    """A ClickHouse over HTTP for all tests; each takes a database of its own."""
    server = start_server(tmp_path_factory.mktemp("clickhouse"))
    yield int(server.stdout.readline())
    stop_server(server)


def start_server(directory, *port):
    """A process whose first line of output is its port."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.clickhouse_http", str(directory), *map(str, port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def stop_server(server):
    server.stdin.close()
    server.stdout.close()
    server.wait(timeout=30)


@pytest.fixture(scope="session")
def clickhouse_url(clickhouse_port):
    url = f"clickhouse://127.0.0.1:{clickhouse_port}/contract"
    _make_table(url)
    return url


@pytest.fixture(scope="session")
def chdb_url(has_chdb, tmp_path_factory):
    """In the one directory that the engine can have in this process."""
    url = f"clickhouse+chdb://{tmp_path_factory.mktemp('chdb').as_posix()}?database=contract"
    _make_table(url)
    return url


@pytest.fixture
def empty_clickhouse_store(clickhouse_url):
    return _emptied(clickhouse_url)


@pytest.fixture
def empty_chdb_store(chdb_url):
    return _emptied(chdb_url)


def _make_table(url):
    from genesis_mcp.stores import open_store

    store = open_store(url)
    store.ensure_schema()
    store.close()
    # The tests' runs are of 2025: the 90 days of the documents would delete them meanwhile.
    _run_statement(url, "ALTER TABLE contract.logs REMOVE TTL")


def _emptied(url):
    from genesis_mcp.stores import open_store

    _run_statement(url, "TRUNCATE TABLE contract.logs")
    return open_store(url)


def _run_statement(url, sql):
    from genesis_mcp.stores.clickhouse.address import parse_address
    from genesis_mcp.stores.clickhouse.connection import Connection

    connection = Connection(parse_address(url), 10)
    connection.command(sql, deadline=float("inf"))
    connection.close()
