"""The identity of the code in this folder by git: its commit, and a digest of what differs from it.

For a run of which nobody gave the code. It is taken beside the start of what is run, never instead
of it: without git, outside of a repository, or when git takes too long, the code is not known.
Imports nothing that takes time.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time

from genesis_mcp.recording.withheld import store_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

GIT_SECONDS = 2.0
"""Within which all of it is known, or it is not known."""

LISTED_BYTES_MAX = 4 * 1024 * 1024
"""Of git's list of what differs: about 40,000 files."""

READ_BYTES_MAX = 16 * 1024 * 1024
"""Of the contents of files that differ; of what is left, size and time stand for them."""

NESTED_MAX = 8
"""Repositories within a repository that are looked into."""

STATUS = (
    *("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain=v2"),
    *("--branch", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=none"),
)
"""Without locks, so that nobody's git waits for this one, and without starting a daemon."""

NAMES_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""Variables that a hook of git has for its own repository: the folder tells which one is meant."""

MADE_BY_RUNS = frozenset(
    (b"__pycache__", b".pytest_cache", b".mypy_cache", b".ruff_cache", b".hypothesis", b".coverage")
) | {b"node_modules"}
MADE_ENDINGS = (b".pyc", b"-wal", b"-shm", b"-journal")
DATABASE = b"SQLite format 3\0"
"""What runs leave behind where nobody told git to ignore it; a store may lie there as well."""


def begin(command: Sequence[str] = ()) -> Callable[[], str | None]:
    """Look at the folder in a thread from now on; what is returned waits for the identity.

    That is None when it is not known, as of a `command` that names a file which is no part of it:
    outside of the repository, or ignored by git.
    """
    looking = _Looking(command)
    return looking.identity


class _Looking:
    def __init__(self, command: Sequence[str]) -> None:
        self._found: str | None = None
        self._deadline = time.monotonic() + GIT_SECONDS
        self._thread: threading.Thread | None = None
        try:
            folder = os.getcwd()  # noqa: PTH109 - pathlib is slow to import
            root = _root(folder)
            if root is not None:
                looking = threading.Thread(
                    target=self._look, args=(root, _files_named(command)), daemon=True
                )
                looking.start()
                self._thread = looking
        except (OSError, RuntimeError):  # the folder is gone, or there are no more threads
            pass

    def _look(self, root: str, files: list[str]) -> None:
        try:
            if _are_part_of(root, files, self._deadline):
                self._found = _identity(root, self._deadline, NESTED_MAX)
        except Exception:  # noqa: S110 - whatever it is, a run is recorded without it
            pass

    def identity(self) -> str | None:
        if self._thread is not None:
            self._thread.join(max(0.0, self._deadline - time.monotonic()))
        return self._found


def _root(folder: str) -> str | None:
    """The folder with a repository, or a worktree or submodule of one, that this one is in."""
    while not os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above
    return folder


def _files_named(command: Sequence[str]) -> list[str]:
    """The files that the arguments of a command name, behind the program itself."""
    return [os.path.realpath(one) for one in command[1:] if os.path.isfile(one)]  # noqa: PTH113


def _are_part_of(root: str, files: Sequence[str], deadline: float) -> bool:
    if not files:
        return True
    within = os.path.join(os.path.realpath(root), "")  # noqa: PTH118
    if not all(file.startswith(within) for file in files):
        return False
    asked = ("git", "--no-optional-locks", "check-ignore", "-q", "--", *files)
    return _run(asked, root, deadline)[0] == 1  # 0: one of them is ignored; 128: it cannot tell


def _identity(root: str, deadline: float, nested: int) -> str | None:
    code, listed = _run(STATUS, root, deadline)
    if code != 0 or len(listed) > LISTED_BYTES_MAX:
        return None
    from genesis_mcp.runs.code_identity import git_identity

    entries = listed.split(b"\0")
    heads = [one[13:].decode() for one in entries if one.startswith(b"# branch.oid ")]
    commit = "0" * 40 if heads == ["(initial)"] else "".join(heads)
    differing = list(_differing(entries))
    changes = _digest(os.fsencode(root), differing, deadline, nested) if differing else ""
    if changes is None or not commit:
        return None
    return git_identity(commit, changes)


def _differing(entries: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """What git says of each path that differs, such as that it is a submodule, and the path."""
    for entry in entries:
        kind = entry[:2]
        if kind == b"1 ":  # what is staged of it does not matter: the file does
            told = entry.split(b" ", 8)
            yield told[2], told[8]
        elif kind == b"u ":
            yield b"unmerged", entry.split(b" ", 10)[10]
        elif kind == b"? " and not _is_made_by_runs(entry[2:]):
            yield b"", entry[2:]


def _is_made_by_runs(path: bytes) -> bool:
    return path.endswith(MADE_ENDINGS) or not MADE_BY_RUNS.isdisjoint(path.split(b"/"))


def _digest(
    root: bytes, differing: Iterable[tuple[bytes, bytes]], deadline: float, nested: int
) -> str | None:
    """12 hexadecimal digits of the paths and what is in them now; None: there is no time for it."""
    from hashlib import blake2b

    digest, room, is_any = blake2b(digest_size=6), READ_BYTES_MAX, False
    for told, path in sorted(differing):
        if time.monotonic() > deadline:
            return None
        full = os.path.join(root, path)  # noqa: PTH118
        if os.path.isdir(full) and not os.path.islink(full):  # noqa: PTH112, PTH114
            inner = _identity(os.fsdecode(full), deadline, nested - 1) if nested else None
            if inner is None:
                return None
            if told[:1] == b"S" and told[1:2] != b"C" and "+" not in inner:
                continue  # a submodule in which only runs have left something
            told, content = told[:1], inner.encode()
        else:
            content = _content(full, room)
            if not told and content.endswith(DATABASE):
                continue
            room -= len(content)
        is_any = True
        for part in (told, path, content):
            digest.update(b"%d:" % len(part))
            digest.update(part)
    return digest.hexdigest() if is_any else ""


def _content(path: bytes, room: int) -> bytes:
    """The kind of a file and what is in it; without room its size and time instead."""
    try:
        known = os.lstat(path)
        if os.path.islink(path):  # noqa: PTH114
            return b"link " + os.readlink(path)  # noqa: PTH115
        if not os.path.isfile(path):  # noqa: PTH113 - a pipe would be waited for
            return b"other"
        kind = b"program " if known.st_mode & 0o100 else b"file "
        with open(path, "rb") as file:  # noqa: PTH123
            if known.st_size > room:
                head = file.read(len(DATABASE))
                return b"large %d %d " % (known.st_size, known.st_mtime_ns) + head
            data = file.read(room)
    except OSError:
        return b"gone"
    return DATABASE if data.startswith(DATABASE) else kind + data


def _run(command: Sequence[str], folder: str, deadline: float) -> tuple[int, bytes]:
    """The exit code of git and what it printed; -1 when there is none, or it takes too long."""
    left = deadline - time.monotonic()
    if left <= 0:
        return -1, b""
    # A repository can have git start programs of its own, such as filters.
    less = (*NAMES_A_REPOSITORY, *store_variables())
    environment = {name: value for name, value in os.environ.items() if name not in less}
    hidden: dict[str, Any] = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
    try:
        done = subprocess.run(
            list(command),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=left,
            check=False,
            **hidden,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return -1, b""
    return done.returncode, done.stdout
