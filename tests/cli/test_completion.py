"""Shells complete commands, options and the names of specs."""

import shutil
import subprocess
import sys

import pytest

from tests.helpers.command_line import cli, environment

VARIABLE = "_GENESIS_MCP_COMPLETE"


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    store_url = f"sqlite:///{(tmp_path_factory.mktemp('completion') / 'logs.db').as_posix()}"
    for spec in ("soma_total", "soma_parcial", "pedido"):
        record = f'{{"spec_id": "{spec}", "exit_code": 0}}'
        cli("record", store_url=store_url, input=record.encode())
    return store_url


def complete(store_url, words):
    """What bash would be told for the last of the words."""
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = cli(store_url=store_url, variables=asked)
    assert done.stderr == b""
    return [line.split(",")[1] for line in done.stdout.decode().split()]


def test_commands_are_completed(store_url):
    assert complete(store_url, "genesis-mcp fai") == ["failures"]
    assert complete(store_url, "genesis-mcp co") == ["compare", "copy", "completion"]


def test_options_are_completed(store_url):
    assert complete(store_url, "genesis-mcp failures --sp") == ["--spec", "--sprint"][:2]
    assert complete(store_url, "genesis-mcp run --no") == ["--no-tty"]


def test_specs_are_completed_from_the_store(store_url, tmp_path):
    assert sorted(complete(store_url, "genesis-mcp spec so")) == ["soma_parcial", "soma_total"]
    assert complete(store_url, "genesis-mcp failures --spec ped") == ["pedido"]
    (tmp_path / "logs.db").write_bytes(b"no database at all, " * 500)
    assert complete(f"sqlite:///{tmp_path / 'logs.db'}", "genesis-mcp spec so") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(store_url, tmp_path, shell):
    done = cli("completion", shell, store_url=store_url)
    assert done.returncode == 0, done.stderr.decode()
    script = done.stdout.decode()
    assert f"{VARIABLE}={shell}_complete" in script
    if shutil.which(shell):
        file = tmp_path / "script"
        file.write_text(script, encoding="utf-8")
        subprocess.run([shell, "-n", str(file)], check=True, timeout=60)


@pytest.mark.skipif(not shutil.which("bash") or sys.platform == "win32", reason="bash")
def test_bash_completes_by_the_script(store_url, tmp_path):
    program = tmp_path / "genesis-mcp"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m genesis_mcp "$@"\n')
    program.chmod(0o755)
    script = (
        f'PATH="{tmp_path}:$PATH"; eval "$(genesis-mcp completion bash)"; '
        "COMP_WORDS=(genesis-mcp spec soma_t); COMP_CWORD=2; "
        '_genesis_mcp_completion genesis-mcp; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment(store_url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "soma_total", done.stderr
