"""What each field of a run may hold: one plain function a field, which gives the value to keep.

Each raises a ValueError that says what is wanted. No pydantic here: `genesis-mcp run` and whatever
only records must start fast. `arguments` has the same rules as types of input schemas.
"""

import json
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from genesis_mcp.errors import InputError
from genesis_mcp.runs.kinds import LEVEL_WORDS
from genesis_mcp.runs.model import (
    CONTEXT_BYTES_MAX,
    INT32_MAX,
    INT32_MIN,
    LABEL_CHARS_MAX,
    PINO_LEVELS,
    UINT32_MAX,
    Outcome,
    Signature,
)
from genesis_mcp.runs.names import clean_name, is_clean, named_exactly
from genesis_mcp.runs.test_report import TestReport
from genesis_mcp.runs.times import parse_timestamp
from genesis_mcp.text.clean import clean, clean_line, scrub

_LEVELS_AS_TEXT = {str(number): name for number, name in PINO_LEVELS.items()}
_DECIMAL = re.compile(r"\s*\d{1,20}\.\d{1,20}\s*")
_WHOLE = re.compile(r"\s*[+-]?\d{1,20}(?:\.0*)?\s*")

Check = Callable[[Any], Any]


class UnfitFields(InputError):
    """Values that no run can have: the name of each field, and what is wanted of it."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self.wanted = wanted
        lines = [f"{name}: {sentence}" for name, sentence in wanted.items()]
        super().__init__("\n".join([*lines[:3], *(["..."] if len(lines) > 3 else [])]))


def checked(given: Mapping[str, object]) -> dict[str, Any]:
    """The fields of a run among `given`, each as it is to be kept; other names are left out.

    Raises:
        UnfitFields: some are of the wrong type or out of range.
    """
    try:
        return {name: CHECKS[name](value) for name, value in given.items() if name in CHECKS}
    except ValueError:
        raise _unfit(given) from None


def _unfit(given: Mapping[str, object]) -> UnfitFields:
    """What is wanted of each value that does not fit."""
    unfit: dict[str, str] = {}
    for name, check in CHECKS.items():
        if name in given:
            try:
                check(given[name])
            except ValueError as error:
                unfit[name] = f"{error}{but_got(given[name])}."
    return UnfitFields(unfit)


def but_got(value: object) -> str:
    """The end of a sentence that says what is wanted: the value that was given, if it is short."""
    if not isinstance(value, str | int | float):
        return ""
    if isinstance(value, str) and len(value) > LABEL_CHARS_MAX:
        return ""
    return f", not {clean_line(json.dumps(value, ensure_ascii=False), 60)}"


# --- the fields ---------------------------------------------------------------------------------


def not_boolean(value: object) -> object:
    """The value itself: Python takes True for 1, a worker that sends one means something else."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def rounded(value: object) -> object:
    """A number without its fraction: Node's performance.now() gives parts of a millisecond."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if isinstance(value, float) and isfinite(value):
        value = round(value)
    return not_boolean(value)


def name(value: object) -> object:
    """A name to keep, by the rule of `names`; a number is one, too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return clean_name(value) if isinstance(value, str) else value


def optional_name(value: object) -> object:
    """A name to keep, or None for an empty one."""
    return name(value) or None


