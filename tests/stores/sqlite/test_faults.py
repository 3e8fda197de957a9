"""What the SQLite store says and does when its file, its disk or another process is at fault."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from genesis_mcp.errors import SchemaMismatch, StoreTimeout, StoreUnavailable, WriteNotAllowed
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.schema import PAGE_BYTES, SCHEMA_VERSION
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT

BASE = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)
NOBODY = 65534
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and deletion")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "logs.db"


@pytest.fixture
def opened():
    """Opens stores and closes them."""
    with contextlib.ExitStack() as stack:

        def open_one(path, **options):
            return stack.enter_context(closing(SQLiteStore(path, **options)))

        yield open_one


def run(milliseconds=0, **fields):
    timestamp = BASE + timedelta(milliseconds=milliseconds)
    return make_run({"exit_code": 1, "timestamp": timestamp} | fields, recorded_by="tests")


def record(store, *runs):
    assert [one.status for one in store.insert(runs)] == ["recorded"] * len(runs)
    return [one.run_id for one in runs]


def found(store):
    return sorted(one.run_id for one in store.find(RunQuery(limit=1000)).runs)


@contextmanager
def refused(kind, match):
    """An error of ours, in our words: nothing of the driver, of SQL or of the disk's layout."""
    with pytest.raises(kind, match=match) as caught:
        yield
    message = str(caught.value)
    assert type(caught.value) is kind
    assert message.endswith(".")
    for word in ("logs.db", "/", "SELECT", "INSERT", "PRAGMA", "errno", "database is", "unable"):
        assert word not in message


def every_read(store):
    return [
        store.ping,
        lambda: store.find(RunQuery()),
        lambda: store.find(RunQuery(text="a")),
        lambda: store.fetch(["a"]),
        lambda: store.count(RunQuery(), at_most=5),
        lambda: store.specs(limit=5),
        lambda: store.spec("a"),
        lambda: store.describe(BASE),
    ]


def every_write(store):
    return [lambda: store.insert([run()]), lambda: store.prune(BASE)]


# --- no file, or not ours -----------------------------------------------------------------------


def test_reading_only_what_is_not_there_says_how_to_begin(opened, path):
    reader = opened(path.parent / "absent" / "logs.db", read_only=True)

    for read in every_read(reader):
        with refused(StoreUnavailable, "no store yet.*record a run.*genesis-mcp init"):
            read()
    assert not (path.parent / "absent").exists()


def test_a_reader_works_as_soon_as_the_store_is_there(opened, path):
    reader = opened(path, read_only=True)
    with refused(StoreUnavailable, "no store yet"):
        reader.ping()

    recorded = record(opened(path), run())

    assert found(reader) == recorded


def test_a_store_that_is_read_only_refuses_to_record(opened, path):
    record(opened(path), run())
    reader = opened(path, read_only=True)

    for write in (*every_write(reader), reader.ensure_schema):
        with refused(WriteNotAllowed, "switched off"):
            write()
    assert len(found(reader)) == 1


def test_an_empty_file_counts_as_absent(opened, path):
    path.touch()
    with refused(StoreUnavailable, "no store yet"):
        opened(path, read_only=True).ping()

    store = opened(path)

    assert store.ensure_schema() == ["Created the store."]
    assert found(store) == []


def foreign_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (a)")


def newer_store(path):
    with closing(SQLiteStore(path)) as store:
        store.ensure_schema()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def torn_store(path):
    with closing(SQLiteStore(path)) as store:
        store.insert([run(stderr="x" * 3000) for _ in range(50)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE_BYTES)
        file.write(os.urandom(size - PAGE_BYTES))


def store_without_tables(path):
    with closing(SQLiteStore(path)) as store:
        store.insert([run()])
    with closing(sqlite3.connect(path)) as connection:
        for table in ("texts", "runs", "labels", "hours"):
            connection.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_text("no database at all\n" * 500), "damaged or is no SQLite"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + os.urandom(8000)), "damaged"),
        (torn_store, "damaged"),
        (store_without_tables, "damaged"),
        (foreign_database, "another program.*another path"),
        (newer_store, "newer version.*update"),
    ],
)
def test_a_file_that_is_no_store_of_ours_is_left_alone(opened, path, make, message):
    make(path)
    before = path.read_bytes()
    store = opened(path)

    for call in (*every_read(store)[1:4], lambda: store.insert([run()])):
        with refused(SchemaMismatch, message):
            call()
    assert path.read_bytes() == before

    path.unlink()
    assert record(store, run()) == found(store)


