"""The store in one SQLite file, for one machine: any number of processes read and write it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

from genesis_mcp.errors import ConfigError, StoreTimeout, StoreUnavailable, WriteNotAllowed
from genesis_mcp.runs.model import UINT32_MAX, Run
from genesis_mcp.runs.query import (
    Cursor,
    Failure,
    Inserted,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)
from genesis_mcp.runs.times import from_milliseconds
from genesis_mcp.stores.sqlite import queries
from genesis_mcp.stores.sqlite.answering import (
    ENGINE,
    count,
    describe,
    matching,
    searched_since,
    spec_stats,
    specs,
)
from genesis_mcp.stores.sqlite.files import (
    LOCKED,
    NO_STORE,
    TOO_SLOW,
    Connection,
    Identity,
    create,
    file_identity,
    is_half_made,
    is_writable,
    leave_file,
    open_reader,
    open_writer,
    remaining,
    size_bytes,
    translated,
)
from genesis_mcp.stores.sqlite.rows import (
    Row,
    facts_from_row,
    facts_row,
    run_from_row,
    search_row,
    searched,
    texts_row,
    unpacked,
)
from genesis_mcp.stores.sqlite.schema import IDS_PER_MS

READERS = 4
"""Calls that read at the same time; more wait. Each costs a connection with 2 MB of cache."""

PRUNE_BATCH = 500
"""Rows deleted at a time, so that writers get their turn."""

_SCHEME = "sqlite:///"


class _Prepared(NamedTuple):
    """A run as it goes into the tables; made before the transaction begins."""

    run: Run
    facts: dict[str, Any]
    texts: list[str | bytes | None]
    search: list[str] | None


class SQLiteStore:
    """A `RunStore` in the file at `path`, which is made with the first call unless `read_only`.

    `timeout_seconds` bounds each call, waiting for locks included.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, timeout_seconds: float = 10.0
    ) -> None:
        self._path = path
        self._read_only = read_only
        self._timeout = timeout_seconds
        self._identity: Identity | None = None
        self._idle: list[Connection] = []
        self._slots = threading.BoundedSemaphore(READERS)
        self._writer: Connection | None = None
        self._write_lock = threading.RLock()

    @classmethod
    def from_url(cls, url: str, *, read_only: bool, timeout_seconds: float) -> Self:
        """The store at `sqlite:///` and an absolute path; `~` is the home directory.

        Raises:
            ConfigError: the URL has no path, more than a path, or (Windows) a relative path.
        """
        path = path_from_url(url)
        return cls(path, read_only=read_only, timeout_seconds=timeout_seconds)

    # --- writing ---

    def insert(self, runs: Sequence[Run]) -> list[Inserted]:
        """See `RunStore.insert`."""
        if not runs:
            return []
        self._refuse_when_read_only()
        prepared = [_prepare(run) for run in runs]
        found: list[list[Any]] = []
        with self._writing() as connection:
            inserted = [_add(connection, new, found) for new in prepared]
            if connection.has_search:
                # In the order of ids: each step back would make FTS5 write out what it gathered.
                connection.executemany(queries.INSERT_SEARCH, sorted(found))
        return inserted

    def prune(self, before: datetime) -> int:
        """See `RunStore.prune`."""
        self._refuse_when_read_only()
        end = queries.bound_ms(before) * IDS_PER_MS
        pruned = batch = self._prune_batch(end)
        while batch == PRUNE_BATCH:
            batch = self._prune_batch(end)
            pruned += batch
        return pruned

    def _prune_batch(self, end: int) -> int:
        with self._writing() as connection:
            rows = connection.execute(queries.OLDEST_BATCH, (end, PRUNE_BATCH)).fetchall()
            if connection.has_search:
                connection.executemany(queries.DELETE_SEARCH, _forgotten(rows))
            if rows:
                connection.execute(queries.DELETE_UP_TO, (rows[-1][0],))
        return len(rows)

    def ensure_schema(self) -> list[str]:
        """See `RunStore.ensure_schema`."""
        self._refuse_when_read_only()
        with translated(writing=True):
            return ["Created the store."] if self._settle(self._deadline()) else []

    # --- reading ---

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore.find`."""
        with self._reading() as connection:
            rows = list(islice(matching(connection, query), query.limit + 1))
            since = searched_since(connection, query)
        runs = tuple(facts_from_row(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        return RunPage(runs, Cursor(runs[-1].timestamp, runs[-1].run_id) if more else None, since)

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore.failures`."""
        query = replace(query, failed=True)
        with self._reading() as connection:
            rows = list(islice(matching(connection, query, queries.FAILURE), query.limit))
        return [Failure(run_id, from_milliseconds(ms), *others) for run_id, ms, *others in rows]

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore.fetch`."""
        sql = queries.FETCH_FACTS if text_bytes == 0 else queries.FETCH
        with self._reading() as connection:
            rows = [
                connection.execute(sql, (queries.key(run_id),)).fetchone() for run_id in run_ids
            ]
        return [run_from_row(row, text_bytes) for row in rows if row]

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore.count`."""
        with self._reading() as connection:
            return count(connection, query, at_most)

    def count_groups(
        self, query: RunQuery, groups: Sequence[str], *, at_most: int
    ) -> dict[str, int]:
        """See `RunStore.count_groups`."""
        with self._reading() as connection:
            return {
                group: count(connection, same, at_most)
                for group in groups
                for same in [replace(query, signature_group=group)]
            }

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore.specs`."""
        with self._reading() as connection:
            return specs(connection, limit)

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore.spec`."""
        with self._reading() as connection:
            row = connection.execute(queries.SPEC, (queries.key(spec_id),)).fetchone()
        return spec_stats(row) if row else None

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore.describe`."""
        with self._reading() as connection:
            return describe(
                connection,
                since,
                size_bytes=size_bytes(self._path),
                writable=not self._read_only and is_writable(self._path),
            )

    def ping(self) -> str:
        """See `RunStore.ping`."""
        with self._reading() as connection:
            connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone()
        return ENGINE

    def close(self) -> None:
        """See `RunStore.close`."""
        with self._write_lock:
            self._identity = None  # connections in use are closed when they come back
            self._close_connections(Connection.abandon)

    # --- connections ---

    def _deadline(self) -> float:
        return time.monotonic() + self._timeout

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise WriteNotAllowed("Recording is switched off: the store was opened to read only.")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A reading connection, and one state of the store for all that is read."""
        deadline = self._deadline()
        with translated(writing=False):
            self._settle(deadline)
            if not self._slots.acquire(timeout=remaining(deadline)):
                raise StoreTimeout(TOO_SLOW)
            try:
                connection = self._take_reader(deadline)
                try:
                    connection.stop_at(deadline)
                    connection.execute("BEGIN")
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    connection.abandon()
                    raise
                self._give_back(connection)
            finally:
                self._slots.release()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """The writing connection in a transaction, which is committed or leaves nothing."""
        deadline = self._deadline()
        with translated(writing=True), self._locked(deadline):
            self._settle(deadline)
            if self._writer is None:
                self._writer = open_writer(self._path, deadline)
            connection = self._writer
            try:
                connection.stop_at(deadline)
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._writer = None
                connection.abandon()
                raise

    @contextmanager
    def _locked(self, deadline: float) -> Iterator[None]:
        if not self._write_lock.acquire(timeout=remaining(deadline)):
            raise StoreUnavailable(LOCKED)
        try:
            yield
        finally:
            self._write_lock.release()

    def _settle(self, deadline: float) -> bool:
        """Make sure that the file at the path is the one that is open; whether it was created.

        Somebody may have deleted, moved or replaced it while it was open, and what would be written
        then into the old one would be lost.
        """
        if self._is_settled():
            return False
        with self._locked(deadline):
            if self._is_settled():  # by the thread that had the lock
                return False
            self._close_connections(leave_file)
            created = False
            is_absent = file_identity(self._path) is None
            if is_absent and self._read_only:
                raise StoreUnavailable(NO_STORE)
            if not self._read_only and (is_absent or is_half_made(self._path)):
                created = create(self._path, deadline)
            reader = open_reader(self._path, deadline)
            self._identity = reader.identity
            self._give_back(reader)
        return created

    def _is_settled(self) -> bool:
        identity = file_identity(self._path)
        return identity is not None and identity == self._identity

    def _close_connections(self, close_writer: Callable[[Connection], None]) -> None:
        while connection := self._pop_idle():
            connection.close()
        if self._writer is not None:
            close_writer(self._writer)
            self._writer = None

    def _take_reader(self, deadline: float) -> Connection:
        while connection := self._pop_idle():
            if connection.identity == self._identity:
                return connection
            connection.close()
        return open_reader(self._path, deadline)

    def _pop_idle(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:  # no "if" before it: another thread may come between
            return None

    def _give_back(self, connection: Connection) -> None:
        if connection.is_immutable or connection.identity != self._identity:
            connection.close()
        else:
            self._idle.append(connection)


def path_from_url(url: str) -> Path:
    """The path in `sqlite:///path`, as it is written: nothing is percent-encoded.

    Raises:
        ConfigError: see `SQLiteStore.from_url`.
    """
    if not url[: len(_SCHEME)].lower() == _SCHEME or len(url) == len(_SCHEME):
        raise ConfigError("The store's URL needs three slashes and a path: sqlite:///path.")
    name = url[len(_SCHEME) :]
    if "?" in name or "\0" in name or name == ":memory:":
        raise ConfigError("The store's URL is sqlite:/// and the path of a file, and nothing else.")
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise ConfigError("The home directory in the store's URL is not known here.") from None
    if not path.is_absolute():
        path = Path(f"/{name}")
    if not path.is_absolute():  # Windows, without a drive
        raise ConfigError(
            "The store's URL needs an absolute path, such as sqlite:///C:/data/logs.db: "
            "programs start servers in directories of their own."
        )
    return path


# --- writing ------------------------------------------------------------------------------------


def _prepare(run: Run) -> _Prepared:
    search = searched(run) if run.failed else None
    return _Prepared(run, facts_row(run), texts_row(run), search)


def _add(connection: Connection, new: _Prepared, found: list[list[Any]]) -> Inserted:
    """Insert one run, and put into `found` what the word search is to know of it."""
    run = new.run
    iteration = run.iteration
    if run.wants_iteration and run.spec_id is not None:
        iteration = new.facts["iteration"] = _next_iteration(connection, run.spec_id)
    cursor = connection.execute(queries.INSERT_RUN, new.facts)
    if cursor.rowcount == 0:
        return _compare(connection, run)
    row_id = cursor.lastrowid
    connection.execute(queries.INSERT_TEXTS, (row_id, *new.texts))
    if new.search is not None:
        found.append([row_id, *new.search])
    return Inserted(run.run_id, "recorded", iteration)


def _next_iteration(connection: Connection, spec_id: str) -> int:
    row = connection.execute(queries.HIGHEST_ITERATION, (spec_id,)).fetchone()
    return min(row[0] + 1, UINT32_MAX) if row else 1


def _compare(connection: Connection, run: Run) -> Inserted:
    """The answer for a run whose id is there already."""
    iteration, *stored = connection.execute(queries.STORED_RUN, (run.run_id,)).fetchone()
    given = [run.spec_id, run.exit_code, run.kind]
    texts = [run.message, run.stdout, run.stderr, run.code_snapshot]
    same = stored[:3] == given and [unpacked(text) for text in stored[3:]] == texts
    return Inserted(run.run_id, "duplicate" if same else "conflict", iteration)


def _forgotten(rows: list[Row]) -> list[list[Any]]:
    """What the word search is to forget of OLDEST_BATCH."""
    return [
        [row[0], *search_row(row[2:8], [unpacked(text) for text in row[8:]])]
        for row in rows
        if row[1]
    ]
