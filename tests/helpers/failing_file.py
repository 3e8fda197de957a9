"""SQLite's file, and what can happen to it: real disks, locks and rights."""

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from genesis_mcp.stores.sqlite.schema import SCHEMA_VERSION
from tests.helpers.fault_matrix import Fault, When
from tests.helpers.waiting import WAIT

DISK = "4m"
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
CAPABILITIES_VERSION = 0x20080522


def give_up_roots_rights():
    """Have this thread, and what it starts, open only what modes allow, as with other users.

    See capabilities(7): the first for what is started, the other for the thread itself.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None)
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        assert libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0
    whose = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    rights = (ctypes.c_uint32 * 6)()
    assert libc.capget(whose, rights) == 0
    rights[0] &= ~(1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH)  # those that are in effect
    assert libc.capset(whose, rights) == 0


class SQLite:
    """A file on a small disk of its own, where one can be mounted."""

    name = "SQLite"
    impossible = ("killed", "slow")

    def __init__(self, folder: Path) -> None:
        self.disk = folder / "disk"
        self.path = self.disk / "store" / "logs.db"
        self.url = f"sqlite:///{self.path.as_posix()}"
        self.disk.mkdir()
        self.is_mounted = sys.platform == "linux" and os.geteuid() == 0 and _mounted(self.disk)

    def start(self) -> None:
        """Nothing has to run."""

    def stop(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.disk], check=True)

    @property
    def faults(self) -> tuple[Fault, ...]:
        at_once, within = When.AT_ONCE, When.WITHIN
        return (
            Fault(
                "down at start: its path leads through a file",
                self.no_directory,
                at_once,
                at_once,
                True,
            ),
            Fault(
                "frozen: a process that is stopped has its write lock", self.locked, None, within
            ),
            Fault("rights lost: may only be read", self.read_only, None, at_once, True),
            Fault("rights lost: may not be read", self.unreadable, at_once, at_once, True),
            *([Fault("disk full", self.full, None, at_once)] if self.is_mounted else []),
            Fault("corrupt", self.damaged, at_once, at_once),
            Fault("newer schema", self.newer, at_once, at_once),
            Fault("foreign: another program's database", self.foreign, at_once, at_once),
        )

    @contextmanager
    def _replaced(self) -> Iterator[None]:
        """The files are put aside, and back again."""
        aside = self.disk / "aside"
        self.path.parent.rename(aside)
        self.path.parent.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(self.path.parent)
            aside.rename(self.path.parent)

    @contextmanager
    def no_directory(self) -> Iterator[None]:
        with self._replaced():
            self.path.parent.rmdir()
            self.path.parent.touch()
            try:
                yield
            finally:
                self.path.parent.unlink()
                self.path.parent.mkdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        command = [sys.executable, "-I", "-c", HOLD, str(self.path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout.readline().strip() == b"locked"
                process.send_signal(signal.SIGSTOP)
                yield
            finally:
                process.send_signal(signal.SIGCONT)
                process.stdin.close()
                process.wait(WAIT)

    def read_only(self):
        return self._modes(0o444, 0o555)

    def unreadable(self):
        return self._modes(0o000, 0o000)

    @contextmanager
    def _modes(self, file: int, directory: int) -> Iterator[None]:
        self.path.chmod(file)
        self.path.parent.chmod(directory)
        try:
            yield
        finally:
            self.path.parent.chmod(0o700)
            for one in self.path.parent.iterdir():  # SQLite gave what it made the file's mode
                one.chmod(0o600)

    @contextmanager
    def full(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path)) as connection:  # what it has room in is given back
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ballast = self.disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def damaged(self) -> Iterator[None]:
        with self._replaced():
            self.path.write_bytes(b"SQLite format 3\0" + os.urandom(8000))
            yield

    @contextmanager
    def newer(self) -> Iterator[None]:
        self._set_version(SCHEMA_VERSION + 1)
        try:
            yield
        finally:
            self._set_version(SCHEMA_VERSION)

    def _set_version(self, version: int) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")

    @contextmanager
    def foreign(self) -> Iterator[None]:
        with self._replaced():
            with closing(sqlite3.connect(self.path)) as connection:
                connection.execute("CREATE TABLE accounts (name)")
            yield


def _mounted(directory: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", directory]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
