"""deploy/'s MongoDB: its configuration in a real mongod, its accounts there, its certificates."""

import json
import os
import re
import shutil
import subprocess
from contextlib import closing

import pytest

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores import open_store
from tests.helpers.mongod import Mongod
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, until

DEPLOY = ROOT / "deploy"
PASSWORDS = {
    f"GENESIS_{role}_PASSWORD": f"{role.lower()}0123456789ab"
    for role in ("ADMINISTRATOR", "READER", "WRITER", "KEEPER")
}


@pytest.fixture(scope="module")
def tls(tmp_path_factory, has_openssl):
    """The files that the script makes."""
    folder = tmp_path_factory.mktemp("deploy")
    shutil.copy(DEPLOY / "certificates.sh", folder)
    subprocess.run([folder / "certificates.sh", "logs.example"], check=True, timeout=WAIT)
    return folder / "tls"


@pytest.fixture
def member(has_mongod, tls, tmp_path):
    """A mongod as the file configures it, with its paths moved to where this test may write."""
    text = (DEPLOY / "mongodb" / "mongod.conf").read_text(encoding="utf-8")
    places = {"mongodb_certificate": tls / "mongodb.pem", "authority": tls / "authority.pem"}
    for name, file in places.items():
        text = text.replace(f"/run/secrets/{name}\n", f"{file}\n")
    assert "/run/secrets" not in text
    configuration = tmp_path / "mongod.conf"
    configuration.write_text(text, encoding="utf-8")
    trusted = {"tls": True, "tlsCAFile": str(tls / "authority.pem")}
    flags = ("--config", str(configuration))
    with Mongod(tmp_path / "data", flags=flags, client_options=trusted) as server:
        yield server


def commands():
    """What the script has mongosh do, by its database."""
    script = ["node", str(ROOT / "tests/deploy/mongosh.mjs"), str(DEPLOY / "mongodb/accounts.js")]
    environment = {**os.environ, **PASSWORDS}
    done = subprocess.run(script, env=environment, check=True, capture_output=True, timeout=WAIT)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_set_begins_and_its_accounts_may_do_what_the_page_says(has_node, member, tls, tmp_path):
    client = member.client(login=False)
    for database, command in commands():
        if begun := command.get("replSetInitiate"):
            assert [one["host"] for one in begun["members"]] == [
                f"mongodb-{number}:27017" for number in (1, 2, 3)
            ]
            begun["members"] = [{"_id": 0, "host": member.address}]
        if "hello" in command:
            until(lambda: client.admin.command("hello")["isWritablePrimary"])  # noqa: B023
        else:
            client[database].command(command)
        if command.get("createUser") == "administrator":
            client.close()
            client = member.client(
                username="administrator", password=PASSWORDS["GENESIS_ADMINISTRATOR_PASSWORD"]
            )
    client.close()

    may = {"keeper": True, "writer": True, "reader": False}
    for role, may_write in may.items():
        account = {
            "user": f"genesis-{role}",
            "password": PASSWORDS[f"GENESIS_{role.upper()}_PASSWORD"],
        }
        options = {"replicaSet": "genesis", "tls": "true", "tlsCAFile": tls / "authority.pem"}
        with closing(open_store(member.url("genesis", **account, **options))) as store:
            if role == "keeper":
                store.ensure_schema()
                continue
            assert store.may_write() is may_write
            if may_write:
                run = make_run({"spec_id": "deploy", "exit_code": 1}, recorded_by="tests")
                assert store.insert([run])[0].iteration == 1


def test_the_accounts_are_those_of_the_page():
    page = (ROOT / "docs" / "mongodb.md").read_text(encoding="utf-8")
    documented = [
        json.loads(one) for one in re.findall(r"db\.runCommand\((\{.*?\})\)\n", page, re.DOTALL)
    ]
    made = [command for database, command in commands() if database == "genesis"]
    for one in (*documented, *made):
        one.pop("pwd", None)
    assert made == documented
