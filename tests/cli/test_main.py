"""The command line in processes of its own, as a person and a worker use it."""

import json
import os
import secrets
import subprocess
import sys
from contextlib import closing

import pytest

from genesis_mcp.runs.identifiers import new_run_id
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.store import path_from_url
from tests.helpers.command_line import cli, environment

SOMA = 'import sys\n\nraise ValueError("esperado 4, veio 5")\n'


def run_soma(tmp_path, url, *flags):
    (tmp_path / "soma.py").write_text(SOMA, encoding="utf-8")
    command = ["run", "--spec", "soma", *flags, "--", sys.executable, "soma.py"]
    return cli(*command, store_url=url, cwd=tmp_path)


def test_run_streams_records_and_exits_with_the_commands_code(tmp_path, url):
    run_soma(tmp_path, url)
    done = run_soma(tmp_path, url)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"Traceback (most recent call last):")
    [verdict] = [line for line in done.stderr.decode().splitlines() if "genesis-mcp:" in line]
    assert "soma #2 failed, exit 1; same error: " in verdict
    assert "ValueError: esperado 4, veio 5" in verdict
    assert "soma.py:3" in verdict


@pytest.mark.parametrize("command", [["failures"], ["spec", "soma"]])
def test_two_equal_failures_are_one_group_in_fewer_than_2000_characters(tmp_path, url, command):
    for _ in range(2):
        run_soma(tmp_path, url)
    for flags in ([], ["--json"]):
        answer = cli(*command, *flags, store_url=url).stdout.decode()
        assert len(answer) < 2_000
        for part in ("ValueError: esperado 4, veio 5", "soma.py:3", "2"):
            assert part in answer
    page = json.loads(answer)
    if command == ["failures"]:
        assert [group["count"] for group in page["errors"]] == [2]
    else:
        assert [attempt["verdict"] for attempt in page["attempts"]] == ["same error", "first"]


def test_run_keeps_the_code_and_the_labels_that_it_is_given(tmp_path, url):
    flags = ["--code", "soma.py", "--iteration", "7", "--sprint", "S030", "--task", "T01"]
    run_soma(tmp_path, url, *flags, "--service", "api")
    [line] = cli("export", store_url=url).stdout.decode().splitlines()
    record = json.loads(line)
    assert record["code_snapshot"] == SOMA
    assert (record["iteration"], record["sprint_id"]) == (7, "S030")
    assert (record["task_id"], record["service"]) == ("T01", "api")
    assert record["recorded_by"] == "genesis-mcp run"


def test_the_same_code_and_error_again_means_nothing_changed(tmp_path, url):
    run_soma(tmp_path, url, "--code", "soma.py")
    assert b"; nothing changed" in run_soma(tmp_path, url, "--code", "soma.py").stderr


def test_a_loop_that_goes_in_circles_is_told_so(tmp_path, url):
    for _ in range(3):
        done = run_soma(tmp_path, url)
    assert b"; stuck: 3 attempts in a row with the same error, since 20" in done.stderr
    assert done.stderr.rstrip().endswith(b"; never passed")


def test_what_was_printed_is_searched_and_compared(tmp_path, url):
    run_soma(tmp_path, url, "--code", "soma.py")
    (tmp_path / "soma.py").write_text("print('soma ok')\n", encoding="utf-8")
    command = ["--spec", "soma", "--code", "soma.py", "--", sys.executable, "soma.py"]
    assert cli("run", *command, store_url=url, cwd=tmp_path).returncode == 0
    found = cli("search", "ESPERADO 4", store_url=url)
    assert b"1 failure with this text" in found.stdout
    assert b"2 records with this text" in cli("search", "so", "--all", store_url=url).stdout
    compared = cli("compare", "soma", store_url=url).stdout.decode()
    assert "the error is gone" in compared
    assert "| +print('soma ok')" in compared


def test_watch_prints_each_run_as_it_comes(tmp_path, url):
    run_soma(tmp_path, url)
    [first] = map(json.loads, cli("export", store_url=url).stdout.splitlines())
    after = ["watch", "soma", "--after", first["run_id"]]
    command = [sys.executable, "-m", "genesis_mcp", *after, "--json"]
    with subprocess.Popen(command, env=environment(url), stdout=subprocess.PIPE) as watching:
        for iteration in (2, 3):
            run_soma(tmp_path, url)
            arrived = json.loads(watching.stdout.readline())
            assert (arrived["iteration"], arrived["verdict"]) == (iteration, "same error")
        watching.kill()
    seen = cli(*after, "--timeout", "0", store_url=url)
    assert (seen.returncode, seen.stdout.count(b"#2 failed, exit 1; same error")) == (0, 1)
    assert cli("watch", "soma", "--timeout", "0", store_url=url).returncode == 1


