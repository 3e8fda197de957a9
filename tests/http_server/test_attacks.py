"""Hostile use of the HTTP face: what was sent, and what came back; docs/team.md has the table."""

import gzip
import json
import os
import re
import socket
import sys
import threading
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, until

PAGE = ROOT / "docs" / "team.md"
MARK = "<!-- attacks: made by tests/http_server/test_attacks.py -->\n\n"

RUN = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: segredo\n"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPTS = {"Accept": "application/json, text/event-stream"}
MIB = b"x" * (1 << 20)


def raw(team, request, *more):
    """Bytes as they stand, and then more of them; the status and the whole answer, b"" for none."""
    place = urlsplit(team.url)
    with socket.create_connection((place.hostname, place.port), timeout=WAIT) as sender:
        with suppress(ConnectionError):
            sender.sendall(request)
            for part in more:
                sender.sendall(part)
        answer = b""
        with suppress(ConnectionError):
            while part := sender.recv(65536):
                answer += part
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0, answer


def head(team, method="POST", path="/questions/describe_logs", *headers, token=None):
    host = urlsplit(team.url).netloc
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "", ""]).encode()


def asked(team, token, name="describe_logs", arguments=None, **headers):
    body = arguments or {}
    return team.ask("POST", f"/questions/{name}", body, token=token, headers=headers)[0]


def revoked(team):
    made = team.tokens.new("gone", scopes=["read"])
    assert asked(team, made) == 200
    team.tokens.revoke("gone")
    return asked(team, made)


def expired(team):
    past = datetime.now(UTC) - timedelta(seconds=1)
    return asked(team, team.tokens.new("past", scopes=["read"], expires=past))


def readable_by_others(team):
    if sys.platform == "win32":
        return 503
    team.tokens.path.chmod(0o644)
    try:
        return asked(team, team.kinds.both)
    finally:
        team.tokens.path.chmod(0o600)


def of_another_service(team):
    team.question("record_run", {**RUN, "run_id": "run-of-web-1"}, token=team.kinds.both)
    status, told = team.question("get_run", {"run_id": "run-of-web-1"}, token=team.kinds.api)
    assert "segredo" not in json.dumps(told)
    return status


def opened(team, token):
    """A new session of MCP."""
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}}
    hello["clientInfo"] = {"name": "a", "version": "1"}
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    _, headers, _ = team.ask("POST", "/mcp", first, token=token, headers=ACCEPTS)
    return headers["mcp-session-id"]


def of_another_session(team):
    stolen = {**ACCEPTS, "Mcp-Session-Id": opened(team, team.kinds.both)}
    return team.ask("POST", "/mcp", LIST, token=team.kinds.read, headers=stolen)[0]


def chunked(team):
    request = head(team, "POST", "/runs", "Transfer-Encoding: chunked", token=team.kinds.both)
    parts = [b"%x\r\n%s\r\n" % (len(MIB), MIB)] * 33
    return raw(team, request, *parts)[0]


def split_answer(team):
    path = "/x%0d%0aSet-Cookie:%20a=b"
    status, answer = raw(team, head(team, "GET", path, token=team.kinds.both))
    assert b"set-cookie" not in answer.lower()
    return status


def split_log(team):
    before = len(team.said().splitlines())
    name = "x%22%7D%0a%7B%22token%22:%22admin"
    status, _ = raw(team, head(team, "POST", f"/questions/{name}", token=team.kinds.both))
    until(lambda: len(team.said().splitlines()) > before)
    for line in team.said().splitlines()[before:]:
        assert json.loads(line)["token"] == "both"
    return status


def too_many(team):
    made = team.tokens.new("loop", scopes=["read"])
    answered = 0
    while (status := asked(team, made)) == 200:
        answered += 1
        assert answered < 1_200
    assert (status, answered >= 120) == (429, True)  # exactly 120 where that takes no minute
    status, headers, told = team.ask("POST", "/questions/describe_logs", {}, token=made)
    assert 1 <= int(headers["retry-after"]) <= 60
    assert "wait" in told["error"]
    assert asked(team, team.kinds.read) == 200
    return status


def in_parallel(team):
    statuses = []

    def one():
        statuses.append(team.ask("GET", "/health")[0])

    askers = [threading.Thread(target=one) for _ in range(100)]
    idle = [team.connection() for _ in range(100)]
    try:
        for connection in idle:
            connection.connect()
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert asked(team, team.kinds.read) == 200
    finally:
        for connection in idle:
            connection.close()
    assert statuses == [200] * 100
    return 200


