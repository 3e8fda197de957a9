"""The file of bearer tokens: who may read or record over HTTP. It holds digests, and no token."""

import hashlib
import hmac
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, get_args

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.recording.file_lock import try_lock
from genesis_mcp.recording.kept_file import make_private, open_private

Scope = Literal["read", "record"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

BEGINNING = "gmcp_"
"""Of every token; `text.secret_shapes` knows it, so that one that is printed is not shown."""

RANDOM_BYTES = 32

TOKENS_MAX = 1_000
"""Tokens of one file: each request is compared with all of them."""

LOCK_SECONDS, LOCK_STEP_SECONDS = 10.0, 0.02
"""How long another `genesis-mcp token` is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What the file knows of a token."""

    name: str
    digest: str = field(repr=False)
    """SHA-256 of the token in hexadecimal: of 256 random bits nothing can be guessed from it."""
    scopes: tuple[Scope, ...]
    service: str | None = None
    """The one service that it reads and records; None for all."""
    created: datetime
    expires: datetime | None = None

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """The token of a line of the file.

        Raises:
            ValueError: it is none.
        """
        record = json.loads(line)
        if not isinstance(record, dict):
            raise ValueError("no object")
        expires = record.get("expires")
        token = cls(
            name=_text(record, "name"),
            digest=_text(record, "digest"),
            scopes=tuple(scope for scope in SCOPES if scope in record.get("scopes", ())),
            service=_text(record, "service") if record.get("service") is not None else None,
            created=_moment(_text(record, "created")),
            expires=None if expires is None else _moment(_text(record, "expires")),
        )
        is_known = set(record.get("scopes", ())) == set(token.scopes) and token.scopes
        if not is_known or len(bytes.fromhex(token.digest)) != hashlib.sha256().digest_size:
            raise ValueError("unknown scope, or no digest")
        return token

    def as_line(self) -> bytes:
        """The line of the file that tells of it."""
        return json.dumps(asdict(self), default=datetime.isoformat).encode() + b"\n"

    def has_expired(self, moment: datetime) -> bool:
        """Whether it is no longer valid."""
        return self.expires is not None and moment >= self.expires


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class TokenFile:
    """The tokens in a file, which is read again whenever it has changed.

    What cannot be read lets nobody in: every method raises ConfigError when the file is damaged, or
    may be read by others than its owner (where a file system knows that).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._tokens: tuple[Token, ...] = ()

    @classmethod
    def usual(cls) -> Self:
        """The file beside the embedded store.

        Raises:
            ConfigError: there is no home directory.
        """
        try:
            return cls(Path.home() / ".genesis-mcp" / "tokens.jsonl")
        except RuntimeError:
            raise ConfigError("There is no home directory here: name a file by --tokens.") from None

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, expired ones included, in the order in which they were made."""
        try:
            with self.path.open("rb") as file:
                seen = _state(os.fstat(file.fileno()))
                if seen != self._seen:
                    self._tokens, self._seen = tuple(_read(file.read())), seen
        except FileNotFoundError:
            self._tokens, self._seen = (), None
        except OSError:
            raise ConfigError("The file of tokens cannot be read by this account.") from None
        return self._tokens

    def find(self, given: str) -> Token | None:
        """The token that was given, unless it is unknown, revoked or expired.

        It is compared with every token, each in constant time, whichever fits.
        """
        digest = _digest(given)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.digest, digest):
                found = token
        return None if found is None or found.has_expired(datetime.now(UTC)) else found

    def new(
        self,
        name: str,
        *,
        scopes: Sequence[Scope],
        service: str | None = None,
        expires: datetime | None = None,
    ) -> str:
        """Make a token and write down its digest; the token, which is nowhere else.

        Raises:
            InputError: there is one of this name, or there are too many.
        """
        with self._changing():
            known = self.tokens()
            if any(token.name == name for token in known):
                raise InputError("There is a token of this name: revoke it, or choose another.")
            if len(known) >= TOKENS_MAX:
                raise InputError(f"A file holds {TOKENS_MAX:,} tokens; revoke some.")
            made = BEGINNING + secrets.token_hex(RANDOM_BYTES)
            token = Token(
                name=name,
                digest=_digest(made),
                scopes=tuple(scope for scope in SCOPES if scope in scopes),
                service=service,
                created=datetime.now(UTC).replace(microsecond=0),
                expires=expires,
            )
            self._write((*known, token))
        return made

    def revoke(self, name: str) -> None:
        """Take a token out of the file: the next request with it is refused.

        Raises:
            InputError: there is none of this name.
        """
        with self._changing():
            known = self.tokens()
            rest = tuple(token for token in known if token.name != name)
            if len(rest) == len(known):
                names = ", ".join(token.name for token in known[:10])
                raise InputError(f"There is no token of this name. Tokens: {names or 'none'}.")
            self._write(rest)

    def _write(self, tokens: Sequence[Token]) -> None:
        """Put a whole new file in the place of the old one: a reader sees one or the other."""
        beside = self.path.with_name(f"{self.path.name}.new")
        with suppress(FileNotFoundError):
            beside.unlink()
        with open_private(beside, os.O_CREAT | os.O_EXCL) as file:
            file.write(b"".join(token.as_line() for token in tokens))
            os.fsync(file.fileno())
        beside.replace(self.path)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile."""
        until = time.monotonic() + LOCK_SECONDS
        try:
            make_private(self.path.parent)
            with open_private(self.path.with_name(f"{self.path.name}.lock"), os.O_CREAT) as lock:
                while not try_lock(lock):
                    if time.monotonic() > until:
                        raise ConfigError("Another process changes the tokens; try again.")
                    time.sleep(LOCK_STEP_SECONDS)
                yield
        except OSError:
            raise ConfigError("The file of tokens cannot be written by this account.") from None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _state(status: os.stat_result) -> tuple[int, ...]:
    """What tells whether a file has changed.

    Raises:
        ConfigError: others may read or write it.
    """
    if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
        raise ConfigError("The file of tokens is open to others: chmod 600 it.")
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(data: bytes) -> Iterator[Token]:
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                yield Token.from_line(line)
            except (ValueError, TypeError):
                raise ConfigError(f"The file of tokens is damaged in line {number}.") from None
