"""The time limit of a call: one, however many methods of a store it takes.

What counts is time spent in the store, so that a busy machine does not make answers fail.
"""

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
    """Seconds that the methods of a call have taken in the store until now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = time.monotonic()


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
    if call.seconds >= limit:
        raise StoreTimeout(USED_UP)
    return limit - call.seconds


def began_at() -> float:
    """When the call that is under way began, as `monotonic` tells it; now, where there is none."""
    call = _CALL.get()
    return time.monotonic() if call is None else call.began


@contextmanager
def counted() -> Iterator[None]:
    """Count the time of the block, in which the store is asked."""
    call = _CALL.get()
    began = time.monotonic()
    try:
        yield
    finally:
        if call is not None:
            call.seconds += time.monotonic() - began
