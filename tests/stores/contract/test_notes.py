"""People's notes: one beside an error, which nothing of the runs takes away."""

from datetime import timedelta

import pytest

from genesis_mcp.errors import SchemaMismatch, WriteNotAllowed
from genesis_mcp.runs.kept_note import NOTES_MAX, Note
from genesis_mcp.stores.contract import KeepsNotes
from genesis_mcp.stores.one_service import OneService
from tests.stores.contract.records import BASE, run


def a_note(**fields):
    known = {
        "group": "00112233445566aa",
        "version": 7,
        "text": "conhecido, chamado 12 ✓",
        "noted_at": BASE,
        "run_id": "r1",
        "witness": '{"stderr":"x"}',
    }
    return Note(**{**known, **fields})


@pytest.fixture
def keeper(store):
    store.ensure_schema()
    assert isinstance(store, KeepsNotes)
    return store


def test_a_note_is_kept_as_it_was_given_and_once_for_an_error(keeper):
    assert keeper.notes(current=7) == []
    keeper.keep_note(a_note(text="primeiro"))
    keeper.keep_note(a_note())
    other = a_note(group="ffee", noted_at=BASE + timedelta(seconds=1), run_id=None)
    keeper.keep_note(other)
    assert keeper.notes(current=None) == [other, a_note()]


def test_a_witness_comes_along_where_other_rules_made_the_key(keeper):
    older = a_note(group="01d", version=6, noted_at=BASE - timedelta(days=1))
    keeper.keep_note(a_note())
    keeper.keep_note(older)
    assert keeper.notes(current=7) == [a_note(witness=""), older]


def test_a_note_that_is_dropped_is_gone_and_may_come_again(keeper):
    keeper.keep_note(a_note())
    keeper.drop_note(a_note().group)
    keeper.drop_note("there is none")
    assert keeper.notes(current=None) == []
    keeper.keep_note(a_note(text="de novo"))
    assert [one.text for one in keeper.notes(current=None)] == ["de novo"]


def test_notes_outlive_the_runs(keeper):
    keeper.insert([run(run_id="r1", exit_code=1)])
    keeper.keep_note(a_note())
    keeper.forget(["r1"])
    keeper.prune(BASE + timedelta(days=1))
    assert keeper.notes(current=None) == [a_note()]


def test_the_newest_notes_are_told_and_one_service_reads_them_alone(keeper):
    for number in range(3):
        keeper.keep_note(a_note(group=f"{number}", noted_at=BASE + timedelta(seconds=number)))
    narrow = OneService(keeper, "api")
    assert [one.group for one in narrow.notes(current=7)] == ["2", "1", "0"]
    assert NOTES_MAX >= 100
    for write in (lambda: narrow.keep_note(a_note()), lambda: narrow.drop_note("0")):
        with pytest.raises(WriteNotAllowed):
            write()


def test_the_documents_own_table_has_no_place_for_notes_and_is_read_all_the_same(v1_2):
    assert v1_2.store.notes(current=7) == []
    with pytest.raises(SchemaMismatch, match="init"):
        v1_2.store.keep_note(a_note())
