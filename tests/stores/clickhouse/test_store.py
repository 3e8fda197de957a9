"""The ClickHouse store beyond the contract: the documents' table, init, rights, writing once."""

import json
import re
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.cli.main import main
from genesis_mcp.config import load_settings
from genesis_mcp.errors import ConfigError, SchemaMismatch, StoreError, WriteNotAllowed
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import DescribeLogs, GetRun, LogsForSpec, RecentFailures
from genesis_mcp.questions.consulted import Consulted
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Outcome
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import now
from genesis_mcp.stores import open_store
from genesis_mcp.stores.asking import NewestOf
from genesis_mcp.stores.clickhouse import reading
from genesis_mcp.stores.clickhouse.address import parse_address
from genesis_mcp.stores.clickhouse.schema import WORDS
from genesis_mcp.stores.clickhouse.writing import BATCH_WEEKS
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT
from tests.stores.contract.records import every_page

DOCUMENTS = (ROOT / "tests" / "documents" / "clickhouse_v1.2.sql").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "clickhouse.md").read_text(encoding="utf-8")


def statements(text):
    """The statements of a script, as they stand there."""
    plain = re.sub(r"--[^\n]*", "", text)
    return [one.strip() for one in plain.split(";") if one.strip()]


NEWEST = now() - timedelta(minutes=10)


def line(seconds, **fields):
    """A line as a Pino transport for ClickHouse writes it: what is not given is a default."""
    moment = NEWEST - timedelta(seconds=seconds)
    return json.dumps({"timestamp": f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3], **fields})


ERROR = (
    "TypeError: Cannot read properties of undefined (reading 'x')\n    at soma (/app/soma.js:15:3)"
)
LINES = [
    line(900, level="info", message="Task recebida", task_id="t-1"),
    line(800, level="info", spec_id="spec_001", iteration=1, exit_code=1, stderr=ERROR,
         code_snapshot="soma(1)", duration_ms=1500, message="run"),
    line(700, level="error", message="Falha ao processar: timeout", task_id="t-1"),
    line(600, spec_id="spec_001", iteration=2, exit_code=1, stderr=ERROR.replace("15", "18"),
         code_snapshot="soma(2)", duration_ms=1400),
    line(500, level="info", message="Task concluída", duration_ms=120),
    line(400, spec_id="spec_001", iteration=3, exit_code=0, stdout="ok", duration_ms=900),
    line(300, spec_id="spec_002", iteration=1, exit_code=-1, stdout="hanging", duration_ms=60000),
    line(210, spec_id="spec_002", iteration=2, exit_code=-2),
    line(200, spec_id="spec_001", iteration=4, exit_code=1, stderr=ERROR, duration_ms=1500,
         sprint_id="s-1"),
    line(100, level="50", message="Error: socket hang up"),
]  # fmt: skip


@pytest.fixture
def documented(server):
    """The table and the user of the documents, filled as a worker of theirs would."""
    *made, question = statements(DOCUMENTS)
    for statement in made:
        server.run(statement)
    server.run("INSERT INTO genesis.logs FORMAT JSONEachRow\n" + "\n".join(LINES))
    server.question = question
    server.reader = server.url("genesis_readonly:senha_segura")
    return server


def without_totals(answer):
    """An answer without what may have been counted to a bound only."""
    counts = ("runs", "failed", "error_events")
    names = {"summary", *counts, *(f"{name}_is_minimum" for name in counts)}
    return {name: value for name, value in answer.items() if name not in names}


# --- the documents' table -----------------------------------------------------------------------


def answers(store):
    """What the three questions answer, without the figures that tell one table from another."""
    service = Service(store, clock=lambda: NEWEST)
    described = service.describe_logs(DescribeLogs()).model_dump()
    for name in ("size_bytes", "limits", "engine", "writable"):
        del described[name]
    return [
        service.recent_failures(RecentFailures()).structured(),
        service.recent_failures(RecentFailures(spec_id="spec_001")).structured(),
        service.logs_for_spec(LogsForSpec(spec_id="spec_001")).structured(),
        service.logs_for_spec(LogsForSpec(spec_id="spec_002")).structured(),
        described,
    ]


