"""The loop of a worker against the running server, somebody waiting for each of its runs."""

import sys
from typing import Any

import pytest

from tests.helpers.command_line import cli
from tests.helpers.wire import Wire

SPEC = "soma"
SOMA = 'import sys\nprint("passo")\nif {fails}:\n    raise ValueError("esperado 4, veio {came}")\n'


@pytest.fixture(params=["sqlite", "clickhouse", "mongodb"])
def url(request, url):
    if request.param == "sqlite":
        return url
    if request.param == "mongodb":
        server = request.getfixturevalue("mongod")
        with server.client() as client:
            client.drop_database("loop")
        return server.url("loop")
    return f"clickhouse://127.0.0.1:{request.getfixturevalue('clickhouse_port')}/loop"


def run_once(url, tmp_path, *, fails, came=5):
    file = tmp_path / "soma.py"
    file.write_text(SOMA.format(fails=fails, came=came), encoding="utf-8")
    command = ("run", "--spec", SPEC, "--code", str(file), "--", sys.executable, str(file))
    done = cli(*command, store_url=url)
    return done.stderr.decode().splitlines()[-1]


STEPS: list[tuple[dict[str, Any], str]] = [
    ({"fails": True}, "same error"),
    ({"fails": True, "came": 7}, "new error"),
    ({"fails": False}, "fixed"),
    ({"fails": False}, "still passing"),
    ({"fails": True, "came": 7}, "regressed"),
]


def test_the_verdicts_of_a_loop_reach_who_records_and_who_waits(url, tmp_path):
    cli("init", store_url=url)
    with Wire(url) as recording, Wire(url) as waiting:
        recording.initialize()
        waiting.initialize()
        first = recording.call("record_run", **told_by_somebody_else(tmp_path, fails=True))
        assert first["structuredContent"]["verdict"] == "first"
        newest = first["structuredContent"]["run_id"]
        for step, verdict in STEPS:
            arguments = {"spec_id": SPEC, "after": newest, "timeout_seconds": 50}
            call = {"name": "wait_for_run", "arguments": arguments}
            request = waiting.send("tools/call", call)
            waiting.text("describe_logs")  # who waits holds nobody up
            assert f"; {verdict}" in run_once(url, tmp_path, **step)

            arrived = waiting.answer(request)["result"]["structuredContent"]
            assert (arrived["arrived"], arrived["verdict"]) == (True, verdict)
            if step["fails"]:
                assert f"esperado 4, veio {step.get('came', 5)}" in arrived["error"]
                assert 'raise ValueError("esperado 4' in arrived["failure"]["code"]

            told = told_by_somebody_else(tmp_path, **step)
            again = recording.call("record_run", **told)["structuredContent"]
            assert again["verdict"] == ("same error" if step["fails"] else "still passing")
            after = waiting.call("wait_for_run", spec_id=SPEC, after=arrived["run_id"])
            newest = again["run_id"]
            assert after["structuredContent"]["run_id"] == newest


def told_by_somebody_else(tmp_path, *, fails, came=5):
    """The same outcome, from a recorder that has no code to show."""
    if not fails:
        return {"spec_id": SPEC, "exit_code": 0, "stdout": "passo\n"}
    error = f"esperado 4, veio {came}"
    stderr = (
        f'Traceback (most recent call last):\n  File "{tmp_path / "soma.py"}", line 4, in '
        f'<module>\n    raise ValueError("{error}")\nValueError: {error}\n'
    )
    return {"spec_id": SPEC, "exit_code": 1, "stdout": "passo\n", "stderr": stderr}
