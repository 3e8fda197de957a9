"""How facts are put into words: times, outcomes, names, and text that is safe to show."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from genesis_mcp.runs.model import LABEL_CHARS_MAX, Outcome, RunFacts
from genesis_mcp.text.clean import clean, clean_line
from genesis_mcp.text.redact import redact

ERROR_CHARS_MAX = 160
"""Characters of an error's own line in a list."""

# What may stand outside the fence, and in a call, just as it is: no spaces, so no sentences.
_PLAIN_NAME = re.compile(r"[\w./:@+=,#\[\]()-]{1,200}")

_AGES = ((86_400 * 2, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "min"), (0, 1, "s"))


_secrets_are_shown: ContextVar[bool] = ContextVar("secrets_are_shown", default=False)


@contextmanager
def showing_secrets() -> Iterator[None]:
    """Within this, texts are shown with their secrets (`GENESIS_REDACT=off`)."""
    before = _secrets_are_shown.set(True)
    try:
        yield
    finally:
        _secrets_are_shown.reset(before)


def readable(text: str) -> str:
    """A whole text as it may be shown: cleaned, secrets replaced, the same lines."""
    cleaned = clean(text)
    return cleaned if _secrets_are_shown.get() else redact(cleaned)


def shown_line(text: str, limit: int = ERROR_CHARS_MAX) -> str:
    """A text as one line that may be shown; redacted before it is cut, so no half secret stays."""
    return clean_line(readable(text), limit)


def shown_name(name: str | None) -> str | None:
    """A spec id, service or sprint as it may be shown; whole, so that it can be asked for."""
    return None if name is None else shown_line(name, LABEL_CHARS_MAX)


def is_plain_name(name: str | None) -> bool:
    """Whether a name can be repeated in a call without becoming a sentence."""
    return name is not None and _PLAIN_NAME.fullmatch(name) is not None


def age(moment: datetime, now: datetime) -> str:
    """Such as `5 min ago`; `in 5 min` for a clock that runs ahead."""
    seconds = (now - moment).total_seconds()
    size, unit = next((size, unit) for least, size, unit in _AGES if abs(seconds) >= least)
    amount = f"{int(abs(seconds)) // size} {unit}"
    return f"in {amount}" if seconds <= -1 else f"{amount} ago"


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(moment: datetime) -> str:
    """ISO 8601 in UTC, to the minute."""
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def exact_instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def at(moment: datetime, now: datetime) -> str:
    """Absolute and relative: `2025-12-19T15:30:00Z, 5 min ago`."""
    return f"{instant(moment)}, {age(moment, now)}"


def ended(run: RunFacts) -> str:
    """How a run ended, such as `failed, exit 1`."""
    if run.kind == "event":
        return f"{run.level or 'event'} event" if run.level else "event"
    match run.outcome:
        case Outcome.FAILED:
            return f"failed, exit {run.exit_code}"
        case Outcome.KILLED if run.exit_code not in (None, -1):
            return f"killed, exit {run.exit_code}"
        case Outcome.NOT_STARTED:
            return "not started"
        case Outcome.UNKNOWN | None:
            return "outcome not recorded"
        case outcome:
            return str(outcome)


def plural(number: int | str, one: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number} {one}" if str(number) == "1" else f"{number} {one}s"
