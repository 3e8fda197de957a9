"""What several questions need to know about specs: the run before one, and names like one."""

from difflib import get_close_matches

from genesis_mcp.models import Cursor, Outcome, RunFacts, RunQuery
from genesis_mcp.service.signing import signed_one
from genesis_mcp.showing import is_plain_name
from genesis_mcp.stores.base import RunStore

SPECS_COMPARED = 500
"""Most recently active specs among which the nearest to an unknown one is looked for."""

UNKNOWN_SKIPPED = 20
"""Runs without a recorded outcome that are passed over to find the attempt before."""


def previous_run(store: RunStore, run: RunFacts) -> RunFacts | None:
    """The nearest earlier run of the same spec whose outcome is known, signed."""
    if run.spec_id is None or run.kind == "event":
        return None
    query = RunQuery(
        spec_id=run.spec_id,
        kind="run",
        after=Cursor(run.timestamp, run.run_id),
        limit=UNKNOWN_SKIPPED,
    )
    earlier = (one for one in store.find(query).runs if one.outcome != Outcome.UNKNOWN)
    return signed_one(store, next(earlier, None))


def nearest_specs(store: RunStore, spec_id: str) -> list[str]:
    """Up to five recorded specs whose names come near to `spec_id`, the nearest first."""
    wanted = spec_id.casefold()
    known = {
        spec.spec_id.casefold(): spec.spec_id
        for spec in reversed(store.specs(limit=SPECS_COMPARED))
        if is_plain_name(spec.spec_id)
    }
    close = get_close_matches(wanted, known, 5, 0.5)
    inside = [name for name in known if wanted in name or name in wanted]
    return [known[name] for name in dict.fromkeys([*close, *inside])][:5]
