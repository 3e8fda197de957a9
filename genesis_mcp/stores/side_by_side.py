"""Work that waits for a server, side by side: by the caller and a few threads that help it.

The caller does what nobody has begun yet, so that it never waits for a thread to be free.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import Generic, TypeVar

T = TypeVar("T")

AT_ONCE = 8
"""Requests of one call at the same time, as many as ClickHouse's driver keeps connections."""

HELPERS_MAX = 24
"""Threads of this process that help at the same time, whoever called."""

_HELPERS = threading.BoundedSemaphore(HELPERS_MAX)


def side_by_side(tasks: Iterable[Callable[[], T]], *, at_once: int = AT_ONCE) -> list[T]:
    """What each task gives, in order; all of them share the time limit of the call (`one_call`).

    `at_once`: how many of them are under way at the same time, at most.

    Raises:
        BaseException: what the first of those that failed raised, once none is under way any more.
            What was not begun until then is not begun.
    """
    return _Work(list(tasks)).done(at_once)


class _Work(Generic[T]):
    def __init__(self, tasks: list[Callable[[], T]]) -> None:
        self._tasks = tasks
        self._todo = deque(range(len(tasks)))
        self._given: dict[int, T] = {}
        self._failed: dict[int, BaseException] = {}

    def done(self, at_once: int) -> list[T]:
        helpers = [helper for _ in self._tasks[1:at_once] if (helper := self._helper())]
        try:
            self._go_on()
        finally:
            self._todo.clear()  # where the caller was interrupted
        for helper in helpers:
            helper.join()
        if self._failed:
            raise self._failed[min(self._failed)]
        return [self._given[place] for place in range(len(self._tasks))]

    def _helper(self) -> threading.Thread | None:
        """A thread that helps; none when there are enough of them."""
        if not _HELPERS.acquire(blocking=False):
            return None
        context = copy_context()  # has the time limit of the call
        helper = threading.Thread(
            target=lambda: context.run(self._help), name="side-by-side", daemon=True
        )
        try:
            helper.start()
        except RuntimeError:  # the machine has no more threads
            _HELPERS.release()
            return None
        return helper

    def _help(self) -> None:
        try:
            self._go_on()
        finally:
            _HELPERS.release()

    def _go_on(self) -> None:
        """Do what is left, one after the other."""
        while True:
            try:
                place = self._todo.popleft()
            except IndexError:
                return
            try:
                self._given[place] = self._tasks[place]()
            except Exception as error:
                self._failed[place] = error
                self._todo.clear()
