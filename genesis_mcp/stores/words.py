"""The words of a text, as every store's search for a text compares them."""

import re

from genesis_mcp.runs.query import RunQuery
from genesis_mcp.text.clean import scrub

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Letters and digits that stand together, as they were written."""
    return _WORD.findall(scrub(text))


def is_searchable(query: RunQuery) -> bool:
    """Whether the query's text can find anything: words, and failures, which alone have them."""
    return query.failed is not False and bool(words(query.text or ""))
