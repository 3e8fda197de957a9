"""Runs are found by the beginning of their ids, on every store."""

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
