"""What a run costs in each store: bytes, and how many are recorded and asked for in a second.

    python -m benchmarks.scale URL [URL ...]

Of stores that are empty and delete nothing, since the runs are of 2025 (on ClickHouse after
`genesis-mcp init`: `ALTER TABLE scale.logs REMOVE TTL`). docs/scale.md calculates with it.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.seed import BUSY_SPEC, NEWEST, seed
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import DescribeLogs, LogsForSpec, RecentFailures
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import RunStore, open_store

RUNS = 20_000
SINGLES, ROUNDS, SAMPLED = 100, 15, 1_000
TIMEOUT_SECONDS = 60
COLUMNS = (
    *("store", "bytes a run", "runs a second, 1,000 at once", "one by one"),
    *("`recent_failures` ms", "`logs_for_spec` ms", "`describe_logs` ms"),
)


def main() -> None:
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|")
    for url in sys.argv[1:]:
        store = open_store(url, timeout_seconds=TIMEOUT_SECONDS)
        store.ensure_schema()
        print(_row(url.partition(":")[0], store), flush=True)
        store.close()
    print(f"\nA run has {_text_bytes():,.0f} bytes of text; {RUNS:,} runs.")


def _row(name: str, store: RunStore) -> str:
    began = time.perf_counter()
    seed(store, RUNS)
    at_once = RUNS / (time.perf_counter() - began)
    size = store.describe(NEWEST).size_bytes or 0
    began = time.perf_counter()
    for number in range(SINGLES):
        store.insert([make_run({"spec_id": f"one_{number}", "exit_code": 0}, recorded_by="scale")])
    one_by_one = SINGLES / (time.perf_counter() - began)
    service = Service(store, clock=lambda: NEWEST)
    asked = (
        lambda: service.recent_failures(RecentFailures()),
        lambda: service.logs_for_spec(LogsForSpec(spec_id=BUSY_SPEC)),
        lambda: service.describe_logs(DescribeLogs()),
    )
    times = " | ".join(f"{_median_ms(one):.0f}" for one in asked)
    return f"| {name} | {size / RUNS:,.0f} | {at_once:,.0f} | {one_by_one:,.0f} | {times} |"


def _median_ms(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _text_bytes() -> float:
    """Of a seeded run, on average."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder, 'texts.db').as_posix()}")
        seed(store, SAMPLED)
        found = store.fetch([one.run_id for one in store.find(RunQuery(limit=SAMPLED)).runs])
        store.close()
    texts = (f"{run.stdout}{run.stderr}{run.code_snapshot}{run.message}" for run in found)
    return statistics.mean(len(text.encode()) for text in texts)


if __name__ == "__main__":
    main()
