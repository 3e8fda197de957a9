"""What Claude's own configuration says of this server: entered or not, its path, its store."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from genesis_mcp.errors import ConfigError
from genesis_mcp.stores.location import address_hash, plain_store

PROGRAMS = ("genesis-mcp", "genesis_mcp")
"""What stands in the command or the arguments of our server."""

FILE_BYTES_MAX = 32 * 1024 * 1024
"""Claude Code keeps much else in its file."""

ABSENT = (
    "Claude does not know this server yet: claude mcp add --scope user genesis -- {} serve "
    "(README.md has Claude Desktop)"
)


class Entry(NamedTuple):
    """One server of a configuration, which is ours."""

    place: str
    command: str
    arguments: list[str]
    environment: Mapping[str, Any]


def check_claude(store: str) -> str:
    """What Claude's configuration says of this server, whose store here is `store`.

    Raises:
        ConfigError: a file cannot be read, or a command is not there.
    """
    entries = [entry for place, file in _files() for entry in _entries(place, file)]
    if not entries:
        return ABSENT.format(shutil.which("genesis-mcp") or "genesis-mcp")
    for entry in entries:
        if shutil.which(os.path.expandvars(entry.command)) is None:
            raise ConfigError(
                f"{entry.place} starts this server by a command that is not there; "
                f"use {shutil.which('genesis-mcp') or 'the path of genesis-mcp'}."
            )
    others = [entry.place for entry in entries if not _has_store(entry, store)]
    said = f"entered in {', '.join(dict.fromkeys(entry.place for entry in entries))}"
    if others:
        said += f"; {', '.join(dict.fromkeys(others))} names another store than this shell"
    return said


def _files() -> Iterator[tuple[str, Path]]:
    yield "Claude Code (project)", Path(".mcp.json")
    try:
        home = Path.home()
    except RuntimeError:
        return
    yield "Claude Code", home / ".claude.json"
    folders = {
        "darwin": home / "Library" / "Application Support",
        "win32": Path(os.environ.get("APPDATA", home)),
    }
    folder = folders.get(sys.platform, home / ".config")
    yield "Claude Desktop", folder / "Claude" / "claude_desktop_config.json"


def _entries(place: str, file: Path) -> Iterator[Entry]:
    """Our servers in a file; those of Claude Code that are of another folder do not count."""
    try:
        if not file.is_file() or file.stat().st_size > FILE_BYTES_MAX:
            return
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ConfigError(f"The configuration of {place} cannot be read: it is no JSON.") from None
    here = _at(found, "projects", str(Path.cwd()))
    for servers in (_at(found, "mcpServers"), _at(here, "mcpServers")):
        for server in servers.values():
            if isinstance(server, dict) and (entry := _entry(place, server)):
                yield entry


def _at(found: Any, *names: str) -> dict[str, Any]:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _entry(place: str, server: Mapping[str, Any]) -> Entry | None:
    command, arguments = server.get("command"), server.get("args")
    words = [str(word) for word in arguments] if isinstance(arguments, list) else []
    if not isinstance(command, str) or not any(
        name in word for name in PROGRAMS for word in (command, *words)
    ):
        return None
    return Entry(place, command, words, _at(server, "env"))


def _has_store(entry: Entry, store: str) -> bool:
    """Whether the entry means the store; what a variable names is not known here."""
    environment = {name: str(value) for name, value in entry.environment.items()}
    named = dict(zip(entry.arguments, entry.arguments[1:], strict=False)).get("--store")
    try:
        meant = plain_store(named, environment)
    except ConfigError:
        return False
    return "${" in meant or address_hash(meant) == address_hash(store)
