"""The writers of this process, one for each store, for all that records in Python."""

import atexit
import os
import threading
from typing import TYPE_CHECKING

from genesis_mcp.errors import InputError, WriteNotAllowed
from genesis_mcp.recording.plain_settings import has_plain_settings
from genesis_mcp.recording.writer import PlainSettings, Writer, writer_at
from genesis_mcp.stores.location import plain_store

if TYPE_CHECKING:  # models: slow to make, and where all is plain none is needed
    from genesis_mcp.config import Settings

_writers: "dict[tuple[int, Settings | PlainSettings], Writer]" = {}
_lock = threading.Lock()


def settings_at(store: str | None) -> "Settings | PlainSettings":
    """The settings for recording into the store at a URL, or into the one of the environment.

    Raises:
        ConfigError: there is no such store, or the environment is wrong.
        WriteNotAllowed: recording is switched off.
    """
    if store is not None and not isinstance(store, str):
        raise InputError("store: must be the URL of a store.")
    settings = _plain(store) if has_plain_settings({}, os.environ) else _judged(store)
    writer_of(settings)
    return settings


def _plain(store: str | None) -> PlainSettings:
    return PlainSettings(plain_store(store, os.environ))


def _judged(store: str | None) -> "Settings":
    from genesis_mcp.config import load_settings

    settings = load_settings({"store": store or None})
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is recorded.")
    return settings


def writer_of(settings: "Settings | PlainSettings") -> Writer:
    """The writer into the store of these settings; opened once a process.

    Raises:
        ConfigError: there is no such store.
    """
    place = os.getpid(), settings  # connections do not outlive a fork
    with _lock:
        if place not in _writers:
            _writers[place] = writer_at(settings)
        return _writers[place]


@atexit.register
def _close() -> None:
    for (process, _), writer in _writers.items():
        if process == os.getpid():
            writer.service.store.close()


def _forget_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_lock)