def gone_away(team):
    """Waits whose askers go away: what they held is free for the next."""
    made = team.tokens.new("fickle", scopes=["read"])
    waits = {"spec_id": "none", "timeout_seconds": 50}
    for _ in range(3):
        asker = team.connection()
        asker.request("POST", "/questions/wait_for_run", json.dumps(waits), bearing(made))
        until(lambda: asked(team, made) == 200)  # the wait has begun, or waits for its turn
        asker.close()
    until(lambda: [entry["status"] for entry in team.entries()].count(499) == 3)
    return asked(team, made, "wait_for_run", {**waits, "timeout_seconds": 0})


def bearing(token):
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def never_ending(team):
    """Sessions of clients that are started again and again, as in a loop of headless ones."""
    made = team.tokens.new("loop-of-clients", scopes=["read"])
    sessions = [opened(team, made) for _ in range(110)]
    alive = {**ACCEPTS, "Mcp-Session-Id": sessions[-1]}
    assert team.ask("POST", "/mcp", LIST, token=made, headers=alive)[0] == 200
    ended = {**ACCEPTS, "Mcp-Session-Id": sessions[0]}
    assert team.ask("POST", "/mcp", LIST, token=made, headers=ended)[0] == 404
    return 200


def crowd(team):
    """More connections than are let in: others are served again as soon as these are gone."""
    place = urlsplit(team.url)
    with ExitStack() as opened_here:
        for _ in range(700):
            sender = socket.create_connection((place.hostname, place.port), timeout=WAIT)
            opened_here.enter_context(sender)

    def is_open_again():
        with suppress(OSError):  # until it has seen that they are gone
            return team.ask("GET", "/health")[0] == 200
        return False

    until(is_open_again)
    return asked(team, team.kinds.read)


def greedy(team):
    """Waits that hold all their turns: others are answered meanwhile."""
    made = team.tokens.new("greedy", scopes=["read"])
    waits = {"spec_id": "none", "timeout_seconds": 0.5}
    began = [
        threading.Thread(target=asked, args=(team, made, "wait_for_run", waits)) for _ in range(12)
    ]
    for one in began:
        one.start()
    statuses = {asked(team, team.kinds.read), asked(team, made)}
    for one in began:
        one.join()
    assert statuses == {200}
    return 200


