"""Memory of large texts, given back to the system where the C library would keep it."""

import sys
from contextlib import suppress

M_MMAP_THRESHOLD = -3
"""Of `mallopt` (malloc.h of glibc): from this size on a block is mapped by itself."""

LARGE_BYTES = 128 * 1024
"""glibc's own first value, which it raises for good with the first larger block that is freed: one
run of 5 MB, of which there are copies for a moment, would cost 35 MB from then on."""


def give_back_large_texts() -> None:
    """Let what large texts needed go with them; elsewhere than on Linux that is so anyway."""
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):  # another C library
            import ctypes

            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
