"""The steps in a log of GitHub Actions: as `gh run view --log` prints it, and as the API gives it.

The former names job and step before each line (`UNKNOWN STEP` where GitHub has lost the steps'
logs); in the latter a step begins with `##[group]Run`, which tools print as well, but without the
lines that GitHub puts into it.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from genesis_mcp.ingest.ci_step import Step
from genesis_mcp.ingest.pino import parse_time
from genesis_mcp.runs.model import Outcome

SERVICE = "GitHub Actions"

HEADER_LINES_MAX = 400
"""Of a step's script and settings, which stand in its first group."""

_STAMP = r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)"
_COLUMNS = re.compile(rf"([^\t]{{1,200}})\t([^\t]{{1,200}})\t(?={_STAMP}(?: |$))")
_STAMPED = re.compile(rf"{_STAMP}(?: |$)")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_NO_STEP = "UNKNOWN STEP"

_HEAD = re.compile(r"##\[group\](Run \S.*)")
_OWN_IN_HEADER = re.compile(r"(?:shell: |with:$|env:$)")
"""Lines that GitHub puts into the group in which a step begins."""
_ACTION = re.compile(r"Run (?:\./|docker://)?[\w./-]+(?:@[\w./-]+)?$")
_BEGINS = {"Post job cleanup.": "Post job cleanup", "Cleaning up orphan processes": "Complete job"}
_EXIT = re.compile(r"##\[error\]Process completed with exit code (\d{1,10})\.$")
_ERROR = "##[error]"
_TIMEOUT = re.compile(
    r"##\[error\](?:The action .* has timed out after|.*exceeded the maximum execution time)"
)
_CANCELLED = re.compile(
    r"##\[error\](?:The operation was canceled\.|.*received a shutdown signal|The run was canceled)"
)
_JOB = re.compile(r"Complete job name: (\S.*)")
_SHOWS_COMMIT = re.compile(r"\[command\]\S*git\S* log -1 --format='?%H'?$")
_COMMIT = re.compile(r"'?([0-9a-f]{40})'?$")

MARK = re.compile(
    rf"(?:[^\t]{{1,200}}\t[^\t]{{1,200}}\t{_STAMP}(?: |$))"
    rf"|(?:{_STAMP} )?##\[(?:group|endgroup|section|error|command|warning)\]"
    rf"|(?:{_STAMP} )?Complete job name: "
)
"""How a line begins of which no other log has one."""


class GitHubLog:
    """Takes the lines of a log in their order and gives the steps that are over."""

    def __init__(self) -> None:
        self._step: Step | None = None
        self._job, self._column = "", ""
        self._commit, self._shows_commit = "", False
        self._head: tuple[str, int] | None = None
        """The name in a group that may begin a step, and how many of its lines were read."""
        self._held: list[tuple[int, str, datetime | None]] = []
        self._last = ""

    def feed(self, number: int, line: str) -> Iterator[Step]:
        """The steps that are over with this line."""
        if columns := _COLUMNS.match(line):
            line = line[columns.end() :]
            job, column = columns[1], columns[2]
            if (job, column) != (self._job, self._column):
                self._release()
                yield from self._leave(goes_on=job == self._job)
                self._commit = self._commit if job == self._job else ""
                self._job, self._column = job, column
        stamp = _STAMPED.match(line)
        moment = parse_time(stamp[1]) if stamp else None
        said = _COLOURS.sub("", line[stamp.end() :] if stamp else line).rstrip()
        line = line.removeprefix("\ufeff")
        if self._names_steps:
            self._take(number, line, said, moment)
        else:
            yield from self._split(number, line, said, moment)

    def end(self) -> Iterator[Step]:
        """The last step."""
        self._release()
        yield from self._leave(goes_on=False)

    @property
    def _names_steps(self) -> bool:
        return self._column not in ("", _NO_STEP)

    def _split(self, number: int, line: str, said: str, moment: datetime | None) -> Iterator[Step]:
        """A line of a job whose steps are told by their first lines only."""
        if self._head is not None:
            name, lines = self._head
            self._held.append((number, line, moment))
            self._head = name, lines + 1
            if _OWN_IN_HEADER.match(said) or (said == "##[endgroup]" and _ACTION.match(name)):
                yield from self._begin(self._held[0][0], name)
            elif said != "##[endgroup]" and lines < HEADER_LINES_MAX:
                return
            self._release()
        elif head := _HEAD.match(said):
            self._head = head[1], 0
            self._held.append((number, line, moment))
        else:
            if said in _BEGINS:
                yield from self._begin(number, _BEGINS[said])
            self._take(number, line, said, moment)

    def _release(self) -> None:
        """Give the lines of a group, whose meaning is known now, to the step that is open."""
        held, self._held, self._head = self._held, [], None
        for number, line, moment in held:
            self._take(number, line, "", moment)

    def _begin(self, number: int, name: str) -> Iterator[Step]:
        yield from self._leave(goes_on=True)
        self._step = Step(number, self._job, name, self._commit)

    def _leave(self, *, goes_on: bool) -> Iterator[Step]:
        """The step that is open is over; whether its job goes on behind it."""
        step, self._step = self._step, None
        if step is None:
            return
        if step.outcome is None and self._last.startswith(_ERROR):  # an action that failed
            step.outcome = Outcome.FAILED
        elif goes_on or step.name == "Complete job":
            step.passes()
        self._last = ""
        yield step

    def _take(self, number: int, line: str, said: str, moment: datetime | None) -> None:
        if self._step is None:
            name = self._column if self._names_steps else "Set up job"
            self._step = Step(number, self._job, name, self._commit)
        step = self._step
        step.add(line, moment)
        if not said:
            return
        self._last = said
        if said.startswith(_ERROR):
            _judge(step, said)
        elif job := _JOB.match(said):
            self._job = step.job = self._job or job[1]
        elif self._shows_commit and (commit := _COMMIT.match(said)):
            self._commit = commit[1]
        self._shows_commit = bool(_SHOWS_COMMIT.match(said))


def _judge(step: Step, said: str) -> None:
    if found := _EXIT.match(said):
        if step.outcome is None:
            step.exits(int(found[1]))
    elif _TIMEOUT.match(said):
        step.outcome = Outcome.TIMEOUT
    elif _CANCELLED.match(said) and step.outcome is None:
        step.outcome = Outcome.KILLED