def test_a_directory_in_the_place_of_the_file(opened, path):
    path.mkdir()
    store = opened(path)

    for call in (store.ping, lambda: store.insert([run()])):
        with refused(StoreUnavailable, "is a directory"):
            call()

    path.rmdir()
    assert record(store, run()) == found(store)


def test_a_file_in_the_place_of_the_directory(opened, tmp_path):
    (tmp_path / "file").touch()
    store = opened(tmp_path / "file" / "logs.db")

    for call in (store.ping, lambda: store.insert([run()])):
        with refused(StoreUnavailable, "leads through a file"):
            call()


@posix_only
def test_a_creation_that_was_killed_is_undone_and_done_again(opened, path, tmp_path):
    """A half-made file with its hot journal, as `kill -9` in the middle of a commit leaves it."""
    elsewhere = tmp_path / "elsewhere.db"
    with closing(sqlite3.connect(elsewhere, isolation_level=None)) as half:
        half.execute("PRAGMA cache_size = 1")
        half.execute("BEGIN IMMEDIATE")
        half.execute("CREATE TABLE t (a)")
        half.executemany("INSERT INTO t VALUES (?)", [("x" * 4000,)] * 50)
        shutil.copy(elsewhere, path)
        shutil.copy(f"{elsewhere}-journal", f"{path}-journal")
    assert path.stat().st_size > 0

    with refused(StoreUnavailable, "cannot be opened"):
        opened(path, read_only=True).ping()
    store = opened(path)

    assert found(store) == []
    assert record(store, run()) == found(store)


def test_the_log_names_the_error_and_no_path(opened, path, caplog):
    path.write_text("no database at all\n" * 500)
    with refused(SchemaMismatch, "damaged"):
        opened(path).ping()

    assert [record.getMessage() for record in caplog.records] == [
        "SQLite store: DatabaseError SQLITE_NOTADB"
    ]


def test_a_schema_that_becomes_newer_under_an_open_store_is_noticed(opened, path):
    store = opened(path)
    recorded = record(store, run(stderr="boom"))
    with closing(sqlite3.connect(path)) as update:
        update.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with refused(SchemaMismatch, "newer version.*update"):
        found(store)
    with refused(SchemaMismatch, "newer version.*update"):
        store.insert([run()])

    with closing(sqlite3.connect(path)) as back:
        back.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    assert found(store) == recorded


# --- rights -------------------------------------------------------------------------------------


@contextmanager
def as_nobody():
    """Without root's right to write everywhere, which CI has and nobody else should."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def open_directory():
    """A directory that every account may enter, which pytest's are not."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    yield directory
    directory.chmod(0o755)
    shutil.rmtree(directory)


@posix_only
def test_in_a_directory_that_cannot_be_written_the_store_can_be_read(opened, open_directory):
    path = open_directory / "logs.db"
    with closing(SQLiteStore(path)) as writer:
        recorded = record(writer, run(stderr="boom"))
    path.chmod(0o444)
    open_directory.chmod(0o555)
    store = opened(path)

    with as_nobody():
        for read in every_read(store):
            read()
        assert found(store) == recorded
        assert not store.describe(BASE).writable
        assert not store.may_write()
        for write in every_write(store):
            with refused(WriteNotAllowed, "may not write"):
                write()

    open_directory.chmod(0o755)
    path.chmod(0o644)
    with closing(SQLiteStore(path)) as writer:
        recorded += record(writer, run())
    open_directory.chmod(0o555)
    with as_nobody():
        assert found(store) == sorted(recorded)  # nothing of the first look was kept


@posix_only
def test_a_file_that_may_not_be_read_says_so(opened, open_directory):
    path = open_directory / "logs.db"
    with closing(SQLiteStore(path)) as writer:
        recorded = record(writer, run())
    path.chmod(0)
    store = opened(path)

    with as_nobody():
        for read in every_read(store):
            with refused(StoreUnavailable, "cannot be opened"):
                read()
        with refused(WriteNotAllowed, "may not write"):
            store.insert([run()])
    path.chmod(0o600)
    assert found(store) == recorded


@posix_only
def test_a_directory_that_cannot_be_made(opened, open_directory):
    open_directory.chmod(0o555)
    store = opened(open_directory / "new" / "logs.db")

    with as_nobody():
        with refused(WriteNotAllowed, "may not write"):
            store.insert([run()])
        with refused(StoreUnavailable, "cannot be opened or created"):
            store.ping()


# --- locks --------------------------------------------------------------------------------------

HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


@contextmanager
def locked_by_another_process(path, pragma="PRAGMA cache_size"):
    command = [sys.executable, "-I", "-c", HOLD_LOCK, str(path), pragma]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline().strip() == b"locked"
            yield
        finally:
            process.stdin.close()
            process.wait(WAIT)


