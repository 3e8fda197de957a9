"""Claude Code's own command line, installed once, to be called in homes of the tests' own."""

import json
import os
import subprocess

import pytest

from tests.helpers.node import installed_once, path_with
from tests.helpers.waiting import WAIT

CLAUDE = {"@anthropic-ai/claude-code": "2.1.332"}

QUIET = {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}


@pytest.fixture(scope="session")
def claude_binaries(has_node, tmp_path_factory):
    """The folder that has the command `claude`."""
    source = tmp_path_factory.mktemp("source") / "claude-code"
    source.mkdir()
    package = {"name": "x", "private": True, "dependencies": CLAUDE}
    (source / "package.json").write_text(json.dumps(package), encoding="utf-8")
    return installed_once(tmp_path_factory, source) / "node_modules" / ".bin"


def claude_in(home, binaries, *arguments, folder=None, **variables):
    """Call it as the user of a home directory."""
    return subprocess.run(
        ["claude", *arguments],
        env={
            **os.environ,
            **QUIET,
            "HOME": str(home),
            "PATH": path_with(binaries),
            **variables,
        },
        cwd=folder or home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WAIT,
    )
