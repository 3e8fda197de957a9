"""Secrets are in no answer about a run that printed them, and placeholders stand in each.

The outputs are those of the tests' cases (`redaction: ...`), and some of kinds that they lack.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from genesis_mcp.questions.arguments import (
    CompareRuns,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
)
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import record, service_on

CASES = Path(__file__).parents[1] / "diagnostics" / "cases" / "examples.ndjson"


class Printed(NamedTuple):
    """What a run printed; what no answer may show, and what must still be readable."""

    text: str
    hidden: list[str]
    kept: list[str]


def _cases() -> dict[str, Printed]:
    examples = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return {
        f"{one['id']} {one['about']}": Printed(
            one["stderr"],
            one["expect"]["excerpt_without"],
            one["expect"]["excerpt_with"],
        )
        for one in examples
        if one["about"].startswith("redaction: ")
    }


OTHERS = (
    # Programs and settings that take a secret in ways of their own.
    ("+ openssl rsa -in chave.pem -passin pass:Qm7vRtz2Lw9x", ["Qm7vRtz2Lw9x"]),
    ("gpg --batch --passphrase 'N4vio-azul-82' -d backup.gpg", ["N4vio-azul-82"]),
    ("java -Dspring.datasource.password=Tr1ng0l3-9k -jar loja.jar", ["Tr1ng0l3-9k"]),
    ("+ htpasswd -b .htpasswd ana Zk83hqTr0m", ["Zk83hqTr0m"]),
    ("echo 'deploy:Wq7Lm2xPz9' | chpasswd", ["Wq7Lm2xPz9"]),
    ("+ wget --user=ana --password=Vt5kQ9zLm1 https://h/x.tgz", ["Vt5kQ9zLm1"]),
    ("+ http -a ana:Bq8rTz3mKw GET https://api.interno/x", ["Bq8rTz3mKw"]),
    ("ansible_become_pass=Hx4pLk9wQz ansible_user=deploy", ["Hx4pLk9wQz"]),
    ("+ vault kv put secret/loja password=Jw6tRb1xNc", ["Jw6tRb1xNc"]),
    ("+ sshpass -p 'Gd2mVx7qPk' ssh -p 2222 root@h", ["Gd2mVx7qPk"]),
    # Addresses and strings of connections.
    ("jdbc:postgresql://h:5432/loja?user=ana&password=Ls9fKd3wPq", ["Ls9fKd3wPq"]),
    ("Server=tcp:h,1433;Uid=sa;Pwd=Xc5vBn8mQw;Encrypt=yes", ["Xc5vBn8mQw"]),
    (
        "DefaultEndpointsProtocol=https;AccountName=loja;"
        "AccountKey=bXVpdG9zZWdyZWRvbXVpdG9zZWdyZWRv9Q==;EndpointSuffix=core",
        ["bXVpdG9zZWdyZWRvbXVpdG9zZWdyZWRv9Q=="],
    ),
    ("redis.exceptions: redis://:Pt7yHn2wKs@cache:6379/0 refused", ["Pt7yHn2wKs"]),
    ("smtps://avisos%40loja:Mz4kRv8tQx@smtp.interno:465", ["Mz4kRv8tQx"]),
    # Files and objects as they are printed.
    ("<server><id>nexus</id><password>Fk3nWq9zTb</password></server>", ["Fk3nWq9zTb"]),
    ("requests.get(url, auth=('ana', 'Dy6mLs1vKp'))", ["Dy6mLs1vKp"]),
    ('body: {\\"user\\":\\"ana\\",\\"password\\":\\"Rn5xCb7wQt\\"}', ["Rn5xCb7wQt"]),
    ("data:\n  password: U2VuaGFTZWNyZXRhOTk=\nkind: Secret", ["U2VuaGFTZWNyZXRhOTk="]),
    ('resource {\n  master_password = "Kb2vTz6nXm"\n}', ["Kb2vTz6nXm"]),
    ("SECRET_KEY = 'django-insecure-8x!k2@q9v#z'", ["8x!k2@q9v#z"]),
    ("Set-Cookie: sessionid=k3j4h5g6f7d8s9a0; HttpOnly", ["k3j4h5g6f7d8s9a0"]),
    ("headers: { authorization: 'Basic YW5hOlNlbmhhMTIzNDU2' }", ["YW5hOlNlbmhhMTIzNDU2"]),
    ("git clone https://oauth2:Yp8wKd4zQm@git.interno/loja.git", ["Yp8wKd4zQm"]),
    ("index-url = https://ci:Lq3vNb9xTw@pacotes.interno/simple", ["Lq3vNb9xTw"]),
)
"""What was printed and what is secret in it."""

HARMLESS = (
    "docker run --rm -p 8080:80 -u 1000:1000 loja:1.2",
    "ssh -p 2222 deploy@h 'mkdir -p /srv/app && ls -p'",
    "git commit -am 'senha nova na tela'",
    "sort -u lista.txt; ps -u postgres; cp -p a b; zip -r saida.zip dist",
    "curl -u $USER:$PASS https://h; mysql -u loja -p loja",
    "password: ${{ secrets.DB_PASSWORD }}",
    "<password>${env.NEXUS_PASS}</password>",
    "KeyError: 'password'",
    "TypeError: password must be str, not NoneType",
    "SyntaxError: invalid token ')' (soma.py, line 3)",
    "export TOKEN=$(cat token.txt)",
    "openssl rsa -in chave.pem -passin env:SENHA",
    "auth=(user, password)",
    "AssertionError: expected token count 512 but was 498",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)
"""What has no secret in it and must be readable to the last letter."""


def answers(store, text: str) -> list[str]:
    """The answers of all tools that show a run, as they are given."""
    store.ensure_schema()
    service = service_on(store)
    record(service, "login", 1, run_id="before", stderr="no route\n", minutes_ago=5)
    record(service, "login", 1, run_id="printed", stderr=text, code_snapshot=text)
    asked = (
        service.recent_failures(RecentFailures(detail="full")),
        service.logs_for_spec(LogsForSpec(spec_id="login", detail="full")),
        service.get_run(GetRun(run_id="printed")),
        service.get_run(GetRun(run_id="printed", part="stderr")),
        service.get_run(GetRun(run_id="printed", part="code")),
        service.search_logs(SearchLogs(text=text.split()[0])),
        service.compare_runs(CompareRuns(spec_id="login")),
    )
    return [one.model_dump_json() for one in asked]


@pytest.fixture
def sqlite_store(tmp_path):
    store = SQLiteStore(tmp_path / "logs.db")
    yield store
    store.close()


@pytest.mark.parametrize(
    "printed",
    [
        *(Printed(text, hidden, []) for text, hidden in OTHERS),
        *(Printed(text, [], text.split("\n")) for text in HARMLESS),
    ],
    ids=lambda printed: printed.text[:40].split(chr(10))[0],
)
def test_secrets_in_other_clothes_are_in_no_answer(sqlite_store, printed: Printed):
    shown = answers(sqlite_store, printed.text)
    assert [one for one in printed.hidden if any(one in answer for answer in shown)] == []
    assert [one for one in printed.kept if json.dumps(one)[1:-1] not in shown[3]] == []


@pytest.mark.parametrize("printed", [pytest.param(one, id=name) for name, one in _cases().items()])
def test_a_secret_is_in_no_answer_and_a_placeholder_is_in_the_run(sqlite_store, printed: Printed):
    shown = answers(sqlite_store, printed.text)
    assert [one for one in printed.hidden if any(one in answer for answer in shown)] == []
    assert [one for one in printed.kept if json.dumps(one)[1:-1] not in shown[3]] == []
