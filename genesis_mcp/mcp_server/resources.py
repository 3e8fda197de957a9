"""Runs and specs as resources of MCP: what `get_run` and `logs_for_spec` answer, at an address."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from genesis_mcp.answers import Result
from genesis_mcp.answers.markdown import fit
from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.config import Settings
from genesis_mcp.errors import GenesisError, InputError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import GetRun, LogsForSpec
from genesis_mcp.text.clean import scrub
from genesis_mcp.validation import parse

LISTED_MAX = 20
"""Specs in the list, the most recently active ones; every other has an address as well."""

MARKDOWN = "text/markdown"

RUN, SPEC = "genesis://run/", "genesis://spec/"

TEMPLATES = [
    types.ResourceTemplate(
        name="run",
        title="A run",
        uri_template=f"{RUN}{{id}}",
        description="one run: its id, 8 or more first characters of it, or SPEC#ITERATION",
        mime_type=MARKDOWN,
    ),
    types.ResourceTemplate(
        name="spec",
        title="A spec",
        uri_template=f"{SPEC}{{id}}",
        description="what happened to one spec: attempts, verdicts, the newest failure",
        mime_type=MARKDOWN,
    ),
]


class Resources:
    """The handlers of resources/list, resources/templates/list and resources/read."""

    def __init__(self, service: Service, settings: Settings, calls: anyio.CapacityLimiter) -> None:
        self._service, self._settings, self._calls = service, settings, calls

    async def list_resources(
        self, _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        names: list[str] = []
        with suppress(GenesisError):  # reading one says what is wrong
            names = await self._in_thread(partial(self._service.spec_ids, ""))
        plain = [name for name in names if is_plain_name(name)]
        return types.ListResourcesResult(
            resources=[
                types.Resource(name=name, uri=SPEC + quote(name, safe=""), mime_type=MARKDOWN)
                for name in plain[:LISTED_MAX]
            ]
        )

    async def list_templates(
        self, _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=TEMPLATES)

    async def read(
        self, _context: ServerRequestContext[Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = params.uri
        try:
            text = await self._in_thread(partial(self._text, uri))
        except GenesisError as error:
            data = {"uri": scrub(uri)}
            raise MCPError(types.INVALID_PARAMS, scrub(str(error)), data) from None
        contents = types.TextResourceContents(uri=uri, mime_type=MARKDOWN, text=scrub(text))
        return types.ReadResourceResult(contents=[contents])

    def completed(self, template: str, typed: str) -> list[str]:
        """What may stand for the id of a template, where somebody has begun to type it."""
        spec_id, mark, number = typed.partition("#")
        if template == TEMPLATES[1].uri_template:
            return self._service.spec_ids(typed)
        if template != TEMPLATES[0].uri_template:
            return []
        if not mark:
            return [f"{name}#" for name in self._service.spec_ids(typed)]
        page = self._service.logs_for_spec(LogsForSpec(spec_id=spec_id, limit=LISTED_MAX))
        attempts = page.structured().get("attempts", ())
        numbers = [str(one["iteration"]) for one in attempts if "iteration" in one]
        return [f"{spec_id}#{one}" for one in numbers if one.startswith(number)]

    def _text(self, uri: str) -> str:
        if uri.startswith(RUN):
            asked = parse(GetRun, {"run_id": unquote(uri.removeprefix(RUN))})
            answer: Result = self._service.get_run(asked)
        elif uri.startswith(SPEC):
            named = parse(LogsForSpec, {"spec_id": unquote(uri.removeprefix(SPEC))})
            answer = self._service.logs_for_spec(named)
        else:
            raise InputError(f"There is no such resource. There are {RUN}ID and {SPEC}ID.")
        return fit(answer, self._settings.max_chars).text

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(work, limiter=self._calls, abandon_on_cancel=True)
