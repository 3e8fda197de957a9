"""Tokens: made once, kept as digests for the owner alone, and gone at once when revoked."""

import json
import os
import re
import stat
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.http_server.tokens import TokenFile
from genesis_mcp.text.redact import redact
from tests.helpers.command_line import cli


@pytest.fixture
def file(tmp_path):
    return TokenFile(tmp_path / "private" / "tokens.jsonl")


def test_a_token_is_found_by_itself_alone_and_stands_nowhere_in_the_file(file):
    made = file.new("ana", scopes=["record", "read"], service="api")
    found = TokenFile(file.path).find(made)
    assert (found.name, found.scopes, found.service) == ("ana", ("read", "record"), "api")
    assert re.fullmatch(r"gmcp_[0-9a-f]{64}", made)
    assert made.removeprefix("gmcp_").encode() not in file.path.read_bytes()
    assert found.digest not in repr(found)
    for wrong in ("", "gmcp_", made[:-1], made + "0", made.upper(), found.digest, "\udcff", "ç"):
        assert file.find(wrong) is None
    assert redact(f"curl -H 'X: {made}'") == "curl -H 'X: [redacted:genesis-token]'"


def test_a_running_server_sees_what_is_made_and_revoked(file):
    server = TokenFile(file.path)
    assert server.tokens() == ()
    first, second = file.new("ana", scopes=["read"]), file.new("bia", scopes=["record"])
    assert [server.find(one).name for one in (first, second)] == ["ana", "bia"]
    file.revoke("ana")
    assert server.find(first) is None
    assert server.find(second).scopes == ("record",)
    with pytest.raises(InputError, match=r"no token of this name\. Tokens: bia"):
        file.revoke("ana")
    with pytest.raises(InputError, match="There is a token of this name"):
        file.new("bia", scopes=["read"])
    file.path.unlink()
    assert server.find(second) is None


def test_an_expired_token_is_none(file):
    moment = datetime.now(UTC)
    past = file.new("old", scopes=["read"], expires=moment - timedelta(seconds=1))
    good = file.new("new", scopes=["read"], expires=moment + timedelta(days=1))
    assert file.find(past) is None
    assert file.find(good).name == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such modes")
def test_a_file_that_others_may_read_lets_nobody_in(file):
    made = file.new("ana", scopes=["read"])
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    for mode in (0o640, 0o604, 0o620, 0o660):
        file.path.chmod(mode)
        for reader in (file, TokenFile(file.path)):
            with pytest.raises(ConfigError, match="chmod 600"):
                reader.find(made)
    file.path.chmod(0o600)
    assert file.find(made).name == "ana"


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "[]",
        '{"name":"a"}',
        '{"name":"a","digest":"00","scopes":["read"],"created":"2025-12-19"}',
        f'{{"name":"a","digest":"{"0a" * 32}","scopes":["admin"],"created":"2025-12-19"}}',
        f'{{"name":"a","digest":"{"0a" * 32}","scopes":[],"created":"2025-12-19"}}',
        f'{{"name":"a","digest":"{"0a" * 32}","scopes":["read"],"created":"soon"}}',
        f'{{"name":"a","digest":"{"0a" * 32}","scopes":["read"],"service":3,"created":"2025"}}',
    ],
)
def test_a_damaged_file_lets_nobody_in_and_is_never_written_over(file, line):
    made = file.new("ana", scopes=["read"])
    with file.path.open("a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")
    for call in (lambda: file.find(made), lambda: file.new("b", scopes=["read"])):
        with pytest.raises(ConfigError, match="damaged in line 2"):
            call()
    assert b"ana" in file.path.read_bytes()


def test_many_make_tokens_at_once_and_none_is_lost(file):
    makers = [
        threading.Thread(
            target=TokenFile(file.path).new, args=(f"n{n}",), kwargs={"scopes": ["read"]}
        )
        for n in range(8)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert {token.name for token in file.tokens()} == {f"n{n}" for n in range(8)}


def test_the_command_makes_lists_and_revokes(url, tmp_path):
    place = ("--tokens", str(tmp_path / "tokens.jsonl"))

    def token(*arguments):
        return cli("token", *arguments, *place, store_url=url)

    made = token("new", "ana", "--scopes", "read, record", "--service", "api", "--days", "30")
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(rb"gmcp_[0-9a-f]{64}\s*", made.stdout)
    assert made.stdout.strip() not in made.stderr
    [told] = json.loads(token("list", "--json").stdout)
    assert (told["name"], told["scopes"], told["service"]) == ("ana", ["read", "record"], "api")
    assert told["expires"] > told["created"]
    listed = token("list").stdout
    assert b"ana: read, record; service api" in listed
    assert b"digest" not in listed + json.dumps(told).encode()
    assert token("revoke", "ana").returncode == 0
    assert b"There is no token." in token("list").stdout
    for wrong, said in (
        (("new",), b"Name the token"),
        (("revoke", "ana"), b"no token of this name"),
        (("new", "x", "--scopes", "admin"), b"scopes: must be one of"),
        (("new", "x", "--days", "0"), b"days: must be at least 1"),
        (("new", "x", "--scopes", ""), b"--scopes: has no value"),
        (("new", "x", "--service", ""), b"--service: has no value"),
        (("new", "x", "--days", ""), b"--days: has no value"),
    ):
        done = token(*wrong)
        assert done.returncode == 2
        assert said in done.stderr
    if os.name == "posix":
        (tmp_path / "tokens.jsonl").chmod(0o644)
        assert b"chmod 600" in token("list").stderr
