"""What Claude's own configuration says of this server: entered or not, its path, its store."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from genesis_mcp.cli.claude_bundle import said_of_bundles
from genesis_mcp.cli.claude_over_http import Remote, remote
from genesis_mcp.errors import ConfigError
from genesis_mcp.install.clients import CLIENTS, Machine, Place, this_machine
from genesis_mcp.install.config_file import as_json, at, read_text
from genesis_mcp.install.entry import INSTALL_FIRST, is_fleeting, is_ours, words_of
from genesis_mcp.stores.location import address_hash, plain_store

LOOKED_AT = (
    ("Claude Code (project)", "claude-code", "project"),
    ("Claude Code", "claude-code", "user"),
    ("Claude Code", "claude-code", "local"),
    ("Claude Desktop", "claude-desktop", "user"),
)

ABSENT = (
    "it does not know this server yet: genesis-mcp install claude-desktop, or genesis-mcp install "
    "claude-code"
)


class Entry(NamedTuple):
    """One server of a configuration, which is ours."""

    title: str
    client: str
    scope: str
    words: list[str]
    environment: Mapping[str, Any]

    @property
    def cure(self) -> str:
        """What makes an entry that of this installation, and of this shell's store."""
        return f"genesis-mcp install {self.client} --scope {self.scope}"


def check_claude(store: str) -> str:
    """What Claude's configuration says of this server, whose store here is `store`.

    Raises:
        ConfigError: a file cannot be read, or a command is not there, or will not be for long.
        GenesisError: a team's server that is entered by its URL does not answer.
    """
    machine = this_machine()
    entries, remotes = _found(machine, store)
    desktop = CLIENTS["claude-desktop"].place("user", machine).file
    is_entered = any(entry.client == "claude-desktop" for entry in entries)
    bundles = list(said_of_bundles(desktop, is_entered=is_entered))
    if not (entries or remotes or bundles):
        return ABSENT
    for entry in entries:
        _look_at_command(entry)
    titles = dict.fromkeys(entry.title for entry in entries)
    said = [f"entered in {', '.join(titles)}"] if titles else []
    for entry in entries:
        unlike = list(_unlike(entry, store, machine))
        if unlike:
            said.append(f"{entry.title} {' and '.join(unlike)}: {entry.cure} makes it as here")
    return "; ".join([*said, *bundles, *(one.look(store) for one in remotes)])


def _found(machine: Machine, store: str) -> tuple[list[Entry], list[Remote]]:
    """Our servers, under any name; those of Claude Code that are of another folder do not count."""
    entries, remotes = list[Entry](), list[Remote]()
    for title, client, scope in LOOKED_AT:
        for name, server in _servers(title, CLIENTS[client].place(scope, machine)).items():
            if is_ours(server):
                entries.append(Entry(title, client, scope, words_of(server), at(server, "env")))
            elif (one := remote(title, name, server, store)) is not None:
                remotes.append(one)
    return entries, remotes


def _servers(title: str, place: Place) -> Mapping[str, Any]:
    try:
        return at(as_json(read_text(place.file) or ""), *place.keys)
    except ConfigError as error:
        raise ConfigError(
            f"The configuration of {title} is not what it should be: {error}"
        ) from None


def _look_at_command(entry: Entry) -> None:
    command = os.path.expandvars(entry.words[0])
    if is_fleeting(Path(command)):
        raise ConfigError(f"{entry.title}: its entry leads into a cache. {INSTALL_FIRST}")
    if shutil.which(command) is None:
        raise ConfigError(
            f"{entry.title} starts this server by a command that is not there. {entry.cure} "
            "enters the one of this installation."
        )


def _unlike(entry: Entry, store: str, machine: Machine) -> Iterator[str]:
    if not _has_store(entry, store):
        yield "names another store than this shell"
    found = shutil.which(os.path.expandvars(entry.words[0])) or ""
    folders = {os.path.realpath(Path(found).parent), str(Path(os.path.realpath(found)).parent)}
    if os.path.realpath(machine.python.parent) not in folders:
        yield "starts another installation"


def _has_store(entry: Entry, store: str) -> bool:
    """Whether the entry means the store; what a variable names is not known here."""
    environment = {name: str(value) for name, value in entry.environment.items()}
    named = dict(zip(entry.words, entry.words[1:], strict=False)).get("--store")
    try:
        meant = plain_store(named, environment)
    except ConfigError:
        return False
    return "${" in meant or address_hash(meant) == address_hash(store)
