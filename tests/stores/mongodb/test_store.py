"""The MongoDB store on real servers: documents of other writers, indexes, rights, upkeep."""

import json
import math
import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import bson
import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument

from genesis_mcp.errors import ConfigError, StoreUnavailable, WriteNotAllowed
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import DescribeLogs, GetRun, LogsForSpec, RecentFailures
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import Attempt, Cursor, RunQuery
from genesis_mcp.stores.mongodb.documents import ids_named
from genesis_mcp.stores.mongodb.indexes import BY_LEVEL, CODES, EVENTS, OURS, model
from genesis_mcp.stores.mongodb.queries import least_object_id
from tests.helpers.command_line import cli
from tests.helpers.mongod import ADMIN, PASSWORD, Mongod, mongodb_store
from tests.helpers.node import installed
from tests.helpers.paths import ROOT
from tests.helpers.service import NOW, record, service_on
from tests.stores.contract.records import SHAPES, every_page, mixed, recounted
from tests.stores.contract.test_threads import in_threads

EXAMPLE = ROOT / "examples" / "node-mongodb"
WORKER_SECONDS = 60

V1_0_INDEXES = ([("spec_id", 1), ("iteration", -1)], "timestamp", "exit_code", "sprint_id")


@pytest.fixture
def store(mongod):
    """An empty store with our indexes."""
    opened = mongodb_store(mongod, "test")
    yield opened
    opened.close()


@pytest.fixture
def logs(mongod):
    """The collection of `store`, by the driver."""
    with mongod.client() as client:
        yield client.test.logs


def v1_0(minutes_ago=0.0, **fields):
    """A document as the v1.0 logger writes it."""
    document = {
        "spec_id": "spec_a",
        "iteration": 1,
        "stdout": "",
        "stderr": "",
        "exit_code": 0,
        "code_snapshot": None,
        "duration_ms": 0,
        "timestamp": NOW - timedelta(minutes=minutes_ago),
        "sprint_id": None,
        "task_id": None,
        "service": "genesis-pipeline",
        "version": "1.0.0",
    }
    return document | fields


def found(store, **query):
    return [facts.run_id for facts in every_page(store, RunQuery(limit=7, **query))]


# --- what real writers write --------------------------------------------------------------------


@pytest.fixture(scope="session")
def node_worker(has_node, tmp_path_factory):
    """The example's folder with its packages, as `npm install` puts them there."""
    return installed(EXAMPLE, tmp_path_factory.mktemp("node") / "worker")


def write_from_node(folder, server, lines):
    text = "\n".join(json.dumps(line) for line in lines)
    environment = os.environ | {"MONGO_URI": f"mongodb://{server.address}"}
    subprocess.run(
        ["node", "worker.js"],
        cwd=folder,
        env=environment,
        input=text.encode(),
        check=True,
        timeout=WORKER_SECONDS,
    )


def test_what_node_writes_is_counted_as_by_hand(mongod, node_worker, open_at):
    with mongod.client() as client:
        client.drop_database("genesis")
    codes = [0, 1, None, 2, "0", 0, -1, 3221225477, 0, 1.5]
    runs = [
        {
            "spec_id": f"spec_{place % 4}",
            "iteration": place // 4 + 1,
            "result": {
                "exitCode": codes[place % 10],
                "stdout": f"passo {place}",
                "stderr": f"ValueError: esperado {place}" if place % 3 else "",
                "code": "soma(1, 2)",
                "durationMs": place * 1.5,
            },
            "context": {"sprintId": "S030"} if place % 2 else {},
        }
        for place in range(200)
    ]
    levels = ["info", "error", "warn", "fatal", "debug"]
    events = [
        {"level": levels[place % 5], "msg": f"linha {place}", "error": "caiu" * (place % 2)}
        for place in range(100)
    ]
    write_from_node(node_worker, mongod, [*runs, *events])
    # By hand, of ten codes: 1, none (written as -1), 2, -1, 3221225477 and 1.5 are failures.
    failing = {1, 2, 3, 6, 7, 9}
    failed_runs = [place for place in range(200) if place % 10 in failing]
    failed_of_spec_1 = [place for place in failed_runs if place % 4 == 1]
    assert (len(failed_runs), len(failed_of_spec_1)) == (120, 40)

    # A reader's moment: after what was written just now.
    service = Service(open_at(mongod.url("genesis")))
    page = service.recent_failures(RecentFailures(limit=50))
    spec = service.logs_for_spec(LogsForSpec(spec_id="spec_1", limit=50))
    described = service.describe_logs(DescribeLogs())

    assert (page.failed, page.error_events) == (120, 40)  # lines of level error or fatal
    assert page.runs == 200
    assert spec.summary.startswith("50 runs, 40 failed;")
    assert [attempt.iteration for attempt in spec.attempts] == list(range(50, 0, -1))
    assert (described.runs, described.failed, described.events) == (200, 120, 100)
    assert described.without_time is None
    line = service.store.find(RunQuery(kind="event", text="caiu", limit=1)).runs[0]
    detail = service.get_run(GetRun(run_id=line.run_id))
    assert detail.error == "Error: caiu"


