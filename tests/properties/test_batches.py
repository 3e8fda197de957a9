"""What is recorded together in SQLite is as if recorded one by one, and the totals are right."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.runs.model import TEXTS
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.sqlite_file import checked_file, roll_ups
from tests.properties.strategies import BASE, queries, records
from tests.stores.contract.records import every_page, matches, newest_first


@given(
    batches=st.lists(st.lists(records(), max_size=8), max_size=5),
    forgotten=st.integers(0, 20),
    pruned=st.integers(0, 20),
)
def test_a_batch_leaves_the_totals_that_single_runs_leave(
    tmp_path_factory, batches, forgotten, pruned
):
    folder = tmp_path_factory.mktemp("batches")
    together, apart = folder / "together.db", folder / "apart.db"
    with closing(SQLiteStore(together)) as one, closing(SQLiteStore(apart)) as other:
        for store in (one, other):
            store.ensure_schema()
        for batch in batches:
            answers = one.insert(batch)
            single = [answer for run in batch for answer in other.insert([run])]
            assert [answer[:2] for answer in answers] == [answer[:2] for answer in single]
        assert roll_ups(together) == roll_ups(apart)
        ids = checked_file(together)
        assert checked_file(apart) == ids
        runs = [run for batch in batches for run in batch]
        first = {run.run_id: run for run in reversed(runs)}
        for stored in one.fetch(sorted(ids)):
            assert all(
                getattr(stored, name) == getattr(first[stored.run_id], name) for name in TEXTS
            )
        one.forget([run.run_id for run in runs[:forgotten]])
        checked_file(together)
        if pruned < len(runs):
            one.prune(runs[pruned].timestamp)
        checked_file(together)


@given(runs=st.lists(records(), max_size=25), query=queries(), limit=st.sampled_from((1, 2, 5)))
def test_the_order_of_a_list_is_kept_where_milliseconds_are_full(
    tmp_path_factory, runs, query, limit
):
    """As if each of two milliseconds had a million runs already, of which one is there."""
    path = tmp_path_factory.mktemp("full") / "logs.db"
    with closing(SQLiteStore(path)) as store:
        store.ensure_schema()
        _fill(path, milliseconds_since_1970(BASE))
        _fill(path, milliseconds_since_1970(BASE) + 1)
        answers = zip(runs, store.insert(runs), strict=True)
        kept = [
            replace(run, iteration=answer.iteration)
            for run, answer in answers
            if answer.status == "recorded"
        ]
        expected = [run.run_id for run in newest_first(kept) if matches(run, query)]

        visited = every_page(store, replace(query, limit=limit, after=None))

        shown = [run.run_id for run in visited if not run.run_id.startswith("full-")]
        assert shown == (expected[::-1] if query.oldest_first else expected)
        if visited:
            half = visited[len(visited) // 2]
            store.forget([half.run_id])
            left = every_page(store, replace(query, limit=limit, after=None))
            assert [one.run_id for one in left] == [
                one.run_id for one in visited if one.run_id != half.run_id
            ]


def _fill(path, milliseconds):
    last_id = milliseconds * 1_000_000 + 999_999
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO runs (id, run_id, timestamp, kind, message_bytes, stdout_bytes,"
            " stderr_bytes, code_bytes) VALUES (?, ?, ?, 'run', 0, 0, 0, 0)",
            (last_id, f"full-{milliseconds}", milliseconds),
        )
        connection.execute("INSERT INTO texts (id, packed) VALUES (?, '-,0,0,-\n')", (last_id,))
