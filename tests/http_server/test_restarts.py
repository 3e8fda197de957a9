"""Workers record over HTTP while the server is stopped, killed and started: all is there once."""

import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.team_server import TeamServer
from tests.helpers.waiting import WAIT, times, until

ENDS = (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM), signal.SIGTERM)

CALLS = """if True:
    import sys, time
    import genesis_mcp
    from genesis_mcp.errors import StoreError
    name, number = sys.argv[1], int(sys.argv[2])
    for n in range(number):
        while True:
            try:
                genesis_mcp.record_run(name, exit_code=n % 2, run_id=f"{name}-{n:08}")
                break
            except StoreError:
                time.sleep(0.05)
"""

LINES = """if True:
    import sys, time
    name, number = sys.argv[1], int(sys.argv[2])
    for n in range(number):
        print(f'{{"spec_id":"{name}","exit_code":{n % 2},"run_id":"{name}-{n:08}"}}', flush=True)
        time.sleep(0.01)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="it kills by signals")
def test_what_four_workers_record_while_the_server_restarts_is_there_once(tmp_path, url):
    each = times(30, 500)
    server = TeamServer(tmp_path, url)
    token = server.tokens.new("workers", scopes=["record"])
    with server, closing(open_store(url)) as store:
        env = environment(server.url, GENESIS_TOKEN=token)
        workers = begun(env, each)
        for number, how in enumerate(ENDS[: times(1, 3)], 1):
            until(lambda part=number: recorded(store) >= part * each)
            server.stop(how)
            server.start()
        for worker in workers:
            assert worker.wait(WAIT) in (0, 4)  # ingest says so of what it kept
        flushed = cli("flush", store_url=server.url, variables={"GENESIS_TOKEN": token})
        assert flushed.returncode == 0, flushed.stderr
    runs = exported(url)
    names = Counter(run["run_id"] for run in runs)
    assert names == Counter(f"w{w}-{n:08}" for w in range(4) for n in range(each))
    iterations = Counter((run["spec_id"], run["iteration"]) for run in runs)
    assert set(iterations.values()) == {1}


def begun(env, each):
    """Two workers that call Python's function, two whose lines are piped into `ingest`."""
    python = [sys.executable, "-c"]
    workers = [
        subprocess.Popen([*python, CALLS, f"w{number}", str(each)], env=env) for number in (0, 1)
    ]
    for number in (2, 3):
        lines = subprocess.Popen([*python, LINES, f"w{number}", str(each)], stdout=subprocess.PIPE)
        ingest = [sys.executable, "-m", "genesis_mcp", "ingest", "--quiet"]
        recorder = subprocess.Popen(ingest, env=env, stdin=lines.stdout, stdout=subprocess.DEVNULL)
        lines.stdout.close()  # it is the recorder's
        workers += [lines, recorder]
    return workers


def recorded(store):
    return store.count(RunQuery(), at_most=10_000)
