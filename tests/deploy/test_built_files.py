"""The files of a release, installed as people install them: by uv and pipx, from both files."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.python_packages import environment_with
from tests.helpers.waiting import WAIT, times

pytestmark = [pytest.mark.long, pytest.mark.slow]

PIPX = "pipx==1.18.4"

WAYS = [("uv", "wheel"), ("pipx", "source"), ("uv", "source"), ("pipx", "wheel")]


@pytest.fixture
def placed(tmp_path):
    """Where both put commands, and variables for it."""
    bin_folder = tmp_path / "bin"
    names = {"UV_TOOL_BIN_DIR": bin_folder, "UV_TOOL_DIR": tmp_path / "tools"}
    names |= {"PIPX_BIN_DIR": bin_folder, "PIPX_HOME": tmp_path / "pipx"}
    return bin_folder, {**os.environ, **{name: str(folder) for name, folder in names.items()}}


@pytest.mark.parametrize(("by", "file"), WAYS[: times(1, at_length=4)])
def test_what_is_installed_records_and_answers(uv, built, placed, tmp_path, by, file):
    bin_folder, variables = placed
    release = str(getattr(built, file))
    if by == "uv":
        uv("tool", "install", "-q", "--python", sys.executable, release, env=variables)
    else:
        pipx = environment_with(uv, tmp_path / "has-pipx", PIPX)
        command = [pipx, "-m", "pipx", "install", "--python", sys.executable, release]
        subprocess.run(command, env=variables, check=True, capture_output=True, timeout=3 * WAIT)

    def typed(*words, **options):
        done = subprocess.run(
            [bin_folder / "genesis-mcp", *words],
            env={**variables, "GENESIS_STORE": f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=WAIT,
            **options,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5"}
    assert "Recorded #1: failed, exit 1" in typed("record", input=json.dumps(run))
    assert "ValueError: esperado 4, veio 5" in typed("failures")
    assert "Everything works." in typed("doctor")