# --- documents of any kind ----------------------------------------------------------------------

NAN, INFINITY = math.nan, math.inf

FAILING = [1, -1, -2, 2.0, 0.5, Int64(2**40), 4294967295.0, INFINITY, -INFINITY, Decimal128("3")]
FAILING += [[1], ["a", 2]]
NOT_FAILING: list[Any] = [
    0,
    0.0,
    -0.0,
    None,
    "0",
    "1",
    NAN,
    True,
    False,
    {},
    [],
    [0],
    [0, 1],
    ["1"],
    b"\x01",
]
NOT_FAILING += [Decimal128("0"), Decimal128("NaN"), NOW, ObjectId()]


@pytest.mark.parametrize("level", [None, 30, 50, "error"])
def test_a_list_a_count_and_a_run_agree_on_what_failed(store, logs, level):
    given = {} if level is None else {"level": level}
    logs.insert_many(
        v1_0(place, exit_code=code, **given) for place, code in enumerate(FAILING + NOT_FAILING)
    )
    logs.insert_one({key: value for key, value in v1_0(99, **given).items() if key != "exit_code"})

    facts = every_page(store, RunQuery(limit=7))
    for kind in (None, "run", "event"):
        for failed in (True, False):
            expected = [
                one.run_id for one in facts if one.failed is failed and kind in (None, one.kind)
            ]
            assert found(store, failed=failed, kind=kind) == expected
            query = RunQuery(failed=failed, kind=kind)
            assert store.count(query, at_most=1000) == len(expected)
    failed_events = 2 if level in (50, "error") else 0  # an exit code of null, and none at all
    assert store.count(RunQuery(failed=True), at_most=1000) == len(FAILING) + failed_events
    stats = store.describe(NOW)
    assert (stats.failed, stats.runs + stats.events) == (len(FAILING), len(facts))


IDS = [
    "text",
    "65f0c0ffee0123456789abcd",
    ObjectId("65f0c0ffee0123456789abce"),
    7,
    -7,
    Int64(2**60),
    1.5,
    Decimal128("2.5"),
    True,
    NOW,
    uuid4().bytes,
    Binary(uuid4().bytes, 4),
    {"spec": "a", "n": 1},
    None,
]


def test_ids_of_any_type_are_named_and_found_again(store, logs):
    logs.insert_many(v1_0(_id=one, stderr=str(place)) for place, one in enumerate(IDS))

    facts = every_page(store, RunQuery(limit=3))

    assert len({one.run_id for one in facts}) == len(IDS)
    for one in facts:
        (whole,) = store.fetch([one.run_id])
        assert whole.run_id == one.run_id
        place = Cursor.of(one)
        assert store.find(RunQuery(after=place, oldest_first=True)) is not None
    assert {run.stderr for run in store.fetch([one.run_id for one in facts])} == set(
        map(str, range(len(IDS)))
    )


@pytest.mark.parametrize(
    "run_id",
    [
        '{"$where": "sleep(9000) || true"}',
        '{"$regularExpression": {"pattern": ".", "options": ""}}',
        '{"$gt": ""}',
        '{"$code": "1"}',
        '{"a": {"$gt": ""}}',
        "{" * 5000,
        "9" * 30,
    ],
)
def test_no_run_id_is_taken_for_an_operator(store, logs, run_id):
    logs.insert_many([v1_0(_id="a"), v1_0(_id={"a": "b"})])

    assert store.fetch([run_id]) == []