def label(value: object) -> object:
    """A name that is asked for: one line of visible characters; a number is one, too.

    In quotes it is one that another writer stored uncleaned, exactly as it is.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    if (exact := named_exactly(value.strip())) is not None:
        return exact
    value = value.strip()
    if value.isascii() and value.isprintable():  # nearly always
        return value
    # clean() removes what hides text or turns it round, and turns every line break into \n;
    # U+FFFD stands where a character was lost.
    if clean(scrub(value)) != value or {"\n", "\t", "\ufffd"} & set(value):
        raise ValueError("must be one line of visible characters")
    return value


def optional_label(value: object) -> object:
    """A name, or None for an empty one."""
    return label(value) or None


def level(value: object) -> object:
    """A level by Pino's name for it, in small letters; a name of its user's own stays."""
    if isinstance(value, int) and not isinstance(value, bool):
        return PINO_LEVELS.get(value, str(value))
    if isinstance(value, str):
        name = _LEVELS_AS_TEXT.get(value, value.lower())
        return LEVEL_WORDS.get(name, name)
    return value


def text(value: object) -> object:
    """A text that every store and JSON can hold."""
    return scrub(value) if isinstance(value, str) else value


def context(value: object) -> object:
    """A JSON object within CONTEXT_BYTES_MAX, or None for an empty one."""
    if not value:
        return None
    if isinstance(value, Mapping):
        try:
            size = json_bytes(value)
        except (ValueError, TypeError, RecursionError):
            raise ValueError("must be a JSON object of valid text, numbers and lists") from None
        if size > CONTEXT_BYTES_MAX:
            raise ValueError(f"must be at most {CONTEXT_BYTES_MAX:,} bytes of JSON, has {size:,}")
    return value


def json_bytes(value: object) -> int:
    """UTF-8 bytes of a value as JSON without white space.

    Raises:
        ValueError, TypeError, RecursionError: it is none.
    """
    return len(as_json(value).encode())


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def as_json(value: object) -> str:
    """A value as JSON without white space; what is no number there is null.

    Raises:
        ValueError, TypeError, RecursionError: it is none.
    """
    try:
        return _as_json(value)
    except (TypeError, ValueError):  # such as a datetime, which the stores can keep, or NaN
        from pydantic_core import to_json  # rarely needed, and slow to import

        return to_json(value).decode()


def _whole(lowest: int, highest: int, prepare: Check = not_boolean) -> Check:
    def check(value: object) -> int | None:
        if value is None or (type(value) is int and lowest <= value <= highest):
            return value
        value = prepare(value)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value.partition(".")[0])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int):
            raise ValueError("must be a whole number")
        if value < lowest:
            raise ValueError(f"must be at least {lowest}")
        if value > highest:
            raise ValueError(f"must be at most {highest}")
        return int(value)

    return check


def _label(value: object) -> str | None:
    if type(value) is str and value and is_clean(value):  # nearly always
        return value
    kept = optional_name(value)
    if kept is not None and not isinstance(kept, str):
        raise ValueError("must be text")
    return kept


def _name(value: object) -> str:
    kept = _label(value)
    if kept is None:
        raise ValueError("must not be empty")
    return kept


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("must be text")
    return scrub(value)


def _printed(value: object) -> str:
    return _text(value) or ""


def _context(value: object) -> dict[str, Any] | None:
    value = context(value)
    if value is None:
        return None
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a JSON object")
    return dict(value)


def _kind(value: object) -> str:
    if value not in ("run", "event", "suite"):
        raise ValueError("must be one of 'run', 'event' or 'suite'")
    return str(value)


def _outcome(value: object) -> Outcome | None:
    if value is None:
        return None
    try:
        return Outcome(value)  # type: ignore[arg-type]
    except ValueError:
        *names, last = (f"'{one}'" for one in Outcome)
        raise ValueError(f"must be one of {', '.join(names)} or {last}") from None


def _signature(value: object) -> Signature | None:
    if value is not None and not isinstance(value, Signature):
        raise ValueError("is made by this package")
    return value


def _tests(value: object) -> TestReport | None:
    if value is not None and not isinstance(value, TestReport):
        raise ValueError("is made by this package")
    return value


_uint32 = _whole(0, UINT32_MAX)
_size = _whole(0, 2**63 - 1)


def _bytes(value: object) -> int:
    return _size(value) or 0


CHECKS: dict[str, Check] = {
    "run_id": _name,
    "timestamp": parse_timestamp,
    "kind": _kind,
    "level": lambda value: _label(level(value)),
    "spec_id": _label,
    "iteration": _uint32,
    "exit_code": _whole(INT32_MIN, INT32_MAX),
    "outcome": _outcome,
    "duration_ms": _whole(0, UINT32_MAX, rounded),
    "sprint_id": _label,
    "task_id": _label,
    "service": _label,
    "version": _label,
    "recorded_by": _label,
    "context": _context,
    "code_hash": _text,
    "message_bytes": _bytes,
    "stdout_bytes": _bytes,
    "stderr_bytes": _bytes,
    "code_bytes": _bytes,
    "signature": _signature,
    "doubt": lambda value: _text(value) or None,
    "read_version": _uint32,
    "tests_passed": _uint32,
    "tests_failed": _uint32,
    "tests_skipped": _uint32,
    "tests": _tests,
    "message": _text,
    "stdout": _printed,
    "stderr": _printed,
    "code_snapshot": _text,
}
"""What makes each field of a run of what was given for it; the names are those of `Run`."""
