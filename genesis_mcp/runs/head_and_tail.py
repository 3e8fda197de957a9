"""The head and the tail of an output that comes in pieces, in memory that does not grow with it."""

import codecs
import locale
import sys

from genesis_mcp.runs.shortening import SEARCHED_BYTES_MAX, TEXT_BYTES_MAX, join_ends
from genesis_mcp.text.clean import scrub

FALLBACK_ENCODING = locale.getencoding() if sys.platform == "win32" else "utf-8"
"""For output that is not UTF-8: many programs on Windows write its code page."""

CAPTURED_BYTES_MAX = SEARCHED_BYTES_MAX
"""Of each output, until the run is made: enough to find the error in, before less is stored."""


class HeadAndTail:
    """Keeps the two ends of what is added, and counts all of it."""

    def __init__(self, limit: int = CAPTURED_BYTES_MAX) -> None:
        self.total = 0
        """Bytes of all that was added; of a text, of its UTF-8."""
        self._limit = limit
        self._head, self._tail = bytearray(), bytearray()
        self._head_max = limit // 4  # as join_ends divides it
        self._tail_max = limit - self._head_max

    def write(self, text: str) -> None:
        """Add a piece of text; what no UTF-8 can say becomes `?`."""
        self.add(text.encode("utf-8", "replace"))

    def add(self, chunk: bytes) -> None:
        """Add a piece of an output."""
        self.total += len(chunk)
        room = self._head_max - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * self._tail_max:  # not at every chunk: it moves the rest
            del self._tail[: -self._tail_max]

    def text(self) -> str:
        """All of it, or its head and tail around a line that states the cut."""
        if self.total > self._limit:
            return self._ends(self._head, self._tail[-self._tail_max :], self._limit)
        whole = self._head + self._tail
        text = _decode(whole)
        if self.total <= TEXT_BYTES_MAX or len(text.encode()) == self.total:
            return text
        # Bytes that are no text are longer as U+FFFD: it is cut here, where bytes can be counted.
        head_max = TEXT_BYTES_MAX // 4
        return self._ends(whole[:head_max], whole[head_max - TEXT_BYTES_MAX :], TEXT_BYTES_MAX)

    def _ends(self, head: bytearray, tail: bytearray, limit: int) -> str:
        # The cuts may split a character: what is left of it at either side is dropped.
        tail = tail[:3].lstrip(bytes(range(0x80, 0xC0))) + tail[3:]
        ends = _decode(head, final=False).encode(), _decode(tail).encode()
        return join_ends(*ends, self.total, limit)


def _decode(data: bytearray, *, final: bool = True) -> str:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, final)
    except UnicodeDecodeError:
        text = codecs.getincrementaldecoder(FALLBACK_ENCODING)("replace").decode(data, final)
    return scrub(text)
