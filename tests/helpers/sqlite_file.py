"""A SQLite store's file, looked at without our code."""

import sqlite3
from contextlib import closing

ROLL_UP = """
  sum(kind != 'event' AND NOT failed), sum(kind != 'event' AND failed),
  sum(kind = 'event' AND NOT failed), sum(kind = 'event' AND failed)"""


def checked_file(path):
    """The ids in a file that is sound, and whose roll-ups are right."""
    with closing(sqlite3.connect(path)) as connection:
        rows = lambda sql: connection.execute(sql).fetchall()  # noqa: E731
        assert rows("PRAGMA integrity_check") == [("ok",)]
        assert rows("PRAGMA foreign_key_check") == []
        hours = (
            f"SELECT timestamp / 3600000, {ROLL_UP} FROM runs WHERE kind != 'suite'"
            " GROUP BY 1 ORDER BY 1"
        )
        assert rows("SELECT * FROM hours ORDER BY 1") == rows(hours)
        for field in ("spec_id", "service", "sprint_id", "task_id", "signature_group"):
            counted = f"SELECT '{field}', {field}, {ROLL_UP}, max(timestamp) FROM runs"
            kinds = "run event suite" if field == "spec_id" else "run event"
            those = f"{field} IS NOT NULL AND instr('{kinds}', kind)"
            assert rows(f"SELECT * FROM labels WHERE field = '{field}' ORDER BY value") == rows(
                f"{counted} WHERE {those} GROUP BY 2 ORDER BY 2"
            )
        assert rows("SELECT id FROM texts EXCEPT SELECT id FROM runs") == []
        assert rows("SELECT id FROM runs EXCEPT SELECT id FROM texts") == []
        return {run_id for (run_id,) in rows("SELECT run_id FROM runs")}


def roll_ups(path):
    """Its totals by hour and by label."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("hours", "labels")
        ]
