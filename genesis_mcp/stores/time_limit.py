"""The time limit of a call: one, however many methods of a store it takes.

What counts is time spent in the store, so that a busy machine does not make answers fail.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from genesis_mcp.errors import StoreTimeout

USED_UP = (
    "The store did not answer all of this within the time limit; repeat the call, ask for less, "
    "such as a shorter time, or raise the limit."
)


class _Spent:
    """Time that a call has taken in the store until now: what overlaps counts once."""

    def __init__(self, seconds: float) -> None:
        self.began = time.monotonic()
        self._lock = threading.Lock()
        self._seconds = seconds
        self._asking, self._since = 0, 0.0

    @property
    def seconds(self) -> float:
        with self._lock:
            return self._seconds + (time.monotonic() - self._since if self._asking else 0.0)

    def begin(self) -> None:
        with self._lock:
            if not self._asking:
                self._since = time.monotonic()
            self._asking += 1

    def end(self) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                self._seconds += time.monotonic() - self._since


_CALL: ContextVar[_Spent | None] = ContextVar("call", default=None)


@contextmanager
def one_call(spent: float = 0.0) -> Iterator[None]:
    """Have all that a store is asked in the block share one time limit; may be nested.

    `spent`: seconds of it that are gone already.
    """
    if _CALL.get() is not None:
        yield
        return
    token = _CALL.set(_Spent(spent))
    try:
        yield
    finally:
        _CALL.reset(token)


def seconds_left(limit: float) -> float:
    """Of a time limit in seconds, what the call that is under way has not spent.

    Raises:
        StoreTimeout: nothing is left.
    """
    call = _CALL.get()
    if call is None:
        return limit
    left = limit - call.seconds
    if left <= 0:
        raise StoreTimeout(USED_UP)
    return left


def began_at() -> float:
    """When the call that is under way began, as `monotonic` tells it; now, where there is none."""
    call = _CALL.get()
    return time.monotonic() if call is None else call.began


@contextmanager
def counted() -> Iterator[None]:
    """Count the time of the block, in which the store is asked."""
    call = _CALL.get()
    if call is not None:
        call.begin()
    try:
        yield
    finally:
        if call is not None:
            call.end()
