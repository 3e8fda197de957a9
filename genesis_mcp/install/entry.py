"""What stands of this server in a client's configuration: its command, its store; and its hook."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.install.clients import NAME, Machine
from genesis_mcp.install.config_file import as_json, at
from genesis_mcp.install.json_text import as_text, with_value, without_value
from genesis_mcp.stores.location import address_hash, plain_store
from genesis_mcp.text.redact import redact

STORE, READ_ONLY, TOKEN = "GENESIS_STORE", "GENESIS_READ_ONLY", "GENESIS_TOKEN"

PROGRAMS = ("genesis-mcp", "genesis_mcp")
"""What stands in the command or the arguments of our server."""

HOOK_EVENTS = ("PostToolUse", "PostToolUseFailure")
"""Each of them comes alone: the one after a command that ended well, the other after one that
did not."""

HOOK_SECONDS = 10

INSTALL_FIRST = (
    "This runs from a cache that is emptied some day, and then nothing could start the server. "
    "Install it first: uv tool install genesis-mcp (or pipx install genesis-mcp; in a clone "
    "uv tool install . does it), then repeat this with the genesis-mcp that it gives."
)

_CACHE = re.compile(
    r"/(?:(?:\.cache|caches?)/(?:uv|pipx)|(?:uv|pipx)/\.?cache|(?:archive|builds|environments)-v\d+)/",
    re.IGNORECASE,
)
"""Where uvx, `uv run --with` and `pipx run` have environments, on each system. Not every folder
that is called a cache: Poetry keeps those of its projects in one, for good."""

_PASSWORD = re.compile(r"://[^/@?#]*:[^/@?#]+@")


def own_command(machine: Machine) -> list[str]:
    """What starts this installation, wherever it is typed.

    Raises:
        ConfigError: the installation will not last.
    """
    if is_fleeting(machine.python):
        raise ConfigError(INSTALL_FIRST)
    suffix = ".exe" if machine.platform == "win32" else ""
    script = machine.python.with_name(f"genesis-mcp{suffix}")
    return [str(script)] if script.is_file() else [str(machine.python), "-m", "genesis_mcp"]


def is_fleeting(python: Path) -> bool:
    """Whether an interpreter lies in a cache.

    A folder that says so by CACHEDIR.TAG is one as well; an environment of uv's has that tag for
    itself, which says nothing.
    """
    above = python.parent.parent.parents
    tagged = any((folder / "CACHEDIR.TAG").is_file() for folder in above)
    return tagged or bool(_CACHE.search(python.as_posix()))


def has_secret(store: str) -> bool:
    """Whether a store's URL has a password or the like."""
    return bool(_PASSWORD.search(store)) or redact(store) != store


def is_ours(server: Any) -> bool:
    """Whether an entry of a configuration starts this server."""
    return any(name in word for name in PROGRAMS for word in words_of(server))


def words_of(server: Any) -> list[str]:
    """Command and arguments of an entry; none if it starts no program."""
    if not isinstance(server, dict) or not isinstance(server.get("command"), str):
        return []
    arguments = server.get("args")
    return [server["command"], *map(str, arguments if isinstance(arguments, list) else [])]


