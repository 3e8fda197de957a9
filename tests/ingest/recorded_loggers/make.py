"""Runs every logger in each of its settings, and stores what it wrote with what was logged.

Run as `LOGGERS=DIRECTORY python -m tests.ingest.recorded_loggers.make [PART OF A NAME]...`. In
DIRECTORY are `node_modules`, and `venv` with Python's packages, as far as `programs/` name them.
Go, PHP and Java find their packages where Debian puts them. The tests read only what is stored.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STORED = HERE / "recorded.ndjson"
INSTALLED = Path(os.environ.get("LOGGERS", "/tmp/loggers"))
WORK, HOME = Path("/tmp/loja"), "/srv/loja"
"""Of one length: a frame around a path stays whole."""

COMMANDS = {
    "node": ["node", "log.js"],
    "python": [str(INSTALLED / "venv" / "bin" / "python"), "log.py"],
}
QUIET = {
    "METADATA_SERVER_DETECTION": "none",  # no machine of a cloud is looked for
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "UTC",
}
SECONDS = 120


def made_of(language: str, parts: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    directory = WORK
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(HERE / "programs" / language, directory)
    if language == "node":
        (directory / "node_modules").symlink_to(INSTALLED / "node_modules")
    for name in ran(language, directory).split():
        if not parts or any(part in name for part in parts):
            output = ran(language, directory, name, "meant.json")
            meant = json.loads((directory / "meant.json").read_text(encoding="utf-8"))
            yield name, {"name": name, **meant, "output": neutral(output, directory)}


def ran(language: str, directory: Path, *arguments: str) -> str:
    command = [*COMMANDS[language], *arguments]
    done = subprocess.run(
        command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, timeout=SECONDS, check=False, env={**os.environ, **QUIET},
    )  # fmt: skip
    if done.returncode:
        print(f"{arguments}: exit {done.returncode}: {done.stdout[-300:]!r}")
    return done.stdout.decode()


def neutral(text: str, directory: Path) -> str:
    known = {str(directory): HOME, str(INSTALLED): "/srv", os.uname().nodename: "w1"}
    for own, instead in known.items():
        text = text.replace(own, instead)
    return text


def main(parts: list[str]) -> None:
    made = dict(pair for language in COMMANDS for pair in made_of(language, parts))
    stored = STORED.read_text(encoding="utf-8").splitlines() if STORED.exists() else []
    whole = {one["name"]: one for one in map(json.loads, stored)} if parts else {}
    whole |= made
    lines = (json.dumps(whole[name], ensure_ascii=False) for name in sorted(whole))
    STORED.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(made)} run, {len(whole)} stored, {STORED.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
