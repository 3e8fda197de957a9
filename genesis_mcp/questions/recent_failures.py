"""`recent_failures`: what broke lately, grouped by error, with totals for the exact filter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.answers import (
    UNTRUSTED,
    ErrorGroup,
    FailurePage,
    Quoting,
    call,
    more_failures,
)
from genesis_mcp.answers.readable import is_plain_name, shown_name
from genesis_mcp.questions.arguments import Detail, RecentFailures
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.doubted import NO_DOUBTS, doubted_wanted, doubts_wanted, in_doubt
from genesis_mcp.questions.error_pages import (
    GROUPED_MAX,
    ErrorPage,
    ListedError,
    listed_errors,
    new_wanted,
    page_wanted,
    probable_errors,
    specs_alone,
)
from genesis_mcp.questions.errors_shown import (
    SIGNED_BYTES,
    error_line,
    error_location,
    quote,
    signed,
    signing_wanted,
)
from genesis_mcp.questions.events_that_say_error import events_that_say_error, suspects_wanted
from genesis_mcp.questions.history import LOOKED_BACK, flaky_wanted, is_flaky, name_of
from genesis_mcp.questions.names_that_exist import nearest_specs, nearest_values
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import (
    NOTHING_FOR_SPEC,
    has_passed,
    is_part,
    nothing_recorded,
    part_wanted,
    place_wanted,
)
from genesis_mcp.questions.tests_told import more_tests
from genesis_mcp.runs.model import Outcome, RunFacts
from genesis_mcp.runs.query import Cursor, Failure, RunQuery
from genesis_mcp.runs.wording import age, at, ended, instant, minute, plural
from genesis_mcp.stores.asking import Asked, Count, Failures, Fetch, Find, Spec, newest_attempts
from genesis_mcp.stores.contract import ReadsAtOnce
from genesis_mcp.validation import parse_window

COUNTED_MAX = 1_000
"""Where a store that has to count for a total stops, which is then said."""

GROUP_COUNTED_MAX = 1_000
"""The same for one error."""

NEWEST_CHARS: dict[Detail, int] = {"summary": 600, "full": 5_000}
OTHERS_CHARS = 1_500
"""Characters of output shown of the newest error, and in full of every other, before the budget."""


def answer(store: ReadsAtOnce, arguments: RecentFailures, moment: datetime) -> FailurePage:
    query = asked_for(arguments, moment)
    failures = Failures(replace(query, limit=GROUPED_MAX + 1))
    ask_ahead(
        store,
        failures,
        *counts_wanted(query),
        *(place_wanted(arguments.before) if arguments.before else [doubts_wanted(query)]),
    )
    newest = store.read(failures)[failures]
    if not newest:
        return _no_failures(store, query, moment)
    if store.is_remote and not arguments.before:
        read = newest[:GROUPED_MAX]
        probable = probable_errors(store, read)[: arguments.limit]
        ask_ahead(
            store,
            *page_wanted(store, read, probable),
            *new_wanted(query, read),
            *(_recount_wanted(query, probable) if len(newest) > GROUPED_MAX else ()),
            *doubted_wanted(store, query),
        )
    doubted = NO_DOUBTS if arguments.before else in_doubt(store, query)
    page = listed_errors(store, query, newest, arguments.before, arguments.limit)
    filters = arguments.model_dump(exclude_defaults=True)
    counts = counted(store, query)
    described, names = _described(store, page, query, arguments, doubted.shown)
    return FailurePage(
        summary=_summary(counts, query, page, described, newest[0], moment),
        **counts.fields(),
        errors=described,
        **doubted.fields(),
        errors_not_shown=page.not_shown or None,
        more=more_failures(filters, page.next) if page.next else None,
        hint=_hint(described, arguments.spec_id),
        untrusted=UNTRUSTED if page.errors else None,
        filters=filters,
        names=names,
    )


def asked_for(arguments: RecentFailures, moment: datetime) -> RunQuery:
    """The failures that pass the filters."""
    since, until = parse_window(arguments.since, arguments.until, moment)
    return RunQuery(
        since=since,
        until=until,
        spec_id=arguments.spec_id,
        service=arguments.service,
        sprint_id=arguments.sprint_id,
        task_id=arguments.task_id,
        failed=True,
    )


class Counts(NamedTuple):
    """What matches in all: runs, failed ones, and events that tell of an error."""

    runs: int
    failed: int
    error_events: int

    def fields(self) -> dict[str, Any]:
        """As an answer has them."""
        counts = {"runs": self.runs, "failed": self.failed}
        counts |= {"error_events": self.error_events} if self.error_events else {}
        minimum = {name for name, count in counts.items() if _is_minimum(count)}
        shown: dict[str, Any] = counts | dict.fromkeys(minimum, COUNTED_MAX)
        return shown | {f"{name}_is_minimum": True for name in minimum}

    def __str__(self) -> str:
        events = plural(_number(self.error_events), "error event") if self.error_events else ""
        if not self.runs:
            return events
        runs = f"{_number(self.failed)} of {plural(_number(self.runs), 'run')} failed"
        return f"{runs}, and {events}" if events else runs


def counted(store: ReadsAtOnce, query: RunQuery, group: str | None = None) -> Counts:
    """All runs that pass the filters; the failures among them, or those with one error."""
    asked = counts_wanted(query, group)
    told = store.read(*asked)
    return Counts(*(told[one] for one in asked))


def counts_wanted(query: RunQuery, group: str | None = None) -> list[Count]:
    asked = (
        replace(query, failed=None, kind="run"),
        replace(query, kind="run", signature_group=group),
        replace(query, kind="event", signature_group=group),
    )
    return [Count(one, COUNTED_MAX + 1) for one in asked]


def _is_minimum(count: int) -> bool:
    """Whether counting stopped; a store whose totals tell more gives the number itself."""
    return count == COUNTED_MAX + 1


def _number(count: int) -> str:
    return f"{COUNTED_MAX:,}+" if _is_minimum(count) else f"{count:,}"


def _summary(
    counts: Counts,
    query: RunQuery,
    page: ErrorPage,
    described: Sequence[ErrorGroup],
    newest: Failure,
    moment: datetime,
) -> str:
    errors = plural(page.distinct, "distinct error")
    errors += f" in the newest {GROUPED_MAX} failures" if page.is_cut else ""
    if page.is_continued:
        errors = f"{plural(page.distinct or 'no', 'more error')}, whose newest failures are older"
    if query.since and not page.is_continued:
        errors += f", {page.new or 'none'} new"
    if len(described) == page.distinct > 0 and all(group.passed_since for group in described):
        errors += (
            ", of specs that pass by now"
            if len(described) > 1
            else ", of a spec that passes by now"
        )
    return f"{counts}{window(query)}: {errors}; newest {age(newest.timestamp, moment)}."


def _described(
    store: ReadsAtOnce,
    page: ErrorPage,
    query: RunQuery,
    arguments: RecentFailures,
    doubted: Sequence[RunFacts],
) -> tuple[list[ErrorGroup], dict[str, str]]:
    """The errors of a page, and what their newest runs and those in doubt are called.

    What was first seen in the window comes first, then what passes by now; known flaky ones last.
    """
    first = tuple(error.newest.run_id for error in page.errors)
    ask_ahead(
        store,
        Fetch(first, 0),
        *([Fetch(first, SIGNED_BYTES)] if arguments.detail == "full" else []),
        *(newest_attempts(one, LOOKED_BACK) for one in specs_alone(page.errors)),
        *(_recount_wanted(query, page.errors) if page.is_cut else ()),
    )
    fetched = store.fetch(first, text_bytes=0)
    ask_ahead(
        store,
        *_standing_wanted(store, page.errors, fetched),
        *names_wanted([*fetched, *doubted]),
    )
    newest = {run.run_id: run for run in signed(store, fetched)}
    totals = _recount(store, query, page.errors) if page.is_cut else {}
    described = []
    for position, error in enumerate(page.errors):
        if run := newest.get(error.newest.run_id):  # it may have been pruned just now
            total = totals.get(error.key)
            is_minimum = page.is_cut and total in (None, GROUP_COUNTED_MAX + 1)
            count = max(total or 0, len(error.failures))
            group = error_group(run, None).but(
                count=min(count, GROUP_COUNTED_MAX) if is_minimum else count,
                count_is_minimum=is_minimum or None,
                other_specs=len(error.specs) - 1 or None,
                other_specs_is_minimum=(page.is_cut and len(error.specs) > 1) or None,
                is_new=error.is_new or None,
                passed_since=_passed_since(store, run) if len(error.specs) == 1 else None,
                is_flaky=(len(error.specs) == 1 and is_flaky(store, run)) or None,
                position=position,
            )
            described.append(group)
    described.sort(
        key=lambda one: (bool(one.is_flaky), one.passed_since is not None, not one.is_new)
    )
    quotes = _quotes(store, [newest[group.place] for group in described], arguments.detail)
    shown = [group.but(**dict(quotes.get(group.place, ()))) for group in described]
    return shown, names_of(store, [*newest.values(), *doubted])


def _standing_wanted(
    store: ReadsAtOnce, errors: Sequence[ListedError], newest: Sequence[RunFacts]
) -> list[Asked[Any]]:
    """What is asked to tell which errors are of specs that pass by now, or that are flaky.

    And the output that is quoted, unless a flaky error would have come first.
    """
    asked: list[Asked[Any]] = [*signing_wanted(store, newest)]
    passing = set()
    for spec_id in specs_alone(errors):
        asked += flaky_wanted(store, spec_id)
        attempts = store.find(newest_attempts(spec_id, LOOKED_BACK).query).runs
        asked += part_wanted(attempts[0]) if attempts else []
        passing |= {spec_id} if attempts and has_passed(attempts[0]) else set()
    is_new = {error.newest.run_id: error.is_new for error in errors}
    ordered = sorted(newest, key=lambda run: (run.spec_id in passing, not is_new[run.run_id]))
    printed = (run.run_id for run in ordered if run.stdout_bytes or run.stderr_bytes)
    return [*asked, *(Fetch((run_id,)) for run_id in list(printed)[:1])]


def _passed_since(store: ReadsAtOnce, failure: RunFacts) -> str | None:
    """The newest attempt at the spec of a failure, when it has passed after it."""
    if failure.spec_id is None:
        return None
    runs = store.find(RunQuery(spec_id=failure.spec_id, kind="run", limit=1)).runs
    is_later = runs and Cursor.of(runs[0]) > Cursor.of(failure)
    return (
        name_of(runs[0])
        if is_later and has_passed(runs[0]) and not is_part(store, runs[0])
        else None
    )


def error_group(run: RunFacts, quoted: Quoting | None) -> ErrorGroup:
    return ErrorGroup(
        count=1,
        error=error_line(run.signature) or ended(run),
        location=error_location(run.signature),
        error_key=run.signature and run.signature.group,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=None if run.outcome == Outcome.FAILED and run.exit_code == 1 else ended(run),
        at=minute(run.timestamp),
        place=run.run_id,
        **more_tests(run),
        **({"run_id": run.run_id} | (dict(quoted) if quoted else {})),
    )


def _quotes(store: ReadsAtOnce, newest: Sequence[RunFacts], detail: Detail) -> dict[str, Quoting]:
    """What the newest failures printed, of the first of them or in full of all."""
    printed = [run.run_id for run in newest if run.stdout_bytes or run.stderr_bytes]
    runs = store.fetch(printed[:1])
    quotes = [quote(run, NEWEST_CHARS[detail]) for run in runs]
    if detail == "full":
        runs = store.fetch(printed[1:], text_bytes=SIGNED_BYTES)
        quotes += [quote(run, OTHERS_CHARS, is_whole=False) for run in runs]
    if detail == "summary":
        quotes = [one and one.but(code=None) for one in quotes]
    # An output of one line is the error's own line, which is shown anyway.
    return {one.run_id: one for one in quotes if one and one.run_id and one.is_long}


def _recount(store: ReadsAtOnce, query: RunQuery, errors: Sequence[ListedError]) -> dict[str, int]:
    """How many failures show each error in all, by signature group, as far as that is cheap.

    With another filter it is not: no index knows both. Rows of other writers carry no signature.
    """
    asked = _recount_wanted(query, errors)
    told = store.read(*asked)
    return {one.query.signature_group or "": told[one] for one in asked}


def _recount_wanted(query: RunQuery, errors: Sequence[ListedError]) -> list[Count]:
    if any((query.spec_id, query.service, query.sprint_id, query.task_id)):
        return []
    names = [error.key for error in errors if error.is_signed]
    return [Count(replace(query, signature_group=name), GROUP_COUNTED_MAX + 1) for name in names]


def _no_failures(store: ReadsAtOnce, query: RunQuery, moment: datetime) -> FailurePage:
    """Why there is nothing to show: no data, no such spec, nothing in the window, or all passed."""
    everything = replace(query, failed=None, kind="run")
    ask_ahead(
        store,
        *(Find(replace(one, limit=1)) for one in (everything, RunQuery())),
        *([Spec(query.spec_id)] if query.spec_id else []),
        Count(replace(everything, kind="event"), COUNTED_MAX + 1),
        doubts_wanted(query),
        suspects_wanted(query),
    )
    runs = store.count(everything, at_most=COUNTED_MAX + 1)
    nearest, values = None, None
    if runs:
        newest = store.find(replace(everything, limit=1)).runs[0]
        summary = (
            f"No failures: {plural(_number(runs), 'run')}{window(query)} looked at, "
            f"the newest {at(newest.timestamp, moment)}, {ended(newest)}."
        )
    else:
        newest_of_all = store.find(RunQuery(limit=1)).runs
        if not newest_of_all:
            summary = nothing_recorded(store)
        elif query.spec_id and store.spec(query.spec_id) is None:
            nearest = nearest_specs(store, query.spec_id)
            summary = NOTHING_FOR_SPEC
        elif events := store.count(replace(everything, kind="event"), at_most=COUNTED_MAX + 1):
            counted_events = plural(_number(events), "event")
            summary = f"No failures: {counted_events} and no run{window(query)} looked at."
        else:
            values = nearest_values(store, query)
            summary = (
                f"No runs match{window(query)}; the newest record in the store is from "
                f"{at(newest_of_all[0].timestamp, moment)}."
            )
    doubted = in_doubt(store, query) if runs else NO_DOUBTS
    suspects = events_that_say_error(store, query)
    return FailurePage(
        summary=f"{summary.removesuffix('.')}; {suspects.said}." if suspects.said else summary,
        hint=suspects.call,
        failed=0,
        runs=runs,
        errors=[],
        nearest_specs=nearest,
        nearest_values=values or None,
        names=names_of(store, doubted.shown),
        **doubted.fields(),
    )


def window(query: RunQuery) -> str:
    """The filter in words, such as ` since 2025-12-19T15:30:00Z with spec_id="soma"`."""
    since = f" since {instant(query.since)}" if query.since else ""
    until = f" until {instant(query.until)}" if query.until else ""
    names = ("spec_id", "service", "sprint_id", "task_id")
    values = call("", **{name: getattr(query, name) for name in names})[1:-1]
    return f"{since}{until}{f' with {values}' if values else ''}"


def _hint(described: Sequence[ErrorGroup], asked_for: str | None) -> str | None:
    """The first error that is still there; nothing needs to be done for what passes by now."""
    first = next((group for group in described if not group.passed_since), None)
    if first is None:
        return None
    if first.spec_id and first.spec_id != asked_for and is_plain_name(first.spec_id):
        return call("logs_for_spec", spec_id=first.spec_id)
    return call("get_run", run_id=first.place)
