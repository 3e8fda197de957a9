"""The ClickHouse table as SQL: its columns, indexes and projections, and what a table lacks of it.

The first fourteen columns are those of MS_Prometheus_Logging v1.2, section 3.4. Each of ours has a
default that is worked out from those, so that one expression serves twice: as the column's default
in our table, for rows of other writers, and in place of the column where a table has none.
"""

import re
from typing import NamedTuple

from genesis_mcp.runs.kinds import GRAVE_SPELLINGS, WHERE_ZERO_MAY_BE_A_DEFAULT

TABLE = "logs"

NOTES_TABLE = f"{TABLE}_notes"

TTL_DAYS = 90
"""As in the documents: ClickHouse deletes what is older."""

TEXT_INDEX_SINCE = (26, 2)
"""The version in which the text index is generally available (ClickHouse's changelog)."""


INDEXED_SINCE = (26, 9)
"""The version that was seen to change the type of a column in an index; 25.8 refuses (code 524), as
every version does where a projection has the column."""


class Column(NamedTuple):
    """A column as it is made."""

    name: str
    type: str
    default: str = ""
    codec: str = ""

    @property
    def definition(self) -> str:
        default = f" DEFAULT {self.default}" if self.default else ""
        codec = f" CODEC({self.codec})" if self.codec else ""
        return f"`{self.name}` {self.type}{default}{codec}"


DOCUMENTED = (
    Column("timestamp", "DateTime64(3, 'UTC')", "now64(3)", "Delta(8), ZSTD(1)"),
    Column("level", "LowCardinality(String)"),
    Column("message", "String", codec="ZSTD(1)"),
    Column("spec_id", "LowCardinality(String)"),
    Column("iteration", "UInt32"),
    Column("stdout", "String", codec="ZSTD(1)"),
    Column("stderr", "String", codec="ZSTD(1)"),
    Column("exit_code", "Int32"),
    Column("code_snapshot", "String", codec="ZSTD(1)"),
    Column("duration_ms", "UInt32"),
    Column("sprint_id", "LowCardinality(String)"),
    Column("task_id", "LowCardinality(String)"),
    Column("service", "LowCardinality(String)", "'genesis-pipeline'"),
    Column("version", "LowCardinality(String)"),
)
"""The documents' columns, by their names, with types and codecs that take less room."""

FAILED_LEVELS = f"({', '.join(repr(str(one)) for one in dict.fromkeys(map(str, GRAVE_SPELLINGS)))})"
"""As transports write them: labels or numbers."""

ROW_ID_PREFIX = "row-"

# A row of another writer is known by its time and its content; two that share all of this are one.
_ROW_ID = (
    f"concat('{ROW_ID_PREFIX}', toString(toUnixTimestamp64Milli(timestamp)), '-',"
    " lower(hex(sipHash64(toString(level), message, toString(spec_id), iteration, exit_code,"
    " duration_ms, toString(sprint_id), toString(task_id), toString(service), toString(version),"
    " length(stdout), length(stderr), length(code_snapshot)))))"
)

_TOLD = {
    **{name: f"{name} != 0" for name in ("exit_code", "iteration", "duration_ms")},
    **{
        name: f"{name} != ''"
        for name in ("level", "message", "spec_id", "stdout", "stderr", "code_snapshot")
    },
    "grave": f"level IN {FAILED_LEVELS}",
}
*_DECIDING, _OTHERWISE = WHERE_ZERO_MAY_BE_A_DEFAULT
_KIND = "multiIf({}, '{}')".format(
    ", ".join(
        f"{' AND '.join(_TOLD[name] for name in rule.told)}, '{rule.kind}'" for rule in _DECIDING
    ),
    _OTHERWISE.kind,
)
_OUTCOME = (
    "multiIf(kind = 'event', '', exit_code = 0, 'passed',"
    " exit_code = -2 AND stdout = '' AND stderr = '', 'not_started',"
    " exit_code < 0, 'killed', 'failed')"
)
_FAILED = (
    f"toUInt8(if(kind = 'event', level IN {FAILED_LEVELS},"
    " outcome IN ('failed', 'timeout', 'killed', 'not_started')))"
)
# The same where kind and outcome are worked out as above, by their first two rules and by far less
# work for the engine: an exit code is a run's, and a grave level without one an event's.
FAILED_BY_CODE = f"(exit_code != 0 OR level IN {FAILED_LEVELS})"
# Numbers cannot be NULL either: which of them were not given.
_ABSENT = (
    "concat(if(iteration = 0, 'iteration ', ''), if(kind = 'event', 'exit_code ', ''),"
    " if(duration_ms = 0, 'duration_ms ', ''))"
)

