"""Runs as documents and back; documents of other writers as runs, whatever is in them.

Read are documents of ours, of the v1.0 logger (MS_Prometheus_Logging v1.0 section 2.2) and of
pino-mongodb. What counts as a failure or an event is decided here as in `conditions`, by the same
fields, so that a list and a count never disagree.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as dataclass_fields
from datetime import datetime
from math import isfinite, isnan
from operator import attrgetter
from typing import Any

from bson import json_util
from bson.decimal128 import Decimal128
from bson.errors import BSONError
from bson.objectid import ObjectId
from pydantic_core import to_json

from genesis_mcp.runs.kinds import WHERE_CODES_CAN_BE_LEFT_OUT, Told, kind_by
from genesis_mcp.runs.model import (
    CONTEXT_BYTES_MAX,
    FAILED_LEVELS,
    FAILED_OUTCOMES,
    INT32_MAX,
    INT32_MIN,
    LABELS,
    SIZES,
    TEXTS,
    UINT32_MAX,
    Outcome,
    Run,
    RunFacts,
    Signature,
    code_hash,
    derive_outcome,
)
from genesis_mcp.runs.query import Failure
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX, cap_text, join_ends
from genesis_mcp.runs.side_text import side_text, tests_in
from genesis_mcp.runs.times import TIMESTAMP_END, TIMESTAMP_MIN, whole_milliseconds
from genesis_mcp.stores.insertion import Arrival
from genesis_mcp.stores.mongodb.values import (
    UNREADABLE,
    as_context,
    as_level,
    as_listed,
    as_number,
    as_numbers,
    as_text,
    as_whole,
)
from genesis_mcp.text.clean import scrub

Document = Mapping[str, Any]

NAMES = (*LABELS, "recorded_by", "code_hash", "doubt")
"""Fields that are text and may be missing."""

COUNTS = ("read_version", "tests_passed", "tests_failed", "tests_skipped")
"""Numbers that are stored as they are, and may be missing."""

SIDE_TEXT = "facts"
"""Where `side_text` of a run stands."""

GIVEN_EXIT_CODE = "given_exit_code"
"""Where the recorded exit code stands when `exit_code` holds another one; see `_stored_code`."""

TOLD_KIND = "told_kind"
"""What a projection calls the kind of a document by what it tells; see `kinds`."""

OTHERS_ROOM = 4 * 1024
"""Bytes of a context that are kept for the names of what does not fit into it."""

LEFT_OUT_NAMED, NAME_CHARS_MAX = 5, 100

_PLAIN = (
    *("spec_id", "iteration", "stdout", "stderr", "code_snapshot", "duration_ms", "timestamp"),
    *("sprint_id", "task_id", "service", "version", "kind", "level", "outcome", "message"),
    *("recorded_by", "code_hash", *SIZES, "doubt", *COUNTS),
)
"""Fields that are stored as they are, v1.0's first."""

_STORED = ("_id", *_PLAIN)
_ITERATION = _STORED.index("iteration")
_plain_values = attrgetter(*_PLAIN)

_READ = {*_PLAIN, *TEXTS, "_id", "exit_code", GIVEN_EXIT_CODE, "context", "signature"} | {
    *("time", "msg", "stack", SIDE_TEXT, "recorded_at", TOLD_KIND)
}

_OBJECT_ID, _NUMBER = re.compile("[0-9a-f]{24}"), re.compile(r"-?[0-9]{1,19}")

_YEARS = range(TIMESTAMP_MIN.year, TIMESTAMP_END.year)
"""Of a time in UTC, as the driver gives all of them, the year tells the same, and at once."""

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_SIGNATURE_FIELDS = tuple(one.name for one in dataclass_fields(Signature))
_signature_values = attrgetter(*_SIGNATURE_FIELDS)
_SIGNATURE_TYPES: dict[str, type] = {"message": str, "group": str, "exact": str, "version": int}


# --- writing ------------------------------------------------------------------------------------


