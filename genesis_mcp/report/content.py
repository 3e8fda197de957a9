"""What the page says, from the answers: facts in order, each still without words of a language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from genesis_mcp.report.gathering import ATTEMPTS_SHOWN, ERRORS_SHOWN, Answers, Data

Kind = Literal["passed", "failed", "new", "progress", "unclear"]
"""What an attempt's mark on a strip says."""

DAYS_SHOWN = 14

_ENDED = re.compile(
    r"(passed|failed|timeout|killed|not started|outcome not recorded)(?:, exit (-?\d+))?"
)

_SAME = ("same error", "nothing changed")


class Day(NamedTuple):
    """A day (UTC) and what happened on it."""

    day: date
    runs: int = 0
    failed: int = 0
    events: int = 0


class Ended(NamedTuple):
    """How an attempt ended."""

    word: str
    exit_code: int | None
    is_doubtful: bool


@dataclass(frozen=True, kw_only=True)
class Error:
    """Failures that show one error; place and time are the newest one's."""

    error: str
    location: str | None
    note: str | None
    spec_id: str | None
    iteration: int | None
    at: datetime | None
    count: int
    count_is_minimum: bool
    other_specs: int
    other_specs_is_minimum: bool
    more_tests: int
    is_new: bool
    is_flaky: bool
    passed_since: str | None


class Doubted(NamedTuple):
    """A pass that is not believed."""

    spec_id: str | None
    iteration: int | None
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt at a spec."""

    name: str
    ended: Ended
    verdict: str | None
    error: str | None
    location: str | None
    note: str | None
    tests: Data
    at: datetime | None

    @property
    def kind(self) -> Kind:
        """Its mark; what passed in part is no pass of the spec."""
        if self.ended.is_doubtful or self.ended.word == "outcome not recorded":
            return "unclear"
        if self.ended.word == "passed":
            return "unclear" if self.verdict == "passed in part" else "passed"
        if self.verdict == "progress":
            return "progress"
        return "failed" if self.verdict in _SAME else "new"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A spec and its newest attempts, the newest first."""

    spec_id: str
    attempts: Sequence[Attempt]
    is_whole: bool
    """Whether it has no older attempts."""
    printed: str
    """By the newest failure."""
    rerun: str | None

    @property
    def known(self) -> list[Attempt]:
        return [one for one in self.attempts if one.kind != "unclear"]

    @property
    def state(self) -> Literal["failing", "passing", "unclear"]:
        if not self.known:
            return "unclear"
        return "passing" if self.known[0].kind == "passed" else "failing"

    @property
    def streak(self) -> list[Attempt]:
        """The attempts in a row that failed, up to the newest."""
        return list(takewhile(lambda one: one.kind != "passed", self.known))

    @property
    def is_streak_whole(self) -> bool:
        """Whether the first of them is known."""
        return self.is_whole or len(self.streak) < len(self.known)


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that stands on the page."""

    is_empty: bool
    since: datetime
    made: datetime
    newest: datetime | None
    failures: Data
    days: Sequence[Day]
    errors: Sequence[Error]
    in_doubt: Sequence[Doubted]
    specs: Sequence[Spec]
    compared: dict[str, Data]
    specs_not_shown: int

    @property
    def failing(self) -> list[Spec]:
        return [one for one in self.specs if one.state == "failing"]

    @property
    def has_older(self) -> bool:
        """Whether of some spec there are attempts that are not shown."""
        return any(not one.is_whole for one in self.specs)


def content_of(answers: Answers, since: datetime, made: datetime) -> Content:
    """What is to be shown of the answers."""
    newest = moment_of(answers.described.get("newest"), made)
    first = max(since.date(), _last(newest, made) - timedelta(days=DAYS_SHOWN - 1))
    specs = [_spec(page, made) for page in answers.specs]
    failures = answers.failures
    return Content(
        is_empty=newest is None,
        since=since,
        made=made,
        newest=newest,
        failures=failures,
        days=_days(answers.described.get("days", ()), first),
        errors=[_error(one, made) for one in failures.get("errors", ())[:ERRORS_SHOWN]],
        in_doubt=[
            Doubted(one.get("spec_id"), one.get("iteration"), moment_of(one.get("at"), made))
            for one in failures.get("in_doubt", ())
        ],
        specs=sorted(specs, key=lambda spec: spec.state != "failing"),
        compared=answers.compared,
        specs_not_shown=answers.specs_known - len(specs),
    )


def is_broken(page: Data) -> bool:
    """Whether the spec of a `logs_for_spec` fails now."""
    return _spec(page, datetime.now().astimezone()).state == "failing"


def _last(newest: datetime | None, made: datetime) -> date:
    return (newest or made).date()


def _days(told: Sequence[Data], first: date) -> list[Day]:
    """The days from the first on which anything was recorded, those without anything included."""
    known = {
        (day := date.fromisoformat(one["day"])): Day(
            day, one["runs"], one["failed"], one.get("events") or 0
        )
        for one in told
    }
    shown = [day for day in known if day >= first]
    if not shown:
        return []
    begin, end = min(shown), max(shown)
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    return [known.get(day, Day(day)) for day in days]


def _error(told: Data, made: datetime) -> Error:
    return Error(
        error=told.get("error", ""),
        location=told.get("location"),
        note=told.get("note"),
        spec_id=told.get("spec_id"),
        iteration=told.get("iteration"),
        at=moment_of(told.get("at"), made),
        count=told.get("count", 1),
        count_is_minimum=bool(told.get("count_is_minimum")),
        other_specs=told.get("other_specs") or 0,
        other_specs_is_minimum=bool(told.get("other_specs_is_minimum")),
        more_tests=told.get("more_tests") or 0,
        is_new=bool(told.get("is_new")),
        is_flaky=bool(told.get("is_flaky")),
        passed_since=told.get("passed_since"),
    )


def _spec(page: Data, made: datetime) -> Spec:
    return Spec(
        spec_id=page["spec_id"],
        attempts=[_attempt(one, made) for one in page.get("attempts", ())[:ATTEMPTS_SHOWN]],
        is_whole=not page.get("more"),
        printed=(page.get("newest_failure") or {}).get("text") or "",
        rerun=page.get("rerun"),
    )


def _attempt(told: Data, made: datetime) -> Attempt:
    number = told.get("iteration")
    return Attempt(
        name=f"#{number}" if number is not None else str(told.get("run_id", ""))[:8],
        ended=ended_of(told.get("ended", "")),
        verdict=told.get("verdict"),
        error=told.get("error"),
        location=told.get("location"),
        note=told.get("note"),
        tests=told.get("tests") or {},
        at=moment_of(told.get("at"), made),
    )


def compared_attempt(told: Data | None, made: datetime) -> Attempt | None:
    """An attempt of a comparison."""
    return _attempt(told, made) if told else None


def ended_of(told: str) -> Ended:
    """How an attempt ended, from what answers say: `failed, exit 1`, `passed, in doubt: ...`."""
    found = _ENDED.match(told)
    word = found[1] if found else "outcome not recorded"
    code = int(found[2]) if found and found[2] else None
    return Ended(word, code, "in doubt" in told)


def moment_of(told: Any, place: datetime) -> datetime | None:
    """The time at the beginning of what answers say, such as `2025-12-19T15:30:00Z, 5 min ago`."""
    try:
        moment = datetime.fromisoformat(str(told).partition(",")[0])
        return moment.astimezone(place.tzinfo)
    except (ValueError, OverflowError):
        return None
