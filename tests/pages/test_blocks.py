"""What the pages tell a reader to type is typed here, block by block."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from genesis_mcp.stores import open_store
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT
from tests.pages.blocks import blocks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for POSIX")

RUN = [block for block in blocks() if not block.reason]
ENGINE = re.compile(r"(clickhouses?|mongodb)://[^\s']+")
CI_LOG = "2026-11-25T10:00:00.0000000Z ##[group]Run pytest\n2026-11-25T10:00:01.0000000Z ok\n"
FILES = {
    "soma.py": "print('soma ok')\n",
    "soma/loop.py": "",
    "worker.js": 'console.log(\'{"spec_id":"worker","exit_code":0}\')\n',
    "worker.log": '{"spec_id":"soma","exit_code":0}\n',
    "worker.log.1": '{"spec_id":"soma","exit_code":1}\n',
    "run.json": '{"spec_id":"soma","exit_code":0}',
    "report.xml": '<testsuite name="s"><testcase classname="c" name="t"/></testsuite>',
    "job.log": CI_LOG,
    "gitlab.log": "section_start:1764064800:step_script\r\nok\n"
    "section_end:1764064801:step_script\r\n",
}
"""What the blocks take for there, each passing: a line that fails is a fault of the page."""


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path / '.genesis-mcp' / 'logs.db'}")
    store.ensure_schema()
    store.close()
    return tmp_path


def typed(block, folder):
    """Type it in a shell that has our commands, as a user whose home is the folder."""
    text = re.sub(r"/home/ana|/backup|/srv/genesis", str(folder), block.text)
    known = {name: value for name, value in os.environ.items() if not name.startswith("GENESIS_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), known["PATH"]])
    if block.language == "python":
        name = "test_block.py" if "def test_" in text else "block.py"
        (folder / name).write_text(text, encoding="utf-8")
        text = f"pytest -q -n 0 --genesis {name}" if name.startswith("test") else f"python {name}"
    done = subprocess.run(
        ["sh", "-ec", text],
        cwd=folder,
        env={**known, "PATH": path, "HOME": str(folder), "BROWSER": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WAIT,
    )
    assert done.returncode == 0, f"{block}\n{text}{done.stdout}{done.stderr}"
    return done


@pytest.mark.parametrize("block", [one for one in RUN if not ENGINE.search(one.text)], ids=str)
def test_a_block_runs(block, folder):
    typed(block, folder)


@pytest.mark.parametrize("block", [one for one in RUN if ENGINE.search(one.text)], ids=str)
def test_a_block_runs_on_the_engines(block, folder, mongod, clickhouse_port):
    here = {
        "mongodb": mongod.url("pages"),
        "clickhouse": f"clickhouse://127.0.0.1:{clickhouse_port}/pages",
    }
    here["clickhouses"] = here["clickhouse"]  # ours has no certificate
    used = {here[name] for name in ENGINE.findall(block.text)}
    made = "\n".join(f"genesis-mcp init --store '{url}'" for url in sorted(used))
    text = ENGINE.sub(lambda found: here[found[1]], block.text)
    typed(block._replace(text=f"{made}\n{text}"), folder)


def test_what_is_not_run_says_why_and_the_test_that_it_names_is_there():
    for block in blocks():
        if block.reason:
            assert len(block.reason) > 15, block
            for name in re.findall(r"(?:tests/|\.ci/)[\w/.]+\w", block.reason):
                assert (ROOT / name).exists(), (str(block), name)


def test_the_readmes_files_are_recorded_as_it_says(folder):
    """The second table of the README, whose rows are no blocks."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| .* \| `((?:node|genesis-mcp ingest|pytest)[^`]*)` \|$", readme, re.MULTILINE
    )
    assert len(rows) == 4
    (folder / "test_soma.py").write_text("def test_soma(): ...\n", encoding="utf-8")
    block = RUN[0]._replace(language="sh", text="")
    for row in rows:
        typed(block._replace(text=row.replace("\\|", "|").replace("pytest", "pytest -n 0")), folder)
    told = typed(block._replace(text="genesis-mcp describe --json"), folder).stdout
    specs = {spec["spec_id"] for spec in json.loads(told)["specs"]}
    assert {"worker", "soma", "test_soma.py::test_soma", "c::t"} <= specs
