"""Running commands: real processes, no sleeps to wait for them, every wait bounded."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from genesis_mcp.errors import InputError
from genesis_mcp.recording import process as runner
from genesis_mcp.recording.command import run_command
from genesis_mcp.recording.signals import STOPPING_SIGNALS
from genesis_mcp.runs import head_and_tail as capture_module
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.runs.model import Outcome
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from tests.helpers.fifo import STUBBORN
from tests.helpers.paths import ROOT

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, modes and FIFOs")
LONG = 60.0  # what hangs is ended by this, and fails its test


def run(code, *arguments, timeout=LONG, stdout=None, stderr=None, **fields):
    return run_command(
        [sys.executable, "-I", "-c", code, *arguments],
        fields={"spec_id": "runner", **fields},
        timeout_seconds=timeout,
        stdout=stdout,
        stderr=stderr,
    )


def run_plain(*command, **fields):
    return run_command(command, fields=fields, timeout_seconds=LONG, stdout=None, stderr=None)


# --- ordinary endings ---------------------------------------------------------------------------


def test_a_command_that_exits_with_0_is_a_pass_with_all_its_fields():
    before = datetime.now(UTC) - timedelta(seconds=1)
    finished = run(
        "print('fine')", iteration=3, code_snapshot="x = 1", sprint_id="s1", run_id="mine"
    )
    run_ = finished.run
    assert finished.exit_code == 0
    assert (run_.outcome, run_.exit_code, run_.message) == (Outcome.PASSED, 0, None)
    assert (run_.run_id, run_.spec_id, run_.iteration) == ("mine", "runner", 3)
    assert (run_.sprint_id, run_.code_snapshot) == ("s1", "x = 1")
    assert (run_.stdout, run_.stderr) == ("fine\n".replace("\n", os.linesep), "")
    assert (run_.kind, run_.recorded_by) == ("run", "genesis-mcp run")
    assert before < run_.timestamp <= datetime.now(UTC)
    assert 0 < run_.duration_ms < LONG * 1000


def test_a_command_cannot_see_where_its_own_logs_are(monkeypatch):
    secret = "s3nha"
    monkeypatch.setenv("GENESIS_STORE", f"mongodb://u:{secret}@h/genesis")
    monkeypatch.setenv("MONGO_URI", f"mongodb://u:{secret}@h")
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", secret)
    monkeypatch.setenv("OTHER_MONGO_URI", "kept")
    code = "import os; print(dict(os.environ))"
    finished = run(code)
    assert secret not in finished.run.stdout
    assert "OTHER_MONGO_URI" in finished.run.stdout
    assert finished.withheld == ("CLICKHOUSE_PASSWORD", "GENESIS_STORE", "MONGO_URI")
    kept = run_command(
        [sys.executable, "-c", code],
        fields={"spec_id": "runner"},
        stdout=None,
        stderr=None,
        keep_store_variables=True,
    )
    assert kept.run.stdout.count(secret) == 3
    assert kept.withheld == ()


@pytest.mark.parametrize("code", [1, 2, 126, 127, 255])
def test_any_other_exit_code_is_a_failure_and_is_handed_on(code):
    finished = run(f"raise SystemExit({code})")
    assert finished.exit_code == finished.run.exit_code == code
    assert (finished.run.outcome, finished.run.message) == (Outcome.FAILED, None)


def test_an_error_on_stderr_with_exit_code_0_is_still_a_pass():
    finished = run("import sys; sys.stderr.write('Error: not really')")
    assert finished.run.outcome == Outcome.PASSED
    assert finished.run.stderr == "Error: not really"


def test_a_command_that_prints_nothing_is_still_a_run():
    run_ = run("pass").run
    assert (run_.kind, run_.stdout, run_.stderr) == ("run", "", "")
    assert (run_.stdout_bytes, run_.stderr_bytes) == (0, 0)


def test_it_runs_outside_the_main_thread_too():
    given = []
    thread = threading.Thread(target=lambda: given.append(run("print('there', end='')")))
    thread.start()
    thread.join(LONG)
    assert given[0].run.stdout == "there"


# --- arguments ----------------------------------------------------------------------------------

ARGUMENTS = ["two words", "", "$HOME; echo *", "ação", "🧪", 'a"b', "new\nline", "-c", "%PATH%"]


def test_arguments_arrive_as_they_are_and_are_recorded():
    finished = run("import sys; print(ascii(sys.argv[1:]), end='')", *ARGUMENTS)
    assert finished.run.stdout == ascii(ARGUMENTS)
    assert finished.run.context["command"][4:] == ARGUMENTS


def test_the_command_joins_a_context_that_was_given():
    assert set(run("pass", context={"worker": "w1"}).run.context) == {"worker", "command"}


@pytest.mark.parametrize(
    "arguments", [["x" * 50_000], ["é\x01" * 5_000], ["word"] * 5_000, ["\x01" * 900] * 9]
)
def test_a_long_command_line_is_cut_and_says_so(arguments):
    command = run("pass", *arguments).run.context["command"]
    assert len(json.dumps(command, ensure_ascii=False).encode()) < 12_000
    assert any("left out" in argument for argument in command)


@posix_only
def test_an_argument_that_is_not_utf_8_arrives_and_is_recorded_without_it():
    argument = os.fsdecode(b"caf\xe9")
    finished = run("import os, sys; print(os.fsencode(sys.argv[1]))", argument)
    assert finished.run.stdout == "b'caf\\xe9'\n"
    assert finished.run.context["command"][-1] == "caf\ufffd"


@pytest.mark.parametrize(
    "command", [[], [""], ["echo", "a\0b"], ["a\0b"], pytest.param(["\ud800"], marks=posix_only)]
)
def test_a_command_that_cannot_be_one_is_refused(command):
    with pytest.raises(InputError):
        run_plain(*command)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_limit_that_is_none_is_refused(seconds):
    with pytest.raises(InputError, match="time limit"):
        run("pass", timeout=seconds)


@pytest.mark.parametrize(
    "fields", [{"iteration": -1}, {"spec_id": ["x"]}, {"context": ["no", "object"]}]
)
def test_bad_fields_are_refused_before_the_command_runs(tmp_path, fields):
    trace = tmp_path / "trace"
    with pytest.raises(InputError):
        run("import sys; open(sys.argv[1], 'w')", str(trace), **fields)
    assert not trace.exists()


# --- output -------------------------------------------------------------------------------------


def test_stdout_and_stderr_stay_apart_and_are_passed_on_byte_by_byte():
    stdout, stderr = io.BytesIO(), io.BytesIO()
    code = "import os; os.write(1, b'out\\r\\n\\xff\\x00'); os.write(2, b'\\x1b[31merr')"
    run_ = run(code, stdout=stdout, stderr=stderr).run
    assert (stdout.getvalue(), stderr.getvalue()) == (b"out\r\n\xff\x00", b"\x1b[31merr")
    assert run_.stdout == "out\r\n\ufffd\ufffd"
    assert run_.stderr == "\x1b[31merr"
    assert (run_.stdout_bytes, run_.stderr_bytes) == (7, 8)


class Answering(io.BytesIO):
    """Takes what is passed on and answers each piece, so that the command can wait for it."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def write(self, chunk):
        written = super().write(chunk)
        self.path.write_bytes(b"seen")
        return written


