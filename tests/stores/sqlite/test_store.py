"""What the SQLite store promises beyond the contract: its URL, its file and its plans."""

import sqlite3
import stat
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Signature
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.stores import open_store
from genesis_mcp.stores.sqlite import SQLiteStore, changes
from genesis_mcp.stores.sqlite import queries as sqlite_queries
from genesis_mcp.stores.sqlite.answering import SCANNED_WITHOUT_INDEX
from genesis_mcp.stores.sqlite.schema import PAGE_BYTES
from genesis_mcp.stores.sqlite.store import path_from_url
from tests.stores.contract.records import every_page

BASE = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX paths and modes")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "directories" / "logs.db"


@pytest.fixture
def sqlite_store(path):
    with closing(SQLiteStore(path)) as store:
        yield store


def run(milliseconds=0, **fields):
    timestamp = BASE + timedelta(milliseconds=milliseconds)
    return make_run({"exit_code": 0, "timestamp": timestamp} | fields, recorded_by="tests")


def failure(milliseconds=0, **fields):
    signature = Signature(type="E", message="m", group="g", exact="e", version=1)
    return run(milliseconds, **{"exit_code": 1, "stderr": "boom", "signature": signature} | fields)


def rows(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


# --- the URL ------------------------------------------------------------------------------------


@posix_only
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////tmp/x.db", "/tmp/x.db"),
        ("sqlite:///tmp/x.db", "/tmp/x.db"),
        ("SQLite:///tmp/x.db", "/tmp/x.db"),
        ("sqlite:///~/x.db", "~/x.db"),
        ("sqlite:///tmp/with space/é%20#.db", "/tmp/with space/é%20#.db"),
    ],
)
def test_a_url_names_an_absolute_path(url, expected):
    assert path_from_url(url) == Path(expected).expanduser()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/x.db",
        "sqlite:x.db",
        "sqlite:///x.db?mode=ro",
        "sqlite:///:memory:",
        "sqlite:///nul\0byte",
        "sqlite:///~no-such-user-at-all/x.db",
    ],
)
def test_a_url_that_is_not_a_path_is_refused(url):
    with pytest.raises(ConfigError):
        open_store(url)


def test_a_windows_path_needs_its_drive():
    if sys.platform == "win32":
        assert path_from_url("sqlite:///C:/x/y.db") == Path("C:/x/y.db")
        with pytest.raises(ConfigError, match="absolute"):
            path_from_url("sqlite:///x/y.db")
    else:
        assert path_from_url("sqlite:///C:/x/y.db") == Path("/C:/x/y.db")


def test_opening_touches_nothing(path):
    open_store(f"sqlite:///{path.as_posix()}").close()

    assert not path.parent.exists()


# --- the file -----------------------------------------------------------------------------------


@posix_only
def test_only_the_owner_may_read_the_file(sqlite_store, path):
    sqlite_store.insert([run()])

    names = ("logs.db", "logs.db-wal", "logs.db-shm")
    modes = {name: stat.S_IMODE((path.parent / name).stat().st_mode) for name in names}
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a b.db", "é🙂.db", "100%25.db", "a#b.db", "a?b.db", "'a'.db"])
def test_a_path_may_have_any_character(tmp_path, name):
    if sys.platform == "win32" and "?" in name:
        name = name.replace("?", "_")
    with closing(SQLiteStore(tmp_path / name)) as store:
        store.insert([run()])

        assert {entry.name for entry in tmp_path.iterdir()} == {name, f"{name}-wal", f"{name}-shm"}


def test_the_file_says_what_it_is(sqlite_store, path):
    assert sqlite_store.ensure_schema() == ["Created the store."]
    sqlite_store.insert([run()])

    assert rows(path, "PRAGMA application_id") == [(0x47454E53,)]
    assert rows(path, "PRAGMA user_version") == [(4,)]
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]


def test_reading_first_creates_the_file_too(sqlite_store, path):
    assert sqlite_store.find(RunQuery()).runs == ()
    assert path.exists()


def test_closing_leaves_one_file(sqlite_store, path):
    sqlite_store.insert([run()])
    sqlite_store.close()

    assert [entry.name for entry in path.parent.iterdir()] == ["logs.db"]


def test_a_second_store_sees_what_the_first_recorded(sqlite_store, path):
    (one,) = (run(spec_id="a"),)
    sqlite_store.insert([one])

    with closing(SQLiteStore(path, read_only=True)) as other:
        assert [found.run_id for found in other.find(RunQuery()).runs] == [one.run_id]
        assert not other.describe(BASE).writable
        assert other.ping() == f"SQLite {sqlite3.sqlite_version}"