ADDED = (
    Column("run_id", "String", _ROW_ID, "ZSTD(1)"),
    Column("kind", "LowCardinality(String)", _KIND),
    Column("outcome", "LowCardinality(String)", _OUTCOME),
    Column("failed", "UInt8", _FAILED),
    Column("absent", "LowCardinality(String)", _ABSENT),
    Column("recorded_by", "LowCardinality(String)", "''"),
    Column("context", "String", "''", "ZSTD(1)"),
    Column("code_hash", "String", "''"),
    Column("message_bytes", "UInt64", "length(message)", "ZSTD(1)"),
    Column("stdout_bytes", "UInt64", "length(stdout)", "ZSTD(1)"),
    Column("stderr_bytes", "UInt64", "length(stderr)", "ZSTD(1)"),
    Column("code_bytes", "UInt64", "length(code_snapshot)", "ZSTD(1)"),
    Column("signature_type", "LowCardinality(String)", "''"),
    Column("signature_message", "String", "''", "ZSTD(1)"),
    Column("signature_file", "String", "''", "ZSTD(1)"),
    Column("signature_line", "Nullable(Int64)", "NULL"),
    Column("signature_group", "LowCardinality(String)", "''"),
    Column("signature_exact", "String", "''", "ZSTD(1)"),
    Column("signature_version", "Nullable(UInt32)", "NULL"),
)

SINCE_2 = (
    # As long as nobody noted it, the iterations order what ended in one millisecond; never a clock,
    # or older rows would move with each reading.
    Column("recorded_at", "Int64", "toInt64(iteration)", "Delta(8), ZSTD(1)"),
    Column("doubt", "String", "''", "ZSTD(1)"),
    Column("read_version", "Nullable(UInt32)", "NULL"),
    Column("tests_passed", "Nullable(UInt32)", "NULL", "ZSTD(1)"),
    Column("tests_failed", "Nullable(UInt32)", "NULL", "ZSTD(1)"),
    Column("tests_skipped", "Nullable(UInt32)", "NULL", "ZSTD(1)"),
    Column("facts", "String", "''", "ZSTD(1)"),
)
"""Columns that tables made by version 1 of this package lack; they are written where they are."""

COLUMNS = (*DOCUMENTED, *ADDED, *SINCE_2)

COMPUTED = "failed"
"""The one column that nobody writes."""

# What is searched of a failure, as words in lower case with single spaces between them. Queries say
# the same expression, or the index would not serve them.
SEARCHED = (
    r"lowerUTF8(replaceRegexpAll(if(failed, concat(message, '\n', stdout, '\n', stderr), ''),"
    r" '[^\\pL\\pN]+', ' '))"
)
WORDS = "idx_words"

INDEXES = {
    "idx_level": "level TYPE set(10) GRANULARITY 4",
    "idx_exit_code": "exit_code TYPE set(10) GRANULARITY 4",
    "idx_failed": "failed TYPE set(2) GRANULARITY 4",
    "idx_spec_id": "spec_id TYPE bloom_filter(0.01) GRANULARITY 1",
    "idx_sprint_id": "sprint_id TYPE bloom_filter(0.01) GRANULARITY 1",
    "idx_task_id": "task_id TYPE bloom_filter(0.01) GRANULARITY 1",
    "idx_service": "service TYPE set(100) GRANULARITY 4",
    "idx_signature": "signature_group TYPE bloom_filter(0.01) GRANULARITY 1",
    WORDS: f"{SEARCHED} TYPE text(tokenizer = 'splitByNonAlpha')",
}

NOTES_COLUMNS = {
    "signature_group": "String",
    "signature_version": "UInt32",
    "text": "String",
    "noted_at": "Int64",
    "run_id": "String",
    "witness": "String",
    "written_at": "Int64",
}
"""Of the table of people's notes, which are few: the newest row of a group is the note."""

DAY = "toInt32(floor(toUnixTimestamp64Milli(timestamp) / 86400000))"
"""Days since 1970 in UTC; ClickHouse's Date ends in 2149."""

_FACTS = ", ".join(
    column.name
    for column in COLUMNS
    if column.name not in {"message", "stdout", "stderr", "code_snapshot", "facts"}
)
BY_RUN, BY_SPEC, GROUPS = "by_run", "by_spec_2", "groups_2"
BY_SPEC_1 = "by_spec"
"""Of version 1, without SINCE_2: it serves until `init` makes the new one."""
OUTDATED = (BY_SPEC_1, "groups")
"""Projections that newer ones replace; `groups` did not tell suites from the runs in them."""
PROJECTIONS = {
    BY_RUN: "SELECT run_id, timestamp ORDER BY run_id",
    BY_SPEC: f"SELECT {_FACTS} ORDER BY spec_id, timestamp",
    "by_day": (
        f"SELECT {DAY}, kind, failed, service, sprint_id, count(), min(timestamp), max(timestamp)"
        f" GROUP BY {DAY}, kind, failed, service, sprint_id"
    ),
    GROUPS: (
        "SELECT signature_group, kind, failed, count() GROUP BY signature_group, kind, failed"
    ),
    "specs": (
        "SELECT spec_id, kind, failed, count(), max(timestamp) GROUP BY spec_id, kind, failed"
    ),
}