@posix_only
def test_output_is_passed_on_at_once_and_in_order(tmp_path):
    os.mkfifo(tmp_path / "answer")
    both = Answering(tmp_path / "answer")
    code = """if True:
        import os, sys
        for number in range(6):
            os.write(1 + number % 2, b'%d' % number)
            with open(sys.argv[1], 'rb') as answer:
                assert answer.read() == b'seen'
    """
    run_ = run(code, str(tmp_path / "answer"), stdout=both, stderr=both).run
    assert (run_.outcome, both.getvalue()) == (Outcome.PASSED, b"012345")
    assert (run_.stdout, run_.stderr) == ("024", "135")


def test_characters_that_arrive_in_pieces_stay_whole():
    code = "import os\nfor byte in 'ação 🧪 日本'.encode(): os.write(1, bytes([byte]))"
    assert run(code).run.stdout == "ação 🧪 日本"


def test_bytes_that_are_not_utf_8_are_replaced_and_the_rest_is_kept():
    code = "import os; os.write(1, b'caf\\xe9 \\xf0\\x9f ok \\xe2\\x82')"
    assert run(code).run.stdout == "caf\ufffd \ufffd ok \ufffd"


def left_out_of(text):
    """What the one note about a cut says."""
    (number,) = re.findall(r"^\[\.\.\. ([\d,]+) bytes left out", text, re.MULTILINE)
    return int(number.replace(",", ""))


