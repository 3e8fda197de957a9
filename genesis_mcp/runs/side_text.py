"""What is kept beside a run as one text of JSON, which lists never read: so far, what of its tests.

One object with a name for each thing, so that more can be kept without a change of any schema.
"""

import json

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.test_report import TestReport


def side_text(run: Run) -> str | None:
    """The text to store, at most a few bytes more than the report in it; None for nothing."""
    return None if run.tests is None else f'{{"tests":{run.tests.to_json()}}}'


def tests_in(stored: str | None) -> TestReport | None:
    """The test report in such a text; None for anything else."""
    if not stored:
        return None
    try:
        told = json.loads(stored)
    except (ValueError, RecursionError):
        return None
    return TestReport.told(told.get("tests")) if isinstance(told, dict) else None
