"""Six newcomers, each with an empty home and the README: from nothing to an answer in their client.

The table in docs/first-minutes.md is theirs: `UPDATE_SNAPSHOTS=1 HYPOTHESIS_PROFILE=long
.venv/bin/pytest tests/pages/test_newcomers.py` writes its seconds anew.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.helpers.clickhouse import Server
from tests.helpers.mongod import free_port
from tests.helpers.node import installed_once
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT
from tests.pages.newcomer import Newcomer, printed_token

PAGE = ROOT / "docs" / "first-minutes.md"
SOMA = 'total = 2 + 3\nif total != 4:\n    raise ValueError("esperado 4, veio 5")\n'
WORKER = """\
const logger = require('pino')()
logger.info({ spec_id: 'frete' }, 'Task recebida')
logger.error({ spec_id: 'frete', err: new TypeError('usuário é nulo') }, 'Falha ao processar')
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the README's lines are for POSIX")


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """Where uv and pipx are, as somebody has them who uses Python."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=WAIT)
    install = [folder / "bin" / "pip", "install", "-q", "uv", "pipx"]
    subprocess.run(install, check=True, timeout=WAIT)
    programs = folder / "programs"  # not the Python of that environment
    programs.mkdir()
    for name in ("uv", "pipx"):
        (programs / name).symlink_to(folder / "bin" / name)
    return programs


@pytest.fixture
def newcomer(tmp_path, tools, request):
    made = Newcomer(tmp_path / "home", tools)
    (made.folder / "soma.py").write_text(SOMA, encoding="utf-8")
    made.reads("README.md")
    yield made
    if made.has_arrived and os.environ.get("UPDATE_SNAPSHOTS") == "1":
        _write_seconds(request.node.name, made)


def _write_seconds(test, newcomer):
    """Into the row that names the test: how many lines, and how long they took."""
    text = PAGE.read_text(encoding="utf-8")
    text, count = re.subn(rf"(<!-- {test} --> )[^|]*(?= \|)", rf"\g<1>{newcomer.cost()}", text)
    assert count == 1, test
    PAGE.write_text(text, encoding="utf-8")


def desktop_entry(newcomer):
    file = newcomer.home / ".config" / "Claude" / "claude_desktop_config.json"
    return json.loads(file.read_text(encoding="utf-8"))["mcpServers"]["genesis"]


def test_python_developer(newcomer):
    demo = re.findall(r"^python3 -m venv .* demo$", newcomer.pages, re.MULTILINE)
    assert "What broke lately?" in newcomer.types(*demo)
    theirs = {"genesis-mcp": ".venv/bin/genesis-mcp"}
    newcomer.types("genesis-mcp install claude-desktop", words=theirs)
    newcomer.types("genesis-mcp run --spec soma -- python3 soma.py", exits=1, words=theirs)
    newcomer.reads_of("ValueError: esperado 4, veio 5", desktop_entry(newcomer))


def test_node_developer(newcomer, has_node, tmp_path_factory):
    source = tmp_path_factory.mktemp("source") / "pino-alone"
    source.mkdir()
    package = {"name": "x", "private": True, "dependencies": {"pino": "^10.0.0"}}
    (source / "package.json").write_text(json.dumps(package), encoding="utf-8")
    modules = installed_once(tmp_path_factory, source) / "node_modules"
    (newcomer.folder / "node_modules").symlink_to(modules)
    (newcomer.folder / "worker.js").write_text(WORKER, encoding="utf-8")

    newcomer.types("uv tool install .")
    newcomer.types("genesis-mcp install claude-desktop")
    assert "Task recebida" in newcomer.types("node worker.js | genesis-mcp ingest")
    newcomer.reads_of("TypeError: usuário é nulo", desktop_entry(newcomer))


@pytest.fixture
def v1_2s_table(clickhouse_port):
    """The table and the user of v1.2, made by its own statements, with one failed run."""
    server = Server(clickhouse_port)
    text = (ROOT / "tests" / "documents" / "clickhouse_v1.2.sql").read_text(encoding="utf-8")
    plain = re.sub(r"--[^\n]*", "", text)
    *made, _question = filter(None, map(str.strip, plain.split(";")))
    for statement in made:
        server.run(statement)
    row = {"spec_id": "spec_001", "iteration": 1, "exit_code": 1, "stderr": "TypeError: x\n"}
    server.run(f"INSERT INTO genesis.logs FORMAT JSONEachRow\n{json.dumps(row)}")
    yield server
    server.run("DROP DATABASE genesis SYNC")
    server.run("DROP USER genesis_readonly")


def test_operator_of_v1_2(newcomer, v1_2s_table):
    newcomer.types("uv tool install .")
    newcomer.reads("docs/documents.md", "docs/clickhouse.md")
    variables = {
        "CLICKHOUSE_HOST": "127.0.0.1",
        "CLICKHOUSE_PORT": str(v1_2s_table.port),
        "CLICKHOUSE_USER": "genesis_readonly",
        "CLICKHOUSE_PASSWORD": "senha_segura",
        "CLICKHOUSE_SECURE": "false",
    }
    assert set(variables) <= set(re.findall(r"CLICKHOUSE_\w+", newcomer.pages))
    assert "may only be read" in newcomer.types("genesis-mcp doctor", **variables)
    newcomer.types("genesis-mcp install claude-desktop --with-secrets", **variables)
    newcomer.reads_of("TypeError: x", desktop_entry(newcomer))


def test_claude_code_user(newcomer, claude_binaries):
    newcomer.variables["PATH"] += f"{os.pathsep}{claude_binaries}"
    newcomer.types("uv tool install .")
    newcomer.types("genesis-mcp install claude-code --hook")
    assert "Connected" in newcomer.does("claude mcp list")
    settings = json.loads((newcomer.home / ".claude" / "settings.json").read_text(encoding="utf-8"))
    [failed] = settings["hooks"]["PostToolUseFailure"]
    event = {
        "hook_event_name": "PostToolUseFailure",
        "cwd": str(newcomer.folder),
        "tool_name": "Bash",
        "tool_input": {"command": "python3 soma.py"},
        "tool_use_id": "toolu_1",
        "error": "Exit code 1\nValueError: esperado 4, veio 5",
    }
    (newcomer.folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
    newcomer.does(f"{failed['hooks'][0]['command']} < event.json")
    entries = json.loads((newcomer.home / ".claude.json").read_text(encoding="utf-8"))
    newcomer.reads_of("ValueError: esperado 4, veio 5", entries["mcpServers"]["genesis"])


def test_five_people(newcomer):
    newcomer.types("uv tool install .")
    newcomer.reads("docs/team.md", "docs/connect.md", "docs/settings.md")
    new = "genesis-mcp token new ana --scopes read,record"
    people = ("ana", "bia", "caio", "davi", "eva")
    tokens = [printed_token(newcomer.types(new, words={"ana": name})) for name in people]
    place = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        ["genesis-mcp", "serve", "--http", place],
        env=newcomer.variables,
        executable=newcomer.home / ".local" / "bin" / "genesis-mcp",
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert "/mcp)" in next(line for line in server.stderr if "serving" in line)
            for name, token in zip(people, tokens, strict=True):
                home = newcomer.home / name
                home.mkdir()
                theirs = {
                    "HOME": str(home),
                    "GENESIS_STORE": f"http://{place}",
                    "GENESIS_TOKEN": token,
                }
                newcomer.types("genesis-mcp install claude-desktop --with-secrets", **theirs)
            newcomer.types("genesis-mcp run --spec soma -- python3 soma.py", exits=1, **theirs)
            file = newcomer.home / "ana" / ".config" / "Claude" / "claude_desktop_config.json"
            entry = json.loads(file.read_text(encoding="utf-8"))["mcpServers"]["genesis"]
            newcomer.reads_of("ValueError: esperado 4, veio 5", entry)
        finally:
            server.terminate()


def test_reader_of_portuguese(newcomer):
    newcomer.pages = ""
    newcomer.reads("README.pt-BR.md")
    newcomer.types("pipx install .")
    newcomer.types("genesis-mcp install claude-desktop")
    newcomer.types("genesis-mcp run --spec soma -- python3 soma.py", exits=1)
    newcomer.reads_of("ValueError: esperado 4, veio 5", desktop_entry(newcomer))
