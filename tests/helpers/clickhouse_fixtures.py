"""ClickHouse for tests: the real engine over HTTP and in process, and emptied stores on both."""

from functools import partial

import pytest

from tests.helpers.clickhouse import start_server, stop_server
from tests.helpers.waiting import WAIT


@pytest.fixture(scope="session")
def clickhouse_port(has_chdb, tmp_path_factory):
    """A ClickHouse over HTTP for all tests; each takes a database of its own."""
    server = start_server(tmp_path_factory.mktemp("clickhouse"))
    yield int(server.stdout.readline())
    stop_server(server)


@pytest.fixture(scope="session")
def clickhouse_table(clickhouse_port):
    yield from _table(f"clickhouse://127.0.0.1:{clickhouse_port}/contract")


@pytest.fixture(scope="session")
def chdb_table(has_chdb, tmp_path_factory):
    """In the one directory that the engine can have in this process."""
    path = tmp_path_factory.mktemp("chdb").as_posix()
    yield from _table(f"clickhouse+chdb://{path}?database=contract")


@pytest.fixture
def empty_clickhouse_store(clickhouse_table):
    return _emptied(*clickhouse_table)


@pytest.fixture
def empty_chdb_store(chdb_table):
    return _emptied(*chdb_table)


def _table(url):
    """A URL with a table of ours, and a function that runs statements there."""
    from genesis_mcp.stores import open_store
    from genesis_mcp.stores.clickhouse.address import parse_address
    from genesis_mcp.stores.clickhouse.connection import Connection

    connection = Connection(parse_address(url), WAIT)
    run = partial(connection.command, deadline=float("inf"))
    store = open_store(url)
    store.ensure_schema()
    store.close()
    # The tests' runs are of 2025: the 90 days of the documents would delete them meanwhile.
    run("ALTER TABLE contract.logs REMOVE TTL")
    yield url, run
    connection.close()


def _emptied(url, run):
    from genesis_mcp.stores import open_store

    run("TRUNCATE TABLE contract.logs")
    run("TRUNCATE TABLE contract.logs_notes")
    return open_store(url, timeout_seconds=WAIT)