def test_a_lock_of_another_process_is_waited_for_no_longer_than_the_limit(opened, path):
    store = opened(path, timeout_seconds=0.2)
    recorded = record(store, run())

    with ThreadPoolExecutor(1) as pool, locked_by_another_process(path):
        for write in every_write(store):
            with refused(StoreUnavailable, "locked.*repeat"):
                pool.submit(write).result(timeout=WAIT)
        assert found(store) == recorded  # reading goes on

    recorded += record(store, run())
    assert found(store) == sorted(recorded)


def test_space_is_not_given_back_while_others_use_the_file_and_they_are_named(opened, path):
    store = opened(path, timeout_seconds=0.2)
    recorded = record(store, run())

    with locked_by_another_process(path), refused(StoreUnavailable, "locked.*repeat"):
        store.give_back_space()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM runs").fetchone()
    with closing(reader), refused(StoreUnavailable, "reads the store's file.*repeat"):
        store.give_back_space()

    store.give_back_space()
    assert found(store) == recorded


def test_threads_that_wait_for_a_lock_all_get_their_answer(opened, path):
    store = opened(path, timeout_seconds=0.2)
    store.ensure_schema()

    def insert(_):
        with refused(StoreUnavailable, "locked"):
            store.insert([run()])

    with ThreadPoolExecutor(6) as pool, locked_by_another_process(path):
        for future in [pool.submit(insert, place) for place in range(6)]:
            future.result(timeout=WAIT)
    assert record(store, run()) == found(store)


@pytest.mark.parametrize("written_before", [False, True])
def test_a_lock_that_is_released_in_time_is_no_error(opened, path, written_before):
    store = opened(path, timeout_seconds=WAIT)
    store.ensure_schema()
    if written_before:
        record(store, run())
    begun = threading.Event()

    def insert():
        begun.set()
        return store.insert([run()])

    with ThreadPoolExecutor(1) as pool:
        with locked_by_another_process(path):
            waiting = pool.submit(insert)
            assert begun.wait(WAIT)
            for _ in range(50):  # reading goes on, and the other thread reaches the lock
                store.ping()
        assert waiting.result(timeout=WAIT)[0].status == "recorded"


# --- the file disappears ------------------------------------------------------------------------

SUFFIXES = ("", "-wal", "-shm")


@posix_only
@pytest.mark.parametrize("suffixes", [SUFFIXES, ("",), ("", "-wal"), ("", "-shm")])
def test_no_run_goes_into_a_file_that_was_deleted(opened, path, check_file, suffixes):
    store, reader = opened(path), opened(path, read_only=True)
    record(store, *(run(stderr="old") for _ in range(20)))
    assert len(found(reader)) == 20
    for suffix in suffixes:
        Path(f"{path}{suffix}").unlink()
    with refused(StoreUnavailable, "no store yet"):
        reader.ping()

    recorded = record(store, run(stderr="new"))

    assert found(store) == found(reader) == found(opened(path)) == recorded
    assert check_file(path) == set(recorded)


@posix_only
def test_a_deleted_directory_is_made_again(opened, tmp_path):
    path = tmp_path / "directory" / "logs.db"
    store = opened(path)
    record(store, run())
    before = store.begun_anew_at
    shutil.rmtree(path.parent)

    assert found(store) == []
    assert (before, store.begun_anew_at is None) == (None, False)
    assert record(store, run()) == found(store) == found(opened(path))


@posix_only
def test_a_file_that_was_moved_away_takes_all_its_runs_along(opened, path, tmp_path, check_file):
    store = opened(path)
    old = record(store, *(run(stderr="old") for _ in range(20)))
    moved = path.rename(tmp_path / "moved.db")

    new = record(store, run(stderr="new"))

    assert found(store) == new
    assert check_file(path) == set(new)
    assert check_file(moved) == set(old)


@posix_only
def test_a_file_that_was_replaced_is_the_one_that_counts(opened, path, tmp_path, check_file):
    """Without the -wal of the old file being taken for that of the new one."""
    with closing(SQLiteStore(tmp_path / "backup.db")) as backup:
        restored = record(backup, *(run(stderr="backup", spec_id="a") for _ in range(5)))
    store, reader = opened(path), opened(path, read_only=True)
    record(store, *(run(stderr="old", spec_id="b") for _ in range(50)))
    assert len(found(reader)) == 50

    (tmp_path / "backup.db").replace(path)

    assert found(store) == sorted(restored)
    restored += record(store, run())
    assert found(reader) == sorted(restored)
    assert check_file(path) == set(restored)


