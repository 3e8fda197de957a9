"""A version beside an earlier one, by turns: ingest, the pytest plugin, bytes a run, commands."""

import json
import os
import sqlite3
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo import MongoClient

from benchmarks.figures import BEFORE, NOW, Figure, limit
from benchmarks.questions import measured
from benchmarks.stock import Stock, records
from benchmarks.subjects import Subject

RECORDS = 4_000
ROUNDS = 5
TESTS = 1_500
SMALL = "the small store"

STORE_ALONE = """
import sys, time
from pathlib import Path
from genesis_mcp.ingest.sources import whole_file
from genesis_mcp.stores import open_store
try:
    from genesis_mcp.runs.signing import sign
except ImportError:  # the flat layout
    from genesis_mcp.service.signing import sign
url, file = sys.argv[1:]
runs = [sign(item.run) for items in whole_file(Path(file), {}) for item in items if item.run]
store = open_store(url, timeout_seconds=60)
store.ensure_schema()
began = time.process_time()
for first in range(0, len(runs), 500):
    store.insert(runs[first : first + 500])
print(time.process_time() - began)
"""

Versions = Mapping[str, Subject]


def ingest(versions: Versions, stock: Stock, folder: Path) -> list[Figure]:
    """Processor time a record: of the store alone, and of all of `ingest` but its start."""
    figures = []
    for place, alone_at_most, whole_at_most in (
        ("sqlite", 0.5, 0.59),
        ("mongodb", 0.67, 0.67),
        ("clickhouse", 0.67, 0.67),
    ):
        alone: dict[str, list[float]] = {name: [] for name in versions}
        whole: dict[str, list[float]] = {name: [] for name in versions}
        for number in range(ROUNDS):
            file = _file(folder, number)
            for name, version in versions.items():
                url = _new_store(stock, place, folder, f"{name}{number}")
                alone[name].append(_alone(version, f"{url}a", file) / RECORDS * 1e6)
                whole[name].append(_whole(version, f"{url}w", file, folder) / RECORDS * 1e6)
        figures.append(
            Figure(f"the {place} store alone", "µs a run", _medians(alone), BEFORE, alone_at_most)
        )
        figures.append(
            Figure(f"ingest, {place}", "µs a run", _medians(whole), BEFORE, whole_at_most)
        )
    return figures


def _file(folder: Path, number: int) -> Path:
    """Of this month: engines refuse what they would delete at once."""
    file = folder / f"ingest{number}.ndjson"
    with file.open("w", encoding="utf-8") as output:
        for record in records(RECORDS - 1, datetime.now(UTC) - timedelta(minutes=number + 1)):
            output.write(json.dumps(record, ensure_ascii=False) + "\n")
    return file


def _new_store(stock: Stock, place: str, folder: Path, name: str) -> str:
    if place == "sqlite":
        return f"sqlite:///{(folder / f'ingest-{name}').as_posix()}"
    return stock.url(place).rpartition("/")[0] + f"/ingest_{name}"


def _alone(version: Subject, url: str, file: Path) -> float:
    done = subprocess.run(
        [version.command[0], "-c", STORE_ALONE, url, str(file)],
        env={**os.environ, **version.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout)


def _whole(version: Subject, url: str, file: Path, folder: Path) -> float:
    """Less what an ingest of nothing takes."""
    nothing = folder / "nothing.ndjson"
    nothing.touch()
    command = [*version.command, "ingest", "--store", url]
    used([*version.command, "init", "--store", url], version)
    start = used([*command, str(nothing)], version)
    return used([*command, str(file)], version) - start


def used(command: Sequence[str], version: Subject, folder: Path | None = None) -> float:
    """Seconds of processor time of a command and what it ran."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **version.environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def plugin(versions: Versions, folder: Path) -> Figure:
    """What `pytest --genesis` adds to a test that does nothing."""
    folder = folder / "plugin"
    folder.mkdir()
    tests = f"import pytest\n@pytest.mark.parametrize('n', range({TESTS}))\ndef test_a(n): pass\n"
    (folder / "test_many.py").write_text(tests, encoding="utf-8")
    more: dict[str, list[float]] = {name: [] for name in versions}
    for number in range(ROUNDS):
        for name, version in versions.items():
            pytest = [version.command[0], "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            pytest += ["-p", "no:xdist", "test_many.py"]
            url = f"sqlite:///{(folder / f'{name}{number}.db').as_posix()}"
            plain = used(pytest, version, folder)
            recorded = used([*pytest, "--genesis", "--genesis-store", url], version, folder)
            more[name].append((recorded - plain) / TESTS * 1e3)
    return Figure("the pytest plugin", "ms a test", _medians(more), BEFORE, 0.5)


def commands(versions: Versions, folder: Path) -> list[Figure]:
    """The command line, in processor time; the stores are new."""
    rows: dict[str, Sequence[str]] = {
        "`--version`": ["--version"],
        "`run -- true`": ["run", "--spec", "a", "--", "true"],
        "`failures`": ["failures"],
    }
    figures = []
    for row, arguments in rows.items():
        taken: dict[str, list[float]] = {name: [] for name in versions}
        for _ in range(ROUNDS):
            for name, version in versions.items():
                store = f"sqlite:///{(folder / f'commands-{name}.db').as_posix()}"
                taken[name].append(
                    used([*version.command, *arguments], version.with_store(store)) * 1e3
                )
        taken["true"] = [used(["true"], versions[NOW]) * 1e3 for _ in range(ROUNDS)]
        figures.append(Figure(f"{row}, processor", "ms", _medians(taken), BEFORE))
    return figures


def disk(stock: Stock) -> list[Figure]:
    """Bytes a run on disk, as a part of its JSON."""
    raw = stock.raw_bytes
    parts = stock.clickhouse.request(
        "/",
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'ours'",
    )
    client: MongoClient[dict[str, int]] = MongoClient(f"mongodb://{stock.mongod.address}")
    client.admin.command("fsync")
    held = client.ours.command("dbStats")
    client.close()
    return [
        Figure(
            "bytes on disk, sqlite",
            "of the JSON",
            {BEFORE: _size(stock.sqlite_before) / raw, NOW: _size(stock.sqlite) / raw},
        ),
        limit("bytes on disk, sqlite: goal", "of the JSON", _size(stock.sqlite) / raw, 0.65),
        Figure("bytes on disk, clickhouse", "of the JSON", {NOW: int(parts) / raw}),
        Figure(
            "bytes on disk, mongodb",
            "of the JSON",
            {NOW: (held["storageSize"] + held["indexSize"]) / raw},
        ),
    ]


def _size(file: Path) -> int:
    """With all of the log written into it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def growth(small: int, large: int) -> list[Figure]:
    """Each question's median in the large SQLite store beside that in the small one."""
    return [
        Figure(f"{name}, {large:,} runs", "ms", {SMALL: in_small, NOW: in_large}, SMALL, 2)
        for name, in_small, in_large in measured(small, large)
    ]


def _medians(taken: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(times) for name, times in taken.items()}
