"""Our command in a process of its own, as people and workers run it."""

import json
import os
import subprocess
import sys

from tests.helpers.waiting import WAIT


def environment(store_url, **variables):
    """The environment of this process, without settings of ours but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GENESIS_")}
    return {**kept, "GENESIS_STORE": store_url, **variables}


def cli(*arguments, store_url, **options):
    """Run the command line in a process of its own."""
    options.setdefault("timeout", WAIT)
    return subprocess.run(
        [sys.executable, "-m", "genesis_mcp", *arguments],
        env=environment(store_url, **options.pop("variables", {})),
        capture_output=True,
        check=False,
        **options,
    )


NOTHING = dict.fromkeys(("read", "recorded", "duplicates", "events", "other_lines", "rejected"), 0)
"""What `ingest --json` prints of no input."""


def exported(store_url, *flags, **options):
    """All records of a store, oldest first."""
    done = cli("export", *flags, store_url=store_url, **options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def summary(done):
    """The numbers that `ingest --json` printed, which must add up; a report's suite is no line."""
    numbers = json.loads(done.stdout)
    assert 2 * numbers["read"] == sum(numbers.values()) - numbers.get("suites", 0)
    return numbers
