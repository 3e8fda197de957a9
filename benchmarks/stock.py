"""The same runs in every store: a team's thirty days, in ours and in the documents' own.

About 2.5 KB a run as JSON, a quarter of them failures of some ninety errors, in Node and Python and
in Portuguese; 200 specs, of which few have most of the runs; and one run that printed 200 KB.
"""

import json
import os
import random
import subprocess
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pymongo import MongoClient

from benchmarks.clickhouse import DOCUMENTS, Server
from benchmarks.mongodb import V1_0_INDEXES
from benchmarks.subjects import Subject
from tests.helpers.mongod import Mongod

SPAN = timedelta(days=30)
FAILED_SHARE = 0.245
SPEC = "spec_001"
LARGE_SPEC = "grande"
BATCH = 2_000

_NODE = (
    "/srv/genesis/workers/pipeline/src/{file}.js:{line}\n    {code}\n        ^\n\n{error}\n"
    "    at {call} (/srv/genesis/workers/pipeline/src/{file}.js:{line}:15)\n"
    "    at processar (/srv/genesis/workers/pipeline/src/fila/consumidor.js:88:11)\n"
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
)
_PYTHON = (
    "Traceback (most recent call last):\n"
    '  File "/srv/genesis/gerado/{file}.py", line {line}, in <module>\n    {call}()\n'
    '  File "/srv/genesis/gerado/{file}.py", line {line}, in {call}\n    {code}\n{error}\n'
)
_ERRORS = (
    (
        _NODE,
        "TypeError: Cannot read properties of undefined (reading '{name}')",
        "return {name}.id",
    ),
    (_NODE, "ReferenceError: {name} is not defined", "soma({name})"),
    (_NODE, "Error: pedido sem {name}: esperado 4, veio {number}", "throw new Error(texto)"),
    (_PYTHON, "AssertionError: {name} deveria ser 4, veio {number}", "assert {name} == 4"),
    (_PYTHON, "KeyError: '{name}'", "return dados['{name}']"),
    (_PYTHON, "ModuleNotFoundError: No module named '{name}'", "import {name}"),
)
_NAMES = ("carrinho", "usuario", "pedido", "saldo", "entrega", "nota", "cliente", "estoque",
          "frete", "cupom", "produto", "fatura", "boleto", "endereco", "imposto")  # fmt: skip
_CODE = "module.exports = async function {name} (entrada) {{\n{body}}}\n"


class Stock(NamedTuple):
    """Where the runs are."""

    runs: int
    raw_bytes: int
    sqlite: Path
    sqlite_before: Path
    clickhouse: Server
    mongod: Mongod

    def url(self, place: str) -> str:
        """A store of ours: `sqlite`, `clickhouse` and `mongodb`, or those two of the documents."""
        if place == "sqlite":
            return f"sqlite:///{self.sqlite.as_posix()}"
        if place == "sqlite before":
            return f"sqlite:///{self.sqlite_before.as_posix()}"
        engine, _, documents = place.partition(" ")
        database = "genesis" if documents else "ours"
        if engine == "clickhouse":
            return f"clickhouse://127.0.0.1:{self.clickhouse.port}/{database}"
        return f"mongodb://{self.mongod.address}/{database}"


def records(count: int, newest: datetime) -> Iterator[dict[str, Any]]:
    """Runs as both documents' loggers would write them, the oldest first."""
    chance = random.Random(20261127)
    iterations: dict[str, int] = {}
    for number in range(count):
        spec = f"spec_{int(200 * chance.random() ** 2):03d}"
        yield _record(chance, spec, newest - SPAN * ((count - number) / count), iterations)
    large = _record(chance, LARGE_SPEC, newest, iterations)
    lines = (
        f"[{newest:%Y-%m-%dT%H}:{number % 60:02d}:00.123Z] INFO worker-{number % 7} processando "
        f"pedido {number * 7919 % 99991} item={number} status=ok dur={number % 977}ms\n"
        for number in range(2_200)
    )
    yield large | {"stdout": "".join(lines), "stderr": "", "exit_code": 0}


