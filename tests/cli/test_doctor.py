"""The doctor tries things, tells each fault once with its cure, and no credential ever."""

import http.server
import json
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from genesis_mcp.__main__ import main
from genesis_mcp.cli import doctor
from genesis_mcp.stores.location import shown_address
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.waiting import WAIT

SECRET = "S3cretPw"


def examined(url, **options):
    done = cli("doctor", store_url=url, **options)
    said = done.stdout.decode() + done.stderr.decode()
    assert SECRET not in said
    assert len(re.findall("^fault", said, re.MULTILINE)) == (done.returncode != 0)
    return done.returncode, said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"mongodb://us:{SECRET}@h/genesis", "mongodb://h/genesis"),
        (f"mongodb://us:{SECRET}@a:1,b:2,[::1]:3/g?x=y", "mongodb://a:1,b:2,[::1]:3/g"),
        (f"mongodb+srv://us:{SECRET}@h.example.org", "mongodb+srv://h.example.org"),
        (f"clickhouse://us:{SECRET}@h:8123/g?verify={SECRET}", "clickhouse://h:8123/g"),
        (f"mongodb://us:{SECRET}/x@h/genesis", None),
        (f"mongodb://us:12345/{SECRET}@h/genesis", None),
        (f"mongodb://us:x@{SECRET}@h/genesis", None),
        (f"mongodb://us:{SECRET}?x@h/genesis", None),
        (f"mongodb://us:{SECRET}#x@h/genesis", None),
        (f"mongodb://us:{SECRET}", None),
        (f"us:{SECRET}@h", None),
        (SECRET, None),
        ("sqlite:////home/ana/logs.db", "sqlite:////home/ana/logs.db"),
        (f"sqlite:///us:{SECRET}@h/logs.db", None),
        (f"sqlite:////home/ana/logs.db?key={SECRET}", "sqlite:////home/ana/logs.db"),
        ("clickhouse+chdb:///data", "clickhouse+chdb:///data"),
    ],
)
def test_of_an_address_that_is_not_surely_read_nothing_is_shown(url, shown):
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://us:{SECRET}/Pw@h/genesis",
        f"us:{SECRET}@h",
        f"mongodb://127.0.0.1:1/g?authMechanismProperties={SECRET}",
        f"clickhouse://us:{SECRET}@127.0.0.1:1/g?verify={SECRET}",
        f"clickhouse://us:{SECRET}@127.0.0.1:1/g",
    ],
)
def test_a_badly_written_address_shows_no_password_and_is_told_once(url):
    code, said = examined(url)
    assert code in (2, 4)
    assert "Mend what is marked" in said


def test_a_store_that_works_is_written_to_and_left_as_it_was(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    before = exported(url)
    code, said = examined(url)
    assert (code, "runs can be recorded: it was tried" in said) == (0, True)
    assert exported(url) == before


def test_a_lock_that_is_held_is_found(tmp_path, url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    with closing(sqlite3.connect(tmp_path / "logs.db", isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        code, said = examined(url, variables={"GENESIS_TIMEOUT_SECONDS": "1"})
    assert code == 4
    assert "locked" in said


FULL = (
    "import resource, runpy, sys\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    "sys.argv[1:] = ['doctor']\n"
    "runpy.run_module('genesis_mcp', run_name='__main__')\n"
)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_a_disk_that_takes_nothing_is_found(url):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    done = subprocess.run(
        [sys.executable, "-c", FULL], env=environment(url), capture_output=True, timeout=WAIT
    )
    assert done.returncode == 4
    assert b"runs can be recorded" not in done.stdout


def test_a_disk_that_is_nearly_full_is_found(url, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "ROOM_BYTES", 2**62)  # more than any disk has
    monkeypatch.setenv("GENESIS_STORE", url)
    assert main(["doctor"]) == 4
    said = capsys.readouterr().out
    assert re.search(r"fault  Only \d+ MB are free where runs are written; free some, or ", said)
    assert said.count("fault") == 2  # and the last line


def test_a_home_directory_that_is_missing_is_told_and_ends_nothing_else(url, home):
    away = home / "away"
    code, said = examined(url, variables={"HOME": str(away), "USERPROFILE": str(away)})
    assert code == 2
    assert "There is no home directory" in said
    assert "8 tools" in said


def test_the_cure_of_tls_on_a_plain_port_is_named(url):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        parts = {"CLICKHOUSE_HOST": "127.0.0.1", "CLICKHOUSE_PORT": str(server.server_port)}
        code, said = examined("", variables={"CLICKHOUSE_PASSWORD": SECRET, **parts})
        server.shutdown()
    assert code == 4
    assert "CLICKHOUSE_SECURE=false" in said


# --- Claude's own configuration ------------------------------------------------------------------


def entered(home, command, *arguments, **variables):
    server = {"command": command, "args": list(arguments), "env": variables}
    (home / ".claude.json").write_text(json.dumps({"mcpServers": {"genesis": server}}))


def test_claude_that_does_not_know_the_server_is_told_how_to(url):
    assert "it does not know this server yet: genesis-mcp install claude" in examined(url)[1]


def test_claude_that_starts_it_on_the_same_store_is_well(url, home):
    entered(home, sys.executable, "-m", "genesis_mcp", "serve", GENESIS_STORE=url)
    code, said = examined(url)
    assert (code, "entered in Claude Code\n" in said) == (0, True)


def test_claude_that_looks_at_another_store_is_told(url, home):
    entered(home, sys.executable, "-m", "genesis_mcp", "serve")
    code, said = examined(url)
    assert (code, "Claude Code names another store than this shell" in said) == (0, True)


def test_a_command_of_claudes_that_is_not_there_is_a_fault(url, home):
    entered(home, "/no/such/genesis-mcp", "serve", GENESIS_STORE=url)
    code, said = examined(url)
    assert (code, "a command that is not there" in said) == (2, True)


def test_another_installation_than_this_shells_is_told_with_the_command_that_mends_it(
    url, home, tmp_path
):
    other = tmp_path / "bin" / "genesis-mcp"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    entered(home, str(other), "serve", GENESIS_STORE=url)
    code, said = examined(url)
    told = "Claude Code starts another installation: genesis-mcp install claude-code --scope user"
    assert (code, told in said) == (0, sys.platform != "win32")


def test_an_entry_that_leads_into_a_cache_is_a_fault(url, home):
    entered(
        home, str(home / ".cache" / "uv" / "archive-v0" / "x" / "bin" / "python"), "genesis_mcp"
    )
    code, said = examined(url)
    assert (code, "leads into a cache" in said, "uv tool install" in said) == (2, True, True)


ODD = ["{", "[]", "7", '{"mcpServers": [1]}', '{"mcpServers": {"x": 3}}']


@pytest.mark.parametrize("text", ODD)
def test_a_configuration_that_is_odd_ends_nothing(url, home, text):
    (home / ".claude.json").write_text(text)
    code, said = examined(url)
    assert code == (2 if text in ("{", "[]", "7") else 0)
    assert "8 tools" in said
