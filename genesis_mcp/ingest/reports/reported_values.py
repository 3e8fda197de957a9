"""What stands in a report's JSON, whatever type it has there: nothing in it can be relied on."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from genesis_mcp.ingest.pino import parse_time
from genesis_mcp.runs.times import whole_milliseconds

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def text_of(value: object) -> str:
    """A text as it is, a number as text, a list of texts as lines; anything else is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(text_of, value[:1000]))) if value else ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def objects_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none when it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def list_of(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def object_of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def seconds_of(milliseconds: object) -> float | None:
    """Milliseconds as seconds."""
    is_number = isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool)
    return milliseconds / 1000 if is_number and 0 <= milliseconds < 1e12 else None  # type: ignore[operator]


def line_of(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 10_000_000 else 0


def time_of(value: object, *, later: float | None = None) -> datetime | None:
    """A moment, some seconds later."""
    moment = parse_time(value)
    try:
        return moment + timedelta(seconds=later or 0) if moment else None
    except OverflowError:
        return None


def when_written(file: object) -> datetime | None:
    """When a file was written last: the time of a report that tells none, as TAP."""
    try:
        status = os.fstat(file.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError):  # what is in memory has no file
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return whole_milliseconds(datetime.fromtimestamp(max(0.0, status.st_mtime), UTC))


def path_of(value: object) -> str:
    """A file's name with the slashes of POSIX, also where Windows wrote it."""
    path = text_of(value)
    return "/" + path.replace("\\", "/") if _DRIVE.match(path) else path


def joined(parts: Iterable[object]) -> str:
    """Titles within each other as one."""
    return " > ".join(filter(None, (text_of(part).strip() for part in parts)))


def counted(value: object) -> str:
    """A count as an attribute has it."""
    return str(value) if isinstance(value, int) and value >= 0 else ""


def walked(
    root: dict[str, Any], name: str, depth: int
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The objects within each other under a name, each with the titles above and of itself."""
    waiting: list[tuple[tuple[str, ...], dict[str, Any]]] = [((), root)]
    while waiting:
        titles, one = waiting.pop()
        yield titles, one
        if len(titles) < depth:
            inner = objects_of(one.get(name))
            waiting += [((*titles, text_of(two.get("title"))), two) for two in reversed(inner)]
