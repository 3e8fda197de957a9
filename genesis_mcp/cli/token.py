"""`genesis-mcp token`: who may use the server over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.shared import arguments_of
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError
from genesis_mcp.http_server.tokens import Token, TokenFile
from genesis_mcp.questions.arguments import NewToken
from genesis_mcp.runs.wording import minute


@command(
    "token",
    click.Argument(["action"], type=click.Choice(["new", "list", "revoke"]), metavar="ACTION"),
    click.Argument(["name"], metavar="[NAME]", required=False),
    option("--scopes", "new: read (default), record, or read,record", metavar="SCOPES"),
    option("--service", "new: this one service only", metavar="NAME"),
    option("--days", "new: it expires then; default: never", metavar="N"),
    option("--tokens", "the file; default: ~/.genesis-mcp/tokens.jsonl", metavar="FILE"),
    flag("--json", "list: as JSON", becomes="as_json"),
    examples=["genesis-mcp token new ana --scopes read,record", "genesis-mcp token list"],
)
def token(_settings: Settings, given: dict[str, Any]) -> int:
    """Who may use genesis-mcp serve --http: new, list or revoke.

    A new token is printed once, and is nowhere else: the file holds its digest.
    """
    file = token_file(given.get("tokens"))
    if given["action"] == "list":
        _list(file, as_json=bool(given.get("as_json")))
        return 0
    if "name" not in given:
        raise InputError(f"Name the token: genesis-mcp token {given['action']} NAME")
    if given["action"] == "revoke":
        file.revoke(given["name"])
        print("It is revoked, also for servers that run.")
        return 0
    wanted = _wanted(given)
    days = wanted.days
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) if days else None
    made = file.new(wanted.name, scopes=wanted.scopes, service=wanted.service, expires=expires)
    say("this token is shown once; it goes into GENESIS_TOKEN, or a client's Authorization header.")
    print(made)
    return 0


def _wanted(given: dict[str, Any]) -> NewToken:
    """What the token is to be.

    Raises:
        InputError: a limit was typed without a value, as an unset variable of a shell does it: the
            token would be one without that limit.
    """
    wanted = arguments_of(NewToken, given)
    for name in ("scopes", "service", "days"):
        if name in given and name not in wanted.model_fields_set:
            raise InputError(
                f"--{name}: has no value; leave it out for a token without this limit."
            )
    return wanted


def token_file(path: str | None) -> TokenFile:
    """The file that was named, or the usual one."""
    return TokenFile(Path(path)) if path else TokenFile.usual()


def _list(file: TokenFile, *, as_json: bool) -> None:
    tokens = file.tokens()
    if as_json:
        print(json.dumps([_told(one) for one in tokens]))
        return
    for one in tokens:
        print("; ".join([f"{one.name}: {', '.join(one.scopes)}", *_limits(one)]))
    if not tokens:
        print("There is no token. Make one: genesis-mcp token new NAME --scopes read,record")


def _told(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": token.scopes,
        "service": token.service,
        "created": token.created.isoformat(),
        "expires": token.expires and token.expires.isoformat(),
    }


def _limits(token: Token) -> list[str]:
    limits = [f"service {token.service}"] if token.service else []
    limits.append(f"made {minute(token.created)}")
    if token.expires:
        ended = token.has_expired(datetime.now(UTC))
        limits.append(f"{'expired' if ended else 'expires'} {minute(token.expires)}")
    return limits
