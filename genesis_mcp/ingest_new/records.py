"""Runs from lines of JSON in the schema of the specification documents. Knows no store."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from genesis_mcp.arguments import explain
from genesis_mcp.errors import InputError
from genesis_mcp.identifiers import derived_run_id
from genesis_mcp.models import Run, make_run, milliseconds_since_1970, parse_timestamp

BATCH_RECORDS = 500
"""Records that are stored together."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of lines that are stored together: memory stays flat whatever the size of a record."""

RECORDED_BY = "genesis-mcp ingest"

DERIVED_FIELDS = frozenset(
    {
        "error_type",
        "error_message",
        "error_location",
        "signature",
        "signature_group",
        "signature_exact",
        "verdict",
        "code_hash",
    }
)
"""What an export may add and this package works out again."""


class Line(NamedTuple):
    """What became of a line: a run, or the reason why there is none."""

    number: int
    size: int
    run: Run | None
    rejected: str | None


def read_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """One `Line` for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        record = line.removeprefix(b"\xef\xbb\xbf").strip()
        if record:
            yield _read_line(number, record)


def in_batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines in lists of at most BATCH_RECORDS and about BATCH_BYTES."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += line.size
        if len(batch) == BATCH_RECORDS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def parse_object(text: bytes | str) -> dict[str, Any]:
    """A JSON object; bytes that are no UTF-8 are replaced, NaN and Infinity are null.

    Raises:
        InputError: it is no JSON object.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        record = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise InputError("is no JSON object.")
    return record


def run_of(record: dict[str, Any], *, recorded_by: str, place: str = "") -> Run:
    """The run that a record tells of. Fields that no run has go into its `context`.

    Without a run_id it gets one made from its content, and from `place` when it has no timestamp
    either: the same input poured in again is the same run.

    Raises:
        InputError: a field is of the wrong type or out of range.
    """
    content = json.dumps(record, sort_keys=True, ensure_ascii=True, default=str)
    fields = {name: value for name, value in record.items() if name in Run.model_fields}
    fields.pop("signature", None)
    others = record.keys() - Run.model_fields.keys() - DERIVED_FIELDS - {"_id"}
    try:
        if others:
            fields["context"] = {
                **(fields.get("context") or {}),
                **{name: record[name] for name in record if name in others},
            }
        fields["timestamp"] = _plain(fields.get("timestamp"), "$date")
        fields["run_id"] = fields.get("run_id") or _plain(record.get("_id"), "$oid")
        if fields["run_id"] is None:
            fields["run_id"] = _derived_id(fields["timestamp"], content, place)
        return make_run(fields, recorded_by=recorded_by)
    except ValidationError as error:
        raise InputError(explain(error, tuple(Run.model_fields))) from None
    except TypeError:
        raise InputError("context: must be a JSON object.") from None


def _read_line(number: int, record: bytes) -> Line:
    try:
        run = run_of(parse_object(record), recorded_by=RECORDED_BY, place=str(number))
        return Line(number, len(record), run, None)
    except InputError as error:
        return Line(number, len(record), None, str(error).replace("\n", " "))


def _plain(value: object, wrapper: str) -> Any:
    """A value that MongoDB's extended JSON may have wrapped, such as `{"$date": ...}`."""
    return value[wrapper] if isinstance(value, dict) and value.keys() == {wrapper} else value


def _derived_id(timestamp: object, content: str, place: str) -> str:
    try:
        milliseconds = milliseconds_since_1970(parse_timestamp(timestamp))
    except ValueError:
        return derived_run_id(0, f"{place}\n{content}".encode())
    return derived_run_id(milliseconds, content.encode())
