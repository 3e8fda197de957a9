"""The page is made of answers, and so it is the same wherever the runs are."""

import os
import sys
from contextlib import closing

import pytest

from genesis_mcp.questions import Service
from genesis_mcp.stores import open_store
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import service_on
from tests.helpers.team_server import TeamServer
from tests.report.reading import made, words_of
from tests.report.situations import whole


def test_every_store_gives_the_same_page(store, tmp_path):
    pages = []
    with closing(SQLiteStore(tmp_path / "other.db")) as other:
        for one in (store, other):
            service = service_on(one)
            whole(service)
            pages.append(made(service))
    assert pages[0] == pages[1]


def test_every_store_gives_an_empty_page(store):
    assert "Nothing was recorded yet" in words_of(made(service_on(store)))


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_file_that_may_only_be_read_gives_the_same_page(tmp_path):
    file = tmp_path / "logs.db"
    with closing(SQLiteStore(file)) as store:
        whole(service_on(store))
        page = made(service_on(store))
    file.chmod(0o400)
    if os.geteuid() != 0:  # for root nothing is read-only by its rights
        tmp_path.chmod(0o500)
    with closing(SQLiteStore(file, read_only=True)) as store:
        assert made(service_on(store)) == page
    tmp_path.chmod(0o700)


def test_a_teams_server_is_asked_for_the_same_page(tmp_path, monkeypatch):
    with TeamServer(tmp_path, f"sqlite:///{(tmp_path / 'logs.db').as_posix()}") as team:
        with closing(open_store(team.store_url)) as store:
            whole(service_on(store))
            page = made(service_on(store), since="2025-12-01")
        monkeypatch.setenv("GENESIS_TOKEN", team.tokens.new("reader", scopes=["read"]))
        with closing(open_store(team.url)) as server:
            assert made(Service.on(server), since="2025-12-01") == page
