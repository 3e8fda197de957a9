"""The table of a cluster: a Distributed one over that of a shard, by the statements of the page.

The engine is a cluster of one, which asks its own shard as it would the nearest of many.
"""

import re
from datetime import timedelta

import pytest

from genesis_mcp.errors import SchemaMismatch, StoreError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import (
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.kept_note import Note
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import now
from tests.helpers.paths import ROOT

PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
SHARD = "genesis_shard"
NEWEST = now().replace(microsecond=0) - timedelta(minutes=10)
MANY = 60_000
GROUP = "685d80772d80ced0"


def cluster_statements():
    """Those of the page, for a cluster of one, which needs nothing sent to other servers."""
    (block,) = re.findall(r"```sql\n(CREATE.*?)```", PAGE, re.DOTALL)
    plain = block.replace(" ON CLUSTER team", "").replace("(team,", "(alone,")
    return [one.strip() for one in plain.split(";") if one.strip()]


@pytest.fixture
def distributed(server, open_at):
    open_at(server.url(database=SHARD)).ensure_schema()
    for statement in cluster_statements():
        server.run(statement)
    yield server
    server.run(f"DROP DATABASE IF EXISTS {SHARD} SYNC")
    server.run("DROP DATABASE IF EXISTS alone SYNC")


def some_runs():
    for number in range(60):
        failed = number % 3 == 0
        yield sign(
            make_run(
                {
                    "spec_id": f"spec_{number % 7}",
                    "exit_code": int(failed),
                    "timestamp": NEWEST - timedelta(minutes=number // 2),
                    "stderr": f"ValueError: saldo insuficiente {number % 2}\n" if failed else "",
                    "code_snapshot": f"soma({number % 5})",
                    "service": "api",
                },
                recorded_by="tests",
            )
        )


def answers(store, run_id):
    service = Service(store, clock=lambda: NEWEST)
    described = service.describe_logs(DescribeLogs()).model_dump()
    del described["limits"], described["size_bytes"]
    return [
        described,
        *(
            answer.model_dump()
            for answer in (
                service.recent_failures(RecentFailures()),
                service.recent_failures(RecentFailures(spec_id="spec_3", since="7d")),
                service.logs_for_spec(LogsForSpec(spec_id="spec_3")),
                service.search_logs(SearchLogs(text="saldo insuficiente")),
                service.compare_runs(CompareRuns(spec_id="spec_3")),
                service.get_run(GetRun(run_id=run_id)),
            )
        ),
    ]


def test_a_distributed_table_takes_runs_and_answers_as_one_server(distributed, open_at):
    alone, store = (open_at(distributed.url(database=one)) for one in ("alone", "genesis"))
    alone.ensure_schema()
    runs = list(some_runs())
    for one in (alone, store):
        assert {inserted.status for inserted in one.insert(runs)} == {"recorded"}
    note = Note(group=runs[0].signature.group, version=7, text="known", noted_at=NEWEST,
                run_id=None, witness="{}")  # fmt: skip
    for one in (alone, store):
        one.keep_note(note)

    assert answers(store, runs[3].run_id) == answers(alone, runs[3].run_id)
    assert {inserted.status for inserted in store.insert(runs)} == {"duplicate"}
    assert distributed.run(f"SELECT count() FROM {SHARD}.logs") == "60\n"
    assert store.notes(current=None) == alone.notes(current=None) == [note]
    assert store.describe(NEWEST).size_bytes is None


def test_an_insert_that_is_sent_again_is_stored_once(distributed, open_at):
    store = open_at(distributed.url())
    store.ping()
    distributed.request("/test/cut-inserts?times=1")

    store.insert([make_run({"spec_id": "a", "exit_code": 1}, recorded_by="tests")])

    assert distributed.run(f"SELECT count() FROM {SHARD}.logs") == "1\n"


def test_what_the_shards_have_is_used(distributed, open_at):
    distributed.run(
        f"INSERT INTO {SHARD}.logs (timestamp, spec_id, exit_code, stderr, signature_group)"
        f" SELECT now64(3) - toIntervalSecond(number), concat('s', toString(intDiv(number, 100))),"
        f" number % 10 = 0, if(number % 10 = 0, concat('Error: w', toString(number)), ''),"
        f" if(number % 10 = 0, '{GROUP}', '')"
        f" FROM numbers({MANY})"
    )
    store = open_at(distributed.url())
    store.ping()
    of_group = RunQuery(signature_group=GROUP, failed=True)
    questions = [
        lambda: store.find(RunQuery(spec_id="s3", limit=5)),
        lambda: store.spec("s3"),
        lambda: store.describe(NEWEST),
        lambda: store.count(of_group, at_most=MANY),
    ]
    if "idx_words" in distributed.run(f"SHOW CREATE TABLE {SHARD}.logs"):  # not on older engines
        questions.append(lambda: store.find(RunQuery(text="w50")))

    read = [distributed.read_by(ask)[0] for ask in questions]

    assert [rows < MANY / 4 for rows in read] == [True] * len(read), read
    assert len(store.find(RunQuery(spec_id="s3", limit=500)).runs) == 100
    assert store.count(of_group, at_most=MANY) == MANY / 10


def test_deleting_is_for_the_shards(distributed, open_at):
    store = open_at(distributed.url())
    store.insert(list(some_runs()))
    run_id = store.find(RunQuery(limit=1)).runs[0].run_id

    for ask in (lambda: store.prune(NEWEST), lambda: store.forget([run_id])):
        with pytest.raises(SchemaMismatch, match="the shards' own tables"):
            ask()
    assert store.ensure_schema() == []

    shard = open_at(distributed.url(database=SHARD))
    assert shard.forget([run_id])[0] == 1
    assert shard.prune(NEWEST - timedelta(minutes=20)) == 18
    assert len(store.find(RunQuery(limit=100)).runs) == 41


def test_an_account_needs_its_grants_on_the_shards_too(distributed, open_at):
    distributed.run("CREATE USER genesis_reader IDENTIFIED BY 's3nh4' SETTINGS readonly = 2")
    distributed.run("GRANT SELECT ON genesis.logs TO genesis_reader")
    open_at(distributed.url()).insert(list(some_runs()))
    store = open_at(distributed.url("genesis_reader:s3nh4"))
    with pytest.raises(StoreError, match="grant it SELECT"):
        store.describe(NEWEST)

    distributed.run("GRANT SELECT ON genesis_shard.logs TO genesis_reader")

    assert store.describe(NEWEST).runs == 60
    assert not store.may_write()
