"""A lock on an open file: held until the file is closed, or its process ends, however it ends."""

import sys
import time
from typing import IO, Any

LOCKED_BYTE = 2**31 - 2
"""Windows locks bytes, which nobody else can read then: this one is behind all that is written."""

LOCK_STEP_SECONDS = 0.02

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: IO[Any]) -> bool:
        """Lock an open file if nobody else has; whether it is locked now."""
        position = file.tell()
        try:
            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(position)
        return True

else:
    import fcntl

    def try_lock(file: IO[Any]) -> bool:
        """Lock an open file if nobody else has; whether it is locked now.

        Raises:
            OSError: this file system has no locks.
        """
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True


def lock_within(seconds: float, file: IO[Any]) -> bool:
    """Lock an open file as soon as nobody else has, at most so long; whether it is locked now."""
    until = time.monotonic() + seconds
    while not try_lock(file):
        if time.monotonic() >= until:
            return False
        time.sleep(LOCK_STEP_SECONDS)
    return True
