"""Python's packages in an environment of their own, as `uv` makes it in a second or two."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.suite import need
from tests.helpers.waiting import WAIT

BIN = "Scripts" if sys.platform == "win32" else "bin"


@pytest.fixture(scope="session")
def uv():
    """Calls uv."""
    need(find_spec("uv") is not None, "the package uv")

    def run(*arguments, **options):
        done = subprocess.run(
            [sys.executable, "-m", "uv", *arguments],
            capture_output=True,
            text=True,
            timeout=WAIT,
            **options,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def environment_with(uv, folder, *packages):
    """An environment of this interpreter with these packages; its own interpreter."""
    uv("venv", "-q", "--python", sys.executable, str(folder))
    python = Path(folder) / BIN / "python"
    uv("pip", "install", "-q", "--python", str(python), *packages)
    return python
