"""Run ids: time-ordered UUIDv7 text, new ones and ones derived from content."""

import hashlib
import os
import re
import time

UUID7 = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")

SHORT_CHARS = 17
"""The time of a UUIDv7 and two digits of its counter: what tells the runs of one store apart."""


def short_run_id(run_id: str) -> str:
    """The beginning of a UUIDv7 that names a run for a person; any other id as it is."""
    return run_id[:SHORT_CHARS] if UUID7.fullmatch(run_id) else run_id


def after_beginning(beginning: str) -> str:
    """The least text that comes after every one that begins so, in the order of code points."""
    last = ord(beginning[-1])
    return beginning[:-1] + ("\ue000" if last == 0xD7FF else chr(min(last + 1, 0x10FFFF)))


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
    digits = f"{high << 64 | low:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
