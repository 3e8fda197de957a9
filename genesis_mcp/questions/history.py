"""Where a spec stands: what each attempt means, stuck or flaky, when it last passed."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from genesis_mcp.answers.quoting import call
from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.questions.errors_shown import error_line, error_location, signed
from genesis_mcp.questions.neighbours import (
    LOOKED_AT_MAX,
    first_failure_after,
    has_passed,
    judged,
    last_pass,
)
from genesis_mcp.questions.same_code import judge, with_code
from genesis_mcp.runs.code_identity import is_git, same_in_words
from genesis_mcp.runs.identifiers import short_run_id
from genesis_mcp.runs.model import RunFacts, Verdict
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.verdicts import flaky_code, is_known, same_error_streak
from genesis_mcp.runs.wording import age, at, ended, instant
from genesis_mcp.stores.contract import RunStore

if TYPE_CHECKING:  # a model: slow to make, and recording needs none
    from genesis_mcp.answers import Attempt

LOOKED_BACK = 30
"""Newest attempts that tell whether a spec is stuck or flaky, and when it last passed."""

NEIGHBOURS = 100
"""Attempts among which those before older ones are looked for, without asking for each."""

STUCK_AT = 3
"""Attempts in a row with one error from which on a spec is called stuck."""

COUNTED_MAX = 1_000
"""Where counting how often an error came stops, which is then said."""


class History:
    """The newest attempts of a spec."""

    def __init__(self, store: RunStore, spec_id: str) -> None:
        self._store, self._spec_id = store, spec_id
        page = store.find(RunQuery(spec_id=spec_id, kind="run", limit=LOOKED_BACK))
        known = list(filter(is_known, page.runs))
        # Rows of other writers carry no signature that could be counted.
        self._is_signed = bool(known and known[0].signature)
        self._is_whole = page.next is None
        self._runs = with_code(store, signed(store, known))
        self._before = {run.run_id: before for run, before in pairwise(self._runs)}

    @property
    def newest(self) -> RunFacts | None:
        """The newest attempt whose outcome is known."""
        return self._runs[0] if self._runs else None

    def verdicts(self, runs: Sequence[RunFacts]) -> list[Verdict | None]:
        """What each of these signed attempts, newest first, means against the one before it."""
        self._look_before([run for run in runs if run.run_id not in self._before])
        befores = [self._before.get(run.run_id) for run in runs]
        known = {run.run_id: run for run in [*runs, *self._runs]}
        unsigned = [run for run in befores if run and run.run_id not in known]
        known |= {run.run_id: run for run in signed(self._store, unsigned)}
        return [
            judge(self._store, run, known[before.run_id]) if before else judged(self._store, run)[1]
            for run, before in zip(runs, befores, strict=True)
        ]

    def _look_before(self, runs: Sequence[RunFacts]) -> None:
        """Learn in one query what came before several runs that stand near each other."""
        if len(runs) < 2:
            return
        after = Cursor.of(runs[0])
        query = RunQuery(spec_id=self._spec_id, kind="run", after=after, limit=NEIGHBOURS)
        older = list(filter(is_known, self._store.find(query).runs))
        self._before |= {run.run_id: before for run, before in pairwise([runs[0], *older])}

    def standing(self, moment: datetime) -> str:
        """The newest attempt, and the remarks on it: in a sentence."""
        newest = self.newest
        if newest is None:
            return "no outcome was recorded."
        named = f"newest {name_of(newest)} {ended(newest)}, {age(newest.timestamp, moment)}"
        return "; ".join([named, *self.remarks(moment)]) + "."

    def remarks(self, moment: datetime) -> list[str]:
        """Stuck, how often before, the last pass, flaky: as far as there is something to say."""
        remarks = []
        if self.newest and self.newest.failed:
            streak = same_error_streak(self._runs)
            remarks += self._stuck(streak)
            remarks += self._came_before(self.newest, streak)
            remarks.append(self._last_pass(moment))
        remarks += self._flaky()
        return remarks

    def _flaky(self) -> list[str]:
        code = flaky_code(self._runs)
        if code is None:
            return []
        which = f" ({same_in_words(code)})" if is_git(code) else ""
        return [f"flaky: the same code both passed and failed{which}"]

    def hint(self) -> str | None:
        """The call that shows what broke it, when there is code to compare."""
        if not (self.newest and self.newest.failed and is_plain_name(self._spec_id)):
            return None
        has_code = any((run.code_hash or run.code_bytes) and not run.failed for run in self._runs)
        return call("compare_runs", spec_id=self._spec_id) if has_code else None

    def _stuck(self, streak: int) -> list[str]:
        if streak < STUCK_AT:
            return []
        since = instant(self._runs[streak - 1].timestamp)
        more = " or more" if streak == len(self._runs) and not self._is_whole else ""
        return [f"stuck: {streak}{more} attempts in a row with the same error, since {since}"]

    def _came_before(self, newest: RunFacts, streak: int) -> list[str]:
        """How often the newest error came before, unless its streak tells that already."""
        if newest.signature is None:
            return []
        group = newest.signature.group
        seen = sum(
            1
            for run in self._runs[1:]
            if run.failed and run.signature and run.signature.group == group
        )
        is_all = self._is_whole
        if not is_all and self._is_signed:
            query = RunQuery(spec_id=self._spec_id, kind="run", failed=True, signature_group=group)
            seen = max(seen, self._store.count(query, at_most=COUNTED_MAX) - 1)
            is_all = seen < COUNTED_MAX - 1
        if seen < 1 or (streak >= STUCK_AT and seen == streak - 1):
            return []
        times = "once" if seen == 1 and is_all else f"{seen:,}{'' if is_all else '+'} times"
        return [f"this error came {times} before"]

    def _last_pass(self, moment: datetime) -> str:
        place = next((place for place, run in enumerate(self._runs) if has_passed(run)), None)
        if place is not None:
            passed, broke = self._runs[place], self._runs[place - 1]
        elif self._is_whole:
            return "never passed"
        else:
            look = last_pass(self._store, self._spec_id)
            older = look.run
            if older is None and look.is_complete:
                return "never passed"
            if older is None:
                return f"no pass among the newest {LOOKED_AT_MAX:,} attempts that did not fail"
            passed, broke = older, first_failure_after(self._store, older) or self._runs[-1]
        return (
            f"last pass {name_of(passed)} {age(passed.timestamp, moment)}, "
            f"first failure after it {name_of(broke)}"
        )


def attempt(run: RunFacts, judged: Verdict | None, moment: datetime) -> "Attempt":
    """A run in a line."""
    from genesis_mcp.answers import Attempt

    return Attempt(
        iteration=run.iteration,
        ended=f"{ended(run)} on a retry (flaky)" if _passed_on_retry(run) else ended(run),
        verdict=judged,
        error=error_line(run.signature),
        location=error_location(run.signature),
        at=at(run.timestamp, moment),
        duration_ms=run.duration_ms,
        run_id=run.run_id,
    )


def _passed_on_retry(run: RunFacts) -> bool:
    """Whether the test report that it comes from tells of an attempt before it that failed."""
    return not run.failed and (run.context or {}).get("flaky") is True


def name_of(run: RunFacts) -> str:
    """An attempt in a sentence: its number, or else its id."""
    return f"run {short_run_id(run.run_id)}" if run.iteration is None else f"#{run.iteration}"
