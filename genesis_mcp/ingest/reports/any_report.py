"""Runs from a test report of any kind: its first bytes tell which."""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.junit import Readable, Report, read_junit
from genesis_mcp.ingest.lines import Line, Lines
from genesis_mcp.ingest.reports import ctrf_report, javascript_reports, tap_lines, trx_results
from genesis_mcp.ingest.reports.go_events import GoEvents, is_go
from genesis_mcp.ingest.reports.reported_values import when_written
from genesis_mcp.ingest.reports.tap_lines import TapLines

RECORDED_BY = "genesis-mcp ingest --report"

CHUNK_BYTES = 64 * 1024

HEAD_BYTES = 1024 * 1024
"""Bytes in which a report says what it is: before it may stand what the tests printed."""

DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
"""Of a report that is one document, which is read as a whole."""

VALUES_MAX = 4_000_000
"""Values in such a document, about: what they take in memory depends on their number."""

STARTS_TRIED = 8
"""Lines that begin with `{` and may be the beginning of the document."""

UNKNOWN = (
    "is no test report that is known: JUnit's XML, `go test -json`, TAP, the JSON of jest, vitest, "
    "mocha or Playwright, .trx, or CTRF."
)

_ROOT = re.compile(r"<(?:[\w.-]+:)?(testsuites?|TestRun)[\s/>]")
_DOCUMENTS: tuple[
    tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any], Report], None]], ...
] = (
    (javascript_reports.is_jest, javascript_reports.tell_jest),
    (javascript_reports.is_playwright, javascript_reports.tell_playwright),
    (javascript_reports.is_mocha, javascript_reports.tell_mocha),
    (ctrf_report.is_ctrf, ctrf_report.tell_ctrf),
)


class _Source:
    """A file whose beginning can be looked at first; UTF-16, as PowerShell writes, as UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.written = when_written(file)
        self._decoder: codecs.IncrementalDecoder | None = None
        first = file.read(CHUNK_BYTES)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self.head = self._in_utf8(first)
        while len(self.head) < HEAD_BYTES and (more := file.read(CHUNK_BYTES)):
            self.head += self._in_utf8(more)
        self._waiting = self.head

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        """The next bytes, at least about as many as are asked for; none at the end."""
        waiting, self._waiting = self._waiting, b""
        return waiting or self._in_utf8(self._file.read(size))

    def whole(self) -> bytes:
        """All that is left.

        Raises:
            InputError: that is more than a document may have.
        """
        pieces, size = [], 0
        while piece := self.read():
            pieces.append(piece)
            size += len(piece)
            if size > DOCUMENT_BYTES_MAX:
                raise InputError(f"has more than {DOCUMENT_BYTES_MAX >> 20} MiB: it is not read.")
        return b"".join(pieces)

    def _in_utf8(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        return self._decoder.decode(data).encode("utf-8", "replace")


class _Numbered:
    """The lines of a source, and how many there were."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.number = 1

    def go_back(self, data: bytes) -> None:
        """Read from these bytes instead, which are all that there was."""
        self._source = BytesIO(data)

    def __iter__(self) -> Iterator[Line]:
        lines = Lines()
        while chunk := self._source.read(CHUNK_BYTES):
            for line in lines.feed(chunk):
                self.number = line.number
                yield line
        yield from lines.end()


def read_report(file: BinaryIO, say: Callable[[str], None] = lambda _: None) -> Iterator[Item]:
    """One `Item` for each test that a report tells of, as of JUnit's XML."""
    source = _Source(file)
    head = source.head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    root = _ROOT.search(head) if head.startswith("<") else None
    if root and root[1] != "TestRun":
        yield from read_junit(source, say)
        return
    lines = _Numbered(source)
    report = Report(say, lambda: lines.number, RECORDED_BY)
    try:
        for _ in _told(source, lines, head, report, is_trx=root is not None):
            yield from report.taken()
    except InputError as error:
        report.let_go()
        yield from report.taken()
        yield Item(report.line, 0, 1, False, None, str(error))


def _told(
    source: _Source, lines: _Numbered, head: str, report: Report, *, is_trx: bool
) -> Iterator[None]:
    if is_trx:
        yield from trx_results.tell_trx(source.whole(), report)
        return
    begun = head.splitlines()
    if any(line.startswith("{") and is_go(_parsed(line)) for line in begun):
        yield from GoEvents(report).read(iter(lines))
        return
    has_tap = any(map(tap_lines.MARK.match, begun))
    is_tap = has_tap and bool(tap_lines.MARK.match(begun[0]))
    if not is_tap and any(line.lstrip().startswith("{") for line in begun):  # tests print TAP, too
        data = source.whole()
        if document := _document(data):
            _tell_document(document, report)
            yield
            return
        lines.go_back(data)
    if not has_tap:
        raise InputError(UNKNOWN)
    yield from TapLines(report, source.written).read(iter(lines))


def _tell_document(document: dict[str, Any], report: Report) -> None:
    tell = next(tell for is_this, tell in _DOCUMENTS if is_this(document))
    tell(document, report)


def _document(data: bytes) -> dict[str, Any] | None:
    """The first JSON object that is a report; before and behind it may be what tests printed.

    Raises:
        InputError: it has too many values.
    """
    if data.count(b",") + data.count(b"{") + data.count(b"[") > VALUES_MAX:
        raise InputError(f"has more than {VALUES_MAX:,} values: it is not read.")
    text = data.decode("utf-8", "replace").lstrip("\ufeff")
    for start in islice(re.finditer(r"^[ \t]*(?=\{)", text, re.MULTILINE), STARTS_TRIED):
        document = _parsed(text, start.end())
        if any(is_this(document) for is_this, _ in _DOCUMENTS):
            return document
    return None


def _parsed(text: str, start: int = 0) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
