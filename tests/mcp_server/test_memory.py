"""What the server needs of memory, as the system sees it."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.command_line import cli
from tests.helpers.wire import Wire

LARGE = "uma linha de uma saída longa, como tantas\n" * 120_000
"""About 5 MB."""

KEPT_MB_MAX = 18
"""SQLite's cache, and the last message, which the SDK holds until the next one comes."""


LIBRARIES = {"numpy", "pandas", "pyarrow"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a process in /proc")
def test_what_the_driver_of_clickhouse_has_no_use_for_is_not_loaded(clickhouse_port):
    assert all(map(find_spec, LIBRARIES))  # here they would be found
    url = f"clickhouse://127.0.0.1:{clickhouse_port}/memory"
    cli("init", store_url=url)
    with Wire(url) as wire:
        wire.initialize()
        assert wire.text("record_run", spec_id="x", exit_code=1).startswith("Recorded #")
        mapped = Path(f"/proc/{wire.process.pid}/maps").read_text()
        assert not {name for name in LIBRARIES if f"/{name}/" in mapped}


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
