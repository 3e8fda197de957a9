"""Records in lines that are no JSON: logfmt, and winston's `level: message {...}`."""

import json
import re
from typing import Any

_PAIR = re.compile(
    r"([A-Za-z_@][\w.@/-]{0,60})="
    r"(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'(?=\s|$)|(\S*))(?:\s+|$)"
)
FIELDS_MIN, FIELDS_MAX = 3, 200
"""Pairs that a line of logfmt has; with fewer it is what a text says."""

_LEVEL_NAMES = {"level", "lvl", "severity", "levelname", "log_level", "loglevel"}
_AT = {"debug", "info", "warn", "warning", "error", "fatal", "critical"}
_SIMPLE = re.compile(r"(error|warn|info|http|verbose|debug|silly): (.*?) ?(\{\".*\})$")


def record_in_text(text: str) -> dict[str, Any] | None:
    """The record in a line of text, if it is all that the line has."""
    if "=" in text and (record := _logfmt(text)):
        return record
    if text[-1:] == "}" and (found := _SIMPLE.match(text)):
        try:
            given = json.loads(found[3])
        except (ValueError, RecursionError):
            return None
        return {**given, "level": found[1], "message": found[2]}
    return None


def _logfmt(text: str) -> dict[str, Any] | None:
    """Pairs from the first character to the last, a level among them (slog, logrus, go-kit)."""
    record: dict[str, Any] = {}
    at, end = 0, len(text)
    while at < end:
        found = _PAIR.match(text, at)
        if found is None or len(record) >= FIELDS_MAX:
            return None
        name, quoted, single, bare = found.groups()
        if single is not None:
            quoted = single.replace('"', '\\"').replace("\\'", "'")
        record[name] = bare if quoted is None else _unquoted(quoted)
        at = found.end()
    if "at" in record and str(record["at"]).lower() in _AT:  # Heroku's, and logfmter's
        record.setdefault("level", record.pop("at"))
    if len(record) < FIELDS_MIN or _LEVEL_NAMES.isdisjoint(record):
        return None
    return record


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')) if "\\" in text else text
    except ValueError:
        return text
