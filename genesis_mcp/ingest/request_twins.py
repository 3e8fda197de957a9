"""The second line of one failed request: pino-http says again that a request failed.

An error handler logs the error; pino-http then logs `failed with status code 500` for the same
request, with a stack of its own (its documentation, "err"). Of the two the first is the failure.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from genesis_mcp.ingest.pino import level_name
from genesis_mcp.runs.model import FAILED_LEVELS

REQUESTS_MAX = 1000
"""Requests with an error that are remembered."""

_SAYS_NOTHING = re.compile(r"failed with status code \d{3}")


_QUIET = (None, "info", "debug", "trace")


def _is_server_error(record: Mapping[str, Any]) -> bool:
    """Whether a request failed of which pino-http speaks as of any other, which is its default."""
    response = record.get("res")
    status = response.get("statusCode") if isinstance(response, dict) else None
    return level_name(record.get("level")) in _QUIET and type(status) is int and status >= 500


class RequestTwins:
    """Remembers the requests of a stream that had an error."""

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def settle(self, record: Mapping[str, Any], fields: dict[str, Any], run_id: str) -> None:
        """Take the failure from the fields of a twin, which was told before.

        One that is alone is told by its route, for its error is that of all failed requests.
        """
        request, error = record.get("req"), record.get("err")
        if isinstance(request, dict) and isinstance(error, dict) and _is_server_error(record):
            fields["context"] = {**fields["context"], "level": fields.get("level")}
            fields["level"] = "error"
        if fields.get("level") not in FAILED_LEVELS or not isinstance(request, dict):
            return
        whose = (record.get("pid"), record.get("hostname"), request.get("id"))
        key = tuple(map(str, whose))
        if not isinstance(error, dict) or not _SAYS_NOTHING.fullmatch(str(error.get("message"))):
            if request.get("id") is not None and fields.get("stderr"):
                self._failed[key] = run_id
                if len(self._failed) > REQUESTS_MAX:
                    self._failed.popitem(last=False)
            return
        if (first := self._failed.pop(key, None)) is not None:
            fields["context"] |= {"level": fields["level"], "twin_of": first}
            fields["level"] = "warn"
            fields.pop("stderr", None)
        else:
            route = " ".join(str(request[name]) for name in ("method", "url") if request.get(name))
            fields["stderr"] = f"{route} {error['message']}".strip()