def _record(
    chance: random.Random, spec: str, moment: datetime, iterations: dict[str, int]
) -> dict[str, Any]:
    iterations[spec] = iterations.get(spec, 0) + 1
    failed = chance.random() < FAILED_SHARE
    passed = "".join(
        f"ok {number} - {chance.choice(_NAMES)} {chance.randrange(1000)}"
        f" em {chance.randrange(90)} ms\n"
        for number in range(1, 21)
    )
    body = "".join(
        f"  const {chance.choice(_NAMES)}{number} = await buscar(entrada.{chance.choice(_NAMES)})\n"
        for number in range(24)
    )
    return {
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": "error" if failed else "info",
        "message": f"Spec {spec} {'falhou' if failed else 'passou'}",
        "spec_id": spec,
        "iteration": iterations[spec],
        "stdout": passed,
        "stderr": _error(chance) if failed else "",
        "exit_code": int(failed),
        "code_snapshot": _CODE.format(name=chance.choice(_NAMES), body=body),
        "duration_ms": chance.randrange(5, 5_000),
        "sprint_id": f"S{30 + moment.day // 10:03d}",
        "task_id": f"T{chance.randrange(20):02d}",
        "service": "genesis-pipeline",
        "version": "1.0.0",
    }


def _error(chance: random.Random) -> str:
    frame, error, code = chance.choice(_ERRORS)
    names = {"name": chance.choice(_NAMES), "number": chance.randrange(1000)}
    return frame.format(
        file=f"{names['name']}_{chance.randrange(20)}",
        line=chance.randrange(1, 300),
        call=f"calcular_{names['name']}",
        code=code.format(**names),
        error=error.format(**names),
    )


def fill(folder: Path, count: int, now: Subject, before: Subject, mongod: Mongod) -> Stock:
    """Put `count` runs into each store, in a new folder."""
    file = folder / "runs.ndjson"
    with file.open("w", encoding="utf-8") as output:
        for record in records(count, datetime.now(UTC) - timedelta(minutes=5)):
            output.write(json.dumps(record, ensure_ascii=False) + "\n")
    clickhouse = Server(folder / "clickhouse")
    stock = Stock(
        count + 1, file.stat().st_size, folder / "now.db", folder / "before.db", clickhouse, mongod
    )
    _fill_documents_table(clickhouse, file)
    _fill_documents_collection(mongod, file)
    ingest(before, stock.url("sqlite before"), file)
    for place in ("sqlite", "clickhouse", "mongodb"):
        ingest(now, stock.url(place), file)
    # As both tables are some time after their rows came: each of few parts.
    for database in ("genesis", "ours"):
        clickhouse.request("/", f"OPTIMIZE TABLE {database}.logs FINAL")
    return stock


def ingest(version: Subject, url: str, file: Path) -> None:
    """By the command line of one of our versions."""
    environment = {**os.environ, **version.environment, "GENESIS_STORE": url}
    for arguments in (["init"], ["ingest", str(file)]):
        subprocess.run(
            [*version.command, *arguments],
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _fill_documents_table(server: Server, file: Path) -> None:
    script = DOCUMENTS.read_text(encoding="utf-8").partition("CREATE USER")[0]
    uncommented = "\n".join(line.partition("--")[0] for line in script.splitlines())
    for statement in filter(str.strip, uncommented.split(";")):
        server.request("/", statement)
    query = urllib.parse.quote("INSERT INTO genesis.logs FORMAT JSONEachRow")
    for lines in _batches(file):
        server.request(f"/?query={query}&date_time_input_format=best_effort", "".join(lines))


def _fill_documents_collection(mongod: Mongod, file: Path) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(f"mongodb://{mongod.address}")
    logs = client.genesis.logs
    for key in V1_0_INDEXES:
        logs.create_index(key)
    for lines in _batches(file):
        documents = [json.loads(line) for line in lines]
        for document in documents:
            document["timestamp"] = datetime.fromisoformat(document["timestamp"])
        logs.insert_many(documents, ordered=False)
    client.close()


def _batches(file: Path) -> Iterator[list[str]]:
    with file.open(encoding="utf-8") as lines:
        batch: list[str] = []
        for line in lines:
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
