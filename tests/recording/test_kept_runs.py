"""Runs while the store is down, the disk full or their recorder killed: real processes."""

import json
import random
import subprocess
import sys
from collections import Counter

import pytest

from tests.helpers.command_line import cli, environment, exported
from tests.helpers.waiting import WAIT, until
from tests.helpers.wire import Wire

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="kills, and limits of a process")


@pytest.fixture
def file(tmp_path):
    """Where the store is: no database yet, so that nothing can be recorded."""
    path = tmp_path / "logs.db"
    path.write_bytes(b"no database at all, " * 500)
    return path


@pytest.fixture
def url(file):
    return f"sqlite:///{file.as_posix()}"


def run(url, code, **options):
    script = f"print('tentativa {code}'); raise SystemExit({code})"
    return cli(
        "run", "--spec", "soma", "--", sys.executable, "-c", script, store_url=url, **options
    )


def killed_at_random(command, url, chance):
    """Start a command and kill it at some moment; whether it was still running then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "genesis_mcp", *command],
        env=environment(url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(chance.random() * 0.8)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait(WAIT)


@on_posix
def test_ten_runs_of_a_store_that_was_down_are_there_once_and_in_order(url, file, home):
    chance = random.Random(5)
    for number in range(1, 11):
        done = run(url, number)
        assert done.returncode == number
        [said] = done.stderr.decode().splitlines()
        assert "The run was kept" in said
        if number % 3 == 0:  # a recorder that dies anywhere, of a command that says nothing
            killed_at_random(["run", "--spec", "outra", "--", "true"], url, chance)
    kept = list(home.glob(".genesis-mcp/kept/*/*.ndjson"))
    assert len(kept) >= 10
    with kept[-1].open("ab") as half:
        half.write(b'{"run_id":"')
    file.unlink()
    for _ in range(6):  # whoever delivers dies, too
        killed_at_random(["flush"], url, chance)
    flushing = [
        subprocess.Popen(
            [sys.executable, "-m", "genesis_mcp", "flush"],
            env=environment(url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    for process in flushing:
        process.wait(WAIT)
    assert b"Nothing is kept" in cli("flush", store_url=url).stdout
    records = [record for record in exported(url) if record["spec_id"] == "soma"]
    assert [record["exit_code"] for record in records] == list(range(1, 11))
    assert [record["iteration"] for record in records] == list(range(1, 11))
    assert set(Counter(record["run_id"] for record in exported(url)).values()) == {1}


def test_what_is_kept_comes_before_the_next_run(url, file):
    run(url, 1)
    file.unlink()
    said = run(url, 2).stderr.decode()
    assert "soma #2 failed, exit 2" in said
    assert [record["exit_code"] for record in exported(url)] == [1, 2]


def test_a_question_takes_in_what_is_kept_and_says_so(url, file):
    run(url, 1)
    file.unlink()
    done = cli("spec", "soma", "--json", store_url=url)
    assert json.loads(done.stdout)["attempts"][0]["iteration"] == 1
    assert b"1 kept run recorded now" in done.stderr


def test_one_who_may_only_read_delivers_nothing(url, file):
    run(url, 1)
    file.unlink()
    cli("init", store_url=url)
    cli("failures", "--read-only", store_url=url)
    with Wire(url, "serve", "--read-only") as wire:
        wire.initialize()
        assert "Nothing was recorded yet" in wire.text("recent_failures")
    assert cli("flush", "--read-only", store_url=url).returncode == 3
    assert cli("flush", store_url=url).returncode == 0
    assert len(exported(url)) == 1


def test_the_server_takes_in_what_is_kept_when_it_starts(url, file):
    for number in (1, 2):
        run(url, number)
    file.unlink()
    with Wire(url, "serve") as wire:
        wire.initialize()
        until(lambda: file.exists() and len(exported(url)) == 2)
        assert "2 runs" in wire.text("logs_for_spec", spec_id="soma")


def test_one_record_is_kept_and_told(url, file):
    done = cli("record", store_url=url, input=b'{"spec_id":"a","exit_code":1,"stderr":"x"}')
    assert done.returncode == 4
    assert b"The run was kept" in done.stderr
    file.unlink()
    cli("flush", store_url=url)
    assert [record["spec_id"] for record in exported(url)] == ["a"]


def test_the_doctor_names_what_is_kept_and_what_was_refused(url, file, home):
    run(url, 1)
    run(url, 2)
    said = cli("doctor", store_url=url).stdout.decode()
    assert "2 runs kept for this store" in said
    file.unlink()
    kept = next(home.glob(".genesis-mcp/kept/*/*.ndjson"))
    with kept.open("ab") as half:
        half.write(b'{"run_id":"')
    cli("flush", store_url=url)
    said = cli("doctor", store_url=url).stdout.decode()
    assert "1 run that this store refused" in said
    assert "refused.ndjson" in said


# --- no room at all -----------------------------------------------------------------------------

NO_ROOM = (
    "import resource, runpy, sys\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    "sys.argv[0] = 'genesis-mcp'\n"
    "runpy.run_module('genesis_mcp', run_name='__main__')"
)
"""The command line in a process that can write to no file, as on a full disk."""


@on_posix
@pytest.mark.parametrize("code", [0, 3])
def test_on_a_full_disk_a_command_ends_with_its_own_code_and_one_line(tmp_path, code, home):
    script = f"print('feito'); raise SystemExit({code})"
    command = ["run", "--spec", "a", "--", sys.executable, "-c", script]
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, *command],
        env=environment(f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"),
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "feito\n")
    [said] = done.stderr.splitlines()
    assert "The run was lost: no file could be written either (File too large)." in said
    assert not list(home.glob(".genesis-mcp/kept/*/*.ndjson"))


def test_when_nothing_can_be_written_to_the_home_directory_that_is_said(url, tmp_path, home):
    (home / ".genesis-mcp").write_text("a file", encoding="utf-8")
    done = run(url, 3)
    assert done.returncode == 3
    assert b"The run was lost: no file could be written either" in done.stderr


def test_threads_of_a_program_that_all_record_keep_every_run(url, file):
    script = (
        "import threading\n"
        "from genesis_mcp import recording\n"
        "def work(name):\n"
        "    for number in range(5):\n"
        "        with recording(name, context={'number': number}): pass\n"
        "threads = [threading.Thread(target=work, args=(name,)) for name in 'abcd']\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(url),
        capture_output=True,
        timeout=WAIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    file.unlink()
    cli("flush", store_url=url)
    numbers = Counter(record["spec_id"] for record in exported(url))
    assert numbers == dict.fromkeys("abcd", 5)
