"""One record, as a run or an event: records in the documents' schema, and log lines."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from genesis_mcp.errors import InputError
from genesis_mcp.ingest import pino
from genesis_mcp.ingest.context_size import fitting
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.identifiers import derived_run_id, new_run_id
from genesis_mcp.runs.kinds import WHERE_ZERO_MAY_BE_A_DEFAULT, kind_by
from genesis_mcp.runs.model import FAILED_LEVELS, READ_FIELDS, TOLD_FIELDS, Run
from genesis_mcp.runs.record_line import MARKS, run_from
from genesis_mcp.runs.times import milliseconds_since_1970, parse_timestamp

DERIVED_FIELDS = frozenset(
    {
        "error_type",
        "error_message",
        "error_location",
        *READ_FIELDS,
        "signature_group",
        "signature_exact",
        "verdict",
        "code_hash",
    }
)
"""What an export may add and this package works out again."""

ALIASES = {
    "exitCode": "exit_code",
    "durationMs": "duration_ms",
    "specId": "spec_id",
    "sprintId": "sprint_id",
    "taskId": "task_id",
    "codeSnapshot": "code_snapshot",
}
"""Names in the code of v1.0's workers, and those of its documents."""

RESULT_NAMES = ("resultado", "result")
_RESULT_MARKS = frozenset({"exitCode", "exit_code", "stdout", "stderr"})
_ERROR_CODE = re.compile(r"(?:E[A-Z0-9]+|[A-Z]+_[A-Z0-9_]+)?")

_OTHER_NAMES = frozenset({*ALIASES, *RESULT_NAMES})

_JSON = json.JSONDecoder(parse_constant=lambda _: None)
_EMPTY = (0, "")
_RESULT = ("exit_code", "stdout", "code_snapshot")
_NEVER_NULL = (*_RESULT, "iteration", "duration_ms", "stderr")
_KNOWN = frozenset(TOLD_FIELDS)
_NO_CONTEXT = _KNOWN | DERIVED_FIELDS | MARKS | {"_id"}


def parse_object(text: bytes | str) -> dict[str, Any]:
    """A JSON object; bytes that are no UTF-8 are replaced, NaN and Infinity are null.

    Of a name that occurs twice the last one counts, as everywhere.

    Raises:
        InputError: it is no JSON object.
    """
    try:
        record = from_json(text, allow_inf_nan=False)
    except ValueError:  # it is no JSON, or such that only the other one takes it
        record = _by_json(text)
    if not isinstance(record, dict):
        raise InputError("is no JSON object.")
    return record


def _by_json(text: bytes | str) -> Any:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return None