# Acknowledged is durable: without fsync a part may be lost with the machine's power.
SETTINGS = {
    "ttl_only_drop_parts": "1",
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
    "lightweight_mutation_projection_mode": "'rebuild'",
    "deduplicate_merge_projection_mode": "'rebuild'",
}
NOT_REPLICATED_SETTINGS = {"non_replicated_deduplication_window": "1000"}
"""A replicated table keeps such a window by itself."""

CREATED_SETTINGS = {"index_granularity": "512", "min_compress_block_size": "16384"}
"""Small reads; can only be given when a table is made."""

PARTITIONED = "toMonday(timestamp)"

_OF_SHARDS = re.compile(r"Distributed\('[^']+', '([^']+)', '([^']+)'")

_NAME = re.compile(r"[a-z_]+")


class Table(NamedTuple):
    """What a table offers, as ClickHouse's system tables tell it."""

    columns: dict[str, tuple[str, str]]
    """Name to type and codec."""
    projections: frozenset[str]
    indexes: frozenset[str]
    engine: str
    rows: int
    version: tuple[int, ...]
    unbuilt: frozenset[str] = frozenset()
    """Projections that some rows are not in yet; only `init` asks for them."""
    has_notes: bool = False
    """Whether there is a table for notes; only `init` asks for it."""

    @property
    def exists(self) -> bool:
        return bool(self.columns)

    @property
    def missing(self) -> list[str]:
        """The documents' columns that it lacks; with any missing it is some other table."""
        return [column.name for column in DOCUMENTED if column.name not in self.columns]

    @property
    def added(self) -> list[Column]:
        """The columns of ours that it lacks."""
        return [column for column in (*ADDED, *SINCE_2) if column.name not in self.columns]

    @property
    def is_distributed(self) -> bool:
        """Whether its rows lie in tables of other names, on the shards of a cluster."""
        return self.engine.startswith("Distributed(")

    @property
    def shard(self) -> tuple[str, str] | None:
        """Database and name of the tables that a Distributed one is over."""
        found = _OF_SHARDS.match(self.engine)
        return (found[1], found[2]) if found else None

    @property
    def has_words(self) -> bool:
        return WORDS in self.indexes

    @property
    def is_ours(self) -> bool:
        """Whether runs of ours can be recorded in it; it may lack columns of SINCE_2."""
        return self.exists and all(column.name in self.columns for column in ADDED)

    @property
    def is_plain(self) -> bool:
        """Whether all that tells what a row is has to be worked out of the documents' columns."""
        told = ("kind", "outcome", "failed", "absent", "recorded_at")
        return not any(name in self.columns for name in told)

    @property
    def has_by_spec(self) -> bool:
        return not self.projections.isdisjoint((BY_SPEC, BY_SPEC_1))

    def prefix(self, select: str) -> str:
        """Stands before a SELECT: our columns that it names and the table lacks, as expressions.

        Only those, and what these are worked out of: the engine takes a while over each.
        """
        lacking = {one.name: one.default for one in self.added}
        if self.is_plain:
            lacking["failed"] = f"toUInt8({FAILED_BY_CODE})"
        named = dict.fromkeys(name for name in _NAME.findall(select) if name in lacking)
        for name in (unread := list(named)):
            more = [each for each in _NAME.findall(lacking[name]) if each in lacking]
            unread += [each for each in more if each not in named]
            named |= dict.fromkeys(more)
        if not named:
            return ""
        return "WITH " + ", ".join(f"{lacking[name]} AS {name}" for name in named) + " "


class Step(NamedTuple):
    """One statement of `init`, and what it has done when it is done."""

    sentence: str
    sql: str


def steps(table: Table, database: str, cluster: str | None) -> list[Step]:
    """What has to be done to a table, or to a database without one; nothing when all is there.

    Nothing either to a Distributed table: that is for the tables that it is over.
    """
    on_cluster = f" ON CLUSTER `{cluster}`" if cluster else ""
    if not table.exists:
        return _creation(table, database, on_cluster)
    if table.is_distributed:
        return []
    alter = f"ALTER TABLE `{database}`.{TABLE}{on_cluster}"
    notes = [] if table.has_notes else [_notes(database, on_cluster)]
    return [*notes, *_columns(table, alter), *_settings(table, alter), *_built(table, alter)]


