"""All figures beside an earlier version and the two generic servers, by one command.

    python -m benchmarks [--runs N] [--before REVISION] [--growth SMALL LARGE]
                         [--json FILE] [--earlier FILE]

Installs the others (environments in the system's folder for temporary files, used again), puts the
same runs into each store, and prints a table in Markdown. What is compared ran by turns: the ratios
count, the absolute times are the machine's. Linux only: processor time is read from /proc.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import beside_before, beside_servers, subjects
from benchmarks.clickhouse import stop
from benchmarks.figures import BEFORE, CLICKHOUSE, MONGODB, NOW, Figure, changes, table, write
from benchmarks.round_trips import round_trips
from benchmarks.search_speed import search_speeds
from benchmarks.stock import Stock, fill
from benchmarks.subjects import Subject
from tests.helpers.mongod import Mongod

Measure = Callable[[], Sequence[Figure]]


def main() -> None:
    arguments = _parser().parse_args()
    now, before = subjects.now(), subjects.before(arguments.before)
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        Mongod(Path(name) / "mongod") as mongod,
    ):
        stock = fill(Path(name), arguments.runs, now, before, mongod)
        try:
            for measure in _measures(stock, now, before, Path(name), *arguments.growth):
                began = time.monotonic()
                figures += (found := measure())
                print(f"{time.monotonic() - began:4.0f} s\n{table(found)}", file=sys.stderr)
        finally:
            stop(stock.clickhouse)
    print(table(figures))
    if arguments.earlier:
        print("\n" + changes(arguments.earlier, figures))
    if arguments.json:
        write(arguments.json, figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=100_000, help="in each store (100000)")
    parser.add_argument("--before", default=subjects.BEFORE_REVISION, help="a revision of git")
    parser.add_argument(
        "--growth", type=int, nargs=2, default=(10_000, 100_000), metavar=("SMALL", "LARGE")
    )
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    parser.add_argument("--earlier", type=Path, help="kept figures to compare the ratios with")
    return parser


def _measures(
    stock: Stock, now: Subject, before: Subject, folder: Path, small: int, large: int
) -> list[Measure]:
    clickhouse = subjects.clickhouse_server(stock.clickhouse.port)
    mongodb = subjects.mongodb_server(stock.url("mongodb"))
    versions = {BEFORE: before, NOW: now}
    servers = {
        BEFORE: before.with_store(stock.url("sqlite before")),
        NOW: now.with_store(stock.url("sqlite")),
        CLICKHOUSE: clickhouse,
        MONGODB: mongodb,
    }
    sqlite = servers[NOW]
    read_only = sqlite._replace(environment={**sqlite.environment, "GENESIS_READ_ONLY": "1"})
    return [
        lambda: beside_before.disk(stock),
        lambda: beside_servers.starts(servers),
        lambda: beside_servers.first_answers(servers),
        lambda: beside_servers.tokens(servers, read_only),
        lambda: beside_servers.questions(stock, now, before, clickhouse, mongodb),
        lambda: round_trips(stock),
        lambda: search_speeds(stock),
        lambda: beside_before.growth(small, large),
        lambda: beside_before.ingest(versions, stock, folder),
        lambda: [beside_before.plugin(versions, folder)],
        lambda: beside_before.commands(versions, folder),
        lambda: [
            beside_servers.memory(now.with_store(stock.url(place)), place)
            for place in ("sqlite", "mongodb", "clickhouse")
        ],
    ]


if __name__ == "__main__":
    main()
