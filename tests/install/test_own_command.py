"""The command that is entered is absolute, this installation's, and will still be there."""

from pathlib import Path

import pytest

from genesis_mcp.errors import ConfigError
from genesis_mcp.install.entry import hook_of, is_fleeting, own_command
from genesis_mcp.stores.location import default_store

FLEETING = [
    "/home/ana/.cache/uv/archive-v0/x1Y2/bin/python",
    "/Users/ana/.cache/uv/builds-v0/.tmpAb/bin/python",
    "/Users/ana/Library/Caches/uv/environments-v2/genesis-1a/bin/python",
    "C:/Users/ana/AppData/Local/uv/cache/archive-v0/x/Scripts/python.exe",
    "/data/own-cache/archive-v0/x/bin/python",
    "/home/ana/.cache/pipx/1a2b3c/bin/python",
    "/home/ana/.local/pipx/.cache/1a2b3c/bin/python",
    "C:/Users/ana/AppData/Local/pipx/Cache/1a2b/Scripts/python.exe",
]
LASTING = [
    "/home/ana/.local/share/uv/tools/genesis-mcp/bin/python",
    "/home/ana/.local/share/pipx/venvs/genesis-mcp/bin/python",
    "C:/Users/ana/AppData/Roaming/uv/tools/genesis-mcp/Scripts/python.exe",
    "/home/ana/.cache/pypoetry/virtualenvs/api-Xy-py3.12/bin/python",
    "/home/ana/cache/.venv/bin/python",
    "/usr/bin/python3",
]


@pytest.mark.parametrize("python", FLEETING)
def test_an_interpreter_in_a_cache_is_not_entered(python, machine):
    with pytest.raises(ConfigError, match=r"uv tool install .*pipx install"):
        own_command(machine._replace(python=Path(python)))


@pytest.mark.parametrize("python", LASTING)
def test_one_that_stays_is(python):
    assert not is_fleeting(Path(python))


def test_a_folder_that_says_that_it_is_a_cache_is_one_but_not_an_environment_of_uvs(tmp_path):
    environment = tmp_path / "own" / ".venv"
    environment.mkdir(parents=True)
    python = environment / "bin" / "python"
    (environment / "CACHEDIR.TAG").touch()
    assert not is_fleeting(python)
    (tmp_path / "own" / "CACHEDIR.TAG").touch()
    assert is_fleeting(python)


def test_without_a_script_beside_it_the_interpreter_starts_the_module(machine, tmp_path):
    python = tmp_path / "no-script" / "python3"
    command = own_command(machine._replace(python=python))
    assert command == [str(python), "-m", "genesis_mcp"]


@pytest.mark.parametrize(
    ("platform", "program", "line"),
    [
        ("linux", "/opt/my tools/genesis-mcp", "'/opt/my tools/genesis-mcp' hook"),
        ("darwin", "/opt/genesis-mcp", "/opt/genesis-mcp hook"),
        (
            "win32",
            r"C:\Program Files\g\genesis-mcp.exe",
            '"C:/Program Files/g/genesis-mcp.exe" hook',
        ),
        ("win32", r"C:\g\genesis-mcp.exe", "C:/g/genesis-mcp.exe hook"),
    ],
)
def test_a_hooks_command_is_one_that_the_shell_of_its_system_reads(
    machine, platform, program, line
):
    machine = machine._replace(platform=platform)
    hook = hook_of(Path("settings.json"), machine, [program], default_store())
    assert hook.command == line
    assert hook.taken_from(hook.put_into("{}")) == "{}"
