"""The three stores that must agree."""

from contextlib import ExitStack, closing
from itertools import count

import pytest

from genesis_mcp.stores import open_store
from tests.helpers.mongod import mongodb_store


@pytest.fixture
def empty_stores(tmp_path, mongod, chdb_table):
    """A function that gives the three stores, empty; they are closed after the test."""
    url, run_on_clickhouse = chdb_table
    with ExitStack() as opened:
        mongodb = opened.enter_context(closing(mongodb_store(mongod, "properties")))
        clickhouse = opened.enter_context(closing(open_store(url)))
        number = count()

        def emptied():
            file = tmp_path / f"{next(number)}.db"
            with mongod.client() as client:
                client["properties"].logs.delete_many({})
                client["properties"].logs_iterations.delete_many({})
            run_on_clickhouse("TRUNCATE TABLE contract.logs")
            sqlite = opened.enter_context(closing(open_store(f"sqlite:///{file.as_posix()}")))
            return {"sqlite": sqlite, "mongodb": mongodb, "clickhouse": clickhouse}

        yield emptied


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A function that gives an empty SQLite store, to be closed."""
    folder, number = tmp_path_factory.mktemp("properties"), count()

    def opened():
        return closing(open_store(f"sqlite:///{(folder / str(next(number))).as_posix()}.db"))

    return opened
