"""What an engine deletes by itself once it is old: it is refused, and never acknowledged."""

from datetime import timedelta

import pytest

from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import RecordRun
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import now
from genesis_mcp.validation import parse
from tests.helpers.clickhouse import Server
from tests.helpers.command_line import cli, summary
from tests.helpers.mongod import mongodb_store
from tests.helpers.service import service_on


@pytest.fixture(params=["clickhouse", "mongodb"])
def expiring(request, open_at):
    """The URL of a store that keeps 90 days."""
    if request.param == "mongodb":
        server = request.getfixturevalue("mongod")
        store = mongodb_store(server, "expiry")
        store.expire_after(90)
        store.close()
        yield server.url("expiry")
        with server.client() as client:
            client.drop_database("expiry")
        return
    server = Server(request.getfixturevalue("clickhouse_port"))
    url = server.url(database="expiry")
    open_at(url).ensure_schema()
    yield url
    server.run("DROP DATABASE expiry SYNC")


OLD = now() - timedelta(days=91)
GONE = "older than 90 days: it would be gone at once"


def test_a_run_that_would_be_gone_at_once_is_refused_by_every_way_in(expiring, open_at, tmp_path):
    store = open_at(expiring)
    service = service_on(store)
    old = {"spec_id": "a", "exit_code": 1, "timestamp": OLD}
    with pytest.raises(InputError, match=GONE):
        service.record_run(parse(RecordRun, old), recorded_by="test")
    with pytest.raises(InputError, match=GONE):
        store.insert([make_run(old, recorded_by="test")])

    stamp, newer = OLD.isoformat(), (now() - timedelta(days=80)).isoformat()
    record = f'{{"spec_id": "a", "exit_code": 1, "timestamp": "{stamp}"}}\n'
    done = cli("record", store_url=expiring, input=record.encode())
    assert (done.returncode, GONE in done.stderr.decode()) == (2, True)
    lines = record + record.replace(stamp, newer)
    (tmp_path / "a.ndjson").write_text(lines, encoding="utf-8")
    done = cli("ingest", "--json", str(tmp_path / "a.ndjson"), store_url=expiring)
    assert (summary(done)["recorded"], summary(done)["rejected"]) == (1, 1)
    assert (done.returncode, GONE in done.stderr.decode()) == (2, True)
    assert [run.timestamp.isoformat()[:16] for run in store.find(RunQuery()).runs] == [newer[:16]]


def test_a_limit_that_was_lifted_refuses_nothing(expiring, open_at, request):
    store = open_at(expiring)
    run = make_run({"spec_id": "a", "exit_code": 1, "timestamp": OLD}, recorded_by="test")
    with pytest.raises(InputError, match=GONE):
        store.insert([run])
    if expiring.startswith("clickhouse"):
        Server(request.getfixturevalue("clickhouse_port")).run("ALTER TABLE expiry.logs REMOVE TTL")
    else:
        with request.getfixturevalue("mongod").client() as client:
            client.expiry.logs.drop_index("genesis_ttl")
    assert store.insert([run])[0].status == "recorded"
    assert store.insert([run])[0].status == "duplicate"
