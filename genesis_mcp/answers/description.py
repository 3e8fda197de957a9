"""What a store holds."""

from typing import Self

from pydantic import Field

from genesis_mcp.answers.quoting import fewer
from genesis_mcp.answers.result import Result, Shown


class SpecLine(Shown):
    """A spec and what happened to it."""

    spec_id: str
    runs: int
    failed: int
    runs_is_minimum: bool | None = None
    newest: str


class DayLine(Shown):
    """A day (UTC) and what happened on it."""

    day: str
    runs: int
    failed: int
    events: int | None = None


class StoreDescription(Result):
    """The answer of `describe_logs`."""

    engine: str
    writable: bool
    runs: int
    failed: int
    events: int
    counted_since: str | None = None
    """Where counting began: older records are there, and not in the figures."""
    without_time: int | None = None
    """Records without a usable time of their own; their ids tell where they stand."""
    oldest: str | None = None
    newest: str | None = None
    size_bytes: int | None = None
    time_zone: str
    """Of all times in answers, and of the machine that answers."""
    days: list[DayLine] = Field(default_factory=list)
    specs: list[SpecLine] = Field(default_factory=list)
    """The most recently active ones."""
    specs_not_shown: int | None = None
    services: dict[str, int] = Field(default_factory=dict)
    """Values of `service` and how often each occurs."""
    sprints: dict[str, int] = Field(default_factory=dict)
    limits: str
    fields: dict[str, str] | None = None
    """Fields of a run and what they mean, when they were asked for."""

    def smaller(self) -> Self | None:
        if keep := fewer(self.specs):
            hidden = (self.specs_not_shown or 0) + len(self.specs) - keep
            return self.but(specs=self.specs[:keep], specs_not_shown=hidden)
        if keep := fewer(self.days):
            return self.but(days=self.days[:keep])
        return self.but(services={}, sprints={}) if self.services or self.sprints else None
