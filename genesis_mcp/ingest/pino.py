"""The fields of a log line as Pino and other loggers write it, in any setting, as fields of ours.

Pino lets its user rename and rearrange nearly everything (its API documentation, "options"): what
is looked for here are the names that occur. What is not recognised goes into the context, whole.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from genesis_mcp.ingest.envelopes import opened
from genesis_mcp.ingest.logged_error import STACK_NAMES, error_text, is_error, stack_text
from genesis_mcp.runs.kinds import LEVEL_WORDS, kind_of
from genesis_mcp.runs.model import FACT_FIELDS, PINO_LEVELS, TOLD_FIELDS
from genesis_mcp.runs.times import parse_timestamp

TIME_NAMES = (
    *("timestamp", "time", "@timestamp", "ts", "datetime", "date", "asctime", "@t"),
    *("timeUnixNano", "observedTimeUnixNano", "instant", "startTime"),
)
LEVEL_NAMES = (
    *("level_name", "levelname", "severityText", "severity_text", "@l"),  # beside a number
    *("level", "severity", "log.level", "lvl", "loglevel", "log_level", "levelno"),
)
MESSAGE_NAMES = (
    *("message", "msg", "text", "mensagem", "log", "event", "body", "short_message"),
    *("@m", "@mt", "full_message"),
)
ERROR_NAMES = ("err", "error", "exception", "erro", "exc_info", "thrown", "@x")
"""Each in the order in which they are looked for; the first that fits is taken."""

_LOGGED = (
    *({name} for name in LEVEL_NAMES),
    *({moment, text} for moment in ("time", "timestamp", "ts") for text in ("msg", "message")),
    {"spec_id", "exit_code"},
    {"specId", "exitCode"},
)
"""A record behind a prefix has all names of a row: other objects are what a text says."""

LEAST_OF_PINO = 10
"""A smaller number is of another scale."""

_LEVEL_NAMES_TOLD = frozenset({*PINO_LEVELS.values(), *LEVEL_WORDS, "success"})

LEVEL_PARTS = ("name", "levelStr", "label")
"""Where a level that is an object has its name."""

EARLIEST_NUMBER = 1_000_000_000
"""As seconds this is of 2001; a smaller number under the name of a time is none."""

_SECONDS = ({"epochSecond", "nanoOfSecond"}, {"seconds", "nanos"})
"""The fields of a time in log4j and in Google's protocol, in this order."""

_FLAT_STACKS = 6
"""Names of a stack that stand for one in the line itself, too."""

RESULTS = ("stdout", "stderr", "code_snapshot")
_TOLD_FACTS = frozenset(FACT_FIELDS) & frozenset(TOLD_FIELDS)
_MARKS = frozenset({"time", "msg", "pid", "hostname", "err"})
_RUN_MARKS = frozenset({"run_id", "_id", "kind", "outcome", "recorded_by"})
_OURS = frozenset({"spec_id", "task_id", "sprint_id", "iteration", "exit_code", *RESULTS})
_TAKEN = (
    *("spec_id", "iteration", "stdout", "stderr", "exit_code", "code_snapshot", "duration_ms"),
    *("sprint_id", "task_id", "service", "version", "outcome", "kind"),
)
_FRACTION = re.compile(r"(\d\d:\d\d:\d\d),(\d{1,9})")
"""Of a second, behind a comma, as Python's logging writes it."""
_HAS_STACK = re.compile(r"\n\s+at \S|\nTraceback \(most recent call last\):|\n  File \"")
_HAS_HEAD = re.compile(r"Traceback |(?:[\w$]+\.)*[A-Z]\w*(?:: |\n)")
_SPACED_ZONE = re.compile(r"(\d) ([+-]\d\d:?\d\d)$")


def is_log_line(record: Mapping[str, Any]) -> bool:
    """Whether this is a line of a logger, to be read leniently, and not the record of a run."""
    if not _RUN_MARKS.isdisjoint(record):
        return False
    if isinstance(record.get("level"), int) or not _MARKS.isdisjoint(record):
        return True
    return record.get("exit_code") is None and not any(record.get(name) for name in RESULTS)


def is_logged(record: Mapping[str, Any]) -> bool:
    """Whether an object that is not all of its line is a record: others are what a text says."""
    return any(marks <= record.keys() for marks in _LOGGED)


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a run or an event, `kind` among them; the rest of the line as `context`.

    `kinds` tells which it is: a line with a level and no exit code of its own is an event, whatever
    was printed.
    """
    rest = _lifted(opened(record))
    fields: dict[str, Any] = {
        "timestamp": _taken_time(rest),
        "level": _taken_level(rest),
        "message": _taken_text(rest, MESSAGE_NAMES),
    }
    fields |= {name: rest.pop(name) for name in _TAKEN if rest.get(name) is not None}
    for name in _TAKEN:
        rest.pop(name, None)
    signal = rest.get("signal")
    if "exit_code" in record and record["exit_code"] is None and isinstance(signal, str):
        fields["exit_code"] = -1  # what Node reports of a child that a signal ended
    fields["kind"] = kind_of(fields)
    if not fields.get("stderr"):
        fields["stderr"] = _taken_error(rest)
        if (
            fields["kind"] == "event"
            and fields["level"] is None
            and "\n" in (fields["stderr"] or "")
        ):
            fields["level"] = "error"  # a logger that prints no level, and a stack
    _part_message(fields)
    context = rest.pop("context", None)
    if isinstance(context, dict):
        rest = {**context, **rest}
    elif context is not None:
        rest["context"] = context
    fields["context"] = rest
    return {name: value for name, value in fields.items() if value is not None}


def parse_time(value: object) -> datetime | None:
    """A time as loggers write it: ISO 8601, or seconds to nanoseconds since 1970; else None."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        value = _in_parts(value)
    if isinstance(value, str):
        value = value.strip()
        if value.isdigit():
            value = int(value)
    if isinstance(value, int | float):
        if isinstance(value, bool) or not value >= EARLIEST_NUMBER:
            return None
        if value >= 1e14:  # microseconds, or nanoseconds
            value = value / 1e3 if value < 1e17 else value / 1e6
    try:
        if isinstance(value, str):
            if "," in value:
                value = _FRACTION.sub(r"\1.\2", value)
            if " " in value:
                value = _SPACED_ZONE.sub(r"\1\2", value)
            if "GMT" in value:
                value = parsedate_to_datetime(value)
        return parse_timestamp(value)
    except (ValueError, TypeError, OverflowError):
        return None