def test_a_big_output_keeps_its_head_and_tail_and_states_the_cut():
    code = """if True:
        import sys
        print('the head')
        sys.stdout.write('é' * (5 * 1024 * 1024 // 2))
        print('the tail', end='')
    """
    stdout = io.BytesIO()
    run_ = run("import sys; sys.stdout.reconfigure(encoding='utf-8')\n" + code, stdout=stdout).run
    assert run_.stdout_bytes == len(stdout.getvalue()) > 5 * 1024 * 1024
    kept = run_.stdout.encode()
    assert TEXT_BYTES_MAX - 200 < len(kept) <= TEXT_BYTES_MAX
    head, note, tail = run_.stdout.rsplit("\n", 2)
    assert head.startswith("the head")
    assert tail.endswith("the tail")
    assert head[8:].strip() + tail[:-8] == "é" * ((len(kept) - len(note) - 19) // 2)
    stated = left_out_of(note)
    assert note == f"[... {stated:,} bytes left out ...]"
    left_out = run_.stdout_bytes - len(head.encode()) - len(tail.encode())
    assert 0 <= left_out - stated <= 6  # a character that the cut split, at either side


def test_one_line_of_3_mb_is_bounded():
    run_ = run("print('x' * 3_000_000, end='')").run
    assert run_.stdout_bytes == 3_000_000
    assert len(run_.stdout) <= TEXT_BYTES_MAX
    assert left_out_of(run_.stdout) > 0


def test_an_output_of_exactly_the_limit_is_whole():
    run_ = run("import sys; sys.stderr.write('x' * int(sys.argv[1]))", str(TEXT_BYTES_MAX)).run
    assert run_.stderr == "x" * TEXT_BYTES_MAX


@pytest.mark.parametrize("pairs", [400_000, 1_500_000])
def test_binary_output_is_stated_with_the_size_it_had(pairs):
    code = "import sys; sys.stdout.buffer.write(bytes([0, 255]) * int(sys.argv[1]))"
    run_ = run(code, str(pairs)).run
    assert run_.stdout_bytes == 2 * pairs
    assert len(run_.stdout.encode()) <= TEXT_BYTES_MAX
    assert left_out_of(run_.stdout) > 0


def test_the_cut_of_an_output_of_nul_is_stated_in_bytes_that_were_written():
    run_ = run("import sys; sys.stdout.buffer.write(bytes(3_000_000))").run
    head, note, tail = run_.stdout.split("\n")
    stated = left_out_of(note)
    assert 0 <= 3_000_000 - len((head + tail).encode()) - stated <= 6


def test_a_capture_does_not_grow_with_its_output():
    capture = HeadAndTail(limit=1000)
    for number in range(10_000):
        capture.add(b"%04d" % number)
        assert len(capture._head) + len(capture._tail) <= 2 * 1000
    assert capture.total == 40_000
    assert capture.text().startswith("00000001")
    assert capture.text().endswith("99989999")
    assert len(capture.text()) <= 1000


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("offset", range(4))
def test_a_cut_never_leaves_half_a_character(offset, encoding, monkeypatch):
    monkeypatch.setattr(capture_module, "FALLBACK_ENCODING", encoding)
    capture = HeadAndTail(limit=1000)
    capture.add(b"x" * offset + "🧪".encode() * 1000)
    note = capture.text().split("\n")[1]
    assert set(capture.text()) == set("x🧪\n" + note) - set("x" * (offset == 0))


def test_where_programs_write_a_code_page_it_is_read_as_such(monkeypatch):
    monkeypatch.setattr(capture_module, "FALLBACK_ENCODING", "cp1252")
    run_ = run("import os; os.write(1, b'a\\xe7\\xe3o'); os.write(2, 'ação'.encode())").run
    assert (run_.stdout, run_.stderr) == ("ação", "ação")


# --- readers of ours ----------------------------------------------------------------------------


def test_a_reader_that_went_away_does_not_end_the_command():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as sink:
        run_ = run("print('x' * 300_000, end=''); print('done', end='')", stdout=sink).run
    assert (run_.outcome, run_.stdout_bytes, run_.stdout[-4:]) == (Outcome.PASSED, 300_004, "done")


def test_a_closed_stream_does_not_end_the_command():
    sink = io.BytesIO()
    sink.close()
    assert run("print('done', end='')", stdout=sink).run.stdout == "done"


class Slow(io.BytesIO):
    def write(self, chunk):
        time.sleep(0.3)  # slowness is what it is for
        return super().write(chunk)


def test_a_slow_reader_gets_everything(monkeypatch):
    monkeypatch.setattr(runner, "DRAIN_SECONDS", 0.3)
    slow = Slow()
    run_ = run("import os; os.write(1, b'x' * 200_000)", stdout=slow).run
    assert len(slow.getvalue()) == run_.stdout_bytes == 200_000
    assert run_.message is None


@posix_only
def test_a_reader_that_stopped_reading_does_not_suspend_the_time_limit(monkeypatch):
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)
    others = set(threading.enumerate())
    reading, writing = os.pipe()
    try:
        sink = os.fdopen(writing, "wb", buffering=0)
        run_ = run("while True: print('x' * 1000)", stdout=sink, timeout=1).run
    finally:
        os.close(reading)  # frees the thread that still writes
    assert (run_.outcome, run_.message) == (Outcome.TIMEOUT, "timed out after 1 s")
    assert run_.stdout_bytes > 0
    for thread in set(threading.enumerate()) - others:
        thread.join(LONG)
    sink.close()


