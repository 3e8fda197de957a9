"""What the server needs of memory, as the system sees it."""

import sys
from pathlib import Path

import pytest

from tests.helpers.wire import Wire

LARGE = "uma linha de uma saída longa, como tantas\n" * 120_000
"""About 5 MB."""

KEPT_MB_MAX = 18
"""SQLite's cache, and the last message, which the SDK holds until the next one comes."""


def memory_mb(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a process in /proc")
def test_what_a_large_run_needed_is_given_back(url):
    with Wire(url) as wire:
        wire.initialize()
        wire.text("record_run", spec_id="x", exit_code=1, stdout="pouco\n")
        wire.text("recent_failures")
        before = memory_mb(wire.process)
        for _ in range(2):
            wire.text("record_run", spec_id="x", exit_code=1, stdout=LARGE)
        wire.text("recent_failures")
        assert memory_mb(wire.process) - before < KEPT_MB_MAX
