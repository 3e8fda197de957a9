"""What was read of a run's tests: counts, the failing ones by name, keys of all of them."""

from dataclasses import dataclass

NAMES_MAX = 200
"""Failing tests that are named."""
KEYS_MAX = 5_000
"""Failing tests that have a key: differences between runs are exact up to here."""
TEST_DIGITS = 10
"""Digits of a key that tell which test it is; the others tell how it failed."""
NOT_TOLD = "0" * (16 - TEST_DIGITS)
"""The end of a key where nothing tells how the test failed."""
NAME_CHARS_MAX = 500
MESSAGE_CHARS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingTest:
    """A test that failed, or what could not be run."""

    name: str
    """As the runner takes it, without its file where that is told apart."""
    file: str | None = None
    line: int | None = None
    message: str | None = None
    suite: str | None = None
    """Its package, class or project, where the name does not tell."""
    key: str
    """16 hexadecimal digits: TEST_DIGITS of the test's name, the others of how it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTests:
    """What a run's output says of its tests."""

    runner: str | None
    """Of several, the names with a plus between."""
    passed: int | None
    """Those that passed on a retry among them. None: the output does not tell."""
    failed: int
    errored: int
    """Tests that ended in an error of their own kind, and what could not be run at all."""
    skipped: int
    flaky: int
    failing: tuple[FailingTest, ...] = ()
    failing_keys: tuple[str, ...] = ()
    flaky_tests: tuple[str, ...] = ()
    is_complete: bool = True
    """Whether there is a key of each failing test, by the counts."""
