"""MongoDB and ClickHouse, and what can happen to each: real servers, real faults."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from genesis_mcp.runs.times import now
from genesis_mcp.stores import open_store
from tests.helpers.clickhouse import Server, start_server, stop_server
from tests.helpers.fault_matrix import Fault, When
from tests.helpers.foreign import DOCUMENTS
from tests.helpers.mongod import Mongod
from tests.helpers.waiting import WAIT

DATABASE, WORKER, SECRET = "faults", "worker", "s3nh4"
COMMANDS = ("find", "aggregate", "count", "insert")
"""What a worker's questions and runs need of a mongod."""

RIGHTS = "SELECT, INSERT"
ROW = "(spec_id, iteration, exit_code, stderr) VALUES ('soma', 1, 1, 'boom')"
"""Of another writer's table, which the questions are about."""


class MongoDB:
    """A mongod with accounts, of which the store has the one of a worker."""

    name = "MongoDB"
    impossible = ("corrupt",)

    def __init__(self, folder: Path) -> None:
        self.server = Mongod(folder / "mongod", auth=True)
        self.url = self.server.url(DATABASE, user=WORKER, password=SECRET)

    def start(self) -> None:
        self.server.__enter__()
        with self.server.client() as client:
            roles = ["readWrite"]
            client[DATABASE].command("createUser", WORKER, pwd=SECRET, roles=roles)

    def stop(self) -> None:
        self.server.kill()

    @property
    def faults(self) -> tuple[Fault, ...]:
        at_once, within = When.AT_ONCE, When.WITHIN
        full = partial(self.failing, "insert", errorCode=14031)
        slow = partial(self.failing, *COMMANDS, blockConnection=True, blockTimeMS=30_000)
        return (
            Fault("down at start", self.down, within, within, True),
            Fault("killed", self.down, within, within),
            Fault("frozen", self.frozen, within, within),
            Fault("slow", slow, within, within),
            Fault("rights lost: may only read", partial(self.roles, "read"), None, at_once),
            Fault("rights lost: none is left", self.roles, at_once, at_once),
            Fault("rights lost: another password", self.password, at_once, at_once, True),
            Fault("disk full", full, None, at_once),
            Fault("newer schema: more fields", self.newer, None, None),
            Fault("foreign: another writer's documents", self.documents, None, None),
            Fault("foreign: a view of that name", self.view, at_once, at_once, True),
        )

    @contextmanager
    def down(self) -> Iterator[None]:
        self.server.kill()
        try:
            yield
        finally:
            self.server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.server.freeze()
        try:
            yield
        finally:
            self.server.thaw()

    @contextmanager
    def failing(self, *commands: str, **data: object) -> Iterator[None]:
        point = {"configureFailPoint": "failCommand"}
        data |= {"failCommands": list(commands), "appName": "genesis-mcp"}
        with self.server.client() as client:
            client.admin.command(point | {"mode": "alwaysOn", "data": data})
            try:
                yield
            finally:
                client.admin.command(point | {"mode": "off"})

    def roles(self, *roles: str):
        return self._user({"roles": list(roles)}, {"roles": ["readWrite"]})

    def password(self):
        return self._user({"pwd": f"{SECRET}-new"}, {"pwd": SECRET})

    @contextmanager
    def _user(self, changed: dict[str, object], before: dict[str, object]) -> Iterator[None]:
        with self.server.client() as client:
            client[DATABASE].command("updateUser", WORKER, **changed)
            try:
                yield
            finally:
                client[DATABASE].command("updateUser", WORKER, **before)

    def newer(self):
        return self._with({"exit_code": 1, "spec_id": "soma", "schema_version": 99, "new": {}})

    def documents(self):
        return self._with({"exit_code": 1, "spec_id": "soma", "iteration": 7, "stderr": "boom"})

    @contextmanager
    def _with(self, document: dict[str, object]) -> Iterator[None]:
        with self.server.client() as client:
            logs = client[DATABASE].logs
            inserted = logs.insert_one(document | {"timestamp": now()})
            yield
            logs.delete_one({"_id": inserted.inserted_id})

    @contextmanager
    def view(self) -> Iterator[None]:
        with self.server.client() as client:
            database = client[DATABASE]
            database.logs.rename("away")
            database.command("create", "logs", viewOn="away", pipeline=[])
            try:
                yield
            finally:
                database.logs.drop()
                database.away.rename("logs")


