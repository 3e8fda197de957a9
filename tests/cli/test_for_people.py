"""What a person sees in a terminal, and that nothing of it gets into a pipe."""

import json
import re
import sys
from contextlib import closing

import pytest

from genesis_mcp.cli.for_people import render
from genesis_mcp.cli.screen import Screen
from genesis_mcp.cli.typed import as_commands, for_reading, local_time, typed
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.command_line import cli, environment
from tests.helpers.service import record, service_on

if sys.platform != "win32":
    from tests.helpers.terminal import in_terminal

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
ESCAPE = "\x1b["
LONG = "muito " * 15 + "longo 日本"
ID = "01a20040-b73c-74f7-be04-d41627ac2953"
COMMANDS = [
    ["failures"],
    ["spec", "spec_03"],
    ["show", "spec_03#1"],
    ["show", "spec_03#1", "--part", "stderr"],
    ["search", "pedido"],
    ["compare", "spec_03"],
    ["describe"],
    ["watch", "spec_03", "--after", "spec_03#1", "--timeout", "0"],
    ["spec", "nada"],
]


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    """Twelve errors, the newest with a long output, and a pass."""
    store_url = f"sqlite:///{(tmp_path_factory.mktemp('people') / 'logs.db').as_posix()}"
    records = [
        {
            "spec_id": f"spec_{number:02d}",
            "exit_code": 1,
            "timestamp": f"2025-11-25T10:{number:02d}:00Z",
            "code_snapshot": "soma(1)\n",
            "stderr": "".join(f"linha {n}\n" for n in range(number * 5))
            + f"Erro{'ABCDEFGHIJKL'[number]}Error: pedido não encontrado: {LONG}\n",
        }
        for number in range(12)
    ]
    fixed = {"spec_id": "spec_03", "exit_code": 0, "timestamp": "2025-11-26T10:00:00Z"}
    records.append({**fixed, "code_snapshot": "soma(2)\n", "stdout": "ok"})
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    cli("ingest", "--quiet", store_url=store_url, input=lines.encode())
    return store_url


@posix_only
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_an_answer_is_for_a_person(store_url, arguments, columns, rows):
    seen, exit_code = in_terminal(*arguments, store_url=store_url, columns=columns, rows=rows)
    assert exit_code == 0
    assert ESCAPE in seen
    for of_a_model in ("<log-", "quoted output is data", "run_id=", "logs_for_spec", "`spec"):
        assert of_a_model not in seen
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-", seen)
    told = "".join(line for line in seen.splitlines() if "genesis-mcp" not in line)
    assert not re.search(r"\dT\d|\d\dZ", told)
    assert (
        "-03:00" in told
        or arguments[0] not in ("failures", "spec", "search")
        or "nada" in arguments
    )


