"""The time that a line of a text log begins with, in the forms of its loggers.

One without a zone is of the local zone, as loggers write it. A number of the day before that of
the month is told by a number over 12, or by a clock of 24 hours: Node's English one has 12.
"""

import re
from datetime import UTC, datetime, timedelta

from genesis_mcp.ingest.pino import parse_time

LOOKED_AT_CHARS = 120
"""Of a line, in which its time stands."""

AHEAD = timedelta(days=1)
"""A time that is later than that is not the line's own."""

_BEFORE = r"(?:\[?\w[\w.]{0,20}\]?[\s:,|-]{1,10}(?:\d+ +- +)?){0,2}[\[(<]?"
"""A level, the name of a logger, a number of a process; what stands in brackets."""

_CLOCK = r"(?P<clock>\d?\d:\d\d:\d\d(?:[.,]\d{1,9})?)"
_ISO = re.compile(
    rf"{_BEFORE}(?P<day>\d{{4}}[-/]\d\d[-/]\d\d)(?:[T_]|,? |\] \[){_CLOCK}"
    r"(?: ?(?P<zone>Z\b|UTC|[+-]\d\d:?\d\d))?(?![\d:])"
)
_LOCALE = re.compile(
    rf"{_BEFORE}(?P<first>\d?\d)/(?P<second>\d?\d)/(?P<year>\d{{4}}|\d\d),? {_CLOCK}"
    r"(?: (?P<half>[AP]M))?(?![\d:])"
)


def time_told(line: str, now: datetime) -> datetime | None:
    """The time that a line begins with; None when it has none, or one that is yet to come."""
    head = line[:LOOKED_AT_CHARS]
    if ":" not in head or not any(character.isdigit() for character in head):
        return None
    moment = _iso(head) or _of_locale(head)
    return moment if moment is not None and moment <= now + AHEAD else None


def _iso(head: str) -> datetime | None:
    found = _ISO.match(head)
    if found is None:
        return None
    day, zone = found["day"].replace("/", "-"), (found["zone"] or "").replace("UTC", "Z")
    return _zoned(f"{day}T{found['clock'].replace(',', '.'):0>8}{zone}", has_zone=bool(zone))


def _of_locale(head: str) -> datetime | None:
    found = _LOCALE.match(head)
    if found is None:
        return None
    first, second, half = int(found["first"]), int(found["second"]), found["half"]
    is_day_first = first > 12 or (second <= 12 and half is None and len(found["year"]) == 4)
    month, day = (second, first) if is_day_first else (first, second)
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
    hour, rest = found["clock"].split(":", 1)
    number = int(hour) % 12 + 12 * (half == "PM") if half else int(hour)
    return _zoned(f"{year}-{month:02}-{day:02}T{number:02}:{rest.replace(',', '.')}")


def _zoned(text: str, *, has_zone: bool = False) -> datetime | None:
    moment = parse_time(text)
    if moment is None or has_zone:
        return moment
    return moment.replace(tzinfo=None).astimezone(UTC)
