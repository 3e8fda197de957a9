"""Ingest against the driver's own bulk insert of the same rows; and the memory that it takes.

    python -m benchmarks.ingest [STORE_URL ...]          ratios; default: SQLite in a new file
    python -m benchmarks.ingest --memory SMALL LARGE     peak memory at two sizes, in MB of input

Records of 3 KB, of which three in ten failed; a database that is named must be new. The driver gets
rows that are made already, in the same batches, as durably, into a plain table or collection
without indexes; the store gets the same runs into its own, which has indexes, totals and a word
search. Ingest reads a file: it parses, checks, signs the failures, and stores them.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from genesis_mcp.ingest.counted_batches import BATCH_RECORDS
from genesis_mcp.ingest.session import Session
from genesis_mcp.ingest.sources import whole_file
from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.signing import sign
from genesis_mcp.stores import open_store
from genesis_mcp.stores.insertion import Arrival

RECORDS = 6_000
ROUNDS = 5
TIMEOUT_SECONDS = 60

Rows = list[list[Any]]


def main() -> None:
    if sys.argv[1:2] == ["--memory"]:
        _memory(*(int(size) for size in sys.argv[2:4]))
        return
    print(
        "| store | driver, no indexes | the store alone | ingest | of the driver | of the store |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for url in sys.argv[1:] or [f"sqlite:///{(folder / 'logs.db').as_posix()}"]:
            _row(url, folder)


def records(chance: random.Random) -> Iterator[bytes]:
    """Lines of run records of the last month, endless, a hundred a second in the order of time."""
    began = datetime.now(UTC) - timedelta(days=30)
    words = [f"passo {number} concluído" for number in range(1000)]
    code = "def teste():\n    assert soma(1, 2) == 3\n" * 12
    for number in count():
        failed = chance.random() < 0.3
        error = (
            f'Traceback (most recent call last):\n  File "/tmp/teste_{number}.py", line 3, in a\n'
            f"    raise ValueError('esperado {number % 17}')\nValueError: esperado {number % 17}\n"
        )
        moment = began + timedelta(milliseconds=10 * number)
        record = {
            "spec_id": f"spec_{chance.randrange(200):04d}",
            "iteration": number // 200 + 1,
            "stdout": " ".join(chance.choices(words, k=105)),
            "stderr": error if failed else "",
            "exit_code": int(failed),
            "code_snapshot": code,
            "duration_ms": chance.randrange(5000),
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "sprint_id": "S030",
            "task_id": "T03",
            "service": "genesis-pipeline",
            "version": "1.0.0",
        }
        yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _row(url: str, folder: Path) -> None:
    """Both ways in turn, so that a busy moment of the machine meets both; the median of rounds."""
    rates: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(ROUNDS):
        chance = random.Random(number)
        file = folder / "runs.ndjson"
        lines = records(chance)
        file.write_bytes(b"".join(next(lines) for _ in range(RECORDS)))
        runs = [item.run for items in whole_file(file, {}) for item in items if item.run]
        ingest = _ingest(url, file)  # makes the database, too
        ways = (_driver(url, runs, folder, number), _store(url, runs, number), ingest)
        for way, rate in zip(ways, rates, strict=True):
            began = time.perf_counter()
            way()
            rate.append(RECORDS / (time.perf_counter() - began))
    driver, store, ours = map(median, rates)
    scheme = url.partition(":")[0]
    print(
        f"| {scheme} | {driver:,.0f} | {store:,.0f} | {ours:,.0f} | {ours / driver:.2f} "
        f"| {ours / store:.2f} |"
    )


def _ingest(url: str, file: Path) -> Callable[[], None]:
    store = open_store(url, timeout_seconds=TIMEOUT_SECONDS)
    store.ensure_schema()

    def ingest() -> None:
        writer = Writer(Service(store), Inbox.of(url, redacts=False))
        session = Session(writer, defaults={}, say=print)
        session.read_file(file)
        assert session.counts.recorded == RECORDS, session.counts
        store.close()

    return ingest


def _store(url: str, runs: list[Run], number: int) -> Callable[[], None]:
    """The store's own insert of runs that are read, checked and signed already."""
    store = open_store(url, timeout_seconds=TIMEOUT_SECONDS)
    signed = [replace(sign(run), run_id=f"{run.run_id}-{number}") for run in runs]

    def insert() -> None:
        for batch in _batches(signed):
            store.insert(batch)
        store.close()

    return insert


