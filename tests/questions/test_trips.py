"""Every question reaches its store in at most four trips in sequence, whoever wrote what is there.

What goes side by side by chance does not on a busy machine, so a chain counts as long as the
shortest of a few tries: chance makes it longer only.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from genesis_mcp.questions import remembered
from genesis_mcp.questions.arguments import (
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
    WaitForRun,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from tests.helpers.mongod import mongodb_store
from tests.helpers.round_trips import counted_trips, listen
from tests.helpers.service import NOW, service_on

TRIPS_MAX = 4
TRIES = 4
LONGER_MAX = {"mongodb": {"record_run": 5}}
"""What takes longer: an insert into MongoDB is three trips, for its iteration is reserved."""

SPECS, ATTEMPTS, LONG = 12, 6, 45
"""The first spec has more attempts than a question reads of one at once to tell how it stands."""

PYTEST = (
    "..F.\n=== FAILURES ===\n____ test_soma ____\n\n>       assert soma(2) == {0}\n"
    "E       assert 3 == {0}\n\ntest_s.py:4: AssertionError\n=== short test summary info ===\n"
    "FAILED test_s.py::test_soma - assert 3 == {0}\n1 failed, 3 passed in 0.02s\n"
)
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/app/s{0}.py", line 3, in <module>\n'
    "ValueError: {0} saldo {1}\n"
)


def attempt(spec, number, place):
    """As a worker of the documents writes it; every fourth passed, of the first spec only one."""
    failed = number != 2 if spec == 0 else number % 4 != 2
    tells_tests = spec % 3 == 1
    told = PYTEST.format(spec) if tells_tests else TRACEBACK.format("abcdefghijklm"[spec], number)
    passed = "....\n4 passed in 0.02s\n" if tells_tests else ""
    return {
        "spec_id": f"spec_{spec}",
        "iteration": number,
        "exit_code": int(failed),
        "stdout": told if failed and tells_tests else passed,
        "stderr": told if failed and not tells_tests else "",
        "code_snapshot": f"x = {number % 3}\n",
        "duration_ms": 5,
        "task_id": "T1",
        "service": "genesis-pipeline",
        "version": "1.0.0",
        "sprint_id": None,
        "timestamp": NOW - timedelta(minutes=300 - place),
    }


def event(number):
    return {
        "spec_id": "spec_0",
        "level": ("warn", "error", "info")[number % 3],
        "message": f"evento {number}",
        "service": "genesis-pipeline",
        "timestamp": NOW - timedelta(minutes=260 - number),
    }


def rows():
    attempts = [
        (spec, number)
        for spec in range(SPECS)
        for number in range(1, (LONG if spec == 0 else ATTEMPTS) + 1)
    ]
    return [attempt(*one, place) for place, one in enumerate(attempts)] + [
        event(number) for number in range(6)
    ]


def own_run():
    known = {"spec_id": "spec_1", "exit_code": 1, "stdout": PYTEST.format(1), "kind": "run"}
    return make_run({**known, "timestamp": NOW}, recorded_by="tests")


def questions(service):
    """Each question in the forms that ask a store for different things; what it needs before."""
    newest = service.store.find(RunQuery(spec_id="spec_1", kind="run", limit=4)).runs
    failed = next(run for run in newest if run.failed).run_id
    old = service.store.find(RunQuery(spec_id="spec_0", kind="run", limit=LONG)).runs[-8].run_id
    today = "2025-12-19T00:00:00Z"

    def wait(**after):
        return service.wait_for_run(WaitForRun(spec_id="spec_1", timeout_seconds=1, **after))

    waits = iter([wait(after=newest[2].run_id) for _ in range(TRIES)])

    recent, spec = service.recent_failures, service.logs_for_spec
    search, compare, get = service.search_logs, service.compare_runs, service.get_run
    return {
        "recent_failures": lambda: recent(RecentFailures()),
        "recent_failures, since": lambda: recent(RecentFailures(since=today)),
        "recent_failures, full": lambda: recent(RecentFailures(detail="full")),
        "recent_failures, before": lambda: recent(RecentFailures(limit=3, before=failed)),
        "recent_failures, error": lambda: recent(RecentFailures(error=failed)),
        "recent_failures, unknown": lambda: recent(RecentFailures(spec_id="none")),
        "logs_for_spec": lambda: spec(LogsForSpec(spec_id="spec_1")),
        "logs_for_spec, long": lambda: spec(LogsForSpec(spec_id="spec_0")),
        "logs_for_spec, before": lambda: spec(LogsForSpec(spec_id="spec_0", before=old)),
        "logs_for_spec, failures": lambda: spec(LogsForSpec(spec_id="spec_1", failures_only=True)),
        "logs_for_spec, unknown": lambda: spec(LogsForSpec(spec_id="none")),
        "describe_logs": lambda: service.describe_logs(DescribeLogs()),
        "search_logs, common": lambda: search(SearchLogs(text="saldo")),
        "search_logs, absent": lambda: search(SearchLogs(text="inexistente")),
        "compare_runs": lambda: compare(CompareRuns(spec_id="spec_1")),
        "compare_runs, long": lambda: compare(CompareRuns(spec_id="spec_0")),
        "compare_runs, one": lambda: compare(CompareRuns(spec_id="spec_1", run_a=failed)),
        "compare_runs, two": lambda: compare(
            CompareRuns(spec_id="spec_1", run_a="spec_1#3", run_b="spec_1#5")
        ),
        "get_run": lambda: get(GetRun(run_id=failed)),
        "get_run, old": lambda: get(GetRun(run_id=old)),
        "get_run, named": lambda: get(GetRun(run_id="spec_1#3")),
        "get_run, part": lambda: get(GetRun(run_id=failed, part="stdout")),
        "get_run, before": lambda: get(GetRun(run_id=failed, part="before")),
        "wait_for_run": lambda: wait(after=newest[2].run_id),
        "wait_for_run, a look": lambda: next(waits).look(),
        "wait_for_run, nothing": lambda: wait().nothing(),
    }


@pytest.fixture(params=["clickhouse", "v1_2", "mongodb", "v1_0"])
def service(request):
    """On a store that our recorder filled, or the documents' workers."""
    listen()
    if request.param.startswith("v1"):
        worker = request.getfixturevalue(request.param)
        worker.write(rows())
        yield service_on(worker.store)
        return
    if request.param == "mongodb":
        opened = mongodb_store(request.getfixturevalue("mongod"), "trips")
    else:
        opened = request.getfixturevalue("empty_clickhouse_store")
    service = service_on(opened)
    known = [{name: one for name, one in row.items() if one is not None} for row in rows()]
    service.record([make_run(row, recorded_by="tests") for row in known])
    yield service
    opened.close()


