"""The report: what the questions answer, as one page for people to look at. It asks no store."""

from genesis_mcp.report.localised import (
    LANGUAGES,
    language_accepted,
    language_named,
    language_of_this_place,
)
from genesis_mcp.report.page import PAGE_BYTES_MAX, SINCE, is_report, page_of, safety

__all__ = [
    "LANGUAGES",
    "PAGE_BYTES_MAX",
    "SINCE",
    "is_report",
    "language_accepted",
    "language_named",
    "language_of_this_place",
    "page_of",
    "safety",
]