def test_the_documents_table_is_read_by_the_documents_user(documented, open_at):
    store = open_at(documented.reader)
    service = Service(store, clock=lambda: NEWEST)

    failures = service.recent_failures(RecentFailures())
    spec = service.logs_for_spec(LogsForSpec(spec_id="spec_001"))
    described = service.describe_logs(DescribeLogs())

    counts = "5 of 6 runs failed, and 2 error events: 5 distinct errors; newest"
    assert failures.summary.startswith(counts)
    assert [(one.count, one.spec_id, one.iteration) for one in failures.errors] == [
        (1, None, None),
        (3, "spec_001", 4),
        (1, "spec_002", 2),
        (1, "spec_002", 1),
        (1, None, None),
    ]
    assert failures.errors[1].error == (
        "TypeError: Cannot read properties of undefined (reading 'x')"
    )
    assert [(one.iteration, one.ended, one.verdict) for one in spec.attempts] == [
        (4, "failed, exit 1", "regressed"),
        (3, "passed", "fixed"),
        (2, "failed, exit 1", "same error"),
        (1, "failed, exit 1", "first"),
    ]
    assert (described.runs, described.failed, described.events) == (6, 5, 4)
    assert not described.writable
    assert not store.may_write()
    assert "ClickHouse deletes what is older than 90 days" in described.limits


def test_rows_without_an_id_are_found_again_by_the_id_that_they_are_given(documented, open_at):
    store = open_at(documented.reader)
    runs = store.find(RunQuery(kind="run")).runs

    fetched = store.fetch([run.run_id for run in runs])

    assert [run.run_id for run in fetched] == [run.run_id for run in runs]
    assert [run.stderr for run in fetched if run.iteration == 2] == ["", ERROR.replace("15", "18")]
    assert store.fetch(["row-1-0", "row-x-0", "row-99999999999999999-0", "other"]) == []
    shown = Service(store).get_run(GetRun(run_id=runs[0].run_id))
    assert shown.spec_id in {"spec_001", "spec_002"}


def test_event_rows_have_no_outcome_and_runs_have_one(documented, open_at):
    rows = open_at(documented.reader).find(RunQuery()).runs

    told = [(one.kind, one.level, one.exit_code, one.outcome, one.failed) for one in rows]

    assert [one for one in told if one[0] == "event"] == [
        ("event", "error", None, None, True),
        ("event", "info", None, None, False),
        ("event", "error", None, None, True),
        ("event", "info", None, None, False),
    ]
    outcomes = sorted(str(one[3]) for one in told if one[0] == "run")
    assert outcomes == sorted(["failed"] * 3 + ["passed", "killed", "not_started"])
    assert Outcome.NOT_STARTED in {one[3] for one in told}


def test_the_documents_question_gets_the_documents_rows(documented, open_at):
    rows = documented.run(documented.question).splitlines()

    attempts = open_at(documented.reader).find(
        RunQuery(spec_id="spec_001", kind="run", failed=True, limit=10)
    )

    assert len(rows) == len(attempts.runs) == 3
    assert [row.split("\t")[4] for row in rows] == [str(run.duration_ms) for run in attempts.runs]


def test_text_is_searched_in_all_of_the_documents_table_while_it_is_small(documented, open_at):
    documented.run(
        "INSERT INTO genesis.logs (timestamp, spec_id, exit_code, stderr)"
        " VALUES (now64(3) - INTERVAL 8 DAY, 'old', 1, 'socket hang up')"
    )
    store = open_at(documented.reader)

    page = store.find(RunQuery(text="Socket HANG up"))
    assert (len(page.runs), page.searched_since) == (2, None)
    assert store.count(RunQuery(text="hang socket"), at_most=9) == 0


def test_text_is_searched_in_a_large_table_of_the_documents_a_part_at_a_time(documented, open_at):
    documented.run(
        "INSERT INTO genesis.logs (timestamp, spec_id, exit_code, stderr) SELECT"
        " now64(3) - toIntervalSecond(number), 'many', number % 50000 = 1,"
        " if(number % 50000 = 1, 'tempo esgotado', '') FROM numbers(600000)"
    )
    store = open_at(documented.reader)

    first = store.find(RunQuery(text="tempo esgotado"))
    rest = store.find(RunQuery(text="tempo esgotado", until=first.searched_since))

    assert (len(first.runs), len(rest.runs)) == (2, 2)
    assert timedelta(hours=23) < NEWEST - first.searched_since < timedelta(hours=25)
    assert "a text is searched in 1 day at a time" in store.describe(NEWEST).notes


