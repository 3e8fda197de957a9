"""What is left when the recorder itself is killed: nothing that runs, and a run that says so."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genesis_mcp.recording.endings import ended_by_itself
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.lost_recorder import LOST, Mark
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.fifo import STUBBORN
from tests.helpers.waiting import WAIT, until
from tests.helpers.wire import Wire

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="kills, and signals of POSIX")

IN_PYTHON = """if True:
    import sys
    from genesis_mcp import run_command
    run_command(sys.argv[1:], spec_id='soma', timeout_seconds=100)
"""

RUNNERS = {
    "run": ["-m", "genesis_mcp", "run", "--spec", "soma", "--"],
    "run --quiet": ["-m", "genesis_mcp", "run", "--quiet", "--spec", "soma", "--"],
    "Python": ["-c", IN_PYTHON],
}


def started(runner, url, *command):
    return subprocess.Popen(
        [sys.executable, *RUNNERS[runner], *command],
        env=environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def marks(home):
    return [path for path in home.glob(".genesis-mcp/kept/*/running/*") if path.stat().st_size]


@on_posix
@pytest.mark.parametrize("runner", RUNNERS)
def test_a_recorder_that_is_killed_takes_its_command_along_and_the_next_answer_says_so(
    runner, url, fifo, home
):
    with started(runner, url, sys.executable, "-c", STUBBORN, fifo.path, "child", STUBBORN) as one:
        assert fifo.read(b"grandchild ready.")
        until(lambda: marks(home), "no mark was left")
        one.kill()
    fifo.read()  # to the end, which comes when the last of the tree is gone
    with Wire(url) as wire:
        wire.initialize()
        # An answer waits a second for what is kept; a busy machine may need it to make the store.
        until(lambda: "the recorder was lost" in wire.text("logs_for_spec", spec_id="soma"))
    [record] = exported(url)
    assert (record["spec_id"], record["exit_code"], record["message"]) == ("soma", -1, LOST)
    assert record["context"]["command"][0] == sys.executable
    assert not marks(home)


APART = """if True:
    import os, subprocess, sys, time
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        print('orphaned', flush=True)
        time.sleep(1000)
    waiting = [sys.executable, '-c', 'import time; time.sleep(1000)']
    print(subprocess.Popen(waiting, start_new_session=True).pid, flush=True)
    os._exit(0)
"""
"""A command with a grandchild in a session of its own, whose parent has ended."""


@on_posix
def test_a_lost_recorder_is_told_once_also_while_an_orphan_in_another_session_lives_on(url, home):
    with started("run", url, sys.executable, "-c", APART) as one:
        child = int(one.stdout.readline())
        assert one.stdout.readline() == b"orphaned\n"
        until(lambda: marks(home), "no mark was left")
        one.kill()
    try:
        for _ in range(2):
            with Wire(url) as wire:
                wire.initialize()
                answer = wire.call("logs_for_spec", spec_id="soma")["structuredContent"]
            assert len(answer["attempts"]) == 1
        assert cli("flush", store_url=url).returncode == 0
        assert [record["message"] for record in exported(url)] == [LOST]
        os.kill(child, 0)  # it lives
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/1").is_dir(), reason="descendants are found in /proc")
@pytest.mark.parametrize("sessions", [1, 3])
def test_a_child_in_a_session_of_its_own_goes_with_a_recorder_that_is_killed(url, fifo, sessions):
    deeper = """if True:
        import subprocess, sys, time
        left, script, path = int(sys.argv[1]), *sys.argv[2:]
        if left:
            command = [sys.executable, '-c', script, str(left - 1), script, path]
            subprocess.Popen(command, start_new_session=True).wait()
        opened = open(path, 'wb', buffering=0)
        opened.write(b'ready.')
        time.sleep(1000)
    """
    with started("run", url, sys.executable, "-c", deeper, str(sessions), deeper, fifo.path) as one:
        assert fifo.read(b"ready.")
        one.kill()
    fifo.read()  # to the end: the innermost is gone


@on_posix
def test_a_group_that_is_killed_at_once_leaves_nothing(url, fifo, home):
    with started("run", url, sys.executable, "-c", STUBBORN, fifo.path, "child", STUBBORN) as one:
        assert fifo.read(b"grandchild ready.")
        os.killpg(one.pid, signal.SIGKILL)
    fifo.read()


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_run_that_is_recorded_leaves_no_mark(runner, url, home):
    with started(runner, url, sys.executable, "-c", "import time; time.sleep(1)") as one:
        one.communicate(timeout=WAIT)
    assert not marks(home)
    cli("flush", store_url=url)
    assert [record["exit_code"] for record in exported(url)] == [0]


def test_a_mark_counts_for_nothing_while_its_recorder_lives(url):
    inbox = Inbox.of(url, redacts=False)
    mark = Mark.of(inbox, {"spec_id": "soma", "run_id": "mine", "kind": "run"}, "test")
    assert inbox.is_empty()
    assert inbox.count().runs == 0
    mark.remove()
    assert inbox.is_empty()


def test_a_mark_is_dropped_when_its_run_was_recorded_all_the_same(url, home):
    script = """if True:
        import os, sys
        from genesis_mcp import record_run
        from genesis_mcp.recording.inbox import Inbox
        from genesis_mcp.recording.lost_recorder import Mark
        inbox = Inbox.of(sys.argv[1], redacts=False)
        mark = Mark.of(inbox, {"spec_id": "soma", "run_id": "mine", "kind": "run"}, "test")
        record_run("soma", exit_code=0, run_id="mine")
        os._exit(0)  # between recording the run and deleting the mark
    """
    subprocess.run([sys.executable, "-c", script, url], env=environment(url), check=True)
    assert marks(home)
    inbox = Inbox.of(url, redacts=False)
    assert cli("flush", store_url=url).returncode == 0
    assert inbox.is_empty()
    assert inbox.count().refused == 0
    assert [record["exit_code"] for record in exported(url)] == [0]


def test_where_no_file_can_be_written_the_command_runs_all_the_same(url, home):
    (home / ".genesis-mcp").write_text("in the way")
    done = cli("run", "--spec", "x", "--", sys.executable, "-c", "print(7)", store_url=url)
    assert (done.returncode, done.stdout.strip()) == (0, b"7")
    assert len(exported(url)) == 1


# --- signals, closed streams, crashes -----------------------------------------------------------

TELLING = """if True:
    import signal, sys
    def tell(number, _):
        print('got', signal.Signals(number).name, flush=True)
        if number == signal.SIGTERM: sys.exit(0)
    for name in 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM':
        signal.signal(getattr(signal, name), tell)
    print('ready', flush=True)
    while True: signal.pause()
