"""Where a spec stands: what each attempt means, stuck or flaky, when it last passed."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from genesis_mcp.answers.quoting import call
from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.errors_shown import error_line, error_location, signed
from genesis_mcp.questions.judging import Judged, all_judged, judged, judging_wanted
from genesis_mcp.questions.neighbours import (
    LOOKED_AT_MAX,
    NEIGHBOURS,
    first_failure_after,
    first_failure_wanted,
    has_passed,
    last_pass,
    last_pass_wanted,
    part_wanted,
)
from genesis_mcp.questions.reports_told import reports_wanted, runners_of
from genesis_mcp.questions.same_code import code_wanted, with_code
from genesis_mcp.questions.tests_told import shown_tests, told_end
from genesis_mcp.runs.attempt_places import Place, is_known, places
from genesis_mcp.runs.code_identity import is_git, same_in_words
from genesis_mcp.runs.identifiers import short_run_id
from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.signing import is_current
from genesis_mcp.runs.verdicts import (
    failures_of_passed_code,
    flaky_code,
    is_same_failure,
    streak_without_progress,
)
from genesis_mcp.runs.wording import age, at, ended, instant, plural
from genesis_mcp.stores.asking import Asked, Count, Find, newest_attempts
from genesis_mcp.stores.contract import ReadsAtOnce

if TYPE_CHECKING:  # a model: slow to make, and recording needs none
    from genesis_mcp.answers import Attempt

LOOKED_BACK = 30
"""Newest attempts that tell whether a spec is stuck or flaky, and when it last passed."""

STUCK_AT = 3
"""Attempts in a row without progress from which on a spec is called stuck."""

COUNTED_MAX = 1_000
"""Where counting how often an error came stops, which is then said."""


class History:
    """The newest attempts of a spec."""

    def __init__(self, store: ReadsAtOnce, spec_id: str) -> None:
        self._store, self._spec_id = store, spec_id
        ask_ahead(store, *history_wanted(store, spec_id))
        page = store.find(newest_attempts(spec_id, LOOKED_BACK).query)
        known = list(filter(is_known, page.runs))
        # Rows of other writers carry no signature that could be counted.
        self._is_signed = bool(known and known[0].signature)
        self._is_whole = page.next is None
        self._latest = page.runs[0] if page.runs else None
        self._runs = with_code(store, signed(store, known))
        self._places = self._placed(self._runs, is_whole=self._is_whole)
        self._whole = [run for run in self._runs if not self._is_part(run)]
        self._judged: dict[str, Judged] = {}

    @property
    def newest(self) -> RunFacts | None:
        """The newest attempt whose outcome is known."""
        return self._runs[0] if self._runs else None

    def judged(self, runs: Sequence[RunFacts]) -> list[Judged]:
        """What each of these signed attempts, newest first, means against the one before it."""
        self._look_before([run for run in runs if run.run_id not in self._places])
        self._judge([run for run in runs if run.run_id in self._places])
        return [self._judged.get(run.run_id) or judged(self._store, run) for run in runs]

    def _judge(self, runs: Sequence[RunFacts]) -> None:
        """Learn what attempts mean whose places are known, as far as nobody asked yet."""
        known = {run.run_id: run for run in self._runs}
        unjudged = [run for run in runs if run.run_id not in self._judged]
        found = [self._places[run.run_id].against(known) for run in unjudged]
        told = all_judged(self._store, unjudged, found, self._runs)
        self._judged |= {one.run.run_id: one for one in told}

    def _look_before(self, runs: Sequence[RunFacts]) -> None:
        """Learn in one query what came before several runs that stand near each other."""
        if len(runs) < 2:
            return
        page = self._store.find(before_wanted(runs[0]).query)
        older = list(filter(is_known, page.runs))
        near = [*runs, *older[: len(runs)]]
        ask_ahead(self._store, *judging_wanted(self._store, near), *reports_wanted(older))
        self._places |= self._placed([runs[0], *older], is_whole=page.next is None)

    def _placed(self, runs: Sequence[RunFacts], *, is_whole: bool) -> dict[str, Place]:
        """Where attempts stand that follow each other, newest first; not the oldest of a part."""
        found = places(runs[::-1], runners_of(self._store, runs))
        if not is_whole and runs:
            found.pop(runs[-1].run_id, None)
        return found

    def _is_part(self, run: RunFacts) -> bool:
        return self._places.get(run.run_id, Place()).is_part

    def standing(self, moment: datetime) -> str:
        """The newest attempt, and the remarks on it: in a sentence."""
        newest = self.newest
        if newest is None:
            return "no outcome was recorded."
        named = [f"newest {_with_end(newest, moment)}"]
        if self._latest and self._latest.run_id != newest.run_id:
            named = [
                f"newest {_with_end(self._latest, moment)}",
                f"before it {_with_end(newest, moment)}",
            ]
        return "; ".join([*named, *self.remarks(moment)]) + "."

    def remarks(self, moment: datetime) -> list[str]:
        """Stuck, how often before, the last pass, flaky: as far as there is something to say."""
        remarks = []
        if self.newest and self.newest.failed:
            remarks += self._failing()
        if self._whole and self._whole[0].failed:
            remarks.append(self._last_pass(moment))
        remarks += self._flaky()
        return remarks

    def _flaky(self) -> list[str]:
        code = flaky_code(self._whole)
        if code is not None:
            which = f" ({same_in_words(code)})" if is_git(code) else ""
            return [f"flaky: the same code both passed and failed{which}"]
        tests = sum(len(one.flaky_on_same_code) for one in self._told(self._runs[:1]))
        told = f"flaky: {plural(tests, 'test')} both passed and failed on the same code"
        return [told] if tests else []

    def hint(self) -> str | None:
        """The call that shows what broke it, when there is code to compare."""
        if not (self.newest and self.newest.failed and is_plain_name(self._spec_id)):
            return None
        has_code = any((run.code_hash or run.code_bytes) and not run.failed for run in self._runs)
        return call("compare_runs", spec_id=self._spec_id) if has_code else None

    def _failing(self) -> list[str]:
        """Whether it is stuck, and how often the newest error came before."""
        failures = list(takewhile(lambda run: run.failed, self._whole))
        told = self._told(failures)
        streak = streak_without_progress((one.verdict, one.change) for one in told)
        is_one = all(is_same_failure(one.verdict) for one in told[: streak - 1])
        stuck = [self._stuck(streak, is_one=is_one)] if streak >= STUCK_AT else []
        return stuck + self._came_before(self._whole[0], streak if stuck and is_one else 0)

    def _stuck(self, streak: int, *, is_one: bool) -> str:
        since = instant(self._whole[streak - 1].timestamp)
        more = " or more" if streak == len(self._whole) and not self._is_whole else ""
        how = "with the same error" if is_one else "without progress"
        return f"stuck: {streak}{more} attempts in a row {how}, since {since}"

    def _told(self, runs: Sequence[RunFacts]) -> list[Judged]:
        """What attempts of the window mean; nothing of an oldest whose past is not read."""
        self._judge([run for run in runs if run.run_id in self._places])
        return [self._judged.get(run.run_id) or Judged(run=run) for run in runs]

    def _came_before(self, newest: RunFacts, streak: int) -> list[str]:
        """How often the newest error came before, unless what is told of a streak tells it."""
        if newest.signature is None:
            return []
        group = newest.signature.group
        earlier = [run.signature for run in self._whole[1:] if run.failed and run.signature]
        same = [signature for signature in earlier if signature.group == group]
        seen = len(same)
        is_all = self._is_whole
        if not is_all and self._is_signed:
            asked = _same_errors(self._spec_id, group)
            seen = max(seen, self._store.read(asked)[asked] - 1)
            is_all = seen < COUNTED_MAX - 1
        if seen < 1 or seen == streak - 1:
            return []
        times = "once" if seen == 1 and is_all else f"{seen:,}{'' if is_all else '+'} times"
        # Never with these values: beside "new error" it would be no other one otherwise.
        is_kind = same and all(one.exact != newest.signature.exact for one in same)
        return [f"{'this kind of error' if is_kind else 'this error'} came {times} before"]

    def _last_pass(self, moment: datetime) -> str:
        place = next((place for place, run in enumerate(self._whole) if has_passed(run)), None)
        if place is not None:
            passed, broke = self._whole[place], self._whole[place - 1]
        elif self._is_whole:
            return "never passed"
        else:
            for passed in self._store.find(last_pass_wanted(self._spec_id).query).runs[:1]:
                ask_ahead(self._store, *part_wanted(passed), first_failure_wanted(passed))
            look = last_pass(self._store, self._spec_id)
            older = look.run
            if older is None and look.is_complete:
                return "never passed"
            if older is None:
                return f"no pass among the newest {LOOKED_AT_MAX:,} attempts that did not fail"
            passed, broke = older, first_failure_after(self._store, older) or self._whole[-1]
        return (
            f"last pass {name_of(passed)} {age(passed.timestamp, moment)}, "
            f"first failure after it {name_of(broke)}"
        )


def history_wanted(store: ReadsAtOnce, spec_id: str) -> list[Asked[Any]]:
    """What a History of the spec asks when it knows its newest attempts, and for its remarks."""
    page = store.find(newest_attempts(spec_id, LOOKED_BACK).query)
    known = list(filter(is_known, page.runs))
    asked = judging_wanted(store, known)
    if page.next is None or not (known and known[0].failed):
        return asked
    signature = known[0].signature
    if signature and is_current(signature):
        asked.append(_same_errors(spec_id, signature.group))
    if not any(map(has_passed, known)):
        asked.append(last_pass_wanted(spec_id))
    return asked


def _same_errors(spec_id: str, group: str) -> Count:
    query = RunQuery(spec_id=spec_id, kind="run", failed=True, signature_group=group)
    return Count(query, COUNTED_MAX)


def before_wanted(run: RunFacts) -> Find:
    """The attempts before one of several that stand near each other."""
    after = Cursor.of(run)
    return Find(RunQuery(spec_id=run.spec_id, kind="run", after=after, limit=NEIGHBOURS))


def _with_end(run: RunFacts, moment: datetime) -> str:
    return f"{name_of(run)} {ended(run)}, {age(run.timestamp, moment)}"


def attempt(one: Judged, moment: datetime, *, is_whole: bool = False) -> "Attempt":
    """A run in a line; `is_whole`: with all of its failing tests."""
    from genesis_mcp.answers import Attempt

    run = one.run
    return Attempt(
        iteration=run.iteration,
        ended=f"{ended(run)} on a retry (flaky)" if _passed_on_retry(run) else told_end(one),
        verdict=one.verdict,
        tests=shown_tests(one, is_whole=is_whole),
        error=error_line(run.signature),
        location=error_location(run.signature),
        error_key=run.signature and run.signature.group,
        at=at(run.timestamp, moment),
        duration_ms=run.duration_ms,
        run_id=run.run_id,
    )


def is_flaky(store: ReadsAtOnce, failure: RunFacts) -> bool:
    """Whether a signed failure's error came on recorded code that passed as well, as it was."""
    if failure.spec_id is None or failure.signature is None:
        return False
    runs = store.find(newest_attempts(failure.spec_id, LOOKED_BACK).query).runs
    if not _may_be_flaky(runs):
        return False
    found = places(runs[::-1], runners_of(store, runs))
    whole = [run for run in runs if not found.get(run.run_id, Place()).is_part]
    flaky = signed(store, failures_of_passed_code(with_code(store, whole)))
    group = failure.signature.group
    return any(run.signature is not None and run.signature.group == group for run in flaky)


def flaky_wanted(store: ReadsAtOnce, spec_id: str) -> list[Asked[Any]]:
    """What `is_flaky` asks of a spec whose newest attempts are known."""
    runs = store.find(newest_attempts(spec_id, LOOKED_BACK).query).runs
    if not _may_be_flaky(runs):
        return []
    return [*code_wanted(store, runs, {}), *reports_wanted(runs)]


def _may_be_flaky(runs: Sequence[RunFacts]) -> bool:
    return any(has_passed(run) and (run.code_hash or run.code_bytes) for run in runs)


def quotes(one: "Attempt") -> bool:
    """Whether a line for this attempt repeats what a program printed."""
    return one.error is not None or bool(one.tests and one.tests.is_quoting)


def _passed_on_retry(run: RunFacts) -> bool:
    """Whether the test report that it comes from tells of an attempt before it that failed."""
    return not run.failed and (run.context or {}).get("flaky") is True


def name_of(run: RunFacts) -> str:
    """An attempt in a sentence: its number, or else its id."""
    return f"run {short_run_id(run.run_id)}" if run.iteration is None else f"#{run.iteration}"
