"""The texts of a run as one value of the SQLite store, and back.

Its first line tells how many characters each text has, `-` where there is none: `12,0,340,-`.
Behind it they stand one after the other, without anything between. A short value is stored as it
is, a longer one as a zstd frame of its UTF-8: one a run, so that what its texts have in common is
kept once. No dictionary is made of what others logged: it would keep their secrets when the runs
are deleted.
"""

import sys
import zlib
from collections.abc import Sequence

from genesis_mcp.errors import SchemaMismatch
from genesis_mcp.stores.sqlite.faults import DAMAGED

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor, ZstdError, decompress
else:
    from backports.zstd import ZstdCompressor, ZstdError, decompress

PLAIN_CHARS = 100
"""Longer values are compressed: below this a frame saves little."""

LEVEL = 3
"""Of zstd: up to here a level costs next to nothing with texts of 2 KB (10 to 11 µs); the next one
saves a byte in a hundred, in nearly twice the time."""

Packed = str | bytes


class Packer:
    """Packs texts, those of many runs with one compressor. For one thread."""

    def __init__(self) -> None:
        self._compressor = ZstdCompressor(level=LEVEL)

    def texts(self, texts: Sequence[str | None]) -> Packed:
        """The texts of a run as one value."""
        joined = joined_texts(texts)
        return joined if len(joined) <= PLAIN_CHARS else self.text(joined)

    def text(self, text: str) -> bytes:
        """One text, compressed."""
        return self._compressor.compress(text.encode(), ZstdCompressor.FLUSH_FRAME)


def joined_texts(texts: Sequence[str | None]) -> str:
    """The value as it is before it is compressed."""
    lengths = ",".join(["-" if text is None else str(len(text)) for text in texts])
    return "\n".join((lengths, "".join([text for text in texts if text])))


def unpacked(packed: Packed | None) -> str | None:
    """A text as it was before it was compressed.

    Raises:
        SchemaMismatch: it is damaged.
    """
    if not isinstance(packed, bytes):
        return packed
    try:
        return decompress(packed).decode()
    except (ZstdError, ValueError):
        raise SchemaMismatch(DAMAGED) from None


def texts_in(packed: Packed) -> list[str | None]:
    """The texts of a run that `Packer.texts` has packed.

    Raises:
        SchemaMismatch: they are damaged.
    """
    lengths, _, joined = (unpacked(packed) or "").partition("\n")
    texts: list[str | None] = []
    start = 0
    for length in lengths.split(","):
        if length == "-":
            texts.append(None)
            continue
        end = start + int(length)
        texts.append(joined[start:end])
        start = end
    return texts


def unzipped(stored: Packed | None) -> str | None:
    """A text as files of versions before 4 have it: plain, or zlib of its UTF-8."""
    return zlib.decompress(stored).decode() if isinstance(stored, bytes) else stored
