"""Lines that a container's runtime has cut, joined again: CRI's `P` and `F`, docker's json-file.

Kubernetes' runtimes mark the parts of a line with `P` and its last one with `F` (its format of CRI
logs); docker's json-file driver cuts at 16 KiB, and only the last record ends in a line feed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from genesis_mcp.ingest.lines import LINE_BYTES_MAX, Line

_CRI = re.compile(rb"(\d{4}-\d\d-\d\dT\S{8,30} (stdout|stderr)) ([FP])(?: |$)")
_DOCKER = b'{"log":'


@dataclass(slots=True)
class _Held:
    """The parts of one line so far."""

    number: int
    head: bytes
    """What stands before the text in its first line."""
    record: dict[str, Any] | None
    """The first record of docker's."""
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def line(self) -> Line:
        text = b"".join(self.parts)
        if self.record is None:
            return Line(self.number, self.head + text)
        whole = {**self.record, "log": text.decode("utf-8", "replace")}
        return Line(self.number, json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace"))


class Halves:
    """Joins the parts of lines; a stream holds one line at a time, of at most `LINE_BYTES_MAX`."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def feed(self, line: Line) -> Iterator[Line]:
        """The lines that are whole now."""
        read = None if line.left_out else _part(line)
        if read is None:
            yield line
            return
        stream, part, text, is_last = read
        held = self._held.get(stream)
        if held and held.size + len(text) > LINE_BYTES_MAX:
            yield self._held.pop(stream).line()
            held = None
        if held is None and is_last:
            yield line
            return
        held = self._held.setdefault(stream, part)
        held.parts.append(text)
        held.size += len(text)
        if is_last:
            yield self._held.pop(stream).line()

    def flush(self) -> Iterator[Line]:
        """What is held, as it is."""
        for stream in list(self._held):
            yield self._held.pop(stream).line()


def _part(line: Line) -> tuple[str, _Held, bytes, bool] | None:
    """The stream of a part, how a line begins with it, its text, and whether the line ends."""
    if found := _CRI.match(line.data):
        held = _Held(line.number, found[1] + b" F ", None)
        return found[2].decode(), held, line.data[found.end() :], found[3] == b"F"
    if not line.data.startswith(_DOCKER):
        return None
    try:
        record = json.loads(line.data)
    except (ValueError, RecursionError):
        return None
    text, stream = record.get("log"), record.get("stream")
    if not isinstance(text, str) or not isinstance(stream, str):
        return None
    held = _Held(line.number, b"", record)
    return f"docker {stream}", held, text.encode("utf-8", "replace"), text.endswith("\n")
