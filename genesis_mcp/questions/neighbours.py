"""What several questions need to know about specs: runs beside one, places, names like one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.consulted import facts_of
from genesis_mcp.questions.errors_shown import signed_one
from genesis_mcp.questions.names_that_exist import SPECS_COMPARED
from genesis_mcp.questions.reports_told import runners_of
from genesis_mcp.runs.attempt_places import Place, is_known, places
from genesis_mcp.runs.model import Outcome, RunFacts
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.query import PAGE_MAX, Cursor, RunQuery
from genesis_mcp.runs.wording import instant
from genesis_mcp.stores.asking import Asked, Fetch, Find, Specs
from genesis_mcp.stores.contract import FileStore, ReadsAtOnce
from genesis_mcp.validation import parse_moment

NOTHING_RECORDED = (
    "Nothing was recorded yet: the store is empty. Runs come in through record_run, "
    "`genesis-mcp run --spec ID -- COMMAND` or `genesis-mcp ingest`."
)

BEGUN_ANEW = (
    "The store is new since {since}: its file was deleted or moved away while it was open. What "
    "was recorded before is in that file; put it back while nobody uses the store."
)

NOTHING_FOR_SPEC = "Nothing was ever recorded for this spec_id."

FIRST_READ = 20
LOOKED_AT_MAX = 5_000
"""Runs among which one is looked for: a few at first, since it is nearly always the next."""

NEIGHBOURS = 100
"""Newest attempts of a spec that are read at once, where a question asks for several of them: the
others are seldom needed."""

PARTS_MAX = 20
"""Passes of a part of the tests that are gone by in a search for one of all."""


class Look(NamedTuple):
    """A run that was looked for; without one, whether there is none or the look ended too soon."""

    run: RunFacts | None
    is_complete: bool = True


def _first(store: ReadsAtOnce, query: RunQuery, is_wanted: Callable[[RunFacts], bool]) -> Look:
    """The first run in the order of the query that is wanted, among LOOKED_AT_MAX."""
    query, looked_at = replace(query, limit=FIRST_READ), 0
    while looked_at < LOOKED_AT_MAX:
        page = store.find(query)
        if found := next(filter(is_wanted, page.runs), None):
            return Look(found)
        if page.next is None:
            return Look(None)
        looked_at += len(page.runs)
        query = replace(query, after=page.next, limit=PAGE_MAX)
    return Look(None, is_complete=False)


def begun_anew(store: ReadsAtOnce) -> str:
    """A sentence on a store whose file was taken away, with a blank before it; else nothing."""
    since = store.begun_anew_at if isinstance(store, FileStore) else None
    return f" {BEGUN_ANEW.format(since=instant(since))}" if since else ""


def nothing_recorded(store: ReadsAtOnce) -> str:
    """What is said of an empty store."""
    return NOTHING_RECORDED + begun_anew(store)


def has_passed(run: RunFacts) -> bool:
    """Whether a run is known to have passed."""
    return run.outcome == Outcome.PASSED and is_known(run)


class Earlier(NamedTuple):
    """The attempts before one whose outcomes are known, the newest first, as many as are needed."""

    known: Sequence[RunFacts]
    is_complete: bool = True
    """Whether there is none at all when none was found."""


def earlier_wanted(run: RunFacts) -> Find:
    """What `earlier_runs` will ask first."""
    return Find(RunQuery(spec_id=run.spec_id, kind="run", after=Cursor.of(run), limit=FIRST_READ))


def earlier_runs(store: ReadsAtOnce, run: RunFacts) -> Earlier:
    """The nearest earlier attempts at the same spec; one at least, when there is one."""
    if run.spec_id is None or run.kind == "event":
        return Earlier([])
    query = earlier_wanted(run).query
    page = store.find(query)
    if known := list(filter(is_known, page.runs)):
        return Earlier(known)
    if page.next is None:
        return Earlier([])
    look = _first(store, replace(query, after=page.next), is_known)
    return Earlier([look.run] if look.run else [], look.is_complete)


def previous_run(store: ReadsAtOnce, run: RunFacts) -> RunFacts | None:
    """The nearest earlier run of the same spec whose outcome is known, signed."""
    return signed_one(store, next(iter(earlier_runs(store, run).known), None))


def part_wanted(run: RunFacts) -> list[Asked[Any]]:
    """What `is_part` will ask first."""
    return [] if run.failed or run.tests_passed is None else [earlier_wanted(run)]


def is_part(store: ReadsAtOnce, run: RunFacts) -> bool:
    """Whether a run passed, but ran a part of the tests of its spec only."""
    if run.failed or run.tests_passed is None:
        return False
    attempts = [*reversed(earlier_runs(store, run).known), run]
    return places(attempts, runners_of(store, attempts)).get(run.run_id, Place()).is_part


def last_pass(store: ReadsAtOnce, spec_id: str) -> Look:
    """The newest attempt of a spec that passed, and not in part."""
    return _whole_pass(store, last_pass_wanted(spec_id).query)


def last_pass_wanted(spec_id: str) -> Find:
    """What `last_pass` will ask first."""
    return Find(RunQuery(spec_id=spec_id, kind="run", failed=False, limit=FIRST_READ))


def first_pass_after(store: ReadsAtOnce, run: RunFacts) -> Look:
    """The first attempt after a run, of the same spec, that passed, and not in part."""
    query = RunQuery(
        spec_id=run.spec_id,
        kind="run",
        failed=False,
        oldest_first=True,
        after=Cursor.of(run),
    )
    return _whole_pass(store, query)


def _whole_pass(store: ReadsAtOnce, query: RunQuery) -> Look:
    for _ in range(PARTS_MAX):
        look = _first(store, query, has_passed)
        if look.run is None or not is_part(store, look.run):
            return look
        query = replace(query, after=Cursor.of(look.run))
    return Look(None, is_complete=False)


def newest_known(store: ReadsAtOnce, spec_id: str) -> list[RunFacts]:
    """The newest two attempts of a spec whose outcome is known, the newest first; or fewer."""
    newest = _first(store, RunQuery(spec_id=spec_id, kind="run"), is_known).run
    before = previous_run(store, newest) if newest else None
    return [run for run in (newest, before) if run]


def first_failure_after(store: ReadsAtOnce, run: RunFacts) -> RunFacts | None:
    """The first attempt after a run, of the same spec, that failed."""
    return next(iter(store.find(first_failure_wanted(run).query).runs), None)


def first_failure_wanted(run: RunFacts) -> Find:
    """What `first_failure_after` will ask."""
    return Find(
        RunQuery(
            spec_id=run.spec_id,
            kind="run",
            failed=True,
            oldest_first=True,
            after=Cursor.of(run),
            limit=1,
        )
    )


def place_before(
    store: ReadsAtOnce, before: str | None, moment: datetime, spec_id: str | None = None
) -> dict[str, Any]:
    """The part of a query that goes on where an answer ended: after a run's place, or at a time.

    Raises:
        InputError: it is neither, or the run is of another spec than `spec_id`.
    """
    if before is None:
        return {}
    if place := place_of(store, "before", before, spec_id):
        return {"after": place}
    try:
        return {"until": parse_moment("before", before, moment)}
    except InputError:
        raise InputError("before: must be a run_id of an earlier answer, or a time.") from None


def place_wanted(run_id: str | None) -> list[Asked[Any]]:
    """What `place_of` and `place_before` will ask."""
    return [Fetch((run_id,), 0)] if run_id else []


def place_of(
    store: ReadsAtOnce, argument: str, run_id: str, spec_id: str | None = None
) -> Cursor | None:
    """Where a run stands in the order of all; None when there is none with this id.

    Raises:
        InputError: it is of another spec than `spec_id`. The message begins with `argument`.
    """
    found = facts_of(store, run_id)
    if not found:
        return None
    if spec_id is not None and found.spec_id != spec_id:
        raise InputError(f"{argument}: this run is {of_spec(found)}, not of the spec_id given.")
    return Cursor.of(found)


def of_spec(run: RunFacts) -> str:
    """Such as `of spec soma`; nothing that could be read as a sentence."""
    return f"of spec {run.spec_id}" if is_plain_name(run.spec_id) else "of another spec"


def nothing_wanted() -> list[Asked[Any]]:
    """What is asked where a spec does not exist: whether anything does, and what it is called."""
    return [Find(RunQuery(limit=1)), Specs(SPECS_COMPARED)]


def nothing_for_a_spec(store: ReadsAtOnce) -> str:
    """Why there is nothing of a spec that does not exist."""
    return NOTHING_FOR_SPEC if store.find(RunQuery(limit=1)).runs else nothing_recorded(store)


def completed(store: ReadsAtOnce, beginning: str) -> list[str]:
    """Recorded specs whose names begin so, then those with it inside, newest activity first."""
    wanted = beginning.casefold()
    known = [
        spec.spec_id for spec in store.specs(limit=SPECS_COMPARED) if is_plain_name(spec.spec_id)
    ]
    inside = [name for name in known if wanted in name.casefold()]
    return sorted(inside, key=lambda name: not name.casefold().startswith(wanted))


def stored_uncleaned(store: ReadsAtOnce, spec_id: str) -> str | None:
    """The spec that another writer stored uncleaned, such as "carga " for `carga`."""
    known = (spec.spec_id for spec in store.specs(limit=SPECS_COMPARED))
    return next((one for one in known if one != spec_id and clean_name(one) == spec_id), None)
