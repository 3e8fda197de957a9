"""Times as every store keeps them: UTC, whole milliseconds, between 1970 and 2199."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

TIMESTAMP_MIN = datetime(1970, 1, 1, tzinfo=UTC)

TIMESTAMP_END = datetime(2200, 1, 1, tzinfo=UTC)
"""Inside what BSON dates, ClickHouse's DateTime64(3) and Python can all hold."""


_MILLISECOND = timedelta(milliseconds=1)


def whole_milliseconds(moment: datetime) -> datetime:
    """`moment` without what the stores do not keep."""
    surplus = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - surplus) if surplus else moment


def now() -> datetime:
    """The present in UTC, in whole milliseconds."""
    return whole_milliseconds(datetime.now(UTC))


def milliseconds_since_1970(moment: datetime) -> int:
    """Exactly, without a float in between."""
    return (moment - TIMESTAMP_MIN) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """The inverse of `milliseconds_since_1970`."""
    return TIMESTAMP_MIN + timedelta(milliseconds=milliseconds)


@cache
def _any_datetime() -> Callable[[object], datetime]:
    from pydantic import TypeAdapter  # slow to import, and needed for what others wrote only

    return TypeAdapter(datetime).validate_python


_ISO_8601 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:[0-5]\d)?", re.ASCII
)


def _read(value: object) -> datetime:
    if isinstance(value, str) and _ISO_8601.fullmatch(value):  # as nearly everybody writes it
        return datetime.fromisoformat(value)
    return _any_datetime()(value)


def parse_timestamp(value: object) -> datetime:
    """A time in UTC from ISO 8601 text, or from seconds or milliseconds since 1970.

    Text without an offset is taken as UTC.

    Raises:
        ValueError: it is no time, or not between 1970 and 2199.
    """
    try:
        if isinstance(value, bool):
            raise ValueError
        moment = value if type(value) is datetime else _read(value)
        if moment.tzinfo is not UTC:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time in ISO 8601, such as 2025-12-19T15:30:00Z") from None
    if not TIMESTAMP_MIN <= moment < TIMESTAMP_END:
        raise ValueError("must lie between 1970 and 2199")
    return whole_milliseconds(moment)
