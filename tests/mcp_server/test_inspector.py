"""The server through the MCP Inspector, another implementation's client. Needs Node's npx."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.helpers.command_line import cli, environment

INSPECTOR = ["-y", "@modelcontextprotocol/inspector@2.12.0", "--cli"]
NPX = shutil.which("npx") or "npx"


@pytest.fixture(scope="module")
def inspect(has_node, tmp_path_factory):
    """Runs the Inspector against a server of its own; its exit code, answer and stderr."""
    folder = tmp_path_factory.mktemp("inspector")
    url = f"sqlite:///{(folder / 'logs.db').as_posix()}"
    record = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: x\n", "run_id": "run-1"}
    cli("record", store_url=url, input=json.dumps(record).encode())

    # The Inspector passes hardly any of its own environment on to the server.
    server = [sys.executable, "-m", "genesis_mcp", "-e", f"GENESIS_STORE={url}"]

    def run(*arguments):
        done = subprocess.run(
            [NPX, *INSPECTOR, *server, *arguments, "--format", "json"],
            env={**environment(url), "HOME": str(folder)},
            capture_output=True,
            check=False,
            timeout=180,
        )
        answer = json.loads(done.stdout) if done.stdout else None
        return done.returncode, answer, done.stderr.decode()

    return run


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_lists_the_tools_and_finds_their_schemas_portable(inspect, era):
    code, answer, said = inspect("--method", "tools/list", "--protocol-era", era, "--strict", "-q")
    assert code == 0, said
    names = [tool["name"] for tool in answer["result"]["tools"]]
    assert names == [
        "recent_failures",
        "logs_for_spec",
        "describe_logs",
        "get_run",
        "search_logs",
        "compare_runs",
        "wait_for_run",
        "record_run",
    ]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("recent_failures", {"since": "1h"}),
        ("logs_for_spec", {"spec_id": "soma"}),
        ("describe_logs", {}),
        ("get_run", {"run_id": "run-1"}),
        ("search_logs", {"text": "esperado"}),
        ("compare_runs", {"spec_id": "soma"}),
        ("wait_for_run", {"spec_id": "soma", "timeout_seconds": 0.5}),
        ("record_run", {"spec_id": "outra", "exit_code": 0}),
    ],
)
def test_the_inspector_calls_each_tool(inspect, tool, arguments):
    code, answer, said = inspect(
        "--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments)
    )
    assert code == 0, said
    assert answer["result"]["structuredContent"]["summary"]


def test_the_inspector_gets_the_prompt(inspect):
    code, answer, said = inspect(
        "--method", "prompts/get", "--prompt-name", "fix_spec", "--prompt-args", "spec_id=soma"
    )
    assert code == 0, said
    [message] = answer["result"]["messages"]
    assert "ValueError" in message["content"]["text"]


def test_a_wrong_call_exits_with_5_and_a_text_that_teaches(inspect):
    wrong = ["--tool-name", "recent_failures", "--tool-args-json", '{"limt": 3}']
    code, answer, _ = inspect("--method", "tools/call", *wrong)
    assert code == 5
    [content] = answer["result"]["content"]
    assert content["text"].startswith("limt: no such argument. Did you mean limit?")
