"""Seeded runs for the benchmarks: the same ones every time, as a team's ninety days would look."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.stores import RunStore

NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=90)
SPECS = 2_000
FAILED_SHARE = 0.3
BATCH = 1_000

BUSY_SPEC = "spec_0001"
SERVICES = ("genesis-pipeline", "api-pedidos", "api-usuarios", "worker-email")

_FAILURES = (
    "Traceback (most recent call last):\n"
    '  File "/tmp/test_{spec}_{n}.py", line {line}, in <module>\n'
    "    raise {kind}('{text}: esperado {n}, veio {line}')\n"
    "{kind}: {text}: esperado {n}, veio {line}\n"
)
_KINDS = ("ValueError", "TypeError", "AssertionError", "KeyError", "TimeoutError")
_TEXTS = ("soma errada", "usuário não encontrado", "pedido sem itens", "saldo insuficiente")


def seed(store: RunStore, count: int) -> None:
    """Fill a store with `count` runs, the newest at NEWEST, spread over SPAN."""
    runs = _runs(count)
    while batch := list(islice(runs, BATCH)):
        store.insert(batch)


def _runs(count: int) -> Iterator[Run]:
    chance = random.Random(20251219)
    templates = {failed: [_template(chance, failed) for _ in range(200)] for failed in (0, 1)}
    for number in range(count):
        moment = NEWEST - SPAN * ((count - 1 - number) / count)
        spec = f"spec_{int(SPECS * chance.random() ** 3):04d}"  # few specs have most of the runs
        template = chance.choice(templates[chance.random() < FAILED_SHARE])
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        yield replace(
            template,
            run_id=derived_run_id(milliseconds_since_1970(moment), str(number).encode()),
            timestamp=moment,
            spec_id=spec,
            iteration=number % 40 + 1,
            service=SERVICES[number % len(SERVICES)],
            sprint_id=f"S{number * 30 // count:03d}",
        )


def _template(chance: random.Random, failed: int) -> Run:
    words = " ".join(f"passo {chance.randrange(1000)} concluído" for _ in range(40))
    error = _FAILURES.format(
        spec=chance.randrange(SPECS),
        n=chance.randrange(1000),
        line=chance.randrange(1, 300),
        kind=chance.choice(_KINDS),
        text=chance.choice(_TEXTS),
    )
    fields = {
        "exit_code": failed,
        "stdout": words,
        "stderr": error if failed else "",
        "code_snapshot": f"def teste_{chance.randrange(500)}():\n    assert soma(1, 2) == 3\n",
        "duration_ms": chance.randrange(5, 5_000),
    }
    return sign(make_run(fields, recorded_by="benchmark"))
