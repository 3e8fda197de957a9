"""`genesis-mcp run --quiet`: the run is kept at once, and recorded by whoever comes next."""

import json
import sys

from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.runs.conforming import make_run
from tests.helpers.command_line import cli
from tests.helpers.waiting import until


def quiet(url, code, *flags):
    command = [sys.executable, "-c", code]
    return cli("run", "--quiet", "--spec", "soma", *flags, "--", *command, store_url=url)


def test_a_quiet_run_says_nothing_and_is_there_for_the_next_question(url, home):
    done = quiet(url, "import sys; print('dito'); sys.exit('boom')", "--iteration", "7")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"dito\n", b"boom\n")
    assert [path.suffix for path in (home / ".genesis-mcp").rglob("*.ndjson")] == [".ndjson"]
    asked = cli("spec", "soma", "--json", store_url=url)
    [attempt] = json.loads(asked.stdout)["attempts"]
    assert (attempt["iteration"], attempt["ended"]) == (7, "failed, exit 1")
    assert b"1 kept run recorded now" in asked.stderr


def test_quiet_runs_are_numbered_in_their_order_by_the_next_run(url, home):
    for _ in range(2):
        assert quiet(url, "").stderr == b""
    done = cli("run", "--spec", "soma", "--", sys.executable, "-c", "", store_url=url)
    assert b"soma #3 passed; still passing" in done.stderr
    assert not list((home / ".genesis-mcp").rglob("*.ndjson"))


def test_secrets_are_not_kept_where_none_are_stored(url, home):
    code = "print('password=hunter2hunter2')"
    command = ["run", "--quiet", "--spec", "s", "--", sys.executable, "-c", code]
    cli(*command, store_url=url, variables={"GENESIS_REDACT": "write"})
    [kept] = (home / ".genesis-mcp").rglob("*.ndjson")
    assert b"hunter2" not in kept.read_bytes().replace(code.encode(), b"")


def test_a_flush_is_started_aside_when_runs_wait_for_long(url, home):
    quiet(url, "")
    [kept] = (home / ".genesis-mcp").rglob("*.ndjson")
    kept.rename(kept.with_name("1" + kept.name[1:].replace(kept.name[1:19], "0" * 18)))
    assert quiet(url, "").stderr == b""
    until(lambda: not list((home / ".genesis-mcp").rglob("*.ndjson")))
    assert b"2 runs" in cli("describe", store_url=url).stdout


def test_it_is_due_once_when_enough_waits_or_for_long_enough(tmp_path):
    inbox = Inbox(tmp_path / "kept", redacts=False)
    assert not inbox.is_due(0, 1)
    inbox.keep([make_run({"spec_id": "s", "exit_code": 0}, recorded_by="test")])
    assert not inbox.is_due(1000, 2)
    assert inbox.is_due(1000, 1)
    assert not inbox.is_due(1000, 1)  # somebody was told just now
    assert inbox.is_due(0, 100)