WEIRD = [
    {"iteration": "3"},
    {"iteration": NAN, "duration_ms": INFINITY},
    {"iteration": Int64(2**62), "duration_ms": -1.5},
    {"stdout": b"bin\xff\x00ary", "stderr": ["a", 1, None, {"b": 2}]},
    {"stdout": None, "stderr": None, "code_snapshot": 5},
    {"stdout": {"head": "x", "tail": "y", "bytes": 9}},
    {"spec_id": 12, "sprint_id": ["S1"], "service": None},
    {"spec_id": "", "level": NAN},
    {"level": {"a": 1}, "message": ["a"], "kind": "strange", "outcome": "passed", "exit_code": 1},
    {"signature": "text", "context": {"a": ObjectId(), "b": NAN}},
    {"signature": {"group": 1}, "context": "no json", "stdout_bytes": "many"},
    {"timestamp": "2025-12-19T15:30:00Z"},
    {"timestamp": None},
    {"timestamp": DatetimeMS(2**60)},
    {"timestamp": datetime(1, 1, 1, tzinfo=UTC)},
    {"timestamp": [NOW]},
    {"timestamp": None, "time": "noon"},
    {"stderr": "x" * 3_000_000},
    {"err": {"message": "x"}, "stderr": None, "stack": "Error: só aqui"},
]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_bad_document_never_hides_the_others(mongod, store, logs, open_at, indexed):
    if not indexed:
        logs = logs.database.bare
        logs.drop()
        store = open_at(mongod.url("test", collection="bare"))
    good = [str(logs.insert_one(v1_0(place + 1)).inserted_id) for place in range(5)]
    weird = [str(logs.insert_one(v1_0() | fields).inserted_id) for fields in WEIRD]

    assert sorted(found(store)) == sorted([*good, *weird])
    assert sorted(found(store, oldest_first=True)) == sorted([*good, *weird])
    runs = store.fetch(weird)
    assert [run.run_id for run in runs] == weird
    short = store.fetch(weird, text_bytes=1000)
    assert max(len(run.stderr) for run in short) <= 1000
    assert store.fetch(weird, text_bytes=0)[0].iteration == 3
    assert (runs[3].stdout, runs[3].stderr) == ("bin��ary", 'a\n1\n\n{"b": 2}')
    assert runs[-1].stderr == "Error: só aqui"
    assert 0 < len(runs[-2].stderr.encode()) <= 1024 * 1024 < runs[-2].stderr_bytes
    stats = store.describe(NOW - timedelta(days=1))
    assert stats.runs + stats.events == len(good) + len(weird)
    assert stats.untimed == 5
    service = service_on(store)
    assert service.recent_failures(RecentFailures(limit=50)).failed == 1
    assert service.logs_for_spec(LogsForSpec(spec_id="spec_a", limit=50)).attempts
    for run_id in weird:
        assert service.get_run(GetRun(run_id=run_id)).run_id == run_id


def test_a_document_with_broken_characters_is_read(store, logs):
    logs.insert_one(v1_0(_id="good"))
    broken = bson.encode(v1_0(_id="a", stderr="é")).replace("é".encode(), b"\xff\xfe")
    logs.insert_one(RawBSONDocument(broken))

    assert sorted(found(store)) == ["a", "good"]
    assert store.fetch(["a"])[0].stderr == "\ufffd\ufffd"


def test_lines_without_a_timestamp_stand_where_their_time_or_id_puts_them(store, logs):
    record_times = [NOW - timedelta(minutes=place) for place in range(4)]
    logs.insert_one(v1_0(_id="run", timestamp=record_times[1]))
    logs.insert_one({"_id": "line", "level": 50, "msg": "a", "time": record_times[2]})
    named = ObjectId.from_datetime(record_times[0])
    logs.insert_one({"_id": named, "level": 30, "msg": "b"})
    logs.insert_one({"_id": "lost", "level": 30, "msg": "c"})

    assert found(store) == [str(named), "run", "line", "lost"]
    assert found(store, oldest_first=True) == ["lost", "line", "run", str(named)]
    assert found(store, since=record_times[2]) == [str(named), "run", "line"]
    assert found(store, until=record_times[1]) == ["line", "lost"]
    stats = store.describe(NOW)
    assert (stats.untimed, stats.oldest, stats.newest) == (2, record_times[2], record_times[0])
    assert store.prune(NOW + timedelta(days=1)) == 3  # what tells no time is not known to be old
    assert found(store) == ["lost"]


def test_a_collection_with_v1_0s_indexes_or_none_gives_the_same_answers(
    mongod, store, logs, open_at
):
    runs = mixed(300)
    store.insert(runs)
    queries = [
        RunQuery(**{"kind": kind, "failed": failed, "limit": 50} | {name: value})
        for name, values in SHAPES.items()
        for value in {*values}
        for kind, failed in ((None, None), ("run", None), (None, True), ("event", False))
    ]
    for collection, indexes in (("v1", V1_0_INDEXES), ("none", ())):
        other_logs = logs.database[collection]
        other_logs.delete_many({})
        for key in indexes:
            other_logs.create_index(key if isinstance(key, list) else [(key, -1)])
        other = open_at(mongod.url("test", collection=collection))
        other.insert(runs)
        for query in queries:
            found, expected = other.find(query), store.find(query)
            assert found.runs == expected.runs, query
            assert (found.next is None) == (expected.next is None), query
            assert other.count(query, at_most=100) == store.count(query, at_most=100), query


def test_more_records_than_are_counted_are_told(store, logs, monkeypatch):
    from genesis_mcp.stores.mongodb import statistics

    monkeypatch.setattr(statistics, "COUNTED_MAX", 10)
    service = service_on(store)
    for place in range(15):
        record(service, exit_code=1, minutes_ago=place)

    described = service.describe_logs(DescribeLogs())

    assert described.runs == 10
    assert described.counted_since.startswith("2025-12-19T15:21:00Z")
    assert described.oldest.startswith("2025-12-19T15:16:00Z")
    assert "(older ones are not counted)" in described.summary
    assert described.specs[0].runs_is_minimum


