"""Records that were printed over several lines, as one line each.

One begins with a line that is `{` alone and ends with `}` at the margin, or with `[` and `]`; what
stands between is indented. What stands before the first stands before all, but for its numbers. It
is JSON, or an object as Node prints it; lines that turn out to be neither go on as they came.
"""

import json
import re
from collections.abc import Iterator

from genesis_mcp.ingest.inspected import parse_inspected
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.pino import is_logged

LINES_MAX = 1000
BYTES_MAX = 256 * 1024
"""Lines, and bytes of them, that one record may have."""

BEFORE_BYTES_MAX = 120
"""Before each line of one: what a carrier puts there."""

_ENDS = {b"{": b"}", b"[": b"]"}
_DIGITS = re.compile(rb"\d+")


class SpreadRecords:
    """Holds the lines of one record until it ends."""

    def __init__(self) -> None:
        self._held: list[Line] = []
        self._size = 0
        self._before = re.compile(b"")
        """What stands before each line."""

    def feed(self, line: Line) -> Iterator[Line]:
        """The lines that are whole now."""
        if not self._held:
            if line.data[-1:] not in _ENDS or not self._begins(line.data[:-1]):
                yield line
            else:
                self._hold(line)
            return
        found = self._before.match(line.data)
        rest = line.data[found.end() :] if found else line.data
        if found and rest == _ENDS[self._held[0].data[-1:]]:
            self._hold(line)
            record = self._record()
            if record is None:
                yield from self.flush()
            else:
                yield record
        elif (
            line.left_out
            or not (found and rest[:1] in (b" ", b"\t", b""))
            or not self._has_room(line)
        ):
            yield from self.flush()
            yield from self.feed(line)
        else:
            self._hold(line)

    def flush(self) -> Iterator[Line]:
        """What is held, as it is."""
        held, self._held, self._size = self._held, [], 0
        yield from held

    def _begins(self, before: bytes) -> bool:
        """Whether a record may begin behind these bytes: nothing, or what ends in a blank."""
        if before and (len(before) > BEFORE_BYTES_MAX or before[-1:] not in b" \t"):
            return False
        if before and not before.strip():
            return False
        self._before = re.compile(_DIGITS.sub(rb"\\d+", re.escape(before)))
        return True

    def _hold(self, line: Line) -> None:
        self._held.append(line)
        self._size += len(line.data)

    def _has_room(self, line: Line) -> bool:
        return len(self._held) < LINES_MAX and self._size + len(line.data) < BYTES_MAX

    def _record(self) -> Line | None:
        lines = [line.data for line in self._held]
        text = b"\n".join(line[self._end(line) :] for line in lines)
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            record = parse_inspected(text.decode("utf-8", "replace"))
            if record is None or not is_logged(record):
                return None
        text = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
        before = lines[0][: self._end(lines[0])]
        first, *_ = self.flush()
        return Line(first.number, before + text)

    def _end(self, line: bytes) -> int:
        found = self._before.match(line)
        return found.end() if found else 0
