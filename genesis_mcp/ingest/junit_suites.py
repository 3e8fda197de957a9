"""A suite of a JUnit report while it is read, and what is recorded of it and of its test cases."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.times import milliseconds_since_1970, now, parse_timestamp
from genesis_mcp.runs.wording import plural

RECORDED_BY = "genesis-mcp ingest --junit"

NAMES_OF_SUITES = 3
"""Innermost suites that are part of a test's name where it has no class."""

NAME_CHARS_MAX = 1000
"""Of a suite's name; a longer one ends in its digest."""

IDENTITY_CHARS_MAX = 4096
"""Of what tells one suite from another; of a longer one only the digest is kept."""

OUTPUTS = {"system-out": "stdout", "system-err": "stderr"}

_SUITE_IDENTITY = (
    "name",
    "package",
    "timestamp",
    "time",
    "tests",
    "failures",
    "errors",
    "hostname",
)


class Suite:
    """A suite: when it began, what it declares, and what was found in it until now."""

    def __init__(
        self,
        attributes: dict[str, str],
        outer: "Suite | None",
        *,
        is_root: bool = False,
        recorded_by: str = RECORDED_BY,
    ) -> None:
        self.recorded_by = recorded_by
        self.identity: list[str] = _bounded(
            [attributes.get(name, "") for name in _SUITE_IDENTITY]
            + (outer.identity if outer else [])
        )
        own = _bounded_name(attributes.get("name", ""))
        self.name: str = own or (outer.name if outer else "")
        names = [*(outer.path if outer else []), *([own] if own and not is_root else [])]
        self.path: list[str] = names[-NAMES_OF_SUITES:]
        """The names of the suites around a test case, outermost first."""
        self.file: str = _bounded_name(attributes.get("file", "")) or (outer.file if outer else "")
        self.hostname: str = attributes.get("hostname") or (outer.hostname if outer else "")
        began = moment(attributes.get("timestamp"))
        self.began: datetime | None = began or (outer.began if outer else None)
        self.seconds = 0.0
        self.tests = count_of(attributes.get("tests"))
        self.declared_failed = count_of(attributes.get("failures")) + count_of(
            attributes.get("errors")
        )
        self.found = self.failed = 0
        self.repeats_are_reruns: bool = own == "pytest" or bool(outer and outer.repeats_are_reruns)
        """Whether a name that comes again is another attempt: Go and pytest have no two tests of
        one name."""
        self._outputs: dict[str, HeadAndTail] = {}
        self._sink: HeadAndTail | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element of the suite itself."""
        if name == "property" and attributes.get("name") == "go.version":
            self.repeats_are_reruns = True
        elif name in OUTPUTS and not self.found:
            self._sink = self._outputs.setdefault(OUTPUTS[name], HeadAndTail())

    def end(self, name: str) -> None:
        if name in OUTPUTS:
            self._sink = None

    def text(self, text: str) -> None:
        if self._sink is not None:
            self._sink.write(text)

    def output(self, name: str) -> str:
        """What the suite itself printed before its first test case."""
        return self._outputs[name].text() if name in self._outputs else ""

    def count(self, *, failed: bool) -> None:
        self.found += 1
        self.failed += failed

    def add(self, inner: "Suite") -> None:
        """An inner suite has ended; what it lacks was told of it and is not told again."""
        self.found += max(inner.found, inner.tests)
        self.failed += max(inner.failed, inner.declared_failed)
        if not inner.found and not self.file:
            self.file = inner.file  # Mocha's root suite tells it for those that follow

    @property
    def is_empty_failure(self) -> bool:
        return bool(self.declared_failed) and not self.found

    @property
    def hides_failures(self) -> bool:
        return self.declared_failed > 0 and not self.failed

    def missing(self) -> str | None:
        """What it declares and does not hold, as a sentence without any text of the report."""
        if self.tests <= self.found and not self.hides_failures:
            return None
        said = f"a suite declares {plural(self.tests, 'test')} ({self.declared_failed} failed)"
        return f"{said}, and {self.found} ({self.failed} failed) were found: some are missing."

    def event(self, message: str, level: str, number: int) -> Run:
        """Something that is to be known of the report, at its place in time."""
        fields: dict[str, Any] = {
            "kind": "event",
            "level": level,
            "message": message,
            "spec_id": clean_name(self.name or self.file or "unnamed suite"),
        }
        return recorded(fields, self, [self.identity, number, message])


def recorded(
    fields: dict[str, Any], suite: Suite, identity: list[Any], ended: datetime | None = None
) -> Run:
    """The run with its place in time and an id that is the same for the same report."""
    ended = ended or (suite.began and suite.began + timedelta(seconds=suite.seconds))
    content = json.dumps(identity, sort_keys=True).encode()
    milliseconds = milliseconds_since_1970(ended) if ended else 0
    fields |= {"run_id": derived_run_id(milliseconds, content), "timestamp": ended or now()}
    return make_run(fields, recorded_by=suite.recorded_by)


def _bounded_name(name: str) -> str:
    """A name that may stand in every test case of a suite, at a length that does no harm."""
    name = name.strip()
    if len(name) <= NAME_CHARS_MAX:
        return name
    return name[:NAME_CHARS_MAX] + hashlib.sha256(name.encode()).hexdigest()[:16]


def _bounded(identity: list[str]) -> list[str]:
    if sum(map(len, identity)) <= IDENTITY_CHARS_MAX:
        return identity
    return [hashlib.sha256(json.dumps(identity).encode()).hexdigest()]


def moment(text: str | None) -> datetime | None:
    try:
        return parse_timestamp(text) if text else None
    except ValueError:
        return None


def count_of(text: str | None) -> int:
    digits = (text or "").replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