def test_the_figures_of_a_huge_table_of_the_documents_are_those_of_two_weeks(documented, open_at):
    documented.run("TRUNCATE TABLE genesis.logs")
    documented.run(
        "INSERT INTO genesis.logs (timestamp, spec_id, exit_code, iteration) SELECT"
        " now64(3) - toIntervalSecond(number * 2), concat('spec_', toString(number % 9)),"
        " number % 10 = 0, number FROM numbers(2100000)"
    )
    service = Service(open_at(documented.reader))

    described = service.describe_logs(DescribeLogs())
    spec = service.logs_for_spec(LogsForSpec(spec_id="spec_3"))
    failures = service.recent_failures(RecentFailures())

    assert "figures are of the newest 14 days" in described.limits
    assert described.runs == pytest.approx(14 * 43_200, abs=100)
    assert spec.summary.startswith("233,333 runs, 23,333 failed")
    assert len(spec.attempts) == 5
    assert (failures.failed, failures.failed_is_minimum) == (1_000, True)


def test_nothing_can_be_recorded_in_the_documents_table(documented, open_at):
    run = make_run({"spec_id": "a", "exit_code": 1}, recorded_by="tests")

    with pytest.raises(SchemaMismatch, match="only the documents' columns"):
        open_at(documented.url()).insert([run])
    with pytest.raises(WriteNotAllowed, match="opened to read only"):
        open_at(documented.url(), read_only=True).insert([run])
    with pytest.raises(WriteNotAllowed, match="may only read"):
        open_at(documented.reader).ensure_schema()
    with pytest.raises(WriteNotAllowed, match="may only read"):
        open_at(documented.reader).prune(NEWEST)
    assert documented.run("SELECT count() FROM genesis.logs") == f"{len(LINES)}\n"


# --- init ---------------------------------------------------------------------------------------

MANY = """
INSERT INTO genesis.logs (timestamp, spec_id, iteration, exit_code, stderr, stdout, duration_ms)
SELECT now64(3) - INTERVAL 1 HOUR - toIntervalMillisecond(number * 1000), 'busy', number % 50 + 1,
  number % 3 = 0, if(number % 3 = 0, concat('ValueError: ', toString(number)), ''),
  repeat('noise ', 50), 7 FROM numbers(60000)
"""
CHECKSUM = """
SELECT count(), sum(cityHash64(timestamp, level, message, spec_id, iteration, stdout, stderr,
  exit_code, code_snapshot, duration_ms, sprint_id, task_id, service, version)) FROM genesis.logs
"""


def test_init_upgrades_the_documents_table_and_changes_no_answer_but_totals(documented, open_at):
    documented.run(MANY)
    reader = open_at(documented.reader)
    before, rows = answers(reader), documented.run(CHECKSUM)
    ids = [run.run_id for run in reader.find(RunQuery(limit=1000)).runs]

    done = open_at(documented.url()).ensure_schema()

    assert "Added the column run_id." in done
    assert done[-1] == "Built them for the rows that were there."
    assert open_at(documented.url()).ensure_schema() == []
    assert documented.run(CHECKSUM) == rows
    assert answers(reader) == before  # the server that was running meanwhile
    upgraded = open_at(documented.reader)
    after = answers(upgraded)
    assert after[0]["runs"] == 60_006
    assert "runs_is_minimum" in before[0]  # the projections tell what had to be counted
    assert [without_totals(one) for one in after] == [without_totals(one) for one in before]
    assert [run.run_id for run in upgraded.find(RunQuery(limit=1000)).runs] == ids
    assert upgraded.fetch(ids[:50]) == reader.fetch(ids[:50])


def test_an_init_that_was_interrupted_is_finished_by_the_next_one(documented, open_at):
    documented.run(MANY)
    *added, building = open_at(documented.url()).schema_statements()
    assert "MATERIALIZE PROJECTION by_spec" in building
    for statement in added:
        documented.run(statement)

    done = open_at(documented.url()).ensure_schema()

    assert done == ["Built them for the rows that were there."]
    assert open_at(documented.url()).ensure_schema() == []