def _in_parts(value: dict[str, Any] | list[Any]) -> object:
    """A time that is an object (MongoDB's, log4j's, Google's), or a list: process.hrtime."""
    if isinstance(value, dict):
        if value.keys() == {"$date"}:
            return value["$date"]
        if "date" in value:  # PHP's
            return value["date"]
        value = list(value.values()) if value.keys() in _SECONDS else []
    if len(value) == 2 and all(type(part) is int for part in value):
        return float(value[0] + value[1] / 1e9)
    return None


def level_name(value: object) -> str | None:
    """A level's name from Pino's number, or from its label in any case; None when it is neither.

    A number that its user added stands for itself below 50, and for error or fatal from there on.
    """
    if isinstance(value, dict):
        value = next((value[part] for part in LEVEL_PARTS if value.get(part)), None)
    if isinstance(value, str):
        name = value.strip().lower()
        if name.isdigit():
            return level_name(int(name))
        return LEVEL_WORDS.get(name, name) or None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if value in PINO_LEVELS or value < 50:
        return PINO_LEVELS.get(value, str(value))
    return "error" if value < 60 else "fatal"


# --- parts --------------------------------------------------------------------------------------


def _lifted(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what its `nestedKey` holds of our fields, and of an error, in its place."""
    rest = dict(record)
    for key, value in record.items():
        if not isinstance(value, dict) or key in ERROR_NAMES:
            continue
        error_names = [name for name in ERROR_NAMES if is_error(value.get(name), is_named=True)]
        if _OURS.isdisjoint(value) and not error_names:
            continue
        names = [name for name in value if name in _TOLD_FACTS or name in RESULTS]
        lifted = [name for name in [*names, *error_names] if rest.get(name) is None]
        rest |= {name: value[name] for name in lifted}
        rest[key] = {name: inner for name, inner in value.items() if name not in lifted}
        if not rest[key]:
            del rest[key]
    return rest


def _taken_time(rest: dict[str, Any]) -> datetime | None:
    for name in TIME_NAMES:
        if (moment := parse_time(rest.get(name))) is not None:
            del rest[name]
            # Python's logging writes it in the local zone, and does not say so.
            return moment.replace(tzinfo=None).astimezone(UTC) if name == "asctime" else moment
    return None


def _taken_level(rest: dict[str, Any]) -> str | None:
    for name in LEVEL_NAMES:
        given = rest.get(name)
        if given is None:
            continue
        if type(given) is int and given < LEAST_OF_PINO and rest.get("type") in _LEVEL_NAMES_TOLD:
            given = rest["type"]  # consola's numbers are its own, and it says the word beside
        level = level_name(given)
        if level is not None and len(level) <= 50:
            is_plain = isinstance(given, int | str)
            if is_plain and (given in PINO_LEVELS or str(given).lower() == level):
                del rest[name]  # otherwise what was given tells more, and stays in the context
            return level
    return None


def _taken_text(rest: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        if isinstance(rest.get(name), str):
            return str(rest.pop(name))
    return None


def _part_message(fields: dict[str, Any]) -> None:
    """Take a stack that the message goes on with out of it: the rest of it is what was logged."""
    message = fields.get("message") or ""
    if fields["kind"] != "event" or "\n" not in message or not _HAS_STACK.search(message):
        return
    stack = fields.get("stderr")
    if stack and message.endswith(stack):
        said = message[: -len(stack)].rstrip(" :\n")
    else:
        said, _, below = message.partition("\n")
        fields["stderr"] = stack or (below if _HAS_HEAD.match(below) else message)
    fields["message"] = said or message.partition("\n")[0]


def _taken_error(rest: dict[str, Any]) -> str | None:
    """The error's text: its stack, with its causes; the rest of it stays where it is."""
    named = [name for name in ERROR_NAMES if name in rest]
    others = [name for name in rest if name not in named]
    for name in [*named, *others]:
        if is_error(rest[name], is_named=name in named):
            error = rest[name]
            text = error_text(error)
            if not any(error.get(name) for name in STACK_NAMES):
                text = _with_flat_stack(rest, text)
            rest[name] = {key: inner for key, inner in error.items() if key not in STACK_NAMES}
            if not rest[name]:
                del rest[name]
            return text
    flat = next((text for name in named if (text := error_text(rest[name]))), None)
    return _with_flat_stack(rest, flat)


def _with_flat_stack(rest: dict[str, Any], text: str | None) -> str | None:
    """The text of an error with the stack that stands beside it."""
    for name in STACK_NAMES[:_FLAT_STACKS]:
        if name in rest and (stack := stack_text(rest[name])):
            del rest[name]
            return stack if text is None or text in stack else f"{text}\n{stack}"
    return text
