"""The lines of pino-pretty, read back as far as it leaves them readable.

    [15:30:00.123] ERROR (worker/41 on host): Falha ao processar
        spec_id: "soma"
        err: {
          "type": "Error",
          "stack":
              Error: caiu
                  at tarefa (worker.js:3:9)
        }

Its documentation names the options: colours, levelFirst, singleLine, translateTime, ignore change
the first line; messageFormat and customPrettifiers may change anything. bunyan's command prints:

    [2026-11-27T20:25:25.403Z] ERROR: worker/41 on host: Falha ao processar (spec_id=soma)
        Error: caiu
            at tarefa (worker.js:3:9)
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from genesis_mcp.ingest.pino import level_name, parse_time

_LEVEL = r"(?P<level>[A-Z][A-Z0-9_-]{1,30})"
_PINO_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL)"
_TIME = r"\[(?P<time>[^\[\]]*\d[^\[\]]*)\]"
_ORIGIN = r"(?: \((?P<origin>[^()]{1,300})\))?"
_MESSAGE = r":(?: (?P<message>.*))?$"
_HEADS = (
    re.compile(
        rf"{_TIME} {{1,2}}{_PINO_LEVEL}: (?P<origin>[^\s/]{{1,80}}/\d+) on (?P<hostname>[^\s:]+)"
        r"(?: \(\S+\))?: (?P<message>.*)$"
    ),
    re.compile(rf"{_TIME} {_LEVEL}{_ORIGIN}{_MESSAGE}"),
    re.compile(rf"{_LEVEL} {_TIME}{_ORIGIN}{_MESSAGE}"),
    re.compile(rf"{_PINO_LEVEL}{_ORIGIN}{_MESSAGE}"),
)
_ORIGIN_PARTS = re.compile(r"(?:(?P<name>.*?)/)?(?P<pid>\d+)(?: on (?P<hostname>\S+))?$")
_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3}))?$")

_PAIRS = re.compile(r" \(((?:[\w.@-]+=[^\s,()]+(?:, |(?=\))))+)\)$")
_FIELD = re.compile(r"    ([^\s:][^:]*): ?(.*)$")
_STACK = re.compile(r'(\s+)"stack":\s*$')

OBJECTS_TRIED = 20
"""Places in a message at which the object of `singleLine` may begin."""

CLOCK_AHEAD = timedelta(minutes=1)
"""A time of day later than that after now was yesterday."""

CLOCK_NEAR = timedelta(minutes=5)
"""A time of day so near to now in UTC is one of UTC; otherwise it is of the local zone, the default
of pino-pretty."""


Head = dict[str, str | None]
"""The parts of a first line: time, level, origin and message."""


def parse_head(line: str) -> Head | None:
    """The parts of a line without colours; None: it is no first line of pino-pretty."""
    if not line or (line[0] != "[" and not line[0].isupper()):
        return None
    found = next((match for head in _HEADS if (match := head.match(line))), None)
    return None if found is None else {"time": None, "origin": None, **found.groupdict()}


def record_of(head: Head, below: Sequence[str], now: datetime) -> tuple[dict[str, Any], int]:
    """The record that Pino had written, and how many of the lines below the first belong to it.

    `now`: about when it was written; a time of day without a date is taken for the last before.
    """
    message, fields = _split_object(head["message"] or "")
    record: dict[str, Any] = {"level": level_name(head["level"])}
    moment = _time(head["time"], now)
    if moment is not None:
        record["time"] = moment.isoformat()
    elif head["time"]:
        record["time_text"] = head["time"]
    record |= _origin(head["origin"])
    if hostname := head.get("hostname"):  # bunyan's: what stands below is text
        message, pairs = _split_pairs(message)
        return record | pairs | {"hostname": hostname, "msg": message}, 0
    taken = 0
    while taken < len(below) and (match := _FIELD.match(below[taken])):
        end = taken + 1
        while end < len(below) and below[end].startswith("    ") and not _FIELD.match(below[end]):
            end += 1
        fields[match[1]] = _value([match[2], *below[taken + 1 : end]])
        taken = end
    record |= fields
    if message.strip():
        record["msg"] = message.strip()
    return record, taken


def has_own_date(head: Head) -> bool:
    """Whether the line tells its time with the day."""
    return bool(head["time"]) and parse_time(head["time"]) is not None


def _time(text: str | None, now: datetime) -> datetime | None:
    if not text:
        return None
    if match := _CLOCK.match(text):
        in_utc = _last(now.astimezone(UTC), match)
        return in_utc if in_utc and now - in_utc < CLOCK_NEAR else _last(now.astimezone(), match)
    return parse_time(text)


def _last(now: datetime, clock: re.Match[str]) -> datetime | None:
    """When it was that time of day the last time before now, in the zone of `now`."""
    hour, minute, second, fraction = clock.groups()
    try:
        moment = now.replace(
            hour=int(hour),
            minute=int(minute),
            second=int(second),
            microsecond=int((fraction or "0").ljust(6, "0")),
        )
    except ValueError:
        return None
    return moment if moment <= now + CLOCK_AHEAD else moment - timedelta(days=1)


def _origin(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    parts = _ORIGIN_PARTS.match(text)
    if parts is None:
        return {"name": text}
    origin = {name: value for name, value in parts.groupdict().items() if value}
    return {**origin, "pid": int(origin["pid"])}


def _split_object(message: str) -> tuple[str, dict[str, Any]]:
    """The message, and the object that `singleLine` puts behind it."""
    if not message.endswith("}"):
        return message, {}
    start = -1
    for _ in range(OBJECTS_TRIED):
        start = message.find("{", start + 1)
        if start < 0:
            break
        if start and message[start - 1] != " ":
            continue
        try:
            return message[:start].rstrip(), _object(message[start:])
        except (ValueError, RecursionError):
            continue
    return message, {}


def _split_pairs(message: str) -> tuple[str, dict[str, Any]]:
    """The message, and the fields in parentheses that bunyan puts behind it."""
    found = _PAIRS.search(message)
    if found is None:
        return message, {}
    pairs = (pair.partition("=") for pair in found[1].split(", "))
    return message[: found.start()], {name: value.strip('"') for name, _, value in pairs}


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError
    return found


def _value(lines: list[str]) -> Any:
    """A field's value: JSON, but for the stack of an error, which is printed as it is."""
    text = "\n".join(_with_plain_stacks(lines))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return "\n".join(lines).strip()


def _with_plain_stacks(lines: list[str]) -> list[str]:
    """The lines with every printed stack as a JSON text."""
    made: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        match = _STACK.match(line)
        if match is None:
            made.append(line)
            continue
        deeper = match[1] + "    "
        start = place
        while place < len(lines) and lines[place].startswith(deeper):
            place += 1
        stack = "\n".join(one[len(deeper) :] for one in lines[start:place])
        more = place < len(lines) and lines[place].strip().startswith('"')
        made.append(f'{match[1]}"stack": {json.dumps(stack)}{"," if more else ""}')
    return made
