"""A ClickHouse of which each test takes the database `genesis` and leaves nothing behind."""

import pytest

from tests.helpers.clickhouse import Server

USERS = ("genesis_readonly", "genesis_reader", "genesis_writer", "genesis_keeper", "other")


@pytest.fixture
def server(clickhouse_port):
    server = Server(clickhouse_port)
    yield server
    server.run("DROP DATABASE IF EXISTS genesis SYNC")
    for user in USERS:
        server.run(f"DROP USER {user}")