def _driver(url: str, runs: list[Run], folder: Path, number: int) -> Callable[[], None]:
    signed = [sign(run) for run in runs]
    if url.startswith("sqlite"):
        return _sqlite(signed, folder / f"plain{number}.db")
    if url.startswith("mongodb"):
        return _mongodb(signed, url, f"plain{number}")
    return _clickhouse(signed, url, f"plain{number}")


def _arrived(runs: list[Run]) -> list[Arrival]:
    return [Arrival(run, run.iteration, place) for place, run in enumerate(runs, 1)]


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH_RECORDS):
        yield rows[start : start + BATCH_RECORDS]


def _sqlite(runs: list[Run], path: Path) -> Callable[[], None]:
    from genesis_mcp.runs.model import TEXTS
    from genesis_mcp.stores.sqlite.rows import FACTS, facts_row

    rows = [[*facts_row(run), *(getattr(run, name) for name in TEXTS)] for run in runs]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"CREATE TABLE runs ({', '.join((*FACTS, *TEXTS))})")
    sql = f"INSERT INTO runs VALUES ({', '.join('?' * len(rows[0]))})"

    def insert() -> None:
        for batch in _batches(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(sql, batch)
            connection.execute("COMMIT")
        connection.close()

    return insert


def _mongodb(runs: list[Run], url: str, name: str) -> Callable[[], None]:
    from pymongo import MongoClient
    from pymongo.write_concern import WriteConcern

    from genesis_mcp.stores.mongodb.documents import document_from

    client: MongoClient[dict[str, Any]] = MongoClient(url)
    concern = WriteConcern(w="majority", j=True)
    plain = client.get_default_database().get_collection(name, write_concern=concern)
    plain.drop()
    documents = [document_from(one) for one in _arrived(runs)]

    def insert() -> None:
        for batch in _batches(documents):
            plain.insert_many(batch, ordered=False)
        client.close()

    return insert


def _clickhouse(runs: list[Run], url: str, name: str) -> Callable[[], None]:
    import clickhouse_connect

    from genesis_mcp.stores.clickhouse.rows import WRITTEN, columns_of

    client = clickhouse_connect.get_client(dsn=url)
    client.command(f"CREATE OR REPLACE TABLE {name} AS logs ENGINE = MergeTree ORDER BY timestamp")
    columns = columns_of(_arrived(runs))
    rows = list(zip(*(columns[name] for name in WRITTEN), strict=True))

    def insert() -> None:
        for batch in _batches(rows):
            client.insert(name, batch, column_names=list(WRITTEN))
        client.command(f"DROP TABLE {name}")
        client.close()

    return insert


def _memory(small: int, large: int) -> None:
    """Peak resident memory of the whole process, as the operating system tells it."""
    print("| input | from a file | through a pipe |\n|---|---|---|")
    for megabytes in (small, large):
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "runs.ndjson"
            lines = records(random.Random(megabytes))
            with file.open("wb") as output:
                while output.tell() < megabytes * 1_000_000:
                    output.write(next(lines))
            peaks = [_peak(file, through_pipe=through_pipe) for through_pipe in (False, True)]
        print(f"| {megabytes} MB | {peaks[0]:,.0f} MB | {peaks[1]:,.0f} MB |", flush=True)


def _peak(file: Path, *, through_pipe: bool) -> float:
    """In MB, of one ingest into a new store."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        url = f"sqlite:///{(Path(folder) / 'logs.db').as_posix()}"
        command = [sys.executable, "-m", "genesis_mcp", "ingest", "--store", url]
        copy = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"
        worker = [sys.executable, "-c", copy if through_pipe else "", str(file)]
        with subprocess.Popen(worker, stdout=subprocess.PIPE) as source:
            process = subprocess.Popen(
                command if through_pipe else [*command, str(file)],
                stdin=source.stdout,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