def test_an_upgraded_table_is_read_less(documented, open_at):
    documented.run(MANY)
    plain = open_at(documented.reader)
    plain.ping()
    questions = [
        lambda store: store.spec("spec_002"),
        lambda store: store.find(RunQuery(spec_id="spec_002", limit=5)),
        lambda store: store.count(RunQuery(spec_id="spec_002"), at_most=100),
        lambda store: store.find(RunQuery(text="socket hang up")),
        lambda store: store.describe(NEWEST),
    ]
    before = [documented.read_by(lambda: ask(plain))[0] for ask in questions]  # noqa: B023

    open_at(documented.url()).ensure_schema()
    upgraded = open_at(documented.reader)
    upgraded.ping()
    after = [documented.read_by(lambda: ask(upgraded))[0] for ask in questions]  # noqa: B023

    less = [late < early for late, early in zip(after, before, strict=True)]
    has_words = WORDS in documented.run("SHOW CREATE TABLE genesis.logs")  # not on older engines
    assert less == [True, True, True, has_words, True], (before, after)


def test_other_writers_and_ours_share_an_upgraded_table(documented, open_at):
    open_at(documented.url()).ensure_schema()
    documented.run(
        "INSERT INTO genesis.logs FORMAT JSONEachRow\n"
        + line(50, spec_id="spec_003", iteration=7, exit_code=1, stderr=ERROR)
    )
    store = open_at(documented.url())

    run = make_run({"spec_id": "spec_003", "exit_code": 0}, recorded_by="tests")
    (inserted,) = store.insert([run])

    assert inserted == (run.run_id, "recorded", 8)
    first, second = store.find(RunQuery(spec_id="spec_003")).runs
    assert (first.run_id, first.outcome) == (run.run_id, Outcome.PASSED)
    assert second.run_id.startswith("row-")
    (again,) = store.fetch([second.run_id])
    assert again.stderr == ERROR
    assert store.find(RunQuery(spec_id="spec_003", text="cannot read")).runs == (second,)


def test_init_prints_the_statements_and_runs_none(documented, capsys):
    url = documented.url()
    assert main(["init", "--print", "--store", url]) == 0
    printed = capsys.readouterr().out
    assert "ADD COLUMN `run_id`" in printed
    assert "run_id" not in documented.run("SHOW CREATE TABLE genesis.logs")

    for statement in printed.split(";\n"):
        if statement:
            documented.run(statement)
    assert main(["init", "--store", url]) == 0
    assert capsys.readouterr().out == "Everything is there already.\n"

    other = documented.url(database="elsewhere")
    assert main(["init", "--print", "--cluster", "team", "--store", other]) == 0
    printed = capsys.readouterr().out
    assert printed.count("ON CLUSTER `team`") == 3
    assert "ENGINE = ReplicatedMergeTree" in printed


def test_print_and_cluster_are_for_clickhouse(tmp_path, capsys):
    assert main(["init", "--print", "--store", f"sqlite:///{tmp_path.as_posix()}/a.db"]) == 2
    assert "ClickHouse" in capsys.readouterr().err


def test_another_table_of_that_name_is_left_alone(server, open_at):
    server.run("CREATE DATABASE genesis")
    server.run("CREATE TABLE genesis.logs (a String) ENGINE = MergeTree ORDER BY a")
    store = open_at(server.url())

    for ask in (store.ping, store.ensure_schema, lambda: store.find(RunQuery())):
        with pytest.raises(SchemaMismatch):
            ask()
    assert server.run("SELECT count() FROM system.columns WHERE database = 'genesis'") == "1\n"


# --- rights -------------------------------------------------------------------------------------


@pytest.fixture
def accounts(server):
    """The accounts of docs/clickhouse.md, made by its own statements."""
    for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL):
        for statement in statements(block):
            server.run(statement)
    server.urls = {
        role: server.url(f"genesis_{role}:PASSWORD_OF_THE_{role.upper()}")
        for role in ("reader", "writer", "keeper")
    }
    return server


def refused(server, url, sql):
    """The code with which the engine refuses a statement of an account."""
    address = parse_address(url)
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/",
        sql.encode(),
        {"X-ClickHouse-User": address.user, "X-ClickHouse-Key": address.password},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return int(error.headers["X-ClickHouse-Exception-Code"])


