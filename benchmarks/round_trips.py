"""How often a question goes to a server of the team: in sequence, and in all."""

from collections.abc import Callable

from pymongo import monitoring

from benchmarks.figures import CLICKHOUSE, MONGODB, NOW, Figure
from benchmarks.stock import LARGE_SPEC, SPEC, Stock
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
from genesis_mcp.stores import open_store
from tests.helpers.round_trips import Listener, Trips, http_trips

IN_SEQUENCE_MAX = 4

QUESTIONS: dict[str, Callable[[Service], object]] = {
    "recent_failures": lambda s: s.recent_failures(RecentFailures()),
    "logs_for_spec": lambda s: s.logs_for_spec(LogsForSpec(spec_id=SPEC)),
    "describe_logs": lambda s: s.describe_logs(DescribeLogs()),
    "get_run": lambda s: s.get_run(GetRun(run_id=f"{LARGE_SPEC}#1")),
    "search_logs": lambda s: s.search_logs(SearchLogs(text="inexistente")),
    "compare_runs": lambda s: s.compare_runs(CompareRuns(spec_id=SPEC)),
    "wait_for_run": lambda s: s.wait_for_run(WaitForRun(spec_id=SPEC)).look(),
}


class _Listener(Listener, monitoring.CommandListener):
    pass


def round_trips(stock: Stock) -> list[Figure]:
    """Of the second call: what a connection is like is known by then."""
    listener = _Listener()
    monitoring.register(listener)
    figures = []
    for place in ("clickhouse documents", "clickhouse", "mongodb documents", "mongodb"):
        service = Service(open_store(stock.url(place), timeout_seconds=120))
        peer = CLICKHOUSE if place.startswith("clickhouse") else MONGODB
        for name, ask in QUESTIONS.items():
            ask(service)
            trips = _asked(ask, service, listener)
            where = place.replace(" documents", ", the documents' own")
            values = {NOW: trips.depth, peer: 1, "the goal": IN_SEQUENCE_MAX}
            figures.append(Figure(f"{name}, {where}", "in sequence", values, "the goal", 1))
        service.store.close()
    return figures


def _asked(ask: Callable[[Service], object], service: Service, listener: Listener) -> Trips:
    listener.trips = Trips()
    with http_trips() as by_http:
        ask(service)
    return by_http if by_http.number else listener.trips
