"""Dashboards: each query runs on the real engine, and its figures are those of the answers."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from bson import json_util

from deploy import dashboards
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.signing import sign
from genesis_mcp.stores.contract import LABELS_DESCRIBED
from tests.helpers.clickhouse import Server
from tests.helpers.mongod import mongodb_store

BEGAN = datetime(2026, 1, 5, 22, tzinfo=UTC)
ERRORS = ("ValueError: soma", "TypeError: pedido sem itens", "KeyError: 'saldo'")


def records(number=120):
    """Runs and events of two days, as the documents' loggers write them: no column of ours."""
    for place in range(number):
        moment = BEGAN + timedelta(minutes=3 * place)
        label = {"spec_id": f"spec_{place % 7}", "service": ("api", "worker")[place % 2]}
        if place % 5 == 4:
            level = "error" if place % 10 == 9 else "info"
            yield {"timestamp": moment, "level": level, "message": "pedido", **label}
        else:
            code = place % 3
            stderr = f"{ERRORS[place % 3]}\n" if code else ""
            yield {
                "timestamp": moment,
                "iteration": place + 1,
                "exit_code": code,
                **label,
                "stdout": "1 passed",
                "stderr": stderr,
                "duration_ms": 10 + place,
            }


def ours():
    """The same as a recorder keeps it, and a suite, whose tests are counted elsewhere."""
    suite = {"kind": "suite", "spec_id": "spec_1", "outcome": "failed", "timestamp": BEGAN}
    return [sign(make_run(one, recorded_by="tests")) for one in (*records(), suite)]


def asked(server, database, file):
    """The rows of each panel, by its title."""
    rows = {}
    for panel in json.loads((dashboards.FOLDER / "grafana/dashboards" / file).read_text())[
        "panels"
    ]:
        sql = panel["targets"][0]["rawSql"]
        moments = (int(one.timestamp() * 1000) for one in (BEGAN, BEGAN + timedelta(days=9)))
        limits = " AND timestamp <= ".join(f"fromUnixTimestamp64Milli({one})" for one in moments)
        sql = sql.replace(dashboards.IN_RANGE, f"timestamp >= {limits}")
        sql = sql.replace("FROM logs", f"FROM {database}.logs")
        assert "$" not in sql
        told = server.run(f"{sql} FORMAT JSONEachRow")
        rows[panel["title"]] = [json.loads(line) for line in told.splitlines()]
    return rows


def check_grafana(store, rows):
    stats = store.describe(BEGAN)
    days = [(day.day, day.runs, day.failed, day.events) for day in reversed(stats.days)]
    assert len(days) == 2
    assert figures(rows["Totals"][0]) == (stats.runs, stats.failed, stats.events)
    assert rows["Newest record"][0]["newest"] == f"{stats.newest:%Y-%m-%d %H:%M:%S.000}"
    told = rows["Runs and failures a day"]
    assert [(datetime.fromisoformat(one["time"]).date(), *figures(one)) for one in told] == days
    check_specs(
        store,
        [
            (one["spec_id"], int(one["runs"]), int(one["failures"]))
            for one in rows["Specs that fail most"]
        ],
    )
    services = [(one["service"], int(one["records"])) for one in rows["Records of each service"]]
    assert services == [(one.value, one.records) for one in stats.services]
    newest = [(one["spec_id"], one["iteration"]) for one in rows["Newest failures"]]
    found = store.find(RunQuery(failed=True, suites=True, limit=dashboards.LISTED)).runs
    assert newest == [(one.spec_id, one.iteration or 0) for one in found]


def figures(row):
    return tuple(int(row[name]) for name in ("runs", "failures", "events"))


def check_specs(store, told):
    specs = [(one.spec_id, one.runs, one.failed) for one in store.specs(limit=LABELS_DESCRIBED)]
    wanted = [one for one in specs if one[2]]
    assert told == sorted(wanted, key=lambda one: (-one[2], one[0]))
    assert told


def test_grafanas_figures_are_those_of_the_answers(clickhouse_table, empty_clickhouse_store):
    store = empty_clickhouse_store
    store.insert(ours())
    url, _ = clickhouse_table
    server = Server(int(url.rpartition(":")[2].partition("/")[0]))
    rows = asked(server, "contract", "genesis.json")
    check_grafana(store, rows)
    errors = {one["error"]: int(one["failures"]) for one in rows["Errors"]}
    failed = store.find(RunQuery(failed=True, suites=True, limit=1000)).runs
    assert errors == Counter(one.signature.group for one in failed)
    assert len(errors) == 4  # two of runs, one of events, one of a suite without a word
    store.close()


def test_grafanas_figures_of_the_documents_table(v1_2, clickhouse_port):
    v1_2.write(list(records()))
    check_grafana(v1_2.store, asked(Server(clickhouse_port), "foreign", "genesis-v1.2.json"))


@pytest.fixture(params=["ours", "v1.0"])
def logs(request, mongod):
    """A store and its collection, written by us or by the documents' logger."""
    if request.param == "ours":
        store = mongodb_store(mongod, "charts")
        store.insert(ours())
        with mongod.client() as client:
            yield store, client["charts"].logs
        store.close()
    else:
        written = request.getfixturevalue("v1_0")
        written.write(list(records()))
        yield written.store, written.logs


def test_the_charts_figures_are_those_of_the_answers(logs):
    store, collection = logs
    stats = store.describe(BEGAN)
    charts = json_util.loads(dashboards.CHARTS.read_text(encoding="utf-8"))
    rows = {one["title"]: list(collection.aggregate(one["pipeline"])) for one in charts}
    assert figures(rows["Totals"][0]) == (stats.runs, stats.failed, stats.events)
    days = [(one["_id"].date(), *figures(one)) for one in rows["Runs and failures a day"]]
    assert days == [(day.day, day.runs, day.failed, day.events) for day in reversed(stats.days)]
    check_specs(
        store, [(one["_id"], one["runs"], one["failures"]) for one in rows["Specs that fail most"]]
    )
    services = [(one["_id"], one["records"]) for one in rows["Records of each service"]]
    assert services == [(one.value, one.records) for one in stats.services]


def test_the_files_are_those_that_are_made():
    for place, text in dashboards.files().items():
        assert place.read_text(encoding="utf-8") == text
