"""What is shown: the answer to each question, as data; these models are the tools' output schemas.

Everything here is already cleaned and redacted. A result can give up its least useful part
(`smaller`) until it fits a budget; what it gives up, it counts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genesis_mcp.answers.description import DayLine, SpecLine, StoreDescription
    from genesis_mcp.answers.failures import (
        Doubted,
        ErrorGroup,
        FailurePage,
        Occurrence,
        more_failures,
    )
    from genesis_mcp.answers.one_run import NextRun, RecordedRun, RunDetail, TextSize
    from genesis_mcp.answers.quoting import (
        UNTRUSTED,
        NumberedLines,
        Passage,
        call,
        next_lines,
    )
    from genesis_mcp.answers.result import Quoting, Result
    from genesis_mcp.answers.search import Match, SearchPage, older_matches
    from genesis_mcp.answers.shown_tests import ShownTests
    from genesis_mcp.answers.specs import Attempt, Comparison, Event, SpecPage, older_attempts

__all__ = [
    "UNTRUSTED",
    "Attempt",
    "Comparison",
    "DayLine",
    "Doubted",
    "ErrorGroup",
    "Event",
    "FailurePage",
    "Match",
    "NextRun",
    "NumberedLines",
    "Occurrence",
    "Passage",
    "Quoting",
    "RecordedRun",
    "Result",
    "RunDetail",
    "SearchPage",
    "ShownTests",
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

_MODULES = {
    "description": ("DayLine", "SpecLine", "StoreDescription"),
    "failures": ("Doubted", "ErrorGroup", "FailurePage", "Occurrence", "more_failures"),
    "one_run": ("NextRun", "RecordedRun", "RunDetail", "TextSize"),
    "quoting": ("UNTRUSTED", "NumberedLines", "Passage", "call", "next_lines"),
    "result": ("Quoting", "Result"),
    "search": ("Match", "SearchPage", "older_matches"),
    "shown_tests": ("ShownTests",),
    "specs": ("Attempt", "Comparison", "Event", "SpecPage", "older_attempts"),
}
"""Imported with the first use: a question needs one of them, and models are slow to make."""


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
