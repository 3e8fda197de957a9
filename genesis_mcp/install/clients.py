"""The machine that a client is configured on, and where each client's configuration lies there."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from genesis_mcp.errors import ConfigError, InputError

NAME = "genesis"
"""What the server is called in each configuration."""


class Machine(NamedTuple):
    """What decides where things are: told to every function here, so that none of them looks."""

    platform: str
    """As `sys.platform` has it."""
    home: Path
    folder: Path
    """In which the command was typed."""
    environment: Mapping[str, str]
    python: Path
    """The interpreter of this installation, not behind its links."""
    temporary: Path

    def program(self, name: str) -> str | None:
        """The path of a program, if this shell has it."""
        return shutil.which(name, path=self.environment.get("PATH", ""))

    def folder_of(self, variable: str, otherwise: Path) -> Path:
        """The folder that a variable names."""
        return Path(self.environment.get(variable, "").strip() or otherwise)

    @property
    def application_data(self) -> Path:
        """Where applications keep what they are told."""
        if self.platform == "win32":
            return self.folder_of("APPDATA", self.home / "AppData" / "Roaming")
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self.folder_of("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def project(self) -> Path:
        """The folder that Claude Code takes for the project: that of the repository, or this."""
        folders = (self.folder, *self.folder.parents)
        return next((one for one in folders if (one / ".git").exists()), self.folder)


def this_machine() -> Machine:
    """The machine that this process runs on.

    Raises:
        ConfigError: there is no home directory.
    """
    try:
        home = Path.home()
    except RuntimeError:
        raise ConfigError("There is no home directory here: set HOME.") from None
    temporary = Path(tempfile.gettempdir())
    return Machine(sys.platform, home, Path.cwd(), os.environ, Path(sys.executable), temporary)


class Place(NamedTuple):
    """Where a client keeps its servers: a file, and the keys under which they stand in it."""

    file: Path
    keys: tuple[str, ...]
    hooks: Path | None = None
    """The file of its hooks, where there are any that we serve."""


class Client(NamedTuple):
    """A client that starts this server."""

    title: str
    places: Mapping[str, Callable[[Machine], Place]]
    """By scope; the first is meant where none is named."""

    def place(self, scope: str | None, machine: Machine) -> Place:
        """Where its servers of this scope stand.

        Raises:
            InputError: it has no such scope.
        """
        scope = scope or next(iter(self.places))
        if scope not in self.places:
            raise InputError(f"--scope: {self.title} has only {', '.join(self.places)}.")
        return self.places[scope](machine)


def _desktop(machine: Machine) -> Place:
    folders = [machine.application_data / "Claude"]
    if machine.platform == "win32":
        # The app from the Store, which today's installer gives too, sees AppData in its package.
        local = machine.folder_of("LOCALAPPDATA", machine.home / "AppData" / "Local")
        packages = sorted((local / "Packages").glob("Claude_*"))
        folders = [one / "LocalCache" / "Roaming" / "Claude" for one in packages] + folders
    files = [folder / "claude_desktop_config.json" for folder in folders]
    return Place(next((file for file in files if file.is_file()), files[0]), ("mcpServers",))


def _code_of_user(machine: Machine) -> Place:
    settings = machine.folder_of("CLAUDE_CONFIG_DIR", machine.home / ".claude") / "settings.json"
    return Place(_code_file(machine), ("mcpServers",), settings)


def _code_of_project(machine: Machine) -> Place:
    settings = machine.project / ".claude" / "settings.json"
    return Place(machine.project / ".mcp.json", ("mcpServers",), settings)


def _code_here(machine: Machine) -> Place:
    settings = machine.project / ".claude" / "settings.local.json"
    keys = ("projects", machine.project.as_posix(), "mcpServers")
    return Place(_code_file(machine), keys, settings)


def _code_file(machine: Machine) -> Path:
    return machine.folder_of("CLAUDE_CONFIG_DIR", machine.home) / ".claude.json"


def _cursor(machine: Machine) -> Place:
    return Place(machine.home / ".cursor" / "mcp.json", ("mcpServers",))


def _cursor_project(machine: Machine) -> Place:
    return Place(machine.project / ".cursor" / "mcp.json", ("mcpServers",))


def _vscode(machine: Machine) -> Place:
    names = ("Code", "Code - Insiders", "VSCodium")
    there = [name for name in names if (machine.application_data / name).is_dir()]
    folder = machine.application_data / (there or names)[0]
    return Place(folder / "User" / "mcp.json", ("servers",))


def _vscode_project(machine: Machine) -> Place:
    return Place(machine.project / ".vscode" / "mcp.json", ("servers",))


def _codex(machine: Machine) -> Place:
    folder = machine.folder_of("CODEX_HOME", machine.home / ".codex")
    return Place(folder / "config.toml", ("mcp_servers",))


CLIENTS = {
    "claude-desktop": Client("Claude Desktop", {"user": _desktop}),
    "claude-code": Client(
        "Claude Code", {"user": _code_of_user, "project": _code_of_project, "local": _code_here}
    ),
    "cursor": Client("Cursor", {"user": _cursor, "project": _cursor_project}),
    "vscode": Client("VS Code", {"user": _vscode, "project": _vscode_project}),
    "codex": Client("Codex", {"user": _codex}),
}
"""Where each keeps its servers, as its documentation says and as it was seen to."""
