"""`POST /questions/NAME`: the questions for programs that speak no MCP; JSON in, JSON out."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from genesis_mcp.answers import Result
from genesis_mcp.answers.budget import FULL_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.http_server.requests import Refused
from genesis_mcp.http_server.tenants import Tenant
from genesis_mcp.mcp_server.tools import TOOLS, Tool
from genesis_mcp.questions.wait_for_run import LOOK_SECONDS, Wait
from genesis_mcp.text.clean import scrub
from genesis_mcp.validation import parse

RECORDED_BY = "record_run (HTTP)"

T = TypeVar("T")


async def ask(
    tenant: Tenant,
    name: str,
    body: bytes,
    *,
    threads: anyio.CapacityLimiter,
    ending: anyio.Event,
) -> dict[str, Any]:
    """The answer, as text and in its structured form; a wait ends with the server.

    Raises:
        Refused, GenesisError: there is none.
    """
    tool = _tool_for(tenant, name)
    arguments = parse(tool.arguments, _object(body))
    async with tenant.limits.call("wait" if tool.arguments is WAITS else "question"):
        answer = await in_thread(
            threads, partial(tool.answer, tenant.service, arguments, RECORDED_BY)
        )
        if isinstance(answer, Wait):
            answer = await _waited_for(answer, threads, ending)
        is_full = getattr(arguments, "detail", None) == "full"
        usual = tenant.settings.max_chars
        max_chars = max(usual, FULL_CHARS) if is_full else usual
        return await in_thread(threads, partial(told, answer, max_chars))


WAITS = TOOLS["wait_for_run"].arguments


def _tool_for(tenant: Tenant, name: str) -> Tool:
    tool = TOOLS.get(name)
    if tool is None:
        raise Refused(404, f"There is no such question. Questions: {', '.join(TOOLS)}.")
    if not (tenant.records if tool.writes else tenant.reads):
        raise Refused(403, f"This token may not {'record' if tool.writes else 'read'}.")
    return tool


async def _waited_for(wait: Wait, threads: anyio.CapacityLimiter, ending: anyio.Event) -> Result:
    until = anyio.current_time() + wait.seconds
    while (found := await in_thread(threads, wait.look)) is None:
        if anyio.current_time() >= until:
            return await in_thread(threads, wait.nothing)
        with anyio.move_on_after(LOOK_SECONDS):
            await ending.wait()
            raise Refused.at_the_end()
    return found


async def in_thread(threads: anyio.CapacityLimiter, work: Callable[[], T]) -> T:
    """What work gives that asks the store; it is never given up half done."""
    return await anyio.to_thread.run_sync(work, limiter=threads)


def told(result: Result, max_chars: int) -> dict[str, Any]:
    """An answer within its budget, as text and in its structured form."""
    answer = fit(result, max_chars)
    return {"text": scrub(answer.text), "structured": answer.result.structured()}


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise InputError("The arguments must be a JSON object.")
    return given