# --- commands that cannot be started ------------------------------------------------------------


def test_a_missing_command_was_not_started():
    finished = run_plain("no-such-command-anywhere", "x", spec_id="s")
    assert finished.exit_code == finished.run.exit_code == 127
    assert finished.run.outcome == Outcome.NOT_STARTED
    assert finished.run.message == "no-such-command-anywhere was not started: no such command"
    assert finished.run.kind == "run"
    assert finished.run.context == {"command": ["no-such-command-anywhere", "x"]}


@posix_only
@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        ("#!/bin/sh\n", 0o644, "it is not executable, or may not be executed"),
        (
            "echo no first line\n",
            0o755,
            "it is no program, nor a script whose first line names its interpreter",
        ),
        (
            "#!/no/such/interpreter\n",
            0o755,
            "the interpreter that its first line names does not exist",
        ),
    ],
)
def test_what_cannot_be_executed_was_not_started(tmp_path, content, mode, reason):
    path = tmp_path / "a program"
    path.write_text(content)
    path.chmod(mode)
    finished = run_plain(str(path))
    assert finished.exit_code == finished.run.exit_code == 126
    assert finished.run.outcome == Outcome.NOT_STARTED
    assert finished.run.message == f"{path} was not started: {reason}"


@posix_only
def test_a_directory_and_too_long_arguments_are_not_started(tmp_path):
    assert run_plain(str(tmp_path)).exit_code == 126
    finished = run_plain("echo", "x" * 20_000_000)
    assert finished.run.message == "echo was not started: its arguments are too long"


