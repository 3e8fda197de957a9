"""What the process of a server does not need of memory: what large texts took, and data frames."""

import sys
from contextlib import suppress
from types import ModuleType
from typing import cast

M_MMAP_THRESHOLD = -3
"""Of `mallopt` (malloc.h of glibc): from this size on a block is mapped by itself."""

LARGE_BYTES = 128 * 1024
"""glibc's own first value, which it raises for good with the first larger block that is freed: one
run of 5 MB, of which there are copies for a moment, would cost 35 MB from then on."""

DATA_FRAMES = ("numpy", "pandas", "polars", "pyarrow")
"""Imported by ClickHouse's driver with the first insert, where they happen to be installed, to see
whether it was given one of theirs: 80 MB and a second."""

NEEDS_THEM = "clickhouse+chdb:"
"""The engine in this process."""


def hold_less(store: str) -> None:
    """Have this process, which is nobody else's, hold less; `store` is the URL of its store."""
    _give_back_large_texts()
    if not store.lower().startswith(NEEDS_THEM):
        for name in DATA_FRAMES:
            # To Python's import None means: there is no such module.
            sys.modules.setdefault(name, cast(ModuleType, None))


def _give_back_large_texts() -> None:
    """Let what large texts needed go with them; elsewhere than on Linux that is so anyway."""
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):  # another C library
            import ctypes

            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
