"""What a token may do: read, record, one service; over the questions, the runs and MCP."""

import json
import re
import signal
import sys

import pytest

from genesis_mcp.cli.main import main
from genesis_mcp.mcp_server.tools import TOOLS
from tests.helpers.command_line import cli
from tests.helpers.team_server import TeamServer
from tests.helpers.waiting import until

FAILED = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5\n"}

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
STREAMED = {"Accept": "application/json, text/event-stream"}


class McpClient:
    """A session of MCP, by requests that are written here."""

    def __init__(self, team, token):
        self._team, self._token = team, token
        status, headers, self.hello = team.ask(
            "POST", "/mcp", INITIALIZE, token=token, headers=STREAMED
        )
        assert status == 200, self.hello
        self.session = headers["mcp-session-id"]
        self.headers = {**STREAMED, "Mcp-Session-Id": self.session}
        done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        team.ask("POST", "/mcp", done, token=token, headers=self.headers)

    def call(self, method, **params):
        message = {"jsonrpc": "2.0", "id": 2, "method": method, "params": params}
        status, _, told = self._team.ask(
            "POST", "/mcp", message, token=self._token, headers=self.headers
        )
        assert status == 200, told
        [data] = [line for line in told.decode().splitlines() if line.startswith("data: {")]
        return json.loads(data.removeprefix("data: "))

    def hello_capabilities(self):
        [data] = [one for one in self.hello.decode().splitlines() if one.startswith("data: {")]
        return json.loads(data.removeprefix("data: "))["result"]["capabilities"]

    def tools(self):
        return [tool["name"] for tool in self.call("tools/list")["result"]["tools"]]


def test_what_is_recorded_is_answered_by_every_question(team):
    token = team.kinds.both
    status, told = team.question("record_run", {**FAILED, "run_id": "run-0001"}, token=token)
    assert (status, told["structured"]["status"]) == (200, "recorded")
    assert "Recorded #1: failed, exit 1" in told["text"]
    asked = {
        "recent_failures": {},
        "logs_for_spec": {"spec_id": "soma"},
        "describe_logs": {},
        "get_run": {"run_id": "soma#1"},
        "search_logs": {"text": "esperado"},
        "compare_runs": {"spec_id": "soma"},
        "wait_for_run": {"spec_id": "soma", "timeout_seconds": 0},
    }
    assert {*asked, "record_run"} == {*TOOLS}
    for name, arguments in asked.items():
        status, told = team.question(name, arguments, token=token)
        assert status == 200, told
        assert told["structured"]["summary"]
        assert told["text"]
    printed = cli("failures", store_url=team.store_url).stdout.decode()
    told = team.question("recent_failures", token=token)[1]
    first = re.sub(r"\d+ \w+ ago", "", printed.splitlines()[0])
    assert first == re.sub(r"\d+ \w+ ago", "", told["text"].splitlines()[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"spec": "soma"}, "no such argument. Did you mean spec_id?"),
        ({}, "spec_id: is required."),
        ([], "must be a JSON object"),
    ],
)
def test_what_is_wrong_with_arguments_is_said(team, arguments, said):
    status, _, told = team.ask("POST", "/questions/logs_for_spec", arguments, token=team.kinds.read)
    assert (status, told["kind"]) == (400, "InputError")
    assert said in told["error"]


def test_a_token_without_record_is_offered_no_way_to(team):
    client = McpClient(team, team.kinds.read)
    assert client.tools() == [name for name in TOOLS if name != "record_run"]
    refused = client.call("tools/call", name="record_run", arguments=FAILED)["result"]
    assert refused["isError"]
    assert "There is no tool record_run." in refused["content"][0]["text"]
    assert team.question("record_run", FAILED, token=team.kinds.read)[0] == 403
    for path in ("/runs", "/runs/each", "/runs/one"):
        assert team.ask("POST", path, FAILED, token=team.kinds.read)[0] == 403


def test_a_token_with_record_alone_reads_nothing(team):
    client = McpClient(team, team.kinds.record)
    assert client.tools() == ["record_run"]
    assert "prompts" not in client.hello_capabilities()
    for name in TOOLS:
        if name != "record_run":
            answer = client.call("tools/call", name=name, arguments={"spec_id": "soma"})
            assert "There is no tool" in answer["result"]["content"][0]["text"]
            assert team.question(name, {"spec_id": "soma"}, token=team.kinds.record)[0] == 403
    assert "error" in client.call("prompts/get", name="fix_spec", arguments={"spec_id": "soma"})
    status, told = team.question("record_run", FAILED | {"spec_id": "w"}, token=team.kinds.record)
    assert (status, told["structured"]["status"]) == (200, "recorded")


