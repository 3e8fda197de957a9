"""A piped `ingest` that is killed loses at most what stood in the pipe, whatever the store does."""

import json
import random
import threading
import time
from contextlib import suppress

import pytest

from genesis_mcp.ingest.sources import CHUNK_BYTES, QUEUED_CHUNKS
from tests.helpers.command_line import cli, exported
from tests.helpers.ingest_process import Ingest, locked, stored
from tests.helpers.waiting import WAIT, times, until

LINES = 2_000


def line(number, spec_id="s"):
    record = {"level": 30, "time": 1766158200000 + number, "spec_id": spec_id, "n": number}
    return json.dumps(record | {"msg": f"linha {number} " + "x" * 200}).encode() + b"\n"


def kept_lines(home):
    return sum(
        len(path.read_bytes().splitlines()) for path in home.glob(".genesis-mcp/**/*.ndjson")
    )


def recorded(url, spec_id):
    """The numbers of the lines that the store has, in the order of time."""
    records = exported(url)
    return [one["context"]["n"] for one in records if one["spec_id"] == spec_id]


def test_what_was_read_is_there_after_a_kill_although_the_store_had_taken_nothing(
    url, tmp_path, home
):
    given = b"".join(map(line, range(LINES)))
    with (
        locked(url, tmp_path),
        Ingest(url, "--quiet", GENESIS_TIMEOUT_SECONDS="120") as ingest,
    ):
        ingest.write(given)
        until(lambda: kept_lines(home) == LINES)
        assert stored(tmp_path) == 0
        ingest.process.kill()
        ingest.process.wait(WAIT)
    assert cli("flush", store_url=url).returncode == 0
    assert recorded(url, "s") == list(range(LINES))
    again = json.loads(cli("ingest", "--json", "-", store_url=url, input=given).stdout)
    assert (again["events"], again["duplicates"]) == (0, LINES)
    assert kept_lines(home) == 0


@pytest.mark.parametrize("attempt", range(times(3, at_length=30)))
def test_a_kill_at_any_moment_leaves_no_hole_and_loses_what_was_on_its_way(url, tmp_path, attempt):
    with Ingest(url) as ingest:

        def work():
            with suppress(OSError):
                for number in range(1_000_000):
                    ingest.write(line(number))

        worker = threading.Thread(target=work)
        worker.start()
        until(lambda: stored(tmp_path))
        time.sleep(random.Random(attempt).random())
        ingest.process.kill()
        worker.join(WAIT)
        with suppress(BrokenPipeError):
            ingest.end()
    cli("flush", store_url=url)
    there = recorded(url, "s")
    assert there == list(range(len(there)))
    read = bytes(ingest.passed_on)
    lost = len(read) - sum(len(line(number)) for number in there)
    # In the queue, before it, being read, and the lines on both sides of it that are not whole.
    assert lost <= (QUEUED_CHUNKS + 2) * CHUNK_BYTES + 2 * len(line(len(there)))


def test_a_stream_without_a_place_for_its_file_is_recorded_all_the_same(url, tmp_path, home):
    (home / ".genesis-mcp").write_text("no folder")
    given = b"".join(map(line, range(LINES)))
    done = cli("ingest", "--json", "-", store_url=url, input=given)
    assert (done.returncode, json.loads(done.stdout)["events"]) == (0, LINES)
    assert recorded(url, "s") == list(range(LINES))
