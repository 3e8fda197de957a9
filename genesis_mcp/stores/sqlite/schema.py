"""The tables of the SQLite store as SQL: what is in the file, and nothing that runs.

`id` is made from the time (see IDS_PER_MS), so rows lie in the file as they are read and the word
search, which can only order by rowid, gives its hits by time. Within a millisecond it rises with
the arrival: it is the order of every list, and what every index ends with, because SQLite keeps the
rowid at the end of each entry. Only of ids that have spilled (see FIRST_SPILLED_ID) the order is
(timestamp, id): each index has a second one for them, which is empty in nearly all files.

What older versions had is in `older_schemas`.
"""

# ruff: noqa: S608 - only constants of this module are put into the SQL

from collections.abc import Iterable

from genesis_mcp.runs.model import FAILED_LEVELS, FAILED_OUTCOMES, Outcome

APPLICATION_ID = 0x47454E53  # "GENS", for `file` and for us to know our own files
SCHEMA_VERSION = 4

PAGE_BYTES = 8192
"""Of a new file, twice what SQLite takes by itself: of a page with the texts of a few runs less
stays empty. A file that was made with others is read and written as it is."""

IDS_PER_MS = 1_000_000
"""`id` is the timestamp in milliseconds times this, plus a number within that millisecond."""

FIRST_SPILLED_ID = 7_300_000_000_000 * IDS_PER_MS
"""From here on, behind the last millisecond that a run can have, are the ids of those for which
their millisecond has no number left."""

LAST_ID = 2**63 - 1

HOUR_MS = 3_600_000

STANDINGS = {
    ("run", 0): "ok_runs",
    ("run", 1): "failed_runs",
    ("event", 0): "ok_events",
    ("event", 1): "failed_events",
    ("suite", 0): "ok_runs",
    ("suite", 1): "failed_runs",
}
"""Every row is one of these, (kind, failed); the value is its counter in the roll-ups: a suite is a
run in the one of its spec, and in no other.

Indexes begin with the pair, so that any choice of kind and failed is a merge of one to six ranges.
"""

LABEL_INDEXES = {
    "spec_id": "runs_by_spec",
    "service": "runs_by_service",
    "sprint_id": "runs_by_sprint",
    "task_id": "runs_by_task",
    "signature_group": "runs_by_group",
}
"""The columns that runs are looked up by, each with an index and with roll-ups in `labels`."""


def _one_of(column: str, values: Iterable[str]) -> str:
    """Which SQLite decides much faster than `IN`, for which it makes a table with each row."""
    return "(" + " OR ".join(f"{column} = '{value}'" for value in values) + ")"


# No STRICT: SQLite before 3.37 could not open the file; what a TEXT column holds is text, unless it
# is a blob. `context`, the one wide column, is last, so that reading the others does not touch its
# overflow pages.
RUNS = f"""
CREATE TABLE runs (
  id INTEGER PRIMARY KEY CHECK (id / {IDS_PER_MS} = timestamp OR id >= {FIRST_SPILLED_ID}),
  run_id TEXT NOT NULL UNIQUE CHECK (typeof(run_id) != 'blob'),
  timestamp INTEGER NOT NULL CHECK (typeof(timestamp) = 'integer' AND timestamp >= 0),
  kind TEXT NOT NULL CHECK {_one_of("kind", ("run", "event", "suite"))},
  level TEXT,
  spec_id TEXT CHECK (typeof(spec_id) != 'blob'),
  iteration INTEGER CHECK (typeof(iteration) IN ('integer', 'null') AND iteration >= 0),
  exit_code INTEGER CHECK (typeof(exit_code) IN ('integer', 'null')),
  outcome TEXT CHECK {_one_of("outcome", Outcome)},
  failed INTEGER NOT NULL GENERATED ALWAYS AS (
    CASE kind
      WHEN 'event' THEN ifnull({_one_of("level", sorted(FAILED_LEVELS))}, 0)
      ELSE ifnull({_one_of("outcome", sorted(FAILED_OUTCOMES))}, 0)
    END
  ) STORED,
  duration_ms INTEGER CHECK (typeof(duration_ms) IN ('integer', 'null') AND duration_ms >= 0),
  sprint_id TEXT CHECK (typeof(sprint_id) != 'blob'),
  task_id TEXT CHECK (typeof(task_id) != 'blob'),
  service TEXT CHECK (typeof(service) != 'blob'),
  version TEXT,
  recorded_by TEXT,
  code_hash TEXT,
  message_bytes INTEGER NOT NULL CHECK (typeof(message_bytes) = 'integer'),
  stdout_bytes INTEGER NOT NULL CHECK (typeof(stdout_bytes) = 'integer'),
  stderr_bytes INTEGER NOT NULL CHECK (typeof(stderr_bytes) = 'integer'),
  code_bytes INTEGER NOT NULL CHECK (typeof(code_bytes) = 'integer'),
  signature_type TEXT,
  signature_message TEXT,
  signature_file TEXT,
  signature_line INTEGER,
  signature_group TEXT CHECK (typeof(signature_group) != 'blob'),
  signature_exact TEXT,
  signature_version INTEGER,
  doubt TEXT CHECK (typeof(doubt) != 'blob'),
  read_version INTEGER,
  tests_passed INTEGER,
  tests_failed INTEGER,
  tests_skipped INTEGER,
  recorded_at INTEGER NOT NULL DEFAULT 0 CHECK (typeof(recorded_at) = 'integer'),
  context TEXT
)"""

