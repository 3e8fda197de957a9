"""What it costs to read a run, beside another version of the package, in one run.

    python -m benchmarks.reading_speed ../old [PART OF A NAME ...]

`../old` is a checkout of the other version, such as a `git worktree`; both run on this Python, by
turns. A run is read as it is when it is recorded: its error is found and both keys are made, with
nothing kept from an earlier one. The failing runs are those of the tests' corpus, by the language
of their programs. Times on a busy machine are no use: the ratios are.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

CORPUS = Path("tests/diagnostics/corpus/runs.ndjson").resolve()
TURNS = 3
EVERY = 3
"""One run in so many of the corpus is measured."""

CHILD = """
import gc, json, sys, time
began = time.perf_counter()
try:
    from genesis_mcp.diagnostics import finding, keys, normalise
    caches = [normalise.normalise]
    from genesis_mcp.diagnostics.keys import signature_keys
except ImportError:
    from genesis_mcp.text import signature as finding, normalise
    signature_keys = finding.signature_keys
    caches = [normalise.normalise]
imported = time.perf_counter() - began
from genesis_mcp.text import redact
from genesis_mcp.text.clean import clean
caches += [one for one in vars(redact).values() if hasattr(one, "cache_clear")]

def read(run):
    for one in caches:
        one.cache_clear()
    found = finding.find_error(stdout=run["stdout"], stderr=run["stderr"])
    return found and signature_keys(found)

def seconds(work, argument):
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        work(argument)
        best = min(best, time.perf_counter() - start)
    return best

runs = json.load(sys.stdin)
for run in runs:
    read(run)
gc.disable()
colours = "\\x1b[32m  \\u2713\\x1b[0m \\x1b[2mworks\\x1b[22m\\n" * 30_000
gradient = "".join(f"\\x1b[38;5;{number % 256}mword \\x1b[0m" for number in range(60_000))
print(json.dumps({
    "import": imported,
    "runs": [seconds(read, run) for run in runs],
    "colours": seconds(clean, colours[: 1 << 20]),
    "colours of a gradient": seconds(clean, gradient[: 1 << 20]),
}))
"""


def measured(folder: Path, runs: list[dict[str, str]]) -> dict[str, Any]:
    given = json.dumps(runs)
    command = [sys.executable, "-c", CHILD]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, cwd=folder, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main(old: Path, words: list[str]) -> None:
    labels = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    labels = [one for one in labels if not words or any(word in one["error"] for word in words)]
    runs = [{name: one[name] for name in ("stdout", "stderr")} for one in labels[::EVERY]]
    names = [one["error"].partition("/")[0] for one in labels[::EVERY]]
    times: dict[Path, list[dict[str, Any]]] = defaultdict(list)
    for _ in range(TURNS):
        for folder in (old, Path.cwd()):
            times[folder].append(measured(folder, runs))
    best = [
        [min(turn["runs"][index] for turn in times[folder]) * 1e6 for index in range(len(runs))]
        for folder in (old, Path.cwd())
    ]
    print("| language | runs | before, µs | now, µs | ratio |\n|---|---|---|---|---|")
    kinds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    pairs_of_all = list(zip(*best, strict=True))
    for name, pair in zip(names, pairs_of_all, strict=True):
        kinds[name].append(pair)
    for name, pairs in [*sorted(kinds.items()), ("all", pairs_of_all)]:
        before, now = (median(column) for column in zip(*pairs, strict=True))
        ratio = median(one / other for other, one in pairs)
        print(f"| {name} | {len(pairs)} | {before:.0f} | {now:.0f} | {ratio:.2f} |")
    for name in ("import", "colours", "colours of a gradient"):
        before, now = (min(one[name] for one in times[folder]) * 1e3 for folder in times)
        print(f"{name}: {before:.1f} ms before, {now:.1f} ms now")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
