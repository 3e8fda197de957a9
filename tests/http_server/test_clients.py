"""`GENESIS_STORE=http...`: every client of ours works with a team's server as with a store."""

import json
import os
import re
import subprocess
import sys
from contextlib import closing

import pytest

from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import ConfigError, StoreUnavailable
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.recording import api
from genesis_mcp.stores import open_store
from tests.helpers.command_line import cli, environment, exported, summary
from tests.helpers.team_server import TeamServer

SOMA = "import sys; print('esperado 4, veio 5'); raise ValueError('soma')"


@pytest.fixture
def ours(team):
    """A command that uses the server."""

    def run(*arguments, token=None, **options):
        variables = {"GENESIS_TOKEN": token or team.kinds.both, **options.pop("variables", {})}
        return cli(*arguments, store_url=team.url, variables=variables, **options)

    return run


def test_commands_record_and_ask_as_with_the_store_itself(team, ours):
    for _ in range(2):
        done = ours("run", "--spec", "cli", "--", sys.executable, "-c", SOMA)
        assert done.returncode == 1
    assert b"genesis-mcp: cli #2 failed, exit 1; nothing changed: ValueError: soma" in done.stderr
    record = {"spec_id": "cli", "exit_code": 0}
    done = ours("record", input=json.dumps(record).encode())
    assert b"Recorded #3: passed; fixed" in done.stdout
    assert (
        json.loads(ours("record", "--json", input=json.dumps(record).encode()).stdout)["iteration"]
        == 4
    )
    lines = "".join(f'{{"spec_id":"lines","exit_code":{n % 2}}}\n' for n in range(20))
    assert summary(ours("ingest", "--json", input=lines.encode()))["recorded"] == 20
    for arguments in (
        ["failures"],
        ["spec", "cli"],
        ["show", "cli#1"],
        ["search", "esperado"],
        ["compare", "cli"],
        ["describe"],
        ["watch", "cli", "--after", "cli#1", "--timeout", "0"],
    ):
        done, there = ours(*arguments), cli(*arguments, store_url=team.store_url)
        assert (done.returncode, done.stderr) == (there.returncode, there.stderr), arguments
        assert heads(done.stdout) == heads(there.stdout), arguments
    shown = json.loads(ours("spec", "cli", "--json").stdout)
    assert [one["iteration"] for one in shown["attempts"]] == [4, 3, 2, 1]


def heads(output):
    """The lines without the fence's mark, which is made by chance, and without how long ago."""
    return re.sub(r"\d+ \w+ ago|(?<=<log-)\w+|(?<=</log-)\w+", "", output.decode()).splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        ["prune", "--days", "9", "--yes"],
        ["prune", "--days", "9", "--vacuum"],
        ["init"],
        ["init", "--print"],
        ["hook", "--tidy"],
        ["export"],
        ["forget", "--spec", "cli", "--yes"],
        ["copy", "--from", "HERE", "--to", "sqlite:///other.db"],
        ["copy", "--from", "STORE", "--to", "HERE"],
    ],
    ids=lambda one: one[0] + one[-1][-5:],
)
def test_what_is_for_the_store_itself_is_refused_in_a_sentence(team, ours, arguments, tmp_path):
    team.question("record_run", {"spec_id": "cli", "exit_code": 0}, token=team.kinds.both)
    places = {"HERE": team.url, "STORE": team.store_url}
    given = [places.get(one, one) for one in arguments]
    done = ours(*given, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b""), done.stderr
    assert b"do this where the server runs" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_python_and_doctor_and_stdio_use_it(team, ours, monkeypatch):
    monkeypatch.setenv("GENESIS_TOKEN", team.kinds.both)
    recorded = api.record_run("python", exit_code=1, stderr="KeyError: 'x'\n", store=team.url)
    assert (recorded.iteration, recorded.error) == (1, "KeyError: 'x'")
    assert "Recorded #1: failed" in recorded.summary
    finished = api.run_command([sys.executable, "-c", ""], spec_id="python", store=team.url)
    assert finished.recorded.verdict == "fixed"
    with closing(open_store(team.url)) as store:
        asked = Service.on(store).recent_failures(RecentFailures(spec_id="python"))
    assert "KeyError" in fit(asked, 8000).text
    done = ours("doctor")
    assert done.returncode == 0, done.stdout
    assert b"ok     a team's server: " in done.stdout
    assert b"Everything works." in done.stdout
    assert team.kinds.both.encode() not in done.stdout + done.stderr