def test_each_account_can_do_its_work(accounts, open_at):
    assert "Created the table." in open_at(accounts.urls["keeper"]).ensure_schema()
    writer = Service(open_at(accounts.urls["writer"]))
    run = make_run({"spec_id": "a", "exit_code": 1, "stderr": ERROR}, recorded_by="tests")
    assert writer.record_one(run).verdict == "first"
    assert writer.record_one(run).status == "duplicate"
    assert writer.store.describe(NEWEST).writable
    assert writer.store.may_write()

    reader = open_at(accounts.urls["reader"])
    service = Service(reader)
    assert service.recent_failures(RecentFailures()).failed == 1
    assert service.logs_for_spec(LogsForSpec(spec_id="a")).attempts[0].verdict == "first"
    assert service.describe_logs(DescribeLogs()).runs == 1
    assert service.get_run(GetRun(run_id=run.run_id)).spec_id == "a"
    assert len(reader.find(RunQuery(text="undefined")).runs) == 1
    assert not reader.describe(NEWEST).writable
    assert not reader.may_write()

    assert open_at(accounts.urls["keeper"]).prune(now() + timedelta(days=1)) == 1


def test_no_account_can_do_more(accounts, open_at):
    open_at(accounts.urls["keeper"]).ensure_schema()
    accounts.run("CREATE TABLE genesis.secrets (a String) ENGINE = MergeTree ORDER BY a")
    run = make_run({"exit_code": 1}, recorded_by="tests")
    open_at(accounts.urls["writer"]).insert([run])

    with pytest.raises(WriteNotAllowed, match="may only read"):
        open_at(accounts.urls["reader"]).insert([make_run({}, recorded_by="tests")])
    for role in ("reader", "writer"):
        url = accounts.urls[role]
        with pytest.raises(WriteNotAllowed):
            open_at(url).prune(now() + timedelta(days=1))
        assert refused(accounts, url, "SELECT * FROM genesis.secrets") == 497
        assert refused(accounts, url, "SELECT * FROM file('/etc/hostname', 'LineAsString')") == 497
        assert refused(accounts, url, "DROP TABLE genesis.logs") in (164, 497)
    assert accounts.run("SELECT count() FROM genesis.logs") == "1\n"


@pytest.mark.parametrize("readonly", [1, 2])
def test_readonly_alone_is_no_boundary(server, tmp_path, readonly):
    server.run(f"CREATE USER other IDENTIFIED BY 'x' SETTINGS readonly = {readonly}")
    server.run("GRANT ALL ON *.* TO other")
    server.run("CREATE DATABASE genesis")
    server.run("CREATE TABLE genesis.secrets (a String) ENGINE = MergeTree ORDER BY a")
    server.run("INSERT INTO genesis.secrets VALUES ('secret')")
    file = tmp_path / "anything.txt"
    file.write_text("not a log")
    reading = f"SELECT * FROM file('{file}', 'LineAsString')"

    assert refused(server, server.url("other:x"), "SELECT * FROM genesis.secrets") == "secret\n"
    said = refused(server, server.url("other:x"), reading)
    assert said == (164 if readonly == 1 else "not a log\n")


# --- writing once -------------------------------------------------------------------------------


@pytest.fixture
def writing(server, open_at):
    store = open_at(server.url(), timeout_seconds=WAIT)
    store.ensure_schema()
    server.run("ALTER TABLE genesis.logs REMOVE TTL")
    return server, store


def some_runs(number):
    return [make_run({"spec_id": "a", "exit_code": 0}, recorded_by="tests") for _ in range(number)]


def test_a_connection_cut_after_the_insert_stores_once(writing):
    server, store = writing
    server.request("/test/cut-inserts?times=1")

    inserted = store.insert(some_runs(3))

    assert [one.status for one in inserted] == ["recorded"] * 3
    assert server.run("SELECT count() FROM genesis.logs") == "3\n"


def test_an_insert_of_many_megabytes_is_stored_whole(writing):
    server, store = writing
    fields = {"spec_id": "a", "exit_code": 1, "stderr": "erro " * 1_000}

    inserted = store.insert([make_run(fields, recorded_by="tests") for _ in range(2_000)])

    assert {one.status for one in inserted} == {"recorded"}
    assert server.run("SELECT count() FROM genesis.logs") == "2000\n"


def test_an_insert_of_which_nobody_knows_may_be_repeated(writing):
    server, store = writing
    runs = some_runs(3)
    server.request("/test/cut-inserts?times=2")  # also the one that the driver repeats

    with pytest.raises(StoreError, match="broke off"):
        store.insert(runs)
    inserted = store.insert(runs)

    assert {one.status for one in inserted} == {"duplicate"}
    assert [one.iteration for one in inserted] == [1, 2, 3]
    assert server.run("SELECT count() FROM genesis.logs") == "3\n"


