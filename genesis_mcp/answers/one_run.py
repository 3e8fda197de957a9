"""One run: shown, recorded just now, or waited for."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from genesis_mcp.answers.quoting import NumberedLines, Passage, call, fewer, next_lines
from genesis_mcp.answers.result import ErrorKey, Filters, Quoting, Result, Shown, ShownText
from genesis_mcp.answers.shown_tests import ShownTests
from genesis_mcp.answers.specs import Event


class TextSize(Shown):
    """A text of a run and its size."""

    part: str
    bytes: int
    """What the program wrote."""
    lines: int
    """What was kept, in lines."""
    kept_bytes: int | None = None
    """What was kept, when that is less."""
    redraws: int | None = None
    """States of progress lines that are not shown: the same words with other numbers."""


ORDINARY_LINES_CHARS = 5_600
"""What a text should take of which no number of lines was asked for: log text has a token for 2.5
characters, as o200k counts them."""


class RunDetail(Result):
    """The answer of `get_run`: a run's facts and error, or lines of one of its texts."""

    run_id: str
    spec_id: str | None = None
    iteration: int | None = None
    ended: str
    at: str
    verdict: str | None = None
    tests: ShownTests | None = None
    error: str | None = None
    location: str | None = None
    note: str | None = None
    """What a person noted on this error."""
    error_key: ErrorKey = None
    facts: dict[str, Any] | None = None
    texts: list[TextSize] | None = None
    part: Literal["summary", "stdout", "stderr", "code", "message", "before", "tests"]
    grep: str | list[str] | None = None
    total_lines: int | None = None
    stream: str | None = None
    """The part that `text` in a summary is from."""
    text: ShownText | None = None
    code: ShownText | None = None
    """Lines of the recorded code around the line that the error names."""
    rerun: str | None = None
    """A line for a POSIX shell that runs only the tests that failed, where that can be told."""
    before: list[Event] | None = None
    """What the same request, trace or service logged before it, the newest last."""
    filters: Filters = Field(default_factory=dict)

    @property
    def ordinary_chars(self) -> int | None:
        is_open = isinstance(self.text, NumberedLines) and "lines" not in self.filters
        return ORDINARY_LINES_CHARS if is_open else None

    def tighter(self) -> Self | None:
        is_open = isinstance(self.text, NumberedLines) and self.text.can_shrink
        return self.smaller() if is_open else None

    def smaller(self) -> Self | None:
        if self.before and (keep := fewer(self.before)):
            kept = self.before[-keep:]
            hint = call("get_run", run_id=kept[0].run_id, part="before")
            return self.but(before=kept, hint=hint)
        if isinstance(self.text, Passage) and self.text.can_shrink:
            hint = next_lines(self.run_id, self.stream or "summary", 1, None)
            return self.but(text=self.text.shorter(), hint=hint)
        if isinstance(self.text, NumberedLines) and self.text.can_shrink:
            return self._with_fewer_lines(self.text)
        least = next((name for name in ("code", "facts", "texts") if getattr(self, name)), None)
        return self.but(**{least: None}) if least else None

    def _with_fewer_lines(self, text: NumberedLines) -> Self:
        shorter = text.shorter()
        left_out = text.lines[len(shorter.lines) :]
        if not left_out:
            return self.but(text=shorter)
        hint = next_lines(self.run_id, self.part, left_out[0][0], self.grep)
        return self.but(text=shorter, hint=hint)


class RecordedRun(Result):
    """The answer of `record_run`."""

    run_id: str
    spec_id: str | None = None
    iteration: int | None = None
    status: Literal["recorded", "duplicate"]
    remarks: Annotated[SkipJsonSchema[tuple[str, ...]], Field(exclude=True)] = ()
    """What the summary says of the spec beyond the verdict, for a caller with words of its own."""
    ended: str
    verdict: str | None = None
    tests: ShownTests | None = None
    error: str | None = None
    location: str | None = None
    note: str | None = None
    """What a person noted on this error."""
    error_key: ErrorKey = None


class NextRun(Result):
    """The answer of `wait_for_run`: the run that came, or none yet."""

    spec_id: str
    arrived: bool
    run_id: str | None = None
    iteration: int | None = None
    ended: str | None = None
    at: str | None = None
    verdict: str | None = None
    tests: ShownTests | None = None
    error: str | None = None
    location: str | None = None
    note: str | None = None
    """What a person noted on this error."""
    error_key: ErrorKey = None
    failure: Quoting | None = None
    """What it printed, when it failed."""
    nearest_specs: list[str] | None = None

    def smaller(self) -> Self | None:
        if self.failure and self.failure.can_shrink:
            return self.but(failure=self.failure.shorter())
        return None
