"""Files of older versions: read as they are, brought up to date by the first write, kept beside."""

import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.errors import StoreError, WriteNotAllowed
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import LogsForSpec, RecentFailures, SearchLogs
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import TIMESTAMP_MIN
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.older_schemas import TO_PRESENT
from tests.helpers.command_line import cli, environment
from tests.helpers.paths import ROOT
from tests.stores.contract.records import every_page

DOCUMENTS = ROOT / "tests" / "documents"
VERSION_1 = (DOCUMENTS / "sqlite_version_1.sql").read_text(encoding="utf-8")
FROM_1_TO_2 = (DOCUMENTS / "sqlite_version_2.sql").read_text(encoding="utf-8")
FROM_2_TO_3 = (DOCUMENTS / "sqlite_version_3.sql").read_text(encoding="utf-8")
BEFORE = "a432060ca885ae42173170095c0eaca72b0f71b3"
"""The last commit of version 1 of the schema."""

BASE = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)
RECORDED, NEXT = 9, 7
"""Its runs and events, and the next iteration of soma; an event there has 99."""

TIED = [7, 3, 9, 1]
"""The iterations 1 to 4 by the numbers in their ids: the order in which they were recorded."""


@pytest.fixture
def path(tmp_path):
    """A file as version 1 left it."""
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(VERSION_1)
    return file


