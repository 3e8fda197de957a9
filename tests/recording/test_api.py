"""Python workers record through the package: calls, a block of code, and what they log."""

import json
import logging
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

import genesis_mcp
from genesis_mcp import GenesisError, RunLogHandler, record_run, recording, run_command
from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.run_queue import RunQueue
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores import open_store
from tests.helpers.command_line import environment
from tests.helpers.mongod import Mongod
from tests.helpers.paths import ROOT
from tests.helpers.waiting import until

WAIT = 60


@pytest.fixture
def url(url, monkeypatch):
    """A store of its own, named by the environment."""
    monkeypatch.setenv("GENESIS_STORE", url)
    return url


def stored(url, **query):
    with closing(open_store(url)) as store:
        page = store.find(RunQuery(oldest_first=True, limit=1000, **query)).runs
        return store.fetch([run.run_id for run in page])


def in_python(script, url, *, code=0, **options):
    """Run a script in a process of its own; what it printed on stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=environment(url, **options),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=WAIT,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_importing_the_package_imports_nothing_else():
    script = (
        "import sys; before = set(sys.modules); import genesis_mcp; from genesis_mcp import "
        "__version__; print(sorted(name for name in set(sys.modules) - before "
        "if name.partition('.')[0] in ('genesis_mcp', 'pydantic', 'anyio', 'mcp', 'asyncio')))"
    )
    assert in_python(script, "sqlite:////unused")[0] == "['genesis_mcp']\n"


def test_a_block_is_recorded_by_the_public_name_whatever_was_imported_before(url):
    script = (
        "import genesis_mcp.recording.pytest_plugin\n"
        "from genesis_mcp import recording\n"
        "with recording('a'): pass\n"
    )
    in_python(script, url)
    assert [run.spec_id for run in stored(url)] == ["a"]


def test_every_public_name_is_there_and_no_other():
    for name in genesis_mcp.__all__:
        assert getattr(genesis_mcp, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'stores_of_gold'"):
        _ = genesis_mcp.stores_of_gold


# --- record_run and run_command -----------------------------------------------------------------


def test_a_run_is_recorded_and_its_verdict_told(url):
    first = record_run("spec_a", exit_code=1, stderr="ValueError: esperado 4, veio 5")
    second = record_run("spec_a", exit_code=0, duration_ms=1.5, context={"pid": 1}, task_id="t")
    assert (first.iteration, first.verdict, first.error) == (
        1,
        "first",
        "ValueError: esperado 4, veio 5",
    )
    assert (second.iteration, second.verdict) == (2, "fixed")
    runs = stored(url)
    assert [run.outcome for run in runs] == ["failed", "passed"]
    assert (runs[1].context, runs[1].task_id, runs[1].duration_ms) == ({"pid": 1}, "t", 2)


def test_a_repeated_call_with_one_id_records_once_and_another_content_is_refused(url):
    record_run("spec_a", exit_code=1, run_id="one")
    assert record_run("spec_a", exit_code=1, run_id="one").status == "duplicate"
    with pytest.raises(GenesisError, match="another run"):
        record_run("spec_a", exit_code=2, run_id="one")
    assert len(stored(url)) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"exit_code": "one"}, "exit_code: must be a whole number"),
        ({"exit_code": 0, "code": "x"}, "Did you mean"),
        ({"outcome": "exploded"}, "outcome: must be one of"),
        ({"exit_code": 0, "sprint_id": ["a"]}, "sprint_id: must be text"),
        ({"exit_code": 0, "context": {"a": object()}}, "context: must be a JSON object"),
    ],
)
def test_a_field_that_is_none_is_named(url, fields, said):
    with pytest.raises(GenesisError, match=said):
        record_run("spec_a", **fields)
    with pytest.raises(GenesisError, match="spec_id"):
        record_run("", exit_code=0)


def test_a_store_that_is_none_is_told_before_anything_runs(url, tmp_path, monkeypatch):
    mark = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]
    with pytest.raises(GenesisError, match="unknown scheme"):
        run_command(command, spec_id="a", store="postgres://x/y")
    with pytest.raises(GenesisError, match="spec_id"):
        run_command(command, spec_id=" ")
    with pytest.raises(GenesisError, match="timeout_seconds"):
        run_command(command, spec_id="a", timeout_seconds=-1)
    monkeypatch.setenv("GENESIS_READ_ONLY", "1")
    with pytest.raises(GenesisError, match="read-only"):
        run_command(command, spec_id="a")
    with pytest.raises(GenesisError, match="read-only"):
        recording("a")
    assert not mark.exists()


def test_a_command_is_run_and_recorded(url):
    code = "import sys; print('olá'); sys.exit('ValueError: não')"
    done = run_command([sys.executable, "-c", code], spec_id="spec_a", code_snapshot=code)
    assert (done.exit_code, done.run.stdout, done.kept_in) == (1, "olá\n", None)
    assert (done.recorded.verdict, done.run.iteration) == ("first", 1)
    assert [(run.run_id, run.code_snapshot) for run in stored(url)] == [(done.run.run_id, code)]
    gone = run_command(["no-such-command-here"], spec_id="spec_a")
    assert (gone.exit_code, gone.run.outcome) == (127, "not_started")


def test_a_command_in_async_code_is_told_to_go_into_a_thread(url):
    script = (
        "import asyncio, sys\nfrom genesis_mcp import GenesisError, run_command\n"
        "def run(): return run_command([sys.executable, '-c', ''], spec_id='a').exit_code\n"
        "async def main():\n"
        "    try: run()\n"
        "    except GenesisError as error: print(error)\n"
        "    print(await asyncio.to_thread(run))\n"
        "asyncio.run(main())"
    )
    out = in_python(script, url)[0]
    assert out == "In async code, call it in a thread: await asyncio.to_thread(...).\n0\n"


DOWN = "mongodb://127.0.0.1:1/genesis?serverSelectionTimeoutMS=200"


def test_a_store_that_is_down_takes_no_result_away():
    script = (
        "import sys\nfrom genesis_mcp import recording, run_command\n"
        "done = run_command([sys.executable, '-c', 'print(1)'], spec_id='a')\n"
        "print(done.exit_code, done.run.stdout, done.recorded)\n"
        "with recording('b') as run: result = 42\n"
        "print(result, run.recorded, run.run.outcome)\n"
        "print(done.kept_in, run.kept_in)"
    )
    out, err = in_python(script, DOWN)
    *said, files = out.splitlines()
    assert said == ["0 1", " None", "42 None passed"]
    assert err.count("MongoDB cannot be reached") == 2
    [file] = set(files.split())  # one a process
    kept = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    assert [(run["spec_id"], run["exit_code"]) for run in kept] == [("a", 0), ("b", 0)]
    assert err.count("The run was kept, to be recorded before the next run") == 2


# --- recording ----------------------------------------------------------------------------------


def test_a_block_that_ends_passed(url):
    with recording("spec_a", iteration=7, sprint_id="S1") as run:
        logging.getLogger("worker").warning("quase %d", 3)
        run.note(message="3 de 3", context={"casos": 3})
    assert (run.recorded.verdict, run.run.iteration) == ("first", 7)
    [kept] = stored(url)
    assert (kept.outcome, kept.exit_code, kept.message) == ("passed", 0, "3 de 3")
    assert kept.stderr == "WARNING worker: quase 3\n"
    assert (kept.sprint_id, kept.context) == ("S1", {"casos": 3})


def test_an_exception_goes_on_and_is_the_runs_error(url):
    def soma():
        raise ValueError("esperado 4, veio 5")

    with pytest.raises(ValueError, match="esperado 4"), recording("spec_a"):
        soma()
    [kept] = stored(url)
    assert (kept.outcome, kept.exit_code) == ("failed", 1)
    assert kept.signature.type == "ValueError"
    assert kept.signature.file.endswith("test_api.py")
    assert "code_block.py" not in kept.stderr


@pytest.mark.parametrize(
    ("raised", "outcome", "exit_code", "stderr"),
    [
        (SystemExit(), "passed", 0, ""),
        (SystemExit(0), "passed", 0, ""),
        (SystemExit(3), "failed", 3, ""),
        (SystemExit("sem banco"), "failed", 1, "sem banco\n"),
        (KeyboardInterrupt(), "killed", -1, None),
        (GeneratorExit(), "killed", -1, None),
    ],
)
def test_the_ways_out_of_a_block(url, raised, outcome, exit_code, stderr):
    run = recording("spec_a")
    run.note(exit_code=0)
    with pytest.raises(type(raised)), run:
        raise raised
    [kept] = stored(url)
    assert (kept.outcome, kept.exit_code) == (outcome, exit_code)
    assert stderr is None or kept.stderr == stderr
    assert run.run.run_id == kept.run_id


def test_an_exit_code_that_was_noted_judges_a_block_that_ended(url):
    with recording("spec_a") as run:
        run.note(exit_code=2)
    with recording("spec_a") as run:
        run.note(outcome="timeout")
    assert [kept.outcome for kept in stored(url)] == ["failed", "timeout"]
    run = recording("spec_a")
    with pytest.raises(GenesisError, match="exit_code"):
        run.note(exit_code="two")


def test_what_is_printed_is_kept_when_asked_for_and_printed_still(url, capsys):
    with recording("spec_a", capture_output=True):
        print("olá 😀")
        print("aviso", file=sys.stderr)
        assert sys.stdout.encoding
    with recording("spec_b"):
        print("fora")
    assert capsys.readouterr() == ("olá 😀\nfora\n", "aviso\n")
    kept, other = stored(url)
    assert (kept.stdout, kept.stderr, other.stdout) == ("olá 😀\n", "aviso\n", "")


def test_a_long_output_is_capped_and_its_size_kept(url, capsys):
    with recording("spec_a", capture_output=True):
        for _ in range(3_000):
            print("ç" * 500)
    [kept] = stored(url)
    assert kept.stdout_bytes == 3_000 * 1_001
    assert len(kept.stdout) < 1_048_576
    assert capsys.readouterr().out.count("\n") == 3_000


# --- the handler --------------------------------------------------------------------------------


@pytest.fixture
def handler(url):
    """A handler on a logger of its own."""
    handler = RunLogHandler(service="worker")
    logger = logging.getLogger("test.handler")
    logger.propagate, logger.level = False, logging.DEBUG
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    handler.close()


def test_what_is_logged_becomes_events(url, handler):
    logger = logging.getLogger("test.handler")
    logger.debug("Task %s", "recebida", extra={"spec_id": "spec_a", "taskId": 7, "odd": {1, 2}})
    try:
        raise OSError("socket \ud800 fechado")
    except OSError:
        logger.exception("Falha")
    logger.critical("fim", extra={"task_id": "a\nb", "big": ["x" * 900] * 30})
    until(lambda: len(stored(url)) == 3)
    events = stored(url)
    assert {event.kind for event in events} == {"event"}
    assert [event.level for event in events] == ["debug", "error", "fatal"]
    assert [event.failed for event in events] == [False, True, True]
    assert [event.message for event in events] == ["Task recebida", "Falha", "fim"]
    assert {event.service for event in events} == {"worker"}
    assert events[0].spec_id == "spec_a"
    assert events[0].context["taskId"] == 7
    assert events[0].context["logger"] == "test.handler"
    assert events[1].stderr.endswith("OSError: socket ? fechado")
    assert events[1].signature.type == "OSError"
    assert events[2].task_id == "a b"
    assert "big" not in events[2].context


def test_a_record_that_cannot_be_formatted_is_told_and_ends_nothing(url):
    script = (
        "import logging; from genesis_mcp import RunLogHandler\n"
        "logging.basicConfig(level=logging.INFO, handlers=[RunLogHandler()])\n"
        "logging.info('%d', 'x'); logging.info('depois')"
    )
    assert "Logging error" in in_python(script, url)[1]
    assert [event.message for event in stored(url)] == ["depois"]


def test_events_arrive_without_being_asked_for(url, handler):
    logging.getLogger("test.handler").info("logo")
    deadline = time.monotonic() + WAIT
    while not stored(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [event.message for event in stored(url)] == ["logo"]


def test_many_threads_lose_nothing_and_keep_their_order(url, handler):
    logger = logging.getLogger("test.handler")

    def work(name):
        for number in range(200):
            logger.info("%s %03d", name, number)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handler._queue.flush(WAIT)
    messages = [event.message for event in stored(url)]
    assert len(messages) == 800
    for name in "abcd":
        own = [message for message in messages if message[0] == name]
        assert own == sorted(own)


def test_what_is_logged_last_is_recorded_when_the_program_ends(url):
    script = (
        "import logging; from genesis_mcp import RunLogHandler\n"
        "logging.basicConfig(level=logging.DEBUG, handlers=[RunLogHandler(spec_id='s')])\n"
        "for number in range(1500): logging.info('linha %d', number)\n"
        "raise SystemExit(3)"
    )
    in_python(script, url, code=3)
    events = stored(url, spec_id="s")
    assert len(events) == 1000  # as many as are listed at once
    with closing(open_store(url)) as store:
        assert store.count(RunQuery(spec_id="s"), at_most=5_000) == 1_500


def test_a_store_that_is_down_delays_no_program_and_loses_no_event(home):
    script = (
        "import logging; from genesis_mcp import RunLogHandler\n"
        "logging.basicConfig(level=logging.DEBUG, handlers=[RunLogHandler()])\n"
        "for number in range(300): logging.info('linha %d', number)\n"
        "print('feito')"
    )
    out, err = in_python(script, DOWN)
    assert out == "feito\n"
    [kept] = home.glob(".genesis-mcp/kept/*/*.ndjson")
    assert "300 runs were kept, to be recorded before the next run" in err
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 300


def test_events_wait_for_a_store_that_comes_back(has_mongod, tmp_path):
    with Mongod(tmp_path / "mongod") as server:
        server.kill()
        url = server.url("genesis", serverSelectionTimeoutMS=200)
        handler = RunLogHandler(store=url)
        try:
            logger = logging.getLogger("test.back")
            logger.propagate, logger.level = False, logging.INFO
            logger.addHandler(handler)
            logger.info("antes")
            deadline = time.monotonic() + WAIT
            while not handler._queue.why_it_fails and time.monotonic() < deadline:
                time.sleep(0.05)
            assert "MongoDB cannot be reached" in handler._queue.why_it_fails
            server.start()
            logger.info("depois")
            assert handler._queue.flush(WAIT)
            assert [event.message for event in stored(url)] == ["antes", "depois"]
        finally:
            logger.removeHandler(handler)
            handler.close()


def test_what_does_not_fit_the_queue_is_dropped_and_counted(url, caplog):
    stuck = threading.Event()

    def writer():
        stuck.wait(WAIT)
        return Writer(Service(store), Inbox.of(url, redacts=False))

    with closing(open_store(url)) as store:
        queue = RunQueue(writer)
        text = "x" * 1_000_000
        for _ in range(100):
            queue.offer(make_run({"message": text, "kind": "event"}, recorded_by="test"))
        dropped = queue.dropped
        assert 20 < dropped < 80
        stuck.set()
        queue.end(WAIT)
        assert store.count(RunQuery(), at_most=1_000) == 100 - dropped
    assert f"{dropped} records were dropped" in caplog.text


def test_a_forked_child_records_its_own_and_not_its_parents(url):
    script = (
        "import logging, os; from genesis_mcp import RunLogHandler\n"
        "handler = RunLogHandler()\n"
        "logging.basicConfig(level=logging.INFO, handlers=[handler])\n"
        "for number in range(50): logging.info('pai %d', number)\n"
        "child = os.fork()\n"
        "for number in range(50): logging.info('%s %d', 'pai' if child else 'filho', 50 + number)\n"
        "if child: assert os.waitpid(child, 0)[1] == 0\n"
        "else: handler._queue.end(); os._exit(0)\n"
    )
    in_python(script, url)
    messages = [event.message for event in stored(url)]
    assert sorted(messages) == sorted(
        [*(f"pai {number}" for number in range(100)), *(f"filho {50 + n}" for n in range(50))]
    )


def test_the_driver_s_own_records_are_not_recorded(tmp_path, mongod):
    script = (
        "import logging; from genesis_mcp import RunLogHandler\n"
        "handler = RunLogHandler()\n"
        "logging.basicConfig(level=logging.DEBUG, handlers=[handler])\n"
        f"logging.debug('uma'); assert handler._queue.flush({WAIT})\n"
    )
    with mongod.client() as client:
        client.handler.logs.delete_many({})
        in_python(script, mongod.url("handler"))
        messages = [document["message"] for document in client.handler.logs.find()]
    assert messages == ["uma"]


# --- the example --------------------------------------------------------------------------------


def test_the_example_of_a_worker_runs_and_records(url):
    worker = ROOT / "examples" / "python-worker" / "worker.py"
    done = subprocess.run(
        [sys.executable, str(worker)],
        env=environment(url) | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "#1 failed, exit 1: first",
        "#2 failed, exit 1: new error",
        "#3 passed: fixed",
    ]
    [loop] = stored(url, spec_id="spec_soma/loop")
    assert (loop.outcome, loop.message) == ("passed", "passed with version 3")
