"""A SQLite store of several users on one machine, by a directory that their group shares."""

import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from genesis_mcp.cli.doctor import _check_room
from genesis_mcp.config import Settings
from genesis_mcp.errors import StoreUnavailable, WriteNotAllowed
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.paths import ROOT

VERSION_1 = (ROOT / "tests" / "documents" / "sqlite_version_1.sql").read_text(encoding="utf-8")

if sys.platform == "win32":
    pytest.skip("POSIX modes", allow_module_level=True)

IS_ROOT = os.geteuid() == 0
"""Only root can be two users; another account proves the modes."""

GROUP, ANA, BETO = 54_321, 54_322, 54_323


@contextmanager
def as_user(user, group):
    """This process with the rights of another account."""
    if IS_ROOT:
        os.setegid(group)
        os.seteuid(user)
    try:
        yield
    finally:
        if IS_ROOT:
            os.seteuid(0)
            os.setegid(0)


@pytest.fixture
def directory():
    """Shared by a group where this account can give it to one; any umask narrows its files."""
    made = Path(tempfile.mkdtemp())
    if IS_ROOT:
        os.chown(made, 0, GROUP)
    made.chmod(0o2770)
    umask = os.umask(0o077)
    yield made
    os.umask(umask)
    shutil.rmtree(made)


def record(path):
    run = make_run({"spec_id": "conta", "exit_code": 1, "stderr": "boom"}, recorded_by="tests")
    with closing(SQLiteStore(path)) as store:
        store.insert([run])
        return len(store.find(RunQuery(limit=10)).runs)


def test_in_a_directory_that_a_group_shares_each_of_it_reads_and_records(directory):
    path = directory / "logs.db"

    seen = []
    for user in (ANA, BETO, ANA):
        with as_user(user, GROUP):
            seen.append(record(path))

    assert seen == [1, 2, 3]
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert path.stat().st_gid == directory.stat().st_gid


def test_what_stands_beside_an_open_store_is_the_groups_too(directory):
    path = directory / "logs.db"
    with as_user(ANA, GROUP), closing(SQLiteStore(path)) as store:
        store.insert([make_run({"exit_code": 1}, recorded_by="tests")])
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in directory.iterdir()}

    assert modes == dict.fromkeys(("logs.db", "logs.db-wal", "logs.db-shm"), 0o660)


def test_the_copy_that_a_newer_schema_leaves_is_the_groups_as_the_file_is(directory):
    path = directory / "logs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    if IS_ROOT:
        os.chown(path, ANA, GROUP)
    path.chmod(0o660)

    with as_user(ANA, GROUP):
        record(path)

    [copy] = directory.glob("*.version-1")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o660
    assert copy.stat().st_gid == path.stat().st_gid


def test_elsewhere_a_store_is_its_makers_alone(directory):
    private = directory / "private"
    private.mkdir()
    private.chmod(0o755)

    record(private / "logs.db")

    assert stat.S_IMODE((private / "logs.db").stat().st_mode) == 0o600


@pytest.mark.skipif(not IS_ROOT, reason="takes two accounts")
def test_another_user_is_told_why_not_and_how_to_share(directory):
    directory.chmod(0o755)
    path = directory / "logs.db"
    record(path)

    with as_user(BETO, BETO), closing(SQLiteStore(path)) as store:
        with pytest.raises(StoreUnavailable, match=r"its maker alone.*chmod 2770.*chmod 660"):
            store.find(RunQuery(limit=1))
        with pytest.raises(WriteNotAllowed, match=r"This user may not write.*chmod 2770"):
            store.insert([make_run({"exit_code": 1}, recorded_by="tests")])


def test_the_doctor_looks_for_room_above_a_directory_that_it_may_not_enter(directory):
    closed = directory / "closed"
    closed.mkdir(mode=0o000)
    directory.chmod(0o755)
    settings = Settings(store=f"sqlite:///{closed.as_posix()}/team/logs.db")

    with as_user(BETO, BETO):
        assert _check_room(settings) == "there is room on the disk"
