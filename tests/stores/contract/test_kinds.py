"""Run or event, how it ended, whether it failed: one table, on every reader of others' records."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from genesis_mcp.ingest.records import run_of
from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import BASE, at

EVENT, FAILED_EVENT = ("event", None, False), ("event", None, True)
PASSED, FAILED = ("run", "passed", False), ("run", "failed", True)
UNKNOWN = ("run", "unknown", False)
KILLED, NOT_STARTED = ("run", "killed", True), ("run", "not_started", True)

# What a writer tells; what it is where an exit code can be left out; and what it is in v1.2's
# table, where a 0 may be a column's default.
TABLE: list[tuple[dict[str, Any], Any, Any]] = [
    ({"exit_code": 1}, FAILED, FAILED),
    ({"exit_code": 1, "level": "info", "message": "m"}, FAILED, FAILED),
    ({"exit_code": -1, "level": "error", "message": "m"}, KILLED, KILLED),
    ({"exit_code": -2}, NOT_STARTED, NOT_STARTED),
    ({"exit_code": -2, "stderr": "KeyboardInterrupt"}, KILLED, KILLED),
    ({"exit_code": 0}, PASSED, EVENT),
    ({"exit_code": 0, "stdout": "4\n"}, PASSED, PASSED),
    ({"exit_code": 0, "code_snapshot": "soma(2, 2)"}, PASSED, PASSED),
    ({"exit_code": 0, "duration_ms": 9}, PASSED, PASSED),
    ({"exit_code": 0, "iteration": 2, "level": "info", "message": "m"}, PASSED, EVENT),
    ({"exit_code": 0, "stdout": "4\n", "level": "info", "message": "m"}, PASSED, PASSED),
    ({"exit_code": 0, "duration_ms": 9, "level": "info", "message": "m"}, PASSED, PASSED),
    ({"exit_code": 0, "iteration": 3, "spec_id": ""}, PASSED, PASSED),
    # v1.0's logger prints this beside the run that it stores.
    ({"level": "info", "message": "Execução bem sucedida", "iteration": 2}, EVENT, EVENT),
    (
        {"level": "error", "message": "Execução falhou", "iteration": 2, "stderr": "ValueError"},
        FAILED_EVENT,
        FAILED_EVENT,
    ),
    (
        {"level": "error", "message": "m", "stdout": "x", "code_snapshot": "y"},
        FAILED_EVENT,
        FAILED_EVENT,
    ),
    ({"level": "fatal", "message": "m", "duration_ms": 9}, FAILED_EVENT, FAILED_EVENT),
    ({"level": "warn", "message": "m", "stderr": "x"}, EVENT, EVENT),
    # v1.2's worker; of a table's row nobody can tell whether it was given.
    ({"level": "info", "message": "Task concluída", "duration_ms": 9, "spec_id": ""}, EVENT, EVENT),
    ({"level": "info", "message": "m", "duration_ms": 9}, EVENT, PASSED),
    ({"level": "info", "message": "m", "stdout": "x"}, EVENT, PASSED),
    ({"message": "m"}, EVENT, EVENT),
    ({"message": "m", "iteration": 2}, EVENT, EVENT),
    ({"message": "m", "stdout": "x"}, UNKNOWN, PASSED),
    ({"stderr": "x"}, UNKNOWN, PASSED),
    ({"code_snapshot": "y"}, UNKNOWN, PASSED),
    ({"iteration": 2}, UNKNOWN, PASSED),
    ({"duration_ms": 9}, UNKNOWN, PASSED),
    ({}, EVENT, EVENT),
]
LEVELS = ["error", "ERROR", "Fatal", "critical", "EMERG", "50", "60", "info", "Warning", "30", ""]
WORD = {"50": "error", "60": "fatal", "30": "info", "critical": "fatal", "EMERG": "fatal"}


def written(fields, place):
    """A record of a worker, with the names that it gives to everything."""
    labels = {"spec_id": "soma", "service": "genesis-pipeline"}
    return {**labels, "timestamp": at(place), **fields}


def told(run):
    return (run.kind, run.outcome, run.failed)


def read(writer, rows):
    """What a reader says of each row; its lists, single runs and filters must agree."""
    writer.write(rows)
    store = writer.store
    facts = store.find(RunQuery(limit=500, oldest_first=True)).runs
    assert len(facts) == len(rows)
    for whole, one in zip(store.fetch([one.run_id for one in facts]), facts, strict=True):
        assert told(whole) == told(one)
    for kind, failed in product((None, "run", "event"), (None, True, False)):
        query = RunQuery(kind=kind, failed=failed, limit=500, oldest_first=True)
        expected = [
            one.run_id for one in facts if kind in (None, one.kind) and failed in (None, one.failed)
        ]
        assert [one.run_id for one in store.find(query).runs] == expected
        assert store.count(query, at_most=1000) == len(expected)
    figures = store.describe(BASE - timedelta(days=1))
    assert figures.runs == sum(one.kind == "run" for one in facts)
    assert figures.failed == sum(one.kind == "run" and one.failed for one in facts)
    return facts


def test_mongodb_reads_the_table(v1_0):
    facts = read(v1_0, [written(fields, place) for place, (fields, _, _) in enumerate(TABLE)])
    assert [told(one) for one in facts] == [expected for _, expected, _ in TABLE]


def test_mongodb_reads_the_table_of_documents_that_have_every_name(v1_0):
    nulls: dict[str, Any] = dict.fromkeys(
        ("exit_code", "level", "message", "code_snapshot", "iteration")
    )
    nulls |= {"stdout": "", "stderr": "", "duration_ms": None}
    rows = [written(nulls | fields, place) for place, (fields, _, _) in enumerate(TABLE)]
    assert [told(one) for one in read(v1_0, rows)] == [expected for _, expected, _ in TABLE]


def test_clickhouse_reads_the_table(v1_2):
    facts = read(v1_2, [written(fields, place) for place, (fields, _, _) in enumerate(TABLE)])
    assert [told(one) for one in facts] == [expected for _, _, expected in TABLE]


@pytest.mark.parametrize(("fields", "expected"), [row[:2] for row in TABLE])
def test_a_record_in_json_is_read_so(fields, expected):
    record = {**written(fields, 0), "timestamp": at(0).isoformat()}
    assert told(run_of(record, recorded_by="test")) == expected


@pytest.mark.parametrize(("fields", "expected"), [row[:2] for row in TABLE])
def test_a_line_of_pino_is_read_so(fields, expected):
    renamed = {"message": "msg"}
    line = {renamed.get(name, name): value for name, value in written(fields, 0).items()}
    numbers = {"info": 30, "warn": 40, "error": 50, "fatal": 60}
    line |= {"time": 1_766_158_200_000, "pid": 1, "hostname": "w"}
    if "level" in line:
        line["level"] = numbers[line["level"]]
    del line["timestamp"]
    assert told(run_of(line, recorded_by="test")) == expected


@pytest.mark.parametrize("reader", ["v1_0", "v1_2"])
def test_a_level_is_read_in_each_of_its_spellings(request, reader):
    writer = request.getfixturevalue(reader)
    rows = [written({"level": one, "message": "m"}, place) for place, one in enumerate(LEVELS)]

    facts = read(writer, rows)

    assert [one.level for one in facts] == [WORD.get(one, one.lower()) or None for one in LEVELS]
    assert [one.failed for one in facts] == [True] * 7 + [False] * 4


@pytest.mark.parametrize("level", [50, 60, 55, 70, 30])
def test_pino_mongodb_writes_levels_as_numbers(v1_0, level):
    [one] = read(v1_0, [written({"level": level, "msg": "m", "iteration": 2}, 0)])
    assert (one.kind, one.failed) == ("event", level >= 50)