# `packed` is made by `packing`, `facts` compressed text: columns without a type, which would turn
# "12" into a number. Apart from `runs`, so that lists never read past big texts.
TEXTS_TABLE = """
CREATE TABLE texts (
  id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, packed NOT NULL, facts
)"""

_INDEXED = {
    "runs_by_standing": ("kind, failed", ""),
    **{
        index: (f"{label}, kind, failed", f"{label} IS NOT NULL")
        for label, index in LABEL_INDEXES.items()
    },
    "runs_by_iteration": ("spec_id, kind, iteration", "iteration IS NOT NULL"),
}
"""The columns of each index, and which rows are in it."""

SPILLED = f"id >= {FIRST_SPILLED_ID}"


def _indexes(name: str, columns: str, those: str) -> tuple[str, str]:
    spilled = " AND ".join(filter(None, (those, SPILLED)))
    return (
        f"CREATE INDEX {name} ON runs ({columns})" + (f" WHERE {those}" if those else ""),
        f"CREATE INDEX {name}_spilled ON runs ({columns}, timestamp) WHERE {spilled}",
    )


INDEXES = tuple(
    statement
    for name, (columns, those) in _INDEXED.items()
    for statement in _indexes(name, columns, those)
)

# --- roll-ups -----------------------------------------------------------------------------------
# Totals that cost the same at a thousand runs and at a million. What is added `roll_ups` sums up,
# in the transaction that adds it: older programs left that to a trigger, and are refused by the
# version. What is deleted a trigger takes off. `newest` needs no care there: pruning takes the
# oldest first, so while a value has any run left, its newest is among them. Forgetting takes any,
# and puts it right (`newest_again`).

COUNTERS = tuple(dict.fromkeys(STANDINGS.values()))
_COUNTS = [(is_event, failed) for is_event in ("!= 'event'", "= 'event'") for failed in (0, 1)]
_COUNTER_COLUMNS = ", ".join(f"{counter} INTEGER NOT NULL" for counter in COUNTERS)
_SUBTRACT = ", ".join(
    f"{counter} = {counter} - (old.kind {kind} AND old.failed = {failed})"
    for counter, (kind, failed) in zip(COUNTERS, _COUNTS, strict=True)
)
TOTAL = " + ".join(COUNTERS)

_HOURS = f"CREATE TABLE hours (hour INTEGER PRIMARY KEY, {_COUNTER_COLUMNS})"
_LABELS = f"""
CREATE TABLE labels (
  field TEXT NOT NULL, value TEXT NOT NULL, {_COUNTER_COLUMNS}, newest INTEGER NOT NULL,
  PRIMARY KEY (field, value)
) WITHOUT ROWID"""
_SPECS_BY_NEWEST = (
    "CREATE INDEX specs_by_newest ON labels (newest DESC, value) WHERE field = 'spec_id'"
)


def _label_removed(field: str) -> str:
    counts = "" if field == "spec_id" else " AND old.kind != 'suite'"
    return f"""
  UPDATE labels SET {_SUBTRACT} WHERE field = '{field}' AND value = old.{field}{counts};
  DELETE FROM labels WHERE field = '{field}' AND value = old.{field} AND {TOTAL} = 0;"""


TRIGGERS = (
    f"""
CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN
  UPDATE hours SET {_SUBTRACT} WHERE hour = old.timestamp / {HOUR_MS} AND old.kind != 'suite';
  DELETE FROM hours WHERE hour = old.timestamp / {HOUR_MS} AND {TOTAL} = 0;
{"".join(map(_label_removed, LABEL_INDEXES))}
END""",
    """
CREATE TRIGGER runs_append_only BEFORE UPDATE ON runs BEGIN
  SELECT RAISE(ABORT, 'runs are never changed');
END""",
    """
CREATE TRIGGER texts_append_only BEFORE UPDATE ON texts BEGIN
  SELECT RAISE(ABORT, 'runs are never changed');
END""",
)

# A file of an earlier hour of this version has none: it is made with the first note.
NOTES_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
  signature_group TEXT PRIMARY KEY, signature_version INTEGER NOT NULL, text TEXT NOT NULL,
  noted_at INTEGER NOT NULL, run_id TEXT, witness TEXT NOT NULL
) WITHOUT ROWID"""

TABLES = (RUNS, *INDEXES, TEXTS_TABLE, _HOURS, _LABELS, _SPECS_BY_NEWEST, NOTES_TABLE, *TRIGGERS)

# --- word search --------------------------------------------------------------------------------

SEARCH_TEXTS = ("message", "stdout", "stderr")

# Failures only: a third of the text, and what is searched for. Contentless, because the text is in
# `texts` already. `labels` holds one token for each label, so that "this phrase, in this spec" is
# one intersection and not a walk through every run that has the phrase.
SEARCH_TABLE = f"""
CREATE VIRTUAL TABLE search USING fts5 (
  labels, {", ".join(SEARCH_TEXTS)}, content = '', tokenize = 'unicode61 remove_diacritics 2'
)"""
