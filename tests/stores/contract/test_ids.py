"""Runs are found by the beginning of their ids, and attempts that several runs have, everywhere."""

from genesis_mcp.runs.query import Attempt
from tests.stores.contract.records import run


def test_ids_are_found_by_their_beginning_in_order_and_no_more_than_asked(store):
    ids = [f"01a20040-b73c-74f{digit}-be04-d41627ac2953" for digit in "7312"]
    others = ["01a20040-b73d-7000-8000-000000000000", "01A20040-b73c", "x'; --", "ação_1", "ação-2"]
    store.insert([run(run_id=one) for one in [*ids, *others]])
    assert store.ids("01a20040-b73c", limit=10) == sorted(ids)
    assert store.ids("01a20040-b73c", limit=2) == sorted(ids)[:2]
    assert store.ids("01a20040-b73c-74f3", limit=10) == [ids[1]]
    assert store.ids(ids[0], limit=10) == [ids[0]]
    assert store.ids("ação", limit=10) == ["ação-2", "ação_1"]
    for nothing in ("01a20041", "x_", "%", "01a20040-b73c%", "\ud800", "x" * 5_000):
        assert store.ids(nothing, limit=10) == []


def test_attempts_that_several_runs_have_are_told_and_events_never_count(store):
    known = [("soma", 1), ("soma", 1), ("soma", 2), ("outra", 2), ("soma", 0), ("ação", 3)]
    store.insert([run(spec_id=spec_id, iteration=number) for spec_id, number in known])
    line = {"kind": "event", "exit_code": None, "outcome": None, "level": "error"}
    store.insert([run(spec_id="soma", iteration=number, **line) for number in (2, 2, 7, 7)])
    store.insert([run(spec_id="ação", iteration=3), run(spec_id="soma", iteration=None)])

    asked = [Attempt(*one) for one in known] + [Attempt("soma", 7), Attempt("outra", 1)]
    assert store.repeated(asked) == {Attempt("soma", 1), Attempt("ação", 3)}
    odd = [("", 1), ("soma", -1), ("soma", 2**40), ("\ud800", 1), ("x" * 5_000, 1)]
    assert store.repeated(Attempt(*one) for one in odd) == set()
    assert store.repeated([]) == set()
