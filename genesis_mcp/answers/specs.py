"""What happened to one spec: its attempts, two of them beside each other, the next one."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from genesis_mcp.answers.quoting import Passage, call, fewer
from genesis_mcp.answers.result import ErrorKey, Filters, Quoting, Result, Shown, ShownText
from genesis_mcp.answers.shown_tests import ShownTests


class Attempt(Shown):
    """One run of a spec."""

    iteration: int | None = None
    ended: str
    verdict: str | None = None
    tests: ShownTests | None = None
    error: str | None = None
    location: str | None = None
    note: str | None = None
    """What a person noted on this error."""
    error_key: ErrorKey = None
    at: str
    duration_ms: int | None = None
    run_id: str


class Event(Shown):
    """A log line about a spec, between its attempts."""

    level: str | None = None
    at: str
    message: str
    run_id: str


ORDINARY_CHARS = 3_000
"""What five attempts, one of them explained, should take, about 800 tokens."""


class SpecPage(Result):
    """The answer of `logs_for_spec`, the newest attempt first."""

    spec_id: str
    attempts: list[Attempt] = Field(default_factory=list)
    more: str | None = None
    """The call that shows the attempts before these."""
    newest_failure: Quoting | None = None
    rerun: str | None = None
    """A line for a POSIX shell that runs only the tests that failed, where that can be told."""
    """What the newest failure among the attempts printed."""
    events: list[Event] | None = None
    """Log lines about the spec in the time of these attempts, the gravest first."""
    events_not_shown: int | None = None
    events_not_shown_is_minimum: bool | None = None
    nearest_specs: list[str] | None = None
    filters: Filters = Field(default_factory=dict)

    @property
    def ordinary_chars(self) -> int | None:
        return None if self.filters.get("detail") == "full" else ORDINARY_CHARS

    def tighter(self) -> Self | None:
        if self.newest_failure and self.newest_failure.can_shrink:
            return self.but(newest_failure=self.newest_failure.shorter())
        return None

    def smaller(self) -> Self | None:
        if self.newest_failure and self.newest_failure.can_shrink:
            return self.but(newest_failure=self.newest_failure.shorter())
        if self.events:
            hidden = (self.events_not_shown or 0) + len(self.events)
            return self.but(events=None, events_not_shown=hidden)
        keep = fewer(self.attempts)
        if not keep:
            return None
        kept = self.attempts[:keep]
        return self.but(attempts=kept, more=older_attempts(self.filters, kept[-1].run_id))


class Comparison(Result):
    """The answer of `compare_runs`: an older attempt and a later one."""

    spec_id: str
    older: Attempt | None = None
    later: Attempt | None = None
    code: str
    """What became of the code: how many lines were added and removed, or why that is not told."""
    diff: ShownText | None = None
    """The change of the code, as a unified diff."""
    changed: dict[str, str] | None = None
    """Other fields that differ, both values."""
    nearest_specs: list[str] | None = None

    def smaller(self) -> Self | None:
        if isinstance(self.diff, Passage) and self.diff.can_shrink:
            return self.but(diff=self.diff.shorter())
        return self.but(changed=None) if self.changed else None


def older_attempts(filters: Mapping[str, Any], run_id: str) -> str:
    """The call that goes on with the attempts before a run."""
    return call("logs_for_spec", **{**filters, "before": run_id})
