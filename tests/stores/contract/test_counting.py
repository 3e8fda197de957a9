"""Counts say what `find` would give."""

from itertools import product

import pytest

from genesis_mcp.runs.query import Cursor, RunQuery
from tests.stores.contract.records import EVERYTHING, at, failure, record, run


@pytest.mark.parametrize(
    "query", [{}, {"spec_id": "a"}, {"failed": True}, {"text": "boom"}, {"task_id": "t"}]
)
def test_counts_stop_at_their_bound_or_are_exact(store, query):
    record(store, *(failure(spec_id="a", task_id="t") for _ in range(8)))

    for bound in (1, 7, 8, 9):
        assert store.count(RunQuery(**query), at_most=bound) in {min(bound, 8), 8}


def test_counts_do_not_mind_place_limit_or_order(store):
    record(store, *(failure(spec_id="a") for _ in range(5)))
    page = {"after": Cursor(at(0), 0, "x"), "limit": 1, "oldest_first": True}

    for query in ({}, {"spec_id": "a"}, {"text": "boom"}, {"spec_id": "a", "since": at(-1)}):
        assert store.count(RunQuery(**query, **page), at_most=EVERYTHING) == 5


def test_counts_over_hours_are_exact_at_both_ends(store):
    minutes = range(0, 300, 7)
    runs = record(store, *(run(timestamp=at(minute * 60_000)) for minute in minutes))

    for first, last in product((0, 1, 30, 31, 90, 150, 299), repeat=2):
        since, until = at(first * 60_000), at(last * 60_000)
        expected = sum(since <= one.timestamp < until for one in runs)
        assert store.count(RunQuery(since=since, until=until), at_most=EVERYTHING) == expected
