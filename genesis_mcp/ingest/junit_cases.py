"""A test case of a JUnit report, while it is read, and the run that comes of it."""

import re
from dataclasses import replace
from typing import Any

from genesis_mcp.diagnostics.finding import FoundError, find_error
from genesis_mcp.ingest.junit_suites import OUTPUTS, Suite, count_of, moment, recorded
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.signing import signature_of
from genesis_mcp.text.clean import clean_line

ENDED = "genesis-ended"
"""The attribute of a test case that tells when it ended: not of JUnit, but of other reports."""

ATTRIBUTE_BYTES_MAX = 1024
"""Of each attribute that goes into a run's context."""

PROPERTIES_MAX = 8
"""Properties of a test case that its context keeps."""

MESSAGE_CHARS_MAX = 300
"""Of a message, as of every error's."""

FAILED, SKIPPED = {"failure", "error"}, {"skipped", "disabled", "ignored"}
RERUNS = {"flakyFailure", "flakyError", "rerunFailure", "rerunError"}
"""What an attempt said that was repeated: the test passed then, or failed again."""
NOT_RUN = {"notrun", "disabled", "skipped", "ignored", "pending", "incomplete"}
"""Values of `status` and `result` by which GoogleTest and others say that a test was not run."""

_PARTS_OF_PATH = 3
"""Of an absolute path that names a test: a checkout elsewhere is the same project."""

_SAYS_NOTHING = re.compile(r"(?:(?:test )?(?:failed|failure|fail|error))?[.:!]?", re.IGNORECASE)
_LIBRARY = re.compile(r"node_modules[/\\\\]|site-packages[/\\\\]|^node:|^internal/")
_IS_FILE = re.compile(r"[^\s:]{1,250}\.[A-Za-z]{1,5}")
_NAMES_FILE = re.compile(r".*[/\\].*|.*\.(?:[cm]?[jt]sx?|py|rb|php|go|rs)")
"""A class that is a file, unlike `com.acme.Soma`."""
_TYPE = re.compile(r"[A-Za-z_][\w.$:\\]{0,200}")


