"""The programs that are compared, each installed in a folder of its own and used again.

This checkout and the version before, from a `git worktree`, have an environment each with what
their users have, and nothing else; the two generic servers are from PyPI and npm.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent.parent
KEPT = Path(tempfile.gettempdir()) / "genesis-mcp-benchmarks"

BEFORE_REVISION = "b984945"
"""The version that the goals were set for."""

CLICKHOUSE_PACKAGE = "mcp-clickhouse==0.7.0"
MONGODB_PACKAGE = "mongodb-mcp-server@3.0.4"


class Subject(NamedTuple):
    """A server's command, and the environment that it is given besides ours."""

    command: Sequence[str]
    environment: Mapping[str, str]

    def with_store(self, url: str) -> "Subject":
        """A server of ours over this store."""
        return self._replace(environment={**self.environment, "GENESIS_STORE": url})


def now() -> Subject:
    """The version of this checkout, installed anew.

    An environment for development has libraries that drivers import where they find them.
    """
    folder = KEPT / "version-now"
    python = _environment(folder)
    _run([python, "-m", "pip", "install", "-q", str(HERE), "pytest"])
    # Whatever the number of its version says, and whatever stood there before.
    _run([python, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", str(HERE)])
    return _version(python)


def before(revision: str) -> Subject:
    """An earlier version."""
    folder = KEPT / f"version-{revision}"
    python = _environment(folder)
    if not (folder / "installed").exists():
        tree = folder / "tree"
        if not tree.exists():
            _run(["git", "-C", str(HERE), "worktree", "add", "--detach", str(tree), revision])
        _run([python, "-m", "pip", "install", "-q", str(tree), "pytest"])
        (folder / "installed").touch()
    return _version(python)


def _version(python: str) -> Subject:
    """Safe: not what stands in the current folder, which is perhaps the other version.

    Compiled copies are kept, as they are unless somebody wants none: pytest has those of its own.
    """
    kept = {"PYTHONDONTWRITEBYTECODE": ""}
    environment = {"PYTHONPATH": "", "PYTHONSAFEPATH": "1", **kept}
    return Subject([python, "-m", "genesis_mcp"], environment)


def clickhouse_server(port: int) -> Subject:
    """The generic server for ClickHouse, at an engine of the loopback."""
    folder = KEPT / CLICKHOUSE_PACKAGE
    python = Path(_environment(folder))
    command = python.parent / "mcp-clickhouse"
    if not command.exists():
        _run([str(python), "-m", "pip", "install", "-q", CLICKHOUSE_PACKAGE])
    environment = {
        "CLICKHOUSE_HOST": "127.0.0.1",
        "CLICKHOUSE_PORT": str(port),
        "CLICKHOUSE_USER": "default",
        "CLICKHOUSE_PASSWORD": "",
        "CLICKHOUSE_SECURE": "false",
    }
    return Subject([str(command)], environment)


def mongodb_server(url: str) -> Subject:
    """The generic server for MongoDB, read-only and without telemetry."""
    folder = KEPT / MONGODB_PACKAGE
    command = folder / "node_modules" / ".bin" / "mongodb-mcp-server"
    if not command.exists():
        npm = shutil.which("npm")
        assert npm, "npm is needed for mongodb-mcp-server"
        folder.mkdir(parents=True, exist_ok=True)
        _run([npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", MONGODB_PACKAGE])
    environment = {
        "MDB_MCP_CONNECTION_STRING": url,
        "MDB_MCP_TELEMETRY": "disabled",
        "HOME": str(folder),
    }
    return Subject(["node", str(command), "--readOnly"], environment)


def _environment(folder: Path) -> str:
    """The Python of a virtual environment in `folder`, made where it is missing."""
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(folder / "environment")])
    return str(python)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
