"""A server for a team, which the tests of a file share, with a token of each kind."""

from typing import NamedTuple

import pytest

from tests.helpers.team_server import TeamServer


class Tokens(NamedTuple):
    both: str
    read: str
    record: str
    api: str


def tokens_for(file):
    return Tokens(
        file.new("both", scopes=["read", "record"]),
        file.new("reader", scopes=["read"]),
        file.new("worker", scopes=["record"]),
        file.new("api", scopes=["read", "record"], service="api"),
    )


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """The server, with `kinds`: its tokens."""
    folder = tmp_path_factory.mktemp("team")
    server = TeamServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}")
    server.kinds = tokens_for(server.tokens)
    with server:
        yield server
