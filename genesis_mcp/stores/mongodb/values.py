"""Values of any type, of other writers' documents, as what a field may hold."""

import re
from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

from bson import json_util
from bson.decimal128 import Decimal128
from pydantic_core import from_json

from genesis_mcp.runs.kinds import level_of
from genesis_mcp.runs.model import CONTEXT_BYTES_MAX
from genesis_mcp.text.clean import scrub

UNREADABLE = (ValueError, TypeError, RecursionError)
"""What readers of JSON raise."""


def as_listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def as_numbers(value: object) -> list[int | float]:
    if type(value) is int:  # as nearly always
        return [value]
    return [number for one in as_listed(value) if (number := as_number(one)) is not None]


def as_number(value: object) -> int | float | None:
    if isinstance(value, Decimal128):
        return nan if value.to_decimal().is_nan() else float(value.to_decimal())
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def as_whole(value: object) -> int | None:
    """A whole number from 0 to 2^32-1 (sizes may be greater); None for anything else."""
    if value is None or type(value) is int:  # as nearly always
        return value if value is None or 0 <= value < 2**53 else None
    if isinstance(value, str) and re.fullmatch("[0-9]{1,10}", value):
        value = int(value)
    number = as_number(value)
    if number is None or not isfinite(number):
        return None
    whole = round(number)
    return whole if 0 <= whole < 2**53 else None


def as_level(value: object) -> str | None:
    if isinstance(value, str):
        return level_of(value)
    number = as_number(value)
    return None if number is None or not isfinite(number) else level_of(int(number))


def as_context(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    try:
        if isinstance(value, Mapping):
            value = json_util.dumps(value, json_options=json_util.RELAXED_JSON_OPTIONS)
        if not isinstance(value, str) or len(value) > CONTEXT_BYTES_MAX:
            return None
        context = from_json(value)
    except UNREADABLE:
        return None
    return context if isinstance(context, dict) else None


def as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, bytes):
        return scrub(value.decode("utf-8", "replace"))
    if isinstance(value, list):
        return "\n".join(as_text(one) or "" for one in value)
    return scrub(json_util.dumps(value, ensure_ascii=False, default=str))
