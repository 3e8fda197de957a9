"""`recent_failures(error=...)`: every failure that shows the error of one run, the newest first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.answers import UNTRUSTED, ErrorGroup, FailurePage, Occurrence, more_failures
from genesis_mcp.answers.readable import shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import Detail, RecentFailures
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.error_pages import GROUPED_MAX
from genesis_mcp.questions.errors_shown import (
    error_keys,
    keys_wanted,
    quote,
    signed,
    signed_one,
    signing_wanted,
)
from genesis_mcp.questions.names_that_exist import nearest_values
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import place_of, place_wanted
from genesis_mcp.questions.recent_failures import (
    NEWEST_CHARS,
    Counts,
    asked_for,
    counted,
    counts_wanted,
    error_group,
    window,
)
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, Failure, RunQuery
from genesis_mcp.runs.signing import is_current, is_current_version
from genesis_mcp.runs.wording import age, ended, instant, minute, plural
from genesis_mcp.stores.asking import Asked, Failures, Fetch
from genesis_mcp.stores.contract import ReadsAtOnce

PAGES_READ = 3
"""Pages of GROUPED_MAX failures that are read where rows carry no signature to look up."""


class Found(NamedTuple):
    """Failures with the error, the newest first."""

    failures: Sequence[Failure]
    next: str | None
    """The run behind which others are."""
    read: int | None = None
    """How many failures were read to find them; None when an index knows them all."""
    back_to: datetime | None = None
    """Where reading stopped; None at the end of the store."""


def answer(store: ReadsAtOnce, arguments: RecentFailures, moment: datetime) -> FailurePage:
    """A page of the failures that show the error of the run in `error`.

    Raises:
        InputError: there is no such run, or it did not fail.
    """
    query = asked_for(arguments, moment)
    error = arguments.error or ""
    is_first = not arguments.before
    newest_failures = [Failures(replace(query, limit=GROUPED_MAX + 1))] if is_first else []
    ask_ahead(store, Fetch((error,), 0), *place_wanted(arguments.before), *newest_failures)
    place = place_of(store, "before", arguments.before) if arguments.before else None
    query = replace(query, after=place)
    ask_ahead(store, *_wanted(store, query, error, arguments.limit))
    shown_by = _failure(store, error)
    group = shown_by.signature.group if shown_by.signature else ""
    found = _found(store, query, group, arguments.limit)
    run_ids = [one.run_id for one in found.failures]
    first = run_ids[:1] if is_first else []
    ask_ahead(store, Fetch(tuple(run_ids), 0), Fetch(tuple(first)))
    runs = store.fetch(run_ids, text_bytes=0)
    whole = store.fetch(first)
    ask_ahead(store, *names_wanted([shown_by, *runs]), *signing_wanted(store, whole))
    newest = signed(store, whole)
    counts = _counts(store, query, group, found, runs)
    filters = arguments.model_dump(exclude_defaults=True)
    return FailurePage(
        summary=_summary(counts, query, found, place is not None, moment),
        **counts.fields(),
        errors=[_error(run, counts, arguments.detail) for run in newest if isinstance(run, Run)],
        occurrences=[_occurrence(run) for run in runs],
        more=more_failures(filters, found.next) if found.next else None,
        untrusted=UNTRUSTED if newest else None,
        nearest_values=None if runs else nearest_values(store, query) or None,
        filters=filters,
        names=names_of(store, [shown_by, *runs]),
    )


def _wanted(store: ReadsAtOnce, query: RunQuery, error: str, limit: int) -> list[Asked[Any]]:
    """What is asked of the run with the error, and of all that may show it, too."""
    found = store.fetch([error], text_bytes=0)
    if not found:
        return []
    signature = found[0].signature
    group = signature.group if signature and is_current(signature) else None
    asked: list[Asked[Any]] = [
        *signing_wanted(store, found),
        *counts_wanted(query),
        Failures(replace(query, limit=GROUPED_MAX + 1)),
    ]
    if query.after is None:
        newest = store.failures(replace(query, limit=GROUPED_MAX + 1))
        asked += keys_wanted(store, newest[:GROUPED_MAX])
    if group is not None:
        asked += counts_wanted(query, group)
        asked.append(Failures(replace(query, signature_group=group, limit=limit + 1)))
    return asked


def _failure(store: ReadsAtOnce, run_id: str) -> RunFacts:
    """The run whose error is meant, signed as errors are read now."""
    found = store.fetch([run_id], text_bytes=0)
    if not found:
        raise InputError("error: no run has this id; name a run that shows the error.")
    if not found[0].failed:
        raise InputError(f"error: this run shows none ({ended(found[0])}); name one that failed.")
    return signed_one(store, found[0]) or found[0]


# --- looking ------------------------------------------------------------------------------------


def _found(store: ReadsAtOnce, query: RunQuery, group: str, limit: int) -> Found:
    newest = store.failures(replace(query, limit=GROUPED_MAX + 1))
    if not all(is_current_version(one.signature_version) for one in newest):
        return _read(store, query, newest, group, limit)
    same = store.failures(replace(query, signature_group=group, limit=limit + 1))
    return Found(same[:limit], same[limit - 1].run_id if len(same) > limit else None)


def _read(
    store: ReadsAtOnce, query: RunQuery, newest: Sequence[Failure], group: str, limit: int
) -> Found:
    """Among rows of other writers or older versions: their texts tell the error."""
    same: list[Failure] = []
    read = 0
    for _ in range(PAGES_READ):
        page = newest[:GROUPED_MAX]
        keys = error_keys(store, page)
        for failure in page:
            read += 1
            if keys[failure.run_id] == group:
                same.append(failure)
                if len(same) == limit:
                    return Found(same, failure.run_id, read, failure.timestamp)
        if len(newest) <= GROUPED_MAX:
            return Found(same, None, read)
        query = replace(query, after=Cursor.of(page[-1]))
        newest = store.failures(replace(query, limit=GROUPED_MAX + 1))
    return Found(same, page[-1].run_id, read, page[-1].timestamp)


# --- saying -------------------------------------------------------------------------------------


def _counts(
    store: ReadsAtOnce, query: RunQuery, group: str, found: Found, runs: Sequence[RunFacts]
) -> Counts:
    """In all, where an index counts; otherwise of what is shown."""
    if found.read is None:
        return counted(store, query, group)
    events = sum(run.kind == "event" for run in runs)
    return counted(store, query)._replace(failed=len(runs) - events, error_events=events)


def _summary(
    counts: Counts, query: RunQuery, found: Found, is_continued: bool, moment: datetime
) -> str:
    what = f"With this error{window(query)}: "
    if found.read is None:
        what += str(counts) or "nothing"
    else:
        shown = counts.failed + counts.error_events
        what += f"{shown:,} of {plural(f'{found.read:,}', 'failure')} that were read"
        what += f", back to {instant(found.back_to)}" if found.back_to else ""
    if is_continued or not found.failures:
        return f"{what}{'; the older ones' if is_continued else ''}."
    return f"{what}; newest {age(found.failures[0].timestamp, moment)}."


def _error(run: Run, counts: Counts, detail: Detail) -> ErrorGroup:
    """What the newest one printed, and how many there are."""
    group = error_group(run, quote(run, NEWEST_CHARS[detail]))
    fields = counts.fields()
    count = fields["failed"] + fields.get("error_events", 0)
    is_minimum = fields.keys() & {"failed_is_minimum", "error_events_is_minimum"}
    return group.but(count=count, count_is_minimum=True if is_minimum else None)


def _occurrence(run: RunFacts) -> Occurrence:
    return Occurrence(
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=ended(run),
        at=minute(run.timestamp),
        run_id=run.run_id,
    )