def test_the_texts_of_a_run_are_one_frame_and_short_ones_stay_readable(sqlite_store, path):
    sqlite_store.insert([failure(stdout="x" * 50_000, stderr="e" * 4000, message="m" * 1000)])
    sqlite_store.insert([failure(1, stderr="soma is no function")])

    (long, short) = rows(path, "SELECT packed FROM texts ORDER BY id")
    assert isinstance(long[0], bytes)
    assert long[0][:4] == b"\x28\xb5\x2f\xfd"  # a frame of zstd, RFC 8878 section 3.1.1
    assert len(long[0]) < 1000
    assert short == ("-,0,19,-\nsoma is no function",)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE runs SET exit_code = 0",
        "UPDATE texts SET packed = ''",
        "INSERT INTO runs (id, run_id, timestamp, kind) VALUES (1, 'x', 0, 'other')",
        "INSERT INTO runs (id, run_id, timestamp, kind) VALUES (9000000, 'x', 0, 'run')",
        "INSERT INTO runs (id, run_id, timestamp, kind) VALUES (1, x'00', 0, 'run')",
    ],
)
def test_the_file_refuses_changes_and_wrong_values(sqlite_store, path, sql):
    sqlite_store.insert([failure()])

    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)


def test_a_refused_run_takes_its_batch_with_it_and_harms_nothing_else(
    sqlite_store, check_file, path
):
    good, bad = failure(), replace(run(), kind="other")

    with pytest.raises(InputError) as caught:
        sqlite_store.insert([good, bad])

    assert "constraint" not in str(caught.value).lower()
    assert sqlite_store.find(RunQuery()).runs == ()
    assert sqlite_store.insert([good])[0].status == "recorded"
    assert check_file(path) == {good.run_id}


def test_a_millisecond_that_is_full_takes_more(sqlite_store, path):
    """Its million ids are used up: those that follow have ids elsewhere, and the same order."""
    sqlite_store.ensure_schema()
    milliseconds = int(BASE.timestamp() * 1000)
    last_id = milliseconds * 1_000_000 + 999_999
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, message_bytes,"
            " stdout_bytes, stderr_bytes, code_bytes)"
            " VALUES (?, 'last', ?, 'run', 'a', 1, 0, 0, 0, 0)",
            (last_id, milliseconds),
        )
        connection.execute("INSERT INTO texts (id, packed) VALUES (?, '-,0,0,-\n')", (last_id,))
    sqlite_store.insert([failure(-1), failure(1)])
    for number in (2, 3, 4):
        sqlite_store.insert([failure(spec_id="a", iteration=number)])
    sqlite_store.insert([failure(-2)])

    times = [one.timestamp for one in sqlite_store.find(RunQuery()).runs]
    assert times == sorted(times, reverse=True)
    for limit in (1, 2, 100):
        runs = every_page(sqlite_store, RunQuery(spec_id="a", limit=limit))
        assert [one.iteration for one in runs] == [4, 3, 2, 1]
    assert sqlite_store.describe(BASE).newest == BASE + timedelta(milliseconds=1)
    failed = [one.run_id for one in sqlite_store.find(RunQuery(failed=True)).runs]
    assert len(failed) == 6
    for limit, oldest_first in product((1, 2, 100), (False, True)):
        query = RunQuery(text="boom", limit=limit, oldest_first=oldest_first)
        hits = [one.run_id for one in every_page(sqlite_store, query)]
        assert hits == (failed[::-1] if oldest_first else failed)
    assert sqlite_store.count(RunQuery(text="boom", since=BASE, spec_id="a"), at_most=9) == 3
    assert sqlite_store.prune(BASE + timedelta(milliseconds=1)) == 6
    assert sqlite_store.count(RunQuery(text="boom"), at_most=9) == 1
    assert len(sqlite_store.find(RunQuery()).runs) == 1


def test_rollups_stay_right_through_recording_and_pruning(sqlite_store, check_file, path):
    labels = [{"spec_id": f"s{place % 3}", "service": f"v{place % 2}"} for place in range(40)]
    runs = [
        (failure if place % 4 else run)(place * 1_000_000, **those)
        for place, those in enumerate(labels)
    ]
    sqlite_store.insert(runs + runs[:5])
    assert check_file(path) == {one.run_id for one in runs}

    sqlite_store.prune(runs[25].timestamp)

    assert check_file(path) == {one.run_id for one in runs[25:]}


# --- word search --------------------------------------------------------------------------------


