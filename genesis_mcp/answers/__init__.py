"""What is shown: the answer to each question, as data; these models are the tools' output schemas.

Everything here is already cleaned and redacted. A result can give up its least useful part
(`smaller`) until it fits a budget; what it gives up, it counts.
"""

from genesis_mcp.answers.description import DayLine, SpecLine, StoreDescription
from genesis_mcp.answers.failures import ErrorGroup, FailurePage, more_failures
from genesis_mcp.answers.one_run import NextRun, RecordedRun, RunDetail, TextSize
from genesis_mcp.answers.result import (
    UNTRUSTED,
    NumberedLines,
    Passage,
    Quoting,
    Result,
    call,
    next_lines,
)
from genesis_mcp.answers.search import Match, SearchPage, older_matches
from genesis_mcp.answers.specs import Attempt, Comparison, Event, SpecPage, older_attempts

__all__ = [
    "UNTRUSTED",
    "Attempt",
    "Comparison",
    "DayLine",
    "ErrorGroup",
    "Event",
    "FailurePage",
    "Match",
    "NextRun",
    "NumberedLines",
    "Passage",
    "Quoting",
    "RecordedRun",
    "Result",
    "RunDetail",
    "SearchPage",
    "SpecLine",
    "SpecPage",
    "StoreDescription",
    "TextSize",
    "call",
    "more_failures",
    "next_lines",
    "older_attempts",
    "older_matches",
]
