"""One call of ours has one time limit, however often it asks a store."""

import time

import pytest

from genesis_mcp.errors import StoreTimeout
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.time_limit import one_call, seconds_left
from tests.helpers.waiting import WAIT


def a_run():
    return make_run({"spec_id": "a", "exit_code": 1, "stderr": "x"}, recorded_by="tests")


USUAL = 10.0
"""Seconds that a file has for a call in these tests; a server has WAIT."""

ASKED = {
    "find": lambda store: store.find(RunQuery(limit=1)),
    "describe": lambda store: store.specs(limit=5),
    "insert": lambda store: store.insert([a_run()]),
}


def until_it_fails(ask):
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with one_call():  # a call within a call has no limit of its own
            ask()


@pytest.mark.parametrize("asked", ASKED)
def test_what_one_call_asks_shares_its_time_limit(store, asked):
    ask = ASKED[asked]
    ask(store)
    limit = WAIT if store.is_remote else USUAL
    with one_call(spent=limit - 0.2), pytest.raises(StoreTimeout, match="time limit"):
        until_it_fails(lambda: ask(store))
    ask(store)  # the next call has its whole time again


def test_without_a_call_each_question_has_the_whole_limit():
    with one_call():
        assert seconds_left(3.0) == 3.0
    assert seconds_left(3.0) == 3.0
