"""Records that were printed over several lines, as one line each.

One begins with a line that is `{` alone and ends with `}` at the margin, or with `[` and `]`; what
stands between is indented. It is JSON, or an object as Node prints it; lines that turn out to be
neither are given on as they came.
"""

import json
from collections.abc import Iterator

from genesis_mcp.ingest.inspected import parse_inspected
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.pino import is_logged

LINES_MAX = 1000
BYTES_MAX = 256 * 1024
"""Lines, and bytes of them, that one record may have."""

_ENDS = {b"{": b"}", b"[": b"]"}


class SpreadRecords:
    """Holds the lines of one record until it ends."""

    def __init__(self) -> None:
        self._held: list[Line] = []
        self._size = 0

    def feed(self, line: Line) -> Iterator[Line]:
        """The lines that are whole now."""
        if not self._held:
            if line.data not in _ENDS:
                yield line
            else:
                self._hold(line)
        elif line.data == _ENDS[self._held[0].data]:
            self._hold(line)
            record = self._record()
            if record is None:
                yield from self.flush()
            else:
                yield record
        elif line.left_out or line.data[:1] not in (b" ", b"\t", b"") or not self._has_room(line):
            yield from self.flush()
            yield from self.feed(line)
        else:
            self._hold(line)

    def flush(self) -> Iterator[Line]:
        """What is held, as it is."""
        held, self._held, self._size = self._held, [], 0
        yield from held

    def _hold(self, line: Line) -> None:
        self._held.append(line)
        self._size += len(line.data)

    def _has_room(self, line: Line) -> bool:
        return len(self._held) < LINES_MAX and self._size + len(line.data) < BYTES_MAX

    def _record(self) -> Line | None:
        text = b"\n".join(line.data for line in self._held)
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            printed = parse_inspected(text.decode("utf-8", "replace"))
            if printed is None or not is_logged(printed):
                return None
            text = json.dumps(printed, ensure_ascii=False).encode("utf-8", "replace")
        first, *_ = self.flush()
        return Line(first.number, text)