def test_a_token_of_a_service_sees_and_writes_that_alone(team):
    both, api = team.kinds.both, team.kinds.api
    other = {"spec_id": "outra", "exit_code": 1, "stderr": "KeyError: 'segredo-web'\n"}
    team.question("record_run", {**other, "service": "web", "run_id": "web-run-1"}, token=both)
    own = {**other, "spec_id": "minha", "stderr": "KeyError: 'api-x'\n", "service": "web"}
    status, told = team.question("record_run", own, token=api)
    assert status == 200
    seen = team.question("recent_failures", {"service": "api"}, token=both)[1]
    assert "api-x" in seen["text"]
    hidden: list[tuple[str, dict]] = [
        ("get_run", {"run_id": "web-run-1"}),
        ("get_run", {"run_id": "outra#1"}),
        ("recent_failures", {}),
        ("recent_failures", {"service": "web"}),
        ("logs_for_spec", {"spec_id": "outra"}),
        ("search_logs", {"text": "KeyError"}),
        ("compare_runs", {"spec_id": "minha", "run_a": "web-run-1"}),
        ("describe_logs", {}),
        ("wait_for_run", {"spec_id": "outra", "timeout_seconds": 0}),
    ]
    for name, arguments in hidden:
        told = json.dumps(team.question(name, arguments, token=api)[1])
        assert "segredo-web" not in told, name
        assert "soma" not in told, name
        assert "outra" not in told or "outra" in json.dumps(arguments), name
    found = team.question("search_logs", {"text": "KeyError"}, token=api)[1]
    assert "api-x" in found["text"]
    described = team.question("describe_logs", token=api)[1]["structured"]
    assert [one["spec_id"] for one in described["specs"]] == ["minha"]
    client = McpClient(team, api)
    told = json.dumps(client.call("tools/call", name="recent_failures", arguments={}))
    assert "segredo-web" not in told
    assert "api-x" in told


def test_a_session_is_found_by_the_token_alone_that_opened_it(team):
    client = McpClient(team, team.kinds.both)
    message = {"jsonrpc": "2.0", "id": 3, "method": "tools/list"}
    for token in (team.kinds.read, team.kinds.api):
        status, _, _ = team.ask("POST", "/mcp", message, token=token, headers=client.headers)
        assert status == 404
    assert team.ask("POST", "/mcp", message, headers=client.headers)[0] == 401
    assert "record_run" in client.tools()


def test_the_access_log_names_tokens_and_questions_and_nothing_that_was_said(team):
    secret = "palavra-muito-secreta"
    team.question("search_logs", {"text": secret}, token=team.kinds.read)
    team.ask("GET", f"/{secret}?x={secret}", headers={"X-Secret": secret, "Cookie": secret})
    McpClient(team, team.kinds.read).call(
        "tools/call", name="get_run", arguments={"run_id": secret}
    )
    until(lambda: any(entry.get("asked") == "get_run" for entry in team.entries()[-2:]))
    entries = team.entries()
    asked = [entry for entry in entries if entry.get("asked") == "search_logs"]
    assert asked[-1]["token"] == "reader"
    assert asked[-1]["status"] == 200
    assert asked[-1]["client"] == "127.0.0.1"
    assert [entry["route"] for entry in entries if entry["status"] == 404][-1] == "none"
    said = team.said()
    assert secret not in said
    assert "Traceback" not in said
    for token in team.kinds:
        assert token not in said


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--http", "0.0.0.0:0"], "there is no token: genesis-mcp token new"),
        (["--http", "here"], "--http: give HOST:PORT"),
        (["--http", "127.0.0.1:99999"], "--http: give HOST:PORT"),
        (["--hosts", "x"], "--hosts goes with --http."),
        (["--http", "1", "--tls-key", "x"], "go together"),
        (
            ["--http", "127.0.0.1:0", "--tls-key", "none", "--tls-certificate", "none"],
            "give PEM files",
        ),
    ],
)
def test_flags_that_do_not_fit_are_refused(url, flags, said, capsys, home):
    assert main(["serve", *flags, "--store", url]) == 2
    assert said in capsys.readouterr().err


def test_on_this_machine_no_token_is_needed_until_there_was_one(tmp_path, url):
    with TeamServer(tmp_path, url) as server:
        assert server.question("describe_logs")[0] == 200
        made = server.tokens.new("ana", scopes=["read"])
        assert server.question("describe_logs")[0] == 401
        assert server.question("describe_logs", token=made)[0] == 200
        server.tokens.revoke("ana")
        assert server.question("describe_logs", token=made)[0] == 401
        assert server.question("describe_logs")[0] == 401


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_somebody_waits(tmp_path, url, how):
    waits = {"spec_id": "none", "timeout_seconds": 50}
    call = {"name": "wait_for_run", "arguments": waits}
    message = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}
    with TeamServer(tmp_path, url) as server:
        streamed = {**McpClient(server, None).headers, "Content-Type": "application/json"}
        heard, over_mcp, asked = (server.connection() for _ in range(3))
        heard.request("GET", "/mcp", headers={**streamed, "Accept": "text/event-stream"})
        over_mcp.request("POST", "/mcp", json.dumps(message), streamed)
        assert {heard.getresponse().status, over_mcp.getresponse().status} == {200}
        asked.request("POST", "/questions/wait_for_run", json.dumps(waits))
        assert server.question("describe_logs")[0] == 200  # what was sent before was read before
        assert server.stop(how) == 0
        answer = asked.getresponse()
        said = {"error": "The server ends; ask again in a moment.", "kind": "Refused"}
        assert (answer.status, json.load(answer)) == (503, said)
        for connection in (heard, over_mcp, asked):
            connection.close()
        assert "Traceback" not in server.said()
        assert "ERROR" not in server.said()