def _creation(table: Table, database: str, on_cluster: str) -> list[Step]:
    engine = "ReplicatedMergeTree" if on_cluster else "MergeTree"
    settings = CREATED_SETTINGS | SETTINGS | ({} if on_cluster else NOT_REPLICATED_SETTINGS)
    lines = [
        *(column.definition for column in COLUMNS),
        *(f"INDEX {name} {sql}" for name, sql in _indexes(table).items()),
        *(f"PROJECTION {name} ({sql})" for name, sql in PROJECTIONS.items()),
    ]
    body = ",\n  ".join(lines)
    create = (
        f"CREATE TABLE IF NOT EXISTS `{database}`.{TABLE}{on_cluster} (\n  {body}\n)"
        f" ENGINE = {engine}\nPARTITION BY {PARTITIONED}\nORDER BY (timestamp, spec_id)\n"
        f"TTL toDateTime(timestamp) + INTERVAL {TTL_DAYS} DAY\nSETTINGS {_pairs(settings)}"
    )
    return [
        Step(
            "Made sure of the database.", f"CREATE DATABASE IF NOT EXISTS `{database}`{on_cluster}"
        ),
        Step("Created the table.", create),
        _notes(database, on_cluster),
    ]


def _notes(database: str, on_cluster: str) -> Step:
    columns = ", ".join(f"`{name}` {kind}" for name, kind in NOTES_COLUMNS.items())
    engine = f"{'Replicated' if on_cluster else ''}ReplacingMergeTree"
    create = (
        f"CREATE TABLE IF NOT EXISTS `{database}`.{NOTES_TABLE}{on_cluster} ({columns})"
        f" ENGINE = {engine}(written_at) ORDER BY signature_group"
        " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    return Step("Created the table of notes.", create)


def _columns(table: Table, alter: str) -> list[Step]:
    changed = [
        Step(f"Changed how {column.name} is stored.", f"{alter} MODIFY COLUMN {column.definition}")
        for column in DOCUMENTED
        if _is_to_change(table, column)
    ]
    added = [
        Step(f"Added the column {column.name}.", f"{alter} ADD COLUMN {column.definition}")
        for column in table.added
    ]
    return changed + added


def _is_to_change(table: Table, column: Column) -> bool:
    """Whether it is stored otherwise than ours, and may be changed."""
    stored_type, codec = table.columns.get(column.name, ("", ""))
    if column.name == "level" and (table.version < INDEXED_SINCE or table.projections):
        return False  # it takes a little more room as it is, and is read the same
    return stored_type != column.type or bool(column.codec and not codec)


def _settings(table: Table, alter: str) -> list[Step]:
    is_replicated = "Replicated" in table.engine or "Shared" in table.engine
    wanted = SETTINGS | ({} if is_replicated else NOT_REPLICATED_SETTINGS)
    lacking = {name: value for name, value in wanted.items() if name not in table.engine}
    if not lacking:
        return []
    return [Step("Set how the table keeps its rows.", f"{alter} MODIFY SETTING {_pairs(lacking)}")]


def _built(table: Table, alter: str) -> list[Step]:
    """Indexes and projections, and their building for the rows that are there already."""
    made, filled = [], []
    for name in OUTDATED:
        if name in table.projections:
            drop = f"{alter} DROP PROJECTION {name}"
            made.append(Step(f"Dropped the projection {name}, for a newer one.", drop))
    for name, sql in _indexes(table).items():
        if name not in table.indexes:
            made.append(Step(f"Added the index {name}.", f"{alter} ADD INDEX {name} {sql}"))
            filled.append(f"MATERIALIZE INDEX {name}")
    for name, sql in PROJECTIONS.items():
        if name not in table.projections:
            add = f"{alter} ADD PROJECTION {name} ({sql})"
            made.append(Step(f"Added the projection {name}.", add))
        if name not in table.projections - table.unbuilt:
            filled.append(f"MATERIALIZE PROJECTION {name}")
    for column in table.added:
        filled.insert(0, f"MATERIALIZE COLUMN {column.name}")
    if not filled:
        return made
    sql = f"{alter} {', '.join(filled)} SETTINGS mutations_sync = 2"
    return [*made, Step("Built them for the rows that were there.", sql)]


def _indexes(table: Table) -> dict[str, str]:
    if table.version >= TEXT_INDEX_SINCE:
        return INDEXES
    return {name: sql for name, sql in INDEXES.items() if name != WORDS}


def _pairs(settings: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in settings.items())