def document_from(arrival: Arrival) -> dict[str, Any]:
    """A run as it is stored; what has no value is left out."""
    run, iteration, recorded_at = arrival
    values = [run.run_id, *_plain_values(run)]
    values[_ITERATION] = iteration
    document = {
        name: value for name, value in zip(_STORED, values, strict=True) if value is not None
    }
    code = _stored_code(run)
    if code is not None:
        document["exit_code"] = code
    if code != run.exit_code:
        document[GIVEN_EXIT_CODE] = run.exit_code
    if run.context is not None:
        # As text: a document can hold neither numbers beyond 64 bits nor every key.
        document["context"] = to_json(run.context).decode()
    if side := side_text(run):
        document[SIDE_TEXT] = side
    document["recorded_at"] = recorded_at
    if run.signature is not None:
        told = zip(_SIGNATURE_FIELDS, _signature_values(run.signature), strict=True)
        document["signature"] = {name: value for name, value in told if value is not None}
    return document


def _stored_code(run: Run) -> int | None:
    """The exit code in the terms of the v1.0 document, by which failures are found.

    There a failure has a number other than 0, and -1 stands for "no exit code". A run that timed
    out, or that its writer judged otherwise than by its exit code, is stored so that a reader of
    v1.0 finds it too.
    """
    if run.kind != "run" or run.outcome in (None, Outcome.UNKNOWN):
        return None  # of a suite as well: who counts failures by code has its tests
    if run.failed:
        return run.exit_code or -1
    return 0


# --- what a document says -----------------------------------------------------------------------


def run_id_of(stored: object) -> str:
    """The run_id of a document: the text of its `_id`, whatever type that has."""
    if isinstance(stored, str):
        return stored
    if isinstance(stored, ObjectId) or (isinstance(stored, int) and not isinstance(stored, bool)):
        return str(stored)
    return json_util.dumps(stored, json_options=json_util.CANONICAL_JSON_OPTIONS)


def ids_named(run_id: str) -> list[Any]:
    """Every `_id` that has this run_id, the text itself first."""
    named: list[Any] = [scrub(run_id)]
    if _OBJECT_ID.fullmatch(run_id):
        named.append(ObjectId(run_id))
    elif _NUMBER.fullmatch(run_id) and -(2**63) <= int(run_id) < 2**63:
        named.append(int(run_id))
    elif run_id[:1] in ("{", "n", "t", "f"):
        named += _id_from_json(run_id)
    if len(named) == 1:
        return named
    return [one for one in named if isinstance(one, str) or run_id_of(one) == run_id]


def _id_from_json(text: str) -> Iterable[Any]:
    """The `_id` that `run_id_of` wrote as JSON.

    A value only: nothing that a query would take for an operator or a pattern.
    """
    try:
        value = json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    except (*UNREADABLE, AttributeError, LookupError, ArithmeticError, BSONError):
        return
    is_plain = value is None or isinstance(value, bool | float | Decimal128 | datetime | bytes)
    is_document = isinstance(value, dict) and not any(name.startswith("$") for name in value)
    if is_plain or is_document:
        yield value


def own_time(document: Document) -> datetime | None:
    """When it ended or was written, as the document itself says; None when it does not."""
    told = document.get("timestamp")
    if isinstance(told, datetime) and told.year in _YEARS:  # as in nearly all
        return told
    for name in ("timestamp", "time"):
        for value in as_listed(document.get(name)):  # a filter looks into arrays, too
            if isinstance(value, datetime) and value.year in _YEARS:
                return value
    return None


def moment_of(document: Document) -> datetime:
    """Its own time, else that of its ObjectId, else the earliest time there is."""
    moment = own_time(document)
    if moment is not None:
        return whole_milliseconds(moment)
    stored = document["_id"]
    return stored.generation_time if isinstance(stored, ObjectId) else TIMESTAMP_MIN