def with_our_names(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the names that v1.0's workers use in code as the names of its documents.

    What a worker calls `resultado` or `result` (MS_Prometheus_Logging v1.0 section 3) stands in
    its place, its `code` as the code that ran: elsewhere that name is an error's, such as ENOENT.
    """
    outer = dict(record)
    if _OTHER_NAMES.isdisjoint(record):  # nearly always
        return outer
    for name in RESULT_NAMES:
        inner = record.get(name)
        if isinstance(inner, dict) and not _RESULT_MARKS.isdisjoint(inner):
            del outer[name]
            return _renamed({**_renamed(inner, "code"), **outer})
    has_code = "exitCode" in record and not _ERROR_CODE.fullmatch(str(record.get("code", "")))
    return _renamed(outer, "code") if has_code else _renamed(outer)


def _renamed(record: dict[str, Any], *others: str) -> dict[str, Any]:
    """The record with its names of ALIASES, and of `others`, as ours, where ours is not taken."""
    renamed: dict[str, Any] = {}
    for name, value in record.items():
        ours = ALIASES.get(name) or ("code_snapshot" if name in others else name)
        renamed[name if ours in record or ours in renamed else ours] = value
    return renamed


def without_defaults(record: dict[str, Any]) -> dict[str, Any]:
    """The record; of an event in the documents' ClickHouse table without what it cannot leave out.

    Its columns take no NULL (MS_Prometheus_Logging v1.2 section 3.4): there an event has an exit
    code of 0, and is no pass.
    """
    record = with_our_names(record)
    if not record.get("message") or any(record.get(name, 1) not in _EMPTY for name in _RESULT):
        return record
    if any(record.get(name) is None for name in _NEVER_NULL) or _is_run_row(record):
        return record
    return {
        name: value
        for name, value in record.items()
        if name not in _NEVER_NULL or value not in _EMPTY
    }


def _is_run_row(record: Mapping[str, Any]) -> bool:
    told = {name: record.get(name) not in (*_EMPTY, None) for name in record}
    told["grave"] = pino.level_name(record.get("level")) in FAILED_LEVELS
    return kind_by(WHERE_ZERO_MAY_BE_A_DEFAULT, told) == "run"


def digest(record: Mapping[str, Any]) -> bytes:
    """What stands for the content of a record: the same for the same, whatever its order was."""
    in_order = {name: record[name] for name in sorted(record)}
    try:
        text = to_json(in_order)
    except (ValueError, RecursionError):  # lone surrogates, or nested too deeply
        text = json.dumps(in_order, default=str).encode()
    return hashlib.blake2b(text, digest_size=16).digest()


def run_of(record: dict[str, Any], *, recorded_by: str) -> Run:
    """The run or event that a record tells of. Fields that no run has go into its `context`.

    Without a run_id it gets one made from its content: the same record is the same run. But one
    without a time of its own is a new one each time, since two runs may well end the same.

    Raises:
        InputError: a field is of the wrong type or out of range.
    """
    record = without_defaults(record)
    if pino.is_log_line(record):
        fields = pino.fields_of(record)
        run_id = _own_id(fields.get("timestamp"), record)
        return log_line_of({**fields, "run_id": run_id}, recorded_by=recorded_by)
    return run_record_of(record, recorded_by=recorded_by)


def run_record_of(record: Mapping[str, Any], *, recorded_by: str) -> Run:
    """`run_of` a record that is no log line, and has our names and no defaults of a table.

    Raises:
        InputError: a field is of the wrong type or out of range.
    """
    fields = {name: value for name, value in record.items() if name in _KNOWN}
    fields["timestamp"] = _plain(fields.get("timestamp"), "$date")
    fields["run_id"] = fields.get("run_id") or _plain(record.get("_id"), "$oid")
    if fields["run_id"] is None:
        fields["run_id"] = _own_id(fields["timestamp"], record)
    try:
        if not _NO_CONTEXT.issuperset(record):
            fields["context"] = fitting(
                {
                    **(fields.get("context") or {}),
                    **{name: record[name] for name in record if name not in _NO_CONTEXT},
                }
            )
        if MARKS.isdisjoint(record):
            return make_run(fields, recorded_by=recorded_by)
        marks = {name: record[name] for name in MARKS & record.keys()}
        return run_from({**fields, **marks}, recorded_by=recorded_by)
    except TypeError:
        raise InputError("context: must be a JSON object.") from None


def log_line_of(fields: Mapping[str, Any], *, recorded_by: str) -> Run:
    """The run or event that the fields of a log line tell of, its run_id among them.

    A log line is not refused for a value that does not fit: that goes into the context.

    Raises:
        InputError: even so no run can be made of it.
    """
    given: dict[str, Any] = {**fields, "context": fitting(fields.get("context") or {})}
    try:
        return make_run(given, recorded_by=recorded_by)
    except UnfitFields as error:
        unfit = error.wanted.keys()
    context = {**(given["context"] or {}), **{name: given.pop(name) for name in unfit}}
    return make_run({**given, "context": fitting(context)}, recorded_by=recorded_by)


def _own_id(timestamp: object, record: Mapping[str, Any]) -> str:
    return new_run_id() if timestamp is None else derived_id(timestamp, digest(record), "")


def derived_id(timestamp: object, content: bytes, place: str) -> str:
    """The id of some content at a place; with the record's own time in it, if it has one."""
    try:
        milliseconds = milliseconds_since_1970(parse_timestamp(timestamp))
    except ValueError:
        milliseconds = 0
    return derived_run_id(milliseconds, content + place.encode())


def _plain(value: object, wrapper: str) -> Any:
    """A value that MongoDB's extended JSON may have wrapped, such as `{"$date": ...}`."""
    return value[wrapper] if isinstance(value, dict) and value.keys() == {wrapper} else value
