"""Runs the programs of the corpus and stores what they print; the tests read only what it stored.

Run as `python -m tests.diagnostics.corpus.make [PART OF A NAME]...` from the repository's root,
with the tools on the PATH and NODE_MODULES naming the directory with mocha, jest, vitest,
typescript and eslint. A tool that is missing leaves its errors out and is named at the end.
Directories of this machine are replaced by neutral ones.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.diagnostics.corpus import (
    compiled_programs,
    fresh_programs,
    javascript_programs,
    late_compiled_programs,
    late_programs,
    python_programs,
    script_programs,
)
from tests.diagnostics.corpus.failing import Failing, Rendering

PROGRAMS: list[Failing] = [
    *python_programs.PROGRAMS,
    *javascript_programs.PROGRAMS,
    *compiled_programs.PROGRAMS,
    *script_programs.PROGRAMS,
    *fresh_programs.PROGRAMS,
    *late_programs.PROGRAMS,
    *late_compiled_programs.PROGRAMS,
]
STORED = Path(__file__).parent / "runs.ndjson"
SECONDS = 90
NODE_MODULES = Path(os.environ.get("NODE_MODULES", "node_modules")).resolve()
UNSEEN_SHARE = 0.4

_NEUTRAL = (
    (re.compile(r"https?://[\w.-]*(?:registry|proxy)[\w.-]*\S*"), "https://packages.example"),
    (re.compile(r"(?:\.\./)+[\w-]+/node_modules"), "node_modules"),
    (re.compile(r"(Looking in (?:links|indexes): ).*"), r"\1/wheels"),
)
_HOMES = ("", "/home/ana/projeto", "/srv/ci/workspace")
_BUILD_LINES = """\
echo "==> restoring cache (%SIZE% MB in %SECONDS%s)"
for n in 1 2 3 4 5 6 7 8; do echo "[$n/8] step $n ok, 0 errors, %ID% objects"; done
{command}
code=$?
echo "==> uploading report %UUID%"
echo "==> finished at %TIME% after %SECONDS%s"
exit $code
"""


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest())


def part(failing: Failing) -> str:
    """Decided by the error and not by the run, so that no run of an unseen error is ever seen."""
    for written_later in ("fresh", "late"):
        if failing.name.startswith(f"{written_later}-"):
            return written_later
    share = _digest(f"part {failing.family or failing.name}") / 2**32
    return "unseen" if share < UNSEEN_SHARE else "tuned"


def run(failing: Failing, number: int) -> dict[str, object]:
    """What one run printed, with its labels."""
    values = Rendering(failing.name, number)
    directory = Path("/tmp") / f"run-{_digest(f'{failing.name} {number}'):08x}"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    try:
        written = {name: values.text(text) for name, text in failing.files.items()}
        for name, text in written.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, encoding="utf-8")
        command = values.text(_command(failing, number))
        stdout, stderr, code = _execute(command, directory, failing, number)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    home = _HOMES[number % len(_HOMES)] or str(directory)
    return {
        "error": failing.name,
        "part": part(failing),
        "type": failing.type,
        "message": values.text(failing.message),
        **_location(failing, written, values),
        "stdout": _neutral(stdout, directory, home),
        "stderr": _neutral(stderr, directory, home),
        "exit_code": code,
    }


def _command(failing: Failing, number: int) -> str:
    commands = (failing.run,) if isinstance(failing.run, str) else failing.run
    command = commands[number % len(commands)]
    in_build = number == failing.count - 1 and _digest(failing.name) % 3 == 0 and not failing.plain
    return _BUILD_LINES.replace("{command}", command) if in_build else command


def _execute(command: str, directory: Path, failing: Failing, number: int) -> tuple[str, str, int]:
    (directory / "node_modules").symlink_to(NODE_MODULES)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=_environment(directory, colours=number == 1 and _digest(failing.name) % 4 == 0),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    texts = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    stdout, stderr = (text.encode("utf-8", "replace").decode() for text in texts)
    return stdout, stderr, done.returncode


def _environment(directory: Path, *, colours: bool) -> dict[str, str]:
    paths = (Path(sys.executable).parent, NODE_MODULES / ".bin", os.environ["PATH"])
    plain = {
        "PATH": ":".join(map(str, paths)),
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOPROXY": "off",
        "GOFLAGS": "-mod=mod",
        "CARGO_NET_OFFLINE": "true",
        **{name: value for name, value in os.environ.items() if name.startswith("PG")},
    }
    coloured = {"FORCE_COLOR": "1", "PY_COLORS": "1", "CARGO_TERM_COLOR": "always"}
    return plain | (coloured if colours else {})


def _location(failing: Failing, written: dict[str, str], values: Rendering) -> dict[str, object]:
    if failing.at is None:
        return {"file": None, "line": None}
    file, piece = failing.at
    if piece is None:
        return {"file": file, "line": None}
    wanted = values.text(piece)
    lines = enumerate(written[file].split("\n"), start=1)
    return {"file": file, "line": next(number for number, line in lines if wanted in line)}


def _neutral(text: str, directory: Path, home: str) -> str:
    libraries = sysconfig.get_paths()
    for path, instead in (
        (str(NODE_MODULES), f"{home}/node_modules"),
        (str(directory), home),
        (libraries["purelib"], f"{home}/.venv/lib/python3.11/site-packages"),
        (libraries["stdlib"], "/usr/lib/python3.11"),
        (str(Path(sys.prefix)), f"{home}/.venv"),
        (str(Path(sys.base_prefix)), "/usr"),
        (os.environ["HOME"], "/home/ana"),
    ):
        text = text.replace(path, instead)
    for pattern, instead in _NEUTRAL:
        text = pattern.sub(instead, text)
    return text


def _problem(made: dict[str, object]) -> str | None:
    """Why a run is not worth storing: its program did not fail as its label says."""
    texts = f"{made['stderr']}\n{made['stdout']}"
    plain = " ".join(re.sub("\x1b\\[[0-9;]*m", "", texts).split())
    if made["exit_code"] == 0:
        return "passed"
    if re.search(r"bash: line \d+: (?!foo)\S+: command not found", texts):
        return "its tool is missing"
    words = str(made["message"]).split()
    if plain and not all(word in plain for word in words):
        return "prints another message"
    return None


def main(parts: list[str]) -> None:
    wanted = [p for p in PROGRAMS if not parts or any(part in p.name for part in parts)]
    jobs = [(program, number) for program in wanted for number in range(program.count)]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda job: run(*job), jobs))
    kept = []
    for one in made:
        if problem := _problem(one):
            print(f"{one['error']}: {problem}\n{one['stderr']}{one['stdout']}"[:1500])
        else:
            kept.append(one)
    if parts and STORED.exists():
        names = {program.name for program in wanted}
        stored = map(json.loads, STORED.read_text(encoding="utf-8").splitlines())
        kept += [one for one in stored if one["error"] not in names]
    kept.sort(key=lambda one: str(one["error"]))
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in kept)
    STORED.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(made)} run, {len(kept)} stored, {STORED.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
