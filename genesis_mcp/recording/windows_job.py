"""A job object of Windows, whose processes end with the last handle of it."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    from ctypes import wintypes

    EXTENDED_LIMITS = 9
    """JobObjectExtendedLimitInformation of JOBOBJECTINFOCLASS (winnt.h)."""

    KILL_ON_CLOSE = 0x2000
    """JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE."""

    HANDLE = "_handle"
    """Of the process, which `subprocess` keeps; an attribute without a public name."""

    class _BasicLimits(ctypes.Structure):
        """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

        _fields_ = (
            ("process_time", wintypes.LARGE_INTEGER),
            ("job_time", wintypes.LARGE_INTEGER),
            ("flags", wintypes.DWORD),
            ("minimum_working_set", ctypes.c_size_t),
            ("maximum_working_set", ctypes.c_size_t),
            ("active_processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
        )

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

        _fields_ = (
            ("basic", _BasicLimits),
            ("io_counters", ctypes.c_ulonglong * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("peak_process_memory", ctypes.c_size_t),
            ("peak_job_memory", ctypes.c_size_t),
        )

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
    _kernel.SetInformationJobObject.argtypes = (
        wintypes.HANDLE,
        ctypes.c_int,
        wintypes.LPVOID,
        wintypes.DWORD,
    )
    _kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)

    @contextmanager
    def job_of(process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """End the process and those that it starts if this process ends in the block.

        What they leave in the background lives on when the block ends. Where the system gives no
        job, the block runs without one.
        """
        job = _kernel.CreateJobObjectW(None, None)
        try:
            if job:
                _limit(job, KILL_ON_CLOSE)
                _kernel.AssignProcessToJobObject(job, int(getattr(process, HANDLE)))
            yield
        finally:
            if job:
                _limit(job, 0)
                _kernel.CloseHandle(job)

    def _limit(job: int, flags: int) -> None:
        limits = _Limits()
        limits.basic.flags = flags
        _kernel.SetInformationJobObject(
            job, EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        )
