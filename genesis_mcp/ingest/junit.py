"""Runs from JUnit XML, as pytest, jest-junit, surefire, gotestsum and many others write it.

Python's own expat reads it in pieces. A document type is refused at its first character: test
reports have none, and entities, which expand without end or name other files, need one.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.groups import Item
from genesis_mcp.runs.conforming import fitted_label, make_run
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.head_and_tail import Ends
from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import milliseconds_since_1970, now, parse_timestamp

RECORDED_BY = "genesis-mcp ingest --junit"

CHUNK_BYTES = 64 * 1024

ATTRIBUTE_BYTES_MAX = 1024
"""Of each attribute that goes into a run's context."""

PROPERTIES_MAX = 8
"""Properties of a test case that its context keeps."""

FAILED, SKIPPED = {"failure", "error"}, {"skipped", "disabled", "ignored"}
OUTPUTS = {"system-out": "stdout", "system-err": "stderr"}

NOT_RUN = {"notrun", "disabled", "skipped", "ignored", "pending", "incomplete"}
"""Values of `status` and `result` by which GoogleTest and others say that a test was not run."""

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


def read_junit(file: BinaryIO) -> Iterator[Item]:
    """One `Item` for each test case, numbered by where it ends in the file.

    What was read before a fault in the XML is kept; the fault is the last line.
    """
    report = _Report()
    size = 0
    try:
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            report.parser.Parse(chunk)
            yield from report.taken()
        report.parser.Parse(b"", True)
        yield from report.taken()
    except expat.ExpatError as error:
        yield from report.taken()
        yield Item(error.lineno, 0, 1, False, None, "from here on it is no well-formed XML.")
    except InputError as error:
        yield from report.taken()
        yield Item(report.parser.CurrentLineNumber, 0, 1, False, None, str(error))
    else:
        if not report.is_junit:
            yield Item(
                1, size, 1, False, None, "is no JUnit XML: it has neither testsuites nor testsuite."
            )


class _Report:
    """What was read of a report so far."""

    def __init__(self) -> None:
        self.is_junit = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._suites: list[_Suite] = []
        self._case: _Case | None = None
        self._number = 0
        self._lines: list[Item] = []

    def taken(self) -> list[Item]:
        """The test cases that are complete, once."""
        lines, self._lines = self._lines, []
        return lines

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if self._case is not None:
            self._case.start(name, attributes)
        elif name in ("testsuites", "testsuite"):
            self.is_junit = True
            self._suites.append(_Suite(attributes, self._suites[-1] if self._suites else None))
        elif name == "testcase":
            self._number += 1
            suite = self._suites[-1] if self._suites else _Suite({}, None)
            self._case = _Case(attributes, suite, self._number)

    def _end(self, name: str) -> None:
        name = _local(name)
        if self._case is None:
            if name in ("testsuites", "testsuite") and self._suites:
                self._suites.pop()
        elif name == "testcase":
            self._lines.append(self._line(self._case))
            self._case = None
        else:
            self._case.end(name)

    def _text(self, text: str) -> None:
        if self._case is not None:
            self._case.text(text)

    def _line(self, case: "_Case") -> Item:
        number = self.parser.CurrentLineNumber
        try:
            return Item(number, case.size, 1, False, case.run())
        except UnfitFields as error:
            return Item(number, case.size, 1, False, None, str(error).replace("\n", " "))


def _refuse(*_: object) -> None:
    raise InputError("has a document type, which no test report needs: it is not read.")


def _local(name: str) -> str:
    """The name of an element without the prefix of a namespace."""
    return name.rpartition(":")[2]


class _Suite:
    """A suite: when it began, and how long its test cases took until now."""

    def __init__(self, attributes: dict[str, str], outer: "_Suite | None") -> None:
        self.identity = [attributes.get(name, "") for name in _SUITE_IDENTITY]
        self.identity += outer.identity if outer else []
        self.name: str = attributes.get("name") or (outer.name if outer else "")
        self.hostname: str = attributes.get("hostname") or (outer.hostname if outer else "")
        began = _moment(attributes.get("timestamp"))
        self.began: datetime | None = began or (outer.began if outer else None)
        self.seconds = 0.0


