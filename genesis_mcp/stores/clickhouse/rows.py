"""Runs as rows of the ClickHouse table and back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from genesis_mcp.runs.kinds import level_of
from genesis_mcp.runs.model import (
    FACT_FIELDS,
    LABELS,
    SIZES,
    TEXTS,
    Outcome,
    Run,
    RunFacts,
    Signature,
    code_hash,
)
from genesis_mcp.runs.query import Failure
from genesis_mcp.runs.shortening import cap_text, join_ends
from genesis_mcp.runs.side_text import side_text, tests_in
from genesis_mcp.runs.times import from_milliseconds, milliseconds_since_1970
from genesis_mcp.stores.clickhouse import worked_out
from genesis_mcp.stores.clickhouse.schema import COLUMNS, COMPUTED, Table
from genesis_mcp.stores.insertion import Arrival

NAMES = (*LABELS, "recorded_by")
NUMBERS = ("iteration", "exit_code", "duration_ms")
SIGNATURE_TEXTS = ("type", "message", "file", "group", "exact")

COUNTS = ("read_version", "tests_passed", "tests_failed", "tests_skipped")

WRITTEN = tuple(one.name for one in COLUMNS if one.name != COMPUTED)

_TEXT_FACTS = (
    "run_id",
    "kind",
    "level",
    "outcome",
    "code_hash",
    *NAMES,
    "absent",
    "context",
    "doubt",
    *(f"signature_{name}" for name in SIGNATURE_TEXTS),
)
_NUMBER_FACTS = (
    *(*NUMBERS, *SIZES, "signature_line", "signature_version"),
    *(*COUNTS, "recorded_at"),
)

_NAMES = ("timestamp", *_TEXT_FACTS, *_NUMBER_FACTS)

_CONSTANTS = {"''": "", "NULL": None}
"""Defaults that are the same in each row: of a table that lacks the column nobody asks for them."""

FAILURE = (
    "toUnixTimestamp64Milli(timestamp), run_id, toValidUTF8(spec_id), signature_group,"
    " signature_version, recorded_at, nullIf(iteration, 0)"
)
"""What `failures` gives."""

NOTED = "toUnixTimestamp64Milli(timestamp), run_id, recorded_at, doubt != ''"
"""What tells which runs are in doubt."""

SIDE_TEXT = "toValidUTF8(facts)"
WHOLE_TEXTS = ", ".join((*(f"toValidUTF8({name})" for name in TEXTS), SIDE_TEXT))

# Of a longer text its length and its two ends; join_ends takes what it needs of them.
_ENDS = ", ".join(
    f"length({name}), if(length({name}) <= {{text_bytes:UInt64}}, toValidUTF8({name}), ''),"
    f" if(length({name}) <= {{text_bytes:UInt64}}, '',"
    f" toValidUTF8(substring({name}, 1, {{text_bytes:UInt64}}))),"
    f" if(length({name}) <= {{text_bytes:UInt64}}, '',"
    f" toValidUTF8(substring({name}, -toInt64({{text_bytes:UInt64}}))))"
    for name in TEXTS
)
TEXT_ENDS = f"{_ENDS}, {SIDE_TEXT}"
_PIECES = 4


def _getters(*names: str) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(name, attrgetter(name)) for name in names]


_TEXT_VALUES = _getters(*NAMES, *TEXTS, "level", "code_hash", "doubt")
_NUMBER_VALUES = _getters("duration_ms", *SIZES)
_VALUES = _getters("run_id", "kind", *COUNTS)
_SIGNATURE_VALUES = _getters(*SIGNATURE_TEXTS)

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}

Row = Sequence[Any]


# --- writing ------------------------------------------------------------------------------------


def columns_of(arrivals: Sequence[Arrival]) -> dict[str, list[Any]]:
    """The values of WRITTEN, column by column: so they are sent, and so they cost the least."""
    runs = [one.run for one in arrivals]
    columns = {name: [value or "" for value in map(get, runs)] for name, get in _TEXT_VALUES}
    columns |= {name: [value or 0 for value in map(get, runs)] for name, get in _NUMBER_VALUES}
    columns |= {name: list(map(get, runs)) for name, get in _VALUES}
    columns |= _signature_columns([run.signature for run in runs])
    return columns | {
        "iteration": [one.iteration or 0 for one in arrivals],
        "recorded_at": [one.recorded_at for one in arrivals],
        "timestamp": [milliseconds_since_1970(run.timestamp) for run in runs],
        "exit_code": [_stored_code(run) for run in runs],
        "outcome": [run.outcome.value if run.outcome else "" for run in runs],
        "absent": [_absent(one) for one in arrivals],
        "context": ["" if run.context is None else to_json(run.context).decode() for run in runs],
        "facts": [side_text(run) or "" for run in runs],
    }


def _stored_code(run: Run) -> int:
    if run.exit_code is None and run.kind != "event" and run.failed:
        return -1  # "there was none", in the words of the documents
    return run.exit_code or 0


def _absent(one: Arrival) -> str:
    """The names of NUMBERS that have no value."""
    numbers = (one.iteration, one.run.exit_code, one.run.duration_ms)
    if None not in numbers:
        return ""
    return "".join(
        f"{name} " for name, value in zip(NUMBERS, numbers, strict=True) if value is None
    )


def _signature_columns(signatures: Sequence[Signature | None]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        f"signature_{name}": [(get(one) or "") if one else "" for one in signatures]
        for name, get in _SIGNATURE_VALUES
    }
    columns["signature_line"] = [one.line if one else None for one in signatures]
    columns["signature_version"] = [one.version if one else None for one in signatures]
    return columns


# --- reading ------------------------------------------------------------------------------------


class Noted(NamedTuple):
    """A run, and whether a doubt was noted with it."""

    timestamp: datetime
    run_id: str
    recorded_at: int
    is_in_doubt: bool


def noted_from_row(row: Row) -> Noted:
    """NOTED of a row."""
    ms, run_id, arrival, is_in_doubt = row
    return Noted(from_milliseconds(ms), run_id, arrival, bool(is_in_doubt))


class Facts:
    """What is asked of a table to know its runs without their texts, and what comes of it."""

    def __init__(self, table: Table) -> None:
        lacking = {one.name: one.default for one in table.added}
        self._constants = {
            name: _CONSTANTS[default] for name, default in lacking.items() if default in _CONSTANTS
        }
        self._is_worked_out = table.is_plain
        told = {*self._constants, *(worked_out.NAMES if table.is_plain else ())}
        self._names = [name for name in _NAMES if name not in told]

    @property
    def sql(self) -> str:
        """The columns.

        By place and not by alias: an alias would be meant by the same name in WHERE and hide the
        index. toValidUTF8, because the driver gives a text that is none as hexadecimal digits.
        """
        texts = {name: f"toValidUTF8({name})" for name in _TEXT_FACTS}
        sql = texts | {"timestamp": "toUnixTimestamp64Milli(timestamp)"}
        return ", ".join(sql.get(name, name) for name in self._names)

    def spec_id(self, row: Row) -> str:
        """The spec of a row."""
        name: str = row[self._names.index("spec_id")]
        return name

    def of(self, row: Row) -> RunFacts:
        """A row, without validation: another writer's is shown as it is."""
        return RunFacts(**self._values(row))

    def run(self, row: Row, text_bytes: int | None) -> Run:
        """With WHOLE_TEXTS, with TEXT_ENDS or (0 bytes) without texts, as a run."""
        return _run(self._values(row), row[len(self._names) :], text_bytes)

    def _values(self, row: Row) -> dict[str, Any]:
        stored = dict(zip(self._names, row, strict=False))
        if self._is_worked_out:
            stored |= worked_out.worked_out(stored)
        return _values(self._constants | stored)