@posix_only
def test_a_relative_command_in_a_directory_that_is_gone_was_not_started(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    finished = run_plain("./program")
    assert finished.exit_code == 126
    assert finished.run.message == "./program was not started: the working directory is gone"


# --- time limits, signals, background processes -------------------------------------------------


def test_a_command_that_takes_too_long_is_ended():
    finished = run("print('begun', flush=True)\nwhile True: pass", timeout=1.5)
    run_ = finished.run
    assert (finished.exit_code, run_.exit_code, run_.outcome) == (124, -1, Outcome.TIMEOUT)
    assert run_.message == "timed out after 1.5 s"
    assert run_.stdout.strip() == "begun"
    assert 1500 <= run_.duration_ms < 30_000


@posix_only
def test_a_command_may_end_well_after_its_time_and_is_a_timeout_still():
    code = """if True:
        import signal, sys
        def end(*_):
            print('report')
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        while True: signal.pause()
    """
    finished = run(code, timeout=1.5)
    assert (finished.exit_code, finished.run.outcome) == (124, Outcome.TIMEOUT)
    assert finished.run.stdout == "report\n"


@posix_only
def test_after_a_timeout_a_stubborn_command_and_its_children_are_gone(fifo, monkeypatch):
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)
    finished = run(STUBBORN, fifo.path, "child", STUBBORN, timeout=4)
    assert (finished.exit_code, finished.run.message) == (124, "timed out after 4 s")
    said = fifo.read()  # to the end, which comes when the last writer is gone
    assert b"child ready." in said
    assert b"grandchild ready." in said


@posix_only
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGINT"])
def test_a_command_that_a_signal_ended_was_killed(name):
    code = f"""if True:
        import os, resource, signal
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        print('before', flush=True)
        os.kill(os.getpid(), signal.{name})
    """
    finished = run(code)
    run_ = finished.run
    assert finished.exit_code == 128 + signal.Signals[name]
    assert (run_.outcome, run_.exit_code, run_.stdout) == (Outcome.KILLED, -1, "before\n")
    assert run_.message == f"killed by {name}"


@posix_only
def test_a_real_time_signal_is_named_by_its_number():
    run_ = run("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)").run
    assert run_.message == f"killed by signal {signal.SIGRTMIN + 3}"


BACKGROUND = """if True:
    import os, subprocess, sys
    code = '''if True:
        import sys
        with open(sys.argv[1]) as question: asked = question.read()
        with open(sys.argv[2], 'w') as answer: answer.write(asked + ' yes')
    '''
    print('done', flush=True)
    subprocess.Popen(
        [sys.executable, '-I', '-c', code, *sys.argv[1:]], start_new_session=sys.argv[3] == 'own'
    )
"""


@posix_only
@pytest.mark.parametrize("session", ["own", "same"])
def test_a_background_process_that_holds_the_output_is_left_alone(tmp_path, fifo, session):
    question = tmp_path / "question"
    os.mkfifo(question)
    finished = run(BACKGROUND, str(question), fifo.path, session)
    assert (finished.exit_code, finished.run.outcome) == (0, Outcome.PASSED)
    assert finished.run.stdout == "done\n"
    assert finished.run.message == "a background process still held its output"
    assert finished.run.duration_ms < LONG * 1000
    question.write_text("alive?")
    assert fifo.read(b"yes") == b"alive? yes"


@posix_only
def test_a_background_process_that_prints_without_end_holds_nobody():
    code = """if True:
        import subprocess, sys
        subprocess.Popen([sys.executable, '-I', '-c', "while True: print('noise' * 1000)"])
        sys.exit(3)
    """
    finished = run(code, stdout=io.BytesIO())
    assert finished.exit_code == 3
    assert finished.run.message == "a background process still held its output"


# --- this process is asked to end ---------------------------------------------------------------

RUNNER = """if True:
    import signal, sys
    from pydantic_core import to_json
    from genesis_mcp.recording.command import run_command
    from genesis_mcp.runs.model import values_of
    if hasattr(signal, 'SIGHUP'):  # whoever started the tests may have had it ignored (nohup)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for name in sys.argv[2].split():
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    finished = run_command(
        sys.argv[3:], fields={}, timeout_seconds=60,
        stdout=sys.stdout.buffer, stderr=sys.stderr.buffer,
    )
    with open(sys.argv[1], 'w', encoding='utf-8') as record:
        record.write(to_json(values_of(finished.run)).decode())
    sys.exit(finished.exit_code)
"""


