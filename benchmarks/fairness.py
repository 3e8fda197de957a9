"""How long a write takes beside others on one SQLite file, and how long alone, in one run.

    python -m benchmarks.fairness [seconds] [another checkout]

Eight processes record runs and four ask; before that one process records alone for as long. They do
so about twice a second, each at moments of its own, and then as often as they can, when they also
wait for the processor: 12 processes on two cores have a sixth of one each. Of another checkout,
such as a `git worktree`, the same is measured after that.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

SECONDS = 5.0
PAUSES = {"twice a second": 0.5, "as often as they can": 0.0}
"""Seconds between two calls of a process, on average."""

WRITERS, READERS = 8, 4
HERE = Path(__file__).parent.parent

WRITE, READ = "writer.record_one(a_run())", "writer.service.recent_failures(RecentFailures())"

WORK = """if True:
    import random, sys, time
    from genesis_mcp.config import load_settings
    from genesis_mcp.questions.arguments import RecentFailures
    from genesis_mcp.recording.writer import writer_at
    from genesis_mcp.runs.conforming import make_run

    def a_run():
        run = {{"spec_id": sys.argv[1], "exit_code": 1, "stderr": "ValueError: saldo negativo"}}
        return make_run(run, recorded_by="fairness")

    writer = writer_at(load_settings({{}}))
    {work}
    print("ready", flush=True)
    seconds, pause = map(float, sys.stdin.readline().split())
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(random.uniform(0, 2 * pause))
        began = time.monotonic()
        {work}
        taken.append(time.monotonic() - began)
    print(*taken)
"""
"""What a process does again and again; it says how many seconds each time took."""


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    versions = [HERE, *(Path(one).resolve() for one in sys.argv[2:])]
    print(
        "| version | each records | beside | a second | median ms | p95 ms | longest ms | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for version in versions:
        for often, pause in PAUSES.items():
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                alone = _measured(version, Path(folder), 1, 0, (seconds, pause))
                beside = _measured(version, Path(folder), WRITERS, READERS, (seconds, pause))
            name = f"{version.name} | {often}"
            others = f"{WRITERS - 1} writers, {READERS} readers"
            _row(f"{name} | nobody", alone, seconds, "")
            _row(f"{name} | {others}", beside, seconds, f"{_p95(beside) / _p95(alone):.1f}")


def _measured(
    version: Path, folder: Path, writers: int, readers: int, load: tuple[float, float]
) -> list[float]:
    """Seconds of all writes; `load`: for how many seconds, with which pause."""
    processes = [_started(version, folder, WRITE, f"spec-{place}") for place in range(writers)]
    asking = [_started(version, folder, READ, "-") for _ in range(readers)]
    everybody = processes + asking
    for one in everybody:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in everybody:
        assert one.stdin is not None
        one.stdin.write(f"{load[0]} {load[1]}\n")
        one.stdin.flush()
    said = [one.communicate()[0] for one in everybody]
    return [float(taken) for output in said[:writers] for taken in output.split()]


def _started(version: Path, folder: Path, work: str, spec: str) -> subprocess.Popen[str]:
    url = f"sqlite:///{(folder / 'logs.db').as_posix()}"
    return subprocess.Popen(
        [sys.executable, "-c", WORK.format(work=work), spec],
        cwd=version,
        env={**os.environ, "GENESIS_STORE": url, "PYTHONPATH": str(version)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20, method="inclusive")[-1]


def _row(name: str, taken: Sequence[float], seconds: float, ratio: str) -> None:
    middle, late, longest = (
        1000 * one for one in (quantiles(taken, n=2)[0], _p95(taken), max(taken))
    )
    rate = len(taken) / seconds
    print(f"| {name} | {rate:,.0f} | {middle:.1f} | {late:.1f} | {longest:.0f} | {ratio} |")


if __name__ == "__main__":
    main()
