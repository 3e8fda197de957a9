"""What was acknowledged is stored once, whatever is killed: writers of every kind, and engines."""

import os
import random
import re
import time
from collections import Counter
from contextlib import contextmanager

import pytest

from genesis_mcp.stores import open_store
from tests.helpers.clickhouse import Server, start_server, stop_server
from tests.helpers.command_line import cli, exported
from tests.helpers.killed_writers import KINDS, Account
from tests.helpers.mongod import Mongod
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, times, until

AT_LENGTH = 20
"""Kills of writers, of each kind as many; the usual run has fewer, so that it takes seconds."""

ENGINE_KILLS = times(1, at_length=4)
MOMENT_SECONDS = 0.5
"""Within this after what it acknowledged last, a writer is killed."""

TABLE = ROOT / "benchmarks" / "kills.md"


class SQLite:
    """A file: there is no process to kill."""

    kills, writer_kills = 0, times(5, AT_LENGTH)

    def __init__(self, tmp_path):
        self.url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"


class ClickHouse:
    """The engine in a process of its own, which is killed and started on the same port."""

    kills, writer_kills = ENGINE_KILLS, times(0, AT_LENGTH)

    def __init__(self, tmp_path):
        self._folder = tmp_path / "clickhouse"
        self._folder.mkdir()
        self._process = start_server(self._folder)
        self._port = int(self._process.stdout.readline())
        self.url = Server(self._port).url(database="kills")

    def kill(self):
        self._process.kill()
        self._process.wait(WAIT)
        self._process.stdin.close()
        self._process.stdout.close()

    def start(self):
        self._process = start_server(self._folder, self._port)
        assert int(self._process.stdout.readline()) == self._port

    def close(self):
        stop_server(self._process)


class MongoDB:
    """A real mongod, which comes back on its journal."""

    kills, writer_kills = ENGINE_KILLS, times(0, AT_LENGTH)

    def __init__(self, tmp_path):
        self._server = Mongod(tmp_path / "mongod")
        self._server.start()
        self.url = self._server.url("kills")
        self.kill, self.start, self.close = self._server.kill, self._server.start, self._server.kill


@contextmanager
def writing(engine, tmp_path):
    """All kinds of writers at work."""
    store = open_store(engine.url)
    store.ensure_schema()
    store.close()
    account = Account()
    writers = [kind(engine.url, account, tmp_path) for kind in KINDS]
    for writer in writers:
        writer.start()
    try:
        yield writers, account
    finally:
        for writer in writers:
            writer.stopped.set()
        for writer in writers:
            writer.join(WAIT)
    assert [writer.fault for writer in writers] == [None] * len(writers)


def kill_at_work(writer, chance):
    """Kill it at some moment after it acknowledged something more."""
    before = writer.acknowledged
    until(lambda: writer.acknowledged > before or writer.fault, f"{writer.kind} came to nothing")
    time.sleep(chance.random() * MOMENT_SECONDS)
    until(writer.kill)


def kill_engine(engine, account, writers, chance):
    """Kill it under its writers, and one of them while it is down; it comes back after that."""
    time.sleep(chance.random() * MOMENT_SECONDS)
    before = account.unstored
    engine.kill()
    until(lambda: account.unstored > before, "nobody noticed")
    until(chance.choice(writers).kill)
    engine.start()


def kill_all(engine, writers, account, chance):
    order = [one for _ in range(engine.writer_kills // len(writers)) for one in writers]
    order += [None] * engine.kills
    chance.shuffle(order)
    for writer in order:
        if writer is None:
            kill_engine(engine, account, writers, chance)
        else:
            kill_at_work(writer, chance)
    for writer in writers:  # each goes on after all that
        before = writer.acknowledged
        until(lambda: writer.acknowledged > before or writer.fault, writer.kind)  # noqa: B023


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "made", "needed"),
    [
        ("SQLite", SQLite, None),
        pytest.param("mongod", MongoDB, "has_mongod", marks=pytest.mark.engines),
        pytest.param("ClickHouse", ClickHouse, "has_chdb", marks=pytest.mark.engines),
    ],
)
def test_what_was_acknowledged_or_kept_is_stored_once_whatever_is_killed(
    name, made, needed, request, tmp_path
):
    if needed:
        request.getfixturevalue(needed)
    engine = made(tmp_path)
    try:
        with writing(engine, tmp_path) as (writers, account):
            kill_all(engine, writers, account, random.Random(23))
        flushed = cli("flush", store_url=engine.url)
        assert flushed.returncode == 0, flushed.stderr
        stored = Counter(record["spec_id"] for record in exported(engine.url))
    finally:
        if engine.kills:
            engine.close()

    account.check(stored)
    assert account.unstored or not engine.kills
    told = Counter(spec.partition("/")[0] for spec in account.acknowledged)
    assert told.keys() == {kind.kind for kind in KINDS}
    note(name, engine, account, stored)


def note(name, engine, account, stored):
    """Write the row of this store into the table, when it is asked for and the kills are all."""
    if os.environ.get("UPDATE_SNAPSHOTS") != "1" or engine.writer_kills < AT_LENGTH:
        return
    acknowledged, kept, failed = account.acknowledged, account.kept, account.failed
    twice = [spec for spec, number in stored.items() if number > 1]
    became = (acknowledged, acknowledged & stored.keys(), kept, kept & stored.keys(), twice)
    counts = map(len, (*became, failed, failed & stored.keys()))
    figures = (engine.writer_kills + engine.kills, engine.kills, *counts)
    row = " | ".join([f"| {name}", *(f"{figure:,}" for figure in figures)]) + " |"
    text = TABLE.read_text(encoding="utf-8")
    TABLE.write_text(re.sub(rf"^\| {name} \|.*$", row, text, flags=re.MULTILINE), encoding="utf-8")
