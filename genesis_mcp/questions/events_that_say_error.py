"""Events that speak of an error though no logger called them one: told where nothing failed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from genesis_mcp.answers import call
from genesis_mcp.runs.model import FAILED_LEVELS, Run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.asking import Find
from genesis_mcp.stores.contract import ReadsAtOnce

LOOKED_AT_MAX = 200
"""Newest events whose messages are read."""

MESSAGE_BYTES = 2048

WORDS_MAX = 4
BEGINNING_CHARS = 20

_WORDS = ("error", "erro", "falh", "fail", "exce", "fatal", "timeout", "denied", "refused")
"""What is searched for: as many as show all of them, those that most have first."""


class Suspects(NamedTuple):
    """What is said of them, and the call that shows them."""

    said: str = ""
    call: str | None = None


def events_that_say_error(store: ReadsAtOnce, query: RunQuery) -> Suspects:
    """Of the newest events that match, those of no level or a mild one that speak of an error."""
    found = store.find(suspects_wanted(query).query).runs
    mild = [event.run_id for event in found if event.level not in FAILED_LEVELS]
    if not mild:
        return Suspects()
    from genesis_mcp.diagnostics.finding import find_error  # slow to import, and nearly never asked

    events = store.fetch(mild, text_bytes=MESSAGE_BYTES)
    suspects = []
    for event in events:
        error = find_error(stdout="", stderr=event.stderr, message=event.message)
        if error is not None and error.is_error:
            suspects.append(event)
    if not suspects:
        return Suspects()
    speak = "speaks" if len(suspects) == 1 else "speak"
    said = f"{plural(len(suspects), 'event')} without such a level {speak} of an error"
    if len(found) == LOOKED_AT_MAX:
        said += f" (of the newest {LOOKED_AT_MAX})"
    filters = {"spec_id": query.spec_id, "failures_only": False}
    return Suspects(said, call("search_logs", text=_words_of(suspects), **filters))


def suspects_wanted(query: RunQuery) -> Find:
    """What `events_that_say_error` will ask first."""
    return Find(replace(query, failed=None, kind="event", limit=LOOKED_AT_MAX))


def _words_of(events: Sequence[Run]) -> list[str]:
    """Words of which each of the events has one; of one without any of them, how it begins."""
    texts = [f"{event.message or ''}\n{event.stderr}".strip().lower() for event in events]
    words: list[str] = []
    while texts and len(words) < WORDS_MAX:
        counts = Counter({word: sum(word in text for text in texts) for word in _WORDS})
        [(word, number)] = counts.most_common(1)
        words.append(word if number else texts[0].partition("\n")[0][:BEGINNING_CHARS])
        texts = [text for text in texts if words[-1] not in text]
    return words
