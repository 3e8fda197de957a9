"""`wait_for_run`: the next run of a spec, as soon as it is recorded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from genesis_mcp.answers import UNTRUSTED, NextRun, call
from genesis_mcp.answers.readable import is_plain_name, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import WaitForRun
from genesis_mcp.questions.consulted import Consulted, ask_ahead
from genesis_mcp.questions.errors_shown import error_line, error_location, quote, signed_one
from genesis_mcp.questions.history import History, history_wanted, name_of
from genesis_mcp.questions.judging import judging_wanted
from genesis_mcp.questions.names_that_exist import nearest_specs
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import place_of
from genesis_mcp.questions.noting import with_notes
from genesis_mcp.questions.tests_told import shown_tests, told_end, told_verdict
from genesis_mcp.runs.model import ARRIVAL_MIN, RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery, SpecStats
from genesis_mcp.runs.wording import at, dated_apart, ended, plural
from genesis_mcp.stores.asking import Fetch
from genesis_mcp.stores.contract import ReadsAtOnce
from genesis_mcp.stores.time_limit import one_call

LOOK_SECONDS = 0.25
"""Between two looks at the store: each reads LOOKED_AT rows at most, by an index, and where totals
are at hand one row for as long as nothing comes."""

LOOKED_AT = 200
"""Of the spec's newest runs, those among which a new one is looked for: as many may be dated later
than it."""

KNOWN = 2 * LOOKED_AT
"""Of the newest when the waiting began, those that are not new: more than are looked at, so that
none comes into sight because others are deleted."""

FAILURE_CHARS = 1_200
"""Characters of a failure's output, before the budget of the answer."""

NEWER_COUNTED = 20
"""Where counting the runs that came after the one shown stops, which is then said."""


