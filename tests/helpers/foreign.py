"""Stores that the documents' own writers filled: v1.0's collection and v1.2's table, without us."""

import json
import re

from genesis_mcp.stores import open_store
from tests.helpers.clickhouse import Server
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT

DOCUMENTS = (ROOT / "tests" / "documents" / "clickhouse_v1.2.sql").read_text(encoding="utf-8")
V1_0_INDEXES = ([("spec_id", 1), ("iteration", -1)], "timestamp", "exit_code", "sprint_id")
DATABASE = "foreign"


class V1_0:  # noqa: N801 - the document's version
    """The collection of MS_Prometheus_Logging v1.0, with its indexes alone."""

    def __init__(self, mongod):
        self._client = mongod.client()
        self._client.drop_database(DATABASE)
        self.logs = self._client[DATABASE].logs
        for keys in V1_0_INDEXES:
            self.logs.create_index(keys)
        self.store = open_store(mongod.url(DATABASE), timeout_seconds=WAIT)

    def write(self, rows):
        self.logs.insert_many([dict(row) for row in rows])

    def close(self):
        self.store.close()
        self._client.close()


class V1_2:  # noqa: N801
    """The table of MS_Prometheus_Logging v1.2, made by the document's statements."""

    def __init__(self, port):
        self._server = Server(port)
        self._server.run(f"DROP DATABASE IF EXISTS {DATABASE} SYNC")
        plain = re.sub(r"--[^\n]*", "", DOCUMENTS).replace("genesis.", f"{DATABASE}.")
        plain = plain.replace("DATABASE IF NOT EXISTS genesis", f"DATABASE {DATABASE}")
        for statement in filter(None, map(str.strip, plain.split(";"))):
            if statement.startswith(("CREATE DATABASE", "CREATE TABLE", "ALTER TABLE")):
                # The tests' rows are of 2025, which its 90 days would delete meanwhile.
                self._server.run(re.sub(r"\nTTL [^\n;]*", "", statement))
        self.store = open_store(self._server.url(database=DATABASE), timeout_seconds=WAIT)

    def write(self, rows):
        """As transports do: JSON, of which a name that no column has is left out."""
        lines = "\n".join(json.dumps(self._row(row)) for row in rows)
        self._server.run(f"INSERT INTO {DATABASE}.logs FORMAT JSONEachRow\n{lines}")

    @staticmethod
    def _row(row):
        moment = row["timestamp"]
        given = {name: value for name, value in row.items() if value is not None}
        return given | {"timestamp": f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3]}

    def close(self):
        self.store.close()
        self._server.run(f"DROP DATABASE IF EXISTS {DATABASE} SYNC")