def test_a_failure_between_two_blocks_is_mended_by_the_same_call(writing):
    server, store = writing
    first = datetime(2020, 1, 1, tzinfo=UTC)
    runs = [
        make_run(
            {"spec_id": "a", "exit_code": 0, "timestamp": first + timedelta(weeks=week)},
            recorded_by="tests",
        )
        for week in range(BATCH_WEEKS + 2)
    ]
    late = f"toDateTime('{first + timedelta(weeks=BATCH_WEEKS):%Y-%m-%d}')"
    server.run(f"ALTER TABLE genesis.logs ADD CONSTRAINT early CHECK timestamp < {late}")

    with pytest.raises(StoreError, match="constraint"):
        store.insert(runs)
    assert server.run("SELECT count() FROM genesis.logs") == f"{BATCH_WEEKS}\n"
    server.run("ALTER TABLE genesis.logs DROP CONSTRAINT early")
    inserted = store.insert(runs)

    assert [one.status for one in inserted] == ["duplicate"] * BATCH_WEEKS + ["recorded"] * 2
    assert [one.iteration for one in inserted] == list(range(1, BATCH_WEEKS + 3))
    assert server.run("SELECT count() FROM genesis.logs") == f"{BATCH_WEEKS + 2}\n"


def test_a_row_that_was_written_twice_is_shown_once(writing):
    server, store = writing
    runs = some_runs(5)
    store.insert(runs)
    names = "* EXCEPT (failed)"
    columns = server.run(
        "SELECT arrayStringConcat(groupArray(name), ',') FROM system.columns"
        " WHERE database = 'genesis' AND table = 'logs' AND name != 'failed'"
    )
    server.run(f"INSERT INTO genesis.logs ({columns.strip()}) SELECT {names} FROM genesis.logs")

    page = store.find(RunQuery(limit=3))
    rest = store.find(RunQuery(limit=3, after=page.next))

    shown = [run.run_id for run in (*page.runs, *rest.runs)]
    assert sorted(shown) == sorted(run.run_id for run in runs)
    assert store.fetch([runs[0].run_id, runs[0].run_id])[0].run_id == runs[0].run_id


def test_the_documents_sql_finds_what_we_recorded(writing):
    server, store = writing
    fields = {"spec_id": "spec_001", "stderr": "x", "duration_ms": 5}
    store.insert(
        [
            make_run(fields | {"exit_code": 3}, recorded_by="tests"),
            make_run(fields | {"outcome": "timeout"}, recorded_by="tests"),
            make_run(fields | {"exit_code": 0}, recorded_by="tests"),
            make_run({"spec_id": "spec_001", "level": "error"}, recorded_by="tests"),
        ]
    )

    rows = server.run(statements(DOCUMENTS)[-1]).splitlines()

    assert sorted(row.split("\t")[3] for row in rows) == ["-1", "3"]


# --- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("clickhouse:///genesis", "no host"),
        ("clickhouse://h:port/genesis", "cannot be read"),
        ("clickhouse://u:s3nh4@h/genesis?password=x", "unknown options: password"),
        ("clickhouse://u:s3nh4@h/genesis?Secure=true", "unknown options: Secure"),
        ("clickhouses://u:s3nh4@h/genesis?secure=false", "choose one"),
        ("clickhouse://u:s3nh4@h/genesis?verify=false", "verify without TLS"),
        ("clickhouse://u:s3nh4@h/genesis?ca_cert=/ca.pem", "ca_cert without TLS"),
        ("clickhouses://u:s3nh4@h/genesis?client_cert_key=/k.pem", "without client_cert"),
        ("clickhouse://u:s3nh4@h/genesis?secure=perhaps", "must be true or false"),
        ("clickhouse://u:s3nh4@h/genesis?secure=true&secure=false", "twice"),
        ("clickhouse://u:s3nh4@h/gen`esis", "letters, digits and _"),
        ("clickhouse://u:s3nh4@h/genesis#x", "has a #"),
        ("clickhouse+chdb://host/path", "clickhouse+chdb:///path"),
        ("clickhouse+chdb:///path?secure=true", "unknown options: secure"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url, said):
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert said in str(caught.value)
    assert "s3nh4" not in str(caught.value)


