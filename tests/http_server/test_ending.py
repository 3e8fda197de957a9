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


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
@pytest.mark.parametrize("path", ["/runs", "/questions/record_run"])
def test_what_is_being_recorded_is_finished_and_told(tmp_path, url, path):
    body = json.dumps(RUN)
    with TeamServer(tmp_path, url) as server, ThreadPoolExecutor() as stopping:
        assert server.ask("POST", path, body)[0] == 200
        asked = server.connection()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            asked.request("POST", path, body, {"Content-Type": "application/json"})
            assert server.question("describe_logs")[0] == 200  # read after what came before
            ended = stopping.submit(server.stop, signal.SIGTERM)
            until(lambda: "timeout graceful shutdown exceeded" in server.said())
            held.execute("ROLLBACK")
        answer = asked.getresponse()
        assert answer.status == 200, answer.read()
        asked.close()
        assert ended.result(WAIT) == 0
        assert "Traceback" not in server.said()
    assert [run["iteration"] for run in exported(url)] == [1, 2]