def test_search_minds_neither_case_nor_accents(sqlite_store):
    sqlite_store.insert([failure(stderr="Falhou a Execução: TypeError")])

    for text in ("falhou", "EXECUCAO", "execução typeerror"):
        assert len(sqlite_store.find(RunQuery(text=text)).runs) == 1


def test_hits_come_by_time_however_they_were_recorded(sqlite_store):
    order = [5, 1, 9, 3, 7, 1]
    for place in order:
        sqlite_store.insert([failure(place)])
    sqlite_store.insert([failure(place + 1) for place in order])

    hits = sqlite_store.find(RunQuery(text="boom")).runs

    assert list(hits) == sorted(hits, key=Cursor.of, reverse=True)
    assert len(hits) == 12


def test_the_search_forgets_every_word_of_what_was_pruned(sqlite_store, path):
    words = " ".join(f"word{place}" for place in range(9000))
    sqlite_store.insert([failure(1, stderr=words, message="é" * 2000, spec_id="a b", service="s")])
    sqlite_store.insert([failure(2, stderr="kept")])
    sqlite_store.prune(BASE + timedelta(milliseconds=2))

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search, row)")
        known = {word for (word,) in connection.execute("SELECT term FROM temp.words")}
    assert known == {"kept", "kind" + b"run".hex(), "signaturegroup" + b"g".hex()}


@pytest.fixture
def store_without_search(sqlite_store, path):
    """As if SQLite had been built without FTS5 when the store was made."""
    sqlite_store.ensure_schema()
    sqlite_store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE search")
    return sqlite_store


def test_without_fts5_the_newest_failures_are_looked_through(
    store_without_search, check_file, path
):
    store = store_without_search
    wanted = [failure(place, stderr=f"Connection refused ({place})") for place in range(5)]
    others = [failure(9, stderr="refused connection"), run(9, stdout="connection refused")]
    store.insert([*wanted, *others])

    assert [one.run_id for one in store.find(RunQuery(text="connection refused")).runs] == [
        one.run_id for one in wanted[::-1]
    ]
    page = store.find(RunQuery(text="connection refused", limit=2, oldest_first=True))
    assert [one.run_id for one in page.runs] == [one.run_id for one in wanted[:2]]
    assert len(store.find(RunQuery(text="connection refused", after=page.next)).runs) == 1
    assert store.count(RunQuery(text="connection refused"), at_most=99) == 5
    assert store.count(RunQuery(text="connection refused"), at_most=2) == 2
    assert store.find(RunQuery(text="nection")).runs == ()
    assert store.prune(BASE + timedelta(milliseconds=3)) == 3
    assert len(check_file(path)) == 4


def test_without_fts5_a_search_says_how_far_back_it_looked(store_without_search):
    store = store_without_search
    store.insert([failure(place, stderr="x") for place in range(SCANNED_WITHOUT_INDEX)])
    assert store.find(RunQuery(text="absent")).searched_since == BASE
    store.insert([failure(-1, stderr="absent")])

    page = store.find(RunQuery(text="absent"))

    assert page == ((), None, BASE)
    assert len(store.find(RunQuery(text="absent", until=page.searched_since)).runs) == 1


# --- plans --------------------------------------------------------------------------------------

PLAN_SHAPES: dict[str, list[Any]] = {
    "kind": [None, "run", "event"],
    "failed": [None, True, False],
    "labels": [
        {},
        {"spec_id": "a"},
        {"spec_id": "a", "iteration": 3},
        {"service": "a"},
        {"sprint_id": "a"},
        {"task_id": "a"},
        {"signature_group": "a"},
        {"spec_id": "a", "service": "b"},
        {"spec_id": "a", "signature_group": "b", "task_id": "c"},
    ],
    "window": [{}, {"since": BASE}, {"until": BASE}, {"since": BASE, "until": BASE}],
    "after": [None, Cursor(BASE, 0, "x"), Cursor(BASE - timedelta(days=1), 0, "x")],
    "oldest_first": [False, True],
}


def query_shapes():
    for kind, failed, labels, window, after, oldest_first in product(*PLAN_SHAPES.values()):
        yield RunQuery(
            kind=kind, failed=failed, after=after, oldest_first=oldest_first, **labels, **window
        )


def statements(query):
    """The lists and counts of a query, by each of its labels."""
    labels: list[str | None] = [*sqlite_queries.labels(query)]
    for label in labels or [None]:
        for spilled in (False, True):
            yield sqlite_queries.find_statement(query, label, spilled=spilled)
            yield sqlite_queries.find_statement(
                query, label, sqlite_queries.FAILURE, spilled=spilled
            )
        yield sqlite_queries.count_statement(query, label, 1000)