def start_runner(record, *command, ignore=""):
    ours = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(record), ignore, sys.executable, "-I", "-c", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | ours,
        start_new_session=True,
    )


def end_of(process, record):
    try:
        process.wait(LONG)
        stderr = process.stderr.read()
    finally:
        process.kill()
        for stream in process.stdin, process.stdout, process.stderr:
            stream.close()
    return json.loads(record.read_text("utf-8")), process.returncode, stderr


@posix_only
@pytest.mark.parametrize(
    ("name", "passed_on"), [("SIGINT", "SIGINT"), ("SIGTERM", "SIGTERM"), ("SIGHUP", "SIGTERM")]
)
def test_a_signal_to_us_is_passed_on_and_the_run_is_still_given(tmp_path, name, passed_on):
    code = """if True:
        import signal, sys, time
        def end(number, _):
            print('got', signal.Signals(number).name)
            sys.exit(0)
        for name in 'SIGINT', 'SIGTERM', 'SIGHUP': signal.signal(getattr(signal, name), end)
        print('ready', flush=True)
        while True: time.sleep(0.05)  # pause() may miss a signal that comes just before it
    """
    record = tmp_path / "record"
    process = start_runner(record, code)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.Signals[name])
    run_, exit_code, stderr = end_of(process, record)
    assert exit_code == 128 + signal.Signals[name]
    assert (run_["outcome"], run_["exit_code"]) == ("killed", -1)
    assert run_["message"] == f"interrupted by {name}"
    assert run_["stdout"] == f"ready\ngot {passed_on}\n"
    assert stderr == b""


@posix_only
def test_a_stubborn_command_is_killed_with_its_children_when_we_are_asked_to_end(tmp_path, fifo):
    record = tmp_path / "record"
    process = start_runner(record, STUBBORN, fifo.path, "child", STUBBORN)
    assert fifo.read(b"grandchild ready.")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)  # an impatient second one changes nothing
    run_, exit_code, _ = end_of(process, record)
    assert run_["message"] in {"interrupted by SIGINT", "interrupted by SIGTERM"}
    assert exit_code in {130, 143}
    fifo.read()


@posix_only
def test_a_signal_that_we_were_started_to_ignore_is_ignored(tmp_path, fifo):
    code = """if True:
        import sys
        print('ready', flush=True)
        with open(sys.argv[1]) as go: print(go.read(), end='')
    """
    record, go = tmp_path / "record", tmp_path / "go"
    os.mkfifo(go)
    process = start_runner(record, code, str(go), ignore="SIGHUP")
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGHUP)
    go.write_text("went on")
    run_, exit_code, _ = end_of(process, record)
    assert (run_["outcome"], run_["stdout"], exit_code) == ("passed", "ready\nwent on", 0)


def test_the_command_does_not_get_our_stdin(tmp_path):
    record = tmp_path / "record"
    process = start_runner(record, "import sys; print(repr(sys.stdin.read()), end='')")
    run_, exit_code, _ = end_of(process, record)  # our stdin stays open: nobody may wait for it
    assert (run_["stdout"], exit_code) == ("''", 0)


@posix_only
def test_handlers_of_signals_are_put_back():
    before = {number: signal.getsignal(number) for number in STOPPING_SIGNALS}
    run("pass")
    assert before == {number: signal.getsignal(number) for number in STOPPING_SIGNALS}


@posix_only
def test_a_reader_that_takes_one_line_leaves_a_whole_record_and_a_clean_exit(tmp_path):
    record = tmp_path / "record"
    code = "import sys\nfor number in range(20_000): print(number, flush=True)\nsys.exit(3)"
    process = start_runner(record, code)
    assert process.stdout.readline() == b"0\n"
    process.stdout.close()
    run_, exit_code, stderr = end_of(process, record)
    assert (exit_code, run_["exit_code"], stderr) == (3, 3, b"")
    assert run_["stdout"].endswith("19999\n")
    assert run_["stdout"].count("\n") == 20_000
