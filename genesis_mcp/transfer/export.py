"""Runs as lines of JSON, oldest first: the inverse of `ingest`, for pipes, files and other tools.

Texts leave as they are stored, without redaction: an export is the store's own copy.
"""

from collections.abc import Iterator
from typing import Any

from genesis_mcp.runs.conforming import fitted
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.record_line import as_json, as_record
from genesis_mcp.runs.signing import sign_anew
from genesis_mcp.runs.verdicts import verdict
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.transfer.batches import PAGE, read_batches


def export(store: RunStore, *, spec_id: str | None = None, derived: bool = False) -> Iterator[str]:
    """One line of JSON for each run and event, fields without a value left out.

    `derived` adds what this package makes of a run: outcome, error, verdict, doubt and what its
    output tells of tests.
    """
    before: dict[str, RunFacts] = {}
    for batch in read_batches(store, RunQuery(spec_id=spec_id, limit=PAGE)):
        for run in batch.runs:
            record = as_record(fitted(run))
            if derived:
                record |= _derived(run, before)
            yield as_json(record)


def _derived(run: Run, before: dict[str, RunFacts]) -> dict[str, Any]:
    facts = sign_anew(run)
    signature = facts.signature
    judged = verdict(facts, before.get(run.spec_id or ""))
    if judged and run.spec_id:
        before[run.spec_id] = facts
    record = {
        "outcome": run.outcome,
        "error_type": signature and signature.type,
        "error_message": signature and signature.message,
        "error_location": signature and signature.location,
        "signature_group": signature and signature.group,
        "signature_exact": signature and signature.exact,
        "verdict": judged,
        "doubt": facts.doubt,
        "tests_passed": facts.tests_passed,
        "tests_failed": facts.tests_failed,
        "tests_skipped": facts.tests_skipped,
        "failing_tests": [one.name for one in facts.tests.failing] if facts.tests else None,
        "flaky_tests": list(facts.tests.flaky_tests) if facts.tests else None,
    }
    return {name: value for name, value in record.items() if value not in (None, [])}
