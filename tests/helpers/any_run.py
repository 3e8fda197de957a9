"""Any run, or event, that there can be, for tests of properties."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as some

from genesis_mcp.runs.conforming import make_run, restored
from genesis_mcp.runs.model import INT32_MAX, INT32_MIN, RUN_FIELDS, UINT32_MAX, Outcome
from genesis_mcp.text.clean import scrub

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END_MS = 200 * 365 * 86_400_000

labels = some.text(string.ascii_letters + string.digits + " .:/#é😀-", min_size=1, max_size=30)
names = labels.map(str.strip).filter(bool)
texts = some.text(max_size=200)
values = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)

given_fields = some.fixed_dictionaries(
    {
        "timestamp": some.integers(0, END_MS).map(
            lambda milliseconds: BEGINNING + timedelta(milliseconds=milliseconds)
        )
    },
    optional={
        "kind": some.sampled_from(["run", "event"]),
        "level": some.sampled_from(["info", "error", "fatal"]),
        "spec_id": names,
        "iteration": some.integers(0, UINT32_MAX),
        "exit_code": some.sampled_from([0, 1, -1, -2]) | some.integers(INT32_MIN, INT32_MAX),
        "outcome": some.sampled_from(list(Outcome)),
        "duration_ms": some.integers(0, UINT32_MAX),
        "sprint_id": names,
        "task_id": names,
        "service": names,
        "version": names,
        "context": some.dictionaries(texts, values, max_size=3),
        "stdout_bytes": some.integers(0, 10**12),
        "code_bytes": some.integers(0, 10**12),
        "message": texts,
        "stdout": texts,
        "stderr": texts,
        "code_snapshot": texts,
    },
)


@some.composite
def runs(draw):
    """A run as a recorder makes it, as a store had it, or as it is without its secrets."""
    run = make_run(draw(given_fields), recorded_by="test")
    form = draw(some.sampled_from(["made", "restored", "longer than it was"]))
    if form == "made":
        return run
    if form == "restored":
        fields = {name: getattr(run, name) for name in RUN_FIELDS}
        return restored({name: value for name, value in fields.items() if value is not None})
    text = scrub(draw(texts))
    size = max(min(1, len(text)), min(run.stderr_bytes, len(text.encode())))
    return replace(run, stderr=text, stderr_bytes=size)
