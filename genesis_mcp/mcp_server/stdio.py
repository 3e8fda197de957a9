"""Serving MCP over stdin and stdout: one connection, signals, and an orderly end. No tools here."""

import io
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any, cast

import anyio
import anyio.to_thread
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_dual_era_loop
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types.jsonrpc import JSONRPCRequest

from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.front import Begun
from genesis_mcp.mcp_server.incoming import read_line
from genesis_mcp.mcp_server.kept_first import KeptFirst
from genesis_mcp.mcp_server.tools import CONCURRENT_CALLS, build_server
from genesis_mcp.mcp_server.unanswered import Unanswered
from genesis_mcp.recording.signals import STOPPING_SIGNALS
from genesis_mcp.recording.writer import Writer

EXIT_GRACE_SECONDS = 2.0
"""After a signal: time for calls under way, before the process ends."""


class Written:
    """A message that is JSON already, as the SDK's writer takes it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def model_dump_json(self, **_options: Any) -> str:
        """The message."""
        return self._text


def serve(settings: Settings, writer: Writer, begun: Begun | None = None) -> None:
    """Serve until stdin closes or a signal asks for the end, which is the process's as well.

    Logs go to stderr. `begun` is the connection when others have answered on it already.
    """
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    begun = begun or Begun(sys.stdin.buffer.readline)
    try:
        anyio.run(_serve_stdio, writer, settings, begun)
    except* OSError:  # nobody reads our answers any more
        pass
    finally:
        writer.service.store.close()
    # All is written. Python's own end would wait for the thread that reads stdin, and take apart
    # one by one the modules that the SDK is made of.
    os._exit(0)


async def _serve_stdio(writer: Writer, settings: Settings, begun: Begun) -> None:
    calls = anyio.CapacityLimiter(CONCURRENT_CALLS)
    server = build_server(writer.service, settings, calls)
    nothing = anyio.wrap_file(io.StringIO())  # the SDK's reader drops what it does not take
    async with (
        stdio_server(stdin=nothing) as (_, write_stream),
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(_end_on_signal, calls)
        if not settings.read_only:
            tasks.start_soon(KeptFirst(writer).now_and_then)
        await _serve_connection(server, write_stream, settings.timeout_seconds + 1, begun)
        tasks.cancel_scope.cancel()


async def _end_on_signal(calls: anyio.CapacityLimiter) -> None:
    """End the process on SIGTERM, SIGINT or SIGHUP, once no call is under way.

    The thread that reads stdin cannot be cancelled, so an orderly end would wait for the client to
    write once more; a store loses nothing by a process that ends.
    """
    if sys.platform == "win32":
        return  # its event loop takes no signal handlers; the default ones end the process
    with anyio.open_signal_receiver(*STOPPING_SIGNALS) as signals:
        async for _ in signals:
            with anyio.move_on_after(EXIT_GRACE_SECONDS):
                while calls.borrowed_tokens:
                    await anyio.sleep(0.02)
            os._exit(0)


async def _serve_connection(
    server: Server[Any], write_stream: Any, answer_seconds: float, begun: Begun
) -> None:
    """Serve the lines of stdin until it ends, and give every request of them its answer.

    The request that opened the connection is put to the SDK also when its sender has an answer: it
    says in which era and to whom the others are answered.

    The server starts over when a handshake follows nothing but discovery: a client that gave up
    waiting for the answer to `server/discover` falls back to `initialize` on the same pipe, which
    the SDK refuses because the first request pinned the protocol's era.
    """
    asked = set(begun.methods)
    unanswered = Unanswered()
    answers, answers_read = anyio.create_memory_object_stream[SessionMessage]()
    async with write_stream, anyio.create_task_group() as tasks:

        async def write(texts: Iterable[str]) -> None:
            for text in texts:
                await write_stream.send(SessionMessage(cast(Any, Written(text))))

        async def pass_on() -> None:
            async with answers_read:
                async for answer in answers_read:
                    for one in unanswered.answered(answer.message):
                        if isinstance(one, str):
                            await write([one])
                        else:
                            await write_stream.send(SessionMessage(one, answer.metadata))

        tasks.start_soon(pass_on)
        feed = await tasks.start(_serve_era, server, answers.clone())
        for message in read_line(begun.opening).messages:
            unanswered.repeated(cast(JSONRPCRequest, message), begun.told)
            await feed.send(SessionMessage(message))
            await unanswered.settled()
        limiter = anyio.CapacityLimiter(1)

        async def take_line() -> bool:
            """Whether there was one more; it may be megabytes, so nothing here keeps it."""
            nonlocal feed
            # The thread that waits for it holds up no end.
            raw = await anyio.to_thread.run_sync(
                begun.readline, limiter=limiter, abandon_on_cancel=True
            )
            if not raw:
                return False
            line = read_line(raw)
            del raw
            await write(unanswered.arrived(line))
            for message in line.messages:
                method = getattr(message, "method", None)
                if method == "initialize" and asked == {"server/discover"}:
                    await feed.aclose()
                    feed = await tasks.start(_serve_era, server, answers.clone())
                if method is not None:
                    asked.add(method)
                await feed.send(SessionMessage(message))
            return True

        while await take_line():
            pass
        with anyio.move_on_after(answer_seconds):
            await unanswered.settled()
        await feed.aclose()
        await answers.aclose()


async def _serve_era(
    server: Server[Any],
    write_stream: Any,
    *,
    task_status: TaskStatus[MemoryObjectSendStream[SessionMessage | Exception]],
) -> None:
    """One run of the SDK's loop, which serves the era that its first request opens."""
    feed, read_stream = anyio.create_memory_object_stream[SessionMessage | Exception]()
    task_status.started(feed)
    async with server.lifespan(server) as state:
        await serve_dual_era_loop(server, read_stream, write_stream, lifespan_state=state)
