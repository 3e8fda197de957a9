"""The store in one SQLite file, for one machine: any number of processes read and write it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from genesis_mcp.errors import ConfigError, StoreError, WriteNotAllowed
from genesis_mcp.runs.identifiers import after_beginning
from genesis_mcp.runs.kept_note import Note
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import (
    Attempt,
    Failure,
    InDoubt,
    Inserted,
    RunPage,
    RunQuery,
    SpecStats,
    StoreStats,
)
from genesis_mcp.runs.times import from_milliseconds
from genesis_mcp.stores.asking import Answers, Asked, in_turn
from genesis_mcp.stores.contract import PRUNE_BATCH, Forgotten
from genesis_mcp.stores.figures import spec_stats
from genesis_mcp.stores.sqlite import changes, queries
from genesis_mcp.stores.sqlite.answering import (
    ENGINE,
    count,
    describe,
    matching,
    searched_since,
    specs,
)
from genesis_mcp.stores.sqlite.connections import Connections
from genesis_mcp.stores.sqlite.files import is_writable, size_bytes
from genesis_mcp.stores.sqlite.inserting import insert, prepared
from genesis_mcp.stores.sqlite.kept_notes import drop_note, keep_note, newest_notes
from genesis_mcp.stores.sqlite.migrating import notes, older_copies
from genesis_mcp.stores.sqlite.rows import (
    WHOLE,
    WITHOUT_TEXTS,
    Row,
    facts_from_row,
    run_from_row,
    search_row,
    searched_texts,
)
from genesis_mcp.stores.sqlite.schema import IDS_PER_MS

_SCHEME = "sqlite:///"

NOT_OVERWRITTEN = (
    "Their bytes may still lie in free parts of the file: run VACUUM on it with sqlite3 once "
    "nobody else uses it."
)


class SQLiteStore:
    """A `RunStore` in the file at `path`, which is made with the first call unless `read_only`.

    `timeout_seconds` bounds each call, waiting for locks included.
    """

    folds_accents = True
    is_remote = False

    def __init__(
        self, path: Path, *, read_only: bool = False, timeout_seconds: float = 10.0
    ) -> None:
        self._path = path
        self._read_only = read_only
        self._connections = Connections(path, read_only=read_only, timeout_seconds=timeout_seconds)

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
        ready = prepared(runs)
        with self._connections.writing() as connection:
            return insert(connection, runs, ready)

    def prune(self, before: datetime) -> int:
        """See `RunStore.prune`."""
        self._refuse_when_read_only()
        end = queries.bound_ms(before)
        return self._prune(changes.OLDEST_BATCH, end * IDS_PER_MS) + self._prune(
            changes.SPILLED_BATCH, end
        )

    def _prune(self, batch_sql: str, end: int) -> int:
        pruned = batch = self._prune_batch(batch_sql, end)
        while batch == PRUNE_BATCH:
            batch = self._prune_batch(batch_sql, end)
            pruned += batch
        return pruned

    def _prune_batch(self, batch_sql: str, end: int) -> int:
        with self._connections.writing() as connection:
            rows = connection.execute(batch_sql, (end, PRUNE_BATCH)).fetchall()
            if connection.has_search:
                connection.executemany(changes.DELETE_SEARCH, _forgotten(rows))
            connection.executemany(changes.DELETE, [row[:1] for row in rows])
        return len(rows)

    def give_back_space(self) -> None:
        """See `CompactingStore.give_back_space`."""
        self._refuse_when_read_only()
        self._connections.write_anew()

    def try_writing(self) -> None:
        """See `RunStore.try_writing`: the version of the schema is written once more."""
        self._refuse_when_read_only()
        with self._connections.trying() as connection:
            connection.execute(f"PRAGMA user_version = {connection.version}")

    def forget(self, run_ids: Sequence[str]) -> Forgotten:
        """See `RunStore.forget`."""
        self._refuse_when_read_only()
        number = 0
        for start in range(0, len(run_ids), PRUNE_BATCH):
            number += self._forget(run_ids[start : start + PRUNE_BATCH])
        if not number:
            return Forgotten(0)
        copies = [copy for copy in older_copies(self._path) if copy.exists()]
        rest = f"{copies[0].name} beside the store may have them: delete it." if copies else None
        try:
            self._connections.write_anew(bounded=True)
        except StoreError:
            return Forgotten(number, rest or NOT_OVERWRITTEN)
        return Forgotten(number, rest)

    def _forget(self, run_ids: Sequence[str]) -> int:
        with self._connections.writing() as connection:
            connection.execute(changes.OVERWRITE_FREED)
            keys = [queries.key(run_id) for run_id in dict.fromkeys(run_ids)]
            found = [connection.execute(changes.FORGOTTEN, (key,)).fetchone() for key in keys]
            rows = [row for row in found if row]
            if connection.has_search and (searched_rows := _forgotten(rows)):
                connection.executemany(changes.DELETE_SEARCH, searched_rows)
                connection.execute(changes.MERGE_SEARCH)
            connection.executemany(changes.DELETE, [row[:1] for row in rows])
            for place, label in enumerate(changes.PRUNED_LABELS, 3):
                values = {row[place] for row in rows if row[place] is not None}
                connection.executemany(
                    changes.newest_again(label), [{"value": value} for value in values]
                )
        return len(rows)

    def notes(self, *, current: int | None) -> list[Note]:
        """See `KeepsNotes.notes`."""
        with self._connections.reading() as connection:
            return newest_notes(connection, current)

    def keep_note(self, note: Note) -> None:
        """See `KeepsNotes.keep_note`."""
        self._refuse_when_read_only()
        with self._connections.writing() as connection:
            keep_note(connection, note)

    def drop_note(self, group: str) -> None:
        """See `KeepsNotes.drop_note`."""
        self._refuse_when_read_only()
        with self._connections.writing() as connection:
            drop_note(connection, group)

    def ensure_schema(self) -> list[str]:
        """See `RunStore.ensure_schema`."""
        self._refuse_when_read_only()
        return self._connections.create()

    # --- reading ---

    def read(self, *asked: Asked[Any]) -> Answers:
        """See `RunStore.read`: one after the other, since nothing is waited for between them."""
        return in_turn(self, asked)

    def find(self, query: RunQuery) -> RunPage:
        """See `RunStore.find`."""
        with self._connections.reading() as connection:
            rows = list(islice(matching(connection, query), query.limit + 1))
            since = searched_since(connection, query)
        return RunPage.of([facts_from_row(row) for row in rows], query.limit, since)

    def failures(self, query: RunQuery) -> list[Failure]:
        """See `RunStore.failures`."""
        query = replace(query, failed=True)
        with self._connections.reading() as connection:
            rows = list(islice(matching(connection, query, queries.FAILURE), query.limit))
        return [Failure(run_id, from_milliseconds(ms), *others) for run_id, ms, *others in rows]

    def fetch(self, run_ids: Sequence[str], *, text_bytes: int | None = None) -> list[Run]:
        """See `RunStore.fetch`."""
        columns = WITHOUT_TEXTS if text_bytes == 0 else WHOLE
        with self._connections.reading() as connection:
            sql = queries.fetch_sql(columns, connection.version)
            rows = [
                connection.execute(sql, (queries.key(run_id),)).fetchone() for run_id in run_ids
            ]
        return [run_from_row(row, text_bytes) for row in rows if row]

    def ids(self, beginning: str, *, limit: int) -> list[str]:
        """See `RunStore.ids`."""
        beginning = queries.key(beginning)
        bounds = beginning, after_beginning(beginning)
        with self._connections.reading() as connection:
            return [row[0] for row in connection.execute(queries.IDS, (*bounds, limit))]

    def in_doubt(self, query: RunQuery) -> InDoubt:
        """See `RunStore.in_doubt`."""
        with self._connections.reading() as connection:
            rows = list(islice(matching(connection, query, queries.NOTED), query.limit + 1))
        return InDoubt.of([(run_id, bool(doubt)) for run_id, _, doubt in rows], query.limit)

    def repeated(self, attempts: Iterable[Attempt]) -> set[Attempt]:
        """See `RunStore.repeated`."""
        with self._connections.reading() as connection:
            return {
                one
                for one in set(attempts)
                for query in [RunQuery(kind="run", spec_id=one.spec_id, iteration=one.iteration)]
                if count(connection, query, 2) > 1
            }

    def count(self, query: RunQuery, *, at_most: int) -> int:
        """See `RunStore.count`."""
        with self._connections.reading() as connection:
            return count(connection, query, at_most)

    def specs(self, *, limit: int) -> list[SpecStats]:
        """See `RunStore.specs`."""
        with self._connections.reading() as connection:
            return specs(connection, limit)

    def spec(self, spec_id: str) -> SpecStats | None:
        """See `RunStore.spec`."""
        with self._connections.reading() as connection:
            row = connection.execute(queries.SPEC, (queries.key(spec_id),)).fetchone()
        return spec_stats(row) if row else None

    def describe(self, since: datetime) -> StoreStats:
        """See `RunStore.describe`."""
        with self._connections.reading() as connection:
            return describe(
                connection,
                since,
                size_bytes=size_bytes(self._path),
                writable=self.may_write(),
                notes=notes(self._path, connection.version),
            )

    @property
    def begun_anew_at(self) -> datetime | None:
        """See `FileStore.begun_anew_at`."""
        return self._connections.begun_anew_at

    def may_write(self) -> bool:
        """See `RunStore.may_write`; a file that is not there yet will be made."""
        return not self._read_only and (not self._path.exists() or is_writable(self._path))

    def ping(self) -> str:
        """See `RunStore.ping`."""
        with self._connections.reading() as connection:
            connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone()
        return ENGINE

    def close(self) -> None:
        """See `RunStore.close`."""
        self._connections.close()

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise WriteNotAllowed("Recording is switched off: the store was opened to read only.")


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


def _forgotten(rows: list[Row]) -> list[list[Any]]:
    """What the word search is to forget of OLDEST_BATCH."""
    return [[row[0], *search_row(row[2:8], searched_texts(row[8]))] for row in rows if row[1]]
