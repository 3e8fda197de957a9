"""How long the command line takes to start, beside another version of it, in one run.

    python -m benchmarks.start ../old [rounds]

`../old` is a checkout of the other version, such as a `git worktree`; both run on this Python, by
turns. Times on a busy machine are no use: the ratios are, of the medians of wall-clock and of CPU
(the process and what it ran). Prints a table in Markdown.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROUNDS = 15

HERE = Path(__file__).parent.parent

FAILING = "raise ValueError('esperado 4, veio 5')"


class Taken(NamedTuple):
    """Seconds that something took."""

    wall: float
    cpu: float


class Row(NamedTuple):
    """What is measured, and which part of the old time it should take at most."""

    name: str
    arguments: Sequence[str]
    goal: str
    old_arguments: Sequence[str] | None = None
    """Where the old version has no such option."""
    until_output: bool = False
    event: Mapping[str, object] | None = None
    """What an agent's hook is told on stdin."""


RUN = ["run", "--spec", "start"]
FAIL = ["--", sys.executable, "-S", "-c", FAILING]

ROWS = [
    Row("`--version`", ["--version"], ".20"),
    Row("`--help`", ["--help"], "-"),
    Row("`run`: its command's first output", [*RUN, "--", "echo"], ".20", until_output=True),
    Row("`run -- true`, with its verdict", [*RUN, "--", "true"], ".45"),
    Row("`run` of a failing command", [*RUN, *FAIL], ".60"),
    Row("`run --quiet -- true`", [*RUN, "--quiet", "--", "true"], ".17", [*RUN, "--", "true"]),
    Row(
        "`hook` of a command that is no run",
        ["hook"],
        ".17",
        [*RUN, "--", "true"],
        event={
            "hook_event_name": "PostToolUse",
            "tool_input": {"command": "git status && grep -rn pytest ."},
            "tool_response": {"stdout": "a.py:1: import pytest", "stderr": ""},
        },
    ),
    Row(
        "`hook` of a pass",
        ["hook"],
        ".25",
        [*RUN, "--", "true"],
        event={
            "hook_event_name": "PostToolUse",
            "tool_input": {"command": "pytest -q"},
            "tool_response": {"stdout": "4 passed in 0.03s", "stderr": ""},
        },
    ),
    Row(
        "`hook` of a failure, with its verdict",
        ["hook"],
        "1.00",
        [*RUN, *FAIL],
        event={
            "hook_event_name": "PostToolUseFailure",
            "tool_input": {"command": "pytest -q"},
            "error": "Exit code 1\nE  assert 4 == 5\n1 failed in 0.05s",
        },
    ),
    Row("`failures`", ["failures"], ".70"),
    Row("`spec`", ["spec", "start"], ".70"),
]


def measure(
    root: Path,
    arguments: Sequence[str],
    store: str,
    *,
    until_output: bool,
    event: Mapping[str, object] | None = None,
) -> Taken:
    """One call of the version in `root`."""
    home = str(Path(store.removeprefix("sqlite:///")).parent)
    environment = os.environ | {"PYTHONPATH": str(root), "GENESIS_STORE": store, "HOME": home}
    command = [sys.executable, "-m", "genesis_mcp", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(event).encode() if event else b"")
    process.stdin.close()
    process.stdout.read(1 if until_output else -1)
    output = time.perf_counter()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    process.stdout.close()
    wall = (output if until_output else time.perf_counter()) - began
    return Taken(wall, used.ru_utime + used.ru_stime)


def interleaved(calls: Sequence[Callable[[], Taken]], rounds: int) -> list[Taken]:
    """The medians of some calls, made by turns so that all meet the same load."""
    taken = [[call() for call in calls] for _ in range(rounds)]
    return [
        Taken(median(one.wall for one in column), median(one.cpu for one in column))
        for column in zip(*taken, strict=True)
    ]


def compare(old: Path, rounds: int, folder: Path) -> None:
    """Print a row for each thing measured."""
    old_store, new_store = (
        f"sqlite:///{(folder / name).as_posix()}" for name in ("old.db", "new.db")
    )
    for root, store in (
        (old, old_store),
        (HERE, new_store),
    ):  # byte code, and something to ask about
        for arguments in ([*RUN, *FAIL], [*RUN, "--", "true"]):
            measure(root, arguments, store, until_output=False)
    print("| call | old ms, wall (CPU) | new ms, wall (CPU) | wall ratio | CPU ratio | goal |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        was, now = interleaved(
            [
                lambda row=row: measure(  # type: ignore[misc]
                    old,
                    row.old_arguments or row.arguments,
                    old_store,
                    until_output=row.until_output,
                ),
                lambda row=row: measure(  # type: ignore[misc]
                    HERE,
                    row.arguments,
                    new_store,
                    until_output=row.until_output,
                    event=row.event,
                ),
            ],
            rounds,
        )
        print(
            f"| {row.name} | {_ms(was)} | {_ms(now)} | {now.wall / was.wall:.2f} "
            f"| {now.cpu / was.cpu:.2f} | {row.goal} |",
            flush=True,
        )
    _sleep(old, rounds, old_store, new_store)


def _sleep(old: Path, rounds: int, old_store: str, new_store: str) -> None:
    """What `run` adds to a command of a second."""

    def bare() -> Taken:
        began = time.perf_counter()
        subprocess.run(["sleep", "1"], check=True)
        return Taken(time.perf_counter() - began, 0)

    arguments = [*RUN, "--", "sleep", "1"]
    alone, was, now = interleaved(
        [
            bare,
            lambda: measure(old, arguments, old_store, until_output=False),
            lambda: measure(HERE, arguments, new_store, until_output=False),
        ],
        max(3, rounds // 3),
    )
    was_more, now_more = ((one.wall - alone.wall) * 1000 for one in (was, now))
    print(
        f"| `run -- sleep 1`, more than `sleep 1` | {was_more:.0f} | {now_more:.0f} "
        f"| {now_more / was_more:.2f} | | 80 ms |"
    )


def _ms(taken: Taken) -> str:
    return f"{taken.wall * 1000:.0f} ({taken.cpu * 1000:.0f})"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        compare(
            Path(sys.argv[1]).resolve(),
            int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS,
            Path(scratch),
        )