def failure_from_row(row: Row) -> Failure:
    """FAILURE of a row."""
    ms, run_id, spec_id, group, version, arrival, iteration = row
    return Failure(
        run_id,
        from_milliseconds(ms),
        spec_id or None,
        None if version is None else group,
        version,
        arrival,
        iteration,
    )


def _run(values: dict[str, Any], pieces: Row, text_bytes: int | None) -> Run:
    if text_bytes == 0:
        values |= {"message": None, "stdout": "", "stderr": "", "code_snapshot": None}
        return Run(**values, tests=tests_in(pieces[-1]))
    for place, name in enumerate(TEXTS):
        if text_bytes is None:
            text = pieces[place]
        else:
            text = _joined(pieces[place * _PIECES : (place + 1) * _PIECES], text_bytes)
        values[name] = text or (None if name in ("message", "code_snapshot") else "")
    if text_bytes is None and values["code_hash"] is None and values["code_snapshot"]:
        values["code_hash"] = code_hash(values["code_snapshot"])
    return Run(**values, tests=tests_in(pieces[-1]))


def _joined(pieces: Row, text_bytes: int) -> str:
    length, whole, head, tail = pieces
    if length <= text_bytes:
        return cap_text(whole, text_bytes)
    # What a cut has split of a character is no part of the text.
    first, last = head.rstrip("\ufffd").encode(), tail.lstrip("\ufffd").encode()
    return join_ends(first, last, length, text_bytes)


def _values(values: dict[str, Any]) -> dict[str, Any]:
    values["timestamp"] = from_milliseconds(values["timestamp"])
    values["level"] = level_of(values["level"])
    values["outcome"] = _OUTCOMES.get(values["outcome"])
    absent = values.pop("absent").split()
    values |= dict.fromkeys(absent)
    for name in (*NAMES, "code_hash", "doubt"):
        values[name] = values[name] or None
    context = values["context"]
    values["context"] = from_json(context) if context else None
    values["signature"] = _signature(values)
    return {name: value for name, value in values.items() if name in FACT_FIELDS}


def _signature(values: dict[str, Any]) -> Signature | None:
    if values["signature_version"] is None:
        return None
    return Signature(
        type=values["signature_type"] or None,
        message=values["signature_message"],
        file=values["signature_file"] or None,
        line=values["signature_line"],
        group=values["signature_group"],
        exact=values["signature_exact"],
        version=values["signature_version"],
    )
