"""Work goes side by side, in order, within one time limit, and never waits for a thread."""

import threading
import time
from functools import partial

import pytest

from genesis_mcp.stores import side_by_side as module
from genesis_mcp.stores.side_by_side import AT_ONCE, side_by_side
from genesis_mcp.stores.time_limit import counted, one_call, seconds_left
from tests.helpers.waiting import WAIT


def test_as_many_as_are_allowed_are_under_way_at_the_same_time_and_no_more():
    begun = threading.Barrier(AT_ONCE)
    now, most = set(), []

    def task(number):
        now.add(number)
        most.append(len(now))
        begun.wait(WAIT)
        now.discard(number)
        return number

    assert side_by_side(partial(task, n) for n in range(2 * AT_ONCE)) == list(range(2 * AT_ONCE))
    assert max(most) == AT_ONCE


def test_without_a_thread_to_help_the_caller_does_it_all(monkeypatch):
    monkeypatch.setattr(module, "_HELPERS", threading.BoundedSemaphore(1))
    with module._HELPERS:
        assert side_by_side([threading.get_ident] * 3) == [threading.get_ident()] * 3


def test_tasks_that_work_side_by_side_themselves_come_to_an_end():
    def outer(number):
        return sum(side_by_side([partial(int, number)] * AT_ONCE))

    assert side_by_side(partial(outer, n) for n in range(30)) == [AT_ONCE * n for n in range(30)]


def test_the_first_failure_is_raised_when_none_is_under_way_any_more():
    begun, ended = threading.Event(), threading.Event()

    def slow():
        begun.set()
        time.sleep(0.1)
        ended.set()
        raise KeyError("slow")

    def quick():
        assert begun.wait(WAIT)
        raise ValueError("quick")

    with pytest.raises(KeyError, match="slow"):
        side_by_side([slow, quick])
    assert ended.is_set()


def test_time_that_overlaps_is_spent_once():
    begun = threading.Barrier(4)

    def ask():
        with counted():
            begun.wait(WAIT)
            time.sleep(0.2)

    with one_call():
        began = time.monotonic()
        side_by_side([ask] * 4)
        took = time.monotonic() - began
        assert 0.2 <= 1_000.0 - seconds_left(1_000.0) <= took
