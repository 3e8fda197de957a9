"""Which requests of a connection wait for their answer, and which answers wait for each other."""

import json
import logging
from collections import Counter
from collections.abc import Iterator

import anyio
from mcp_types.jsonrpc import (
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)

from genesis_mcp.mcp_server.incoming import Line

logger = logging.getLogger(__name__)

LASTING_TOOLS = ("wait_for_run",)
"""Tools that wait for others: nobody waits for them when the client has gone. No set: a client may
send any JSON for the name of a tool, also what has no hash."""


class _Batch:
    """The answers to one batch, which are written as one array once they are whole."""

    def __init__(self, waiting: Counter[str], answers: list[str]) -> None:
        self.waiting = waiting
        self.answers = answers


class Unanswered:
    """The requests that were read and are not answered yet."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._lasting: set[str] = set()
        self._batches: list[_Batch] = []
        self._settled = anyio.Event()
        self._told: tuple[str, str] | None = None

    def repeated(self, request: JSONRPCRequest, told: str) -> None:
        """Note a request that is put to the SDK although its sender has an answer, which is it."""
        self._told = _key(request.id), told
        self._waiting[_key(request.id)] += 1

    def arrived(self, line: Line) -> Iterator[str]:
        """Note the requests of a line; what can be written at once."""
        asked: Counter[str] = Counter()
        for message in line.messages:
            if isinstance(message, JSONRPCRequest):
                asked[_key(message.id)] += 1
                if (message.params or {}).get("name") in LASTING_TOOLS:
                    self._lasting.add(_key(message.id))
            elif isinstance(message, JSONRPCNotification):
                yield from self._cancelled(message)
        self._waiting += asked
        if line.is_batch and asked:
            self._batches.append(_Batch(asked, list(line.refusals)))
        elif line.is_batch and line.refusals:
            yield _array(line.refusals)
        else:
            yield from line.refusals

    def answered(self, message: JSONRPCMessage) -> Iterator[JSONRPCMessage | str]:
        """Note what the SDK writes; what is to be written now."""
        if not isinstance(message, JSONRPCResponse | JSONRPCError):
            yield message
            return
        key = _key(message.id)
        self._settle(key)
        if self._told is not None and self._told[0] == key:
            if _json(message) != self._told[1]:
                logger.warning("the first answer was not the one that this version gives")
            self._told = None
            return
        for batch in self._batches:
            if key in batch.waiting:
                batch.answers.append(_json(message))
                yield from self._without(batch, key)
                return
        yield message

    async def settled(self) -> None:
        """Wait until all requests are answered but those that wait for others."""
        while self._waiting.keys() - self._lasting:
            self._settled = anyio.Event()
            await self._settled.wait()

    def _cancelled(self, notification: JSONRPCNotification) -> Iterator[str]:
        """A request that its sender gave up may never be answered, and holds up no batch."""
        if notification.method != "notifications/cancelled":
            return
        key = _key((notification.params or {}).get("requestId"))
        for batch in [batch for batch in self._batches if key in batch.waiting]:
            yield from self._without(batch, key)
        self._settle(key)

    def _settle(self, key: str) -> None:
        self._waiting = self._waiting - Counter([key])
        if key not in self._waiting:
            self._lasting.discard(key)
        self._settled.set()

    def _without(self, batch: _Batch, key: str) -> Iterator[str]:
        batch.waiting = batch.waiting - Counter([key])
        if not batch.waiting:
            self._batches.remove(batch)
            if batch.answers:
                yield _array(batch.answers)


def _json(message: JSONRPCResponse | JSONRPCError) -> str:
    return message.model_dump_json(by_alias=True, exclude_unset=True)


def _key(request_id: object) -> str:
    return json.dumps(request_id)


def _array(answers: list[str] | tuple[str, ...]) -> str:
    return f"[{','.join(answers)}]"
