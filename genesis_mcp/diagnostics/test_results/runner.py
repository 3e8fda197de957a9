"""A row of the table of test runners: which lines tell how a run of tests went. It reads nothing.

Each pattern is tried on one line that holds one of its hints, from the line's beginning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Counts = dict[str, int]
"""By key: passed, failed, errored, skipped, flaky, total; and what only tells that it is there."""


class Printed(NamedTuple):
    """What a runner printed, with what is to be read in it."""

    text: str
    counts: Mapping[str, int]
    failing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A kind of line."""

    hints: tuple[str, ...]
    pattern: str
    above: str = ""
    """What the line above must be."""
    below: str = ""
    """What the line below must be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum(Line):
    """A line of a summary.

    A group that is named like a count is that count; the group `counts` has pairs of a number and
    a word.
    """

    words_first: bool = False
    """Whether it is `failures=1` and not `1 failed`."""
    begins: bool = False
    """Whether a summary begins with this line."""
    lists: str = ""
    """Lines that follow and name the tests that are counted, with the group `name`."""

    def may_give(self, key: str) -> bool:
        """Whether a count of that key may be told by this line."""
        return f"(?P<{key}>" in self.pattern or "(?P<counts>" in self.pattern


@dataclass(frozen=True, kw_only=True, slots=True)
class Fail(Line):
    """A line that names a failing test: the group `name`, perhaps file, line, suite, message."""

    is_error: bool = False
    """Whether it tells of what could not be run at all, and no count of the summary holds it."""
    until: str = ""
    """The name goes on over lines below until one ends so."""
    unless: str = ""
    """What, in the lines below, tells that it is no test of its own."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Runner:
    """How one runner prints the results of tests."""

    name: str
    opens: Line | None = None
    """The line with which a run begins, in every form of its output."""
    counts: tuple[Sum, ...] = ()
    needs: tuple[str, ...] = ()
    """Keys that a summary has, or it is none."""
    failing: tuple[tuple[Fail, ...], ...] = ()
    """Ways in which failing tests are named, the surest first; those of one way stand together."""
    only_last: bool = False
    """Whether each summary tells of all before it."""
    unsummed_by: Line | None = None
    """A line that tells that this runner ran, where the run came to no summary."""
    evidence: Line | None = None
    """What stands above a summary that tells of failures, unless a test only printed it; none: the
    failing tests."""
    lists_after: bool = False
    """Whether failing tests are listed below the summary."""
    passing: Line | None = None
    """A test that passed, where no summary counts them."""
    skipping: Line | None = None
    flaky: tuple[Line, ...] = ()
    """A test that passed on a retry."""
    retried: tuple[Line, ...] = ()
    """A test that is tried again: flaky, if it is not among those that failed."""
    excused: Line | None = None
    """What counts as failed and is expected to fail."""
    heading: Line | None = None
    """A line above that names file or suite."""
    name_above: Callable[[str, int], str] | None = None
    """Finds the name in a text, above the place of a line that tells of a failure."""
    section: Line | None = None
    """Where the details of a test begin that is named elsewhere."""
    joined: Callable[[str], str] = str
    """The name of a test as its section has it."""
    begun_by: str = ""
    """What the details of a test begin with that stand above its name; `{}` is the name."""
    message: tuple[str, ...] = ()
    """The message among the details of a test, as patterns with the group `message`, the surest
    first; none: the first line."""
    last_message: bool = False
    below: str = ""
    """The line below which the message stands."""
    stops: str = ""
    """A line among the details that tells of another try."""
    more: str = ""
    """Lines that go on with the message."""
    place: str = ""
    """A place among the details, with the groups file and line."""
    other_place: str = ""
    """Another way in which it prints one."""
    innermost: str = "first"
    named: Callable[[dict[str, str]], str] | None = None
    """The name as the runner takes it, of the groups of the line."""
    completed: "Callable[[Named], Named] | None" = None
    """A failing test with a better name, when its details are known."""
    settled: Callable[[Counts, tuple[str, ...]], Counts] | None = None
    """The counts, where they are more than those of the summary; given the names listed."""
    find: Callable[[str], "Told | None"] | None = None
    """What reads the runner in place of the engine."""
    hints: tuple[str, ...] = ()
    """Of which one is in each text that tells of it: of `find`, and where those of the line that
    begins a summary stand in other texts as well."""
    examples: tuple[Printed, ...] = ()

    @cached_property
    def looked_for(self) -> tuple[str, ...]:
        """Of which one is in each text that tells of this runner."""
        if self.hints:
            return self.hints
        beginning = [line for line in self.counts if line.begins] or self.counts
        lines = (*beginning, *filter(None, [self.unsummed_by]))
        return tuple(dict.fromkeys(hint for line in lines for hint in line.hints))

    @cached_property
    def _told_by(self) -> tuple[tuple[str, ...], ...]:
        """Of each of these, one hint is in a text with a summary: of what a summary needs."""
        return tuple(
            tuple(hint for line in self.counts if line.may_give(key) for hint in line.hints)
            for key in self.needs
        ) or (tuple(hint for line in self.counts for hint in line.hints),)

    def may_tell(self, text: str) -> bool:
        """Whether a text can have its summary, or the line that tells of a run without one."""
        if self.find or (self.unsummed_by and any(map(text.__contains__, self.unsummed_by.hints))):
            return True
        return all(any(map(text.__contains__, hints)) for hints in self._told_by)


class Named(NamedTuple):
    """A failing test as it is named."""

    name: str
    file: str | None = None
    line: int | None = None
    message: str = ""
    suite: str | None = None
    is_error: bool = False
    """Whether it could not be run at all, and is in no count."""
    ended_in_error: bool = False
    """Whether the runner calls it an error and not a failure."""


class Told(NamedTuple):
    """What one runner told of one run of tests."""

    counts: Counts
    failing: tuple[Named, ...] = ()
    flaky: tuple[str, ...] = ()
    is_sure: bool = True
    """Whether it is the runner itself that counts, and no text that a test printed."""
    is_summed: bool = True
    """Whether the run came to its summary."""
