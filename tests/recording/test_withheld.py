"""Whatever starts a child that is not ours: the variables that name the store do not reach it."""

import subprocess
import sys

import pytest

from tests.helpers.command_line import environment, exported
from tests.helpers.waiting import WAIT

SECRET = "S3cretPw"

VARIABLES = {
    "GENESIS_TOKEN": SECRET,
    "MONGO_URI": f"mongodb://us:{SECRET}@h",
    "CLICKHOUSE_HOST": "h",
    "CLICKHOUSE_PASSWORD": SECRET,
}

SEEN = """if True:
    import os
    ours = {n for n in os.environ if n.startswith(('GENESIS', 'MONGO', 'CLICKH'))}
    print('seen', sorted(ours - {'GENESIS_RECORDING'}))
"""

IN_PYTHON = """if True:
    import sys
    from genesis_mcp import run_command
    done = run_command([sys.executable, '-c', sys.argv[1]], spec_id='x', timeout_seconds=100)
    print(done.run.stdout)
"""

SUITE = f"""
import subprocess, sys
def test_it():
    assert 0, subprocess.check_output([sys.executable, '-c', {SEEN!r}], text=True)
"""

PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--genesis", "test_it.py"]

WAYS = {
    "run": [sys.executable, "-m", "genesis_mcp", "run", "--spec", "x", "--"],
    "run --quiet": [sys.executable, "-m", "genesis_mcp", "run", "--quiet", "--spec", "x", "--"],
    "run --tty": [sys.executable, "-m", "genesis_mcp", "run", "--tty", "--spec", "x", "--"],
}


def printed(command, url, **options):
    done = subprocess.run(
        command,
        env=environment(url, **VARIABLES),
        capture_output=True,
        text=True,
        timeout=WAIT,
        **options,
    )
    assert SECRET not in done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_command_under_the_runner(way, url):
    assert "seen []" in printed([*WAYS[way], sys.executable, "-c", SEEN], url)


def test_a_command_that_python_runs(url):
    assert "seen []" in printed([sys.executable, "-c", IN_PYTHON, SEEN], url)


@pytest.mark.parametrize("flags", [(), ("-n1",)])
def test_what_the_tests_of_a_session_start(tmp_path, url, flags):
    (tmp_path / "test_it.py").write_text(SUITE)
    said = printed([*PYTEST, *flags], url, cwd=tmp_path)
    assert "seen []" in said
    assert [one.get("kind", "run") for one in exported(url)] == ["run", "suite"]


@pytest.mark.skipif(sys.platform == "win32", reason="a script in the place of git")
def test_git_which_tells_the_code_that_runs(tmp_path, url):
    (tmp_path / ".git").mkdir()
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\nenv >> {tmp_path}/seen\n")
    git.chmod(0o755)
    path = {"PATH": f"{git.parent}:/usr/bin:/bin"}
    command = [*WAYS["run"], "true"]
    subprocess.run(command, env=environment(url, **VARIABLES, **path), cwd=tmp_path, timeout=WAIT)
    seen = (tmp_path / "seen").read_text()
    assert "PATH=" in seen
    assert SECRET not in seen
    assert "GENESIS_STORE" not in seen


def test_tests_get_them_when_asked_for(tmp_path, url):
    suite = f"import os\ndef test_it():\n    assert os.environ['GENESIS_STORE'] == {url!r}\n"
    (tmp_path / "test_it.py").write_text(suite)
    assert "1 passed" in printed([*PYTEST, "--genesis-keep-store-variables"], url, cwd=tmp_path)
