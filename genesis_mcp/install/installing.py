"""The server entered in a client and taken out again, and what is told of that."""

import json
from collections.abc import Iterator

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.install.by_their_command import (
    entry_of_codex,
    put_by_claude,
    put_by_codex,
    take_by_claude,
    take_by_codex,
)
from genesis_mcp.install.clients import CLIENTS, NAME, Client, Machine
from genesis_mcp.install.config_file import (
    Put,
    Taken,
    backup_of,
    filled,
    put_in,
    read_text,
    take_out,
)
from genesis_mcp.install.entry import TOKEN, Hook, Server, as_toml, has_secret, hook_of, own_command
from genesis_mcp.install.json_text import nested

WOULD_BE_READABLE = (
    "The store's URL has a password or the like, which would stand readable in the file: "
    "--with-secrets writes it there. Or name a store without one (--store)."
)

TAKEN = {
    Taken.NOT_THERE: "was not there",
    Taken.OUT: "is taken out; all else is as it was",
    Taken.RESTORED: "is taken out: the file is as it was before",
    Taken.DELETED: "is taken out: there was no file before, and there is none now",
}


class Target:
    """A client on a machine, with the scope that is meant."""

    def __init__(self, name: str, scope: str | None, machine: Machine) -> None:
        self.client: Client = CLIENTS[name]
        self.is_codex = name == "codex"
        self.scope = scope or next(iter(self.client.places))
        # Of a project's file, which is under version control, every byte is to stay: that is ours.
        self.is_claudes_own = name == "claude-code" and self.scope != "project"
        self.machine = machine
        self.place = self.client.place(scope, machine)

    def parts(
        self, store: str, *, read_only: bool, hook: bool = False, with_secrets: bool = False
    ) -> list[Server | Hook]:
        """What is to stand in its files, of this installation and with this shell's store.

        Raises:
            ConfigError: this installation will not last.
            InputError: something is not offered for this client, or would show a password.
        """
        command = own_command(self.machine)
        token = (self.token_of(store) or "") if with_secrets else ""
        server = Server(self.place.file, self.place.keys, command, store, read_only, token)
        if has_secret(store) and not with_secrets:
            raise InputError(WOULD_BE_READABLE)
        if not hook:
            return [server]
        if not self.place.hooks:
            raise InputError("--hook: is for claude-code; the others have no hook that tells runs.")
        return [server, hook_of(self.place.hooks, self.machine, command, store)]

    def token_of(self, store: str) -> str | None:
        """The token that this shell has, or empty; None if the store is no team's server."""
        is_server = store.lower().startswith(("https:", "http:"))
        return self.machine.environment.get(TOKEN, "").strip() if is_server else None

    def snippet(self, part: Server | Hook) -> str:
        """What a person would put into the part's file."""
        if isinstance(part, Hook):
            return part.put_into("{\n}").strip()
        if self.is_codex:
            return as_toml(part.entry())
        return json.dumps(nested((part.keys[-1], NAME), part.entry()), indent=2, ensure_ascii=False)

    def enter(self, part: Server | Hook) -> str:
        """Put a part where it belongs, and say so.

        Raises:
            ConfigError: that cannot be done safely; nothing was changed.
        """
        named = f"{self.client.title}: {_name_of(part)}"
        if isinstance(part, Server) and self.is_codex:
            entry_of_codex(part)
            if has_secret(part.store) or part.token:
                raise ConfigError("its command would show the secret to all users of this machine.")
            if not put_by_codex(self.machine, part):
                raise ConfigError("there is no command codex here that enters it.")
            return f"{named} is entered by codex mcp add, in {part.file}."
        if self._is_put_by_claude(part):
            return f"{named} is entered by claude mcp add-json, scope {self.scope}."
        done = put_in(part)
        if done is Put.STOOD:
            return f"{named} is entered already, as it is to be, in {part.file}."
        kept = f" As it was before: {backup_of(part.file)}." if done is Put.KEPT else ""
        return f"{named} is entered in {part.file}.{kept}"

    def _is_put_by_claude(self, part: Server | Hook) -> bool:
        if isinstance(part, Hook) or not self.is_claudes_own or _stands(part):
            return False
        return put_by_claude(self.machine, part, self.scope)

    def take_out(self) -> Iterator[str]:
        """Take out all of ours, and say of each part what became of it.

        Raises:
            ConfigError: as `enter`.
        """
        server = Server(self.place.file, self.place.keys, ["genesis-mcp"], "", False, "")
        yield f"{self.client.title}: {_name_of(server)} {self._server_out(server)}."
        if self.place.hooks:
            hook = Hook(self.place.hooks, "genesis-mcp hook")
            yield f"{self.client.title}: {_name_of(hook)} {TAKEN[take_out(hook)]}."

    def _server_out(self, server: Server) -> str:
        if self.is_codex:
            if entry_of_codex(server) is None:
                return TAKEN[Taken.NOT_THERE]
            if not take_by_codex(self.machine):
                raise ConfigError(f"codex is not here: delete [mcp_servers.{NAME}] yourself.")
            return TAKEN[Taken.OUT]
        text = filled(read_text(server.file))
        is_there = server.taken_from(text) != text
        if self.is_claudes_own and is_there and take_by_claude(self.machine, self.scope):
            return "is taken out by claude mcp remove"
        return TAKEN[take_out(server)]


def _stands(server: Server) -> bool:
    text = read_text(server.file)
    return text is not None and server.put_into(filled(text)) == text


def _name_of(part: Server | Hook) -> str:
    return "the hook" if isinstance(part, Hook) else f"the server {NAME}"
