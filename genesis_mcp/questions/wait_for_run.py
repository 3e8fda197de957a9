"""`wait_for_run`: the next run of a spec, as soon as it is recorded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from genesis_mcp.answers import UNTRUSTED, NextRun, call
from genesis_mcp.answers.readable import is_plain_name, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import WaitForRun
from genesis_mcp.questions.errors_shown import error_line, error_location, quote, signed_one
from genesis_mcp.questions.history import History
from genesis_mcp.questions.naming import names_of
from genesis_mcp.questions.neighbours import nearest_specs, place_of
from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.wording import at, ended, plural
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.stores.time_limit import one_call

LOOK_SECONDS = 0.25
"""Between two looks at the store: each reads a row or none by an index."""

FAILURE_CHARS = 1_200
"""Characters of a failure's output, before the budget of the answer."""

NEWER_COUNTED = 20
"""Where counting the runs that came after the one shown stops, which is then said."""


class Wait:
    """A wait for the run after a place in a spec's history.

    `look` asks the store once; how often, and for how long, is the caller's affair.
    """

    def __init__(
        self, store: RunStore, arguments: WaitForRun, clock: Callable[[], datetime]
    ) -> None:
        self.seconds = arguments.timeout_seconds
        self._store, self._clock = store, clock
        self._spec_id = arguments.spec_id
        self._query = RunQuery(spec_id=arguments.spec_id, kind="run")
        if arguments.after is None:
            newest = self._newest()
            self._after = Cursor.of(newest) if newest else None
        else:
            self._after = place_of(store, "after", arguments.after, arguments.spec_id)
            if self._after is None:
                raise InputError(
                    "after: no run has this id. Leave it out to wait for the next run."
                )

    @one_call()
    def look(self) -> NextRun | None:
        """The answer, when a newer run is there."""
        newer = replace(self._query, after=self._after, oldest_first=True, limit=NEWER_COUNTED + 1)
        runs = self._store.find(newer).runs
        if not runs:
            return None
        self._after = Cursor.of(runs[0])
        return self._arrived(runs[0], len(runs) - 1)

    def nothing(self) -> NextRun:
        """The answer when the time is over."""
        waited = f"No run of this spec was recorded in {self.seconds:g} s"
        newest = self._newest()
        if newest is None:
            return NextRun(
                summary=f"{waited}; nothing was ever recorded for it.",
                spec_id=shown_name(self._spec_id) or "",
                arrived=False,
                nearest_specs=nearest_specs(self._store, self._spec_id) or None,
            )
        moment = self._clock()
        return NextRun(
            summary=f"{waited}; newest {ended(newest)}, {at(newest.timestamp, moment)}.",
            spec_id=shown_name(self._spec_id) or "",
            arrived=False,
            hint=self._hint(newest.run_id),
            names=names_of(self._store, [newest]),
        )

    def _newest(self) -> RunFacts | None:
        found = self._store.find(replace(self._query, limit=1)).runs
        return found[0] if found else None

    def _arrived(self, facts: RunFacts, newer: int) -> NextRun:
        run = signed_one(self._store, facts) or facts
        moment = self._clock()
        history = History(self._store, self._spec_id)
        [judged] = history.verdicts([run])
        is_newest = history.newest is not None and history.newest.run_id == run.run_id
        name = "A run" if run.iteration is None else f"#{run.iteration}"
        parts = [f"{name} {ended(run)}", *([judged] if judged else [])]
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
            ended=ended(run),
            at=at(run.timestamp, moment),
            verdict=judged,
            error=error_line(run.signature),
            location=error_location(run.signature),
            failure=quote(texts[0], FAILURE_CHARS) if texts else None,
            hint=self._hint(run.run_id) if newer or run.failed else None,
            untrusted=UNTRUSTED if run.failed else None,
            names=names_of(self._store, [run]),
        )

    def _hint(self, after: str) -> str | None:
        if not is_plain_name(self._spec_id):
            return None
        return call("wait_for_run", spec_id=self._spec_id, after=after)
