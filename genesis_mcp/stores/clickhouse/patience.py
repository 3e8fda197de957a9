"""How long the driver waits for an answer: until the deadline of the call, not as long for each."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from urllib3.util.timeout import Timeout

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

LEAST_SECONDS = 1.0
"""After the deadline: the server's own word on it comes first."""


class Patience:
    """The deadline of what this thread asks of the server."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Have requests of the block be given up a second after a time of `monotonic`."""
        self._of_thread.deadline = deadline
        try:
            yield
        finally:
            del self._of_thread.deadline

    def bound(self, client: "Client", connect_seconds: float, answer_seconds: float) -> None:
        """Have a client of the driver heed it; where there is none, `answer_seconds` hold."""
        limit = _Limit(self._of_thread, connect_seconds, answer_seconds)
        client.timeout = limit  # type: ignore[attr-defined]


class _Limit(Timeout):
    """A timeout that is told anew for each request: the driver's pool takes a copy each time."""

    def __init__(self, of_thread: threading.local, connect: float, read: float) -> None:
        super().__init__(connect=connect, read=read)
        self._of_thread = of_thread
        self._connect_seconds, self._read_seconds = connect, read

    def clone(self) -> Timeout:
        deadline = getattr(self._of_thread, "deadline", None)
        if deadline is None:
            return Timeout(connect=self._connect_seconds, read=self._read_seconds)
        left = max(0.0, deadline - time.monotonic()) + LEAST_SECONDS
        return Timeout(connect=min(self._connect_seconds, left), read=min(self._read_seconds, left))
