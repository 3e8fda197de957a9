"""`POST /runs`: lines of a log by the rules of `ingest`, and the same request once only."""

import json

from tests.helpers.command_line import exported
from tests.helpers.team_server import TeamServer

LINES = b"""\
{"spec_id":"a","exit_code":1,"stderr":"ValueError: x","run_id":"run-a-1"}
{"level":50,"time":1766158200000,"msg":"request failed","service":"web"}
{"spec_id":"a","exit_code":"three","run_id":"run-a-2"}
Traceback (most recent call last):
  File "x.py", line 1
{"spec_id":"b","exit_code":0}
"""

UNTIMED = b'{"spec_id":"loop","exit_code":1}\n{"spec_id":"loop","exit_code":1}\n'


def post(team, path, body, **headers):
    status, _, told = team.ask("POST", path, body, token=team.kinds.both, headers=headers)
    return status, told


def test_lines_are_recorded_as_ingest_does_and_once_for_the_same_key(team):
    status, told = post(team, "/runs", LINES, **{"Idempotency-Key": "upload-1"})
    assert status == 200
    assert (told["read"], told["recorded"], told["events"], told["rejected"]) == (6, 2, 1, 1)
    assert any("line 3: exit_code" in note for note in told["notes"])
    _, again = post(team, "/runs", LINES, **{"Idempotency-Key": "upload-1"})
    assert (again["recorded"], again["events"], again["duplicates"]) == (0, 0, 3)
    for key, recorded in (("1", 2), ("1", 0), ("2", 2), (None, 2), (None, 2)):
        headers = {"Idempotency-Key": key} if key else {}
        assert post(team, "/runs", UNTIMED, **headers)[1]["recorded"] == recorded


def test_runs_as_they_stand_are_all_taken_or_none(team):
    runs = [
        {"spec_id": "each", "exit_code": 0, "run_id": f"each-{number}", "timestamp": "2025-12-19"}
        for number in range(3)
    ]
    body = "\n".join(map(json.dumps, runs))
    status, told = post(team, "/runs/each", body)
    assert status == 200
    assert [one["iteration"] for one in told["runs"]] == [1, 2, 3]
    assert [one["status"] for one in post(team, "/runs/each", body)[1]["runs"]] == ["duplicate"] * 3
    broken = f'{json.dumps({**runs[0], "run_id": "each-x"})}\n{{"spec_id":"each"}}\nx'
    status, told = post(team, "/runs/each", broken)
    assert (status, told["kind"]) == (400, "InputError")
    names = [run["run_id"] for run in exported(team.store_url, "--spec", "each")]
    assert names == ["each-0", "each-1", "each-2"]
    status, told = post(team, "/runs/one", json.dumps({**runs[0], "run_id": "each-9"}))
    assert "Recorded #4: passed" in told["text"]
    assert post(team, "/runs/one", body)[0] == 400
    assert post(team, "/runs/each", b"")[1] == {"runs": []}
    assert post(team, "/runs/each", b"{}\n" * 1001)[0] == 400


def test_the_service_of_a_token_is_that_of_its_lines(team):
    token = team.kinds.api
    body = b'{"spec_id":"s","exit_code":0,"service":"web","run_id":"forced-1"}\n'
    for path in ("/runs", "/runs/each"):
        line = body.replace(b"forced-1", path.replace("/", "-").encode())
        assert team.ask("POST", path, line, token=token)[0] == 200
    assert {run["service"] for run in exported(team.store_url, "--spec", "s")} == {"api"}


def test_a_store_that_is_down_is_said_and_comes_back(tmp_path):
    blocked = tmp_path / "place"
    blocked.write_text("no directory", encoding="utf-8")
    url = f"sqlite:///{(blocked / 'logs.db').as_posix()}"
    with TeamServer(tmp_path, url) as server:
        status, _, told = server.ask("POST", "/runs", LINES)
        assert (status, told["kind"]) == (503, "StoreUnavailable")
        assert server.ask("GET", "/health")[0] == 200
        assert server.question("describe_logs")[0] == 503
        assert "place" not in json.dumps(told)
        blocked.unlink()
        assert server.ask("POST", "/runs", LINES)[0] == 200
