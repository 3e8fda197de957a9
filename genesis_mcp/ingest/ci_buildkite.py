"""The steps in a log of a Buildkite job: its groups, which begin with `---`, `+++` or `~~~`.

Before each line stands its time, in an escape sequence. A diff begins its first two lines as groups
do: `--- a` right above `+++ b` is none.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from genesis_mcp.ingest.ci_step import Step
from genesis_mcp.ingest.pino import parse_time
from genesis_mcp.runs.model import Outcome

SERVICE = "Buildkite"

_STAMP = re.compile(r"\x1b_bk;t=(\d{13})(?:\x07|\x1b\\)")
_COLOURS = re.compile(r"\x1b\[[\d;]*[mK]")
_GROUP = re.compile(r"(---|\+\+\+|~~~) (\S.*)")
_EXIT = re.compile(r"🚨 Error: The command exited with status (-?\d{1,10})$")
_ERROR = re.compile(r"🚨 Error: ")
_CANCELLED = re.compile(r"# Received cancellation signal, interrupting$")

MARK = re.compile(
    r"\x1b_bk;t=\d{13}(?:\x07|\x1b\\)|~~~ (?:Preparing|Running|Setting up)\b|🚨 Error: The command "
)
"""How a line begins of which no other log has one."""


class BuildkiteLog:
    """Takes the lines of a log in their order and gives the steps that are over."""

    def __init__(self) -> None:
        self._step: Step | None = None
        self._held: tuple[int, str, str, datetime | None] | None = None
        """A line that begins a group, unless the next one makes a diff of it."""

    def feed(self, number: int, line: str) -> Iterator[Step]:
        """The steps that are over with this line."""
        stamp = _STAMP.match(line)
        moment = parse_time(stamp[1]) if stamp else None
        text = _STAMP.sub("", line)
        said = _COLOURS.sub("", text).strip()
        group = _GROUP.match(said)
        if self._held is not None:
            held, self._held = self._held, None
            if group and group[1] == "+++" and held[2].startswith("--- "):
                self._take(*held)
                self._take(number, text, said, moment)
                return
            yield from self._begin(*held)
        if group:
            self._held = number, text, said, moment
        else:
            self._take(number, text, said, moment)

    def end(self) -> Iterator[Step]:
        """The last step: the agent tidies up behind a job that it ran to its end."""
        if self._held is not None:
            yield from self._begin(*self._held)
        if self._step is not None:
            yield self._step

    def _begin(self, number: int, text: str, said: str, moment: datetime | None) -> Iterator[Step]:
        if self._step is not None:
            self._step.passes()
            yield self._step
        self._step = Step(number, "", said[4:])
        self._step.add(text, moment)

    def _take(self, number: int, text: str, said: str, moment: datetime | None) -> None:
        if self._step is None:
            self._step = Step(number, "", "Preparing")
        step = self._step
        step.add(text, moment)
        if found := _EXIT.match(said):
            step.exits(int(found[1]))
        elif _CANCELLED.match(said):
            step.outcome = Outcome.KILLED
        elif _ERROR.match(said) and step.outcome is None:
            step.outcome = Outcome.FAILED
