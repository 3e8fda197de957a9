"""What an agent is told beside a failure that is not its first: the verdict, in one short text."""

from genesis_mcp.questions.errors_shown import rerun_of
from genesis_mcp.questions.record_run import Recorded
from genesis_mcp.questions.tests_told import told_verdict
from genesis_mcp.runs.model import Verdict

CHARS_MAX = 300
"""Of all that is said: it costs the agent tokens at each failure."""


def said_beside(recorded: Recorded) -> str:
    """The verdict, what is remarkable, and the command that runs only what failed; or nothing.

    Nothing stands in it of what the program printed but the names of its tests, cleaned and quoted
    for a shell.
    """
    run, verdict = recorded.run, told_verdict(recorded.judged)
    is_news = recorded.status == "recorded" and recorded.verdict not in (None, Verdict.FIRST)
    if not (run.failed and is_news and verdict):
        return ""
    parts = [f"genesis-mcp: #{run.iteration} {verdict}", *recorded.remarks]
    if alone := rerun_of(run):
        parts.insert(2, f"alone: {alone}")
    said = ""
    for part in parts:
        longer = f"{said}; {part}" if said else part
        said = longer if len(longer) <= CHARS_MAX else said
    return said
