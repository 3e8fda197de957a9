"""What the doctor says of Claude where it has a team's server by its URL alone."""

import json

import pytest

from genesis_mcp.cli.claude_config import check_claude
from genesis_mcp.errors import ConfigError, StoreUnavailable
from tests.helpers.claude_code import claude_in
from tests.helpers.command_line import cli
from tests.helpers.team_server import TeamServer

NOBODY_THERE = "http://127.0.0.1:9/mcp"


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    with TeamServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}") as serving:
        yield serving


@pytest.fixture(scope="module")
def token(team):
    return team.tokens.new("ana", scopes=["read"])


@pytest.fixture
def entered(home, team, token):
    """Writes what `claude mcp add --transport http` writes."""

    def enter(url=f"{team.url}/mcp", authorization=f"Bearer {token}", name="genesis"):
        entry = {"type": "http", "url": url}
        if authorization is not None:
            entry["headers"] = {"Authorization": authorization}
        text = json.dumps({"mcpServers": {name: entry}})
        (home / ".claude.json").write_text(text, encoding="utf-8")

    return enter


def test_what_claude_itself_entered_is_known_and_asked(team, token, claude_binaries, home):
    header = f"Authorization: Bearer {token}"
    add = ("mcp", "add", "--transport", "http", "--scope", "user", "genesis", f"{team.url}/mcp")
    assert claude_in(home, claude_binaries, *add, "--header", header).returncode == 0
    variables = {"GENESIS_TOKEN": token}
    done = cli("doctor", store_url=team.url, variables=variables, cwd=home)
    line = f"ok     Claude: Claude Code asks the team's server {team.url}, which answers"
    assert line in done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert token not in done.stdout.decode() + done.stderr.decode()


def test_a_shell_with_another_store_is_told_so(team, entered, url):
    entered()
    assert check_claude(url).endswith("which answers; this shell has another store")
    assert check_claude(team.url).endswith("which answers")


def test_it_is_found_by_its_token_or_its_place_whatever_it_is_called(team, entered, url):
    entered(name="logs")
    assert "which answers" in check_claude(url)
    open_to_all = "Bearer no-token-of-ours"
    entered(name="logs", authorization=open_to_all)
    assert "does not know this server yet" in check_claude(url)
    with pytest.raises(ConfigError, match="does not take the token"):
        check_claude(team.url)


def test_a_token_that_a_variable_holds_is_used_where_this_shell_has_it(
    team, token, entered, url, monkeypatch
):
    entered(authorization="Bearer ${LOGS_TOKEN}")
    assert "with a token that this shell has not: not tried" in check_claude(url)
    monkeypatch.setenv("LOGS_TOKEN", token)
    assert "which answers" in check_claude(url)
    entered(url="${LOGS_URL:-" + team.url + "}/mcp")
    assert "which answers" in check_claude(url)
    entered(url="${LOGS_URL}/mcp")
    assert "at a URL that this shell has not: not tried" in check_claude(url)


def test_a_token_that_only_records_is_accepted_as_such(team, entered, url):
    made = team.tokens.new("worker", scopes=["record"])
    entered(authorization=f"Bearer {made}")
    assert "takes its token to record, and not to read" in check_claude(url)


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"authorization": "Bearer gmcp_" + "0" * 64}, ConfigError, "does not take the token"),
        ({"authorization": None}, ConfigError, "wants a token, and there is none"),
        ({"url": NOBODY_THERE}, StoreUnavailable, "cannot be reached"),
        ({"url": "http://logs.example/mcp"}, ConfigError, "use https"),
        ({"url": "https://logs.example:x/mcp"}, ConfigError, "must be as in"),
    ],
)
def test_what_is_wrong_with_it_is_said(entered, url, fields, error, said):
    entered(**fields)
    with pytest.raises(error, match=said) as raised:
        check_claude(url)
    assert str(raised.value).startswith("Claude Code: ")
    assert "gmcp_" not in str(raised.value)
