"""Which failures have a text."""

import pytest

from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import (
    EVERYTHING,
    event,
    failure,
    found,
    ids,
    newest_first,
    record,
    run,
)


def test_text_is_found_in_message_stdout_and_stderr_of_failures(store):
    failures = record(
        store,
        failure(message="cannot find module x"),
        failure(stdout="cannot find module x"),
        failure(stderr="Error: cannot find module x\n  at y"),
        event(level="error", message="cannot find module x"),
    )
    record(store, run(stdout="cannot find module x"), event(message="cannot find module x"))
    record(store, failure(code_snapshot="cannot find module x"))

    assert found(store, text="cannot find module") == ids(newest_first(failures))
    assert found(store, text="cannot find module", failed=False) == []


def test_the_words_of_a_text_stand_together_in_this_order(store):
    (one,) = record(store, failure(stderr="expected 5 but got 7"))

    assert found(store, text="expected 5 but") == [one.run_id]
    assert found(store, text="but expected") == []
    assert found(store, text="expected 7") == []
    assert found(store, text="absent") == []


def test_words_of_different_texts_make_no_phrase(store):
    record(store, failure(stdout="one two", stderr="three four"))

    assert found(store, text="two three") == []


def test_long_texts_are_found_by_their_ends(store):
    middle = "nothing here\n" * 50_000
    (one,) = record(store, failure(stdout=f"firstword\n{middle}lastword"))

    assert found(store, text="firstword") == found(store, text="lastword") == [one.run_id]


@pytest.mark.parametrize("text", ["", " ", "!!!", "---", "\n", "{}", "_"])
def test_a_text_without_words_finds_nothing(store, text):
    record(store, failure(stderr="!!! --- {} _"))

    assert found(store, text=text) == []
    assert store.count(RunQuery(text=text), at_most=EVERYTHING) == 0
