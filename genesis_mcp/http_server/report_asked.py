"""`GET /report`: the page for people, from what the asking token may see."""

from functools import partial
from urllib.parse import parse_qsl

import anyio
from starlette.responses import HTMLResponse
from starlette.types import Scope

from genesis_mcp.errors import InputError
from genesis_mcp.http_server.asked import in_thread
from genesis_mcp.http_server.requests import Refused, header
from genesis_mcp.http_server.tenants import Tenant
from genesis_mcp.report import SINCE, language_accepted, language_named, page_of, safety
from genesis_mcp.runs.times import now

CALLS = 10
"""Of a token's questions a minute that one page takes: it asks the store about a hundred."""

OPTIONS = ("since", "lang")


async def page_asked(tenant: Tenant, scope: Scope, threads: anyio.CapacityLimiter) -> HTMLResponse:
    """The page, with headers that let nothing in it run.

    Raises:
        Refused, GenesisError: there is none.
    """
    if not tenant.reads:
        raise Refused(403, "This token may not read.")
    given = _options(scope)
    language = (
        language_named(given["lang"])
        if "lang" in given
        else language_accepted(header(scope, "accept-language"))
    )
    async with tenant.limits.call("question", calls=CALLS):
        page = await in_thread(
            threads,
            partial(
                page_of,
                tenant.service,
                since=given.get("since", SINCE),
                language=language,
                moment=now().astimezone(),
                at_once=1,
            ),
        )
    return HTMLResponse(page, headers=safety())


def _options(scope: Scope) -> dict[str, str]:
    """What stands behind the question mark; an option without a value is not given."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= {*OPTIONS}:
        raise InputError(f"Behind /report? stand {' and '.join(OPTIONS)}, each once.")
    return given
