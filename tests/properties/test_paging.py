"""Reading page by page visits each run once and ends, also while others record."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.runs.query import RunQuery
from tests.properties.strategies import queries, records
from tests.stores.contract.records import every_page, matches, newest_first


def recorded(store, runs):
    """Those of the runs that are new."""
    answers = zip(runs, store.insert(runs), strict=True)
    return [
        replace(run, iteration=answer.iteration)
        for run, answer in answers
        if answer.status == "recorded"
    ]


@given(runs=st.lists(records(), max_size=25), query=queries(), limit=st.sampled_from((1, 2, 5)))
def test_pages_visit_each_run_once_and_end(empty_store, runs, query, limit):
    with empty_store() as store:
        kept = recorded(store, runs)

        visited = every_page(store, replace(query, limit=limit, after=None))

        expected = [run.run_id for run in newest_first(kept) if matches(run, query)]
        assert [run.run_id for run in visited] == (
            expected[::-1] if query.oldest_first else expected
        )


@given(
    before=st.lists(records(), max_size=15),
    meanwhile=st.lists(records(), max_size=15),
    oldest_first=st.booleans(),
)
def test_runs_that_arrive_between_pages_take_none_away(
    empty_store, before, meanwhile, oldest_first
):
    with empty_store() as store:
        kept = recorded(store, before)
        query = RunQuery(suites=True, oldest_first=oldest_first, limit=2)
        first = store.find(query)
        recorded(store, meanwhile)

        rest = every_page(store, replace(query, after=first.next)) if first.next else []

        visited = [run.run_id for run in (*first.runs, *rest)]
        assert len(visited) == len(set(visited))
        assert {run.run_id for run in kept} <= set(visited)
