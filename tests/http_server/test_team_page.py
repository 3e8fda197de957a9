"""The five commands of docs/team.md, one after the other as they stand there, each a process."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.claude_code import claude_in
from tests.helpers.command_line import environment, exported
from tests.helpers.named_here import named_here
from tests.helpers.node import path_with
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, until

CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=logs.example "
    "-addext subjectAltName=DNS:logs.example -out cert.pem -keyout key.pem"
)

FAILED = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5\n"}


def commands():
    page = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")
    [block] = re.findall(r"## Five people, one server\n.*?```sh\n(.*?)```", page, re.DOTALL)
    return block.splitlines()


class Shell:
    """A shell of somebody at one machine, who types lines."""

    def __init__(self, folder, binaries, store_url):
        self._folder = folder
        self._path = path_with(Path(sys.executable).parent, binaries)
        self._store_url = store_url
        self.variables = {}

    def begin(self, line, **streams):
        return subprocess.Popen(
            ["sh", "-c", f"exec {line}"],
            cwd=self._folder,
            env=environment(self._store_url, PATH=self._path, **self.variables),
            stdin=subprocess.DEVNULL,
            text=True,
            **streams,
        )

    def run(self, line):
        with self.begin(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            said, complained = process.communicate(timeout=WAIT)
        assert process.returncode == 0, complained
        return said


@pytest.fixture
def shell(tmp_path, claude_binaries, url):
    return Shell(tmp_path, claude_binaries, url)


@pytest.fixture
def logged(tmp_path):
    return tmp_path / "server.log"


@pytest.fixture
def served(shell, logged):
    """Serves by a line until the test ends."""
    begun = []

    def serve(line):
        with logged.open("w") as log:
            begun.append(shell.begin(line, stdout=log, stderr=log))
        until(lambda: "serving https" in logged.read_text(encoding="utf-8"))
        [port] = re.findall(r"serving \S+:(\d+) ", logged.read_text(encoding="utf-8"))
        return int(port)

    yield serve
    for one in begun:
        one.kill()
        one.wait(WAIT)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_the_five_commands_give_a_team_its_server(
    has_openssl, has_curl, shell, served, logged, claude_binaries, tmp_path, home, url
):
    new, serve, add, send, revoke = commands()
    shell.run(CERTIFICATE)
    token = shell.run(new).strip()
    port = served(serve.replace(":8765", ":0"))
    (tmp_path / "worker.log").write_text(json.dumps(FAILED) + "\n", encoding="utf-8")
    with named_here(port) as proxy:
        trusted = {"CURL_CA_BUNDLE": "cert.pem", "NODE_EXTRA_CA_CERTS": str(tmp_path / "cert.pem")}
        shell.variables = {"GENESIS_TOKEN": token, "HTTPS_PROXY": proxy, **trusted}
        shell.run(add)
        assert json.loads(shell.run(send))["recorded"] == 1

        def listed():
            done = claude_in(
                home, claude_binaries, "mcp", "list", folder=tmp_path, **shell.variables
            )
            [ours] = [line for line in done.stdout.splitlines() if line.startswith("genesis: ")]
            return ours

        assert listed().endswith("Connected")
        shell.run(revoke)
        assert "This token is unknown, revoked or expired." in listed()
        assert json.loads(shell.run(send))["kind"] == "Refused"
    [run] = exported(url)
    assert (run["spec_id"], run["exit_code"]) == ("soma", 1)
    said = logged.read_text(encoding="utf-8")
    assert token not in said
    assert "Traceback" not in said
