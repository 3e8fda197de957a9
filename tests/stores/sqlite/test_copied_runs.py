"""The copies of which benchmarks make a large store: the file is as if each had been recorded."""

import sqlite3
from contextlib import closing

from benchmarks.copied_runs import copy_runs
from benchmarks.seed import seed
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.rows import FACTS
from tests.stores.contract.records import every_page, ids

SMALL, LARGE = 100, 400


def rows(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_a_copied_store_is_as_if_each_run_had_been_recorded(tmp_path):
    small, large, recorded = (tmp_path / f"{name}.db" for name in ("small", "large", "recorded"))
    one = SQLiteStore(small)
    seed(one, SMALL)
    one.close()
    SQLiteStore(large).ensure_schema()

    copy_runs(small, large, LARGE)

    copied, again = SQLiteStore(large), SQLiteStore(recorded)
    for run in every_page(copied, RunQuery(oldest_first=True)):
        again.insert(copied.fetch([run.run_id]))
    tables = rows(large, "SELECT name FROM sqlite_master ORDER BY name")
    assert tables == rows(recorded, "SELECT name FROM sqlite_master ORDER BY name")
    facts = ", ".join(name for name in FACTS if name != "recorded_at")  # by the clock
    for what in (f"id, failed, {facts} FROM runs", "* FROM texts", "* FROM hours", "* FROM labels"):
        assert rows(large, f"SELECT {what}") == rows(recorded, f"SELECT {what}")
    assert len(rows(large, "SELECT id FROM runs")) == LARGE
    found = [ids(every_page(one, RunQuery(text="esperado"))) for one in (copied, again)]
    assert found[0] == found[1] != []
    assert rows(large, "PRAGMA integrity_check") == [("ok",)]