def test_a_time_limit_is_told_from_a_missing_command(tmp_path, url):
    slow = ["--timeout", "0.3", "--", sys.executable, "-c", "import time; time.sleep(60)"]
    assert cli("run", "--spec", "lento", *slow, store_url=url).returncode == 124
    gone = ["--", "no-such-command-anywhere"]
    assert cli("run", "--spec", "ausente", *gone, store_url=url).returncode == 127
    answer = cli("failures", store_url=url).stdout.decode()
    assert "timeout" in answer
    assert "not started" in answer


def test_a_run_that_cannot_be_recorded_is_kept_and_can_be_recorded_later(tmp_path, url):
    file = tmp_path / "logs.db"
    file.write_bytes(b"no database at all, " * 500)
    done = run_soma(tmp_path, url)
    assert done.returncode == 1
    said = done.stderr.decode().splitlines()[-1]
    assert said.startswith("genesis-mcp: The store's file is damaged")
    assert said.endswith("kept, to be recorded before the next run, or by genesis-mcp flush.")
    file.unlink()
    assert cli("flush", store_url=url).returncode == 0
    [recorded] = json.loads(cli("spec", "soma", "--json", store_url=url).stdout)["attempts"]
    assert recorded["iteration"] == 1


def test_a_failing_command_is_told_which_variables_it_did_not_get(tmp_path, url):
    (tmp_path / "w.py").write_text("import os; os.environ['MONGO_URI']", encoding="utf-8")
    command = ["--spec", "mongo", "--", sys.executable, "w.py"]
    variables = {"MONGO_URI": "mongodb://h"}
    done = cli("run", *command, store_url=url, cwd=tmp_path, variables=variables)
    assert done.returncode == 1
    assert b"the command ran without MONGO_URI; --keep-store-variables passes" in done.stderr
    command.insert(0, "--keep-store-variables")
    done = cli("run", *command, store_url=url, cwd=tmp_path, variables=variables)
    assert done.returncode == 0
    assert b"ran without" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["run", "--spec", "x"], 2, "Put the command after --"),
        (["run", "--spec", "", "--", "true"], 2, "spec_id: must not be empty."),
        (["run", "--spec", "x", "--timeout", "cedo", "--", "true"], 2, "timeout_seconds: must be"),
        (["run", "--spec", "x", "--code", "none.py", "--", "true"], 2, "--code: the file cannot"),
        (["run", "--read-only", "--spec", "x", "--", "true"], 3, "read-only"),
        (["failures", "--limit", "0"], 2, "limit: must be at least 1"),
        (["failures", "--store", "oracle://x"], 2, "unknown scheme"),
        (["spec", "x", "--detail", "tudo"], 2, "detail: must be one of"),
        (["show", "none"], 2, "run_id: no run has this id"),
        (["ingest", "none.ndjson"], 2, "none.ndjson: there is no such file."),
        (["prune", "--days", "0"], 2, "days: must be at least 1"),
        (["no-such-command"], 2, "There is no command"),
    ],
)
def test_a_wrong_call_exits_with_the_callers_fault_and_says_why(
    tmp_path, url, arguments, exit_code, said
):
    with closing(SQLiteStore(tmp_path / "logs.db")) as store:
        store.ensure_schema()
    done = cli(*arguments, store_url=url, input=b"", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (exit_code, b"")
    assert said in done.stderr.decode()


def test_a_store_that_cannot_be_read_exits_with_the_stores_fault(tmp_path, url):
    (tmp_path / "logs.db").write_bytes(b"no database at all, " * 500)
    done = cli("failures", store_url=url)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "stdin: it is empty, which is no JSON object"),
        (b'{"spec_id": "x",\n "exit_code" 1}', "stdin: line 2, column 14: this is no JSON object"),
        (b"[]", "is no JSON object"),
        (b'{"spec_id": "x", "exit_code": 99999999999}', "exit_code: must be at most"),
        (b'{"spec_id": ["a"], "exit_code": 0}', "spec_id: must be text"),
    ],
)
def test_record_says_what_is_wrong_with_a_record(url, given, said):
    done = cli("record", store_url=url, input=given)
    assert done.returncode == 2
    assert said in done.stderr.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_export_to_a_terminal_shows_no_control_characters(url):
    import pty

    text = "a\x9b31mb\u202ec\u200bção"
    record = json.dumps({"spec_id": "x", "exit_code": 1, "stdout": text}).encode()
    cli("record", store_url=url, input=record)
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "genesis_mcp", "export"]
    subprocess.run(command, stdout=terminal, env=environment(url), check=True)
    os.close(terminal)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert not {"\x9b", "\u202e", "\u200b"} & set(shown)
    assert json.loads(shown)["stdout"] == text
    piped = cli("export", store_url=url).stdout.decode()
    assert json.loads(piped)["stdout"] == text


