"""deploy/: what can be looked at without a Docker engine; docs/deploy.md says what that leaves."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest

from genesis_mcp.stores import open_store
from genesis_mcp.stores.clickhouse.schema import TEXT_INDEX_SINCE, Table, steps
from tests.helpers.clickhouse import Server, start_server, stop_server
from tests.helpers.command_line import environment
from tests.helpers.paths import ROOT
from tests.helpers.team_server import TeamServer
from tests.helpers.waiting import WAIT, times

DEPLOY = ROOT / "deploy"
COMPOSED = sorted(DEPLOY.glob("compose*.yml"))
TABLE = DEPLOY / "clickhouse" / "1-table.sql"
HEADER = """\
-- The table of docs/clickhouse.md: that of MS_Prometheus_Logging v1.2 with its TTL of 90 days, and
-- what genesis-mcp adds. Made by tests/deploy: what `genesis-mcp init` does in an empty server.

"""


def statements(text):
    return [one.strip() for one in re.sub(r"(?m)^--.*\n", "", text).split(";\n") if one.strip()]


def test_the_table_in_the_file_is_the_one_that_init_makes(clickhouse_port):
    nothing = Table({}, frozenset(), frozenset(), "", 0, TEXT_INDEX_SINCE)
    wanted = HEADER + "\n".join(f"{step.sql};\n" for step in steps(nothing, "genesis", None))
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        TABLE.write_text(wanted, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == wanted

    server = Server(clickhouse_port)
    for statement in statements(wanted):
        server.run(statement.replace("`genesis`", "`by_file`"))
    with closing(open_store(server.url(database="by_init"))) as store:
        store.ensure_schema()
    with closing(open_store(server.url(database="by_file"))) as store:
        assert store.ensure_schema() == []
    by_file, by_init = (
        server.run(f"SHOW CREATE TABLE {one}.logs") for one in ("by_file", "by_init")
    )
    assert by_file.replace("by_file", "by_init") == by_init
    assert "toIntervalDay(90)" in by_init


def test_every_statement_of_the_accounts_is_one_and_is_that_of_the_page(clickhouse_port):
    accounts = statements((DEPLOY / "clickhouse" / "accounts.sql").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "clickhouse.md").read_text(encoding="utf-8")
    assert [one.split()[0] for one in accounts].count("CREATE") == 4
    for statement in accounts:
        assert statement in page  # where the tests run them
        assert "AST" not in Server(clickhouse_port).run(f"EXPLAIN AST {statement}")


def test_the_statements_for_a_cluster_are_some(clickhouse_port):
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    [distributed] = re.findall(r"```sql\n(.*?);\n```", page, re.DOTALL)
    nothing = Table({}, frozenset(), frozenset(), "", 0, TEXT_INDEX_SINCE)
    made = [step.sql for step in steps(nothing, "genesis_shard", "team")]
    for sql in (*made, *distributed.split(";")):
        assert "ON CLUSTER" in sql
        Server(clickhouse_port).run(f"EXPLAIN AST {sql}")


@pytest.mark.skipif(sys.platform == "win32", reason="for bash")
def test_the_accounts_get_the_passwords_of_the_environment(has_chdb, tmp_path):
    client = tmp_path / "clickhouse-client"
    client.write_text('#!/bin/sh\ncat > "$TAKEN"\n')
    client.chmod(0o755)
    script = [str(DEPLOY / "clickhouse" / "2-accounts.sh")]
    roles = ("READER", "WRITER", "KEEPER")
    passwords = {f"GENESIS_{role}_PASSWORD": f"{role.lower()}0123456789ab" for role in roles}
    variables = {
        **environment(""),
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "TAKEN": str(tmp_path / "taken"),
        "GENESIS_ACCOUNTS": str(DEPLOY / "clickhouse" / "accounts.sql"),
        "CLICKHOUSE_USER": "administrator",
        "CLICKHOUSE_PASSWORD": "x",
    }
    weak = variables | passwords | {"GENESIS_KEEPER_PASSWORD": "o'brien; DROP"}
    refused = subprocess.run(script, env=weak, capture_output=True, check=False)
    assert (refused.returncode, b"GENESIS_KEEPER_PASSWORD" in refused.stderr) == (1, True)
    assert not (tmp_path / "taken").exists()
    subprocess.run(script, env=variables | passwords, check=True, timeout=WAIT)

    (tmp_path / "engine").mkdir()
    process = start_server(tmp_path / "engine")
    server = Server(int(process.stdout.readline()))
    taken = statements((tmp_path / "taken").read_text())
    assert not [one for one in taken if "PASSWORD_OF" in one]
    for statement in taken:
        server.run(statement)
    url = server.url(f"genesis_keeper:{passwords['GENESIS_KEEPER_PASSWORD']}", database="genesis")
    with closing(open_store(url)) as store:
        store.ensure_schema()
    for role, may_write in (("reader", False), ("writer", True)):
        password = passwords[f"GENESIS_{role.upper()}_PASSWORD"]
        with closing(
            open_store(server.url(f"genesis_{role}:{password}", database="genesis"))
        ) as store:
            assert store.may_write() is may_write
    stop_server(process)


def test_every_file_that_is_named_is_there_and_every_variable_is_explained():
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    for file in COMPOSED:
        text = file.read_text(encoding="utf-8")
        for mounted in re.findall(r"- (\./\S+?):", text):
            assert (DEPLOY / mounted).exists(), mounted
        for variable in re.findall(r"\$\{(\w+):\?", text):
            assert f"\n{variable}=" in example
    root = ET.parse(DEPLOY / "clickhouse" / "tls.xml").getroot()
    assert root.findtext("https_port") == "8443"
    compose = (DEPLOY / "compose.clickhouse.yml").read_text(encoding="utf-8")
    for place in (root.findtext("*//certificateFile"), root.findtext("*//privateKeyFile")):
        assert f"- {place.rpartition('/')[2]}\n" in compose


def instructions():
    """The Dockerfile's: a word, and the rest."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    return [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_copies_what_its_context_holds():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists()
                assert f"\n!{source}\n" in ignored


def test_the_health_check_knows_a_server_that_answers(tmp_path, url):
    check = [sys.executable, str(DEPLOY / "healthy.py")]
    with TeamServer(tmp_path, url) as server:
        port = server.address.rpartition(":")[2]
        assert subprocess.run([*check, port], check=False, timeout=WAIT).returncode == 0
    assert subprocess.run([*check, port], check=False, timeout=WAIT).returncode == 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="for sh")
@pytest.mark.parametrize("folder", times((), at_length=("image",)))  # it installs all anew
def test_the_commands_of_the_image_run_in_an_empty_folder(tmp_path, folder):
    top = tmp_path / folder
    places = {one: str(top / one[1:]) for one in ("/src", "/opt/genesis", "/data")}
    Path(places["/src"]).mkdir(parents=True)
    Path(places["/data"]).mkdir()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                _copy(ROOT / source, Path(places["/src"], target) / Path(source).name)
        elif word == "RUN" and "useradd" not in rest:
            here = re.sub("|".join(places), lambda found: places[found[0]], rest)
            subprocess.run(["sh", "-ec", here], cwd=places["/src"], check=True, timeout=600)
    clean = {"PATH": f"{places['/opt/genesis']}/bin:/usr/bin:/bin", "HOME": places["/data"]}
    done = subprocess.run(["genesis-mcp", "doctor"], env=clean, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def _copy(source, target):
    if source.is_dir():
        shutil.copytree(source, target.parent, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
