"""What changes a file of the SQLite store, and what is looked up for it, as SQL: constants only."""

# ruff: noqa: S608 - only constants of this module and of the schema are put into the SQL

from genesis_mcp.stores.sqlite.rows import FACTS
from genesis_mcp.stores.sqlite.schema import FIRST_SPILLED_ID, IDS_PER_MS, SEARCH_TEXTS, SPILLED

LAST_OF_IDS = "SELECT id, recorded_at FROM runs WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1"
INSERT_RUN = f"INSERT INTO runs (id, {', '.join(FACTS)}) VALUES (?, {', '.join('?' * len(FACTS))})"
INSERT_TEXTS = "INSERT INTO texts (id, packed, facts) VALUES (?, ?, ?)"
INSERT_SEARCH = (
    f"INSERT INTO search (rowid, labels, {', '.join(SEARCH_TEXTS)}) VALUES (?, ?, ?, ?, ?)"
)
DELETE_SEARCH = (
    f"INSERT INTO search (search, rowid, labels, {', '.join(SEARCH_TEXTS)})"
    " VALUES ('delete', ?, ?, ?, ?, ?)"
)

_HIGHEST_OF_KIND = (
    "SELECT iteration FROM runs INDEXED BY runs_by_iteration WHERE spec_id = :spec_id"
    " AND kind = '{kind}' AND iteration IS NOT NULL ORDER BY iteration DESC LIMIT 1"
)
HIGHEST_ITERATION = (
    "SELECT max(iteration) FROM"
    f" (SELECT * FROM ({_HIGHEST_OF_KIND.format(kind='run')})"
    f" UNION ALL SELECT * FROM ({_HIGHEST_OF_KIND.format(kind='suite')}))"
)

PRUNED_LABELS = ("spec_id", "sprint_id", "task_id", "service", "signature_group")
_PRUNED = (
    f"SELECT id, failed, kind, {', '.join(PRUNED_LABELS)}, packed FROM runs JOIN texts USING (id)"
)
OLDEST_BATCH = f"{_PRUNED} WHERE id < ? ORDER BY id LIMIT ?"
SPILLED_BATCH = f"{_PRUNED} WHERE {SPILLED} AND timestamp < ? ORDER BY id LIMIT ?"
DELETE = "DELETE FROM runs WHERE id = ?"
FORGOTTEN = f"{_PRUNED} WHERE run_id = ?"
OVERWRITE_FREED = "PRAGMA secure_delete = ON"
MERGE_SEARCH = "INSERT INTO search (search) VALUES ('optimize')"
"""So that no older part of the index has the words of what is deleted."""


def newest_again(label: str) -> str:
    """Has the roll-up of a label know its newest run again, which was deleted perhaps."""
    counts = "" if label == "spec_id" else " AND kind != 'suite'"
    of_value = f"FROM runs WHERE {label} = :value{counts}"
    return (
        "UPDATE labels SET newest = (SELECT max(newest) FROM"
        f" (SELECT max(id) / {IDS_PER_MS} AS newest {of_value} AND id < {FIRST_SPILLED_ID}"
        f" UNION ALL SELECT max(timestamp) {of_value} AND {SPILLED}))"
        f" WHERE field = '{label}' AND value = :value"
    )


def known_sql(number: int) -> str:
    """The SELECT of those of so many run_ids that are there."""
    return f"SELECT run_id FROM runs WHERE run_id IN ({', '.join('?' * number)})"
