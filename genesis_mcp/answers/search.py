"""Runs with a text in their output."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from genesis_mcp.answers.quoting import NumberedLines, call, fewer
from genesis_mcp.answers.result import Filters, Result, Shown, ShownText


class Match(Shown):
    """A run with the text, and the first lines that have it."""

    spec_id: str | None = None
    iteration: int | None = None
    ended: str
    at: str
    run_id: str
    stream: str
    """The part of the run that the lines are from."""
    matching_lines: int
    """Lines of that part with the text."""
    place: Annotated[SkipJsonSchema[str], Field(exclude=True)] = ""
    """The run_id behind which the next page goes on."""
    text: ShownText
    """Lines around the first ones, numbered as `get_run` numbers them."""


class SearchPage(Result):
    """The answer of `search_logs`, the newest run first."""

    matches: list[Match] = Field(default_factory=list)
    more: str | None = None
    """The call that goes on with older runs."""
    nearest_specs: list[str] | None = None
    filters: Filters = Field(default_factory=dict)

    def smaller(self) -> Self | None:
        if any(_is_long(match) for match in self.matches):
            return self.but(matches=[_shorter(match) for match in self.matches])
        keep = fewer(self.matches)
        if not keep:
            return None
        kept = self.matches[:keep]
        return self.but(matches=kept, more=older_matches(self.filters, kept[-1].place))


def _is_long(match: Match) -> bool:
    return isinstance(match.text, NumberedLines) and match.text.can_shrink


def _shorter(match: Match) -> Match:
    """Without the last of the lines, down to one: the first with the text in it is kept longest."""
    assert isinstance(match.text, NumberedLines)
    lines = match.text.lines
    if len(lines) == 1:
        return match.but(text=match.text.shorter()) if match.text.can_shrink else match
    return match.but(text=NumberedLines(lines[:-1] if len(lines) > 2 else lines[-1:]))


def older_matches(filters: Mapping[str, Any], run_id: str) -> str:
    """The call that goes on with the runs before one."""
    return call("search_logs", **{**filters, "before": run_id})
