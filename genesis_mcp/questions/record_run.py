"""`record_run` and every other way in: sign runs, store them, say what one means."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from genesis_mcp.answers.quoting import UNTRUSTED
from genesis_mcp.answers.readable import shown_name
from genesis_mcp.errors import InputError, StoreError
from genesis_mcp.questions.consulted import Consulted, ask_ahead
from genesis_mcp.questions.errors_shown import error_line, error_location
from genesis_mcp.questions.history import History, history_wanted
from genesis_mcp.questions.judging import Judged, judged
from genesis_mcp.questions.neighbours import NEIGHBOURS, begun_anew
from genesis_mcp.questions.tests_told import shown_tests, told_end, told_verdict
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Run, Verdict
from genesis_mcp.runs.names import told
from genesis_mcp.runs.query import Attempt
from genesis_mcp.runs.signing import sign, sign_anew
from genesis_mcp.runs.wording import ended
from genesis_mcp.stores.asking import Asked, Repeated, newest_attempts
from genesis_mcp.stores.contract import ReadsAtOnce, RunStore

if TYPE_CHECKING:  # models: slow to make, and who records a command needs none
    from genesis_mcp.answers import RecordedRun
    from genesis_mcp.questions.arguments import RecordRun

logger = logging.getLogger(__name__)


def run_from(arguments: "RecordRun", recorded_by: str) -> Run:
    """The run that `record_run`'s arguments tell of; never an event."""
    return make_run(
        {**arguments.model_dump(exclude_unset=True), "kind": "run"}, recorded_by=recorded_by
    )


class Recorded(NamedTuple):
    """A run that is stored, and what it means."""

    run: Run
    status: Literal["recorded", "duplicate"]
    judged: Judged
    remarks: list[str]
    store: ReadsAtOnce
    """What was read to say so."""

    @property
    def verdict(self) -> Verdict | None:
        return self.judged.verdict


class RecordedElsewhere(NamedTuple):
    """A run that a team's server stored, and what it says of it."""

    line: str
    """As `in_one_line`."""
    beside: str
    """As `said_beside`."""


def record_one(
    store: RunStore, run: Run, moment: datetime, cleaned: Mapping[str, str]
) -> "RecordedRun":
    """The answer to `store_one`; `cleaned` has the names that were not given as they are kept."""
    recorded = store_one(store, run, moment)
    recorded.remarks.extend(filter(None, [told(cleaned)]))
    return told_of(store, run, recorded)


def told_of(store: RunStore, run: Run, recorded: Recorded) -> "RecordedRun":
    """The answer on a run that was given, and is stored."""
    answer = _answer(recorded).but(names=_names(recorded.store, run, recorded.run))
    if recorded.judged.before is None:  # it may be in the file that is gone
        return answer.but(summary=answer.summary + begun_anew(store))
    return answer


def _names(store: ReadsAtOnce, given: Run, stored: Run) -> dict[str, str]:
    """What the run is called; a number that the store chose is no other run's."""
    from genesis_mcp.questions.naming import attempt_of, names_of

    attempt = attempt_of(stored)
    if attempt and given.wants_iteration:
        return {stored.run_id: attempt.name}
    try:
        return names_of(store, [stored])
    except StoreError:  # it is stored: what it is called is all that failed
        return {}


def store_one(store: RunStore, run: Run, moment: datetime) -> Recorded:
    """Store one run and say what it means against the attempt before it.

    Once the run is stored this does not fail: what cannot be read then is said to be not known.

    Raises:
        InputError: its run_id names another run already.
        StoreError: it is not known to be stored; the message names the run_id to repeat it with.
    """
    run = sign(run)
    try:
        [inserted] = store.insert([run])
    except StoreError as error:
        name = shown_name(run.run_id)
        raise type(error)(
            f"{error} Repeat it with run_id={name}: with that it is recorded once, "
            "also if it was recorded already."
        ) from error
    if inserted.status == "conflict":
        raise InputError(
            "run_id: another run, with other content, has this id. Leave it out or use a new one."
        )
    run = replace(run, iteration=inserted.iteration)
    consulted = Consulted(store)
    try:
        if inserted.status == "duplicate":  # what is stored counts, and its time
            run = next((sign_anew(one) for one in consulted.fetch([run.run_id])), run)
        one, remarks = _meaning(consulted, run, moment)
    except Exception as error:  # it is stored: what it means is all that failed
        logger.warning("no verdict for a recorded run: %s", type(error).__name__)
        one, remarks = Judged(run=run), ["its verdict is not known now"]
    return Recorded(run, inserted.status, one, remarks, consulted)


def _meaning(store: ReadsAtOnce, run: Run, moment: datetime) -> tuple[Judged, list[str]]:
    """What a run means, and the remarks on one that is the newest."""
    if run.spec_id and run.kind == "run":
        asked: list[Asked[Any]] = [newest_attempts(run.spec_id, NEIGHBOURS)]
        if run.iteration is not None:  # for whoever is told of it, and then what it is called
            asked.append(Repeated(frozenset({Attempt(run.spec_id, run.iteration)})))
        ask_ahead(store, *asked)
        ask_ahead(store, *history_wanted(store, run.spec_id))
    one = judged(store, run)
    history = History(store, run.spec_id) if run.spec_id and run.kind == "run" else None
    is_newest = history and history.newest and history.newest.run_id == run.run_id
    remarks = history.remarks(moment) if history and is_newest else []
    return one, remarks


def _answer(recorded: Recorded) -> "RecordedRun":
    from genesis_mcp.answers import RecordedRun

    run, one = recorded.run, recorded.judged
    name = "the run" if run.iteration is None else f"#{run.iteration}"
    is_new = recorded.status == "recorded"
    done = f"Recorded {name}" if is_new else f"{name} was recorded already"
    meaning, before = told_verdict(one), one.before
    tests = shown_tests(one, is_whole=True)
    means = f"; {meaning}" if meaning else ""
    means += f" (before: {ended(before)})" if before else ""
    return RecordedRun(
        summary="; ".join([f"{done}: {told_end(one)}{means}", *recorded.remarks]) + ".",
        run_id=run.run_id,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        status=recorded.status,
        remarks=tuple(recorded.remarks),
        ended=told_end(one),
        verdict=one.verdict,
        tests=tests,
        error=error_line(run.signature),
        location=error_location(run.signature),
        error_key=run.signature and run.signature.group,
        untrusted=UNTRUSTED if run.signature or (tests and tests.is_quoting) else None,
    )