def test_tls_has_its_own_port_and_options():
    plain = parse_address("clickhouse://ana%40x:s%2Fn@h")
    secure = parse_address(
        "clickhouses://h/logs_of_a_team?ca_cert=/ca.pem&client_cert=/c.pem&client_cert_key=/k.pem"
    )

    assert plain[:6] == ("genesis", "h", 8123, "ana@x", "s/n", False)
    assert secure[:4] == ("logs_of_a_team", "h", 8443, "default")
    assert secure.secure
    assert secure.verify
    assert secure[7:10] == ("/ca.pem", "/c.pem", "/k.pem")
    assert parse_address("clickhouse://h:9000?secure=true").port == 9000
    assert not parse_address("clickhouses://h?verify=false").verify


DOCUMENTED_VARIABLES = {
    "CLICKHOUSE_HOST": "clickhouse.zaz.com.br",
    "CLICKHOUSE_PORT": "8443",
    "CLICKHOUSE_USER": "genesis_readonly",
    "CLICKHOUSE_PASSWORD": "a/b@c#d",
    "CLICKHOUSE_SECURE": "true",
}


def test_the_documents_variables_name_the_store():
    address = parse_address(load_settings({}, DOCUMENTED_VARIABLES).store)

    assert address[:6] == (
        "genesis",
        "clickhouse.zaz.com.br",
        8443,
        "genesis_readonly",
        "a/b@c#d",
        True,
    )
    unsaid = {**DOCUMENTED_VARIABLES, "CLICKHOUSE_SECURE": "", "CLICKHOUSE_PORT": ""}
    assert parse_address(load_settings({}, unsaid).store).port == 8443
    plain = {**unsaid, "CLICKHOUSE_SECURE": "false"}
    assert parse_address(load_settings({}, plain).store).port == 8123


def test_genesis_store_and_the_flag_beat_the_documents_variables():
    both = {**DOCUMENTED_VARIABLES, "GENESIS_STORE": "sqlite:////a.db"}

    assert load_settings({}, both).store == "sqlite:////a.db"
    assert load_settings({"store": "sqlite:////b.db"}, both).store == "sqlite:////b.db"
    assert load_settings({}, {"CLICKHOUSE_PORT": "8443"}).store.startswith("sqlite:")


# --- the doctor ---------------------------------------------------------------------------------


def examined(url):
    done = subprocess.run(
        [sys.executable, "-m", "genesis_mcp", "doctor", "--store", url],
        capture_output=True,
        text=True,
        timeout=60,
        encoding="utf-8",
    )
    assert "senha_segura" not in done.stdout
    return done.returncode, done.stdout


def test_the_doctor_tells_good_from_each_fault(documented, open_at):
    code, said = examined(documented.reader)
    assert code == 0
    assert "ClickHouse 26." in said or "ClickHouse 2" in said
    assert "6 runs (5 failed) and 4 events" in said
    assert "may only be read" in said

    code, said = examined(documented.url("genesis_readonly:wrong"))
    assert (code, "refused the login" in said) == (4, True)

    code, said = examined(documented.url(database="nowhere"))
    assert (code, 'run "genesis-mcp init"' in said) == (4, True)

    code, said = examined(documented.url())
    assert (code, "takes no runs" in said, 'run "genesis-mcp init"' in said) == (0, True, True)

    open_at(documented.url()).ensure_schema()
    code, said = examined(documented.url())
    assert (code, "runs can be recorded" in said) == (0, True)


# --- tables of version 1 ------------------------------------------------------------------------

VERSION_1 = (ROOT / "tests" / "documents" / "clickhouse_version_1.sql").read_text(encoding="utf-8")


@pytest.fixture
def version_1(server):
    """A table of ours as the version before made it: on an older engine without the words."""
    for statement in statements(VERSION_1):
        try:
            server.run(statement)
        except urllib.error.HTTPError:
            server.run(re.sub(rf"\n *INDEX {WORDS} .*", "", statement))
    server.columns = server.run("SELECT name, type FROM system.columns WHERE database = 'genesis'")
    return server


def failed(place, **fields):
    moment = NEWEST - timedelta(seconds=place)
    given = {"spec_id": "soma", "exit_code": 1, "stderr": ERROR, "timestamp": moment} | fields
    return sign(make_run(given, recorded_by="tests"))