ODD_TIMES = [
    *({"timestamp": [NOW - timedelta(days=days)]} for days in range(3)),
    {"timestamp": None, "time": NOW - timedelta(days=1)},
    {"timestamp": "noon", "time": ["noon", NOW - timedelta(days=2)]},
    {"timestamp": DatetimeMS(2**60)},
    {},
]
ODD_STANDINGS: list[dict[str, Any]] = [
    *({"exit_code": code} for code in (*FAILING, *NOT_FAILING)),
    *(
        {"exit_code": None, "level": level, "kind": kind, "outcome": outcome}
        for level in (None, "info", 50, "CRITICAL", [30, "error"], {"a": 1})
        for kind in (None, "run", "event", "suite", "strange", 7)
        for outcome in (None, "failed", "passed")
    ),
    *({"exit_code": None, name: "x"} for name in ("message", "stdout", "code_snapshot", "msg")),
]


@pytest.mark.parametrize("indexes", [V1_0_INDEXES, ()])
def test_figures_that_the_server_counts_are_those_of_the_records(mongod, logs, open_at, indexes):
    logs = logs.database.figures
    logs.drop()
    for key in indexes:
        logs.create_index(key if isinstance(key, list) else [(key, -1)])
    labels = [None, "a", "b", "", 5, ["a"]]
    logs.insert_many(
        v1_0(place, **dict.fromkeys(("spec_id", "service", "sprint_id"), labels[place % 6]))
        | {"stdout": None, "code_snapshot": None, "iteration": None, "duration_ms": None}
        | standing
        | ODD_TIMES[place % 7]
        for place, standing in enumerate(ODD_STANDINGS)
    )
    store = open_at(mongod.url("test", collection="figures"))
    records = every_page(store, RunQuery(limit=50, suites=True))

    stats = store.describe(NOW - timedelta(days=30))

    assert len(records) == len(ODD_STANDINGS)
    expected = recounted(records, NOW - timedelta(days=30))
    del expected["oldest"]  # that of those that tell a time
    assert {name: getattr(stats, name) for name in expected} == expected
    assert stats.oldest == min(one.timestamp for one in records if one.timestamp.year > 1970)
    for spec in stats.specs:
        those = [one for one in records if one.spec_id == spec.spec_id]
        attempts = [one for one in those if one.kind != "event"]
        assert spec.newest == max(one.timestamp for one in those)
        assert (spec.runs, spec.failed) == (len(attempts), sum(one.failed for one in attempts))