@pytest.fixture
def opened(path):
    stores = []

    def open_one(**options):
        stores.append(SQLiteStore(path, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def run(**fields):
    given = {"spec_id": "soma", "exit_code": 1, "stderr": "E: boom", "timestamp": BASE} | fields
    return sign(make_run(given, recorded_by="tests"))


def url(path):
    return f"sqlite:///{path.as_posix()}"


def names(path):
    return {file.name for file in path.parent.iterdir() if not file.name.endswith(("-wal", "-shm"))}


def version(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def answers(store):
    """What a store says of the runs of version 1: lists, pages, texts, words, figures, answers."""
    service = Service(store, clock=lambda: BASE + timedelta(days=2))
    whole = every_page(store, RunQuery(limit=2))
    oldest_first = every_page(store, RunQuery(limit=3, oldest_first=True))
    described = store.describe(TIMESTAMP_MIN)
    return [
        whole,
        oldest_first,
        [one.recorded_at for one in whole],
        store.fetch([one.run_id for one in whole]),
        store.fetch([one.run_id for one in whole], text_bytes=300),
        store.failures(RunQuery()),
        every_page(store, RunQuery(spec_id="soma", iteration=2)),
        every_page(store, RunQuery(text="expected", limit=1)),
        every_page(store, RunQuery(text="conexao recusada")),
        store.ids("019b372c-00", limit=50),
        store.count(RunQuery(text="AssertionError"), at_most=9),
        replace(described, size_bytes=0, notes=(), writable=True),
        service.recent_failures(RecentFailures()).structured(),
        service.logs_for_spec(LogsForSpec(spec_id="soma")).structured(),
        service.search_logs(SearchLogs(text="soma.js")).structured(),
    ]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_version_1_is_read_as_it_is(opened, path, read_only):
    before = path.read_bytes()
    store = opened(read_only=read_only)

    whole = store.find(RunQuery(limit=1000)).runs

    assert len(whole) == RECORDED
    tied = store.find(RunQuery(until=BASE + timedelta(milliseconds=1), oldest_first=True)).runs
    assert [int(one.run_id[9:13], 16) for one in tied] == TIED
    assert [one.iteration for one in tied] == [1, 2, 3, 4]
    assert {(one.arrived, one.doubt, one.tests_failed) for one in whole} == {(None, None, None)}
    assert len(answers(store)) == 15
    (note,) = store.describe(BASE).notes
    assert "version 1" in note
    store.close()
    assert path.read_bytes() == before
    assert names(path) == {"logs.db"}
    if read_only:
        with pytest.raises(WriteNotAllowed):
            store.insert([run()])


def test_the_first_write_brings_it_up_to_date_and_changes_no_answer(opened, path, check_file):
    reader, writer = opened(read_only=True), opened()
    before = answers(reader)
    expected = check_file(path)

    (inserted,) = writer.insert([run(run_id="new", timestamp=BASE + timedelta(days=9))])

    assert inserted.iteration == NEXT
    assert version(path) == 4
    assert check_file(path) == expected | {"new"}
    for store in (reader, writer):  # the process that was reading meanwhile, too
        (new,) = store.fetch(["new"])
        assert (new.iteration, new.arrived is None) == (NEXT, False)
        assert store.count(RunQuery(), at_most=99) == RECORDED + 1
    writer.prune(TIMESTAMP_MIN)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM runs WHERE run_id = 'new'")
    for store in (reader, writer):
        after = answers(store)
        after[11] = replace(after[11], specs=before[11].specs)  # the newest, which was taken out
        assert after[:8] == before[:8]
        assert after[9:] == before[9:]


def test_as_it_was_it_is_kept_beside_whole(opened, path):
    before = answers(opened(read_only=True))

    opened().insert([run()])

    assert names(path) == {"logs.db", "logs.db.version-1"}
    copy = path.with_name("logs.db.version-1")
    assert version(copy) == 1
    with closing(SQLiteStore(copy, read_only=True)) as store:
        assert answers(store) == before
    if sys.platform != "win32":
        assert copy.stat().st_mode == path.stat().st_mode
    (note,) = opened().describe(BASE).notes
    assert "logs.db.version-1" in note


def test_a_file_of_version_2_is_read_as_it_is_and_brought_up_to_date(path, opened, check_file):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FROM_1_TO_2)
    reader, writer = opened(read_only=True), opened()
    before = answers(reader)
    expected = check_file(path)
    assert version(path) == 2

    (suite,) = writer.insert([run(run_id="suite", kind="suite", timestamp=BASE)])

    assert suite.iteration == NEXT + 1
    assert version(path) == 4
    assert names(path) == {"logs.db", "logs.db.version-2"}
    assert check_file(path) == expected | {"suite"}
    for store in (reader, writer):
        assert answers(store)[11] == replace(
            before[11],
            specs=tuple(
                one._replace(runs=one.runs + 1, failed=one.failed + 1)
                if one.spec_id == "soma"
                else one
                for one in before[11].specs
            ),
        )
    writer.forget(["suite"])
    for store in (reader, writer):
        assert answers(store) == before
        (newest,) = store.find(RunQuery(limit=1)).runs
        assert (newest.tests_failed, newest.recorded_at) == (1, 1766250000123456)
        assert newest.doubt == "exit 0, but its own summary tells of 1 failed test"


def test_a_file_of_version_3_is_read_as_it_is_and_brought_up_to_date(path, opened, check_file):
    with closing(sqlite3.connect(path)) as connection:
        for script in (FROM_1_TO_2, FROM_2_TO_3):
            connection.executescript(script)
        spilled = (
            "INSERT INTO runs (id, run_id, timestamp, kind, spec_id, service, exit_code,"
            " outcome, message_bytes, stdout_bytes, stderr_bytes, code_bytes)"
            " VALUES (7300000000000000000, 'spilled', 1766244600000, 'run', 'soma', 's', 1,"
            " 'failed', 0, 0, 0, 0)"
        )
        connection.execute(spilled)
        connection.execute(
            "INSERT INTO texts (id, stdout, stderr) VALUES (7300000000000000000, '', 'E: x')"
        )
        connection.commit()
    reader, writer = opened(read_only=True), opened()
    before = answers(reader)
    expected = check_file(path)
    assert (len(before[0]), len(expected)) == (RECORDED + 4, RECORDED + 5)
    assert version(path) == 3

    (inserted,) = writer.insert([run(run_id="new", timestamp=BASE + timedelta(days=9))])

    assert inserted.iteration == 9
    assert version(path) == 4
    assert names(path) == {"logs.db", "logs.db.version-3"}
    assert check_file(path) == expected | {"new"}
    writer.forget(["new"])
    for store in (reader, writer):
        assert answers(store) == before
        (whole,) = store.find(RunQuery(spec_id="soma", iteration=8)).runs
        (whole,) = store.fetch([whole.run_id])
        assert whole.stdout.endswith("=== 2 failed, 1 passed in 0.10s ===")
        assert whole.tests is not None
        assert [one.name for one in whole.tests.failing] == [
            "tests/test_soma.py::test_a",
            "tests/test_soma.py::test_b",
        ]


def test_what_is_still_in_the_wal_is_in_the_copy_too(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA wal_autocheckpoint = 0")
    other.execute(
        "INSERT INTO runs (id, run_id, timestamp, kind, message_bytes, stdout_bytes, stderr_bytes,"
        " code_bytes) VALUES (5000000, 'in the wal', 5, 'run', 0, 0, 0, 0)"
    )
    other.execute("INSERT INTO texts (id, stdout, stderr) VALUES (5000000, '', '')")
    with closing(SQLiteStore(path)) as store:
        store.insert([run()])
    other.close()

    with closing(SQLiteStore(path.with_name("logs.db.version-1"), read_only=True)) as store:
        assert len(store.fetch(["in the wal"])) == 1
        assert store.count(RunQuery(), at_most=99) == RECORDED + 1


def test_init_brings_it_up_to_date_and_says_where_the_copy_is(path):
    done = cli("init", store_url=url(path))

    assert b"version 4" in done.stdout
    assert b"logs.db.version-1" in done.stdout
    assert version(path) == 4
    assert cli("init", store_url=url(path)).stdout == b"Everything is there already.\n"


def test_many_who_write_first_at_once_lose_nothing(path, check_file):
    answers, start = [], threading.Barrier(4)

    def write(number):
        with closing(SQLiteStore(path, timeout_seconds=180)) as store:
            start.wait(180)
            answers.extend(store.insert([run(run_id=f"new-{number}")]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)

    assert sorted(one.iteration or 0 for one in answers) == [NEXT + place for place in range(4)]
    assert len(check_file(path)) == RECORDED + 4
    assert names(path) == {"logs.db", "logs.db.version-1"}


def test_a_migration_that_fails_leaves_the_file_as_it_was(opened, path, monkeypatch, check_file):
    before = answers(opened(read_only=True))
    failing = (*TO_PRESENT[1][:-1], "INSERT INTO nowhere VALUES (1)")
    monkeypatch.setitem(TO_PRESENT, 1, failing)

    with pytest.raises(StoreError):
        opened().insert([run()])

    assert version(path) == 1
    assert len(check_file(path)) == RECORDED
    assert answers(opened(read_only=True)) == before
    monkeypatch.undo()
    assert opened().insert([run()])[0].status == "recorded"
    assert version(path) == 4


KILLED = """
import os, signal, sys, pathlib
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore, migrating
class Killing(tuple):
    def __iter__(self):
        for place, statement in enumerate(tuple.__iter__(self)):
            if place == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
            yield statement
migrating.TO_PRESENT[1] = Killing(migrating.TO_PRESENT[1])
SQLiteStore(pathlib.Path(sys.argv[1])).insert([make_run({"exit_code": 0}, recorded_by="tests")])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
@pytest.mark.parametrize("place", [0, 3, len(TO_PRESENT[1]) - 1])
def test_a_process_that_is_killed_in_the_midst_of_it_has_changed_nothing(opened, path, place):
    before = answers(opened(read_only=True))

    killed = subprocess.run([sys.executable, "-c", KILLED, path, str(place)], timeout=180)

    assert killed.returncode == -9
    assert version(path) == 1
    assert answers(opened(read_only=True)) == before
    assert opened().insert([run()])[0].iteration == NEXT
    assert names(path) == {"logs.db", "logs.db.version-1"}


# --- the version before, beside this one --------------------------------------------------------


@pytest.fixture
def version_before(tmp_path):
    """A function that runs the command line of the version before."""
    asked = ["git", "-C", ROOT, "archive", BEFORE, "genesis_mcp"]
    archive = subprocess.run(asked, capture_output=True, timeout=180)
    if archive.returncode:
        pytest.skip("the history of this repository is not here")
    folder = tmp_path / "before"
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")

    def ask(*arguments, store, **options):
        variables = environment(url(store)) | {"PYTHONPATH": str(folder)}
        command = [sys.executable, "-m", "genesis_mcp", *map(str, arguments)]
        return subprocess.run(
            command, env=variables, capture_output=True, cwd=folder, timeout=180, **options
        )

    return ask


def test_the_version_before_keeps_its_runs_and_this_one_records_them(tmp_path, version_before):
    store = tmp_path / "shared.db"
    command = [sys.executable, "-c", "import sys; print('E: boom', file=sys.stderr); sys.exit(3)"]
    for _ in range(2):
        assert version_before("run", "--spec", "soma", "--", *command, store=store).returncode == 3
    assert version(store) == 1
    assert cli("run", "--spec", "soma", "--", *command, store_url=url(store)).returncode == 3
    assert version(store) == 4

    refused = version_before("run", "--spec", "soma", "--", *command, store=store)
    asked = version_before("failures", store=store)

    assert refused.returncode == 3
    assert b"newer version of genesis-mcp; update this one" in refused.stderr
    assert b"kept" in refused.stderr
    assert b"newer version of genesis-mcp; update this one" in asked.stderr
    assert cli("flush", store_url=url(store)).returncode == 0
    with closing(SQLiteStore(store)) as opened:
        runs = opened.find(RunQuery(spec_id="soma")).runs
    assert [one.iteration for one in runs] == [4, 3, 2, 1]
    assert [one.arrived is None for one in runs] == [False, False, True, True]


def test_a_process_of_the_version_before_that_has_the_file_open_is_refused(
    path, version_before, check_file
):
    """It looked at the version when it opened the file: it would leave the roll-ups as they are."""
    script = (
        "import pathlib, sys\n"
        "from genesis_mcp.errors import SchemaMismatch\n"
        "from genesis_mcp.runs.conforming import make_run\n"
        "from genesis_mcp.stores.sqlite import SQLiteStore\n"
        "store = SQLiteStore(pathlib.Path(sys.argv[1]))\n"
        "fields = {'spec_id': 'soma', 'exit_code': 1, 'stderr': 'x'}\n"
        "record = lambda: store.insert([make_run(fields, recorded_by='old')])[0].iteration\n"
        "print(record(), flush=True)\n"
        "input()\n"
        "try:\n"
        "    record()\n"
        "except SchemaMismatch:\n"
        "    print('refused', flush=True)\n"
    )
    folder = path.parent / "before"
    process = subprocess.Popen(
        [sys.executable, "-c", script, path],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == f"{NEXT}\n"
        with closing(SQLiteStore(path)) as store:
            assert store.insert([run()])[0].iteration == NEXT + 1
            assert version(path) == 4
            said, _ = process.communicate("\n", timeout=180)
            assert said == "refused\n"
            assert store.insert([run()])[0].iteration == NEXT + 2
            assert len(check_file(path)) == RECORDED + 3
