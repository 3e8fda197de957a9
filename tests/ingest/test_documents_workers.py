"""The workers of the two documents as they stand, with today's packages, and how they are read."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.helpers.clickhouse import Server
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.foreign import V1_0_INDEXES
from tests.helpers.node import installed
from tests.helpers.paths import ROOT

WORKER_SECONDS = 120

V1_0 = ROOT / "tests" / "documents" / "worker_v1.0"
V1_2 = (ROOT / "tests" / "documents" / "clickhouse_v1.2.sql").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "node-pino"

TEMPLATE = """
const pino = require('pino');
const transport = pino.transport({
  target: require.resolve('./transport'),
  options: { command: process.argv[1], args: ['-m', 'genesis_mcp', 'ingest', '--quiet'] },
});
const logger = pino(transport);
const [task_id, topic, result, duration_ms] = ['T04', 'frete', 1, 12];
const err = new TypeError('usuário é nulo');

logger.info({ task_id, topic }, 'Task recebida');
logger.error({ error: err.message, stack: err.stack }, 'Falha ao processar');
logger.info({ result, duration_ms }, 'Task concluída');
"""
"""Section 3.7 with the transport that there is, and section 2.2 with values."""

CODES = {("spec_usuario_criar", 1): 1, ("spec_usuario_criar", 2): 1, ("spec_usuario_criar", 3): 0}
CODES[("spec_laco", 1)] = -1


@pytest.fixture(scope="module")
def ran(mongod, has_node, tmp_path_factory):
    """What v1.0's worker printed; its runs are in the collection of the document."""
    with mongod.client() as client:
        client.drop_database("genesis")
        for keys in V1_0_INDEXES:
            client.genesis.logs.create_index(keys)
    folder = installed(V1_0, tmp_path_factory.mktemp("v1.0") / "worker")
    done = subprocess.run(
        ["node", "worker.js"],
        cwd=folder,
        env=os.environ | {"MONGO_URI": mongod.url("genesis")},
        capture_output=True,
        timeout=WORKER_SECONDS,
        check=True,
    )
    return done.stdout


@pytest.mark.engines
def test_what_v1_0s_recorder_writes_is_answered_without_another_step(ran, mongod):
    url = mongod.url("genesis")
    runs = exported(url)
    assert {(run["spec_id"], run["iteration"]): run["exit_code"] for run in runs} == CODES
    assert all(
        (run["sprint_id"], run["task_id"], run["service"], run["version"])
        == ("S030", "T03", "genesis-pipeline", "1.0.0")
        for run in runs
    )
    told = cli("spec", "spec_usuario_criar", store_url=url).stdout.decode()
    assert "3 runs, 2 failed; newest #3 passed" in told
    assert "#3 passed · fixed" in told
    assert "TypeError: usuário é nulo" in told
    failures = json.loads(cli("failures", "--json", store_url=url).stdout)
    assert {group["error"].partition(" (")[0] for group in failures["errors"]} == {
        "TypeError: usuário é nulo",
        "AssertionError: Expected values to be strictly equal: 5 !== 4",
        "killed, without output",
    }


@pytest.mark.engines
def test_v1_0s_console_is_recorded_too(ran, url):
    done = cli("ingest", "--json", store_url=url, input=ran)
    assert json.loads(done.stdout)["events"] == 6
    events = exported(url)
    assert [
        (one["level"], one.get("spec_id"), one.get("iteration"), one["message"]) for one in events
    ] == [
        ("error", "spec_usuario_criar", 1, "Execução falhou"),
        ("error", "spec_usuario_criar", 2, "Execução falhou"),
        ("info", "spec_usuario_criar", 3, "Execução bem sucedida"),
        ("error", "spec_laco", 1, "Execução falhou"),
        ("error", None, None, "Falha ao processar"),
        ("info", None, None, "Fim"),
    ]
    assert "TypeError: usuário é nulo" in events[0]["stderr"]
    assert events[4]["stderr"] == "sem conexão"


@pytest.mark.engines
@pytest.mark.skipif(sys.platform == "win32", reason="chDB has no Windows")
def test_v1_2s_worker_logs_into_its_own_table_by_another_transport_and_init(
    has_node, clickhouse_port, tmp_path_factory
):
    server = Server(clickhouse_port)
    server.run("DROP DATABASE IF EXISTS genesis SYNC")
    for statement in re.sub(r"--[^\n]*", "", V1_2).split(";"):
        if statement.strip().startswith(("CREATE DATABASE", "CREATE TABLE", "ALTER TABLE")):
            server.run(statement)
    url = server.url(database="genesis")
    done = subprocess.run(
        ["node", "-e", TEMPLATE, sys.executable],
        cwd=installed(EXAMPLE, tmp_path_factory.mktemp("v1.2") / "worker"),
        env=environment(url),
        capture_output=True,
        timeout=WORKER_SECONDS,
        check=True,
    )
    assert 'run "genesis-mcp init" to add what is missing' in done.stderr.decode()
    assert exported(url) == []  # kept meanwhile
    assert cli("init", store_url=url).returncode == 0
    assert cli("flush", store_url=url).returncode == 0
    events = exported(url)
    assert [(one["kind"], one["level"], one["message"]) for one in events] == [
        ("event", "info", "Task recebida"),
        ("event", "error", "Falha ao processar"),
        ("event", "info", "Task concluída"),
    ]
    assert (events[0]["task_id"], events[2]["duration_ms"]) == ("T04", 12)
    assert events[1]["stderr"].startswith("TypeError: usuário é nulo\n    at ")
    told = cli("failures", store_url=url).stdout.decode()
    assert "1 error event" in told
    assert "TypeError: usuário é nulo" in told
    server.run("DROP DATABASE IF EXISTS genesis SYNC")
