"""What is known of the collection for a while: its indexes, what is in it, the server's clock."""

import time

from genesis_mcp.stores.mongodb import server
from genesis_mcp.stores.mongodb.conditions import NO_TIMESTAMP
from genesis_mcp.stores.mongodb.connection import Logs
from genesis_mcp.stores.mongodb.indexes import Indexes
from genesis_mcp.stores.time_limit import began_at

INDEXES_KNOWN_SECONDS = 60
"""How long the list of indexes is taken to be right; a hint that fails has it read again."""

CLOCK_KNOWN_SECONDS = 600
"""How long the server's clock is taken to be as far ahead as it was."""


class KnownCollection:
    """Several threads may ask; what they learn at the same moment is the same."""

    def __init__(self) -> None:
        self._indexes: Indexes | None = None
        self._indexes_until = self._untimed_until = self._clock_until = 0.0
        self._all_timed_at = float("-inf")
        self._clock = 0

    def indexes(self, logs: Logs) -> Indexes:
        """The indexes that it has."""
        known = self._indexes
        if known is None or time.monotonic() > self._indexes_until:
            known = self._indexes = server.read_indexes(logs)
            self._indexes_until = time.monotonic() + INDEXES_KNOWN_SECONDS
        return known

    def forget_indexes(self) -> bool:
        """Have them read again; whether any were known."""
        known, self._indexes = self._indexes, None
        return known is not None

    def has_untimed(self, logs: Logs, hint: str | None) -> bool:
        """Whether there are documents without a usable timestamp, as pino-mongodb writes them.

        It is found by an index, once in a call of a question, if nothing is known.
        """
        if (known := self.untimed_known) is not None:
            return known
        looked_at = time.monotonic()
        found = logs.find(NO_TIMESTAMP, {"_id": 1}, limit=1)
        is_there = bool(list(found.hint(hint) if hint else found))
        if is_there:
            self._untimed_until = time.monotonic() + INDEXES_KNOWN_SECONDS
        else:
            self._all_timed_at = looked_at
        return is_there

    @property
    def untimed_known(self) -> bool | None:
        """The same, as far as it is known: there were some a moment ago, or none in this call."""
        if time.monotonic() < self._untimed_until:
            return True
        return False if self._all_timed_at >= began_at() else None

    def clock_ahead(self, logs: Logs) -> int:
        """Microseconds that the server's clock is ahead of this machine's, about.

        It decides when a run arrives: the clocks of its writers may differ.
        """
        if time.monotonic() > self._clock_until:
            self._clock = server.clock_ahead(logs)
            self._clock_until = time.monotonic() + CLOCK_KNOWN_SECONDS
        return self._clock