class Server(NamedTuple):
    """The server as it is to stand in a file: this installation, with this shell's store."""

    file: Path
    keys: tuple[str, ...]
    command: list[str]
    store: str
    read_only: bool
    token: str
    """For a team's server, when it is to be written; empty: the client has it, or needs none."""

    def put_into(self, text: str) -> str:
        """The text with it; what a person added to its entry stays."""
        return with_value(text, (*self.keys, NAME), self.entry(self._found(text)))

    def taken_from(self, text: str) -> str:
        """The text without it."""
        return without_value(text, (*self.keys, NAME)) if self._found(text) else text

    def _found(self, text: str) -> Mapping[str, Any]:
        servers = at(as_json(text), *self.keys)
        if NAME in servers and not is_ours(servers[NAME]):
            raise ConfigError(f"the file has another server that is called {NAME}.")
        return at(servers, NAME)

    def entry(self, found: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Its entry; of one that was found, all that is not this installation's or this shell's."""
        found = found or {}
        typed = {"type": "stdio"} if self.keys == ("servers",) else {}
        command, *arguments = self.command
        entry = typed | dict(found) | {"command": command, "args": [*arguments, "serve"]}
        if variables := self.variables(at(found, "env")):
            return entry | {"env": variables}
        entry.pop("env", None)
        return entry

    def variables(self, found: Mapping[str, Any] | None = None) -> dict[str, str]:
        """What the server must be told: a store, unless it would take this one by itself."""
        ours = (STORE, READ_ONLY)
        kept = {name: str(value) for name, value in (found or {}).items() if name not in ours}
        if address_hash(plain_store(None, kept)) != address_hash(self.store):
            kept[STORE] = self.store
        kept |= {TOKEN: self.token} if self.token else {}
        return kept | ({READ_ONLY: "1"} if self.read_only else {})


class Hook(NamedTuple):
    """The hook of both events in the settings of Claude Code."""

    file: Path
    command: str

    def put_into(self, text: str) -> str:
        """The text with it, in place of an older one of ours."""
        for event in HOOK_EVENTS:
            groups = _groups(text, event)
            ours = [hook for group in groups for hook in _hooks(group) if _is_our_hook(hook)]
            for hook in ours:
                hook["command"] = self.command
            groups = groups if ours else [*groups, self._group()]
            if groups != _groups(text, event):
                text = with_value(text, ("hooks", event), groups)
        return text

    def _group(self) -> dict[str, Any]:
        hook = {"type": "command", "command": self.command, "timeout": HOOK_SECONDS}
        return {"matcher": "Bash", "hooks": [hook]}

    def taken_from(self, text: str) -> str:
        """The text without it, and without what was there for it alone."""
        for event in HOOK_EVENTS:
            groups = _groups(text, event)
            left = [one for one in map(_without_ours, groups) if one is not None]
            if not groups or left == groups:
                continue
            keys = ("hooks", event)
            text = with_value(text, keys, left) if left else without_value(text, keys)
            if not at(as_json(text), "hooks"):
                text = without_value(text, ("hooks",))
        return text


def hook_of(file: Path, machine: Machine, command: list[str], store: str) -> Hook:
    """The hook that records into this shell's store; into the default where that has a secret."""
    words = [*command, "hook"]
    if address_hash(store) != address_hash(plain_store(None, {})):
        if has_secret(store):
            raise InputError(
                "--hook: the store's URL has a password, which a hook's command would show. Set "
                "GENESIS_STORE where Claude Code is started, and install the hook without --store."
            )
        words += ["--store", store]
    if machine.platform == "win32":  # a shell of POSIX or not: both understand this
        words = [word.replace("\\", "/") for word in words]
        return Hook(file, " ".join(f'"{word}"' if " " in word else word for word in words))
    return Hook(file, shlex.join(words))


def _groups(text: str, event: str) -> list[Any]:
    groups = at(as_json(text), "hooks").get(event, [])
    if not isinstance(groups, list):
        raise ConfigError(f"{event!r} in the file is no JSON array.")
    return groups


def _hooks(group: Any) -> list[Any]:
    hooks = group.get("hooks") if isinstance(group, dict) else None
    return hooks if isinstance(hooks, list) else []


def _is_our_hook(hook: Any) -> bool:
    line = hook.get("command") if isinstance(hook, dict) else None
    if not isinstance(line, str):
        return False
    return "hook" in line.split() and any(name in line for name in PROGRAMS)


def _without_ours(group: Any) -> Any:
    """A group of hooks without ours; None if it had nothing else."""
    hooks = _hooks(group)
    left = [hook for hook in hooks if not _is_our_hook(hook)]
    if len(left) == len(hooks):
        return group
    return group | {"hooks": left} if left else None


def as_toml(entry: Mapping[str, Any]) -> str:
    """An entry as Codex has it; a JSON string is one of TOML too."""
    lines = [f"[mcp_servers.{NAME}]"]
    lines += [f"{name} = {as_text(entry[name])}" for name in ("command", "args")]
    pairs = [f"{name} = {as_text(value)}" for name, value in entry.get("env", {}).items()]
    return "\n".join(lines + ([f"env = {{ {', '.join(pairs)} }}"] if pairs else []))
