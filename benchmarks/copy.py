"""How fast a copy is, against what each of the two stores does alone, and the bare drivers.

    python -m benchmarks.copy FROM TO ALONE [RUNS]

FROM is filled when it holds nothing. TO and ALONE are two empty stores of one kind (for
ClickHouse, after `genesis-mcp init` and without the TTL). "Alone" is FROM read and thrown away, and
the same runs inserted into the store ALONE. "Bare" is the driver without us: every field of every
row read, and ready rows inserted into a table or collection beside TO's, without indexes, roll-ups
or projections, and without a look at what is there already.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import clickhouse_connect
from pymongo import MongoClient, WriteConcern

from benchmarks.seed import seed
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from genesis_mcp.stores.clickhouse.address import parse_address
from genesis_mcp.stores.clickhouse.rows import WRITTEN, columns_of
from genesis_mcp.stores.insertion import Arrival
from genesis_mcp.stores.mongodb.address import Address
from genesis_mcp.stores.mongodb.documents import document_from
from genesis_mcp.stores.sqlite.packing import Packer
from genesis_mcp.stores.sqlite.rows import facts_row, texts_row
from genesis_mcp.stores.sqlite.store import path_from_url
from genesis_mcp.transfer.batches import PAGE, read_batches
from genesis_mcp.transfer.copying import EVERYTHING, Copied, Copying

TIMEOUT_SECONDS = 120
BARE = "bare"
"""The bare table or collection."""


class Quiet:
    """Nobody looks on."""

    def advance(self, runs: int) -> None:
        pass

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)


def main() -> None:
    source_url, target_url, alone_url = sys.argv[1:4]
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 20_000
    with (
        closing(open_store(source_url, timeout_seconds=TIMEOUT_SECONDS)) as source,
        closing(open_store(target_url, timeout_seconds=TIMEOUT_SECONDS)) as target,
        closing(open_store(alone_url, timeout_seconds=TIMEOUT_SECONDS)) as alone,
    ):
        if not source.count(RunQuery(), at_most=EVERYTHING):
            source.ensure_schema()
            seed(source, number)
        copying = Copying(source, target, watcher=Quiet())
        number = copying.prepare()
        began = time.perf_counter()
        copied: Copied = copying.run()
        copy_rate = number / (time.perf_counter() - began)
        assert copied.recorded == number, "TO was not empty"
        assert not copied.faults, copied.faults
        batches: list[list[Run]] = []
        query = RunQuery(limit=PAGE)
        alone_rates = (
            _rate(number, lambda: batches.extend(one.runs for one in read_batches(source, query))),
            _rate(number, lambda: [alone.insert(runs) for runs in batches]),
        )
    bare_rates = (
        _rate(number, lambda: bare_read(source_url)),
        _rate(number, bare_writer(target_url, [run for runs in batches for run in runs])),
    )
    names = " to ".join(url.partition(":")[0] for url in (source_url, target_url))
    rates = " | ".join(f"{rate:,.0f}" for rate in (copy_rate, *alone_rates, *bare_rates))
    ratios = " | ".join(f"{copy_rate / min(pair):.2f}" for pair in (alone_rates, bare_rates))
    print(f"| {names} | {rates} | {ratios} |")


def _rate(number: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return number / (time.perf_counter() - began)


def bare_read(url: str) -> None:
    """Every field of every run, by the driver alone."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path_from_url(url))) as connection:
            for _ in connection.execute("SELECT * FROM runs JOIN texts USING (id) ORDER BY id"):
                pass
    elif url.startswith("mongodb"):
        address = Address.from_url(url)
        client: MongoClient[dict[str, Any]] = MongoClient(address.uri)
        with client:
            for _ in client[address.database][address.collection].find():
                pass
    else:
        with closing(_clickhouse(url)) as clickhouse:
            assert clickhouse.query("SELECT * FROM logs ORDER BY timestamp").result_rows


def bare_writer(url: str, runs: Sequence[Run]) -> Callable[[], None]:
    """Writes the runs by the driver alone, as rows that are made before the clock starts."""
    if url.startswith("sqlite"):
        packer = Packer()
        rows = [[*facts_row(run), *texts_row(run, packer)] for run in runs]
        return lambda: _into_sqlite(f"{path_from_url(url)}-{BARE}", rows)
    if url.startswith("mongodb"):
        documents = [document_from(one) for one in _arrived(runs)]
        return lambda: _into_mongodb(Address.from_url(url), documents)
    columns = columns_of(_arrived(runs))
    values = [list(row) for row in zip(*(columns[name] for name in WRITTEN), strict=True)]
    return lambda: _into_clickhouse(url, values)


def _arrived(runs: Sequence[Run]) -> list[Arrival]:
    return [Arrival(run, run.iteration, place) for place, run in enumerate(runs, 1)]


def _into_sqlite(path: str, rows: Sequence[list[Any]]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE bare ({', '.join(f'c{n}' for n in range(len(rows[0])))})")
        places = ", ".join("?" * len(rows[0]))
        for first in range(0, len(rows), PAGE):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                f"INSERT INTO bare VALUES ({places})", rows[first : first + PAGE]
            )
            connection.execute("COMMIT")


def _into_mongodb(address: Address, documents: Sequence[dict[str, Any]]) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(address.uri)
    with client:
        concern = WriteConcern(w="majority", j=True)  # as durable as the store
        bare = client[address.database].get_collection(BARE, write_concern=concern)
        for first in range(0, len(documents), PAGE):
            bare.insert_many(documents[first : first + PAGE], ordered=False)
        bare.drop()


def _into_clickhouse(url: str, rows: Sequence[list[Any]]) -> None:
    with closing(_clickhouse(url)) as client:
        columns = ", ".join(WRITTEN)
        client.command(
            f"CREATE OR REPLACE TABLE {BARE} ENGINE = MergeTree ORDER BY (timestamp, spec_id)"
            f" AS SELECT {columns} FROM logs LIMIT 0"
        )
        for first in range(0, len(rows), PAGE):
            client.insert(BARE, rows[first : first + PAGE], column_names=WRITTEN)
        client.command(f"DROP TABLE {BARE}")


def _clickhouse(url: str) -> Any:
    address = parse_address(url)
    return clickhouse_connect.get_client(
        host=address.host, port=address.port, database=address.database
    )


if __name__ == "__main__":
    main()
