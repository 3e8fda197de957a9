"""What one token may ask for at once and in a minute, so that nobody starves the others."""

import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import anyio

from genesis_mcp.http_server.requests import Refused

QUESTIONS_AT_ONCE, WAITS_AT_ONCE = 4, 2

CALLS_A_MINUTE = 120
"""Questions and waits: more than any model asks, and less than a loop gone wild."""

REQUESTS_A_MINUTE = 1_200
"""Of any kind, recording among them; who has more runs sends several in one request."""

TURN_SECONDS = 30.0
"""How long a call waits for its turn."""

Kind = Literal["question", "wait"]


class Limits:
    """The limits of one token."""

    def __init__(self) -> None:
        self._calls = Meter(CALLS_A_MINUTE)
        self._requests = Meter(REQUESTS_A_MINUTE)
        self._turns: dict[Kind, anyio.Semaphore] = {
            "question": anyio.Semaphore(QUESTIONS_AT_ONCE),
            "wait": anyio.Semaphore(WAITS_AT_ONCE),
        }

    def request(self) -> None:
        """Count a request.

        Raises:
            Refused: it is one too many.
        """
        self._requests.count()

    @asynccontextmanager
    async def call(self, kind: Kind, *, calls: int = 1) -> AsyncIterator[None]:
        """Count a call, or as many as it is worth, and let it go on when it is its turn.

        Raises:
            Refused: it is one too many, or its turn did not come.
        """
        self._calls.count(calls)
        turn = self._turns[kind]
        with anyio.move_on_after(TURN_SECONDS) as waiting:
            await turn.acquire()
        if waiting.cancelled_caught:
            raise _too_many(1.0)
        try:
            yield
        finally:
            turn.release()


class Meter:
    """Counts what happened within the last minute."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._moments = deque[float]()

    def count(self, number: int = 1) -> None:
        """Count so many more.

        Raises:
            Refused: that would be too many; it says when there is room.
        """
        now = anyio.current_time()
        while self._moments and self._moments[0] <= now - 60:
            self._moments.popleft()
        over = len(self._moments) + number - self._at_most
        if over > 0:
            raise _too_many(self._moments[over - 1] + 60 - now)
        self._moments.extend([now] * number)


def _too_many(seconds: float) -> Refused:
    wait = max(1, math.ceil(seconds))
    return Refused(429, f"Too many calls with this token; wait {wait} s.", Retry_After=str(wait))
