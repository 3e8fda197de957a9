"""Lines that hold several records, as a line each: OpenTelemetry's protocol, and lists of records.

    {"resourceLogs": [{"resource": {...}, "scopeLogs": [{"logRecords": [{...}, {...}]}]}]}
    [{"level": "error", ...}, {...}]

What stands before the object in its line stands before each of its records.
"""

import json
from collections.abc import Iterator
from typing import Any

from genesis_mcp.ingest.lines import Line

RECORDS_MAX = 10_000
"""Of one line; a collector sends hundreds."""

BEFORE_BYTES_MAX = 300
"""Of a line in which such an object begins."""

_PROTOCOL = (b'{"resourceLogs"', b'{"resource_logs"')
_SPREAD = (b"{\n", b"{\r\n")


def unbundled(line: Line) -> Iterator[Line]:
    """The line itself, or the lines of its records; one that cannot be read stays as it is."""
    start = _start(line.data)
    records = None if start is None or line.left_out else _records(line.data[start:])
    if not records:
        yield line
        return
    before = line.data[:start]
    for record in records[:RECORDS_MAX]:
        text = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
        yield Line(line.number, before + text)


def _start(data: bytes) -> int | None:
    head = data[:BEFORE_BYTES_MAX]
    if head.startswith(b"[") and head[1:].lstrip()[:1] == b"{" and data.rstrip().endswith(b"]"):
        return 0
    if b"esource" not in head:
        return None
    if head.startswith(_SPREAD):
        return 0
    at = min((found for mark in _PROTOCOL if (found := head.find(mark)) >= 0), default=-1)
    return at if at >= 0 else None


def _records(data: bytes) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, list):
        return found if all(isinstance(one, dict) and one for one in found) else None
    return list(_of_protocol(found)) if isinstance(found, dict) else None


def _of_protocol(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in _objects(whole, "resourceLogs", "resource_logs"):
        resource = group.get("resource")
        for scoped in _objects(group, "scopeLogs", "scope_logs", "instrumentationLibraryLogs"):
            scope = scoped.get("scope")
            about = {
                name: value for name, value in (("resource", resource), ("scope", scope)) if value
            }
            for record in _objects(scoped, "logRecords", "log_records"):
                yield record | about


def _objects(value: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    given = next((value[name] for name in names if isinstance(value.get(name), list)), ())
    return [one for one in given if isinstance(one, dict)]
