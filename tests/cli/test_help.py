"""Every command says how it is called: its examples run, and what is wrong is said in one line."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genesis_mcp.cli.main import COMMANDS, GROUP
from tests.helpers.command_line import cli, environment

SOMA = 'raise ValueError("esperado 4, veio 5")\n'
REPORT = '<testsuite name="s" tests="1"><testcase classname="c" name="t"/></testsuite>'
NOT_AS_THEY_STAND = {"demo": " | less"}  # a pager waits for keys


def examples():
    for name in COMMANDS:
        for example in GROUP.get_command(None, name).examples:
            yield name, example


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    """A store with two failures and a pass of a spec, and beside it the files of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    url = f"sqlite:///{(folder / 'logs.db').as_posix()}"
    (folder / "soma.py").write_text(SOMA, encoding="utf-8")
    (folder / "worker.log").write_text('{"spec_id":"soma","exit_code":0}\n', encoding="utf-8")
    (folder / "run.json").write_text('{"spec_id":"soma","exit_code":1}', encoding="utf-8")
    (folder / "report.xml").write_text(REPORT, encoding="utf-8")
    (folder / "event.json").write_text("{}", encoding="utf-8")
    (folder / "out.txt").write_text("ValueError: x\n", encoding="utf-8")
    for _ in range(2):
        cli("run", "--spec", "soma", "--", sys.executable, "soma.py", store_url=url, cwd=folder)
    return url


@pytest.fixture
def folder(store_url, tmp_path):
    """A copy of it that an example may change."""
    made = Path(store_url.removeprefix("sqlite:///")).parent
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
@pytest.mark.parametrize(("name", "example"), list(examples()), ids=lambda value: value[:60])
def test_an_example_runs(folder, name, example):
    typed = example.replace(NOT_AS_THEY_STAND.get(name, "\0"), "")
    typed = re.sub(r"\bsqlite:///(?=\w)", f"sqlite:///{folder}/", typed)
    python = f"'{sys.executable}'"
    typed = typed.replace("python3", python).replace("genesis-mcp ", f"{python} -m genesis_mcp ")
    done = subprocess.run(
        ["sh", "-c", typed],
        cwd=folder,
        env=environment(f"sqlite:///{folder / 'logs.db'}", HOME=str(folder)),
        capture_output=True,
        timeout=120,
    )
    expected = 1 if name == "run" else 0  # the exit code of soma.py
    assert done.returncode == expected, done.stderr.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_two_examples_and_true_exit_codes(store_url, name):
    done = cli(name, "--help", store_url=store_url)
    said = done.stdout.decode()
    assert done.returncode == 0
    assert said.count(f"  genesis-mcp {name}") + said.count(f"| genesis-mcp {name}") == 2
    assert "Exit codes: " in said
    assert max(map(len, said.splitlines())) <= 80


def test_help_lists_the_commands_in_few_words(store_url):
    said = cli("--help", store_url=store_url).stdout.decode()
    for name, (_, does) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(does[:30])}", said, re.MULTILINE)
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["failure"],
            "There is no command 'failure'. Did you mean 'failures'? See: genesis-mcp --help",
        ),
        (["failures", "--sinc", "1h"], "no option --sinc. Did you mean '--since'?"),
        (["--stor", "x", "doctor"], "no option --stor. Did you mean '--store'?"),
        (["run", "--spec", "a", "python", "x.py"], "run --spec ID -- python x.py"),
        (["run", "--", "true"], "Missing option '--spec'"),
        (["run", "--spec", "a", "--tmeout", "3", "--", "true"], "Did you mean '--timeout'?"),
        (["spec"], "Missing argument 'SPEC'"),
        (["prune"], "Missing option '--days'"),
        (["ingest", "none.log"], "none.log: there is no such file."),
        (["ingest", "."], ".: is a folder."),
        (["completion", "tcsh"], "is not one of"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_in_one_line(store_url, arguments, said):
    done = cli(*arguments, store_url=store_url, input=b"")
    assert (done.returncode, done.stdout) == (2, b"")
    [line] = done.stderr.decode().splitlines()
    assert line.startswith("genesis-mcp: ")
    assert said in line


def test_common_options_stand_before_the_command_or_after_it(store_url, tmp_path):
    elsewhere = f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
    for arguments in (["--store", store_url, "describe"], ["describe", "--store", store_url]):
        assert b"2 runs (2 failed)" in cli(*arguments, store_url=elsewhere).stdout
    for arguments in (["--read-only", "record"], ["record", "--read-only"]):
        done = cli(*arguments, store_url=store_url, input=b'{"spec_id":"x","exit_code":0}')
        assert done.returncode == 3
    run = ["run", "--spec", "a", "--", sys.executable, "-c", ""]
    assert cli("--read-only", *run, store_url=store_url).returncode == 3


def test_a_spec_that_does_not_exist_is_said_on_stderr(store_url):
    for arguments in (["spec", "somma"], ["compare", "somma"], ["export", "--spec", "somma"]):
        done = cli(*arguments, store_url=store_url)
        assert (done.returncode, done.stdout) == (0, b"")
        assert b"recorded for this spec" in done.stderr
    assert b"soma" in cli("spec", "somma", store_url=store_url).stderr


def test_runs_are_named_as_spec_and_number_or_by_the_beginning_of_their_id(store_url):
    first = cli("show", "soma#1", "--json", store_url=store_url).stdout
    run_id = json.loads(first)["run_id"]
    shown = cli("show", run_id[:17], store_url=store_url).stdout.decode()
    assert "`soma` #1" in shown
    assert run_id[:8] not in shown
    compared = cli("compare", "soma", "soma#1", "soma#2", store_url=store_url)
    assert b"The two runs asked for" in compared.stdout
    older = cli("spec", "soma", "--before", "soma#2", store_url=store_url).stdout.decode()
    assert "#1 failed" in older
    assert "\n#2 failed" not in older
    watched = cli("watch", "soma", "--after", "soma#1", "--timeout", "0", store_url=store_url)
    assert b"#2 failed" in watched.stdout
    missing = cli("show", "soma#7", store_url=store_url)
    assert missing.returncode == 2
    assert b"there is no soma#7; near it: soma#2" in missing.stderr
    assert b"recent_failures" not in missing.stderr
