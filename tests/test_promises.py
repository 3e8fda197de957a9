"""Each promise of SECURITY.md and docs/security.md, and the tests that hold it."""

import re
import sys
from pathlib import Path

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.questions.arguments import GetRun
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.service import service_on

ROOT = Path(__file__).parents[1]

HELD_BY = {
    "SECURITY.md": {
        "Text of a log is data": "questions/test_answers.py stores/contract/test_round_trip.py",
        "Secrets of known forms": "questions/test_redacted_answers.py runs/test_redaction.py "
        "text/test_personal_numbers.py",
        "The store's address stays here": "cli/test_no_password_is_told.py cli/test_doctor.py "
        "recording/test_withheld.py",
        "Read-only is kept": "mcp_server/test_stdio.py stores/mongodb/test_store.py "
        "stores/clickhouse/test_store.py",
        "Files are yours alone": "stores/sqlite/test_store.py stores/sqlite/test_sharing.py "
        "recording/test_inbox.py",
        "Work on a text": "text/test_growth.py text/test_parts_a_pattern_sees.py "
        "stores/contract/test_time_limit.py",
    },
    "docs/security.md": {
        '"ignore your instructions"': "questions/test_answers.py test_promises.py",
        "escape sequences, invisible": "text/test_clean.py properties/test_budget.py",
        "text that makes a pattern slow": "text/test_growth.py text/test_parts_a_pattern_sees.py",
        "a test report or a log file": "ingest/test_junit.py ingest/test_junit_reports.py "
        "ingest/test_any_report.py ingest/test_session.py",
        "a value that becomes part": "stores/contract/test_round_trip.py",
        "Every argument is checked": "mcp_server/test_raw_lines.py mcp_server/test_incoming.py "
        "mcp_server/test_stdio.py",
        "No tool deletes": "mcp_server/test_tools.py mcp_server/test_stdio.py",
        "No error holds": "stores/test_fault_matrix.py cli/test_no_password_is_told.py",
        "A question is bounded": "stores/contract/test_time_limit.py properties/test_budget.py",
        "It does not get the variables": "recording/test_withheld.py",
        "Its time limit ends": "recording/test_command.py recording/test_lost_recorder.py",
        "What it printed is bounded": "recording/test_command.py",
        "Claude's configuration file": "stores/mongodb/test_store.py "
        "stores/clickhouse/test_store.py",
        "A password in `--store`": "",  # a warning
        "The arguments of a recorded": "test_promises.py",
        "`genesis-mcp doctor`, errors": "cli/test_no_password_is_told.py cli/test_doctor.py",
    },
}
"""By how a promise begins."""


def promises(page):
    """Rows of tables and items of lists; of SECURITY.md those under what is promised."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page == "SECURITY.md":
        text = text.partition("## What is promised")[2].partition("\n## ")[0]
    found = re.findall(r"^(?:- |\| )(.+)", text, re.MULTILINE)
    return [one.replace("**", "") for one in found if not one.startswith("What it tries")]


@pytest.mark.parametrize("page", HELD_BY)
def test_each_promise_names_tests_that_are_there(page):
    held = HELD_BY[page]
    for promise in promises(page):
        assert any(promise.startswith(beginning) for beginning in held), promise
    for beginning, files in held.items():
        assert any(promise.startswith(beginning) for promise in promises(page)), beginning
        for file in files.split():
            assert "def test_" in (ROOT / "tests" / file).read_text(encoding="utf-8"), file


def test_each_answer_has_a_mark_of_its_own(open_at, url):
    cli("record", store_url=url, input=b'{"run_id":"one","exit_code":1,"stderr":"boom"}')
    marks = set()
    for _ in range(5):
        answer = service_on(open_at(url)).get_run(GetRun(run_id="one"))
        marks |= set(re.findall(r"<log-(\w+)", fit(answer, MAX_CHARS).text))
    assert len(marks) == 5
    assert all(len(mark) >= 4 for mark in marks)


def test_the_environment_of_a_command_is_not_recorded_and_its_arguments_are_redacted(url):
    quiet = environment(url, DEPLOY_PASSWORD="hunter2hunter2")
    command = [sys.executable, "-c", "pass", "--password", "sesame-4711"]
    cli("run", "--spec", "x", "--", *command, store_url=url, variables=quiet)
    [record] = exported(url)
    assert "hunter2hunter2" not in str(record)
    assert record["context"]["command"][1:] == command[1:]
    shown = cli("show", "x#1", store_url=url).stdout.decode()
    assert "--password" in shown
    assert "sesame-4711" not in shown