def test_a_hook_says_the_verdict_beside_a_failure(team, ours, tmp_path):
    event = {
        "hook_event_name": "PostToolUseFailure",
        "tool_name": "Bash",
        "tool_input": {"command": "pytest tests/test_x.py"},
        "error": "Exit code 1\nFAILED tests/test_x.py::test_a - assert 1 == 2",
        "cwd": str(tmp_path),
    }
    said = [
        ours("hook", input=json.dumps({**event, "tool_use_id": f"t{n}"}).encode()).stdout
        for n in range(2)
    ]
    assert said[0] == b""
    beside = json.loads(said[1])["hookSpecificOutput"]["additionalContext"]
    assert beside.startswith("genesis-mcp: #2 same error")


def test_a_child_never_gets_the_token(team, ours, tmp_path):
    code = "import os; print([n for n in os.environ if n.startswith('GENESIS_')])"
    done = ours("run", "--spec", "child", "--", sys.executable, "-c", code)
    assert done.stdout.strip() == b"['GENESIS_RECORDING']"
    test = tmp_path / "test_env.py"
    test.write_text("import os\ndef test_it(): assert 'GENESIS_TOKEN' not in os.environ\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--genesis", "-p", "no:cacheprovider", str(test)],
        env=environment(team.url, GENESIS_TOKEN=team.kinds.both),
        cwd=tmp_path,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout
    assert b"GENESIS_TOKEN" in done.stdout
    assert any("test_it" in str(run["spec_id"]) for run in exported(team.store_url))


def test_what_cannot_be_delivered_is_kept_until_it_can(tmp_path, url):
    server = TeamServer(tmp_path, url)
    made = server.tokens.new("w", scopes=["record"])
    with server:
        pass
    assert server.stop() != 0  # nobody serves there now

    def ours(*arguments, token=made, **options):
        return cli(*arguments, store_url=server.url, variables={"GENESIS_TOKEN": token}, **options)

    done = ours("run", "--spec", "a", "--", sys.executable, "-c", "")
    assert done.returncode == 0
    assert b"cannot be reached" in done.stderr
    assert b"The run was kept" in done.stderr
    assert b"1 kept" in ours("ingest", input=b'{"spec_id":"b","exit_code":1}\n').stderr
    with server:
        done = ours("run", "--spec", "a", "--", "true", token="gmcp_" + "0" * 64)
        assert b"This token is unknown, revoked or expired." in done.stderr
        assert b"The run was kept" in done.stderr
        assert b"3 kept runs recorded now" in ours("flush").stderr
        assert sorted(run["spec_id"] for run in exported(url)) == ["a", "a", "b"]
        done = ours("failures")
        assert (done.returncode, b"may not read" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://logs.example:1", "use https"),
        ("https://ana:segredo@logs.example", "the token stands in GENESIS_TOKEN"),
        ("https://logs.example?token=segredo", "the token stands in GENESIS_TOKEN"),
        ("https://", "must be as in"),
        ("https://logs.example:x", "must be as in"),
    ],
)
def test_an_address_holds_no_credential_and_is_safe(address, said):
    with pytest.raises(ConfigError, match=said) as raised:
        open_store(address)
    assert "segredo" not in str(raised.value)


def test_what_answers_there_and_is_no_server_of_ours_is_said(team, tmp_path):
    (tmp_path / "questions").mkdir()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    ) as other:
        port = other.stdout.readline().split(" port ")[1].split()[0]
        service = Service.on(open_store(f"http://127.0.0.1:{port}"))
        with pytest.raises(StoreUnavailable, match="is no server of genesis-mcp"):
            service.recent_failures(RecentFailures())
        service.store.close()
        other.kill()
