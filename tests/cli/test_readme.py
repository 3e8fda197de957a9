"""What the README shows is what the commands print."""

import re
import sys

import pytest

from tests.helpers.command_line import cli
from tests.helpers.paths import ROOT
from tests.helpers.wire import Wire

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = 'total = 2 + 3\nif total != 4:\n    raise ValueError("esperado 4, veio 5")\n'


def block(language):
    """The first block of the README in this language."""
    return README.split(f"```{language}\n")[1].split("```")[0]


def told(text, folder="/home/ana/soma"):
    """Without what is another each time: the folder, times and the mark of the fence."""
    text = re.sub(r"\(\S+/soma\.py:3\)", "(FOLDER/soma.py:3)", text)  # a long path is cut
    text = text.replace(folder, "FOLDER")
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z|\d+ s ago", "TIME", text)
    return re.sub(r"log-[0-9a-f]{8}", "log-MARK", text).strip()


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_the_first_example_is_what_a_person_and_claude_see(tmp_path):
    store_url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    (tmp_path / "soma.py").write_text(PROGRAM, encoding="utf-8")
    command = ("run", "--spec", "soma", "--", sys.executable, "soma.py")
    for _ in range(2):
        run = cli(*command, store_url=store_url, cwd=tmp_path)
    typed, _, printed = block("console").partition("\n")
    assert typed == "$ genesis-mcp run --spec soma -- python soma.py"
    assert told(run.stderr.decode(), str(tmp_path)) == told(printed)
    with Wire(store_url, "serve") as wire:
        wire.initialize()
        assert told(wire.text("recent_failures"), str(tmp_path)) == told(block("text"))
