"""Records and questions of any kind, drawn from few values, so that they meet each other."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from genesis_mcp.diagnostics.test_results.report import FailingTest
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import INT32_MAX, INT32_MIN, UINT32_MAX, Outcome, Signature
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN

BASE = datetime(2025, 12, 19, 23, 59, 59, 998_000, tzinfo=UTC)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000

RUN_IDS = (
    *("a", "b", "B", "Z", "é", "e\u0301", "🙂", "10", "9", "-5", "null", "true", "it's", "100%"),
    *('{"$oid": "x"}', "{}", "_id", "back\\slash", "0" * 24, "5f" * 12, "row-12-ab", "x" * 200),
)
NAMES = ("soma", "Soma", "soma ", "ação", "acao", "it's", '"quoted"', "100%", "a_b", "a.b.$c", "$x")
WORDS = (
    "connection",
    "refused",
    "Refused",
    "conexão",
    "conexao",
    "5",
    "5.5",
    "a_b",
    "it's",
    "100%",
)
GAPS = (" ", "\n", ", ", ": ", "-", " _ ")

milliseconds = st.sampled_from(
    (0, 0, 0, 1, 1, 2, 3, -1, HOUR_MS, HOUR_MS - 1, DAY_MS, DAY_MS + 1, -DAY_MS, 9 * DAY_MS)
)
times = milliseconds.map(lambda ms: BASE + timedelta(milliseconds=ms))
bounds = st.builds(
    lambda moment, microseconds: moment + timedelta(microseconds=microseconds),
    times,
    st.sampled_from((0, 0, 1, 999)),
) | st.sampled_from((TIMESTAMP_MIN, TIMESTAMP_END, datetime.min.replace(tzinfo=UTC)))
run_ids = st.sampled_from(RUN_IDS) | st.integers(0, 30).map(lambda number: f"run-{number}")
names = st.sampled_from(NAMES)
groups = st.sampled_from(("group-1", "group 2", "grupo é"))
iterations = st.sampled_from((0, 1, 2, 3, 7, UINT32_MAX - 1, UINT32_MAX))
exit_codes = st.sampled_from((0, 1, 2, -1, -2, -9, 137, INT32_MIN, INT32_MAX))
levels = st.sampled_from(("trace", "info", "warn", "error", "fatal", "ERROR", "70", "custom"))


@st.composite
def phrases(draw):
    """One to three words and what stands between them."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
    return "".join(word + draw(st.sampled_from(GAPS)) for word in words).rstrip(" ")


texts = phrases() | st.sampled_from(("", "!!!", "12", "null", "\x1b[31mred\x1b[0m refused"))
long_texts = st.builds(
    lambda start, character, number, end: f"{start}\n{character * number}\n{end}",
    *(texts, st.sampled_from("xé🙂"), st.sampled_from((1_000, 4_001)), texts),
)
contexts = st.dictionaries(
    st.sampled_from(("k", "número", "a.b", "$k", "")),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    max_size=3,
)
signatures = st.builds(
    Signature,
    type=st.none() | st.just("AssertionError"),
    message=texts,
    file=st.none() | st.just("src/soma.js"),
    line=st.none() | st.integers(0, 9),
    group=groups,
    exact=st.just("exact"),
    version=st.integers(1, 4),
)

reports = st.builds(
    TestReport,
    runner=st.none() | st.just("pytest"),
    failed=st.integers(0, UINT32_MAX),
    failing=st.lists(
        st.builds(FailingTest, name=texts, message=st.none() | texts, key=st.just("0" * 16)),
        max_size=2,
    ).map(tuple),
    failing_keys=st.lists(st.just("f" * 16), max_size=2).map(tuple),
    is_complete=st.booleans(),
)


def given_or_not(strategy):
    return st.none() | strategy


RECORD = {
    "run_id": run_ids,
    "timestamp": times,
    "kind": given_or_not(st.sampled_from(("run", "run", "event", "suite"))),
    "level": given_or_not(levels),
    "spec_id": given_or_not(names),
    "iteration": given_or_not(iterations),
    "exit_code": given_or_not(exit_codes),
    "outcome": given_or_not(st.sampled_from([outcome.value for outcome in Outcome])),
    "duration_ms": given_or_not(st.integers(0, UINT32_MAX)),
    "sprint_id": given_or_not(names),
    "task_id": given_or_not(names),
    "service": given_or_not(names),
    "version": given_or_not(names),
    "message": given_or_not(texts),
    "stdout": texts,
    "stderr": texts | long_texts,
    "code_snapshot": given_or_not(texts | long_texts),
    "context": given_or_not(contexts),
    "signature": given_or_not(signatures),
    "stdout_bytes": st.sampled_from((0, 0, 2**40)),
    "doubt": given_or_not(texts),
    "read_version": given_or_not(st.integers(0, UINT32_MAX)),
    "tests_passed": given_or_not(st.integers(0, UINT32_MAX)),
    "tests_failed": given_or_not(st.integers(0, UINT32_MAX)),
    "tests_skipped": given_or_not(st.integers(0, UINT32_MAX)),
    "tests": given_or_not(reports),
}


@st.composite
def records(draw):
    """A run or event, as its writers make one: most fields are not given."""
    given = draw(st.sets(st.sampled_from(sorted(RECORD.keys() - {"run_id", "timestamp"}))))
    fields = {name: draw(RECORD[name]) for name in ("run_id", "timestamp", *sorted(given))}
    run = make_run(fields, recorded_by="tests")
    # Only what failed has a signature: it is made of the failure.
    return run if run.failed else make_run(fields | {"signature": None}, recorded_by="tests")


FILTERS = {
    "since": bounds,
    "until": bounds,
    "spec_id": names | st.just("absent"),
    "service": names,
    "sprint_id": names,
    "task_id": names,
    "iteration": iterations | st.sampled_from((-1, 2**40)),
    "kind": st.sampled_from(("run", "event")),
    "failed": st.booleans(),
    "signature_group": groups,
}
cursors = st.builds(
    Cursor, times | st.just(datetime.min.replace(tzinfo=UTC)), st.sampled_from((0, 2**62)), run_ids
)


@st.composite
def queries(draw, *, text=False):
    """A query with a few filters; with a text if one is wanted."""
    chosen = draw(st.sets(st.sampled_from(sorted(FILTERS)), max_size=3))
    return RunQuery(
        **{name: draw(FILTERS[name]) for name in sorted(chosen)},
        text=draw(texts) if text else None,
        suites=draw(st.booleans()),
        oldest_first=draw(st.booleans()),
        after=draw(st.none() | cursors),
        limit=draw(st.sampled_from((1, 2, 3, 5, 1000))),
    )
