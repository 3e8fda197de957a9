"""The prompt `fix_spec`, and the completion of arguments, as MCP shows them."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from genesis_mcp.answers.markdown import fit
from genesis_mcp.config import Settings
from genesis_mcp.errors import GenesisError, InputError
from genesis_mcp.mcp_server.resources import Resources
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import LogsForSpec
from genesis_mcp.text.clean import scrub
from genesis_mcp.validation import parse

COMPLETIONS_MAX = 100
"""Values that one answer to a completion may hold (MCP specification, "Completion")."""

FIX_SPEC = types.Prompt(
    name="fix_spec",
    title="Fix a spec",
    description="Where a spec stands, and how to get it to pass.",
    arguments=[
        types.PromptArgument(name="spec_id", description="the spec under test", required=True)
    ],
)

FIX_SPEC_STEPS = """\
Find out why this spec fails and get it to pass. Its logs are below, so logs_for_spec need not be \
called first. If it passed before, compare_runs shows what broke it. Change the cause and not the \
test; after each run read its verdict: with "same error" or "nothing changed" twice in a row, stop \
and take another approach. Record runs of your own with record_run; wait_for_run waits for those \
of a worker."""


class Prompts:
    """The handlers of prompts/list, prompts/get and completion/complete."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        calls: anyio.CapacityLimiter,
        resources: Resources,
    ) -> None:
        self._service, self._settings, self._calls = service, settings, calls
        self._resources = resources

    async def list_prompts(
        self, _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[FIX_SPEC])

    async def get_prompt(
        self, _context: ServerRequestContext[Any], params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        try:
            if params.name != FIX_SPEC.name:
                raise InputError(f"There is no such prompt. Prompts: {FIX_SPEC.name}.")
            arguments = parse(LogsForSpec, params.arguments or {})
            ask = partial(self._fix_spec, arguments)
            text = await anyio.to_thread.run_sync(ask, limiter=self._calls, abandon_on_cancel=True)
        except GenesisError as error:
            raise MCPError(types.INVALID_PARAMS, scrub(str(error))) from None
        content = types.TextContent(type="text", text=scrub(text))
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=content)])

    async def complete(
        self, _context: ServerRequestContext[Any], params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        names: list[str] = []
        ref, argument = params.ref, params.argument
        ask: Callable[[], list[str]] | None = None
        if isinstance(ref, types.ResourceTemplateReference):
            ask = partial(self._resources.completed, ref.uri, argument.value)
        elif ref.name == FIX_SPEC.name and argument.name == "spec_id":
            ask = partial(self._service.spec_ids, argument.value)
        if ask is not None:
            # Without a store there is nothing to offer; asking the prompt itself says why.
            with suppress(GenesisError):
                names = await anyio.to_thread.run_sync(
                    ask, limiter=self._calls, abandon_on_cancel=True
                )
        return types.CompleteResult(
            completion=types.Completion(
                values=names[:COMPLETIONS_MAX],
                total=len(names),
                has_more=len(names) > COMPLETIONS_MAX,
            )
        )

    def _fix_spec(self, arguments: LogsForSpec) -> str:
        page = self._service.logs_for_spec(arguments)
        return f"{FIX_SPEC_STEPS}\n\n{fit(page, self._settings.max_chars).text}"
