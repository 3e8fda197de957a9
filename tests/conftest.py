"""The store of the contract suite, once for each engine, and what SQLite's tests share."""

import sqlite3
from contextlib import closing

import pytest

from tests.helpers.mongod import Mongod

pytest_plugins = ["tests.helpers.clickhouse_fixtures"]


@pytest.fixture(params=["sqlite", "clickhouse", "chdb", "mongodb", "mongodb-replica-set"])
def store(request, tmp_path):
    if request.param == "sqlite":
        from genesis_mcp.stores.sqlite import SQLiteStore

        opened = SQLiteStore(tmp_path / "logs.db")
    elif request.param.startswith("mongodb"):
        replica_set = request.param == "mongodb-replica-set"
        server = request.getfixturevalue("replica_set" if replica_set else "mongod")
        opened = mongodb_store(server, "contract")
    else:
        opened = request.getfixturevalue(f"empty_{request.param}_store")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def mongod(tmp_path_factory):
    """A MongoDB server without accounts."""
    with Mongod(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture(scope="session")
def replica_set(tmp_path_factory):
    """A MongoDB replica set of one member."""
    with Mongod(tmp_path_factory.mktemp("replica-set"), replica_set=True) as server:
        yield server


def mongodb_store(server, database, **options):
    """An empty store with our indexes: emptied, because making indexes anew takes seconds."""
    from genesis_mcp.stores import open_store

    with server.client() as client:
        client[database].logs.delete_many({})
    opened = open_store(server.url(database, **options))
    opened.ensure_schema()
    return opened


@pytest.fixture
def open_at():
    """Opens stores, which are closed after the test whatever becomes of it."""
    from genesis_mcp.stores import open_store

    opened = []

    def open_one(url, **options):
        opened.append(open_store(url, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


ROLL_UP = """
  sum(kind = 'run' AND NOT failed), sum(kind = 'run' AND failed),
  sum(kind = 'event' AND NOT failed), sum(kind = 'event' AND failed)"""


@pytest.fixture
def check_file():
    """Checks a SQLite store's file without our code: it is sound, and the roll-ups are right."""

    def check(path):
        with closing(sqlite3.connect(path)) as connection:
            rows = lambda sql: connection.execute(sql).fetchall()  # noqa: E731
            assert rows("PRAGMA integrity_check") == [("ok",)]
            assert rows("PRAGMA foreign_key_check") == []
            hours = f"SELECT timestamp / 3600000, {ROLL_UP} FROM runs GROUP BY 1 ORDER BY 1"
            assert rows("SELECT * FROM hours ORDER BY 1") == rows(hours)
            for field in ("spec_id", "service", "sprint_id", "task_id", "signature_group"):
                counted = f"SELECT '{field}', {field}, {ROLL_UP}, max(timestamp) FROM runs"
                assert rows(f"SELECT * FROM labels WHERE field = '{field}' ORDER BY value") == rows(
                    f"{counted} WHERE {field} IS NOT NULL GROUP BY 2 ORDER BY 2"
                )
            assert rows("SELECT id FROM texts EXCEPT SELECT id FROM runs") == []
            assert rows("SELECT id FROM runs EXCEPT SELECT id FROM texts") == []
            return {run_id for (run_id,) in rows("SELECT run_id FROM runs")}

    return check
