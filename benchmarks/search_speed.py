"""How many runs `search_logs` looks at in a second, for a text that none has.

The newest runs it reads letter by letter. In older failures the store looks for the words of the
text: by an index, which does not look at runs one by one, or in their texts, as far back as the
answer says.
"""

import statistics
import time
from collections.abc import Callable

from benchmarks.figures import NOW, Figure
from benchmarks.stock import Stock
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import SearchLogs
from genesis_mcp.questions.read_whole import READ_RUNS, reading
from genesis_mcp.questions.search_logs import CANDIDATES_MAX
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.stores import open_store

ABSENT = "inexistente"
ROUNDS = 9
COUNTED_MAX = 10_000_000

HAS_INDEX_OF_WORDS = {
    "sqlite": True,
    "clickhouse documents": False,
    "clickhouse": True,
    "mongodb documents": False,
    "mongodb": False,
}
"""Each store of the stock."""


def search_speeds(stock: Stock) -> list[Figure]:
    """Each store's time for the question, and the runs a second of its two parts."""
    return [figure for place in HAS_INDEX_OF_WORDS for figure in _of(stock, place)]


def _of(stock: Stock, place: str) -> list[Figure]:
    store = open_store(stock.url(place), timeout_seconds=120)
    service = Service(store)
    newest = reading(store, RunQuery(failed=True, limit=READ_RUNS))
    older = RunQuery(
        text=ABSENT,
        failed=True,
        limit=CANDIDATES_MAX,
        after=Cursor.of(newest.end) if newest.end else None,
    )
    back = store.find(older).searched_since
    looked_at = store.count(RunQuery(failed=True, since=back), at_most=COUNTED_MAX) - newest.listed
    whole = _seconds(lambda: service.search_logs(SearchLogs(text=ABSENT)))
    words = _seconds(lambda: store.find(older))
    store.close()
    where = place.replace(" documents", ", the documents' own")
    return [
        Figure(f"`search_logs(absent word)`, {where}", "ms", {NOW: whole * 1e3}),
        Figure(
            f"the same, the newest {len(newest.runs):,} read whole",
            "runs a second",
            {NOW: len(newest.runs) / max(whole - words, 1e-6)},
        ),
        Figure(
            f"the same, an index asked for the words of {looked_at:,} older",
            "ms",
            {NOW: words * 1e3},
        )
        if HAS_INDEX_OF_WORDS[place]
        else Figure(
            f"the same, the texts of {looked_at:,} older looked through",
            "runs a second",
            {NOW: looked_at / words},
        ),
    ]


def _seconds(ask: Callable[[], object]) -> float:
    """The median, from the second call on."""
    ask()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