class Wait:
    """A wait for the next run of a spec to arrive, whatever time it is dated at.

    New is what was not among the spec's newest when the waiting began or, with `after`, what
    arrived after that run; where nobody noted arrivals, what lists show after it. So the clock of
    no worker matters. `look` asks the store once; how often is the caller's affair.
    """

    def __init__(
        self, store: ReadsAtOnce, arguments: WaitForRun, clock: Callable[[], datetime]
    ) -> None:
        self.seconds = arguments.timeout_seconds
        self._whole_store = store.store if isinstance(store, Consulted) else store
        self._store, self._clock = Consulted(store), clock
        self._spec_id = arguments.spec_id
        self._query = RunQuery(spec_id=arguments.spec_id, kind="run")
        self._after: Cursor | None = None
        self._known: set[str] = set()
        self._seen: SpecStats | None = None
        """The totals of the spec when nothing was new in it."""
        if arguments.after is not None:
            self._after = self._place(arguments.after)
        if self._after is None:
            self._known = {run.run_id for run in self._newest(KNOWN)}

    def _place(self, run_id: str) -> Cursor | None:
        """Where to wait behind; None for a run that only says that its writer's clock is wrong."""
        place = place_of(self._store, "after", run_id, self._spec_id)
        if place is None:
            raise InputError("after: no run has this id. Leave it out to wait for the next run.")
        is_of_the_future = place.timestamp > self._clock()
        return None if place.arrival < ARRIVAL_MIN and is_of_the_future else place

    @one_call()
    def look(self) -> NextRun | None:
        """The answer, when a run has arrived; each is told once, in the order of arrival."""
        self._store = Consulted(self._whole_store)
        totals = self._totals()
        if totals is not None and totals == self._seen:
            return None
        new = sorted(filter(self._is_new, self._newest(LOOKED_AT)), key=_by_arrival)
        if not new:
            self._seen = totals
            return None
        self._known.add(new[0].run_id)
        newer = min(len(new) - 1, NEWER_COUNTED)
        return with_notes(self._whole_store, lambda: self._arrived(new[0], newer))

    def _totals(self) -> SpecStats | None:
        """What changes with each run that arrives; None where a trip for it is one too many.

        It is read before the runs are: what arrives in between changes the next one.
        """
        return None if self._whole_store.is_remote else self._whole_store.spec(self._spec_id)

    def _is_new(self, run: RunFacts) -> bool:
        if run.run_id in self._known:
            return False
        if self._after is None:
            return True
        if self._after.arrival >= ARRIVAL_MIN and run.arrived:
            return run.recorded_at > self._after.arrival
        return Cursor.of(run) > self._after

    def nothing(self) -> NextRun:
        """The answer when the time is over."""
        self._store = Consulted(self._whole_store)
        waited = f"No run of this spec was recorded in {self.seconds:g} s"
        newest = next(iter(self._newest(1)), None)
        if newest is None and self._store.spec(self._spec_id) is not None:
            return NextRun(
                summary=f"{waited}; only events were recorded for it.",
                spec_id=shown_name(self._spec_id) or "",
                arrived=False,
                hint=call("logs_for_spec", spec_id=self._spec_id)
                if is_plain_name(self._spec_id)
                else None,
            )
        if newest is None:
            return NextRun(
                summary=f"{waited}; nothing was ever recorded for it.",
                spec_id=shown_name(self._spec_id) or "",
                arrived=False,
                nearest_specs=nearest_specs(self._store, self._spec_id) or None,
            )
        moment = self._clock()
        return NextRun(
            summary=f"{waited}; newest {name_of(newest)} {ended(newest)}, "
            f"{at(newest.timestamp, moment)}.",
            spec_id=shown_name(self._spec_id) or "",
            arrived=False,
            hint=self._hint(newest.run_id),
            names=names_of(self._store, [newest]),
        )

    def _newest(self, number: int) -> Sequence[RunFacts]:
        return self._store.find(replace(self._query, limit=number)).runs

    def _arrived(self, facts: RunFacts, newer: int) -> NextRun:
        ask_ahead(
            self._store,
            *history_wanted(self._store, self._spec_id),
            *judging_wanted(self._store, [facts]),
            *([Fetch((facts.run_id,))] if facts.failed else []),
            *names_wanted([facts]),
        )
        run = signed_one(self._store, facts) or facts
        moment = self._clock()
        history = History(self._store, self._spec_id)
        [one] = history.judged([run])
        meaning, tests = told_verdict(one), shown_tests(one, is_whole=True)
        is_newest = history.newest is not None and history.newest.run_id == run.run_id
        name = "A run" if run.iteration is None else f"#{run.iteration}"
        dated = dated_apart(run)
        parts = [f"{name} {told_end(one)}", *filter(None, [meaning, dated])]
        parts += history.remarks(moment) if is_newest else []
        if newer:
            more = "+" if newer == NEWER_COUNTED else ""
            parts.append(f"{plural(f'{newer}{more}', 'newer run')} since")
        texts = self._store.fetch([run.run_id]) if run.failed else []
        return NextRun(
            summary="; ".join(parts) + ".",
            spec_id=shown_name(run.spec_id) or "",
            arrived=True,
            run_id=run.run_id,
            iteration=run.iteration,
            ended=told_end(one),
            at=at(run.timestamp, moment),
            verdict=one.verdict,
            tests=tests,
            error=error_line(run.signature),
            location=error_location(run.signature),
            error_key=run.signature and run.signature.group,
            failure=quote(texts[0], FAILURE_CHARS) if texts else None,
            hint=self._hint(run.run_id) if newer or run.failed else None,
            untrusted=UNTRUSTED if run.failed or (tests and tests.is_quoting) else None,
            names=names_of(self._store, [run]),
        )

    def _hint(self, after: str) -> str | None:
        if not is_plain_name(self._spec_id):
            return None
        return call("wait_for_run", spec_id=self._spec_id, after=after)


def _by_arrival(run: RunFacts) -> tuple[float, Cursor]:
    """When it came; of a run of which nobody noted that, when it says that it ended."""
    return (run.arrived or run.timestamp).timestamp(), Cursor.of(run)
