"""`GET /report`: the page for people, for whoever may read, with what that token may see."""

import re

import pytest

from genesis_mcp.http_server.limits import CALLS_A_MINUTE
from genesis_mcp.http_server.report_asked import CALLS
from tests.helpers.team_server import TeamServer
from tests.http_server.conftest import tokens_for
from tests.report.reading import words_of


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    server = TeamServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}")
    server.kinds = tokens_for(server.tokens)
    with server:
        failed = {"exit_code": 1, "stderr": "ValueError: esperado 4, veio 5\n"}
        for spec, service in (("login", "api"), ("fatura", "financeiro")):
            told = {"spec_id": spec, "service": service, **failed}
            assert server.question("record_run", told, token=server.kinds.both)[0] == 200
        yield server


def page(team, query="", token=None, **headers):
    return team.ask("GET", f"/report{query}", token=token or team.kinds.read, headers=headers)


def test_a_reading_token_gets_the_page_with_headers_that_let_nothing_run(filled):
    status, headers, body = page(filled)
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    words = words_of(body.decode())
    assert "login" in words
    assert "fatura" in words


def test_a_token_of_one_service_sees_that_service_alone(filled):
    words = words_of(page(filled, token=filled.kinds.api)[2].decode())
    assert "login" in words
    assert "fatura" not in words
    assert "financeiro" not in words


def test_since_and_language_stand_in_the_address_or_the_language_in_a_header(filled):
    assert "O que falhou" in page(filled, "?lang=pt-BR&since=2h")[2].decode()
    accepted = {"Accept-Language": "fr, pt-PT;q=0.9, en;q=0.8"}
    assert "O que falhou" in page(filled, **accepted)[2].decode()
    assert "What failed" in page(filled, "?lang=&since=")[2].decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?lang=fr", "lang"),
        ("?since=ontem", "since"),
        ("?spec=login", "since and lang"),
        ("?lang=en&lang=en", "each once"),
    ],
)
def test_what_is_not_understood_is_refused_in_a_sentence(filled, query, said):
    status, _, told = page(filled, query)
    assert status == 400
    assert said in told["error"]


def test_who_may_not_read_gets_no_page(filled):
    assert page(filled, token=filled.kinds.record)[0] == 403
    assert filled.ask("GET", "/report")[0] == 401
    assert filled.ask("GET", f"/report?token={filled.kinds.read}")[0] == 401
    assert filled.ask("POST", "/report", {}, token=filled.kinds.read)[0] == 405


def test_a_page_counts_as_several_questions(filled):
    token = filled.tokens.new("busy", scopes=["read"])
    pages = [page(filled, token=token)[0] for _ in range(CALLS_A_MINUTE // CALLS + 1)]
    assert pages == [200] * (len(pages) - 1) + [429]
    [entry, *_] = [one for one in filled.entries() if one.get("token") == "busy"]
    assert (entry["route"], entry["asked"]) == ("/report", "report")
    assert not re.search("login|fatura", str(entry))
