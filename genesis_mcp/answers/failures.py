"""Lists of failures: by error, and by a text in them."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from genesis_mcp.answers.quoting import call, fewer
from genesis_mcp.answers.result import ErrorKey, Filters, Quoting, Result, Shown


class ErrorGroup(Quoting):
    """Failures that show the same error; place and time are the newest one's."""

    count: int
    count_is_minimum: bool | None = None
    """Given when there may be more than were counted."""
    error: str
    location: str | None = None
    note: str | None = None
    """What a person noted on this error."""
    error_key: ErrorKey = None
    spec_id: str | None = None
    iteration: int | None = None
    other_specs: int | None = None
    other_specs_is_minimum: bool | None = None
    ended: str | None = None
    """None for the ordinary end of a failure: exit code 1."""
    at: str
    """To the minute; the summary says how long ago the newest was."""
    is_new: bool | None = None
    """Given when it was first seen in the window that was asked for."""
    more_tests: int | None = None
    """Failing tests of the newest run beyond the first."""
    other_errors: int | None = None
    """Errors that these show beyond this one, as far as they are known."""
    is_flaky: bool | None = None
    """Given when the code that it failed on has passed as well, unchanged."""
    passed_since: str | None = None
    """The attempt at its spec that has passed since; nothing is broken there now."""
    place: Annotated[SkipJsonSchema[str], Field(exclude=True)] = ""
    """The run_id of the newest failure, behind which the next page goes on."""
    position: Annotated[SkipJsonSchema[int], Field(exclude=True)] = 0
    """Where it stands in the order of pages, which is not the order of reading."""


class Occurrence(Shown):
    """One failure with the error that was asked for."""

    spec_id: str | None = None
    iteration: int | None = None
    ended: str
    at: str
    run_id: str


class Doubted(Shown):
    """A run that exited with 0 although its own output tells of failures."""

    spec_id: str | None = None
    iteration: int | None = None
    at: str
    doubt: str
    run_id: str


ORDINARY_CHARS = 2_200
"""What ten different errors should take, about 600 tokens."""


SHORT_ERROR_CHARS = 80
"""Of an error in a long list, when it has to be short."""


class FailurePage(Result):
    """The answer of `recent_failures`, the newest error first."""

    failed: int
    """Failed runs that match."""
    failed_is_minimum: bool | None = None
    error_events: int | None = None
    """Events of level error or fatal that match."""
    error_events_is_minimum: bool | None = None
    runs: int
    runs_is_minimum: bool | None = None
    errors: list[ErrorGroup] = Field(default_factory=list)
    errors_not_shown: int | None = None
    occurrences: list[Occurrence] | None = None
    """With `error`: the failures that show it, the newest first; `errors` has what it printed."""
    in_doubt: list[Doubted] | None = None
    """Passes that are not believed, the newest first: no failures by their exit codes."""
    in_doubt_not_shown: int | None = None
    in_doubt_not_shown_is_minimum: bool | None = None
    more: str | None = None
    """The call that goes on with older failures."""
    nearest_specs: list[str] | None = None
    nearest_values: dict[str, list[str]] | None = None
    """Of filters whose value no record has, values that newest records have."""
    filters: Filters = Field(default_factory=dict)

    @property
    def ordinary_chars(self) -> int | None:
        return None if self.filters.get("detail") == "full" else ORDINARY_CHARS

    def tighter(self) -> Self | None:
        """A shorter quotation; no run ids where the spec leads on; no quotation; short errors."""
        if not self.errors:
            return None
        first, *others = self.errors
        if first.can_shrink:
            return self.but(errors=[first.shorter(), *others])
        if any(group.run_id and group.spec_id for group in others):
            return self.but(errors=[first, *map(_without_run_id, others)])
        if first.text:
            bare = first.but(text=None, stream=None, whole=None, kept=None, other_text=None)
            return self.but(errors=[_without_run_id(bare), *others])
        if any(len(group.error) > SHORT_ERROR_CHARS for group in self.errors):
            return self.but(errors=[_with_short_error(group) for group in self.errors])
        return None

    def smaller(self) -> Self | None:
        if self.occurrences is not None:
            return self._with_fewer_occurrences(self.occurrences)
        # The other quotations become shorter before the first one does; errors are dropped last.
        first, others = self.errors[:1], self.errors[1:]
        if any(group.can_shrink for group in others):
            return self.but(errors=[*first, *(group.shorter() for group in others)])
        if any(group.can_shrink for group in first):
            return self.but(errors=[first[0].shorter(), *others])
        keep = fewer(self.errors)
        if not keep:
            return self._with_doubts_counted()
        kept = sorted(self.errors, key=lambda group: group.position)[:keep]
        dropped = len(self.errors) - keep
        return self.but(
            errors=[group for group in self.errors if group in kept],
            errors_not_shown=(self.errors_not_shown or 0) + dropped,
            more=more_failures(self.filters, kept[-1].place),
        )

    def _with_doubts_counted(self) -> Self | None:
        if not self.in_doubt:
            return None
        number = len(self.in_doubt) + (self.in_doubt_not_shown or 0)
        return self.but(in_doubt=None, in_doubt_not_shown=number)

    def _with_fewer_occurrences(self, occurrences: list[Occurrence]) -> Self | None:
        if any(group.can_shrink for group in self.errors):
            return self.but(errors=[group.shorter() for group in self.errors])
        keep = fewer(occurrences)
        if not keep:
            return self.but(errors=[]) if self.errors else None
        kept = occurrences[:keep]
        return self.but(occurrences=kept, more=more_failures(self.filters, kept[-1].run_id))


def _without_run_id(group: ErrorGroup) -> ErrorGroup:
    return group.but(run_id=None) if group.spec_id else group


def _with_short_error(group: ErrorGroup) -> ErrorGroup:
    if len(group.error) <= SHORT_ERROR_CHARS:
        return group
    return group.but(error=group.error[: SHORT_ERROR_CHARS - 1] + "…")


def more_failures(filters: Mapping[str, Any], place: str) -> str:
    """The call that goes on behind the error whose newest failure is this run."""
    return call("recent_failures", **{**filters, "before": place})