"""


@on_posix
def test_signals_that_are_meant_for_the_command_reach_it(url):
    with started("run", url, sys.executable, "-c", TELLING) as one:
        assert one.stdout.readline() == b"ready\n"
        for name in ("SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM"):
            one.send_signal(signal.Signals[name])
            assert one.stdout.readline() == f"got {name}\n".encode()
        assert one.wait(WAIT) == 128 + signal.SIGTERM
    assert [record["message"] for record in exported(url)] == ["interrupted by SIGTERM"]


@on_posix
def test_a_command_that_ends_by_sigquit_was_killed_by_it(url):
    code = "import signal; print('ready', flush=True); signal.pause()"
    with started("run", url, sys.executable, "-c", code) as one:
        assert one.stdout.readline() == b"ready\n"
        one.send_signal(signal.SIGQUIT)
        assert one.wait(WAIT) == 128 + signal.SIGQUIT
    assert [record["message"] for record in exported(url)] == ["killed by SIGQUIT"]


@on_posix
def test_no_signal_loses_a_run_that_is_being_recorded(tmp_path, url):
    script = f"""
import os, signal, sys
from genesis_mcp.cli import recorded
record = recorded.record
def interrupted(*arguments):
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"):
        os.kill(os.getpid(), getattr(signal, name))
    record(*arguments)
recorded.record = interrupted
from genesis_mcp.__main__ import main
sys.exit(main(["run", "--spec", "soma", "--", {sys.executable!r}, "-c", "raise SystemExit(3)"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(url), capture_output=True, timeout=WAIT
    )
    assert done.returncode == 3
    assert [record["exit_code"] for record in exported(url)] == [3]


@on_posix
@pytest.mark.parametrize("closed", [(1,), (2,), (0,), (0, 1, 2)])
@pytest.mark.parametrize("flags", [(), ("--quiet",), ("--tty",)])
def test_a_command_runs_and_is_recorded_whatever_streams_are_closed(url, closed, flags):
    ours = " ".join(f"{descriptor}>&-" for descriptor in closed)
    program = "import os, sys; print(os.read(0, 9)); print('x', file=sys.stderr); sys.exit(3)"
    command = [sys.executable, "-m", "genesis_mcp", "run", "--spec", "soma", *flags, "--"]
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {ours}', "sh", *command, sys.executable, "-c", program],
        env=environment(url),
        capture_output=True,
        timeout=WAIT,
    )
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert (done.stdout == b"") == (1 in closed)
    cli("flush", store_url=url)
    [record] = exported(url)
    assert (record["stdout"], record["stderr"]) == ("b''\n", "x\n")


@on_posix
@pytest.mark.parametrize("command", ["failures", "describe", "serve", "doctor", "ingest"])
def test_no_command_needs_open_streams(url, command):
    cli("record", store_url=url, input=b'{"spec_id":"x","exit_code":1}')
    arguments = [sys.executable, "-m", "genesis_mcp", command]
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" 0<&- 1>&- 2>&-', "sh", *arguments],
        env=environment(url),
        timeout=WAIT,
    )
    assert done.returncode == 0
    assert len(exported(url)) == 1


@pytest.mark.parametrize(
    ("code", "outcome", "recorded", "ours", "message"),
    [
        (0xC0000005, "killed", None, -1073741819, "killed by the system: access violation, "),
        (0xC00000FD, "killed", None, -1073741571, "killed by the system: stack overflow, "),
        (0xC0FFEE00, "killed", None, -1056969216, "killed by the system: 0xC0FFEE00"),
        (0xFFFFFFFF, "failed", -1, -1, None),
        (0x80070005, "failed", -2147024891, -2147024891, None),
        (3, "failed", 3, 3, None),
    ],
)
def test_a_crash_on_windows_is_a_kill(code, outcome, recorded, ours, message):
    ended = ended_by_itself(code)
    assert (ended.outcome, ended.recorded_exit_code, ended.exit_code) == (outcome, recorded, ours)
    assert (ended.message or "").startswith(message or "")