def arrival_of(document: Document) -> int:
    """Its place among those of its millisecond; 0 when nobody noted one, as in the server's order.

    A number with a fraction is none of ours: `queries` asks by the type.
    """
    value = document.get("recorded_at")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def label_of(document: Document, name: str) -> str | None:
    """A label; only text is one: what is shown can then be asked for, and found."""
    value = document.get(name)
    return value or None if isinstance(value, str) else None


def is_event(document: Document) -> bool:
    """Whether this is a log line and no run: by its exit code, `kind`, or else what it tells."""
    if document.get("exit_code") is not None:
        return False
    kind = document.get("kind")
    if kind is None and document.get("level") is None:
        kind = document.get(TOLD_KIND, "run")
    return kind == "event" or kind is None


def is_suite(document: Document) -> bool:
    """Whether this is a run of a suite that is recorded test by test."""
    return document.get("exit_code") is None and document.get("kind") == "suite"


def _told_kind(document: Document) -> Told:
    """TOLD_KIND of a whole document: to the server a number is less than "", and null the least."""
    told = {name: document.get(name) is not None for name in ("iteration", "duration_ms")}
    for name in TEXTS:
        value = document.get(name)
        told[name] = value not in (None, "") and as_number(value) is None
    told["message"] = _first_given(document.get("message"), document.get("msg")) not in (None, "")
    return kind_by(WHERE_CODES_CAN_BE_LEFT_OUT, told)


def is_failed(document: Document) -> bool:
    """Whether this counts as a failure."""
    if is_event(document):
        return any(as_level(level) in FAILED_LEVELS for level in as_listed(document.get("level")))
    if is_suite(document):
        return document.get("outcome") in FAILED_OUTCOMES
    # As $type and $nin do, an array is judged by the numbers in it.
    numbers = as_numbers(document.get("exit_code"))
    return bool(numbers) and all(number and not isnan(number) for number in numbers)


def failure_from(document: Document) -> Failure:
    """What grouping needs, from FAILURE_FIELDS."""
    signature = _signature(document)
    return Failure(
        run_id_of(document["_id"]),
        moment_of(document),
        label_of(document, "spec_id"),
        signature.group if signature else None,
        signature.version if signature else None,
        arrival_of(document),
        as_whole(document.get("iteration")),
    )


def facts_from(document: Document) -> RunFacts:
    """The facts of any document, from FACTS_PROJECTION."""
    return RunFacts(**_facts(document))


def run_from(document: Document, text_bytes: int | None) -> Run:
    """A whole run, from `run_projection` with the same `text_bytes`."""
    if text_bytes is None:
        document = _with_texts(document)
    if text_bytes == 0:
        return Run(**_facts(document), tests=tests_in(label_of(document, SIDE_TEXT)))
    limit = TEXT_BYTES_MAX if text_bytes is None else min(text_bytes, TEXT_BYTES_MAX)
    texts = {name: _shortened(document, name, limit) for name in TEXTS}
    facts = _facts(document)
    for name, size in zip(TEXTS, SIZES, strict=True):
        # A size that is stored may be less than the text's: a byte that was no UTF-8 became three.
        facts[size] = facts[size] or len((texts[name] or "").encode())
    if text_bytes is None and facts["code_hash"] is None and texts["code_snapshot"]:
        facts["code_hash"] = code_hash(texts["code_snapshot"])
    if text_bytes is None and "context" not in document:
        facts["context"] = _others(document)
    facts |= texts | {"stdout": texts["stdout"] or "", "stderr": texts["stderr"] or ""}
    return Run(**facts, tests=tests_in(label_of(document, SIDE_TEXT)))


def _facts(document: Document) -> dict[str, Any]:
    event = is_event(document)
    code = _exit_code(document)
    get = document.get
    facts: dict[str, Any] = {name: label_of(document, name) for name in NAMES}
    facts |= {name: as_whole(get(name)) or 0 for name in SIZES}
    facts |= {name: as_whole(get(name)) for name in COUNTS}
    return facts | {
        "run_id": run_id_of(document["_id"]),
        "timestamp": moment_of(document),
        "kind": "event" if event else "suite" if is_suite(document) else "run",
        "level": as_level(get("level")),
        "iteration": as_whole(get("iteration")),
        "exit_code": code,
        "outcome": None if event else _outcome(document, code, facts),
        "duration_ms": as_whole(get("duration_ms")),
        "context": as_context(get("context")),
        "signature": _signature(document),
        "recorded_at": arrival_of(document),
    }


