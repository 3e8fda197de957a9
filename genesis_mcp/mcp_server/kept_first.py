"""What was kept while the store did not work is recorded: now and then, and before a question."""

import logging

import anyio
import anyio.to_thread

from genesis_mcp.errors import WriteNotAllowed
from genesis_mcp.recording.inbox import Delivered
from genesis_mcp.recording.writer import FIRST_SECONDS, Writer

KEPT_SECONDS = 30.0
"""Between two looks while nobody asks."""

logger = logging.getLogger(__name__)


class KeptFirst:
    """Records what is kept for the store of a writer, in one thread of its own at a time."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._limiter = anyio.CapacityLimiter(1)

    async def before_question(self) -> None:
        """Record what is kept, if anything is; a store that does not take it is not waited for."""
        with anyio.move_on_after(FIRST_SECONDS):
            try:
                await self._in_thread()
            except Exception as error:  # the question tells what is wrong, if it meets it
                _waits(error)

    async def now_and_then(self) -> None:
        """Record what is kept, now and every KEPT_SECONDS, as long as this account may."""
        while True:
            try:
                delivered = await self._in_thread()
                if delivered.recorded and delivered.is_rest:
                    continue
            except WriteNotAllowed:  # a reader's account: somebody else has to
                return
            except Exception as error:  # the server goes on
                _waits(error)
            await anyio.sleep(KEPT_SECONDS)

    async def _in_thread(self) -> Delivered:
        return await anyio.to_thread.run_sync(
            self._writer.deliver_first, limiter=self._limiter, abandon_on_cancel=True
        )


def _waits(error: Exception) -> None:
    logger.info("what is kept waits: %s", type(error).__name__)
