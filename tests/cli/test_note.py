"""`genesis-mcp note`: for people; no tool writes one."""

import json
import sys

import pytest

from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.command_line import cli
from tests.helpers.team_server import TeamServer


@pytest.fixture
def filled(url):
    record = b'{"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5"}'
    cli("record", store_url=url, input=record)
    return url


def test_a_note_is_kept_listed_copied_and_dropped(filled, tmp_path):
    kept = cli("note", "soma#1", "conhecido, chamado 12", store_url=filled)
    assert kept.stdout.decode() == "ValueError: esperado 4, veio 5\n  conhecido, chamado 12\n"
    assert b"note: conhecido, chamado 12" in cli("failures", store_url=filled).stdout
    [listed] = cli("note", "--json", store_url=filled).stdout.splitlines()
    listed = json.loads(listed)
    assert listed["note"] == "conhecido, chamado 12"
    assert listed["error"] == "ValueError: esperado 4, veio 5"
    copy = f"sqlite:///{(tmp_path / 'copy.db').as_posix()}"
    done = cli("copy", "--from", filled, "--to", copy, "--json", store_url=filled)
    assert json.loads(done.stdout)["notes"] == 1
    assert b"chamado 12" in cli("note", store_url=copy).stdout
    dropped = cli("note", listed["key"][:8], "--remove", store_url=filled)
    assert dropped.stdout.decode() == "Dropped: conhecido, chamado 12\n"
    assert b"No notes are kept" in cli("note", store_url=filled).stdout


def test_the_next_verdict_says_what_was_noted(filled, tmp_path):
    cli("note", "soma#1", "conhecido, chamado 12", store_url=filled)
    program = "raise ValueError('esperado 4, veio 5')"
    done = cli("run", "--spec", "soma", "--", sys.executable, "-c", program, store_url=filled)
    assert b"noted: conhecido, chamado 12" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["soma#1"], 2, b"ERROR and TEXT"),
        (["soma#1", "x", "--remove"], 2, b"ERROR and TEXT"),
        (["--remove"], 2, b"--remove: say of which error"),
        (["nada#1", "x"], 2, b"ERROR: "),
        (["soma#1", "--remove"], 2, b"there is no note on this error"),
        (["soma#1", "x", "--read-only"], 3, b"read-only"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(filled, arguments, code, said):
    done = cli("note", *arguments, store_url=filled)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_notes_of_a_team_are_kept_where_the_server_runs_and_read_by_all(tmp_path, monkeypatch):
    with TeamServer(tmp_path, f"sqlite:///{(tmp_path / 'logs.db').as_posix()}") as team:
        token = team.tokens.new("both", scopes=["read", "record"])
        failed = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5"}
        team.question("record_run", failed, token=token)
        refused = cli("note", "soma#1", "x", store_url=team.url, variables={"GENESIS_TOKEN": token})
        assert refused.returncode == 2
        assert b"where the server runs" in refused.stderr
        cli("note", "soma#1", "conhecido", store_url=team.store_url)
        told = team.question("recent_failures", token=token)[1]
        assert "note: conhecido" in told["text"]


def test_no_tool_writes_a_note():
    assert not any("note" in name for name in TOOLS)
