"""The end of the server while something is being recorded: it is finished, and told so."""

import json
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.helpers.command_line import exported
from tests.helpers.team_server import TeamServer
from tests.helpers.waiting import WAIT, until

RUN = {"spec_id": "soma", "exit_code": 1, "stderr": "ValueError: esperado 4, veio 5"}


PATHS = ("/runs", "/questions/record_run")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
def test_what_is_being_recorded_is_finished_and_told(tmp_path, url):
    body, typed = json.dumps(RUN), {"Content-Type": "application/json"}
    with TeamServer(tmp_path, url) as server, ThreadPoolExecutor() as stopping:
        assert server.ask("POST", "/runs", body)[0] == 200
        asked = [server.connection() for _ in PATHS]
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            for connection, path in zip(asked, PATHS, strict=True):
                connection.request("POST", path, body, typed)
            assert server.question("describe_logs")[0] == 200  # read after what came before
            ended = stopping.submit(server.stop, signal.SIGTERM)
            until(lambda: "timeout graceful shutdown exceeded" in server.said())
            held.execute("ROLLBACK")
        answers = [connection.getresponse() for connection in asked]
        assert [answer.status for answer in answers] == [200, 200]
        for connection in asked:
            connection.close()
        assert ended.result(WAIT) == 0
        assert "Traceback" not in server.said()
    assert [run["iteration"] for run in exported(url)] == [1, 2, 3]