@pytest.mark.parametrize("indexed", [True, False])
def test_a_search_says_how_far_it_got_and_goes_on_from_there(
    mongod, store, logs, open_at, monkeypatch, indexed
):
    from genesis_mcp.stores.mongodb import reading

    monkeypatch.setattr(reading, "SEARCHED_MAX", 10)
    if not indexed:
        logs = logs.database.searched
        logs.drop()
        store = open_at(mongod.url("test", collection="searched"))
    # Two of one millisecond each, so that the tenth has another beside it; passed runs between.
    logs.insert_many(v1_0(place // 2, exit_code=place % 3, stderr="boom") for place in range(60))
    logs.insert_many(
        {"level": 50, "msg": "boom", "time": NOW - timedelta(minutes=n)} for n in (1, 9)
    )
    oldest = v1_0(99, _id="oldest", exit_code=1, stderr="agulha")
    logs.insert_one(oldest)

    query = RunQuery(text="agulha", limit=5)
    pages = [store.find(query)]
    while pages[-1].searched_since:
        assert len(pages) < 20
        query = replace(query, until=pages[-1].searched_since)
        pages.append(store.find(query))

    assert [one.run_id for page in pages for one in page.runs] == ["oldest"]
    assert len(pages) > 3
    first = store.find(RunQuery(text="boom", limit=100))
    assert first.searched_since == min(one.timestamp for one in first.runs)
    assert 10 <= len(first.runs) <= 14


def test_a_search_in_a_busy_spec_looks_at_the_newest_documents_where_no_index_has_its_runs_by_time(
    v1_0, monkeypatch
):
    from genesis_mcp.stores.mongodb import reading

    monkeypatch.setattr(reading, "LOOKED_AT_MAX", 20)
    v1_0.write(
        {
            "spec_id": "rara" if place % 10 == 0 else "cheia",
            "exit_code": 1,
            "stderr": "boom",
            "timestamp": NOW - timedelta(minutes=place // 2),
            "iteration": place,
        }
        for place in range(100)
    )

    query = RunQuery(text="boom", spec_id="cheia", limit=100)
    pages = [v1_0.store.find(query)]
    while since := pages[-1].searched_since:
        assert len(pages) < 20
        pages.append(v1_0.store.find(replace(query, until=since)))
    found = [run.iteration for page in pages for run in page.runs]
    assert sorted(found) == [place for place in range(100) if place % 10]
    assert [len(page.runs) for page in pages] == [*[18] * 5, 0]
    rare = v1_0.store.find(RunQuery(text="boom", spec_id="rara"))
    assert (len(rare.runs), rare.searched_since) == (10, None)


# --- indexes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("indexes", ["ours", "v1.0"])
def test_no_question_scans_the_collection_or_sorts_more_than_a_page(mongod, open_at, indexes):
    """By what the server's profiler says of the commands that the questions really send."""
    with mongod.client() as client:
        client.drop_database("profiled")
        database = client.profiled
        store = open_at(mongod.url("profiled"))
        if indexes == "ours":
            store.ensure_schema()
        else:
            for key in V1_0_INDEXES:
                database.logs.create_index(key if isinstance(key, list) else [(key, -1)])
        service = service_on(store)
        service.record(
            [
                make_run(
                    {
                        "spec_id": f"spec_{place % 7}",
                        "exit_code": place % 3,
                        "stderr": f"ValueError: {place % 5}",
                        "service": "soma",
                        "sprint_id": "S1",
                        "timestamp": NOW - timedelta(minutes=place),
                    },
                    recorded_by="test",
                )
                for place in range(1000)
            ]
        )
        (newest,) = store.find(RunQuery(limit=1)).runs
        database.command("profile", 2)
        service.recent_failures(RecentFailures())
        service.recent_failures(RecentFailures(since="24h", spec_id="spec_1"))
        service.logs_for_spec(LogsForSpec(spec_id="spec_1"))
        service.logs_for_spec(LogsForSpec(spec_id="spec_1", failures_only=True))
        service.logs_for_spec(LogsForSpec(spec_id="absent"))
        service.get_run(GetRun(run_id=newest.run_id))
        service.describe_logs(DescribeLogs())
        every_page(store, RunQuery(failed=True, limit=100))
        if indexes == "ours":
            service.recent_failures(RecentFailures(service="soma"))
            service.recent_failures(RecentFailures(sprint_id="S1"))
        database.command("profile", 0)
        asked = list(database.system.profile.find({"ns": "profiled.logs", "op": {"$ne": "remove"}}))
    plans = [one for one in asked if "planSummary" in one]
    assert len(plans) > 40
    assert [one["command"] for one in plans if "COLLSCAN" in one["planSummary"]] == []
    if indexes == "ours":
        # Documents without a time of their own are put in order in memory: there are none here. So
        # are those of one millisecond, by their arrivals.
        with mongod.client() as client:
            sorted_in_memory = [
                one["command"]
                for one in plans
                if one.get("hasSortStage")
                and "recorded_at" not in one["command"].get("sort", {})
                and not sorts_what_was_counted(client.profiled, one["command"])
            ]
        assert sorted_in_memory == []


@pytest.mark.parametrize("indexes", ["ours", "v1.0"])
@pytest.mark.parametrize("failed", [None, True])
@pytest.mark.parametrize("kind", ["run", "event"])
def test_what_is_counted_of_all_times_reads_no_more_than_is_counted(
    mongod, open_at, kind, failed, indexes
):
    """Neither a document, nor more entries of an index than are found."""
    with mongod.client() as client:
        client.drop_database("profiled")
        logs = client.profiled.logs
        store = open_at(mongod.url("profiled"))
        if indexes == "ours":
            store.ensure_schema()
        else:
            for key in V1_0_INDEXES:
                logs.create_index(key if isinstance(key, list) else [(key, 1)])
        logs.insert_many(
            v1_0(place, exit_code=int(place % 4 == 0), level="error") for place in range(400)
        )
        store.count(RunQuery(), at_most=1)
        client.profiled.command("profile", 2)
        counted = store.count(RunQuery(kind=kind, failed=failed), at_most=50)
        client.profiled.command("profile", 0)
        asked = list(client.profiled.system.profile.find({"ns": "profiled.logs"}))

    assert asked
    assert counted == (50 if kind == "run" else 0)
    assert sum(one["docsExamined"] for one in asked) == 0
    assert sum(one["keysExamined"] for one in asked) <= counted + 2


@pytest.mark.parametrize("indexes", ["ours", "v1.0"])
def test_attempts_are_looked_up_by_their_numbers_however_many_their_spec_has(
    mongod, open_at, indexes
):
    """The planner by itself takes an index of the specs, by which all of their runs are read."""
    with mongod.client() as client:
        client.drop_database("profiled")
        logs = client.profiled.logs
        store = open_at(mongod.url("profiled"))
        if indexes == "ours":
            store.ensure_schema()
        else:
            for key in V1_0_INDEXES:
                logs.create_index(key if isinstance(key, list) else [(key, 1)])
        logs.insert_many(
            v1_0(place, spec_id=f"spec_{place % 4}", iteration=place // 4 % 300)
            for place in range(1_210)
        )
        named = [Attempt(f"spec_{spec}", number) for spec in range(3) for number in (1, 150, 299)]
        store.count(RunQuery(), at_most=1)
        client.profiled.command("profile", 2)
        repeated = store.repeated(named)
        client.profiled.command("profile", 0)
        asked = list(client.profiled.system.profile.find({"ns": "profiled.logs"}))

    assert repeated == {Attempt("spec_0", 1), Attempt("spec_1", 1), Attempt("spec_2", 1)}
    assert asked
    assert sum(one["docsExamined"] for one in asked) <= 2 * len(named)


def test_a_question_asks_once_whether_there_are_documents_without_a_timestamp(mongod, open_at):
    """And each question anew: the first such line is seen at once."""
    with mongod.client() as client:
        client.drop_database("profiled")
        database = client.profiled
        store = open_at(mongod.url("profiled"))
        store.ensure_schema()
        service = service_on(store)
        for place in range(12):
            record(service, exit_code=1, stderr=f"ValueError: {place}", minutes_ago=place)
        database.command("profile", 2)
        service.recent_failures(RecentFailures(since="24h"))
        database.command("profile", 0)
        asked = [one["command"] for one in database.system.profile.find({"op": "query"})]
        database.logs.insert_one({"level": 50, "msg": "a", "time": NOW})
        told = service.recent_failures(RecentFailures(since="24h"))

    assert len([one for one in asked if "timestamp" in str(one["filter"].get("$or"))]) == 1
    assert told.error_events == 1


def sorts_what_was_counted(database, command):
    """Whether the documents themselves are read in order, and groups of them are sorted."""
    pipeline = command.get("pipeline", [])
    if not pipeline or "$facet" not in pipeline[-1]:
        return False
    read = {"aggregate": "logs", "pipeline": pipeline[:3], "hint": command["hint"], "cursor": {}}
    assert [next(iter(stage)) for stage in read["pipeline"]] == ["$match", "$sort", "$limit"]
    return "'stage': 'SORT'" not in str(database.command("explain", read))


def test_lists_never_send_the_big_texts(mongod, store, logs):
    text = "x" * 500_000
    logs.insert_many(v1_0(place, exit_code=1, stderr=text, stdout=text) for place in range(20))
    database = logs.database
    database.command("profile", 2)
    store.find(RunQuery(failed=True))
    store.failures(RunQuery())
    store.describe(NOW)
    store.fetch([str(one["_id"]) for one in logs.find({}, {"_id": 1})], text_bytes=1000)
    database.command("profile", 0)
    sent = [one.get("responseLength", 0) for one in database.system.profile.find()]
    database.system.profile.drop()

    assert 0 < max(sent) < 400_000


def test_an_index_that_was_dropped_a_moment_ago_is_done_without(store, logs):
    record(service_on(store), exit_code=1)
    assert len(found(store, failed=True)) == 1
    logs.drop_indexes()

    assert len(found(store, failed=True)) == 1
    assert len(store.ensure_schema()) == len(OURS)
    assert store.ensure_schema() == []


def test_init_explains_v1_0s_indexes_and_leaves_them(mongod):
    with mongod.client() as client:
        client.drop_database("old")
        for key in V1_0_INDEXES:
            client.old.logs.create_index(key if isinstance(key, list) else [(key, -1)])
        before = client.old.logs.index_information()
        done = cli("init", store_url=mongod.url("old")).stdout.decode()
        after = client.old.logs.index_information()

    assert "Created the index genesis_time." in done
    assert "The v1.0 index on timestamp is kept" in done
    assert {name: after[name] for name in before} == before
    assert not any("expireAfterSeconds" in index for index in after.values())


def test_a_collection_with_the_indexes_of_an_earlier_version_is_read_and_gets_the_new_ones(
    mongod, open_at
):
    with mongod.client() as client:
        client.drop_database("earlier")
        logs = client.earlier.logs
        logs.create_index(
            [*BY_LEVEL],
            name="genesis_level",
            partialFilterExpression={"level": {"$exists": True}},
        )
        for index in OURS:
            if index not in (EVENTS, CODES):
                logs.create_indexes([model(index)])
        logs.insert_many(v1_0(place, exit_code=place % 2, level="error") for place in range(6))
        logs.insert_one({"level": "error", "message": "falhou", "timestamp": NOW})
        store = open_at(mongod.url("earlier"))
        query = RunQuery(failed=True)
        before = found(store, failed=True), store.count(query, at_most=9)
        told = store.ensure_schema()
        after = found(store, failed=True), store.count(query, at_most=9)

    assert before == after
    assert after[1] == len(after[0]) == 4
    assert told[:2] == ["Created the index genesis_events.", "Created the index genesis_code."]
    assert "genesis_level of an earlier version is kept" in told[2]
    assert store.ensure_schema() == []


def test_only_when_asked_for_mongodb_deletes_what_is_old(mongod, store, logs):
    assert "expireAfterSeconds" not in str(logs.index_information())
    logs.create_index([("timestamp", -1)])
    logs.insert_many([v1_0(_id="old"), v1_0(_id="new", timestamp=datetime.now(UTC))])

    done = cli("init", "--ttl-days", "30", store_url=mongod.url("test"))
    assert done.returncode == 0, done.stderr
    assert "older than 30 days" in done.stdout.decode()
    again = cli("init", "--ttl-days", "60", store_url=mongod.url("test"))
    assert again.returncode == 0, again.stderr

    assert logs.index_information()["timestamp_-1"]["expireAfterSeconds"] == 60 * 86_400
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while "old" in found(store):  # the server looks once a second
        assert datetime.now(UTC) < deadline, "nothing was deleted"
    assert found(store) == ["new"]
    limits = cli("describe", "--json", store_url=mongod.url("test")).stdout.decode()
    assert "deletes what has a timestamp older than 60 days" in limits
    logs.drop_index("timestamp_-1")


def test_a_store_without_expiry_refuses_it(tmp_path):
    done = cli("init", "--ttl-days", "30", store_url=f"sqlite:///{tmp_path / 'a.db'}")

    assert done.returncode == 2
    assert "--ttl-days" in done.stderr.decode()


# --- the URL ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mongodb://h/?tsl=true", "tsl"),
        ("mongodb://h/genesis?retryWrites=true&maxTimeMS=5", "maxTimeMS"),
        ("mongodb+srv://h/?tlss=true", "tlss"),
        ("mongodb://", "no valid MongoDB URL"),
        ("mongodb://u:s3nh4@/x", "no valid MongoDB URL"),
        ("mongodb://u:s3nh4?x=1@h/", "percent-encoded"),
        ("mongodb://h/?s3n%25h4=1", "not shown"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused_at_once(open_at, url, said):
    with pytest.raises(ConfigError) as caught:
        open_at(url)
    assert said in str(caught.value)
    assert "s3nh4" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://u:s3n:h4@h/",
        "mongodb://h/?tls=talvez",
        "mongodb://h/?serverSelectionTimeoutMS=soon",
        "mongodb://h/?tlsCAFile=/absent.pem&tls=true",
        "mongodb://h/a b$c",
        "mongodb://h:99999/x",
    ],
)
def test_a_url_that_the_driver_does_not_take_is_a_configuration_error(open_at, url):
    store = open_at(url)
    with pytest.raises(ConfigError) as caught:
        store.ping()
    assert "s3n" not in str(caught.value)
    assert "absent" not in str(caught.value)


def test_database_and_collection_come_from_the_url(mongod, open_at):
    url = f"mongodb://{mongod.address}/admin?database=elsewhere&collection=runs"
    store = open_at(url)
    record(service_on(store), exit_code=1)

    with mongod.client() as client:
        assert client.elsewhere.runs.count_documents({}) == 1
        client.drop_database("elsewhere")


# --- rights -------------------------------------------------------------------------------------


def documented_commands():
    """The commands of docs/mongodb.md, as they are written there."""
    text = (ROOT / "docs" / "mongodb.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```javascript\n(.*?)```", text, re.DOTALL))
    return [json.loads(one) for one in re.findall(r"db\.runCommand\((.*?)\)\n", blocks, re.DOTALL)]


@pytest.fixture(scope="module")
def guarded(has_mongod, tmp_path_factory):
    """A server with the accounts of docs/mongodb.md; `url(name)` is for one of them."""
    commands = documented_commands()
    users = {one["createUser"]: one["pwd"] for one in commands if "createUser" in one}
    assert len(commands) == 6
    with Mongod(tmp_path_factory.mktemp("guarded"), auth=True) as server:
        with server.client() as client:
            for command in commands:
                client.genesis.command(command)
        yield lambda name, **options: server.url(
            "genesis", user=name, password=options.pop("password", users[name]), **options
        )


def test_the_documented_accounts_may_do_what_is_said_and_no_more(guarded, open_at):
    keeper, writer, reader = (
        open_at(guarded(f"genesis-{name}")) for name in ("keeper", "writer", "reader")
    )
    with pytest.raises(WriteNotAllowed):
        reader.ensure_schema()
    assert "Created the index genesis_time." in keeper.ensure_schema()
    service = service_on(writer)
    assert record(service, exit_code=1, stderr="ValueError: a", run_id="r").iteration == 1
    assert record(service, exit_code=1, stderr="ValueError: a", run_id="r").status == "duplicate"
    assert [writer.describe(NOW).writable, reader.describe(NOW).writable] == [True, False]
    assert [writer.may_write(), reader.may_write()] == [True, False]
    assert service_on(reader).recent_failures(RecentFailures()).failed == 1

    for refused in (
        lambda: record(service_on(reader)),
        lambda: record(service_on(keeper)),
        lambda: reader.expire_after(1),
        lambda: writer.prune(NOW + timedelta(days=1)),
        lambda: reader.prune(NOW + timedelta(days=1)),
    ):
        with pytest.raises(WriteNotAllowed, match="may only read"):
            refused()
    assert keeper.prune(NOW + timedelta(days=1)) == 1
    assert keeper.expire_after(90)


def test_an_account_that_may_only_insert_can_record(guarded, open_at):
    from pymongo import MongoClient

    with MongoClient(guarded("genesis-writer")) as client, pytest.raises(Exception, match="auth"):
        client.genesis.command("updateUser", "genesis-writer", roles=["genesisWriter"])
    address = guarded("genesis-writer").rpartition("@")[2].partition("/")[0]
    with MongoClient(f"mongodb://{ADMIN}:{PASSWORD}@{address}") as client:
        only: dict[str, Any] = {"pwd": "x1", "roles": ["genesisWriter"]}
        client.genesis.command("createUser", "only-insert", **only)
    store = open_at(f"mongodb://only-insert:x1@{address}/genesis")
    run = make_run({"spec_id": "a", "exit_code": 1}, recorded_by="test")

    assert store.insert([run])[0].status == "recorded"
    assert store.insert([run])[0].status == "duplicate"
    with pytest.raises(StoreUnavailable, match="may not read"):
        store.find(RunQuery())


# --- iterations ---------------------------------------------------------------------------------


def test_eight_writers_at_once_never_give_one_iteration_twice(mongod, store, open_at):
    """Each with a store of its own, as processes have; each call asks for one or two."""

    def work(place):
        writer = open_at(mongod.url("test"))
        given = []
        for turn in range(12):
            fields = {"spec_id": "soma", "exit_code": 1}
            runs = [make_run(fields, recorded_by="test") for _ in range(1 + (turn + place) % 2)]
            given += [one.iteration for one in writer.insert(runs)]
        return given

    given = [iteration for several in in_threads(8, work) for iteration in several]

    assert sorted(given) == list(range(1, 145))
    runs = every_page(store, RunQuery(spec_id="soma", limit=100))
    assert sorted(one.iteration or 0 for one in runs) == list(range(1, 145))


def test_counters_that_are_lost_or_old_do_no_harm(store, logs):
    run = {"spec_id": "soma", "exit_code": 1}
    counters = logs.database.logs_iterations

    def iteration():
        return store.insert([make_run(run, recorded_by="test")])[0].iteration

    assert [iteration(), iteration()] == [1, 2]
    counters.delete_many({})
    assert iteration() == 3
    store.insert([make_run({**run, "iteration": 40}, recorded_by="test")])
    assert iteration() == 41
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    counters.update_one({"_id": "soma"}, {"$set": {"highest": 900, "at": long_ago}})
    assert iteration() == 42
    counters.update_one({"_id": "soma"}, {"$set": {"highest": 900}})  # of a writer just now
    assert iteration() == 901
    assert counters.count_documents({}) == 1


@pytest.mark.parametrize(
    "text", ["", "0", "f" * 24, "f" * 25, "ffz", "G", "row-1", "6a", "6:", "6~"]
)
def test_the_least_object_id_at_or_after_a_text_is_found(text):
    digits = "0123456789abcdef"
    some = sorted({f"{a}{b}{c * 22}" for a in digits for b in digits for c in "0f"})
    least = least_object_id(text)
    expected = [one for one in some if one >= text]
    assert expected == ([] if least is None else [one for one in some if one >= str(least)])


@pytest.mark.parametrize(
    "run_id",
    ['{"$oid": "x"}', '{"$binary": {}}', '{"$numberLong": {}}', '{"$date": "never"}', "{"],
)
def test_an_id_that_looks_like_extended_json_and_is_none_is_no_runs(run_id):
    assert ids_named(run_id) == [run_id]


def test_a_spec_that_is_forgotten_leaves_no_counter_with_its_name(store, logs):
    service = service_on(store)
    first, second = (record(service, "ana@example.com") for _ in range(2))
    record(service, "soma")
    counters = logs.database.logs_iterations

    store.forget([first.run_id])
    assert sorted(counters.distinct("_id")) == ["ana@example.com", "soma"]
    store.forget([second.run_id])
    assert counters.distinct("_id") == ["soma"]
