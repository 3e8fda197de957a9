"""Machines of three systems, as trees of files."""

from pathlib import Path
from typing import NamedTuple

import pytest

from genesis_mcp.install.clients import Machine


class System(NamedTuple):
    """Where a system has what the clients read, below the home directory."""

    platform: str
    application_data: str
    variables: dict[str, str]
    """Folders below the home directory that its variables name."""
    desktop: str
    there: str = ""
    """A folder of the client's that is there before."""


PACKAGE = "AppData/Local/Packages/Claude_abc123"
WINDOWS = {"APPDATA": "AppData/Roaming", "LOCALAPPDATA": "AppData/Local"}
DESKTOP = "Claude/claude_desktop_config.json"

SYSTEMS = {
    "linux": System("linux", ".config", {}, f".config/{DESKTOP}"),
    "linux-xdg": System("linux", "own", {"XDG_CONFIG_HOME": "own"}, f"own/{DESKTOP}"),
    "macos": System(
        "darwin",
        "Library/Application Support",
        {},
        f"Library/Application Support/{DESKTOP}",
    ),
    "windows": System("win32", "AppData/Roaming", WINDOWS, f"AppData/Roaming/{DESKTOP}"),
    "windows-store": System(
        "win32", "AppData/Roaming", WINDOWS, f"{PACKAGE}/LocalCache/Roaming/{DESKTOP}", PACKAGE
    ),
}


@pytest.fixture(params=SYSTEMS)
def system(request):
    return SYSTEMS[request.param]


@pytest.fixture
def machine(system, tmp_path, home):
    return machine_of(system, tmp_path, home)


def machine_of(system: System, tmp_path: Path, home: Path) -> Machine:
    """A machine of a system, with an installation that will last and a project."""
    scripts = tmp_path / "installed" / ("Scripts" if system.platform == "win32" else "bin")
    scripts.mkdir(parents=True)
    suffix = ".exe" if system.platform == "win32" else ""
    (scripts / f"genesis-mcp{suffix}").touch()
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "api").mkdir()
    (home / system.there).mkdir(parents=True, exist_ok=True)
    return Machine(
        system.platform,
        home,
        project / "api",
        {name: str(home / folder) for name, folder in system.variables.items()},
        scripts / f"python{suffix}",
        tmp_path / "tmp",
    )
