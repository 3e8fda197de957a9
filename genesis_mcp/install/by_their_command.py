"""Clients that enter servers by a command of their own: Claude Code and Codex."""

import json
import subprocess
import tomllib
from collections.abc import Sequence
from typing import Any

from genesis_mcp.errors import ConfigError
from genesis_mcp.install.clients import NAME, Machine
from genesis_mcp.install.config_file import as_json, at, read_text
from genesis_mcp.install.entry import Server, is_ours

SECONDS_MAX = 120
"""The first start of a command of Node's may take long."""


def put_by_claude(machine: Machine, server: Server, scope: str) -> bool:
    """Whether Claude Code's own command entered the server, which is not there as it is to be."""
    if not (program := machine.program("claude")):
        return False
    found = at(as_json(read_text(server.file) or ""), *server.keys)
    if NAME in found:  # it enters nothing in the place of something
        _run(machine, [program, "mcp", "remove", "--scope", scope, NAME])
    entry = json.dumps({"type": "stdio"} | server.entry(at(found, NAME)))
    # By its stdin: arguments are seen by other users, and mangled by Windows' shell.
    return _run(machine, [program, "mcp", "add-json", "--scope", scope, NAME, "-"], entry)


def take_by_claude(machine: Machine, scope: str) -> bool:
    """Whether Claude Code's own command took the server out."""
    program = machine.program("claude")
    return bool(program and _run(machine, [program, "mcp", "remove", "--scope", scope, NAME]))


def put_by_codex(machine: Machine, server: Server) -> bool:
    """Whether Codex's own command entered the server."""
    if not (program := machine.program("codex")):
        return False
    entry = server.entry()
    variables = [f"--env={name}={value}" for name, value in entry.get("env", {}).items()]
    words = [program, "mcp", "add", NAME, *variables, "--", entry["command"], *entry["args"]]
    return _run(machine, words)


def take_by_codex(machine: Machine) -> bool:
    """Whether Codex's own command took the server out."""
    program = machine.program("codex")
    return bool(program and _run(machine, [program, "mcp", "remove", NAME]))


def entry_of_codex(server: Server) -> Any:
    """What Codex's file has under our name; None if nothing.

    Raises:
        ConfigError: the file cannot be read, or the entry is another server's.
    """
    try:
        found = tomllib.loads(server.file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise ConfigError("the file cannot be read as TOML.") from None
    entry = at(found, *server.keys).get(NAME)
    if entry is not None and not is_ours(entry):
        raise ConfigError(f"the file has another server that is called {NAME}.")
    return entry


def _run(machine: Machine, words: Sequence[str], text: str = "") -> bool:
    try:
        done = subprocess.run(
            words,
            input=text,
            env=dict(machine.environment),
            cwd=machine.project,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS_MAX,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
