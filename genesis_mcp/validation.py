"""Arguments of any caller checked against a model, and what is wrong with them in our own words."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from genesis_mcp.errors import InputError
from genesis_mcp.runs.fields import but_got
from genesis_mcp.runs.times import parse_timestamp
from genesis_mcp.text.clean import clean_line

if TYPE_CHECKING:  # slow to import, and who only asks for a time has no model
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)

_NUMBER = re.compile(r"[+-]?[\d._]+")

_SPAN_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

AnyModel = TypeVar("AnyModel", bound="BaseModel")


def parse(model: type[AnyModel], data: object) -> AnyModel:
    """`data` as a `model`.

    Raises:
        InputError: with one line for each of the first three things that are wrong.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(explain(error, tuple(model.model_fields))) from None


def explain(error: "ValidationError", known: tuple[str, ...]) -> str:
    """Our words for what pydantic found: the argument, and what is wanted."""
    details = error.errors(include_url=False, include_context=True)
    seen: dict[str, str] = {}
    for detail in details:
        name = clean_line(str(detail["loc"][0]), 60) if detail["loc"] else "the arguments"
        seen.setdefault(name, f"{name}: {_wanted(detail, name, known)}")
    return "\n".join([*list(seen.values())[:3], *(["..."] if len(seen) > 3 else [])])


def _wanted(detail: "ErrorDetails", name: str, known: tuple[str, ...]) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            from difflib import get_close_matches

            nearest = get_close_matches(name, known, 1, 0.5)
            meant = f" Did you mean {nearest[0]}?" if nearest else ""
            return f"no such argument.{meant} Known: {', '.join(known)}."
        case "missing":
            return "is required."
        case "value_error":
            return f"{context['error']}{but_got(detail['input'])}."
        case "string_too_long":
            return f"must be at most {context['max_length']} characters."
        case "string_too_short":
            return "must not be empty."
        case "greater_than_equal":
            return f"must be at least {context['ge']}{but_got(detail['input'])}."
        case "less_than_equal":
            return f"must be at most {context['le']}{but_got(detail['input'])}."
        case "literal_error" | "enum":
            return f"must be one of {context['expected']}{but_got(detail['input'])}."
        case kind if kind.startswith("int"):
            return f"must be a whole number{but_got(detail['input'])}."
        case "finite_number" | "float_parsing" | "float_type":
            return f"must be a number{but_got(detail['input'])}."
        case kind if kind.startswith("bool"):
            return f"must be true or false{but_got(detail['input'])}."
        case kind if kind.startswith("string"):
            return f"must be text{but_got(detail['input'])}."
        case _:
            return "must be a JSON object."


def parse_moment(name: str, value: str | None, now: datetime) -> datetime | None:
    """The time that `since` or `until` means: ISO 8601, or a span back from `now`.

    A bare number is none: "2025" would be half an hour into 1970.

    Raises:
        InputError: it is neither.
    """
    if value is None:
        return None
    try:
        if _NUMBER.fullmatch(value.strip()):
            raise ValueError
        if span := _SPAN.fullmatch(value.strip()):
            amount, unit = int(span[1]), _SPAN_UNITS[span[2].lower()]
            return parse_timestamp(max(now - timedelta(**{unit: amount}), parse_timestamp(0)))
        return parse_timestamp(value)
    except (ValueError, OverflowError):
        raise InputError(
            f"{name}: must be a time in ISO 8601 (2025-12-19T15:30:00Z) between 1970 and 2199, "
            f"or a span such as 30m, 24h, 7d{but_got(value)}."
        ) from None


def parse_window(
    since: str | None, until: str | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The times that `since` and `until` mean.

    Raises:
        InputError: one is no time, or nothing lies between them.
    """
    begin, end = parse_moment("since", since, now), parse_moment("until", until, now)
    if begin and end and begin >= end:
        raise InputError("since: lies after until, so nothing can match; give them the other way.")
    return begin, end
