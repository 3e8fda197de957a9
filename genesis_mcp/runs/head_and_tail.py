"""The head and the tail of a text that comes in pieces, in memory that does not grow with it."""

from genesis_mcp.runs.shortening import TEXT_BYTES_MAX, join_ends


class Ends:
    """Keeps what a field of a run keeps, and counts the rest."""

    def __init__(self) -> None:
        self.total = 0
        """UTF-8 bytes of all that was written."""
        self._head, self._tail = bytearray(), bytearray()

    def write(self, text: str) -> None:
        """Add a piece; what no UTF-8 can say becomes `?`."""
        data = text.encode("utf-8", "replace")
        self.total += len(data)
        room = TEXT_BYTES_MAX - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * TEXT_BYTES_MAX:  # not at every piece: it moves the rest
            del self._tail[:-TEXT_BYTES_MAX]

    def text(self) -> str:
        """All of it, or its head and tail around a line that states the cut."""
        if self.total <= TEXT_BYTES_MAX:
            return self._head.decode()
        tail = bytes(self._head + self._tail)[-TEXT_BYTES_MAX:]
        return join_ends(bytes(self._head), tail, self.total)
