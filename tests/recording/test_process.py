"""Commands in a terminal of their own, stopped and resized as a person does (POSIX)."""

import subprocess
import sys
import time

import pytest

from genesis_mcp.recording.command_output import Output
from genesis_mcp.recording.process import execute
from tests.helpers.command_line import environment
from tests.helpers.waiting import WAIT

if sys.platform == "win32":
    pytest.skip("POSIX terminals", allow_module_level=True)

from tests.helpers.terminal import Terminal


def run(code, *, in_terminal=(True, True)):
    outputs = Output(None), Output(None)
    command = [sys.executable, "-I", "-c", f"import os, sys\n{code}"]
    ended = execute(command, WAIT, outputs, in_terminal=in_terminal)
    return ended, outputs[0].capture.text(), outputs[1].capture.text()


@pytest.mark.parametrize("asked", [(True, True), (True, False), (False, True), (False, False)])
def test_each_output_is_a_terminal_or_a_pipe_as_asked(asked):
    _, stdout, _ = run("print(os.isatty(1), os.isatty(2), os.isatty(0))", in_terminal=asked)
    assert stdout == f"{asked[0]} {asked[1]} False\n"


def test_what_is_recorded_are_the_bytes_that_were_written():
    code = "os.write(1, b'a\\nb\\r\\nc\\td\\x1b[31me'); os.write(2, b'\\n')"
    ended, stdout, stderr = run(code)
    assert (stdout, stderr) == ("a\nb\r\nc\td\x1b[31me", "\n")
    assert (ended.outcome, ended.message) == ("passed", None)


def test_a_long_output_arrives_whole():
    code = "for n in range(50_000): print(n)\nsys.exit(3)"
    ended, stdout, _ = run(code)
    assert ended.exit_code == 3
    assert stdout.split() == [str(number) for number in range(50_000)]


def test_nobody_waits_for_a_key_and_pagers_do_not_page():
    code = "print(repr(os.read(1, 10)), repr(os.read(2, 10)), os.environ['GIT_PAGER'])"
    assert run(code)[1] == "b'' b'' cat\n"


def test_a_command_in_a_terminal_that_cannot_be_started_is_said_to_be():
    ended = execute(
        ["no-such-command"], WAIT, (Output(None), Output(None)), in_terminal=(True, True)
    )
    assert ended.exit_code == 127


RUN = [sys.executable, "-m", "genesis_mcp", "run", "--spec", "t"]


def test_the_terminal_has_our_size_and_follows_it(tmp_path):
    code = (
        "import os, signal, sys\n"
        "def tell(*_): print('size', *os.get_terminal_size(1), flush=True)\n"
        "signal.signal(signal.SIGWINCH, tell)\n"
        "tell()\n"
        "signal.pause()"
    )
    env = environment(f"sqlite:///{tmp_path / 'logs.db'}")
    command = [*RUN, "--", sys.executable, "-c", code]
    with Terminal(*command, columns=91, rows=17, env=env) as terminal:
        terminal.until("size 91 17")
        terminal.resize(70, 20)
        terminal.until("size 70 20")
        assert "passed" in terminal.to_the_end()


def test_without_a_terminal_of_ours_pipes_are_pipes_unless_asked(tmp_path):
    env = environment(f"sqlite:///{tmp_path / 'logs.db'}")
    command = ["--", sys.executable, "-c", "import os; print(os.isatty(1))"]
    for flags, said in (([], b"False\n"), (["--tty"], b"True\n"), (["--no-tty"], b"False\n")):
        done = subprocess.run([*RUN, *flags, *command], env=env, capture_output=True, timeout=WAIT)
        assert done.stdout == said
    with Terminal(*RUN, "--no-tty", *command, env=env) as terminal:
        assert "False" in terminal.to_the_end()


def state_of(process_id):
    done = subprocess.run(["ps", "-o", "stat=", "-p", process_id], capture_output=True, text=True)
    return done.stdout.strip()[:1]


def wait_for_state(process_id, *, is_stopped):
    deadline = time.monotonic() + WAIT
    while (state_of(process_id) == "T") != is_stopped:
        assert time.monotonic() < deadline


def test_ctrl_z_stops_the_command_with_us_and_fg_goes_on_with_both(tmp_path):
    code = (
        "import os, pathlib, sys\n"
        "print('pid', os.getpid(), 'end', flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): pass\n"
    )
    go = tmp_path / "go"
    (tmp_path / "program.py").write_text(code)
    env = environment(f"sqlite:///{tmp_path / 'logs.db'}", PS1="$ ")
    with Terminal("bash", "--norc", "--noprofile", "-i", env=env, cwd=tmp_path) as terminal:
        terminal.until("$ ")
        terminal.type(f"{' '.join(RUN)} -- {sys.executable} program.py go\n")
        process_id = terminal.until(" end").rpartition("pid ")[2].split()[0]
        terminal.type("\x1a")
        wait_for_state(process_id, is_stopped=True)
        terminal.until("Stopped")
        terminal.type("fg\n")
        wait_for_state(process_id, is_stopped=False)
        go.touch()
        terminal.until("t #1 passed")
