"""Making something slow in a thread of its own, for which several threads wait, each as it may."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from genesis_mcp.errors import StoreTimeout
from genesis_mcp.stores.clickhouse.faults import SILENT

T = TypeVar("T")


class Connecting(Generic[T]):
    """One attempt to connect. Nobody holds a lock while the network is waited for."""

    def __init__(self, connect: Callable[[], T], took: Callable[[T | None], None]) -> None:
        """`took` is told of what `connect` gave, or None when it failed, before anybody else."""
        self._connect, self._took = connect, took
        self._is_over = threading.Event()
        self._made: T | None = None
        self._error: Exception | None = None
        threading.Thread(target=self._work, name="connect", daemon=True).start()

    def wait(self, deadline: float) -> T:
        """What was made, or the error of making it, at the latest at a time of `monotonic`.

        Raises:
            StoreTimeout: it is not made yet.
        """
        left = min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)
        if not self._is_over.wait(left):
            raise StoreTimeout(SILENT)
        if self._error is not None:
            raise self._error
        assert self._made is not None
        return self._made

    def _work(self) -> None:
        try:
            self._made = self._connect()
        except Exception as error:  # its callers raise it
            self._error = error
        self._took(self._made)
        self._is_over.set()
