"""The steps in a log of a GitLab job: its outermost sections, as the runner marks them.

A marker is `section_start:UNIX_TIME:NAME` or `section_end:...`, followed by CR and an erased line;
two may stand in one line (GitLab's documentation, "Custom collapsible sections"). Newer runners put
a time and a stream before each line.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from genesis_mcp.ingest.ci_step import Step
from genesis_mcp.ingest.pino import parse_time
from genesis_mcp.runs.model import Outcome

SERVICE = "GitLab"

NO_SECTION = "job"
"""Names what stands before the first section, or in a log without any."""

DEPTH_MAX = 64
"""Sections within each other that are told apart."""

_MARKER = re.compile(
    r"(?:\x1b\[0K)*section_(start|end):(\d{1,12}):([\w.-]{1,200})(?:\[[^\]\r]{0,200}\])?"
    r"\r?(?:\x1b\[0K)*"
)
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z) [0-9a-f]{2}[OE][+ ]?")
_CODES = re.compile(r"\x1b\[[\d;]*[mK]")
_BEHIND_THE_SCRIPT = re.compile(
    r"after_script|upload_artifacts|archive_cache|cleanup_file_variables"
)
"""Sections that run whatever the job's script did, and never fail the job."""
_FAILED = re.compile(r"ERROR: Job failed(?: \(system failure\))?: ?(.*)")
_EXIT = re.compile(r".*exit (?:code|status) (\d{1,10})")

MARK = re.compile(
    rf"(?:{_STAMPED.pattern})?"
    rf"(?:{_MARKER.pattern}|(?:\x1b\[[\d;]*[mK])*Running with gitlab-runner )"
)
"""How a line begins of which no other log has one."""


class GitLabLog:
    """Takes the lines of a log in their order and gives the steps that are over.

    How the job ended is said at its end: the last section that can fail it is held until then.
    """

    def __init__(self) -> None:
        self._step: Step | None = None
        self._open: list[str] = []
        self._held: Step | None = None
        self._has_ended = False

    def feed(self, number: int, line: str) -> Iterator[Step]:
        """The steps that are over with this line."""
        stamp = _STAMPED.match(line)
        moment = parse_time(stamp[1]) if stamp else None
        before = stamp[0] if stamp else ""
        begin = at = len(before)
        for marker in _MARKER.finditer(line, at):
            self._take(number, before, line[at : marker.start()], moment)
            at = marker.end()
            yield from self._mark(number, marker, moment)
        if at < len(line) or at == begin:
            self._take(number, before, line[at:], moment)

    def end(self) -> Iterator[Step]:
        """What is left: of a log that is cut off nobody knows how its last section ended."""
        step = self._step
        if step is not None and self._has_ended:
            step.passes()
        if self._held is not None:
            if self._has_ended or step is not None:
                self._held.passes()
            yield self._held
        if step is not None:
            yield step

    def _mark(self, number: int, marker: re.Match[str], moment: datetime | None) -> Iterator[Step]:
        moment = moment or parse_time(marker[2])
        name = marker[3]
        if marker[1] == "start":
            if not self._open:
                yield from self._begin(number, name, moment)
            if len(self._open) < DEPTH_MAX:
                self._open.append(name)
        elif name in self._open:
            del self._open[self._open.index(name) :]
            if not self._open and self._step is not None:
                self._step.ended = moment
                yield from self._close()

    def _begin(self, number: int, name: str, moment: datetime | None) -> Iterator[Step]:
        before = self._step
        if before is not None and before.name != NO_SECTION:
            yield from self._close()
        if not _BEHIND_THE_SCRIPT.match(name) and self._held is not None:
            held, self._held = self._held, None
            held.passes()
            yield held
        self._step = Step(number, "", name, began=moment, ended=moment)
        if before is not None and before.name == NO_SECTION:
            self._step.output = before.output

    def _close(self) -> Iterator[Step]:
        step, self._step = self._step, None
        if step is None:
            return
        if _BEHIND_THE_SCRIPT.match(step.name):
            step.passes()
            yield step
        else:
            self._held = step

    def _take(self, number: int, before: str, text: str, moment: datetime | None) -> None:
        said = _CODES.sub("", text).strip()
        if not said and not self._open:
            return
        step = self._step if self._open else self._held or self._step
        if step is None:
            step = self._step = Step(number, "", NO_SECTION)
        step.add(f"{before}{text}", moment if self._open else None)
        if failed := _FAILED.match(said):
            self._has_ended = True
            _fail(self._held or step, failed[1])
        elif said == "Job succeeded":
            self._has_ended = True


def _fail(step: Step, reason: str) -> None:
    if found := _EXIT.match(reason):
        step.exits(int(found[1]))
    elif "execution took longer" in reason:
        step.outcome = Outcome.TIMEOUT
    elif "canceled" in reason or "aborted" in reason:
        step.outcome = Outcome.KILLED
    else:
        step.outcome = Outcome.FAILED
