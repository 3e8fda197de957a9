"""A client's configuration file: read, written at once or not at all, and kept as it was."""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from genesis_mcp.errors import ConfigError
from genesis_mcp.install.json_text import BYTE_ORDER_MARK

FILE_BYTES_MAX = 32 * 1024 * 1024
"""Claude Code keeps much else in its file."""

BACKUP = ".before-genesis-mcp"
"""Behind the name of a file stands what it was before anything of ours was in it."""

EMPTY = "{}\n"

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Part(Protocol):
    """What of ours stands in a file."""

    @property
    def file(self) -> Path: ...

    def put_into(self, text: str) -> str:
        """The text with it, as it is to be now."""

    def taken_from(self, text: str) -> str:
        """The text without it."""


class Taken(StrEnum):
    """What became of a file out of which a part was taken."""

    NOT_THERE = "not there"
    OUT = "out"
    RESTORED = "restored"
    DELETED = "deleted"


class Put(StrEnum):
    """What became of a file into which a part was put."""

    STOOD = "stood there already"
    MADE = "there was no file"
    CHANGED = "changed, with a part of ours in it before"
    KEPT = "changed, and kept beside as it was"


def put_in(part: Part) -> Put:
    """Put a part into its file.

    The file as it was is kept beside it, unless an older part of ours is in it.

    Raises:
        ConfigError: the file is not what can be changed safely, or must not be; it is as it was.
    """
    file = _behind_links(part.file)
    before = read_text(file)
    text = part.put_into(filled(before))
    if text == before:
        return Put.STOOD
    _look_at_rights(file)
    done = Put.MADE if before is None else Put.CHANGED
    if before is not None and not _has(part, before):
        _write(backup_of(file), before, like=file)
        done = Put.KEPT
    _replace(file, before, text)
    return done


def take_out(part: Part) -> Taken:
    """Take a part out of its file, or give the file back as it was if nothing else changed since.

    Raises:
        ConfigError: as `put_in`.
    """
    file = _behind_links(part.file)
    before = read_text(file)
    if before is None or not _has(part, before):
        return Taken.NOT_THERE
    _look_at_rights(file)
    left = part.taken_from(filled(before))
    try:
        kept = read_text(backup_of(file))
        is_else_the_same = part.taken_from(part.put_into(filled(kept))) == left
    except ConfigError:
        is_else_the_same = False
    if not is_else_the_same:
        _replace(file, before, left)
        return Taken.OUT
    if kept is None:
        _delete(file)
        return Taken.DELETED
    _replace(file, before, kept)
    _delete(backup_of(file))
    return Taken.RESTORED


def _has(part: Part, text: str) -> bool:
    return part.taken_from(filled(text)) != filled(text)


def backup_of(file: Path) -> Path:
    """Where a file as it was is kept."""
    file = _behind_links(file)
    return file.with_name(file.name + BACKUP)


def read_text(file: Path) -> str | None:
    """The text of a JSON object in a file, or a blank one; None where there is no file.

    Raises:
        ConfigError: it cannot be read, or is no JSON that can be changed without breaking it.
    """
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ConfigError("the file is too large.")
        text = file.read_bytes().decode("utf-8")
        found = as_json(text)
    except FileNotFoundError:
        return None
    except OSError:
        raise ConfigError("the file cannot be read.") from None
    except (ValueError, RecursionError):
        raise ConfigError("the file is no JSON, or JSON with comments.") from None
    if not isinstance(found, dict):
        raise ConfigError("the file is no JSON object.")
    return text


def filled(text: str | None) -> str:
    """A text as `read_text` gives it, with an object in it where it has none."""
    return text if text and text.strip(BYTE_ORDER_MARK + " \t\r\n") else EMPTY


def as_json(text: str) -> Any:
    """What a text says; an empty one says that nothing is set."""
    return json.loads(text.lstrip(BYTE_ORDER_MARK).strip() or "{}")


def at(found: Any, *names: str) -> Mapping[str, Any]:
    """The object under these names; an empty one where there is none."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _behind_links(file: Path) -> Path:
    return Path(os.path.realpath(file))


def _look_at_rights(file: Path) -> None:
    # Who replaces a file needs no right to write into it: that nobody may is heeded all the same.
    if file.exists() and not (file.stat().st_mode & 0o222 and os.access(file, os.W_OK)):
        raise ConfigError("the file may only be read.")


def _replace(file: Path, before: str | None, text: str) -> None:
    if read_text(file) != before:
        raise ConfigError("the file was changed by another program meanwhile; try again.")
    _write(file, text, like=file)


def _delete(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        raise ConfigError("the file, or the one beside it, cannot be deleted.") from None


def _write(file: Path, text: str, *, like: Path) -> None:
    """Write a file anew, with the owner and the rights of another: whole or not at all."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, NEW_FILE, 0o600), "wb") as new:
            new.write(text.encode("utf-8"))
            new.flush()
            os.fsync(new.fileno())
        if like.exists():
            _make_alike(beside, like.stat())
        beside.replace(file)
    except OSError:
        raise ConfigError("the file, or one beside it, cannot be written.") from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _make_alike(file: Path, like: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(OSError):  # for root alone
            os.chown(file, like.st_uid, like.st_gid)
    file.chmod(stat.S_IMODE(like.st_mode))