class Case:
    """A test case that is being read, or what a suite says of itself in place of one."""

    def __init__(self, attributes: dict[str, str], suite: Suite, number: int) -> None:
        self.suite = suite
        self.failed = False
        self.is_cut = False
        self.is_error = False
        """Whether it could not be run, as its report tells it, and no assertion failed."""
        self.of_suite = False
        self.line = 0
        """Where it ends."""
        self._attributes, self._number = attributes, number
        self._outputs = {"stdout": HeadAndTail(), "stderr": HeadAndTail()}
        self.failures = HeadAndTail()
        self._properties: dict[str, str] = {}
        self._skipped: HeadAndTail | None = None
        self.reruns = 0
        self.first_failure = ""
        self._open: list[str] = []
        self._sink: HeadAndTail | None = None
        self._message = ""
        self.told: tuple[str, str] | None = None
        for name in ("status", "result"):
            if attributes.get(name, "").lower() in NOT_RUN:
                self._skipped = HeadAndTail()

    @property
    def size(self) -> int:
        """Bytes of text that it has, about."""
        return sum(ends.total for ends in (*self._outputs.values(), self.failures))

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    def tell(self, suite: Suite) -> None:
        """Make it the failure of a suite that counts failures and holds no test case."""
        self.failed = self.of_suite = True
        for name, ends in self._outputs.items():
            ends.write(suite.output(name))
        if not self.size:
            self.failures.write(f"{suite.missing() or 'the suite failed without a test case.'}\n")

    def cut(self) -> None:
        """The report ends, or is broken, within it."""
        self.is_cut = True
        if self._open:
            self._close(self._open[0])

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if name == "property":
            value = cap_text(attributes.get("value", ""), ATTRIBUTE_BYTES_MAX)
            self._properties[attributes.get("name", "")[:100]] = value
        if len(self._open) > 1:
            return  # such as the system-out of a surefire rerun, which is another run's
        kind, message = attributes.get("type", "").strip(), attributes.get("message", "").strip()
        if name in FAILED:
            self.is_error = name == "error" and (self.is_error or not self.failed)
            self.failed = True
            self._sink = HeadAndTail()
            self._message = _headline(kind, message)
            self.told = self.told or (kind, message)
        elif name in RERUNS:
            self.reruns += 1
            self.first_failure = self.first_failure or _headline(kind, message)
        elif name in SKIPPED:
            self._skipped = self._sink = HeadAndTail()
            self._sink.write(message)
        elif name in OUTPUTS:
            self._sink = self._outputs[OUTPUTS[name]]

    def text(self, text: str) -> None:
        if self._sink is not None and (len(self._open) == 1 or self._open[0] in FAILED):
            self._sink.write(text)

    def end(self, name: str) -> None:
        if self._open:
            self._open.pop()
        if not self._open:
            self._close(name)

    def _close(self, name: str) -> None:
        if name in FAILED and self._sink is not None:
            body = self._sink.text().strip("\n")
            said = self._message.partition(": ")[2] or self._message
            if not _SAYS_NOTHING.fullmatch(said.strip()) and said.strip() not in body:
                self.failures.write(f"{self._message}\n")
            self.failures.write(f"{body}\n")
        self._sink = None

    def reran(self, earlier: "Case") -> None:
        """Take in the attempt before it, of which this one is the repetition.

        Two that failed may be two faults of one attempt, as of a test and of its teardown.
        """
        if earlier.failed and self.failed:
            later, self.failures = self.failures.text(), earlier.failures
            self.failures.write(later)
            self.told = earlier.told or self.told
        else:
            self.reruns += 1 + earlier.reruns
            self.first_failure = earlier.first_failure or _headline(*(earlier.told or ("", "")))

    def run(self, occurrence: int = 1) -> Run:
        """The run, or the event of a test that was skipped.

        `occurrence` counts the test cases of this name in the report: another test of the same
        name, or another attempt.

        Raises:
            UnfitFields: a value is none that a run can have.
        """
        seconds = seconds_of(self._attributes.get("time"))
        self.suite.seconds += seconds or 0
        stderr = self._outputs["stderr"]
        failures = self.failures.text()
        if self.failed:
            if stderr.total:
                stderr.write("\n")
            stderr.write(failures)
        fields: dict[str, Any] = {
            "spec_id": self._named(occurrence),
            "duration_ms": None if seconds is None else round(seconds * 1000),
            "stdout": self._outputs["stdout"].text(),
            "stderr": stderr.text(),
            "stdout_bytes": self._outputs["stdout"].total,
            "stderr_bytes": stderr.total,
            "context": self._context(),
        }
        if self._skipped is not None and not self.failed:
            reason = self._skipped.text().strip()
            message = f"skipped: {reason}" if reason else "skipped"
            fields |= {"kind": "event", "level": "info", "message": message}
        elif self.is_cut and not self.failed:
            fields |= {"kind": "run", "outcome": "unknown"}
        else:
            fields |= {"kind": "run", "exit_code": 1 if self.failed else 0}
        identity = [self.suite.identity, self._number, self._attributes, fields]
        run = recorded(fields, self.suite, identity, moment(self._attributes.get(ENDED)))
        if not self.failed:
            return run
        return replace(run, signature=signature_of(run, self._error(failures)))

    def _error(self, failures: str) -> FoundError | None:
        """The error: as the failure's text tells it, else as the report's own words do."""
        found = find_error(stdout="", stderr=failures, guess=False)
        told = self._told_error()
        if found is None:
            found = told or find_error(stdout="", stderr=failures or self._outputs["stderr"].text())
        elif told and told.message.startswith(found.message):
            found = replace(found, message=told.message)  # with its values
        return self._placed(found, failures) if found else None

    def _placed(self, found: FoundError, failures: str) -> FoundError:
        """With a place in the file that the report names, when the text tells none of our own."""
        if found.file and not _LIBRARY.search(found.file):
            return found
        line = count_of(self._attributes.get("line"))
        of_suite = self.suite.file if self.of_suite else None
        group = self._attributes.get("classname", "")
        of_class = group if _NAMES_FILE.fullmatch(group) else None
        for name in (self._attributes.get("file"), of_class, of_suite):
            if not name or not _IS_FILE.fullmatch(name):
                continue
            if place := re.search(re.escape(name) + r"[:(](\d{1,7})", failures):
                return replace(found, file=name, line=int(place[1]))
            if found.file is None:
                return replace(found, file=name, line=line or None)
        return found

    def _told_error(self) -> FoundError | None:
        kind, message = self.told or ("", "")
        message = clean_line(message, MESSAGE_CHARS_MAX)
        if _SAYS_NOTHING.fullmatch(message):
            return None
        is_type = _TYPE.fullmatch(kind) and not _SAYS_NOTHING.fullmatch(kind)
        return FoundError(
            type=kind if is_type else None,
            message=message,
            file=None,
            line=None,
            stream="stderr",
            line_number=0,
        )

    def _named(self, occurrence: int) -> str:
        if occurrence == 1 or self.suite.repeats_are_reruns or self.of_suite:
            return self.spec_id
        return clean_name(f"{self.spec_id}[{occurrence}]")

    @property
    def spec_id(self) -> str:
        """The class and the name; where there is no class, the file or the suites around it."""
        name = short_path(self._attributes.get("name", "").strip())
        group = self._attributes.get("classname", "").strip()
        if not group or group == "test" or name.endswith(group):
            file = short_path(self._attributes.get("file") or self.suite.file)
            path = [one for one in self.suite.path if one not in (file, name, "Root Suite")]
            if path and name.startswith(path[-1]):
                path.pop()
            group = "::".join([file] if file and (name or not path) else [])
            name = " > ".join([*path, name] if name else path)
        if not name or not group or name == group or name.startswith((f"{group}.", f"{group}::")):
            return clean_name(name or group or self.suite.name or "unnamed test")
        return clean_name(f"{group}::{name}")

    def _context(self) -> dict[str, Any]:
        given = {
            "suite": self.suite.name,
            "hostname": self.suite.hostname,
            **{name: self._attributes.get(name, "") for name in ("file", "line")},
        }
        context: dict[str, Any] = {
            name: cap_text(value, ATTRIBUTE_BYTES_MAX) for name, value in given.items() if value
        }
        if self._properties:
            context["properties"] = dict(list(self._properties.items())[:PROPERTIES_MAX])
        if self.reruns:
            context |= {"reruns": self.reruns, "flaky": not self.failed}
            first = clean_line(self.first_failure, MESSAGE_CHARS_MAX)
            context |= {"first_failure": first} if first else {}
        if self.is_cut:
            context["report_is_cut"] = True
        return context


def _headline(kind: str, message: str) -> str:
    return message if not kind or kind in message else f"{kind}: {message}"


def short_path(name: str) -> str:
    """The end of an absolute path; anything else as it is."""
    if not name.startswith("/") or " " in name:
        return name
    return "/".join(name.split("/")[-_PARTS_OF_PATH:])


def seconds_of(text: str | None) -> float | None:
    """Such as `0.5`, and `1,234.5` as surefire writes it."""
    try:
        seconds = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 * 40 else None
