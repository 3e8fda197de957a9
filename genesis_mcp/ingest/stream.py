"""A stream of lines as runs and events, each record with the lines of text that belong to it.

Nothing is told twice and nothing is dropped: every line that is not blank is in one item. The same
lines give the same items and ids, however the stream was cut into chunks.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.diagnostics.prefixes import source_of
from genesis_mcp.errors import InputError
from genesis_mcp.ingest import line_forms, pino, pretty
from genesis_mcp.ingest.bundles import unbundled
from genesis_mcp.ingest.carriers import Carriers
from genesis_mcp.ingest.groups import RECORDED_BY, Build, Group, Item, text_builder, with_lines
from genesis_mcp.ingest.halves import Halves
from genesis_mcp.ingest.inspected import parse_inspected
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.notes import notes_on
from genesis_mcp.ingest.records import (
    derived_id,
    digest,
    parse_object,
    run_record_of,
    without_defaults,
)
from genesis_mcp.ingest.repeats import Places
from genesis_mcp.ingest.request_twins import RequestTwins
from genesis_mcp.ingest.spread_records import SpreadRecords
from genesis_mcp.ingest.text_levels import level_in_broken_json
from genesis_mcp.ingest.text_records import record_in_text
from genesis_mcp.ingest.text_times import time_told
from genesis_mcp.runs.identifiers import new_run_id
from genesis_mcp.runs.model import FAILED_LEVELS

OPEN_MAX = 64
"""Containers of which a record is held open at the same time."""

BEFORE_CHARS_MAX = 300
"""Characters of a line in which such a record begins."""

PRINTED_CHARS_MAX = 256 * 1024
"""Of an object that Node printed in one line."""

NO_JSON = "a line that looks like the JSON of a logger and cannot be read as such, kept as text"

CUT_LINE = "a line over 16 MiB that is no record, kept as text and cut"

CUT_LINE_BYTES = 64 * 1024
"""Bytes kept of a line that is longer than a line may be."""


class Read(NamedTuple):
    """A line as it was read: an object, or text."""

    container: str | None
    """Which container of docker compose it comes from."""
    stamp: datetime | None
    """The time that `docker logs --timestamps` put before it."""
    text: str
    """Without colours; empty for an object."""
    record: dict[str, Any] | None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see."""
        return self.record is None and not self.text.strip()


