"""`recent_failures`: what broke lately, grouped by error, with totals for the exact filter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from genesis_mcp.answers import (
    UNTRUSTED,
    ErrorGroup,
    FailurePage,
    Quoting,
    call,
    older_failures,
)
from genesis_mcp.answers.readable import is_plain_name, shown_name
from genesis_mcp.questions.arguments import Detail, RecentFailures
from genesis_mcp.questions.errors_shown import (
    SIGNED_BYTES,
    by_group,
    error_line,
    error_location,
    quote,
    signed,
)
from genesis_mcp.questions.neighbours import NOTHING_RECORDED, nearest_specs
from genesis_mcp.runs.model import Outcome, RunFacts
from genesis_mcp.runs.query import Failure, RunQuery
from genesis_mcp.runs.wording import age, at, ended, instant, minute, plural
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.validation import parse_moment

GROUPED_MAX = 200
"""Newest failures that are grouped: the same work however full the store is."""

COUNTED_MAX = 1_000
"""Where a store that has to count for a total stops, which is then said."""

GROUP_COUNTED_MAX = 1_000
"""The same for one error."""

NEWEST_CHARS: dict[Detail, int] = {"summary": 600, "full": 5_000}
OTHERS_CHARS = 1_500
"""Characters of output shown of the newest error, and in full of every other, before the budget."""


def answer(store: RunStore, arguments: RecentFailures, moment: datetime) -> FailurePage:
    query = RunQuery(
        since=parse_moment("since", arguments.since, moment),
        until=parse_moment("until", arguments.until, moment),
        spec_id=arguments.spec_id,
        service=arguments.service,
        sprint_id=arguments.sprint_id,
        task_id=arguments.task_id,
        failed=True,
        limit=GROUPED_MAX + 1,
    )
    failures = store.failures(query)
    if not failures:
        return _no_failures(store, query, moment)
    more = len(failures) > GROUPED_MAX
    failures = failures[:GROUPED_MAX]
    groups = by_group(store, failures)
    shown, hidden = groups[: arguments.limit], groups[arguments.limit :]
    failed = store.count(query, at_most=COUNTED_MAX)
    runs = store.count(_all_runs(query), at_most=COUNTED_MAX)
    looked_at = f" in the newest {len(failures)}" if more else ""
    filters = arguments.model_dump(exclude_defaults=True)
    continues_at = hidden[0][0] if hidden else failures[-1] if more else None
    errors = _describe(store, shown, query, arguments, cut=more)
    return FailurePage(
        summary=(
            f"{_counted(failed, 'failure')} in {_counted(runs, 'run')}{_window(query)}: "
            f"{plural(len(groups), 'distinct error')}{looked_at}; "
            f"newest {age(failures[0].timestamp, moment)}."
        ),
        failed=failed,
        failed_is_minimum=failed == COUNTED_MAX or None,
        runs=runs,
        runs_is_minimum=runs == COUNTED_MAX or None,
        errors=errors,
        errors_not_shown=len(hidden) or None,
        more=older_failures(filters, continues_at.timestamp) if continues_at else None,
        hint=_hint(failures[0], arguments.spec_id),
        untrusted=UNTRUSTED,
        filters=filters,
    )


def _describe(
    store: RunStore,
    groups: Sequence[Sequence[Failure]],
    query: RunQuery,
    arguments: RecentFailures,
    *,
    cut: bool,
) -> list[ErrorGroup]:
    fetched = store.fetch([group[0].run_id for group in groups], text_bytes=0)
    newest = {run.run_id: run for run in signed(store, fetched)}
    quotes = _quotes(store, list(newest.values()), arguments.detail)
    totals = _recount(store, query, groups) if cut else {}
    described = []
    for group in groups:
        if run := newest.get(group[0].run_id):  # it may have been pruned just now
            total = totals.get(group[0].signature_group or "")
            count = len(group) if total is None else total
            is_minimum = cut and (total is None or total == GROUP_COUNTED_MAX)
            specs = len({failure.spec_id for failure in group})
            described.append(
                _error_group(run, quotes.get(run.run_id)).but(
                    count=count,
                    count_is_minimum=is_minimum or None,
                    other_specs=specs - 1 or None,
                )
            )
    return described


def _error_group(run: RunFacts, quoted: Quoting | None) -> ErrorGroup:
    return ErrorGroup(
        count=1,
        error=error_line(run.signature) or ended(run),
        location=error_location(run.signature),
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=None if run.outcome == Outcome.FAILED and run.exit_code == 1 else ended(run),
        at=minute(run.timestamp),
        run_id=run.run_id,
        stream=quoted and quoted.stream,
        text=quoted and quoted.text,
        whole=quoted and quoted.whole,
        code=quoted and quoted.code,
        newest=run.timestamp,
    )


def _quotes(store: RunStore, newest: Sequence[RunFacts], detail: Detail) -> dict[str, Quoting]:
    """What the newest failure of each error printed, as much of it as the detail asks for."""
    printed = [run.run_id for run in newest if run.stdout_bytes or run.stderr_bytes]
    runs = store.fetch(printed[:1])
    quotes = [quote(run, NEWEST_CHARS[detail]) for run in runs]
    if detail == "full":
        runs = store.fetch(printed[1:], text_bytes=SIGNED_BYTES)
        quotes += [quote(run, OTHERS_CHARS) for run in runs]
    if detail == "summary":
        quotes = [one and one.but(code=None) for one in quotes]
    # An output of one line is the error's own line, which is shown anyway.
    return {one.run_id: one for one in quotes if one and one.run_id and one.is_long}


def _recount(
    store: RunStore, query: RunQuery, groups: Sequence[Sequence[Failure]]
) -> dict[str, int]:
    """How many failures show each error in all, by signature group, as far as that is cheap.

    With another filter it is not: no index knows both. Rows of other writers carry no signature.
    """
    names = [group[0].signature_group for group in groups if group[0].signature_group]
    if any((query.spec_id, query.service, query.sprint_id, query.task_id)):
        return {}
    return store.count_groups(query, names, at_most=GROUP_COUNTED_MAX)


def _counted(number: int, one: str) -> str:
    """`1 run`, `2 runs`, `1,000+ runs` where counting stopped."""
    return plural(f"{number:,}{'+' if number == COUNTED_MAX else ''}", one)


def _all_runs(query: RunQuery) -> RunQuery:
    return replace(query, failed=None, kind="run")


def _no_failures(store: RunStore, query: RunQuery, moment: datetime) -> FailurePage:
    """Why there is nothing to show: no data, no such spec, nothing in the window, or all passed."""
    everything = _all_runs(query)
    runs = store.count(everything, at_most=COUNTED_MAX)
    nearest = None
    if runs:
        newest = store.find(replace(everything, limit=1)).runs[0]
        summary = (
            f"No failures: {_counted(runs, 'run')}{_window(query)} looked at, "
            f"the newest {at(newest.timestamp, moment)}, {ended(newest)}."
        )
    else:
        newest_of_all = store.find(RunQuery(limit=1)).runs
        if not newest_of_all:
            summary = NOTHING_RECORDED
        elif query.spec_id and store.spec(query.spec_id) is None:
            nearest = nearest_specs(store, query.spec_id)
            summary = "Nothing was ever recorded for this spec_id."
        else:
            summary = (
                f"No runs match{_window(query)}; the newest record in the store is from "
                f"{at(newest_of_all[0].timestamp, moment)}."
            )
    return FailurePage(summary=summary, failed=0, runs=runs, errors=[], nearest_specs=nearest)


def _window(query: RunQuery) -> str:
    """The filter in words, such as ` since 2025-12-19T15:30:00Z, of one spec`."""
    words = [
        f" since {instant(query.since)}" if query.since else "",
        f" until {instant(query.until)}" if query.until else "",
    ]
    for name in ("spec_id", "service", "sprint_id", "task_id"):
        value = getattr(query, name)
        if value is not None:
            words.append(f" with {call('', **{name: value})[1:-1]}")
    return "".join(words)


def _hint(newest: Failure, asked_for: str | None) -> str | None:
    if newest.spec_id and newest.spec_id != asked_for and is_plain_name(newest.spec_id):
        return call("logs_for_spec", spec_id=newest.spec_id)
    return call("get_run", run_id=newest.run_id)
