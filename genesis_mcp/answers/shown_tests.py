"""The tests of a run as an answer shows them: numbers, and names, which are program output."""

from genesis_mcp.answers.result import Shown
from genesis_mcp.runs.wording import TEST_CHANGES, changes_told


class ShownTests(Shown):
    """The tests of a run, against those of the run before it."""

    told: str
    """The numbers in words, such as `3 of 4 still fail`."""
    fixed: list[str] | None = None
    new: list[str] | None = None
    not_run: list[str] | None = None
    """Those that failed before, of which this run shows nothing."""
    not_run_before: list[str] | None = None
    flaky: list[str] | None = None
    """Those that both pass and fail on the same code."""
    failing: list[str] | None = None
    """A line for each error, such as `test_a, test_b: assert 5 == 4 (t.py:3)`."""
    failing_not_shown: int | None = None
    still: list[str] | None = None
    """Those that failed before as well; where two runs are compared."""

    @property
    def is_quoting(self) -> bool:
        """Whether it names tests, which are a program's words."""
        return bool(self.changes or self.failing)

    @property
    def changes(self) -> str:
        """Such as `fixed: test_saque; new: test_juros`."""
        return changes_told({kind: getattr(self, kind) for kind in TEST_CHANGES})