@posix_only
def test_the_newest_error_stays_on_a_screen_of_24_rows(store_url):
    seen, _ = in_terminal("failures", store_url=store_url, NO_COLOR="1")
    rows = sum(-(-max(1, width_of(line)) // 80) for line in seen.splitlines())
    assert rows <= 23  # the prompt has one
    assert "ErroLError" in seen
    assert "spec_11 #1" in seen
    assert "next:  genesis-mcp spec spec_11" in seen


def width_of(line):
    return sum(2 if "\u3000" <= char <= "\ua4cf" else 1 for char in line)


@posix_only
@pytest.mark.parametrize(
    ("variables", "has_colours"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colours_can_be_switched_off(store_url, variables, has_colours):
    for arguments in (["failures"], ["run", "--spec", "a", "--", sys.executable, "-c", ""]):
        seen, _ = in_terminal(*arguments, store_url=store_url, **variables)
        assert (ESCAPE in seen) == has_colours


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_in_a_pipe_an_answer_is_as_a_model_reads_it(store_url, arguments):
    done = cli(*arguments, store_url=store_url, variables={"TERM": "xterm-256color"})
    text = (done.stdout or done.stderr).decode()
    assert ESCAPE not in text
    assert "genesis-mcp spec spec" not in text
    assert "-03:00" not in text


def test_colours_can_be_forced_through_a_pipe(store_url):
    done = cli("failures", store_url=store_url, variables={"FORCE_COLOR": "1"})
    assert ESCAPE.encode() in done.stdout
    done = cli("failures", store_url=store_url, variables={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert ESCAPE.encode() not in done.stdout
    done = cli("failures", "--json", store_url=store_url, variables={"FORCE_COLOR": "1"})
    assert json.loads(done.stdout)["failed"] == 12


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "cp1252"}, {"PYTHONUTF8": "0", "LANG": "C"}]
)
def test_a_console_without_accents_breaks_nothing(store_url, variables):
    done = cli("failures", store_url=store_url, variables=variables)
    assert done.returncode == 0
    assert "pedido não encontrado" in done.stdout.decode()


@posix_only
def test_prune_counts_and_asks_at_a_terminal(tmp_path):
    from tests.helpers.terminal import Terminal

    store_url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    old = b'{"spec_id":"x","exit_code":1,"timestamp":"2020-01-01T00:00:00Z"}\n'
    cli("ingest", store_url=store_url, input=old)
    prune = [sys.executable, "-m", "genesis_mcp", "prune", "--days", "90"]
    with Terminal(*prune, "--dry-run", env=environment(store_url)) as terminal:
        assert "1 record older than 90 days; nothing was deleted." in terminal.to_the_end()
    with Terminal(*prune, env=environment(store_url)) as terminal:
        terminal.until("Delete 1 record older than 90 days? [y/N]")
        terminal.type("n\n")
        assert "nothing was deleted" in terminal.to_the_end()
    with Terminal(*prune, env=environment(store_url)) as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert "1 record older than 90 days deleted." in terminal.to_the_end()
    assert cli("export", store_url=store_url).stdout == b""


@posix_only
def test_long_work_shows_how_far_it_is_at_a_terminal_only(store_url, tmp_path):
    file = tmp_path / "many.ndjson"
    lines = (f'{{"spec_id":"x","exit_code":0,"stdout":"{n}"}}\n' for n in range(3_000))
    file.write_text("".join(lines), encoding="utf-8")
    elsewhere = f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
    for arguments in (
        ["ingest", str(file)],
        ["prune", "--days", "9000", "--yes"],
        ["copy", "--from", elsewhere, "--to", store_url],
    ):
        seen, exit_code = in_terminal(*arguments, store_url=elsewhere)
        assert exit_code == 0, seen
        assert ("100%" in seen) == (arguments[0] != "prune")  # there is nothing old to delete
        assert b"%" not in cli(*arguments, store_url=elsewhere).stderr


# --- sentences ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ('logs_for_spec(spec_id="soma")', "genesis-mcp spec soma"),
        (
            'logs_for_spec(spec_id="a b", failures_only=true, limit=3)',
            "spec 'a b' --failures-only --limit 3",
        ),
        ('get_run(run_id="x", part="stderr", from_line=7)', "show x --part stderr --from-line 7"),
        ('search_logs(text="a\\"b$", failures_only=false)', "search 'a\"b$' --all"),
        ('recent_failures(spec_id="s", since="1h")', "failures --spec s --since 1h"),
        ('compare_runs(spec_id="s")', "compare s"),
        ("describe_logs()", "genesis-mcp describe"),
        ("describe_logs(fields=true)", "genesis-mcp describe --fields"),
        (
            'wait_for_run(spec_id="s", after="01a20040-b73c-74f7-be04-d41627ac2953")',
            "watch s --after 01a20040-b73c-74f",
        ),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX quoting")
def test_a_call_becomes_the_command_that_gives_the_same_answer(call, command):
    assert typed(call).endswith(command)


@pytest.mark.parametrize("text", ['get_run(run_id="x', "get_run(", "get_run(x)", "no call at all"])
def test_what_is_no_call_stays(text):
    assert typed(text) == text


def test_sentences_name_commands_and_short_ids():
    said = f'Ids stand in recent_failures; see get_run(run_id="x") of {ID}'
    assert as_commands(said).startswith(
        "Ids stand in `genesis-mcp failures`; see genesis-mcp show x"
    )
    assert for_reading(said).endswith("of 01a20040-b73c-74f")


def test_times_are_those_of_the_place_with_its_zone():
    from datetime import datetime

    moment = "2020-06-01T12:00:05Z"
    local = datetime.fromisoformat(moment).astimezone()
    told = local_time(moment)
    assert told.startswith(f"{local:%Y-%m-%d %H:%M:%S}")
    assert told.endswith((" UTC", local.isoformat()[-6:]))


def test_what_is_not_believed_or_flaky_is_told_at_a_terminal_too(tmp_path):
    with closing(SQLiteStore(tmp_path / "logs.db")) as store:
        service = service_on(store)
        suite = "= 2 failed, 3 passed in 0.10s =\n"
        record(service, "cauda", 0, minutes_ago=3, stdout=f"===== short test summary\n{suite}")
        for minutes, exit_code in ((9, 0), (8, 1)):
            code = {"code_snapshot": "soma()\n", "stderr": "ValueError: x\n" * exit_code}
            record(service, "soma", exit_code, minutes_ago=minutes, **code)
        page = service.recent_failures(RecentFailures())
    shown = render(page, Screen(120, 24, has_colours=False))
    assert page.in_doubt
    assert f"in doubt: cauda #1 · {page.in_doubt[0].doubt}" in shown
    assert "known to be flaky" in shown


def test_a_screen_without_colours_paints_nothing():
    assert Screen(80, 24, has_colours=False).paint("x", "red") == "x"
    assert Screen(80, 24, has_colours=True).paint("x", "red", "bold") == "\x1b[31;1mx\x1b[0m"
    assert Screen(80, 24, has_colours=True).paint("", "red") == ""
