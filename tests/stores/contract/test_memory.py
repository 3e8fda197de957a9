"""What a question about all specs holds in memory does not grow with how many there are."""

import tracemalloc

from genesis_mcp.questions.arguments import DescribeLogs, LogsForSpec
from genesis_mcp.stores.mongodb import statistics
from tests.helpers.service import service_on
from tests.stores.contract.records import at, failure, record

FEW, MANY = 520, 1_100
"""More than are compared with a name that nobody knows."""

MOST_MORE = 300_000
"""Bytes: half of what the names and figures of all the others take."""


def peak_of(ask):
    ask()  # what is loaded once
    tracemalloc.start()
    try:
        ask()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_questions_about_all_specs_hold_a_bounded_number_of_them(store, monkeypatch):
    monkeypatch.setattr(statistics, "COUNTED_MAX", FEW)  # MongoDB has no totals: 10,000 otherwise
    service = service_on(store)
    asked = (
        lambda: service.describe_logs(DescribeLogs()),
        lambda: service.logs_for_spec(LogsForSpec(spec_id="unknown")),
    )
    peaks = []
    for first, last in ((0, FEW), (FEW, MANY)):
        names = (f"{number:06}-{'x' * 80}" for number in range(first, last))
        record(
            store,
            *(
                failure(spec_id=name, timestamp=at(place))
                for place, name in enumerate(names, first)
            ),
        )
        peaks.append([peak_of(ask) for ask in asked])
    for few, many in zip(*peaks, strict=True):
        assert many - few < MOST_MORE
