"""Run ids: time-ordered UUIDv7 text, new ones and ones derived from content."""

import hashlib
import os
import time
import uuid


def new_run_id() -> str:
    """A UUIDv7 (RFC 9562 section 5.7) whose 12 free bits are the fraction of the millisecond.

    The fraction keeps the ids that one process makes in the order in which it made them.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    return _uuid7(milliseconds, nanoseconds * 4096 // 1_000_000, os.urandom(8))


def derived_run_id(milliseconds: int, content: bytes) -> str:
    """The UUIDv7-shaped id of some content at a time (since 1970): the same for the same."""
    digest = hashlib.blake2b(content, digest_size=10).digest()
    return _uuid7(milliseconds, int.from_bytes(digest[:2], "big") & 0xFFF, digest[2:])


def _uuid7(milliseconds: int, twelve_bits: int, eight_bytes: bytes) -> str:
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | twelve_bits
    low = int.from_bytes(eight_bytes, "big") & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    return str(uuid.UUID(int=high << 64 | low))