ATTACKS = [
    ("no token", lambda team: asked(team, None)),
    ("a wrong token", lambda team: asked(team, "gmcp_" + "0" * 64)),
    ("a token that was revoked a moment before", revoked),
    ("a token that has expired", expired),
    (
        "a good token in the URL",
        lambda team: team.ask("POST", f"/questions/describe_logs?token={team.kinds.both}", {})[0],
    ),
    ("`Authorization: Basic`", lambda team: asked(team, None, Authorization="Basic dTpw")),
    (
        "two `Authorization` headers",
        lambda team: raw(
            team, head(team, "POST", "/runs", "Authorization: Bearer x", token=team.kinds.both)
        )[0],
    ),
    ("the file of tokens made readable for others", readable_by_others),
    (
        "a reading token records: `POST /runs`",
        lambda team: team.ask("POST", "/runs", RUN, token=team.kinds.read)[0],
    ),
    (
        "a reading token records: `record_run`",
        lambda team: asked(team, team.kinds.read, "record_run", RUN),
    ),
    ("a recording token reads", lambda team: asked(team, team.kinds.record, "recent_failures")),
    ("a run of another service than the token's, by its id", of_another_service),
    ("the session of another token", of_another_session),
    ("another `Host`", lambda team: asked(team, team.kinds.both, Host="evil.example")),
    ("no `Host`", lambda team: raw(team, b"GET /health HTTP/1.0\r\n\r\n")[0]),
    (
        "two `Host` headers",
        lambda team: raw(team, head(team, "GET", "/health", "Host: evil.example"))[0],
    ),
    (
        "the `Origin` of another page",
        lambda team: asked(team, team.kinds.both, Origin="http://evil.example"),
    ),
    ("`Origin: null`", lambda team: asked(team, team.kinds.both, Origin="null")),
    (
        "33 MiB, announced",
        lambda team: raw(
            team,
            head(team, "POST", "/runs", f"Content-Length: {33 << 20}", token=team.kinds.both),
            *[MIB] * 33,
        )[0],
    ),
    ("33 MiB in chunks", chunked),
    (
        "33 MiB without a token: not read",
        lambda team: raw(team, head(team, "POST", "/runs", f"Content-Length: {33 << 20}"))[0],
    ),
    (
        "a length and chunks at once",
        lambda team: raw(
            team,
            head(
                team,
                "POST",
                "/questions/describe_logs",
                "Content-Length: 4",
                "Transfer-Encoding: chunked",
                token=team.kinds.both,
            ),
            b"0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        )[0],
    ),
    (
        "a negative length",
        lambda team: raw(team, head(team, "POST", "/runs", "Content-Length: -1"))[0],
    ),
    (
        "a header of 100 KB",
        lambda team: raw(team, head(team, "GET", "/health", f"X-Long: {'x' * 100_000}"))[0],
    ),
    (
        "a line break in a header",
        lambda team: raw(
            team, head(team, "POST", "/runs", "Idempotency-Key: a\r\n b\x00", token=team.kinds.both)
        )[0],
    ),
    ("a line break in the path, for the answer's headers", split_answer),
    ("a line break in a question's name, for the log", split_log),
    (
        "JSON nested 100,000 deep",
        lambda team: team.ask(
            "POST", "/questions/get_run", '{"a":' * 100_000, token=team.kinds.both
        )[0],
    ),
    (
        "bytes that are no JSON, to MCP",
        lambda team: team.ask(
            "POST",
            "/mcp",
            b"\xff\x00{",
            token=team.kinds.both,
            headers=ACCEPTS,
        )[0],
    ),
    (
        "a list of messages, to MCP",
        lambda team: team.ask("POST", "/mcp", [LIST, LIST], token=team.kinds.both, headers=ACCEPTS)[
            0
        ],
    ),
    (
        "a packed body: `Content-Encoding: gzip`",
        lambda team: team.ask(
            "POST",
            "/runs",
            gzip.compress(json.dumps(RUN).encode()),
            token=team.kinds.both,
            headers={"Content-Encoding": "gzip"},
        )[0],
    ),
    (
        "`PUT`, `DELETE`, `OPTIONS`, `TRACE`",
        lambda team: same(
            raw(team, head(team, method, "/runs", token=team.kinds.both))[0]
            for method in ("PUT", "DELETE", "OPTIONS", "TRACE")
        ),
    ),
    (
        "`/../health`, `//health`, `/health/`, `/HEALTH`, `/%2e%2e/etc/passwd`, `/runs%00`",
        lambda team: same(
            raw(team, head(team, "GET", path, token=team.kinds.both))[0]
            for path in (
                *("/../health", "//health", "/health/", "/HEALTH"),
                *("/%2e%2e/etc/passwd", "/runs%00"),
            )
        ),
    ),
    (
        "`/questions/../runs`, `/questions/`, `/questions/__class__`",
        lambda team: same(
            raw(team, head(team, "POST", f"/questions/{name}", token=team.kinds.both))[0]
            for name in ("../runs", "", "__class__")
        ),
    ),
    ("the 121st question of a minute; others go on", too_many),
    ("12 waits at once; others go on, and its own questions", greedy),
    ("3 waits whose askers go away; the next one", gone_away),
    ("110 sessions of one token, of which none is ended; the newest of them", never_ending),
    ("700 connections that ask nothing, and a question once they are gone", crowd),
    ("100 connections that ask at once, beside 100 that ask nothing", in_parallel),
]


def same(statuses):
    [status] = set(statuses)
    return status


MEANING = {
    200: "is answered",
    400: "refused",
    401: "a token is needed",
    403: "not allowed",
    404: "nothing there",
    405: "not here",
    408: "too slow",
    413: "too long",
    415: "not in this form",
    431: "too long",
    421: "not this server",
    429: "too many, with `Retry-After`",
    503: "nobody is let in",
}


def test_what_comes_back_from_hostile_use_is_what_the_page_says(team):
    rows = [
        f"| {name} | {(status := attack(team))} {MEANING[status]} |" for name, attack in ATTACKS
    ]
    table = "\n".join(["| sent | came back |", "|---|---|", *rows]) + "\n"
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARK)
    after = rest[rest.index("\n\n") :]
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        PAGE.write_text(before + MARK + table.rstrip() + after, encoding="utf-8")
    else:
        assert text == before + MARK + table.rstrip() + after
    said = team.said()
    assert "Traceback" not in said
    assert "segredo" not in said
    for token in team.kinds:
        assert token not in said
    assert team.ask("GET", "/health")[::2] == (200, {"status": "ok"})


@pytest.mark.long
def test_who_sends_slowly_holds_up_nobody(team):
    token = team.kinds.both
    request = head(team, "POST", "/runs", "Content-Length: 100", token=token)
    answers = {}

    def slowly(name, first):
        place = urlsplit(team.url)
        with socket.create_connection((place.hostname, place.port), timeout=WAIT) as sender:
            sender.sendall(first)
            sender.settimeout(1)
            answer = b""
            with suppress(ConnectionError):
                while True:
                    with suppress(TimeoutError):
                        if not (part := sender.recv(65536)):
                            break
                        answer += part
                    sender.sendall(b"x")
            answers[name] = answer

    slow = [
        threading.Thread(target=slowly, args=(name, first))
        for name, first in (("body", request), ("head", b"GET /health HTTP/1.1\r\nX: "))
    ]
    for one in slow:
        one.start()
    assert asked(team, token) == 200
    for one in slow:
        one.join(WAIT)
    assert answers["body"].startswith(b"HTTP/1.1 408 ")
    assert answers["head"] == b""
    assert asked(team, token) == 200
