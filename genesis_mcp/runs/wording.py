"""How facts of runs are put into words: times, outcomes, numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from genesis_mcp.runs.model import Outcome, RunFacts
from genesis_mcp.text.pattern import pattern

APART_SECONDS, LATE_SECONDS = 180, 86_400
"""Between the time of a run and its arrival: what is worth a word, and what has other reasons."""

_AGES = ((86_400 * 2, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "min"), (0, 1, "s"))


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


def local_offset(moment: datetime) -> str:
    """What this machine's clock shows beside UTC then, such as `-03:00`; `UTC` where it is that."""
    offset = moment.astimezone().isoformat()[-6:]
    return "UTC" if offset == "+00:00" else offset


def exact_instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def at(moment: datetime, now: datetime) -> str:
    """Absolute and relative: `2025-12-19T15:30:00Z, 5 min ago`."""
    return f"{instant(moment)}, {age(moment, now)}"


def dated_apart(run: RunFacts) -> str:
    """Such as `dated 61 min ahead of its arrival`; nothing when the clocks agree.

    Nor of what came more than a day late: that is an older log, and no clock.
    """
    if run.arrived is None:
        return ""
    seconds = (run.timestamp - run.arrived).total_seconds()
    if seconds < -LATE_SECONDS or abs(seconds) < APART_SECONDS:
        return ""
    size, unit = (3_600, "h") if abs(seconds) >= 7_200 else (60, "min")
    which = "ahead of" if seconds > 0 else "before"
    return f"dated {round(abs(seconds) / size)} {unit} {which} its arrival"


_DOUBT = pattern(
    r"exit 0, but its own summary tells of [\d,]+ (?:failed test|error)s?(?: and [\d,]+ errors?)?"
    r"(?:; the code of a pipe is its last command's)?"
)


def doubt_of(run: RunFacts) -> str | None:
    """Why exit code 0 is not believed; nothing that another writer put in its place."""
    if run.doubt is None:
        return None
    return run.doubt if _DOUBT.fullmatch(run.doubt) else "its output contradicts its exit code"


def ended(run: RunFacts) -> str:
    """How a run ended, such as `failed, exit 1`, and whether that is in doubt."""
    doubt = doubt_of(run)
    return f"{_ended(run)}, in doubt: {doubt}" if doubt else _ended(run)


def _ended(run: RunFacts) -> str:
    if run.kind == "event":
        return f"{run.level or 'event'} event" if run.level else "event"
    match run.outcome:
        case Outcome.FAILED:
            return (
                "failed, no exit code" if run.exit_code is None else f"failed, exit {run.exit_code}"
            )
        case Outcome.KILLED if run.exit_code not in (None, -1):
            return f"killed, exit {run.exit_code}"
        case Outcome.NOT_STARTED:
            return "not started"
        case Outcome.UNKNOWN | None:
            return "outcome not recorded"
        case outcome:
            return str(outcome)


def not_shown(number: str, one: str) -> str:
    """A sentence such as `3 more events are not shown`, with its full stop."""
    return f"{plural(number, one)} {'is' if number == '1' else 'are'} not shown."


TEST_CHANGES = {
    "fixed": "fixed",
    "new": "new",
    "not_run": "not run",
    "not_run_before": "not run before",
    "flaky": "flaky",
    "still": "still failing",
}
"""What became of tests since the run before, and the words for it."""


def changes_told(names: Mapping[str, Sequence[str] | None]) -> str:
    """Such as `fixed: test_saque; new: test_juros`, of names by the keys of TEST_CHANGES."""
    found = ((words, names.get(kind)) for kind, words in TEST_CHANGES.items())
    return "; ".join(f"{words}: {', '.join(some)}" for words, some in found if some)


def redrawn(states: int) -> str:
    """What is said of the states of redrawn lines that no answer shows."""
    return f"{plural(f'{states:,}', 'redraw')} of progress left out"


def plural(number: int | str, one: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{number} {one}" if str(number) == "1" else f"{number} {one}s"