@posix_only
def test_a_file_that_was_replaced_by_a_foreign_one_is_refused(opened, path, tmp_path):
    store = opened(path)
    record(store, run())
    foreign_database(tmp_path / "foreign.db")
    (tmp_path / "foreign.db").replace(path)

    for call in (store.ping, lambda: store.insert([run()])):
        with refused(SchemaMismatch, "another program"):
            call()


# --- time ---------------------------------------------------------------------------------------


def test_a_slow_question_ends_at_the_time_limit(opened, path):
    record(opened(path), *(run(place, iteration=1) for place in range(3000)))
    impatient = opened(path, timeout_seconds=0)
    slow = RunQuery(iteration=2)  # without a spec: a walk through everything

    for question in (
        lambda: impatient.find(slow),
        lambda: impatient.count(slow, at_most=1_000_000),
    ):
        with refused(StoreTimeout, "time limit"):
            question()
    assert impatient.ping()
    assert opened(path).find(slow).runs == ()


def test_a_slow_batch_ends_at_the_time_limit_and_leaves_nothing(opened, path, check_file):
    store = opened(path)
    store.ensure_schema()

    with refused(StoreTimeout, "time limit"):
        opened(path, timeout_seconds=0).insert([run(place, spec_id="a") for place in range(2000)])

    assert found(store) == []
    assert record(store, run()) == found(store)
    assert len(check_file(path)) == 1


def test_each_call_has_the_whole_time_limit(opened, path):
    store = opened(path, timeout_seconds=0)
    record(store, run())
    assert len(found(store)) == 1

    store._connections._timeout = WAIT  # the connections have met a deadline that is past

    record(store, *(run(place, spec_id="a") for place in range(2000)))
    assert store.find(RunQuery(iteration=99_999)).runs == ()


# --- the disk -----------------------------------------------------------------------------------

FILL = """
import sys
from pathlib import Path
from genesis_mcp.errors import StoreUnavailable
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore

def record(store, place):
    text = f"{place} " * 3000
    runs = [make_run({"exit_code": 1, "code_snapshot": text, "stderr": text[:3900]},
                     recorded_by="tests") for _ in range(10)]
    store.insert(runs)
    return [run.run_id for run in runs]

def fill(store):
    recorded = []
    for place in range(10_000):
        try:
            recorded += record(store, place)
        except StoreUnavailable as error:
            return recorded, str(error)

store = SQLiteStore(Path(sys.argv[1]))
"""

FILL_LIMITED = f"""{FILL}
import resource
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
store.ensure_schema()
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, limits[1]))
recorded, message = fill(store)
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
recorded += record(store, 0)
store.close()
print(message, *recorded, sep="\\n")
"""

FILL_MOUNTED = f"""{FILL}
ballast = Path(sys.argv[1]).with_name("ballast")
ballast.write_bytes(bytes(1_000_000))
recorded, message = fill(store)
ballast.unlink()
recorded += record(store, 0)
store.close()
print(message, *recorded, sep="\\n")
"""


def filled(code, path):
    command = [sys.executable, "-c", code, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=WAIT, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    message, *recorded = done.stdout.splitlines()
    return message, recorded


@posix_only
def test_a_disk_that_refuses_to_write_costs_no_recorded_run(path, check_file):
    """The kernel refuses every write past a file size, which is SQLite's I/O error."""
    message, recorded = filled(FILL_LIMITED, path)

    assert "could not be read or written" in message
    assert len(recorded) > 20
    assert check_file(path) == set(recorded)


@contextmanager
def small_disk(directory):
    """A real file system of four megabytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs Linux and root"
)
def test_a_full_disk_costs_no_recorded_run(tmp_path, check_file):
    with small_disk(tmp_path) as directory:
        message, recorded = filled(FILL_MOUNTED, directory / "logs.db")

        assert "disk is full; nothing of this call was recorded" in message
        assert len(recorded) > 20
        assert check_file(directory / "logs.db") == set(recorded)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs Linux and root"
)
def test_on_a_full_disk_a_file_that_nobody_has_open_can_be_read(tmp_path, opened):
    with small_disk(tmp_path) as directory:
        path = directory / "logs.db"
        with closing(SQLiteStore(path)) as store:
            store.insert([run(1)])
        assert not Path(f"{path}-shm").exists()
        with (
            contextlib.suppress(OSError),
            (directory / "ballast").open("wb", buffering=0) as ballast,
        ):
            while True:
                ballast.write(bytes(4096))

        store = opened(path)
        assert len(store.find(RunQuery(limit=5)).runs) == 1
        with pytest.raises(StoreUnavailable, match="disk is full"):
            store.insert([run(2)])
        (directory / "ballast").unlink()
        store.insert([run(2)])
        assert len(store.find(RunQuery(limit=5)).runs) == 2
        store.close()
