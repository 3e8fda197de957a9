"""A test report as a whole: the run of the suite that its tests are, and what all of them share."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any, BinaryIO, cast

from genesis_mcp.diagnostics.test_results.runner import Named
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.junit_cases import seconds_of, short_path
from genesis_mcp.ingest.junit_suites import moment
from genesis_mcp.ingest.reports.reported_values import when_written
from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import FAILED_LEVELS, Run, Signature
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.suite_run import SuiteRun, as_part
from genesis_mcp.runs.times import milliseconds_since_1970

CHUNK_BYTES = 1024 * 1024
"""Read at once for the digest; in the first of them a report says its name and a time."""

HELD_BYTES_MAX = 8 * 1024 * 1024
"""Of a report that comes from a pipe; a longer one is held in a file until it is read."""

_ROOT = re.compile(rb"<(?:[\w.-]+:)?testsuites?(\s[^<>]{0,4000})>")
_ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)=(?:"([^"]*)"|'([^']*)')""")
_TIME = re.compile(
    rb"\b(20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    rb"|\b(1[5-9]\d{11})\b"
)
"""The first time in a report, as text or in milliseconds: in its id, so that ids go by time."""


class WholeReport:
    """One report while it is read: give it its items, and at the end it has the suite's run.

    `digest` is that of its bytes, `first` are the first of them. With a `spec_id` that the caller
    gave they make the id of the suite's run, so that the same report is the same run wherever it
    lies; of one that is no JUnit's XML and tells no time, such as TAP, also when it was `written`.
    `given` is what the caller told of all records: `service` and `iteration`.
    """

    def __init__(
        self,
        digest: bytes,
        first: bytes,
        *,
        path: str = "",
        spec_id: str | None = None,
        written: datetime | None = None,
        **given: Any,
    ) -> None:
        root = _root(first)
        time = _first_time(first)
        if not time and written and not root:
            time = milliseconds_since_1970(written)
        self.run_id = derived_run_id(time, digest + (spec_id or "").encode())
        self._given = {name: value for name, value in given.items() if value is not None}
        self._spec_id = spec_id or self._named(path, root.get("name", "").strip())
        self._seconds = seconds_of(root.get("time"))
        self._suite = SuiteRun()
        self._durations = 0
        self._ended: datetime | None = None
        self._recorded_by = ""
        self._is_incomplete = False

    def _named(self, path: str, name: str) -> str:
        """Such as `api::reports/junit.xml::jest tests`: another report is another spec."""
        parts = [str(self._given.get("service", "")), path, "" if name in path else name]
        return clean_name("::".join(filter(None, parts)) or "test report")

    def items(self, items: Iterable[Item]) -> Iterator[Item]:
        """What was read of the report, as parts of it; then the suite's run, which is no line."""
        for item in items:
            if item.run is None:
                self._is_incomplete = True
                yield item
            else:
                yield item._replace(run=self._has(item.run, is_error=item.is_error))
        if not self._suite.is_empty:
            yield Item(0, 0, 0, True, self._run())

    def _has(self, run: Run, *, is_error: bool) -> Run:
        name = run.spec_id or "unnamed test"
        if run.kind == "event":
            self._warned(name, run)
        elif run.failed:
            self._suite.fails(_failing(name, run.signature, is_error=is_error))
        elif run.exit_code == 0:
            self._suite.passed(name, is_flaky=bool((run.context or {}).get("flaky")))
        else:
            self._is_incomplete = True
        self._durations += run.duration_ms or 0
        self._ended = max(self._ended or run.timestamp, run.timestamp)
        self._recorded_by = run.recorded_by or ""
        wants = run.wants_iteration and "iteration" not in self._given
        part = replace(run, context=as_part(run.context, self.run_id), wants_iteration=wants)
        return replace(part, **self._given)

    def _warned(self, name: str, event: Run) -> None:
        if event.level in FAILED_LEVELS:
            self._suite.fails(Named(name, message=event.message or "", ended_in_error=True))
        elif event.level == "info":
            self._suite.skipped()
        else:
            self._is_incomplete = True

    def _run(self) -> Run:
        """The suite's run.

        It is not known how one ended of which a part is missing, unless a test of it failed.
        """
        seconds = self._seconds
        is_unknown = self._is_incomplete and not self._suite.failed
        fields = {
            "run_id": self.run_id,
            "timestamp": self._ended,
            "spec_id": self._spec_id,
            "duration_ms": self._durations if seconds is None else round(seconds * 1000),
            **({"exit_code": None, "outcome": "unknown"} if is_unknown else {}),
            **self._given,
        }
        return self._suite.run(fields, recorded_by=self._recorded_by)


def _first_time(first: bytes) -> int:
    """In milliseconds since 1970; 0 where a report tells none."""
    found = _TIME.search(first)
    if found is None:
        return 0
    if found[2]:
        return int(found[2])
    began = moment(found[1].decode())
    return milliseconds_since_1970(began) if began else 0


def _root(first: bytes) -> Mapping[str, str]:
    """The attributes of the outermost element of JUnit's XML; none of another report."""
    found = _ROOT.search(first)
    return {
        name.decode("utf-8", "replace"): unescape((one or other).decode("utf-8", "replace"))
        for name, one, other in (_ATTRIBUTE.findall(found[1]) if found else ())
    }


def _failing(name: str, signature: Signature | None, *, is_error: bool) -> Named:
    if signature is None:
        return Named(name, ended_in_error=is_error)
    kind, message = signature.type, signature.message
    return Named(
        name,
        file=signature.file,
        line=signature.line,
        message=message if not kind or kind in message else f"{kind}: {message}",
        ended_in_error=is_error,
    )


def whole_report(
    file: BinaryIO, path: Path | None, *, is_only: bool, spec_id: str | None = None, **given: Any
) -> WholeReport:
    """The report in a file, which is read once for it and is at its beginning again.

    Of several reports with one `spec_id` each is a spec of its own: they are no attempts of one.
    """
    digest, first = hashlib.sha256(), b""
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        first = first or chunk
    file.seek(0)
    told = told_path(path) if path else ""
    if spec_id and not is_only:
        spec_id = clean_name(f"{spec_id}::{told or 'stdin'}")
    written = when_written(file)
    return WholeReport(digest.digest(), first, path=told, spec_id=spec_id, written=written, **given)


@contextmanager
def rereadable(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file, or what it has, so that it can be read twice."""
    if file.seekable():
        yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=HELD_BYTES_MAX) as held:
        shutil.copyfileobj(file, held)
        held.seek(0)
        yield cast("BinaryIO", held)


def told_path(path: Path) -> str:
    """The path from here, or the end of one that lies elsewhere; of a temporary one the name."""
    whole = path.resolve()
    if whole.is_relative_to(Path.cwd()):
        return whole.relative_to(Path.cwd()).as_posix()
    if whole.is_relative_to(Path(tempfile.gettempdir()).resolve()):
        return whole.name
    return short_path(whole.as_posix().removeprefix(whole.drive))