class Stream:
    """The runs and events of one stream of lines.

    `defaults` are fields of a record that lacks them. A record without a time of its own gets, in
    a file, that of the record before it, and `now()` when there is none; in a live stream `now()`.
    A live stream is another one each time, unless its `origin` names it.
    """

    def __init__(
        self,
        *,
        defaults: Mapping[str, Any],
        now: Callable[[], datetime],
        is_live: bool,
        origin: str | None = None,
    ) -> None:
        self._defaults = defaults
        self._now = now
        self._is_live = is_live
        self._last_time: datetime | None = None
        self._places = Places((origin or new_run_id()) if is_live else "")
        self._containers: set[str] = set()
        self._carriers = Carriers()
        self._halves = Halves()
        self._spread = SpreadRecords()
        self._twins = RequestTwins()
        self._open: dict[str | None, Group] = {}

    def feed(self, line: Line) -> Iterator[Item]:
        """What is complete now that this line is known."""
        for joined in self._halves.feed(line):
            for whole in self._spread.feed(joined):
                yield from self._unbundled(whole)

    def _unbundled(self, line: Line) -> Iterator[Item]:
        for one in unbundled(line):
            yield from self._whole(one)

    def _whole(self, line: Line) -> Iterator[Item]:
        if line.left_out:
            yield from self._cut(line)
            return
        read = self._read(line.data)
        container = read.container
        if read.is_blank:
            if container in self._open:
                self._open[container].blank += 1
        elif read.record is not None:
            yield from self._close(container)
            yield from self._record(line, container, self._complete(read))
        elif (head := pretty.parse_head(read.text)) is not None:
            yield from self._close(container)
            self._open[container] = self._pretty(line, container, head)
        else:
            yield from self._text(line, read)
        if len(self._open) > OPEN_MAX:
            yield from self._close(next(iter(self._open)))

    def flush(self) -> Iterator[Item]:
        """What is held open, as it is: a live stream is silent.

        Lines that turn out to belong to it afterwards become an event of their own.
        """
        for joined in self._halves.flush():
            for whole in self._spread.feed(joined):
                yield from self._unbundled(whole)
        for line in self._spread.flush():
            yield from self._whole(line)
        for group in self._open.values():
            if (item := group.item()) is not None:
                yield item

    def end(self) -> Iterator[Item]:
        """The rest of the stream, which is over."""
        yield from self.flush()
        self._open.clear()

    # --- lines ---

    def _read(self, data: bytes) -> Read:
        container: str | None = None
        stamp: datetime | None = None
        if data[:1] == b"{" and data[-1:] == b"}" and (record := _object(data)) is not None:
            if (wrapped := line_forms.unwrapped(record)) is None:
                return Read(None, None, "", record)
            stamp, text = wrapped
        else:
            container, text = source_of(data.decode("utf-8", "replace"))
            if container is None and not self._carriers.knows(text):
                container, text = line_forms.split_container(text, self._containers)
            if container is None:
                text = self._carriers.without(line_forms.plain(text), self._now())
            stamp, text = line_forms.split_stamp(text)
        if (record := _object(text)) is not None:
            return Read(container, stamp, "", record)
        text = line_forms.plain(text)
        if pretty.parse_head(text) is None and (record := _logged(text)) is not None:
            return Read(container, stamp, "", record)
        if (record := record_in_text(text)) is not None:
            return Read(container, stamp, "", record)
        return Read(container, stamp, text, None)

    def _complete(self, read: Read) -> dict[str, Any]:
        """The record with what stands before it in its line."""
        record = without_defaults(read.record or {})
        if read.container:
            record["container"] = read.container
        if read.stamp is not None and not any(record.get(name) for name in pino.TIME_NAMES):
            record["timestamp"] = read.stamp.isoformat()
        return record

    def _missing(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The defaults that these fields lack."""
        return {name: value for name, value in self._defaults.items() if fields.get(name) is None}

    def _record(self, line: Line, container: str | None, record: dict[str, Any]) -> Iterator[Item]:
        if not pino.is_log_line(record):
            missing = self._missing(record) if self._defaults else None
            yield self._run_record(line, record | missing if missing else record)
            return
        fields = pino.fields_of(record)
        missing = self._missing(fields)
        fields |= missing
        content = digest(record | missing)
        group = self._group(line, content, fields.get("timestamp"), _event_builder(fields))
        self._twins.settle(record, fields, group.run_id)
        fields["timestamp"] = self._timed(fields.get("timestamp"))
        group.notes = notes_on(record, fields)
        group.failed = fields.get("level") in FAILED_LEVELS
        if fields["kind"] == "event":
            self._open[container] = group
        elif (item := group.item()) is not None:
            yield item

    def _run_record(self, line: Line, record: dict[str, Any]) -> Item:
        """A record in the documents' schema: taken whole, or refused for a field that is wrong."""
        given = pino.parse_time(record.get("timestamp"))
        name = record.get("run_id") or record.get("_id")
        content = digest(record if name is None else {"run_id": name})
        place = self._places.place(content, timed=given is not None)
        if name is None:
            record["run_id"] = derived_id(given, content, place)
        if record.get("timestamp") is None:
            record["timestamp"] = self._timed(None)
        self._timed(given)
        try:
            run = run_record_of(record, recorded_by=RECORDED_BY)
        except InputError as error:
            reason = str(error).replace("\n", " ")
            return Item(line.number, len(line.data), 1, False, None, reason)
        notes = notes_on(record, record)
        return Item(line.number, len(line.data), 1, False, run, notes=notes)

    def _pretty(self, line: Line, container: str | None, head: pretty.Head) -> Group:
        written, moment = self._now(), self._timed(None)
        known = {"container": container} if container else {}

        def build(below: list[str]) -> dict[str, Any]:
            record, taken = pretty.record_of(head, below, written)
            fields = {"timestamp": moment} | pino.fields_of(known | record)
            return with_lines(fields | self._missing(fields), below[taken:])

        fields = build([])
        own = fields["timestamp"] if pretty.has_own_date(head) else None
        group = self._group(line, digest({**self._defaults, **known, "line": head}), own, build)
        group.failed = fields.get("level") in FAILED_LEVELS
        self._timed(own)
        return group

    def _text(self, line: Line, read: Read) -> Iterator[Item]:
        group = self._open.get(read.container)
        if group is None or not group.continues(read.text):
            yield from self._close(read.container)
            self._open[read.container] = self._text_group(line, read)
        elif group.has_room:
            group.add(read.text.rstrip(" "), len(line.data))  # a console may fill its width
        else:
            yield from self._close(read.container)
            more = group.following(len(group.lines), read.text)
            more.number = line.number
            self._open[read.container] = more

    def _text_group(self, line: Line, read: Read) -> Group:
        known = {**self._defaults, "container": read.container}
        content = digest({**known, "text": read.text, "time": read.stamp})
        moment = read.stamp or time_told(read.text, self._now())
        fields: dict[str, Any] = {**self._defaults, "timestamp": self._timed(moment)}
        if read.container:
            fields["context"] = {"container": read.container}
        group = self._group(line, content, read.stamp, text_builder(read.text, fields))
        group.is_text = True
        group.has_traceback = line_forms.is_traceback(read.text)
        group.failed = group.has_traceback or line_forms.level_of([read.text]) in FAILED_LEVELS
        if level_in_broken_json(read.text):
            group.notes = (NO_JSON,)
        return group

    def _cut(self, line: Line) -> Iterator[Item]:
        """A line that is longer than a line may be: no record can be read from it."""
        yield from self.end()
        text = line_forms.plain(line.data[:CUT_LINE_BYTES].decode("utf-8", "ignore"))
        left_out = line.left_out + len(line.data) - CUT_LINE_BYTES
        note = f"{text}\n[... {left_out:,} bytes left out ...]"
        group = self._text_group(line, Read(None, None, note, None))
        group.notes = (CUT_LINE,)
        item = group.item()
        if item is not None:
            yield item

    # --- what they share ---

    def _group(self, line: Line, content: bytes, own_time: datetime | None, build: Build) -> Group:
        place = self._places.place(content, timed=own_time is not None)
        run_id = derived_id(own_time, content, place)
        return Group(number=line.number, run_id=run_id, build=build, size=len(line.data))

    def _timed(self, own: datetime | None) -> datetime:
        """The time of a record: its own, or what is known of it."""
        if own is not None:
            self._last_time = own
            return own
        return self._now() if self._is_live or self._last_time is None else self._last_time

    def _close(self, container: str | None) -> Iterator[Item]:
        group = self._open.pop(container, None)
        if group is not None and (item := group.item()) is not None:
            yield item


def _object(text: str | bytes) -> dict[str, Any] | None:
    if isinstance(text, str) and (text.lstrip()[:1] != "{" or text.rstrip()[-1:] != "}"):
        return None
    try:
        return parse_object(text) or None  # {} says nothing: it is text
    except InputError:
        return _printed(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


def _printed(text: str) -> dict[str, Any] | None:
    """The record of a logger that Node printed as an object in one line."""
    if not text.startswith("{ ") or len(text) > PRINTED_CHARS_MAX:
        return None
    record = parse_inspected(text)
    return record if record and pino.is_logged(record) else None


def _logged(text: str) -> dict[str, Any] | None:
    """The record of a logger, or of a run, behind whatever its line begins with."""
    start = text.find("{", 0, BEFORE_CHARS_MAX)
    record = _object(text[start:]) if start > 0 else None
    return record if record and pino.is_logged(record) else None


def _event_builder(fields: dict[str, Any]) -> Build:
    return lambda lines: with_lines(fields, lines)
