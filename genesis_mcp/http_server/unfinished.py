"""What is finished though the server ends meanwhile: recording, and telling what became of it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Unfinished:
    """The work under way that the end waits for.

    A recording that is told to be cut off, and is not, would be sent again: runs without an id or
    a time of their own would be there twice.
    """

    def __init__(self) -> None:
        self._tasks = set[asyncio.Task[Any]]()

    async def finish(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What work gives, also where its request is cancelled."""
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)
        return task.result()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)
