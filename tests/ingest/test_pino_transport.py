"""The example transport of Pino: whatever ends the worker, the recorder or the store, no hole."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from genesis_mcp.ingest.sources import CHUNK_BYTES
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.mongod import Mongod
from tests.helpers.node import installed
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, times, until

WORKER_SECONDS = 120

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

LINE_BYTES = 340
"""Of a line that UNTIL_TOLD logs, about."""

RECORDER = (
    "import os, pathlib, runpy, sys;"
    " pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"
    " sys.argv = ['genesis-mcp', 'ingest', '--quiet'];"
    " runpy.run_module('genesis_mcp', run_name='__main__')"
)
"""The command, which tells its process first."""

LOGGER = """
const pino = require('pino');
const [command, recorder, file] = process.argv.slice(1);
const options = { command, args: ['-c', recorder, file] };
const logger = pino(pino.transport({ target: require.resolve('./transport'), options }));
"""

UNTIL_TOLD = """
let n = 0;
let told = 1e9;
process.stdin.on('data', (data) => { told = n + Number(data); });
setInterval(() => {
  if (n < told) logger.info({ n: n++ }, 'linha '.repeat(40));
  if (n === told) { process.stdout.write(`logged ${n}\\n`); process.exit(); }
}, 1);
"""
"""Logs without an end, until it is told how many more."""


@pytest.fixture(scope="module")
def example(has_node, tmp_path_factory):
    return installed(ROOT / "examples" / "node-pino", tmp_path_factory.mktemp("example") / "worker")


class Worker:
    """A worker that logs through the transport, and its recorder."""

    def __init__(self, example, script, url, folder):
        self._recorder = folder / "recorder"
        self.process = subprocess.Popen(
            ["node", "-e", LOGGER + script, sys.executable, RECORDER, str(self._recorder)],
            cwd=example,
            env=environment(url, GENESIS_TIMEOUT_SECONDS="2"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def kill_recorder(self):
        os.kill(int(self._recorder.read_text()), signal.SIGKILL)

    def ended(self, told=None):
        """How many lines it logged, those on standard output, and what was said; also the
        recorder has ended then.
        """
        stdout, stderr = self.process.communicate(told, timeout=WAIT)
        printed = stdout.decode().splitlines()
        logged = [int(line.split()[1]) for line in printed if line.startswith("logged ")]
        lines = [json.loads(line)["n"] for line in printed if line.startswith("{")]
        return sum(logged), lines, stderr.decode()


def recorded(url):
    """The numbers of the lines that the store has, in the order of their logging."""
    return sorted(one["context"]["n"] for one in exported(url) if "n" in one.get("context", {}))


ENDINGS = {
    "ends by itself": "",
    "exits": "process.exit(3);",
    "crashes": "setTimeout(() => { throw new Error('caiu') }, 50);",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_line_is_recorded_however_the_worker_ends(url, example, tmp_path, ending):
    script = (
        "for (let n = 0; n < 2000; n++) logger.info({ spec_id: 'lote', n }, 'linha '.repeat(40));"
        f"logger.error({{ spec_id: 'lote', err: new Error('fim') }}, 'último'); {ENDINGS[ending]}"
    )
    worker = Worker(example, script, url, tmp_path)
    worker.ended()
    assert worker.process.returncode == {"exits": 3, "crashes": 1}.get(ending, 0)
    until(lambda: len(exported(url)) == 2001)
    assert exported(url)[-1]["message"] == "último"


@on_posix
def test_a_worker_that_is_killed_leaves_no_hole_in_what_it_had_handed_over(url, example, tmp_path):
    worker = Worker(example, UNTIL_TOLD, url, tmp_path)
    until(lambda: recorded(url))
    worker.process.kill()
    worker.ended()
    there = recorded(url)
    assert there == list(range(len(there)))


@on_posix
def test_when_the_recorder_is_killed_the_lines_go_to_standard_output(url, example, tmp_path):
    worker = Worker(example, UNTIL_TOLD, url, tmp_path)
    until(lambda: recorded(url))
    worker.kill_recorder()
    logged, elsewhere, said = worker.ended(b"2000")
    assert "not to the store" in said
    assert cli("flush", store_url=url).returncode == 0
    there = recorded(url)
    assert there == list(range(len(there)))
    assert elsewhere == list(range(elsewhere[0], logged))
    # Lost is what stood in the pipe, in the transport, and what was just being read.
    assert (elsewhere[0] - len(there)) * LINE_BYTES <= 6 * CHUNK_BYTES


@on_posix
@pytest.mark.engines
def test_a_worker_lives_through_a_store_that_is_down(has_mongod, example, tmp_path):
    with Mongod(tmp_path / "data") as server:
        url = server.url("transport")
        worker = Worker(example, UNTIL_TOLD, url, tmp_path)
        until(lambda: recorded(url))
        server.kill()
        time.sleep(times(4, at_length=60))
        assert worker.process.poll() is None
        server.start()
        logged, _, said = worker.ended(b"500")
        assert worker.process.returncode == 0, said
        cli("flush", store_url=url)
        assert recorded(url) == list(range(logged))


def test_without_a_recorder_the_example_transport_writes_to_stdout(url, example):
    worker = (
        "const pino = require('pino');"
        "const target = require.resolve('./transport');"
        "const logger = pino(pino.transport({ target, options: { command: 'there-is-none' } }));"
        "setTimeout(() => logger.info('depois'), 500);"
    )
    done = subprocess.run(
        ["node", "-e", worker],
        cwd=example,
        env=environment(url),
        capture_output=True,
        timeout=WORKER_SECONDS,
        check=True,
    )
    assert json.loads(done.stdout)["msg"] == "depois"
    assert "not to the store" in done.stderr.decode()
