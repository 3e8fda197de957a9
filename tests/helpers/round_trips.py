"""How often a call goes to an engine, and how often in sequence: counted at the drivers' edge."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

HOLD_SECONDS = 0.02
"""Each request is held back so long before it is sent: what is asked side by side overlaps."""

UNCOUNTED = {"hello", "ismaster", "ping", "endSessions", "saslStart", "saslContinue"}
"""What MongoDB's driver asks by itself."""


class Trips:
    """The requests of a call: when each began and ended."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    @property
    def number(self) -> int:
        return len(self.spans)

    @property
    def depth(self) -> int:
        """The longest chain of requests of which each began after the one before it had ended."""
        depth, end = 0, float("-inf")
        for began, ended in sorted(self.spans, key=lambda span: span[1]):
            if began >= end:
                depth, end = depth + 1, ended
        return depth


@contextmanager
def http_trips() -> Iterator[Trips]:
    """Counts requests of `urllib3`, through which ClickHouse's driver sends all of its own."""
    from urllib3.connectionpool import HTTPConnectionPool

    trips, whole = Trips(), HTTPConnectionPool.urlopen

    def urlopen(self, *arguments, **options):
        began = time.monotonic()
        time.sleep(HOLD_SECONDS)
        try:
            return whole(self, *arguments, **options)
        finally:
            trips.spans.append((began, time.monotonic()))

    with patch.object(HTTPConnectionPool, "urlopen", urlopen):
        yield trips


class Listener:
    """Counts commands of MongoDB's driver; to be registered before a client is made."""

    def __init__(self) -> None:
        self.trips = Trips()
        self._began = {}
        self._lock = threading.Lock()

    def started(self, event):
        if event.command_name not in UNCOUNTED:
            with self._lock:
                self._began[event.request_id] = time.monotonic()
            time.sleep(HOLD_SECONDS)

    def succeeded(self, event):
        with self._lock:
            if began := self._began.pop(event.request_id, None):
                self.trips.spans.append((began, time.monotonic()))

    failed = succeeded


class _CountsAtTimes(Listener):
    """Counts only while somebody wants it: it hears all clients of the process."""

    is_on = False

    def started(self, event):
        if self.is_on:
            super().started(event)


_LISTENER = _CountsAtTimes()


@contextmanager
def counted_trips() -> Iterator[Trips]:
    """Counts requests of both drivers; clients of MongoDB's have to be made after `listen`."""
    with http_trips() as trips:
        _LISTENER.trips, _LISTENER.is_on = trips, True
        try:
            yield trips
        finally:
            _LISTENER.is_on = False


@cache
def listen() -> None:
    """Have the clients of MongoDB's driver that are made from now on be counted."""
    from pymongo import monitoring

    class Heard(monitoring.CommandListener):
        def started(self, event):
            _LISTENER.started(event)

        def succeeded(self, event):
            _LISTENER.succeeded(event)

        failed = succeeded

    monitoring.register(Heard())