def test_export_can_be_cut_off_by_its_reader(tmp_path, url):
    records = b"".join(b'{"spec_id":"x","exit_code":0,"stdout":"%d"}\n' % n for n in range(3_000))
    cli("ingest", store_url=url, input=records)
    script = (
        "import subprocess, sys\n"
        "export = subprocess.Popen([sys.executable, '-m', 'genesis_mcp', 'export'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "export.stdout.readline(); export.stdout.close()\n"
        "print(export.wait(), export.stderr.read())"
    )
    from subprocess import run

    from tests.helpers.command_line import environment

    done = run(
        [sys.executable, "-c", script],
        env=environment(url),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.decode().strip() == "0 b''"


def test_init_and_prune_say_what_they_did(url):
    assert cli("init", store_url=url).returncode == 0
    assert b"Everything is there already." in cli("init", store_url=url).stdout
    old = b'{"spec_id":"x","exit_code":1,"timestamp":"2020-01-01T00:00:00Z"}\n'
    new = b'{"spec_id":"x","exit_code":0}\n'
    cli("ingest", store_url=url, input=old + new)
    pruned = cli("prune", "--days", "90", store_url=url).stdout
    assert b"1 record older than 90 days deleted. The file keeps the space" in pruned
    assert len(cli("export", store_url=url).stdout.splitlines()) == 1


def test_prune_gives_the_space_back_when_it_is_asked_to(url):
    path = path_from_url(url)
    record = {"exit_code": 1, "stderr": secrets.token_hex(100_000)}
    lines = [json.dumps({**record, "timestamp": "2020-01-01T00:00:00Z"})] * 20
    assert cli("ingest", store_url=url, input="\n".join(lines).encode()).returncode == 0
    full = path.stat().st_size

    done = cli("prune", "--days", "90", "--vacuum", store_url=url)

    assert b"20 records older than 90 days deleted. The space of what was deleted" in done.stdout
    assert path.stat().st_size < full / 5  # an empty store has some thirty pages of 8 KB


def test_doctor_finds_everything_well_with_a_good_store(url):
    done = cli("doctor", store_url=url)
    assert done.returncode == 0, done.stdout.decode()
    assert "8 tools" in done.stdout.decode()


def test_doctor_names_the_fault_of_a_bad_store_and_of_one_that_is_read_only(tmp_path, url):
    (tmp_path / "logs.db").write_bytes(b"no database at all, " * 500)
    done = cli("doctor", store_url=url)
    assert done.returncode == 4
    assert b"fault" in done.stdout
    (tmp_path / "logs.db").unlink()
    cli("init", store_url=url)
    done = cli("doctor", store_url=url, variables={"GENESIS_READ_ONLY": "1"})
    assert done.returncode == 0
    assert b"7 tools" in done.stdout


def test_demo_asks_a_real_server_about_real_runs(url, tmp_path):
    done = cli("demo", store_url=url)
    said = done.stdout.decode()
    assert done.returncode == 0
    for part in ("fixed", "new error", "regressed", "flaky", "KeyError: 'email'", "mcpServers"):
        assert part in said
    assert not (tmp_path / "logs.db").exists()  # a store of its own


def test_run_ids_of_one_process_are_in_the_order_in_which_they_were_made():
    ids = [new_run_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert [one[14] for one in ids] == ["7"] * 50
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)
