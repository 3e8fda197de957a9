"""`genesis-mcp ingest` beside a worker: real processes, pipes, signals, kills, a locked store."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from genesis_mcp.ingest import spool
from genesis_mcp.ingest.session import Session
from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.command_line import NOTHING, cli, environment, exported, summary
from tests.helpers.ingest_process import Ingest, locked, stored
from tests.helpers.waiting import WAIT, times, until

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, and renaming open files")


def event(number, **fields):
    line = {"level": 30, "time": 1766158200000 + number, "msg": f"linha {number}", **fields}
    return json.dumps(line).encode() + b"\n"


# --- the stream ---------------------------------------------------------------------------------

STRANGE = (
    b'\xef\xbb\xbf{"level":30,"time":1766158200000,"msg":"ol\xc3\xa1"}\r\n'
    b"\x1b[32mcores\x1b[0m\r\n\xff\xfe n\xe3o \xe9 UTF-8\x00\n\n   \n"
    b'{"level":50,"time":1766158200001,"msg":"caiu","err":{"type":"E","message":"m"}}\n'
    b"    at x (y.js:1:2)\n[1, 2]\n12\nprogresso 10%\rprogresso 20%\r\n"
    b'{"torn":"lin'
)


def test_what_a_worker_prints_comes_out_byte_for_byte_and_is_recorded(url):
    done = cli("ingest", store_url=url, input=STRANGE)
    assert (done.returncode, done.stdout) == (0, STRANGE)
    said = "9 read, 0 recorded, 0 duplicates, 2 events, 7 other lines, 0 rejected"
    assert done.stderr.decode().strip() == said
    records = exported(url)
    assert [record["message"] for record in records if "level" in record] == ["olá", "caiu"]
    assert '{"torn":"lin' in [record["message"] for record in records]
    [failure] = [record for record in records if record.get("level") == "error"]
    assert failure["stderr"] == "E: m\n    at x (y.js:1:2)"


@pytest.mark.parametrize("flag", ["--quiet", "--json"])
def test_nothing_is_passed_on_when_stdout_is_wanted_for_something_else(url, flag):
    done = cli("ingest", flag, "-", store_url=url, input=STRANGE)
    assert b"UTF-8" not in done.stdout
    if flag == "--json":
        assert summary(done) == {**NOTHING, "read": 9, "events": 2, "other_lines": 7}


def test_a_line_is_recorded_soon_although_nothing_follows_it(url, tmp_path):
    with Ingest(url) as ingest:
        ingest.write(event(1))
        until(lambda: stored(tmp_path) == 1)
        assert bytes(ingest.passed_on) == event(1)
        assert ingest.end() == 0


def test_recording_goes_on_when_nobody_reads_the_output_any_more(url):
    command = [sys.executable, "-m", "genesis_mcp", "ingest"]
    process = subprocess.Popen(
        command,
        env=environment(url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdin.write(event(0))
    process.stdin.flush()
    assert process.stdout.readline() == event(0)
    process.stdout.close()
    process.stdin.write(b"".join(map(event, range(1, 3000))))
    process.stdin.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(WAIT) == 0, said
    assert "3,000 events" in said
    assert "Traceback" not in said


@on_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_when_everything_is_recorded(url, tmp_path, number):
    with Ingest(url, "--json") as ingest:
        ingest.write(b"".join(map(event, range(2_000))) + b"sem fim de linha")
        until(lambda: stored(tmp_path))
        assert ingest.stop(number) == 0
        numbers = summary(Done(ingest.passed_on))
    assert numbers == {**NOTHING, "read": 2_001, "events": 2_000, "other_lines": 1}
    assert len(exported(url)) == 2_001


def test_defaults_are_for_lines_that_lack_them(url):
    given = event(1) + event(2, spec_id="dela") + event(3, payload={"spec_id": "aninhada"})
    given += b'{"exit_code": 1, "stderr": "x"}\ntexto\n[15:30:00] INFO: bonito\n    spec_id: "p"\n'
    flags = ("--spec", "soma", "--iteration", "3", "--service", "api")
    cli("ingest", *flags, store_url=url, input=given)
    told = {
        record.get("message"): (record["spec_id"], record["iteration"], record["service"])
        for record in exported(url)
    }
    ours = ("soma", 3, "api")
    assert told == {
        "linha 1": ours,
        "linha 2": ("dela", 3, "api"),
        "linha 3": ("aninhada", 3, "api"),
        "bonito": ("p", 3, "api"),
        None: ours,
        "texto": ours,
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--iteration", "muitas"], 2, "iteration: must be a whole number"),
        (["--iteration", "-1"], 2, "iteration: must be at least 0"),
        (["--follow"], 2, "--follow is for files"),
        (["--follow", "none.ndjson"], 2, "none.ndjson: there is no such file"),
        (["--read-only"], 3, "read-only"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_read(url, arguments, code, said):
    done = cli("ingest", *arguments, store_url=url, input=event(1))
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()


# --- a store that does not work -----------------------------------------------------------------


@pytest.mark.slow
def test_a_store_that_hangs_does_not_hold_the_worker_up(url, tmp_path):
    given = b"".join(event(number, filler="x" * 1000) for number in range(4_000))  # 4 MB
    with locked(url, tmp_path), Ingest(url, GENESIS_TIMEOUT_SECONDS="60") as ingest:
        ingest.write(given)  # a pipe holds 64 KiB: this ends only when it is read
        until(lambda: len(ingest.passed_on) == len(given))
        assert stored(tmp_path) == 0
    with Ingest(url) as ingest:
        ingest.write(given)
        assert ingest.end() == 0
    assert stored(tmp_path) == 4_000


@pytest.mark.slow
def test_what_the_store_cannot_take_is_kept_and_recorded_from_there(url, tmp_path, home):
    given = STRANGE.replace(b"\n   \n", b'\n{"spec_id":"s","exit_code":1,"stderr":"e"}\n') + b"\n"
    with locked(url, tmp_path):
        variables = {"GENESIS_TIMEOUT_SECONDS": "0.2"}
        done = cli("ingest", store_url=url, input=given, variables=variables)
    assert (done.returncode, done.stdout) == (4, given)
    said = done.stderr.decode()
    assert "Another process keeps the store's file locked" in said
    [file] = home.glob(".genesis-mcp/kept/*/*.ndjson")
    assert "3 records are kept, to be recorded before the next run, or by genesis-mcp flush" in said
    assert stored(tmp_path) == 0

    assert cli("flush", store_url=url).returncode == 0
    assert not file.exists()
    other = f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
    cli("ingest", store_url=other, input=given)
    # What has no time of its own got the moment of its arrival.
    assert without_times(exported(url)) == without_times(exported(other))
    again = summary(cli("ingest", "--json", "-", store_url=url, input=given))
    assert (again["recorded"], again["events"], again["duplicates"]) == (0, 0, 3)
    assert len(exported(url)) == len(exported(other))


def without_times(records):
    for record in records:
        del record["timestamp"]
    return sorted(records, key=lambda record: record["run_id"])


def test_recording_resumes_by_itself_when_the_store_works_again(url, tmp_path):
    with Ingest(url, "--quiet", GENESIS_TIMEOUT_SECONDS="2") as ingest:
        with locked(url, tmp_path):
            ingest.write(b"".join(map(event, range(700))))
            until(lambda: b"kept in a file" in ingest.said)
            ingest.write(b"".join(map(event, range(700, 1_400))))
        until(lambda: b"The store works again." in ingest.said)
        ingest.write(b"".join(map(event, range(1_400, 1_500))))
        assert ingest.end() == 0
        assert b"1,500 events" in ingest.passed_on
    assert [record["message"] for record in exported(url)] == [f"linha {n}" for n in range(1_500)]


def test_what_finds_no_room_anywhere_is_counted_and_said(url, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "SPOOL_BYTES_MAX", 50_000)
    store = SQLiteStore(tmp_path / "logs.db", timeout_seconds=0.1)
    said = []
    writer = Writer(Service(store), Inbox.of(url, redacts=False))
    session = Session(writer, defaults={}, say=said.append)
    (tmp_path / "worker.log").write_bytes(b"".join(map(event, range(3_000))))
    with locked(url, tmp_path), (tmp_path / "worker.log").open("rb") as file:
        session.read_pipe(file, None)
    store.close()
    numbers = session.counts.summary()
    assert numbers["read"] == 3_000 == numbers["kept"] + numbers["lost"]
    assert numbers["kept"] % 500 == 0 < numbers["lost"]
    assert any("no room for more" in sentence for sentence in said)
    [kept] = session.kept_in
    assert len(kept.read_bytes().splitlines()) == numbers["kept"]
    kept.unlink()


# --- exactly once -------------------------------------------------------------------------------


def mixed(lines):
    """A file of everything that occurs, with lines that repeat, with and without a time."""
    chance = random.Random(7)
    made = []
    for number in range(lines):
        kind = chance.randrange(8)
        if kind == 0:
            made.append(f"console.log {number % 5}\n".encode())
        elif kind == 1:
            made.append(
                event(number, level=50) + b"TypeError: x\n    at a (b.js:1:2)\n\n    at c\n"
            )
        elif kind == 2:
            made.append(b'{"spec_id":"s","exit_code":%d,"stderr":"e"}\n' % (number % 3))
        elif kind == 3:
            made.append(event(number) * 2)
        elif kind == 4:
            made.append(b'[15:30:00.123] ERROR (41): Falha\n    spec_id: "q"\n    a: {\n    }\n')
        elif kind == 5:
            made.append(b'worker-%d  | {"msg":"sem hora"}\n' % (number % 3))
        else:
            made.append(event(number, spec_id=f"s{number % 7}", exit_code=number % 2, stdout="x"))
    return b"".join(made)


@pytest.mark.long
@pytest.mark.slow
@on_posix
def test_an_ingest_that_is_killed_again_and_again_ends_with_the_store_of_an_undisturbed_one(
    url, tmp_path
):
    file = tmp_path / "worker.log"
    file.write_bytes(mixed(times(5_000, at_length=12_000)))
    chance = random.Random(11)
    command = [sys.executable, "-m", "genesis_mcp", "ingest", "--json", str(file)]
    for _ in range(times(3, at_length=100)):
        before = stored(tmp_path)
        process = subprocess.Popen(
            command, env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        until(lambda before=before: stored(tmp_path) > before)
        time.sleep(chance.random() * 0.02)  # anywhere in the next batch
        process.kill()
        process.stderr.close()
        assert process.wait(WAIT) == -signal.SIGKILL
    last = summary(cli("ingest", "--json", str(file), store_url=url))
    assert last["duplicates"] > 0
    assert last["rejected"] == 0

    other = f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
    first = summary(cli("ingest", "--json", str(file), store_url=other))
    assert (first["read"], first["duplicates"]) == (last["read"], 0)
    assert cli("export", store_url=url).stdout == cli("export", store_url=other).stdout


def test_the_same_lines_are_the_same_records_in_another_file_and_with_their_head_cut_off(
    url, tmp_path
):
    given = b"".join(event(number // 3, level=50) + b"    at x\n" for number in range(300))
    file, copy = tmp_path / "a.log", tmp_path / "b.log"
    file.write_bytes(given)
    copy.write_bytes(given)
    first = summary(cli("ingest", "--json", str(file), str(copy), store_url=url))
    assert first == {**NOTHING, "read": 1200, "events": 300, "duplicates": 300} | {
        "other_lines": 600
    }
    copy.write_bytes(b"".join(given.splitlines(True)[100:]) + event(9_999))
    rotated = summary(cli("ingest", "--json", str(copy), store_url=url))
    assert (rotated["events"], rotated["duplicates"]) == (1, 250)
    assert len(exported(url)) == 301


def test_a_line_that_comes_too_late_for_its_event_is_recorded_once(url, tmp_path):
    start, late = event(1, level=50), b"    at x (y.js:1:2)\n    at z (y.js:3:4)\n"
    with Ingest(url, "--quiet") as ingest:
        ingest.write(start)
        until(lambda: stored(tmp_path) == 1)
        ingest.write(late)
        assert ingest.end() == 0
    records = exported(url)
    assert {record["message"] for record in records} == {"linha 1", "    at x (y.js:1:2)"}

    (tmp_path / "whole.log").write_bytes(start + late)
    again = summary(cli("ingest", "--json", str(tmp_path / "whole.log"), store_url=url))
    assert again == {**NOTHING, "read": 3, "duplicates": 1, "other_lines": 2}
    assert exported(url) == records


def test_lines_that_an_interrupted_stream_did_not_record_are_not_lost_with_it(url, tmp_path):
    start, late = event(1, level=50), b"    at x (y.js:1:2)\n"
    with Ingest(url, "--quiet") as ingest:
        ingest.write(start)
        until(lambda: stored(tmp_path) == 1)
        ingest.process.kill()
    (tmp_path / "whole.log").write_bytes(start + late)
    for _ in range(2):
        cli("ingest", str(tmp_path / "whole.log"), store_url=url)
        assert sorted(record["message"] for record in exported(url)) == [
            "    at x (y.js:1:2)",
            "linha 1",
        ]


def test_every_store_takes_the_same_lines_once_and_those_that_came_late(store, tmp_path):
    file = tmp_path / "worker.log"
    start = mixed(200) + event(9_999, level=50)
    for given, events in [(start, None), (start, 0), (start + b"    at x\n    at y\n", 0)] * 2:
        file.write_bytes(given)
        writer = Writer(Service(store), Inbox.of("a store", redacts=False))
        session = Session(writer, defaults={}, say=print)
        session.read_file(file)
        numbers = session.counts.summary()
        assert numbers["rejected"] == 0
        if events == 0:
            assert (numbers["recorded"], numbers["events"]) == (0, 0)
    found = store.find(RunQuery(oldest_first=False, limit=1000)).runs
    late = [run for run in store.fetch([one.run_id for one in found]) if run.message == "    at x"]
    assert [run.stderr for run in late] == ["    at x\n    at y"]


# --- growing files ------------------------------------------------------------------------------


@on_posix
def test_a_file_is_followed_through_rotation_and_truncation(url, tmp_path):
    file, rotated = tmp_path / "app.log", tmp_path / "app.log.1"
    file.write_bytes(event(1) + event(2)[:20])
    with Ingest(url, "--follow", file, "--json") as ingest:
        until(lambda: stored(tmp_path) == 1)
        with file.open("ab") as log:
            log.write(event(2)[20:] + event(3))
            log.flush()
            until(lambda: stored(tmp_path) == 3)
            file.rename(rotated)
            log.write(event(4))  # by a worker that has not noticed yet
        file.write_bytes(event(5) + b"sem fim")
        until(lambda: stored(tmp_path) == 5)
        file.write_bytes(event(6))
        until(lambda: stored(tmp_path) == 7)  # with the line that had no end
        assert ingest.stop() == 0
        assert summary(Done(ingest.passed_on))["events"] == 6
    told = [record["message"] for record in exported(url)]
    assert sorted(told) == sorted(["sem fim", *(f"linha {n}" for n in range(1, 7))])
    # A call that reads the files afterwards finds everything there.
    late = summary(cli("ingest", str(rotated), str(file), "--json", store_url=url))
    assert late == {**NOTHING, "read": 5, "duplicates": 5}


class Done:
    def __init__(self, stdout):
        self.stdout = bytes(stdout)


# --- long lines ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_record_of_ten_megabytes_is_read_and_a_longer_line_is_cut_and_says_so(url):
    huge = json.dumps({"spec_id": "s", "exit_code": 1, "stdout": "x" * 10_000_000}).encode()
    given = huge + b"\n" + b"y" * 20_000_000 + b"\n" + event(3)
    done = cli("ingest", "--json", store_url=url, input=given)
    assert summary(done) == {**NOTHING, "read": 3, "recorded": 1, "events": 1, "other_lines": 1}
    told = {record.get("message", "")[:6]: record for record in exported(url)}
    assert told[""]["stdout_bytes"] == 10_000_000
    assert told["yyyyyy"]["message"].endswith("[... 19,934,464 bytes left out ...]")