class _Case:
    """A test case that is being read."""

    def __init__(self, attributes: dict[str, str], suite: _Suite, number: int) -> None:
        self._attributes, self._suite, self._number = attributes, suite, number
        self._outputs = {"stdout": Ends(), "stderr": Ends()}
        self._failures = Ends()
        self._properties: dict[str, str] = {}
        self._failed = False
        self._skipped: Ends | None = None
        self._open: list[str] = []
        self._sink: Ends | None = None
        self._message = ""
        for name in ("status", "result"):
            if attributes.get(name, "").lower() in NOT_RUN:
                self._skipped = Ends()

    @property
    def size(self) -> int:
        """Bytes of text that it has, about."""
        return sum(ends.total for ends in (*self._outputs.values(), self._failures))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if name == "property":
            value = cap_text(attributes.get("value", ""), ATTRIBUTE_BYTES_MAX)
            self._properties[attributes.get("name", "")[:100]] = value
        if len(self._open) > 1:
            return  # such as the system-out of a surefire rerun, which is another run's
        if name in FAILED:
            self._failed = True
            self._sink = Ends()
            kind, message = attributes.get("type", ""), attributes.get("message", "")
            self._message = message if not kind or kind in message else f"{kind}: {message}"
        elif name in SKIPPED:
            self._skipped = self._sink = Ends()
            self._sink.write(attributes.get("message", ""))
        elif name in OUTPUTS:
            self._sink = self._outputs[OUTPUTS[name]]

    def text(self, text: str) -> None:
        if self._sink is not None and len(self._open) == 1:
            self._sink.write(text)

    def end(self, name: str) -> None:
        self._open.pop()
        if self._open:
            return
        if name in FAILED and self._sink is not None:
            body = self._sink.text().strip("\n")
            said = self._message.partition(": ")[2] or self._message
            if said.strip() and said.strip() not in body:
                self._failures.write(f"{self._message}\n")
            self._failures.write(f"{body}\n")
        self._sink = None

    def run(self) -> Run:
        """The run, or the event of a test that was skipped.

        Raises:
            UnfitFields: a value is none that a run can have.
        """
        seconds = _seconds(self._attributes.get("time"))
        suite = self._suite
        suite.seconds += seconds or 0
        ended = suite.began and suite.began + timedelta(seconds=suite.seconds)
        stderr = self._outputs["stderr"]
        if self._failed:
            if stderr.total:
                stderr.write("\n")
            stderr.write(self._failures.text())
        fields: dict[str, Any] = {
            "spec_id": self._spec_id(),
            "duration_ms": None if seconds is None else round(seconds * 1000),
            "stdout": self._outputs["stdout"].text(),
            "stderr": stderr.text(),
            "stdout_bytes": self._outputs["stdout"].total,
            "stderr_bytes": stderr.total,
            "context": self._context(),
        }
        if self._skipped is not None and not self._failed:
            reason = self._skipped.text().strip()
            message = f"skipped: {reason}" if reason else "skipped"
            fields |= {"kind": "event", "level": "info", "message": message}
        else:
            fields |= {"kind": "run", "exit_code": 1 if self._failed else 0}
        identity = [suite.identity, self._number, self._attributes, fields]
        content = json.dumps(identity, sort_keys=True).encode()
        milliseconds = milliseconds_since_1970(ended) if ended else 0
        fields |= {"run_id": derived_run_id(milliseconds, content), "timestamp": ended or now()}
        return make_run(fields, recorded_by=RECORDED_BY)

    def _spec_id(self) -> str:
        name = self._attributes.get("name", "").strip()
        group = (self._attributes.get("classname") or self._suite.name).strip()
        if not name or name == group or name.startswith((f"{group}.", f"{group}::")):
            return fitted_label(name or group or "unnamed test")
        return fitted_label(f"{group}::{name}")

    def _context(self) -> dict[str, Any]:
        given = {
            "suite": self._suite.name,
            "hostname": self._suite.hostname,
            **{name: self._attributes.get(name, "") for name in ("file", "line")},
        }
        context: dict[str, Any] = {
            name: cap_text(value, ATTRIBUTE_BYTES_MAX) for name, value in given.items() if value
        }
        if self._properties:
            context["properties"] = dict(list(self._properties.items())[:PROPERTIES_MAX])
        return context


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_timestamp(text) if text else None
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    """Such as `0.5`, and `1,234.5` as surefire writes it."""
    try:
        seconds = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 * 40 else None
