"""A service at a fixed time, and runs recorded in few words."""

from datetime import UTC, datetime, timedelta

from genesis_mcp.questions import Service
from genesis_mcp.runs.conforming import make_run

NOW = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)


def service_on(store):
    return Service(store, clock=lambda: NOW)


def record(to, spec_id="spec_a", exit_code=0, *, minutes_ago=0.0, **fields):
    """Record a run that ended so long before NOW; what the service says of it."""
    ended = NOW - timedelta(minutes=minutes_ago)
    known = {"spec_id": spec_id, "exit_code": exit_code, "timestamp": ended, "kind": "run"}
    return to.record_one(make_run({**known, **fields}, recorded_by="test"))
