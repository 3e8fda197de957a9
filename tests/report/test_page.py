"""The page tells what the questions answer, in both languages, within its size."""

import re
import string
from base64 import b64encode
from datetime import timedelta, timezone
from hashlib import sha256

import pytest

from genesis_mcp.answers.readable import showing_secrets
from genesis_mcp.report import PAGE_BYTES_MAX, language_named, safety
from genesis_mcp.report.localised import Words, language_accepted, language_of_this_place
from genesis_mcp.report.texts import TEXTS
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import NOW, record, service_on
from tests.helpers.snapshots import check_snapshot
from tests.report.reading import made, words_of
from tests.report.situations import whole


@pytest.fixture
def service(tmp_path):
    store = SQLiteStore(tmp_path / "logs.db")
    yield service_on(store)
    store.close()


def as_a_document(page):
    """The page's words, a line for each block."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    body = re.sub(r"genesis-mcp \d+\.\d+\.\d+", "genesis-mcp VERSION", body)
    body = re.sub(r"<(?:svg|path|rect)[^>]*?(?: aria-label=\"([^\"]*)\")?[^>]*>", r"\1", body)
    lines = (" ".join(line.split()) for line in re.sub(r"<[^>]+>", " ", body).split("\n"))
    return "\n".join(filter(None, lines)) + "\n"


@pytest.mark.parametrize("language", TEXTS)
def test_a_page_says_what_failed_and_where_it_stands(service, language):
    whole(service)
    page = made(service, language=language)
    words_of(page)
    check_snapshot(f"report.{language}.txt", as_a_document(page))


@pytest.mark.parametrize("language", TEXTS)
def test_the_page_of_an_empty_store_says_how_to_fill_it(service, language):
    words = words_of(made(service, language=language))
    assert TEXTS[language]["nothing_recorded"] in words
    assert "genesis-mcp run --spec ID -- COMMAND" in words


def test_the_page_of_a_store_without_a_failure_says_so(service):
    record(service, "soma", 0, minutes_ago=5)
    words = words_of(made(service))
    assert TEXTS["en"]["no_failures"] in words
    assert "soma" in words


def test_what_is_older_than_asked_for_is_no_error_of_the_page(service):
    record(service, "velha", 1, minutes_ago=3_000, stderr="ValueError: antiga\n")
    record(service, "velha", 0, minutes_ago=2_000)
    record(service, "nova", 1, minutes_ago=5, stderr="ValueError: recente\n")
    words = words_of(made(service, since="24h"))
    assert "recente" in words
    assert "antiga" not in words


def test_the_languages_have_the_same_texts_with_the_same_values():
    def values(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in TEXTS["en"].items():
        other = TEXTS["pt-BR"][key]
        assert values(text) == values(other), key
        assert text.count("|") == other.count("|"), key
    assert TEXTS["en"].keys() == TEXTS["pt-BR"].keys()


@pytest.mark.parametrize(
    ("named", "language"),
    [("pt-BR", "pt-BR"), ("pt_PT.UTF-8", "pt-BR"), ("PT", "pt-BR"), ("en_GB", "en")],
)
def test_a_language_is_known_by_its_beginning(monkeypatch, named, language):
    assert language_named(named) == language
    assert language_accepted(f"fr, {named};q=0.8, *") == language
    monkeypatch.setenv("LC_ALL", named)
    assert language_of_this_place() == language


def test_numbers_and_times_are_those_of_the_language_and_the_zone():
    english, portuguese = Words("en"), Words("pt-BR")
    moment = NOW.astimezone(timezone(timedelta(hours=-3)))
    assert english.moment(moment) == "19 Dec 12:30"
    assert portuguese.moment(moment, has_year=True) == "19 dez. 2025 12:30"
    assert portuguese.zone(moment) == "UTC−03:00"
    assert (english.number(12_345), portuguese.number(12_345)) == ("12,345", "12.345")
    assert english("specs_not_shown", n=1) == "1 more spec is not shown."


def test_secrets_are_replaced_also_where_answers_show_them(service):
    secret = "Zk83hqTr0m-x"
    code = f"senha = '{secret}'\n"
    record(service, "soma", 0, minutes_ago=9, code_snapshot="ok = 1\n")
    record(
        service, "soma", 1, minutes_ago=5, stderr=f"ValueError: password={secret}\n",
        code_snapshot=code,
    )  # fmt: skip
    with showing_secrets():
        page = made(service)
    assert secret not in page
    assert "ValueError" in page


def test_a_page_keeps_its_size_and_says_what_it_leaves_out(service):
    texts = {"stderr": "ValueError: " + "\"'&<" * 5_000 + "\n", "code_snapshot": "\"'\n" * 3_000}
    name = "x" * 190
    service.record(
        [
            make_run(
                {
                    "spec_id": f"{name}{number}",
                    "exit_code": exit_code,
                    "timestamp": NOW - timedelta(minutes=number, hours=1 - exit_code),
                    "kind": "run",
                    **(texts if exit_code else {"code_snapshot": "<<>>\n" * 3_000}),
                    "stderr": f"Erro {chr(97 + number % 26) * (number + 3)}: " + texts["stderr"],
                },
                recorded_by="test",
            )
            for number in range(70)
            for exit_code in (0, 1)
        ]
    )
    page = made(service)
    assert len(page.encode()) <= PAGE_BYTES_MAX
    words = words_of(page)
    assert re.search(r"\d+ more specs are not shown\.", words)
    assert re.search(r"\d+ more specs that fail are not told of in detail\.", words)
    assert re.search(r"[\d,]+ characters are not shown\.", words)


def test_the_policy_takes_our_style_alone(service):
    page = made(service)
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    [policy] = re.findall('Content-Security-Policy" content="([^"]+)"', page)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "script-src" not in policy
    assert safety()["Content-Security-Policy"].startswith(policy)
