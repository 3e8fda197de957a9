"""A worker in Python: try each version of some code, record each attempt, stop when one passes.

    python worker.py

The versions stand for what a model would write; its record is what it reads before the next.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from genesis_mcp import GenesisError, recording, run_command

SPEC = "spec_soma"
TEST = "from soma import soma\nassert soma(2, 2) == 4, f'esperado 4, veio {soma(2, 2)}'\n"
VERSIONS = [
    "def soma(a, b)\n    return a + b\n",
    "def soma(a, b):\n    return a + b + 1\n",
    "def soma(a, b):\n    return a + b\n",
]


def attempt(folder: Path, code: str) -> bool:
    """Run the test on one version; whether it passed."""
    (folder / "soma.py").write_text(code, encoding="utf-8")
    (folder / "test.py").write_text(TEST, encoding="utf-8")
    done = run_command(
        [sys.executable, str(folder / "test.py")],
        spec_id=SPEC,
        code_snapshot=code,
        timeout_seconds=30,
        service="python-worker",
    )
    if done.recorded is None:  # the store is down: the loop goes on without it
        print(f"exit {done.exit_code}; kept in {done.kept_in}")
    else:
        print(f"#{done.recorded.iteration} {done.recorded.ended}: {done.recorded.verdict}")
    return done.exit_code == 0


def main() -> int:
    # The loop as a run of its own: an exception that ends it is recorded, and goes on.
    with recording(f"{SPEC}/loop", service="python-worker") as loop, TemporaryDirectory() as name:
        for number, code in enumerate(VERSIONS, 1):
            if attempt(Path(name), code):
                loop.note(message=f"passed with version {number}")
                return 0
        raise RuntimeError(f"none of {len(VERSIONS)} versions passed")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GenesisError as error:  # a wrong setting, before anything ran
        sys.exit(str(error))
