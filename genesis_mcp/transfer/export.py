"""Runs as lines of JSON, oldest first: the inverse of `ingest`, for pipes, files and other tools.

Texts leave as they are stored, without redaction: an export is the store's own copy.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from genesis_mcp.questions.same_code import hashed
from genesis_mcp.runs.attempt_places import Standing
from genesis_mcp.runs.conforming import fitted
from genesis_mcp.runs.model import Run, Verdict
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.record_line import as_json, as_record
from genesis_mcp.runs.signing import sign_anew
from genesis_mcp.runs.test_changes import change_of
from genesis_mcp.runs.verdicts import verdict
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.transfer.batches import PAGE, read_batches


def export(
    store: RunStore,
    *,
    spec_id: str | None = None,
    derived: bool = False,
    left_out: Callable[[int], None] = lambda _: None,
) -> Iterator[str]:
    """One line of JSON for each run and event, fields without a value left out.

    `derived` adds what this package makes of a run: outcome, error, verdict, doubt and what its
    output tells of tests. Of all specs it has no suites, whose tests are all there: who adds up its
    lines counts each test once. `left_out` hears at the end how many there are.
    """
    suites = 0
    standings: dict[str, Standing] = defaultdict(Standing)
    for batch in read_batches(store, RunQuery(spec_id=spec_id, suites=True, limit=PAGE)):
        for run in batch.runs:
            if derived and spec_id is None and run.kind == "suite":
                suites += 1
                continue
            record = as_record(fitted(run))
            if derived:
                record |= _derived(run, standings)
            yield as_json(record)
    if suites:
        left_out(suites)


def _derived(run: Run, standings: dict[str, Standing]) -> dict[str, Any]:
    facts = hashed(sign_anew(run))
    signature = facts.signature
    record = {
        "outcome": run.outcome,
        "error_type": signature and signature.type,
        "error_message": signature and signature.message,
        "error_location": signature and signature.location,
        "signature_group": signature and signature.group,
        "signature_exact": signature and signature.exact,
        "verdict": _verdict(facts, standings),
        "doubt": facts.doubt,
        "tests_passed": facts.tests_passed,
        "tests_failed": facts.tests_failed,
        "tests_skipped": facts.tests_skipped,
        "failing_tests": [one.name for one in facts.tests.failing] if facts.tests else None,
        "flaky_tests": list(facts.tests.flaky_tests) if facts.tests else None,
    }
    return {name: value for name, value in record.items() if value not in (None, [])}


def _verdict(run: Run, standings: dict[str, Standing]) -> Verdict | None:
    """As the questions tell it: by error and tests, against what the attempts before it left."""
    run = _without_texts(run)
    standing = standings[run.spec_id] if run.spec_id else Standing()
    if (place := standing.place(run)) is None:
        return None
    if run.spec_id:
        standings[run.spec_id] = standing.after(run)
    before = place.before if isinstance(place.before, Run) else None
    told_before = before.tests if before else None
    change = change_of(run, run.tests, before, told_before) if run.tests else None
    return verdict(run, place, change)


def _without_texts(run: Run) -> Run:
    """What is kept of a run until the next attempt at its spec."""
    return replace(run, message=None, stdout="", stderr="", code_snapshot=None)
