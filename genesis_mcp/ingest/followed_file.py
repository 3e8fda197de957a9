"""Opening a file that others may rename or delete meanwhile, on every platform."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    GENERIC_READ, OPEN_EXISTING, NORMAL = 0x80000000, 3, 0x80
    SHARE_ALL = 1 | 2 | 4
    """FILE_SHARE_READ, _WRITE and _DELETE: Python's own `open` leaves out the last, and a rotator
    could not rename the file (CreateFileW, "Sharing modes")."""

    _create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
    _create.restype = wintypes.HANDLE
    _create.argtypes = (
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.LPVOID,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.HANDLE,
    )

    def open_shared(path: Path) -> BinaryIO:
        """The file, to be read.

        Raises:
            OSError: it cannot be opened.
        """
        handle = _create(str(path), GENERIC_READ, SHARE_ALL, None, OPEN_EXISTING, NORMAL, None)
        if handle == wintypes.HANDLE(-1).value:
            raise ctypes.WinError(ctypes.get_last_error())
        return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb")

else:

    def open_shared(path: Path) -> BinaryIO:
        """The file, to be read.

        Raises:
            OSError: it cannot be opened.
        """
        return path.open("rb")


def is_another(there: os.stat_result, mine: os.stat_result) -> bool:
    """Whether what stands at a path now is another file than the one that is open.

    Some file systems of Windows number no files: there, one that was made later is another.
    """
    if there.st_ino and mine.st_ino:
        return (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino)
    return _born(there) > _born(mine)


def _born(state: os.stat_result) -> float:
    """When the file was made, as well as the platform knows."""
    return getattr(state, "st_birthtime", None) or state.st_ctime
