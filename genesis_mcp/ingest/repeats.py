"""The place of a record in its stream, as far as its id needs one: told by content, not by number.

Line numbers would give a file whose head was cut off other ids. Instead identical records are
numbered, and one that has no time of its own also names the record with a time before it: a worker
that says "ready" after every start says something new each time.
"""

REMEMBERED = 50_000
"""Distinct records in which an identical one is looked for: these, and up to as many before."""


class Places:
    """The places of one stream, in bounded memory."""

    def __init__(self, origin: str = "") -> None:
        """Of a stream that is read once, such as a pipe, `origin` is its name.

        A file may be read again and has none: its records are then known again.
        """
        self._origin = origin
        self._timed_before = b""
        self._since = 0
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def place(self, content: bytes, *, timed: bool) -> str:
        """What tells a record from others with the same content; "" for the first with a time.

        `content`: its digest. `timed`: its own time is part of it.
        """
        if timed:
            self._timed_before, self._since = content, 0
            number = self._number(content)
            return f"#{number}" if number else ""
        if self._since == REMEMBERED:  # no time for so long: go on as if here had been one
            self._timed_before, self._since = content, 0
        self._since += 1
        number = self._number(self._timed_before + content)
        return f"{self._timed_before.hex() or self._origin}#{number}"

    def _number(self, content: bytes) -> int:
        """How many identical records were there before."""
        number = self._recent.get(content, self._older.get(content, -1)) + 1
        self._recent[content] = number
        if len(self._recent) >= REMEMBERED:
            self._older, self._recent = self._recent, {}
        return number
