"""Does a question slow down as the store fills? Medians at two sizes, and their ratio.

    python -m benchmarks.questions [SMALL LARGE]

Service level: store and reading, without MCP. The stores are kept in the system's folder for
temporary files and used again. What is larger than a million runs is copies of ten thousand.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.copied_runs import copy_runs
from benchmarks.seed import BUSY_SPEC, NEWEST, SPECS, seed
from genesis_mcp.diagnostics.finding import SIGNATURE_VERSION
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import (
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
    WaitForRun,
)
from genesis_mcp.questions.wait_for_run import Wait
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore

ROUNDS = 40
RECORDED_MAX = 1_000_000
COPIED = 10_000
"""Runs of which a larger store is made: to record those takes minutes, five million hours."""


def main() -> None:
    small, large = (int(size) for size in sys.argv[1:3] or ("10000", "1000000"))
    print(f"| question, median in ms | {small:,} runs | {large:,} runs | ratio |")
    print("|---|---|---|---|")
    for name, in_small, in_large in measured(small, large):
        print(f"| {name} | {in_small:.2f} | {in_large:.2f} | {in_large / in_small:.2f} |")


def measured(small: int, large: int) -> Iterator[tuple[str, float, float]]:
    """Each question, and its medians in ms in stores of two sizes."""
    services = [_service(size) for size in (small, large)]
    for name, ask in questions().items():
        in_small, in_large = _medians(ask, services)
        yield name, in_small, in_large


def questions() -> dict[str, Callable[[Service], object]]:
    """The read questions as a model asks them."""
    return {
        "`recent_failures()`": lambda s: s.recent_failures(RecentFailures()),
        '`recent_failures(since="24h")`': lambda s: s.recent_failures(RecentFailures(since="24h")),
        '`recent_failures(since="30d")`': lambda s: s.recent_failures(RecentFailures(since="30d")),
        "`recent_failures(spec_id=busy)`": lambda s: s.recent_failures(
            RecentFailures(spec_id=BUSY_SPEC)
        ),
        "`recent_failures(service=...)`": lambda s: s.recent_failures(
            RecentFailures(service="api-pedidos")
        ),
        "`recent_failures(sprint_id=...)`": lambda s: s.recent_failures(
            RecentFailures(sprint_id="S029")
        ),
        '`recent_failures(detail="full")`': lambda s: s.recent_failures(
            RecentFailures(detail="full")
        ),
        "`logs_for_spec(busy)`": lambda s: s.logs_for_spec(LogsForSpec(spec_id=BUSY_SPEC)),
        "`logs_for_spec(rare)`": lambda s: s.logs_for_spec(LogsForSpec(spec_id=_rare(s))),
        "`logs_for_spec(busy, failures_only=true)`": lambda s: s.logs_for_spec(
            LogsForSpec(spec_id=BUSY_SPEC, failures_only=True)
        ),
        "`logs_for_spec(unknown)`": lambda s: s.logs_for_spec(LogsForSpec(spec_id="spec_19000")),
        "`describe_logs()`": lambda s: s.describe_logs(DescribeLogs()),
        "`get_run(middle)`": lambda s: s.get_run(GetRun(run_id=_middle(s))),
        '`get_run(middle, part="stdout")`': lambda s: s.get_run(
            GetRun(run_id=_middle(s), part="stdout")
        ),
        "`search_logs(common)`": lambda s: s.search_logs(SearchLogs(text="soma errada")),
        "`search_logs(absent word)`": lambda s: s.search_logs(SearchLogs(text="inexistente")),
        "`search_logs(part of a word)`": lambda s: s.search_logs(SearchLogs(text="oma errad")),
        "`compare_runs(busy)`": lambda s: s.compare_runs(CompareRuns(spec_id=BUSY_SPEC)),
        "`wait_for_run(busy)`, each look": lambda s: _wait(s).look(),
    }


_WAITS: dict[int, Wait] = {}


def _wait(service: Service) -> Wait:
    if id(service) not in _WAITS:
        _WAITS[id(service)] = service.wait_for_run(WaitForRun(spec_id=BUSY_SPEC))
    return _WAITS[id(service)]


def _rare(service: Service) -> str:
    """A spec of one or a few runs."""
    names = (f"spec_{number}" for number in range(SPECS - 1, 0, -1))
    return next(name for name in names if service.store.spec(name))


_MIDDLES: dict[int, str] = {}


def _middle(service: Service) -> str:
    """The id of a failure half way back, looked up once for each store."""
    if id(service) not in _MIDDLES:
        half_way = Cursor(NEWEST - (NEWEST - NEWEST.replace(month=1, year=2025)) / 9, 0, "~")
        page = service.store.find(RunQuery(failed=True, after=half_way, limit=1))
        _MIDDLES[id(service)] = page.runs[0].run_id
    return _MIDDLES[id(service)]


def _medians(ask: Callable[[Service], object], services: list[Service]) -> list[float]:
    """Both sizes in turn, so that a busy moment of the machine meets both."""
    taken: list[list[float]] = [[] for _ in services]
    for round_number in range(ROUNDS + 3):
        for service, times in zip(services, taken, strict=True):
            began = time.perf_counter()
            ask(service)
            if round_number >= 3:  # the first ones fill caches
                times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


def _service(size: int) -> Service:
    store = SQLiteStore(_path(size))
    stats = store.describe(NEWEST)
    if stats.runs != size:
        began = time.perf_counter()
        store = _filled(store, size)
        rate = size / (time.perf_counter() - began)
        print(f"{size:,} runs at {rate:,.0f} a second", file=sys.stderr)
        stats = store.describe(NEWEST)
    print(f"{size:,} runs: {(stats.size_bytes or 0) / size:,.0f} bytes a run", file=sys.stderr)
    return Service(store, clock=lambda: NEWEST)


def _path(size: int) -> Path:
    folder = Path(tempfile.gettempdir()) / "genesis-mcp-benchmarks"
    return folder / f"{size}-{SIGNATURE_VERSION}.db"


def _filled(store: SQLiteStore, size: int) -> SQLiteStore:
    if size <= RECORDED_MAX:
        seed(store, size)
        return store
    store.ensure_schema()
    store.close()  # or the copy would not have the file for itself
    _service(COPIED).store.close()
    copy_runs(_path(COPIED), _path(size), size)
    return SQLiteStore(_path(size))


if __name__ == "__main__":
    main()
