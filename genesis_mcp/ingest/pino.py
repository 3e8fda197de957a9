"""The fields of a log line as Pino writes it, in any of its settings, as fields of ours.

Pino lets its user rename and rearrange nearly everything (its API documentation, "options"): what
is looked for here are the names that occur. What is not recognised goes into the context, whole.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from genesis_mcp.runs.kinds import LEVEL_WORDS, kind_of
from genesis_mcp.runs.model import FACT_FIELDS, PINO_LEVELS, TOLD_FIELDS
from genesis_mcp.runs.times import parse_timestamp

TIME_NAMES = ("timestamp", "time", "@timestamp", "ts", "datetime", "date")
LEVEL_NAMES = ("level", "severity", "log.level", "lvl", "levelname")
MESSAGE_NAMES = ("message", "msg", "text", "mensagem", "log", "event", "body")
ERROR_NAMES = ("err", "error", "exception", "erro")
"""Each in the order in which they are looked for; the first that fits is taken."""

CAUSES_MAX = 10
"""Causes of causes that are followed."""

EARLIEST_NUMBER = 1_000_000_000
"""As seconds this is of 2001; a smaller number under the name of a time is none."""

RESULTS = ("stdout", "stderr", "code_snapshot")
_TOLD_FACTS = frozenset(FACT_FIELDS) & frozenset(TOLD_FIELDS)
_MARKS = frozenset({"time", "msg", "pid", "hostname", "err"})
_RUN_MARKS = frozenset({"run_id", "_id", "kind", "outcome", "recorded_by"})
_OURS = frozenset({"spec_id", "task_id", "sprint_id", "iteration", "exit_code", *RESULTS})
_TAKEN = (
    *("spec_id", "iteration", "stdout", "stderr", "exit_code", "code_snapshot", "duration_ms"),
    *("sprint_id", "task_id", "service", "version", "outcome", "kind"),
)
_SPACED_ZONE = re.compile(r"(\d) ([+-]\d\d:?\d\d)$")


def is_log_line(record: Mapping[str, Any]) -> bool:
    """Whether this is a line of a logger, to be read leniently, and not the record of a run."""
    if not _RUN_MARKS.isdisjoint(record):
        return False
    if isinstance(record.get("level"), int) or not _MARKS.isdisjoint(record):
        return True
    return record.get("exit_code") is None and not any(record.get(name) for name in RESULTS)


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a run or an event, `kind` among them; the rest of the line as `context`.

    `kinds` tells which it is: a line with a level and no exit code of its own is an event, whatever
    was printed.
    """
    rest = _lifted(record)
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
    context = rest.pop("context", None)
    if isinstance(context, dict):
        rest = {**context, **rest}
    elif context is not None:
        rest["context"] = context
    fields["context"] = rest
    return {name: value for name, value in fields.items() if value is not None}


def parse_time(value: object) -> datetime | None:
    """A time as loggers write it: ISO 8601, or seconds to nanoseconds since 1970; else None."""
    if isinstance(value, dict) and value.keys() == {"$date"}:
        value = value["$date"]
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
            value = _SPACED_ZONE.sub(r"\1\2", value)
            if "GMT" in value:
                value = parsedate_to_datetime(value)
        return parse_timestamp(value)
    except (ValueError, TypeError, OverflowError):
        return None


def level_name(value: object) -> str | None:
    """A level's name from Pino's number, or from its label in any case; None when it is neither.

    A number that its user added stands for itself below 50, and for error or fatal from there on.
    """
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
        error_names = [name for name in ERROR_NAMES if _is_error(value.get(name))]
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
            return moment
    return None


def _taken_level(rest: dict[str, Any]) -> str | None:
    for name in LEVEL_NAMES:
        given = rest.get(name)
        level = level_name(given)
        if level is not None and len(level) <= 50:
            if given in PINO_LEVELS or str(given).lower() == level:
                del rest[name]  # otherwise what was given tells more, and stays in the context
            return level
    return None


def _taken_text(rest: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        if isinstance(rest.get(name), str):
            return str(rest.pop(name))
    return None


def _is_error(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    has_name = isinstance(value.get("type"), str) or isinstance(value.get("name"), str)
    return isinstance(value.get("stack"), str) or (
        has_name and isinstance(value.get("message"), str)
    )


def _taken_error(rest: dict[str, Any]) -> str | None:
    """The error's text: its stack, with its causes; the rest of it stays where it is."""
    named = [name for name in ERROR_NAMES if name in rest]
    others = [name for name in rest if name not in named]
    for name in [*named, *others]:
        if _is_error(rest[name]):
            error = rest[name]
            rest[name] = {key: value for key, value in error.items() if key != "stack"}
            return _error_text(error)
    flat = next((rest[name] for name in named if isinstance(rest[name], str)), None)
    stack = rest.get("stack")
    if isinstance(stack, str) and stack.strip():
        del rest["stack"]
        return stack if flat is None or flat in stack else f"{flat}\n{stack}"
    return flat


def _error_text(error: Mapping[str, Any]) -> str:
    parts: list[str] = []
    cause: Any = error
    while _is_error(cause) and len(parts) < CAUSES_MAX:
        text = _one_error(cause)
        if not any(text in part for part in parts):  # Pino joins causes into the first stack
            parts.append(text)
        cause = cause.get("cause")
    return "\ncaused by: ".join(parts)


def _one_error(error: Mapping[str, Any]) -> str:
    name, message = (error.get("type") or error.get("name")), error.get("message")
    head = ": ".join(part for part in (name, message) if isinstance(part, str) and part)
    stack = error.get("stack")
    if not isinstance(stack, str) or not stack.strip():
        return head
    first = stack.split("\n", 1)[0].strip()
    return f"{head}\n{stack}" if first.startswith("at ") else stack
