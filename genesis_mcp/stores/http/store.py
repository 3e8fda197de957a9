"""What a team's server does of what a store does: it takes runs, and shows answers alone."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from genesis_mcp.errors import InputError
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.runs.record_line import as_line
from genesis_mcp.stores.http.connection import Connection, Server
from genesis_mcp.stores.location import NOT_OVER_HTTP

TOKEN = "GENESIS_TOKEN"  # noqa: S105 - the variable's name

RUNS_MAX, BYTES_MAX = 1_000, 16 * 1024 * 1024
"""In one request; the server takes twice the bytes."""


def _refused(*_: object, **__: object) -> Any:
    """What a team's server does not do for others is said when it is asked for."""
    raise InputError(NOT_OVER_HTTP)


class ServerStore:
    """A team's server. Several threads may use it; nothing is connected before it is used."""

    folds_accents = True
    is_remote = True

    def __init__(self, server: Server, token: str | None, timeout_seconds: float) -> None:
        self._connection = Connection(server, token, timeout_seconds)

    @classmethod
    def from_url(cls, url: str, *, timeout_seconds: float) -> Self:
        """The server at a URL, with the token of the environment.

        Raises:
            ConfigError: the URL is no server's.
        """
        token = os.environ.get(TOKEN, "").strip() or None
        return cls(Server.parse(url), token, timeout_seconds)

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore`; in several requests, each of which is stored whole or not at all."""
        inserted: list[Inserted] = []
        for body in _bodies(runs):
            told = self._connection.ask("/runs/each", body)
            inserted += [Inserted(**one) for one in told["runs"]]
        return inserted

    def record(self, run: Run) -> dict[str, Any]:
        """Store a run; what the server says of it."""
        return self._connection.ask("/runs/one", as_line(run))

    def answer(
        self, question: str, arguments: Mapping[str, Any], *, waits_seconds: float = 0.0
    ) -> dict[str, Any]:
        """What the server answers to a question: `text`, and `structured`."""
        body = json.dumps(arguments).encode()
        return self._connection.ask(f"/questions/{question}", body, waits_seconds=waits_seconds)

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:  # noqa: ARG002
        """No run with its texts: a server shows them in answers alone."""
        return []

    def close(self) -> None:
        """See `RunStore`."""
        self._connection.close()

    def may_write(self) -> bool:
        """Whether the token may record, the server alone knows."""
        return True

    read = find = failures = ids = repeated = in_doubt = count = specs = spec = describe = _refused
    ping = try_writing = ensure_schema = prune = forget = _refused


def _bodies(runs: Sequence[Run]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for run in runs:
        line = as_line(run)
        if lines and (len(lines) == RUNS_MAX or size + len(line) > BYTES_MAX):
            yield b"".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"".join(lines)