def test_a_table_of_version_1_is_written_and_read_without_any_change(version_1, open_at):
    store = open_at(version_1.url())
    runs = [failed(9 - place, doubt="a doubt", tests_passed=3) for place in range(5)]
    tied = [failed(0, run_id=name, iteration=9) for name in ("b", "a", "c")]

    store.insert([*runs, *tied])

    back = store.fetch([run.run_id for run in runs])
    assert [run.stderr for run in back] == [ERROR] * 5
    assert {(run.doubt, run.tests_passed, run.tests) for run in back} == {(None, None, None)}
    page = store.find(RunQuery(spec_id="soma", limit=2))
    assert [run.run_id for run in page.runs] == ["c", "b"]  # less exactly: by iteration and id
    (third,) = store.find(RunQuery(spec_id="soma", limit=1, after=page.next)).runs
    assert third.run_id == "a"
    assert Service(store).record(runs)[0].status == "duplicate"
    unchanged = version_1.run("SELECT name, type FROM system.columns WHERE database = 'genesis'")
    assert unchanged == version_1.columns


def test_init_brings_a_table_of_version_1_up_to_date(version_1, open_at):
    before = open_at(version_1.url())
    old = [failed(9 - place) for place in range(5)]
    before.insert(old)

    done = open_at(version_1.url()).ensure_schema()

    assert "Added the column recorded_at." in done
    for name in ("by_spec", "groups"):
        assert f"Dropped the projection {name}, for a newer one." in done
    assert open_at(version_1.url()).ensure_schema() == []
    store = open_at(version_1.url())
    new = failed(0, doubt="a doubt", tests_passed=3)
    store.insert([new])
    assert store.fetch([new.run_id]) == [replace(new, iteration=6)]
    runs = store.find(RunQuery(spec_id="soma")).runs
    assert [run.iteration for run in runs] == [6, 5, 4, 3, 2, 1]
    assert [run.arrived is None for run in runs] == [False, *[True] * 5]
    before.insert([failed(1)])  # the process that was running meanwhile
    assert len(store.find(RunQuery(spec_id="soma")).runs) == 7


def test_rows_of_the_documents_go_by_their_iterations_within_a_millisecond(documented, open_at):
    numbers = [2, 5, 1, 4, 3]
    documented.run(
        "INSERT INTO genesis.logs FORMAT JSONEachRow\n"
        + "\n".join(line(10, spec_id="tied", iteration=one, exit_code=1) for one in numbers)
    )
    for store in (open_at(documented.reader), upgraded(documented, open_at)):
        for limit in (2, 100):
            runs = every_page(store, RunQuery(spec_id="tied", limit=limit))
            assert [run.iteration for run in runs] == [5, 4, 3, 2, 1]
            assert {run.arrived for run in runs} == {None}


def upgraded(documented, open_at):
    open_at(documented.url()).ensure_schema()
    return open_at(documented.url())


def test_a_reader_without_a_right_on_the_notes_is_answered_without_them(
    documented, open_at, caplog
):
    open_at(documented.url()).ensure_schema()
    documented.run("CREATE USER narrow IDENTIFIED BY 's3nh4'")
    documented.run("GRANT SELECT ON genesis.logs TO narrow")
    store = open_at(documented.url(user="narrow:s3nh4"))
    assert store.notes(current=1) == []
    assert not caplog.records


# --- reading together ---------------------------------------------------------------------------


def test_a_spec_far_behind_others_is_left_out_and_asked_for_by_itself(writing, monkeypatch):
    _, store = writing
    moment = now() - timedelta(hours=1)
    store.insert(
        [
            make_run(
                {"spec_id": spec, "exit_code": 0, "timestamp": moment + timedelta(seconds=second)},
                recorded_by="tests",
            )
            for spec, seconds in {"old": range(3), "busy": range(9, 40), "new": [50]}.items()
            for second in seconds
        ]
    )
    asked = NewestOf(("old", "busy", "new"), 5)
    lists = {spec: store.find(one.query) for spec, one in asked.lists().items()}
    assert store.read(asked)[asked] == lists

    monkeypatch.setattr(reading, "READ_TOGETHER", 20)

    # Of `new` nothing older lies among the newest 20, but there may be more of it further back.
    assert store.read(asked)[asked] == {"busy": lists["busy"]}
    consulted = Consulted(store)
    consulted.read(asked)
    assert {spec: consulted.find(one.query) for spec, one in asked.lists().items()} == lists
