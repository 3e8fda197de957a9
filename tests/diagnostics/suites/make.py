"""Runs the suites and stores what they print beside what the runners' own reports tell.

Run as `python -m tests.diagnostics.suites.make [PART OF A NAME]...` from the repository's root,
with the tools on the PATH, NODE_MODULES naming the directory with jest, vitest, mocha, ava, tape,
@playwright/test, bun and deno, and PYTHON a Python with pytest, pytest-xdist and
pytest-rerunfailures. The tests read only what it stored. What cannot run is named at the end.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.rerunning import rerun_command
from genesis_mcp.runs.signing import sign
from tests.diagnostics.suites import (
    compiled_suites,
    javascript_suites,
    jvm_suites,
    own_reports,
    python_suites,
    script_suites,
)
from tests.diagnostics.suites.suite import Suite

SUITES = [
    *python_suites.SUITES,
    *javascript_suites.SUITES,
    *compiled_suites.SUITES,
    *jvm_suites.SUITES,
    *script_suites.SUITES,
]
STORED = Path(__file__).parent / "recorded.ndjson"
SECONDS = 120
NODE_MODULES = Path(os.environ.get("NODE_MODULES", "node_modules")).resolve()
PYTHON = Path(os.environ.get("PYTHON", sys.executable))
HOME = "/home/ana/loja"


def run(suite: Suite) -> dict[str, object]:
    directory = Path("/tmp") / f"suite-{re.sub(r'[^a-z0-9]', '-', suite.name)}"
    shutil.rmtree(directory, ignore_errors=True)
    for name, text in {"package.json": '{"name": "loja"}', **suite.files}.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "node_modules").symlink_to(NODE_MODULES)
    is_built_first = suite.again.startswith("g++")
    for command in filter(None, [suite.again if is_built_first else ""]):
        execute(command, directory, suite)
    done = execute(suite.command, directory, suite)
    if suite.again and not is_built_first:
        execute(suite.again, directory, suite)
    reader, _, where = suite.report.partition(":")
    told = own_reports.told(where) if reader == "told" else None
    facts = told or own_reports.READERS[reader](directory / where)
    again = _rerun(suite, done, directory)
    shutil.rmtree(directory, ignore_errors=True)
    return {
        "name": suite.name,
        "told": reader == "told",
        **facts,
        "exit_code": done.returncode,
        "stdout": neutral(done.stdout, directory),
        "stderr": neutral(done.stderr, directory),
        "rerun": again,
    }


def _rerun(
    suite: Suite, done: subprocess.CompletedProcess[str], directory: Path
) -> dict[str, object] | None:
    """The command that runs only what failed, and what it then really ran."""
    fields = {"stdout": done.stdout, "stderr": done.stderr, "exit_code": done.returncode}
    tests = sign(make_run({**fields, "kind": "run"}, recorded_by="suites")).tests
    command = rerun_command(shlex.split(suite.command), tests)
    if command is None or done.returncode == 0:
        return None
    again = execute(command, directory, suite)
    told = {"stdout": again.stdout, "stderr": again.stderr, "exit_code": again.returncode}
    ran = sign(make_run({**told, "kind": "run"}, recorded_by="suites")).tests
    return {
        "command": neutral(command, directory),
        "passed": ran.passed if ran else None,
        "failing": [one.name for one in ran.failing] if ran else None,
        "failed_before": [one.name for one in tests.failing] if tests else None,
    }


def execute(command: str, directory: Path, suite: Suite) -> subprocess.CompletedProcess[str]:
    paths = (PYTHON.parent, NODE_MODULES / ".bin", os.environ["PATH"])
    plain = {
        "PATH": ":".join(map(str, paths)),
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "CARGO_TARGET_DIR": str(directory / "target"),
    }
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=plain | suite.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def neutral(text: str, directory: Path) -> str:
    for path, instead in (
        (str(NODE_MODULES), f"{HOME}/node_modules"),
        (str(directory), HOME),
        (str(PYTHON.parent.parent), f"{HOME}/.venv"),
        (os.environ["HOME"], "/home/ana"),
    ):
        text = text.replace(path, instead)
    return re.sub(r"(?:\.\./)+[\w/.-]*?node_modules", "node_modules", text)


def main(parts: list[str]) -> None:
    wanted = [s for s in SUITES if not parts or any(part in s.name for part in parts)]
    made = {}
    for suite in wanted:
        try:
            made[suite.name] = run(suite)
        except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
            print(f"{suite.name}: {type(error).__name__} {error}"[:300])
    names = {suite.name for suite in SUITES}
    stored = STORED.read_text(encoding="utf-8").splitlines() if STORED.exists() else []
    whole = {one["name"]: one for one in map(json.loads, stored) if one["name"] in names} | made
    lines = (json.dumps(whole[name], ensure_ascii=False) for name in sorted(whole))
    STORED.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(made)} run, {len(whole)} stored, {STORED.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