def plan(connection, statement):
    explained = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values)
    # SQLite before 3.36 wrote "SCAN TABLE runs".
    return [
        step.replace("SCAN TABLE", "SCAN").replace("SEARCH TABLE", "SEARCH")
        for *_, step in explained
    ]


def test_every_list_and_count_is_a_range_of_an_index_in_order(sqlite_store, path):
    sqlite_store.ensure_schema()
    shapes = list(query_shapes())

    with closing(sqlite3.connect(path)) as connection:
        for query in shapes:
            for statement in statements(query):
                steps = plan(connection, statement)
                assert any("SEARCH runs USING" in step for step in steps), steps
                assert not any("SCAN runs" in step or "TEMP B-TREE" in step for step in steps), (
                    query,
                    steps,
                )
                for step in steps:
                    if "SEARCH other" in step:  # whether an index has this run as well
                        assert step.endswith("rowid=?)"), step
                    elif "SEARCH" in step and "spilled" not in step:
                        assert "rowid>? AND rowid<?" in step, step
                    elif "SEARCH" in step and (query.since or query.until):
                        assert "timestamp" in step, step
    assert len(shapes) > 1000


def test_a_deep_page_begins_at_its_place(sqlite_store, path):
    """The place of the page bounds the range, not a wider `until` or `since`."""
    sqlite_store.ensure_schema()
    place, wide = Cursor(BASE, 0, "x"), timedelta(days=9)
    queries = [
        RunQuery(after=place, since=BASE - wide, until=BASE + wide),
        RunQuery(after=place, since=BASE - wide, until=BASE + wide, oldest_first=True),
    ]

    with closing(sqlite3.connect(path)) as connection:
        for query in queries:
            statement = sqlite_queries.find_statement(query, None, after_id=5, spilled=True)
            searches = [step for step in plan(connection, statement) if "SEARCH" in step]
            assert len(searches) == 8
            tied = [step for step in searches if "timestamp=? AND rowid" in step]
            assert len(tied) == 4, searches


def test_the_word_search_is_ordered_by_itself(sqlite_store, path):
    sqlite_store.ensure_schema()

    with closing(sqlite3.connect(path)) as connection:
        for query in query_shapes():
            query = replace(query, text="boom")
            for statement in (
                sqlite_queries.search_statement(query),
                sqlite_queries.search_count_statement(query, 1000),
            ):
                steps = plan(connection, statement)
                loops = [step for step in steps if "search" in step or "runs" in step]
                for outer, inner in zip(loops[::2], loops[1::2], strict=True):
                    assert outer.startswith("SCAN search VIRTUAL TABLE"), steps
                    assert inner.startswith("SEARCH runs USING INTEGER PRIMARY KEY"), steps
                assert not any("TEMP B-TREE" in step for step in steps), steps


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("HIGHEST_ITERATION", {"spec_id": "a"}),
        ("ID_OF", ["a", 5]),
        ("LAST_OF_IDS", [5, 6]),
        ("SPEC", ["a"]),
        ("SPECS", [5]),
        ("SPAN", []),
        ("OLDEST_BATCH", [5, 5]),
        ("SPILLED_BATCH", [5, 5]),
        ("DELETE", [5]),
        ("IS_SPILLED", []),
    ],
)
def test_no_other_statement_reads_all_or_sorts(sqlite_store, path, name, values):
    sqlite_store.ensure_schema()
    sql = getattr(sqlite_queries, name, None) or getattr(changes, name)
    statement = sqlite_queries.Statement(sql, values)

    with closing(sqlite3.connect(path)) as connection:
        steps = plan(connection, statement)

    assert not any("TEMP B-TREE" in step for step in steps), steps
    whole = [step for step in steps if "SCAN runs" in step or "SCAN texts" in step]
    assert whole == [], steps


def test_a_file_keeps_the_pages_that_it_was_made_with(path, sqlite_store):
    """Files of older versions have pages of 4 KB, and packed texts of any level of zstd."""

    def pages():
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("PRAGMA page_size").fetchone()[0]

    sqlite_store.insert([make_run({"spec_id": "a", "stdout": "antes " * 99}, recorded_by="t")])
    assert pages() == PAGE_BYTES
    sqlite_store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("VACUUM")

    with closing(SQLiteStore(path)) as store:
        store.insert([make_run({"spec_id": "a", "stdout": "depois " * 99}, recorded_by="t")])
        store.give_back_space()
        found = store.find(RunQuery(spec_id="a", oldest_first=True)).runs
        texts = [one.stdout for one in store.fetch([one.run_id for one in found])]
    assert texts == ["antes " * 99, "depois " * 99]
    assert pages() == 4096
