"""What files of older versions of the schema have, and the SQL that brings them to the present.

A table that is new in the present version is a string of `schema.TABLES`, and the same string in
`_SINCE_3`, because an older file lacks it; a reader of an older file must ask `connection.version`
before it asks that table. A column that is new stands in `BEFORE_4`, with what stands for it there.
"""

# ruff: noqa: S608 - only constants of these modules are put into the SQL

import sqlite3
from collections.abc import Sequence

from genesis_mcp.stores.sqlite.packing import Packed, Packer, joined_texts, unzipped
from genesis_mcp.stores.sqlite.schema import IDS_PER_MS, INDEXES, RUNS, TEXTS_TABLE, TRIGGERS

BEFORE_2 = {
    **dict.fromkeys(("doubt", "read_version", "tests_passed", "tests_failed"), "NULL"),
    **dict.fromkeys(("tests_skipped", "facts"), "NULL"),
    "recorded_at": f"(id % {IDS_PER_MS})",
}
"""What stands for the columns that a file of version 1 lacks: there, too, ids rose with arrival."""

_OLDER_TEXTS = "message, stdout, stderr, code_snapshot"

BEFORE_4 = {"packed": f"joined_texts({_OLDER_TEXTS})", "facts": "unzipped(facts)"}
"""The same for files before version 4, where each text was plain or zlib of its own."""

_OF_VERSION_1 = (
    *("id", "run_id", "timestamp", "kind", "level", "spec_id", "iteration", "exit_code"),
    *("outcome", "duration_ms", "sprint_id", "task_id", "service", "version", "recorded_by"),
    *("code_hash", "message_bytes", "stdout_bytes", "stderr_bytes", "code_bytes"),
    *("signature_type", "signature_message", "signature_file", "signature_line"),
    *("signature_group", "signature_exact", "signature_version", "context"),
)
_SINCE_2 = (
    *("doubt", "read_version", "tests_passed", "tests_failed", "tests_skipped"),
    "recorded_at",
)
"""Columns of `runs`; version 3 added none."""


# As SQLite's "ALTER TABLE" page, section 7, does what ALTER TABLE cannot: foreign keys are off.
def _rebuilt(columns: Sequence[str], values: Sequence[str]) -> tuple[str, ...]:
    return (
        RUNS.replace("CREATE TABLE runs", "CREATE TABLE runs_rebuilt"),
        f"INSERT INTO runs_rebuilt ({', '.join(columns)})"
        f" SELECT {', '.join(values)} FROM runs ORDER BY id",
        "DROP TABLE runs",
        "ALTER TABLE runs_rebuilt RENAME TO runs",
        *INDEXES,
        *(trigger for trigger in TRIGGERS if " ON runs " in trigger),
    )


_SINCE_3 = (
    TEXTS_TABLE.replace("CREATE TABLE texts", "CREATE TABLE texts_rebuilt"),
    "INSERT INTO texts_rebuilt"
    f" SELECT id, packed_texts({_OLDER_TEXTS}), packed_text(facts) FROM texts ORDER BY id",
    "DROP TABLE texts",
    "ALTER TABLE texts_rebuilt RENAME TO texts",
    *(trigger for trigger in TRIGGERS if " ON texts " in trigger),
)

TO_PRESENT = {
    1: (
        "ALTER TABLE texts ADD COLUMN facts",
        *_rebuilt((*_OF_VERSION_1, "recorded_at"), (*_OF_VERSION_1, BEFORE_2["recorded_at"])),
        *_SINCE_3,
    ),
    **dict.fromkeys(
        (2, 3), (*_rebuilt((*_OF_VERSION_1, *_SINCE_2), (*_OF_VERSION_1, *_SINCE_2)), *_SINCE_3)
    ),
}
"""What makes a file of an older version one of the present; roll-ups and word search stay."""


def teach(connection: sqlite3.Connection) -> None:
    """Give a connection to an older file the functions that these statements call."""
    packer = Packer()

    def joined(*texts: Packed | None) -> str:
        return joined_texts([unzipped(text) for text in texts])

    def packed(*texts: Packed | None) -> Packed:
        return packer.texts([unzipped(text) for text in texts])

    def packed_one(text: Packed | None) -> bytes | None:
        return None if text is None else packer.text(unzipped(text) or "")

    connection.create_function("joined_texts", 4, joined)
    connection.create_function("unzipped", 1, unzipped)
    connection.create_function("packed_texts", 4, packed)
    connection.create_function("packed_text", 1, packed_one)


def lacking(version: int) -> dict[str, str]:
    """The columns that a file of that version has not, each with what stands for it there."""
    return (BEFORE_4 if version < 4 else {}) | (BEFORE_2 if version < 2 else {})
