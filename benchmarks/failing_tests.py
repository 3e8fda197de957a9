"""How well failing tests are read in whole logs of CI jobs that nobody here made.

    python -m benchmarks.failing_tests FOLDER [open|frozen|all] [--misses]

FOLDER holds the snapshot of BugSwarm/bugswarm as a bare repository, `BugSwarm+bugswarm/repo`. Its
tests assert, of 90 logs of GitHub Actions and Travis, the failed tests and their number. One half,
chosen by the hash of a case's name, is `frozen`: look at its figures, never at its misses.

any, all: logs of which a failing test, or all of them, are named. right: names listed that are
failing tests. doubt: logs that are in doubt when they are given with exit code 0.
"""

import argparse
import hashlib
import re
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.signing import sign

STRINGS = r"(?:\s*(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))+"


@dataclass(frozen=True, kw_only=True)
class Log:
    """A log, and the failed tests that the data asserts of it."""

    name: str
    text: str
    failing: list[str]
    failed: int | None

    @property
    def is_frozen(self) -> bool:
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0


def logs(folder: Path) -> list[Log]:
    repository = folder / "BugSwarm+bugswarm" / "repo"

    def text(name: str) -> str:
        command = ["git", "--git-dir", str(repository), "show", f"HEAD:{name}"]
        done = subprocess.run(command, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    found = []
    for kind in ("github", "travis"):
        source = text(f"tests/analyzer/test_{kind}.py")
        folders = dict(re.findall(r"(?m)^    (\w+) = data_dir \+ '([^']+)'", source))
        for test in re.split(r"\n    def ", source)[1:]:
            log, where = re.search(r"log = '([^']+)'", test), re.search(r"join\(self\.(\w+),", test)
            told = re.search(rf"compare_tr_t_failed\(\w+,({STRINGS})", test)
            if not (log and where and told and where[1] in folders):
                continue
            pieces = re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", told[1])
            failing = [one for one in "".join(a or b for a, b in pieces).split("#") if one]
            number = re.search(r"compare_num_t_failed\(\w+, (\d+)\)", test)
            body = text(f"tests/analyzer/{kind}_data/{folders[where[1]]}{log[1]}")
            if body and failing:
                name = f"{kind}:{test.split('(')[0]}"
                failed = int(number[1]) if number else None
                found.append(Log(name=name, text=body, failing=failing, failed=failed))
    return found


def words(name: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', name.lower()).strip()} "


def own_part(name: str) -> str:
    """The name of a test without its class, file or module."""
    with_class = re.match(r"(.*?)\(([\w.$-]+)\)\s*$", name)
    if with_class:
        return with_class[1].strip() or with_class[2].split(".")[-1]
    if "::" in name:
        return name.split("::")[-1]
    return name if re.search(r"[\s/]", name) else name.split(".")[-1]


def is_same(listed: str, name: str) -> bool:
    """Whether a listed name holds the test's own name, or ends its full name."""
    short = words(listed).strip()
    return words(own_part(name)) in words(listed) or (
        len(short) > 7 and words(name).endswith(f" {short} ")
    )


def read(log: Log, exit_code: int) -> Run:
    """The log as the output of a run that ended so."""
    fields = {"stdout": log.text, "exit_code": exit_code, "kind": "run"}
    return sign(make_run(fields, recorded_by="benchmark"))


def figures(some: list[Log], *, misses: bool) -> Counter[str]:
    total: Counter[str] = Counter()
    for log in some:
        began = time.process_time()
        run = read(log, 1)
        total["milliseconds"] += round((time.process_time() - began) * 1000)
        listed = [one.name for one in run.tests.failing] if run.tests else []
        named = [any(is_same(one, name) for one in listed) for name in log.failing]
        right = sum(any(is_same(one, name) for name in log.failing) for one in listed)
        passed = sign(
            make_run({"stdout": log.text, "exit_code": 0, "kind": "run"}, recorded_by="b")
        )
        total += Counter(
            logs=1, any=any(named), all=all(named), listed=len(listed), right=right,
            counts=run.tests_failed == log.failed, doubt=passed.doubt is not None,
        )  # fmt: skip
        if misses and not log.is_frozen and not (all(named) and right == len(listed)):
            print(log.name, f"{sum(named)} of {len(named)} named, {right} of {len(listed)} right")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", nargs="?", choices=("open", "frozen", "all"), default="all")
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    some = logs(given.folder)
    print("| part | logs | any named | all named | right of listed | number right | doubt | ms |")
    print("|---|---|---|---|---|---|---|---|")
    for part in ("open", "frozen"):
        if given.part in (part, "all"):
            chosen = [log for log in some if log.is_frozen == (part == "frozen")]
            of = figures(chosen, misses=given.misses)
            right, each = f"{of['right']} of {of['listed']}", of["milliseconds"] // of["logs"]
            cells = (part, of["logs"], of["any"], of["all"], right, of["counts"], of["doubt"], each)
            print("|", " | ".join(map(str, cells)), "|")


if __name__ == "__main__":
    main()
