"""Lists of failures: by error, and by a text in them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from genesis_mcp.results.base import Filters, Quoting, Result, call, fewer
from genesis_mcp.showing import exact_instant


class ErrorGroup(Quoting):
    """Failures that show the same error; place and time are the newest one's."""

    count: int
    count_is_minimum: bool | None = None
    """Given when there may be more than were counted."""
    error: str
    location: str | None = None
    spec_id: str | None = None
    iteration: int | None = None
    other_specs: int | None = None
    ended: str
    at: str
    newest: Annotated[SkipJsonSchema[datetime], Field(exclude=True)]


class FailurePage(Result):
    """The answer of `recent_failures`, the newest error first."""

    failed: int
    """Failed runs and error events that match."""
    failed_is_minimum: bool | None = None
    runs: int
    runs_is_minimum: bool | None = None
    errors: list[ErrorGroup]
    errors_not_shown: int | None = None
    more: str | None = None
    """The call that goes on with older failures."""
    nearest_specs: list[str] | None = None
    filters: Filters = Field(default_factory=dict)

    def smaller(self) -> Self | None:
        # The other quotations become shorter before the first one does; errors are dropped last.
        first, others = self.errors[:1], self.errors[1:]
        if any(group.can_shrink for group in others):
            return self.but(errors=[*first, *(group.shorter() for group in others)])
        if any(group.can_shrink for group in first):
            return self.but(errors=[first[0].shorter(), *others])
        keep = fewer(self.errors)
        if not keep:
            return None
        dropped = self.errors[keep:]
        return self.but(
            errors=self.errors[:keep],
            errors_not_shown=(self.errors_not_shown or 0) + len(dropped),
            more=older_failures(self.filters, dropped[0].newest),
        )


def older_failures(filters: Mapping[str, Any], newest: datetime) -> str:
    """The call that goes on with the failures up to and including a time."""
    until = exact_instant(newest + timedelta(milliseconds=1))
    return call("recent_failures", **{**filters, "until": until})
