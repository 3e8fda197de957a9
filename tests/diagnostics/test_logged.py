"""Of a line that a logger wrote, the message is told without the time and the level before it."""

import pytest

from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.diagnostics.logged import without_log_head


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2026-11-27 10:00:00,123 ERROR app.db: no answer", "app.db: no answer"),
        ("2026-11-27T10:00:00.5Z [error] worker: no answer", "worker: no answer"),
        ("2026-11-27 10:00:00,123 - app.db - ERROR - no answer", "app.db: no answer"),
        ("10:00:00.123 [main] ERROR c.l.Order - no answer", "c.l.Order - no answer"),
        ("[10:00:00] no answer", "no answer"),
        ("Fri Nov 27 10:00:00 2026 no answer", "no answer"),
        ("ERROR:root:no answer", "no answer"),
        ("ERROR:app.db:no answer", "app.db: no answer"),
        ('level=error ts=1 msg="no answer" err="dial: refused" n=3', "no answer: dial: refused"),
    ],
)
def test_time_and_level_are_no_part_of_the_message(line: str, message: str) -> None:
    assert without_log_head(line) == message


@pytest.mark.parametrize(
    "line",
    [
        "error: no answer",
        "ERROR: no answer",
        "10:00:00",
        "took 00:00:03 and failed",
        "2026-11-27 10:00:00 12/40",
        "a=1 level=3 failed",
    ],
)
def test_what_is_no_line_of_a_logger_stays_as_it_is(line: str) -> None:
    assert without_log_head(line) == line


def test_the_error_of_a_run_that_logs_is_told_so() -> None:
    error = find_error(
        stdout="2026-11-27 10:00:00,001 INFO app: up\n2026-11-27 10:00:01,004 ERROR app: no\n",
        stderr="",
    )
    assert error is not None
    assert error.message == "app: no"