def _with_texts(document: Document) -> Document:
    """A whole document with its texts by our names; `queries` has the same for the server."""
    error = document.get("err")
    stacks = [error.get("stack") if isinstance(error, Mapping) else None, document.get("stack")]
    texts = {
        "message": _first_given(document.get("message"), document.get("msg")),
        "stderr": _first_given(document.get("stderr"), *stacks),
    }
    whole = {**document, **texts, TOLD_KIND: _told_kind(document)}
    for name, size in zip(TEXTS, SIZES, strict=True):
        if whole.get(size) is None and isinstance(text := whole.get(name), str):
            whole[size] = len(text.encode("utf-8", "replace"))
    return whole


def _first_given(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def _others(document: Document) -> dict[str, Any] | None:
    """What a writer's document has besides a run's fields, as far as it fits into a context."""
    others: dict[str, Any] = {}
    left_out: list[str] = []
    room = CONTEXT_BYTES_MAX - OTHERS_ROOM
    for name, value in document.items():
        if name in _READ or value is None:
            continue
        if name == "err" and isinstance(value, Mapping):  # its stack is the run's stderr
            value = {key: one for key, one in value.items() if key != "stack"}
        entry = as_context({name: value})
        size = len(to_json(entry))
        if entry is not None and size <= room:
            room -= size
            others |= entry
        elif len(left_out) < LEFT_OUT_NAMED:
            left_out.append(scrub(name)[:NAME_CHARS_MAX])
    return {**others, "left_out": left_out} if left_out else others or None


def _outcome(document: Document, code: int | None, facts: Mapping[str, Any]) -> Outcome:
    failed = is_failed(document)
    stored = document.get("outcome")
    outcome = _OUTCOMES.get(stored) if isinstance(stored, str) else None
    if outcome is not None and (outcome in FAILED_OUTCOMES) == failed:
        return outcome
    printed = bool(facts["stdout_bytes"] or facts["stderr_bytes"])
    derived = derive_outcome(code, has_output=printed)
    return derived if (derived in FAILED_OUTCOMES) == failed else Outcome.UNKNOWN


def _exit_code(document: Document) -> int | None:
    if GIVEN_EXIT_CODE in document:
        given = document[GIVEN_EXIT_CODE]
        return given if isinstance(given, int) else None
    numbers = as_numbers(document.get("exit_code"))
    number = next(filter(None, numbers), 0)
    if not numbers or isnan(number):
        return None
    if not isfinite(number):
        return INT32_MAX if number > 0 else INT32_MIN
    whole = int(number) or (1 if number else 0)  # a fraction is no 0
    if INT32_MAX < whole <= UINT32_MAX:
        whole -= 2**32  # -1, or an NTSTATUS, as an unsigned number
    return max(INT32_MIN, min(whole, INT32_MAX))


def _signature(document: Document) -> Signature | None:
    fields = document.get("signature")
    if not isinstance(fields, Mapping):
        return None
    if any(not isinstance(fields.get(name), kind) for name, kind in _SIGNATURE_TYPES.items()):
        return None
    known: dict[str, Any] = {name: fields.get(name) for name in _SIGNATURE_FIELDS}
    return Signature(**known)


def _shortened(document: Document, name: str, limit: int) -> str | None:
    """A text of at most `limit` bytes, of which the server may have sent the two ends only."""
    ends = document.get(f"{name}_ends")
    if isinstance(ends, Mapping):
        head, tail = scrub(ends["head"]).encode(), scrub(ends["tail"]).encode()
        return join_ends(head, tail, ends["bytes"], limit)
    text = as_text(document.get(name))
    return None if text is None else cap_text(text, limit)
