"""A step of a CI job, while its lines are read, and the run that comes of it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from genesis_mcp.ingest.groups import Item
from genesis_mcp.runs.code_identity import git_identity
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import Outcome, Run
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import milliseconds_since_1970, now
from genesis_mcp.text.clean import clean_line

RECORDED_BY = "genesis-mcp ingest --ci-log"

NAME_CHARS_MAX = 150
"""Of a job's or a step's name as the log tells it."""

PASSED_BYTES_MAX = 4 * 1024
"""Kept of what a step printed that passed: its end tells how many tests there were."""

NAMES_MAX = 10_000
"""Steps of one log whose names are known when they come again."""


@dataclass(slots=True)
class Step:
    """What is known of a step; `outcome` is None while nothing says that it failed."""

    number: int
    """Of its first line in the log."""
    job: str
    name: str
    commit: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome | None = None
    exit_code: int | None = None
    output: HeadAndTail = field(default_factory=HeadAndTail)

    def add(self, text: str, moment: datetime | None = None) -> None:
        """A line that it printed, and when."""
        self.output.write(f"{text}\n")
        if moment is not None:
            self.began = self.began or moment
            self.ended = moment

    def exits(self, code: int) -> None:
        """The service says how its command ended."""
        self.exit_code = code
        self.outcome = Outcome.FAILED if code else Outcome.PASSED

    def passes(self) -> None:
        """The job went on behind it, and nothing said that it failed."""
        if self.outcome is None:
            self.exits(0)


class Steps:
    """Makes the runs of a log's steps.

    `known` are fields of each; its `spec_id` stands for a job that the log does not name.
    """

    def __init__(self, service: str, known: Mapping[str, Any]) -> None:
        self._service = service
        self._known = known
        self._names = Counter[str]()

    def item(self, step: Step) -> Item:
        """The run of a step that is over, or why there is none."""
        try:
            run = self._run(step)
        except UnfitFields as error:
            reason = str(error).replace("\n", " ")
            return Item(step.number, step.output.total, 1, False, None, reason)
        return Item(step.number, len(run.stdout), 1, False, run)

    def _run(self, step: Step) -> Run:
        text = step.output.text()
        job = _shown(step.job or self._known.get("spec_id") or "")
        spec_id = self._numbered(" / ".join(filter(None, (job, _shown(step.name)))))
        began = milliseconds_since_1970(step.began) if step.began else 0
        ended = milliseconds_since_1970(step.ended) if step.ended else 0
        identity = [self._service, spec_id, began, ended, text]
        known = {name: value for name, value in self._known.items() if name != "spec_id"}
        context = {"ci": self._service, "job": job, "step": _shown(step.name)}
        fields: dict[str, Any] = {
            **known,
            "kind": "run",
            "run_id": derived_run_id(ended, json.dumps(identity).encode("utf-8", "replace")),
            "timestamp": step.ended or now(),
            "spec_id": spec_id,
            "exit_code": step.exit_code,
            "outcome": step.outcome or Outcome.UNKNOWN,
            "duration_ms": ended - began if step.began and ended >= began else None,
            "code_hash": git_identity(step.commit, None) if step.commit else None,
            "stdout": text,
            "stdout_bytes": step.output.total,
            "context": known.get("context", {}) | {k: v for k, v in context.items() if v},
        }
        run = sign(make_run(fields, recorded_by=RECORDED_BY))
        if run.outcome == Outcome.PASSED and run.doubt is None:
            run = replace(run, stdout=cap_text(run.stdout, PASSED_BYTES_MAX))
        return run

    def _numbered(self, name: str) -> str:
        """The name of a step, with its number where the job has several of one name."""
        if name not in self._names and len(self._names) >= NAMES_MAX:
            return clean_name(name)
        self._names[name] += 1
        times = self._names[name]
        return clean_name(name if times == 1 else f"{name} [{times}]")


def _shown(name: str) -> str:
    return clean_line(name, NAME_CHARS_MAX)