class ClickHouse:
    """The engine in a process of its own, and a worker's account."""

    name = "ClickHouse"
    impossible = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clickhouse"
        self.folder.mkdir()
        self.port: tuple[int, ...] = ()

    def start(self) -> None:
        self._run()
        self.url = self.server.url(f"{WORKER}:{SECRET}", DATABASE)
        store = open_store(self.server.url(database=DATABASE), timeout_seconds=WAIT)
        store.ensure_schema()
        store.close()

    def _run(self) -> None:
        self.process = start_server(self.folder, *self.port)
        self.port = (int(self.process.stdout.readline()),)
        self.server = Server(*self.port)
        self._account()

    def _account(self, grants: str = RIGHTS, settings: str = "", password: str = SECRET) -> None:
        self.server.run(f"DROP USER {WORKER}")
        limits = f" SETTINGS {settings}" if settings else ""
        self.server.run(f"CREATE USER {WORKER} IDENTIFIED BY '{password}'{limits}")
        if grants:
            self.server.run(f"GRANT {grants} ON {DATABASE}.* TO {WORKER}")

    def stop(self) -> None:
        stop_server(self.process)

    @property
    def faults(self) -> tuple[Fault, ...]:
        at_once, later = When.AT_ONCE, When.AND_A_SECOND
        full = "min_free_disk_bytes_to_perform_insert = 1000000000000000000"
        return (
            Fault("down at start", self.down, at_once, at_once, True),
            Fault("killed", self.down, at_once, at_once),
            Fault("frozen", self.frozen, later, later),
            Fault("slow", self.slow, later, later),
            Fault("rights lost: may only read", partial(self.account, "SELECT"), None, at_once),
            Fault("rights lost: none is left", partial(self.account, ""), at_once, at_once),
            Fault(
                "rights lost: another password",
                partial(self.account, password="x"),
                at_once,
                at_once,
            ),
            Fault(
                "disk full",
                partial(self.account, settings=full),
                None,
                at_once,
                is_beyond_doctor=True,
            ),
            Fault("corrupt", self.damaged, at_once, at_once, of_first=True),
            Fault("newer schema: more columns", self.newer, None, None),
            Fault("foreign: the documents' table", self.documents, None, at_once, True),
            Fault("foreign: another table of that name", self.foreign, at_once, at_once, True),
            Fault("foreign: no table", self.no_table, at_once, at_once),
        )

    @contextmanager
    def down(self) -> Iterator[None]:
        self.process.kill()
        self.process.wait(WAIT)
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            yield
        finally:
            self._run()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def account(self, grants: str = RIGHTS, **changed: str) -> Iterator[None]:
        self._account(grants, **changed)
        try:
            yield
        finally:
            self._account()

    @contextmanager
    def slow(self) -> Iterator[None]:
        self.server.request("/test/hold?on=1")
        try:
            yield
        finally:
            self.server.request("/test/hold?on=0")

    @contextmanager
    def damaged(self) -> Iterator[None]:
        """Each byte of the columns is another one; the server looks at the files anew."""
        self.server.run(f"DETACH TABLE {DATABASE}.logs SYNC")
        files = [one for one in self.folder.rglob("*.bin") if "store" in one.parts]
        kept = {one: one.read_bytes() for one in files}
        for one, data in kept.items():
            one.write_bytes(bytes(byte ^ 0xFF for byte in data))
        self.server.run(f"ATTACH TABLE {DATABASE}.logs")
        try:
            yield
        finally:
            self.server.run(f"DETACH TABLE {DATABASE}.logs SYNC")
            for one, data in kept.items():
                one.write_bytes(data)
            self.server.run(f"ATTACH TABLE {DATABASE}.logs")

    @contextmanager
    def newer(self) -> Iterator[None]:
        self.server.run(f"ALTER TABLE {DATABASE}.logs ADD COLUMN new String DEFAULT 'x'")
        yield
        self.server.run(f"ALTER TABLE {DATABASE}.logs DROP COLUMN new")

    @contextmanager
    def no_table(self) -> Iterator[None]:
        self.server.run(f"RENAME TABLE {DATABASE}.logs TO {DATABASE}.away")
        try:
            yield
        finally:
            self.server.run(f"RENAME TABLE {DATABASE}.away TO {DATABASE}.logs")

    @contextmanager
    def _instead(self, *statements: str) -> Iterator[None]:
        with self.no_table():
            for statement in statements:
                self.server.run(statement)
            try:
                yield
            finally:
                self.server.run(f"DROP TABLE {DATABASE}.logs SYNC")

    def documents(self):
        plain = re.sub(r"--[^\n]*", "", DOCUMENTS).replace("genesis.", f"{DATABASE}.")
        create = next(one for one in plain.split(";") if "CREATE TABLE" in one and ".logs" in one)
        return self._instead(create.strip(), f"INSERT INTO {DATABASE}.logs {ROW}")

    def foreign(self):
        columns = "(timestamp DateTime64(3), level String)"
        return self._instead(
            f"CREATE TABLE {DATABASE}.logs {columns} ENGINE = MergeTree ORDER BY timestamp"
        )
