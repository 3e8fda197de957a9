"""`install` as it is typed: what it prints, where, and what it exits with."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from genesis_mcp.cli.claude_config import check_claude
from genesis_mcp.cli.demo import how_to_connect
from genesis_mcp.config import Settings
from tests.helpers.command_line import cli

NOWHERE = {"PATH": ""}
"""No client's own command is there."""


@pytest.fixture
def typed(url, home, monkeypatch):
    folders = {"APPDATA": str(home / "roaming"), "LOCALAPPDATA": str(home / "local")}
    for name, value in {"XDG_CONFIG_HOME": "", "CODEX_HOME": "", **folders}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments):
        done = cli(*arguments, store_url=url, variables=NOWHERE, cwd=home)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_what_is_entered_is_what_the_doctor_wants_to_find(typed, url):
    code, said, _ = typed("install", "claude-desktop")
    assert (code, "What broke lately?" in said) == (0, True)
    assert check_claude(url) == "entered in Claude Desktop"
    assert typed("uninstall", "claude-desktop")[0] == 0
    assert "it does not know this server yet" in check_claude(url)


def test_printed_it_is_json_alone_and_nothing_is_written(typed, home, url):
    code, printed, beside = typed("install", "cursor", "--print", "--read-only")
    server = json.loads(printed)["mcpServers"]["genesis"]
    assert server["env"] == {"GENESIS_STORE": url, "GENESIS_READ_ONLY": "1"}
    assert str(home / ".cursor" / "mcp.json") in beside
    assert (code, (home / ".cursor").exists()) == (0, False)


def test_a_file_with_comments_is_left_alone_and_what_goes_into_it_is_printed(typed, home):
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text("// mine\n{}\n", encoding="utf-8")
    code, printed, beside = typed("install", "cursor")
    assert (code, list(json.loads(printed))) == (2, ["mcpServers"])
    assert str(file) in beside
    assert "JSON with comments. Nothing was changed" in beside
    assert file.read_text(encoding="utf-8") == "// mine\n{}\n"
    code, _, beside = typed("uninstall", "cursor")
    assert (code, str(file) in beside) == (2, True)


def test_where_codex_is_not_its_toml_is_printed(typed, home, url):
    code, printed, beside = typed("install", "codex")
    server = tomllib.loads(printed)["mcp_servers"]["genesis"]
    assert (code, server["args"][-1]) == (2, "serve")
    assert server["env"] == {"GENESIS_STORE": url}
    assert str(home / ".codex" / "config.toml") in beside
    assert "was not there" in typed("uninstall", "codex")[1]
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text('[mcp_servers.genesis]\nurl = "x"\n')
    for command in ("install", "uninstall"):
        code, _, beside = typed(command, "codex")
        assert (code, "another server that is called genesis" in beside) == (2, True)


def test_no_password_is_printed_unasked(typed):
    store = "clickhouse://ana:S3cretPw@127.0.0.1:1/genesis"
    for words in (["--print"], []):
        code, printed, beside = typed("install", "claude-desktop", "--store", store, *words)
        assert (code, "--with-secrets" in beside) == (2, True)
        assert "S3cretPw" not in printed + beside


@pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX")
@pytest.mark.parametrize(
    ("token", "said"), [({}, "is not set here"), ({"GENESIS_TOKEN": "gmcp_x"}, "is left out")]
)
def test_it_says_what_a_teams_server_still_needs(home, token, said):
    arguments = ("install", "claude-desktop", "--print")
    variables = {**NOWHERE, "GENESIS_TOKEN": "", **token}
    done = cli(*arguments, store_url="https://logs.example:8765", variables=variables, cwd=home)
    assert done.returncode == 0
    assert f"GENESIS_TOKEN {said}" in done.stderr.decode()
    assert b"gmcp_x" not in done.stdout


def test_a_secret_never_stands_in_an_argument_of_codex(url, home, tmp_path):
    codex = tmp_path / "codex"
    codex.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\n', encoding="utf-8")
    codex.chmod(0o755)
    for store in (url, "mongodb://ana:S3cretPw@db.example/genesis"):
        arguments = ("install", "codex", "--with-secrets", "--store", store)
        done = cli(*arguments, store_url=url, variables={"PATH": f"{tmp_path}:/bin"})
        assert done.returncode == (0 if store == url else 2)
    [line] = (tmp_path / "arguments").read_text(encoding="utf-8").splitlines()
    assert line.startswith(f"mcp add genesis --env=GENESIS_STORE={url} -- ")
    assert line.endswith(" serve")


@pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX")
def test_where_claudes_own_command_refuses_the_file_is_changed_all_the_same(url, home, tmp_path):
    claude = tmp_path / "claude"
    claude.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    claude.chmod(0o755)
    done = cli("install", "claude-code", store_url=url, variables={"PATH": f"{tmp_path}:/bin"})
    assert (done.returncode, b"entered in" in done.stdout) == (0, True)
    assert check_claude(url) == "entered in Claude Code"


def test_the_demo_names_the_command_that_connects(url):
    said = how_to_connect(Settings(store=url))
    assert " install claude-desktop\n" in said
    [server] = json.loads(said[said.index("{") :])["mcpServers"].values()
    assert (Path(server["command"]).is_absolute(), server["env"]) == (True, {"GENESIS_STORE": url})
    said = how_to_connect(Settings(store="mongodb://ana:S3cretPw@db.example/genesis"))
    assert ("--with-secrets" in said, "S3cretPw" in said) == (True, False)