def shortest(ask):
    """The chain of a question that nobody asked before, and how many requests it took in all."""
    tries = []
    for _ in range(TRIES):
        remembered.forget()
        with counted_trips() as trips:
            ask()
        tries.append((trips.depth, trips.number))
        if trips.depth <= TRIPS_MAX:
            break
    return min(tries)


def test_no_question_takes_more_than_four_trips_in_sequence(service, request):
    asked = questions(service)
    if "v1_" not in request.node.name:  # into which nothing of ours is recorded
        asked["record_run"] = lambda: service.record_one(own_run())
    chains = {name: shortest(ask) for name, ask in asked.items()}
    longer = LONGER_MAX.get(request.node.callspec.params["service"], {})
    assert {
        name: chain for name, chain in chains.items() if chain[0] > longer.get(name, TRIPS_MAX)
    } == {}
    assert all(number for _, number in chains.values())


@pytest.mark.parametrize("writer", ["ours", "others"])
def test_no_question_asks_a_store_more_than_four_times(writer, url, open_at, monkeypatch):
    """As often as a store of any kind is asked, whatever that costs there."""
    store = open_at(url)
    monkeypatch.setattr(store, "is_remote", True)
    service = service_on(store)
    known = [{name: one for name, one in row.items() if one is not None} for row in rows()]
    runs = [make_run(row, recorded_by="tests") for row in known]
    if writer == "ours":
        service.record(runs)
    else:  # who tell neither errors nor tests nor the identity of code
        store.insert([replace(run, code_hash=None) for run in runs])
    asked = questions(service) | {"record_run": lambda: service.record_one(own_run())}
    read, calls = store.read, []

    def counted(*wanted):
        calls.append(wanted)
        return read(*wanted)

    monkeypatch.setattr(store, "read", counted)
    often = {}
    for name, ask in asked.items():
        calls.clear()
        remembered.forget()
        ask()
        often[name] = len(calls)
    assert {name: number for name, number in often.items() if number > TRIPS_MAX} == {}
