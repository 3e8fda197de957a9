"""The place of a record in its stream, as far as its id needs one: told by content, not by number.

Line numbers would give a file whose head was cut off other ids. Instead identical records are
numbered, and one that has no time of its own also names the record with a time before it: a worker
that says "ready" after every start says something new each time.
"""

import hashlib

REMEMBERED = 50_000
"""Distinct records in which an identical one is looked for: these, and up to as many before."""


class Places:
    """The places of one stream, in bounded memory."""

    def __init__(self) -> None:
        self._timed_before = ""
        self._since = 0
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def place(self, content: str, *, timed: bool) -> str:
        """What tells this record from others with the same content; "" for the first with a time.

        `timed`: its content has the time of the record.
        """
        if timed:
            number = self._number(_digest(content))
            self._timed_before, self._since = content, 0
            return f"#{number}" if number else ""
        if self._since == REMEMBERED:  # no time at all: go on as if here had been one
            self._timed_before, self._since = f"{self._anchor()}\n{content}", 0
        self._since += 1
        anchor = self._anchor()
        return f"{anchor}#{self._number(_digest(anchor + content))}"

    def _anchor(self) -> str:
        return _digest(self._timed_before).hex() if self._timed_before else ""

    def _number(self, digest: bytes) -> int:
        """How many identical records were there before."""
        number = self._recent.get(digest, self._older.get(digest, -1)) + 1
        self._recent[digest] = number
        if len(self._recent) >= REMEMBERED:
            self._older, self._recent = self._recent, {}
        return number


def _digest(content: str) -> bytes:
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()
