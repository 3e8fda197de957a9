"""A run as a line of JSON, and back: what `export` writes, `ingest` reads and a kept file holds.

No pydantic here, unless a context needs it: a run is kept without paying for that import.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from genesis_mcp.runs.conforming import make_run, restored
from genesis_mcp.runs.kinds import kind_of
from genesis_mcp.runs.model import (
    TEXT_SIZES,
    TOLD_FIELDS,
    Run,
    code_hash,
    derive_outcome,
    values_of,
)

_TOLD = frozenset(TOLD_FIELDS)

AS_STORED = "as_stored"
"""In a record: what it leaves out was not there, so that reading it fills nothing in."""

WANTS_ITERATION = "wants_iteration"
"""In a record with AS_STORED: the store that takes it gives it an iteration."""

MARKS = frozenset({AS_STORED, WANTS_ITERATION})
"""Names in a record that are about it, and no fields of its run."""


def as_record(run: Run) -> dict[str, Any]:
    """The fields of a run that have a value, less those that reading it gives by itself."""
    record = values_of(run)
    lengths = {size: len((getattr(run, name) or "").encode()) for name, size in TEXT_SIZES.items()}
    if run.code_hash == code_hash(run.code_snapshot or ""):
        del record["code_hash"]
    has_no_iteration = run.kind != "event" and run.spec_id is not None and run.iteration is None
    less = any(record[size] < length for size, length in lengths.items())
    if (has_no_iteration and not run.wants_iteration) or less or run.recorded_by is None:
        mark = {WANTS_ITERATION: True} if run.wants_iteration else {}
        return {**record, AS_STORED: True, **mark}
    printed = bool(run.stdout or run.stderr)
    if run.kind == "run" and run.outcome == derive_outcome(run.exit_code, has_output=printed):
        del record["outcome"]
    if run.kind == "run" and kind_of(record) == "run":
        del record["kind"]
    for size, length in lengths.items():
        if record[size] == length:
            del record[size]
    return record


def as_json(record: Mapping[str, Any]) -> str:
    """A record as JSON in one line; what no JSON can say, such as NaN, is null."""
    try:
        return json.dumps(
            record, ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False
        )
    except (TypeError, ValueError):  # in a context
        from pydantic_core import to_json

        return to_json(record, inf_nan_mode="null").decode()


def as_line(run: Run) -> bytes:
    """The run as a line that `genesis-mcp ingest` reads as the same run."""
    return as_json(as_record(run)).encode() + b"\n"


def run_from(record: Mapping[str, Any], *, recorded_by: str) -> Run:
    """The run that a record tells of; names that are no fields are not looked at.

    Raises:
        UnfitFields: a field is of the wrong type or out of range.
    """
    if record.get(AS_STORED) is not True:
        told = {name: value for name, value in record.items() if name in _TOLD}
        return make_run(told, recorded_by=recorded_by)
    given = {name: value for name, value in record.items() if name in _TOLD and value is not None}
    return replace(restored(given), wants_iteration=record.get(WANTS_ITERATION) is True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError
