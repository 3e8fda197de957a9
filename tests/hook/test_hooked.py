"""`genesis-mcp hook`: events of an agent become runs, and a verdict stands beside a failure."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest

from genesis_mcp.hook import hook_bound
from genesis_mcp.hook.event_run import RECORDED_BY
from genesis_mcp.recording import flush_aside
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.times import now
from genesis_mcp.stores import open_store
from tests.helpers.command_line import cli, environment, exported

FAILED = "F\n_____ test_b _____\n\n    def test_b():\n>       assert 1 == {n}\nE       assert 1 == {n}\n\na.py:2: AssertionError\n=== short test summary info ===\nFAILED a.py::test_b - assert 1 == {n}\n1 failed, 3 passed in 0.05s\n"  # noqa: E501
PASSED = "....\n4 passed in 0.03s\n"


@pytest.fixture
def agent(tmp_path):
    """A project with an agent in it whose hook is ours."""
    folder = tmp_path / "loja"
    folder.mkdir()
    (folder / "a.py").write_text("print(1)\n", encoding="utf-8")
    return Agent(folder, f"sqlite:///{(tmp_path / 'logs.db').as_posix()}", str(tmp_path))


class Agent:
    def __init__(self, folder, store_url, home):
        self.folder, self.store_url, self.home = folder, store_url, home
        self.number = 0

    def tell(self, event, **variables):
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        done = self.cli("hook", input=data, variables=variables)
        assert (done.returncode, done.stderr) == (0, b"")
        if not done.stdout:
            return None
        told = json.loads(done.stdout)["hookSpecificOutput"]
        name = "PostToolUseFailure" if b"PostToolUseFailure" in data else "PostToolUse"
        assert (told["hookEventName"], set(told)) == (name, {"hookEventName", "additionalContext"})
        assert len(told["additionalContext"]) <= 300
        return told["additionalContext"]

    def cli(self, *arguments, **options):
        variables = {"HOME": self.home, "USERPROFILE": self.home} | options.pop("variables", {})
        return cli(*arguments, store_url=self.store_url, variables=variables, **options)

    def ran(self, command, stdout="", response=None, **fields):
        return self.event(
            "PostToolUse",
            command,
            tool_response={"stdout": stdout, "stderr": "", "interrupted": False} | (response or {}),
            **fields,
        )

    def failed(self, command, error, **fields):
        return self.event("PostToolUseFailure", command, error=error, **fields)

    def event(self, name, command, **fields):
        self.number += 1
        return {
            "session_id": "s1",
            "transcript_path": "/nowhere.jsonl",
            "cwd": str(self.folder),
            "permission_mode": "default",
            "hook_event_name": name,
            "tool_name": "Bash",
            "tool_input": {"command": command, "description": "Roda"},
            "tool_use_id": f"toolu_{self.number:024}",
            "duration_ms": 1234,
        } | fields

    def runs(self):
        self.cli("flush")
        return [SimpleNamespace(**one) for one in exported_with(self, "--derived")]

    def folder_of_its_own(self, number):
        """A folder whose specs are those of one case, so that many cases share a store."""
        folder = self.folder.parent / f"case{number}"
        folder.mkdir()
        return str(folder)

    def runs_by_number(self):
        """The runs of `folder_of_its_own`, by its number."""
        runs = self.runs()
        numbered = {int(one.spec_id.partition(":")[0][4:]): one for one in runs}
        assert len(numbered) == len(runs)
        return numbered


def exported_with(agent, *flags):
    done = agent.cli("export", *flags)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_passes_and_failures_are_recorded_and_the_verdict_stands_beside_a_repeated_failure(agent):
    line = "pytest a.py"
    assert agent.tell(agent.failed(line, "Exit code 1\n" + FAILED.format(n=2))) is None
    again = agent.tell(agent.failed(line, "Exit code 1\n" + FAILED.format(n=2)))
    assert "same error" in again
    assert "alone: pytest a.py::test_b" in again
    assert "never passed" in again
    agent.tell(agent.failed(line, "Exit code 1\n" + FAILED.format(n=2)))
    assert agent.tell(agent.ran(line, PASSED)) is None
    broke = agent.tell(agent.failed(line, "Exit code 1\n" + FAILED.format(n=5)))
    assert "regressed" in broke
    assert "last pass #4" in broke
    runs = agent.runs()
    assert [one.outcome for one in runs] == ["failed"] * 3 + ["passed", "failed"]
    assert {one.spec_id for one in runs} == {"loja:pytest a.py"}
    assert [one.iteration for one in runs] == [1, 2, 3, 4, 5]
    assert runs[0].recorded_by == "genesis-mcp hook"
    assert runs[0].context["session"] == "s1"
    assert runs[0].context["command"] == ["pytest", "a.py"]
    assert (runs[0].exit_code, runs[0].duration_ms) == (1, 1234)


def test_an_event_that_is_told_twice_is_recorded_once(agent):
    for event in (agent.failed("pytest", "Exit code 1\nx"), agent.ran("pytest", PASSED)):
        assert agent.tell(event) is None
        assert agent.tell(event) is None
    assert [one.outcome for one in agent.runs()] == ["failed", "passed"]
    assert "refused" not in agent.cli("doctor").stdout.decode()


# How a command ended that was told as no failure: outcome and exit code; None is no run at all.
ENDED = [
    ("pytest", {"stdout": PASSED}, ("passed", 0)),
    ("pytest | tail -20", {"stdout": PASSED}, ("passed", None)),
    ("pytest | tail -20", {"stdout": FAILED}, ("failed", None)),
    ("pytest | tail -1", {"stdout": PASSED}, ("unknown", None)),
    ("pytest | head -3", {"stdout": "collected 4 items\n"}, ("unknown", None)),
    ("pytest || true", {"stdout": FAILED}, ("failed", None)),
    ("pytest; echo fim", {"stdout": PASSED + "fim\n"}, ("passed", None)),
    ("pytest -q | tail -5", {"stdout": ""}, ("unknown", None)),
    (
        "pytest | tail -9",
        {"stdout": "FAIL Required test coverage of 90% not reached. Total coverage: 80.00%\n"
         + PASSED},
        ("unknown", None),
    ),
    ("pytest | tail -9", {"stdout": f"{PASSED}Segmentation fault\n"}, ("unknown", None)),
    ("make test | tail -9", {"stdout": PASSED}, ("unknown", None)),
    ("npm test || true", {"stdout": FAILED}, ("failed", None)),
    ("pytest && git push", {"stdout": PASSED}, ("passed", 0)),
    ("tsc | head", {"stdout": "a.ts(1,2): error TS2322: x\n"}, ("unknown", None)),
    ("pytest", {"stdout": "x", "interrupted": True}, ("killed", -1)),
    ("pytest", {"timedOutAfterMs": 120000, "backgroundTaskId": "b"}, ("timeout", -1)),
    ("pytest", {"backgroundTaskId": "b1"}, None),
    ("grep -rn pytest .", {"stdout": PASSED}, None),
    ("make check", {"returnCodeInterpretation": "Some files differ"}, ("unknown", None)),
]  # fmt: skip


def test_what_ended_without_an_error_is_a_pass_only_where_that_is_sure(agent):
    for number, (command, event, _) in enumerate(ENDED):
        cwd = agent.folder_of_its_own(number)
        assert agent.tell(agent.ran(command, response=event, cwd=cwd)) is None
    runs = agent.runs_by_number()
    for number, (command, event, expected) in enumerate(ENDED):
        run = runs.get(number)
        ended = run and (run.outcome, getattr(run, "exit_code", None))
        assert ended == expected, (command, event)


# Command, what is told of its failure, further fields; outcome and exit code, how stdout begins.
FAILURES = [
    ("pytest", "Exit code 2\r\nERROR x\r\n", {}, ("failed", 2), "ERROR x\r\n"),
    ("pytest", "Exit code 137", {}, ("failed", 137), ""),
    ("pytest", "Command exited with non-zero status code 1", {}, ("failed", 1), ""),
    ("pytest", "E  assert 1 == 2\n1 failed\n", {}, ("failed", None), "E  assert 1 == 2\n1 f"),
    ("pytest", "Exit code 143\nCommand timed out after 2m 0s\n..", {}, ("timeout", None), ""),
    ("pytest", "Command timed out after 2m 0.0s", {}, ("timeout", None), ""),
    ("pytest", "Exit code 1\n[Request interrupted]", {"is_interrupt": True}, ("killed", None),
     "[Request interrupted]"),
    ("pytest", "Exit code 1\nabc\n\n... [9000 characters truncated] ...\n\nE  assert x\n", {},
     ("failed", 1), "abc"),
    ("git pull && pytest", "Exit code 1\nfatal: x", {}, ("failed", 1), "fatal: x"),
    ("pytest && git push", "Exit code 1\n" + PASSED, {}, ("passed", None), "...."),
    ("pytest && git push", "Exit code 1\nfatal: x", {}, ("unknown", None), "fatal"),
    ("pytest | grep -q x", "Exit code 1", {}, ("unknown", None), ""),
]  # fmt: skip


def test_failures_of_every_form_are_stored_right(agent):
    for number, (command, error, fields, _, _) in enumerate(FAILURES):
        cwd = agent.folder_of_its_own(number)
        agent.tell(agent.failed(command, error, cwd=cwd, **fields))
    runs = agent.runs_by_number()
    for number, (command, error, _, expected, stdout) in enumerate(FAILURES):
        run = runs[number]
        code = getattr(run, "exit_code", None)
        assert (run.outcome, code if code != -1 else None) == expected, (command, error)
        assert getattr(run, "stdout", "").startswith(stdout), (command, error)


NO_EVENTS = [
    b"",
    b"\xff\xfe{",
    b"[1]",
    b"{}",
    b"[" * 100_000,
    json.dumps({"hook_event_name": "Stop"}).encode(),
    json.dumps({"hook_event_name": "PostToolUse", "tool_input": "x"}).encode(),
    json.dumps({"hook_event_name": "PostToolUse", "tool_input": {"command": 5}}).encode(),
]


def test_what_is_no_event_is_passed_over_in_silence(agent):
    for data in NO_EVENTS:
        assert agent.tell(data) is None, data[:80]
    assert agent.runs() == []


def test_missing_and_unknown_fields_are_tolerated(agent):
    event = {
        "hook_event_name": "PostToolUseFailure",
        "tool_input": {"command": "python3 a.py"},
        "cwd": str(agent.folder),
        "neu": {"a": 1},
    }
    agent.tell(event)
    agent.tell(event | {"hook_event_name": "PostToolUse", "tool_response": "1\n", "cwd": None})
    [first, *_] = agent.runs()
    assert (first.spec_id, first.outcome) == ("loja:python a.py", "failed")


def test_another_agent_that_tells_no_exit_code_gets_no_false_pass(agent):
    for said in ("1\n", {"output": "1\n"}, {}, None, [{"type": "text", "text": "1"}]):
        agent.tell(agent.ran("python3 a.py") | {"tool_response": said})
    agent.tell(agent.ran("python3 a.py") | {"tool_response": {"output": "1", "exit_code": 3}})
    agent.tell(agent.ran("python3 a.py") | {"tool_response": {"output": "1", "exit_code": 0}})
    assert [one.outcome for one in agent.runs()] == ["unknown"] * 5 + ["failed", "passed"]


def test_a_folder_into_which_the_line_went_already_is_not_entered_twice(agent):
    inner = agent.folder / "api"
    inner.mkdir()
    agent.tell(agent.ran("cd api && pytest", PASSED, cwd=str(inner)))
    assert agent.runs()[0].spec_id == "api:pytest"
    assert agent.runs()[0].context["folder"] == inner.as_posix()


def test_the_code_is_known_by_git(agent):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(agent.folder)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "a"]):
        subprocess.run([*git, *words], check=True, timeout=60)
    agent.tell(agent.ran("pytest", PASSED))
    assert agent.runs()[0].code_hash.startswith("git:")


def test_secrets_are_never_stored(agent):
    secret = "ghp_" + "a1B2" * 9
    agent.tell(agent.failed(f"TOKEN={secret} pytest", f"Exit code 1\ntoken {secret}\n"))
    agent.tell(agent.ran(f"TOKEN={secret} pytest", f"token {secret}\n{PASSED}"))
    assert len(agent.runs()) == 2
    assert secret not in agent.cli("export").stdout.decode()
    number = "529.982.247-25"
    also = {"GENESIS_REDACT_ALSO": "cpf"}
    agent.tell(agent.failed("pytest", f"Exit code 1\ncliente {number}\n"), **also)
    agent.tell(agent.ran("pytest", f"cliente {number}\n{PASSED}"), **also)
    agent.cli("flush")
    assert number not in agent.cli("export").stdout.decode()
    agent.tell(agent.failed("pytest", f"Exit code 1\n{secret}"), GENESIS_REDACT="off")
    assert secret in agent.cli("export").stdout.decode()


def test_it_is_switched_off(agent):
    event = agent.failed("pytest", "Exit code 1\nx")
    agent.tell(event, GENESIS_HOOK="off")
    agent.tell(event, GENESIS_READ_ONLY="1")
    agent.tell(agent.failed("GENESIS_HOOK=off pytest", "Exit code 1\nx"))
    assert agent.runs() == []


def test_what_is_recorded_already_is_not_recorded_again(agent):
    store = agent.store_url
    event = agent.failed("pytest", "Exit code 1\nx")
    agent.tell(event, GENESIS_RECORDING="1")
    assert agent.runs() == []
    # A script that records by itself, below a line of which nobody could tell.
    done = agent.cli("run", "--spec", "soma", "--", sys.executable, "-c", "raise SystemExit(1)")
    agent.tell(agent.failed("make test", "Exit code 1\n" + done.stderr.decode()))
    test = agent.folder / "test_a.py"
    test.write_text("def test_a():\n    assert 0\n", encoding="utf-8")
    suite = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--genesis", str(test)],
        cwd=agent.folder,
        env=environment(store, HOME=agent.home, PYTEST_ADDOPTS=""),
        capture_output=True,
        timeout=180,
    )
    agent.tell(agent.failed("make test", "Exit code 1\n" + suite.stdout.decode()))
    assert [one.recorded_by for one in agent.runs()] == ["genesis-mcp run", "genesis_mcp (pytest)"]
    # Within a command that is recorded, a hook heeds the mark.
    script = "import os; print(os.environ['GENESIS_RECORDING'])"
    done = agent.cli("run", "--spec", "x", "--", sys.executable, "-c", script)
    assert done.stdout.split() == [b"1"]


def test_a_store_that_does_not_work_costs_no_run_and_is_not_told_of(agent):
    agent.store_url = "mongodb://127.0.0.1:9/genesis"
    assert agent.tell(agent.failed("pytest", "Exit code 1\nx")) is None
    assert agent.tell(agent.ran("pytest", PASSED)) is None
    kept = "".join(file.read_text("utf-8") for file in agent.folder.parent.rglob("*.ndjson"))
    assert kept.count("loja:pytest") >= 2


def test_programs_are_added_by_a_setting(agent):
    agent.tell(agent.ran("confere tudo"), GENESIS_HOOK_PROGRAMS="confere")
    assert [one.spec_id for one in agent.runs()] == ["loja:confere tudo"]


def test_explain_says_what_would_be_recorded(agent):
    def explained(line):
        done = cli("hook", "--explain", line, store_url=agent.store_url, cwd=agent.folder)
        assert done.returncode == 0
        return done.stdout.decode()

    assert explained("pytest | tail -5").startswith("recorded as loja:pytest\nthe exit code of")
    assert explained("git commit -m pytest").startswith("not recorded: ")
    assert "loops" in explained("for a in b; do pytest; done")
    assert exported(agent.store_url) == []


def test_what_hooks_recorded_has_a_bound_and_the_doctor_says_so(agent):
    assert "hooks: nothing recorded" in agent.cli("doctor").stdout.decode()
    old = {"spec_id": "x", "exit_code": 0, "timestamp": "2020-01-01T00:00:00Z"}
    for recorded_by in ("genesis-mcp hook", "genesis-mcp run"):
        given = json.dumps(old | {"recorded_by": recorded_by, "run_id": recorded_by[-4:] + "-old"})
        done = agent.cli("record", input=given.encode())
        assert done.returncode == 0, done.stderr
    agent.tell(agent.ran("for a in *.py; do pytest $a; done", PASSED))
    agent.tell(agent.failed("pytest", "Exit code 1\nx"))
    said = agent.cli("doctor").stdout.decode()
    assert "hooks: 2 runs recorded, 0.0 MB, " in said
    assert "of at most 2,000 MB and 90 days; older ones are deleted; 1 loop and" in said
    assert agent.cli("hook", "--tidy", "--read-only").returncode == 3
    assert b"1 run of hooks deleted" in agent.cli("hook", "--tidy").stdout
    assert [one.recorded_by for one in agent.runs()] == ["genesis-mcp run", "genesis-mcp hook"]


def test_the_newest_two_gigabytes_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(hook_bound, "BYTES_MAX", 25)
    store = open_store(f"sqlite:///{(tmp_path / 'logs.db').as_posix()}")
    fields = {"spec_id": "x", "exit_code": 0, "stdout": "0123456789", "recorded_by": RECORDED_BY}
    moment = now()
    for number in range(5):
        at = moment - timedelta(minutes=number)
        run = {**fields, "run_id": f"run-{number}0000", "timestamp": at}
        store.insert([make_run(run, recorded_by=RECORDED_BY)])
    assert hook_bound.standing(store, moment).beyond == ["run-20000", "run-30000", "run-40000"]
    assert hook_bound.tidy(store, moment) == 3
    assert hook_bound.standing(store, moment)[:2] == (2, 20)
    store.close()


def test_the_bound_is_looked_at_once_a_day_by_a_process_of_its_own(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda words, **_: started.append(words))
    flush_aside.tidy_aside("sqlite:///x", tmp_path)
    flush_aside.tidy_aside("sqlite:///x", tmp_path)
    assert started == []
    os.utime(tmp_path / flush_aside.TIDIED, (1, 1))
    flush_aside.tidy_aside("sqlite:///x", tmp_path)
    flush_aside.tidy_aside("sqlite:///x", tmp_path)
    assert [words[-2:] for words in started] == [["hook", "--tidy"]]
