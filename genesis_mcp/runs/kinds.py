"""What is a run and what an event, as one table: for Python here, and for the engines that ask it.

MS_Prometheus_Logging v1.0 stores runs and prints a log line beside each; v1.2 has both in
one table. A log line tells a level, a message and perhaps what was printed, but no exit code of its
own: taken for a run, it would be a second attempt.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from genesis_mcp.runs.model import FAILED_LEVELS, PINO_LEVELS

Told = Literal["run", "event"]

LEVEL_WORDS = {
    "warning": "warn",
    "err": "error",
    "log": "info",  # Nest's, and console.log
    **dict.fromkeys(("critical", "crit", "alert", "emerg", "emergency", "panic"), "fatal"),
}
"""Names of other loggers and of syslog for Pino's levels."""

_GRAVE_WORDS = ("error", "fatal", *(word for word in LEVEL_WORDS if word not in ("warning", "log")))
_GRAVE_NUMBERS = (*range(50, 61), 70, 80, 90, 100)
GRAVE_SPELLINGS: tuple[str | int, ...] = (
    *(spelled for word in _GRAVE_WORDS for spelled in (word, word.upper())),
    *("Error", "Fatal", "Critical", "50", "60"),
    *_GRAVE_NUMBERS,
)
"""How an event that failed has its level in another writer's row: one by one, as an index wants it.
Pino's numbers are 50 and 60; the others are what its users define above "error"."""


class Rule(NamedTuple):
    """What a record is that tells all of these."""

    told: tuple[str, ...]
    """Fields that have a value, or "grave" for a level of error or fatal."""
    kind: Told


WHERE_CODES_CAN_BE_LEFT_OUT: Sequence[Rule] = (
    Rule(("exit_code",), "run"),
    Rule(("outcome",), "run"),
    Rule(("level",), "event"),
    Rule(("stdout",), "run"),
    Rule(("stderr",), "run"),
    Rule(("code_snapshot",), "run"),
    Rule(("message",), "event"),
    Rule(("iteration",), "run"),
    Rule(("duration_ms",), "run"),
    Rule((), "event"),
)
"""JSON and MongoDB's documents; the first rule that holds decides."""

WHERE_ZERO_MAY_BE_A_DEFAULT: Sequence[Rule] = (
    Rule(("exit_code",), "run"),
    Rule(("grave",), "event"),
    Rule(("stdout",), "run"),
    Rule(("code_snapshot",), "run"),
    Rule(("duration_ms", "spec_id"), "run"),
    Rule(("duration_ms", "iteration"), "run"),
    Rule(("message",), "event"),  # such as the document's "Task concluída", with its duration
    Rule(("duration_ms",), "run"),
    Rule(("level",), "event"),
    Rule(("stderr",), "run"),
    Rule(("iteration",), "run"),
    Rule((), "event"),
)
"""The table of MS_Prometheus_Logging v1.2 section 3.4, whose columns take no NULL: an exit code of
0 is none of its own, and 0 or "" is no value."""


def kind_by(rules: Iterable[Rule], told: Mapping[str, bool]) -> Told:
    """The kind of a record of which `told` says which fields have a value."""
    return next(rule.kind for rule in rules if all(told.get(name) for name in rule.told))


def kind_of(record: Mapping[str, Any]) -> Told:
    """What a record is that names no kind; None and "" are no values, 0 is one."""
    for rule in WHERE_CODES_CAN_BE_LEFT_OUT[:-1]:  # plain loops: it is asked for every run
        for name in rule.told:
            if record.get(name) in (None, ""):
                break
        else:
            return rule.kind
    return WHERE_CODES_CAN_BE_LEFT_OUT[-1].kind


def level_of(stored: str | int) -> str | None:
    """A level by Pino's name for it, as every engine reads a stored one; None for an empty one.

    Error and fatal are only what GRAVE_SPELLINGS has: a filter can ask for nothing else.
    """
    if stored in GRAVE_SPELLINGS:
        if isinstance(stored, str) and not stored.isdigit():
            return LEVEL_WORDS.get(stored.lower(), stored.lower())
        return "error" if int(stored) < 60 else "fatal"
    text = str(stored)
    name = PINO_LEVELS.get(int(text), text) if text.isdecimal() and len(text) < 10 else text.lower()
    return (text if name in FAILED_LEVELS else name) or None
