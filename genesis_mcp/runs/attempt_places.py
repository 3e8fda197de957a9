"""Where an attempt stands among those of its spec: what it is judged against, and of what suite.

Pure functions on facts, in the order of time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from genesis_mcp.runs.model import Outcome, Run, RunFacts
from genesis_mcp.runs.test_changes import (
    is_same_command,
    is_same_runner,
    selects_more,
    tests_ran,
)


def is_known(run: RunFacts) -> bool:
    """Whether it is known how a run ended: it was recorded, and its output does not doubt it."""
    return run.outcome not in (None, Outcome.UNKNOWN) and run.doubt is None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt stands among those of its spec."""

    before: RunFacts | None = None
    """What it is judged against: the attempt before it that tells something of the whole."""
    suite: RunFacts | None = None
    """The attempt that tells how many tests there were until then."""
    is_part: bool = False
    """Whether it passed, but ran a part of the tests: no pass of the spec."""

    def against(self, runs: Mapping[str, RunFacts]) -> "Place":
        """The same with the run before it as it is in `runs`, where it may have been signed."""
        return replace(self, before=self.before and runs.get(self.before.run_id, self.before))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the attempts of a spec until now leave for the next one to be judged against."""

    before: RunFacts | None = None
    suite: RunFacts | None = None
    runners: Mapping[str, str] = field(default_factory=dict)
    """Whose tests the attempts ran, by run_id, of those that do not tell it themselves."""

    def place(self, run: RunFacts) -> Place | None:
        """The place of the next attempt; None where its outcome is not known.

        A pass of fewer tests than the suite has is a part of it, and so is a pass of another
        runner's tests after a failure, unless it is of the same command: then the suite has become
        another one. What ran the suite again is judged against what ran it before, and not against
        the failure of a part.
        """
        if run.kind == "event" or not is_known(run):
            return None
        is_smaller = self._is_smaller(run)
        is_part = (
            not run.failed
            and not is_same_command(run, self.suite)
            and (is_smaller or self._left_failures_of_another_runner(run))
        )
        is_whole_again = not is_smaller and is_same_command(run, self.suite)
        return Place(self.suite if is_whole_again else self.before, self.suite, is_part)

    def after(self, run: RunFacts) -> "Standing":
        """The same when that attempt was the next one."""
        place = self.place(run)
        if place is None or place.is_part:
            return self
        suite = self.suite if run.failed and self._is_smaller(run) else run
        return replace(self, before=run, suite=suite)

    def _is_smaller(self, run: RunFacts) -> bool:
        suite = self.suite
        return suite is not None and self._is_comparable(run, suite) and _ran_fewer(run, suite)

    def _left_failures_of_another_runner(self, run: RunFacts) -> bool:
        before = self.before
        return before is not None and before.failed and not self._is_comparable(run, before)

    def _is_comparable(self, run: RunFacts, other: RunFacts) -> bool:
        return is_same_runner(self._runner(run), self._runner(other))

    def _runner(self, run: RunFacts) -> str | None:
        if isinstance(run, Run) and run.tests:
            return run.tests.runner
        return self.runners.get(run.run_id)


def places(
    attempts: Sequence[RunFacts], runners: Mapping[str, str] | None = None
) -> dict[str, Place]:
    """The place of each attempt of a spec, by run_id; the oldest comes first.

    Attempts whose outcome is not known have none. `runners`: as a Standing has them.
    """
    found: dict[str, Place] = {}
    standing = Standing(runners=runners or {})
    for run in attempts:
        if place := standing.place(run):
            found[run.run_id] = place
            standing = standing.after(run)
    return found


def _ran_fewer(run: RunFacts, suite: RunFacts) -> bool:
    """Whether fewer tests ran: by their numbers, else by options that select some.

    A pass that tells no number, of a suite that has one, is not compared.
    """
    number, all_of_them = tests_ran(run), tests_ran(suite)
    if number is not None and all_of_them is not None:
        return number < all_of_them
    return selects_more(run, suite) or (all_of_them is not None and run.failed)
