"""What there is of a kind, for whoever asked for a name that is not there: the nearest first."""

from collections.abc import Iterable

from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.runs.query import PAGE_MAX, RunQuery
from genesis_mcp.stores.contract import ReadsAtOnce

SPECS_COMPARED = 500
"""Most recently active specs among which the nearest to an unknown one is looked for."""

ATTEMPTS_COMPARED = 100
"""Newest attempts of a spec among which the nearest to one that is not there is looked for."""

NAMED = 5
"""Names that are told."""

LABELS = ("service", "sprint_id", "task_id")
"""Filters whose values no store has a list of: the newest PAGE_MAX records tell some."""


def nearest_specs(store: ReadsAtOnce, spec_id: str) -> list[str]:
    """Recorded specs whose names come near to `spec_id`; else the most recently active ones."""
    return _nearest(spec_id, [spec.spec_id for spec in store.specs(limit=SPECS_COMPARED)])


def nearest_attempts(store: ReadsAtOnce, spec_id: str, number: int) -> list[int]:
    """The numbers of a spec's newest attempts that come nearest to this one."""
    query = RunQuery(spec_id=spec_id, kind="run", limit=ATTEMPTS_COMPARED)
    numbers = {run.iteration for run in store.find(query).runs if run.iteration is not None}
    return sorted(numbers, key=lambda one: (abs(one - number), -one))[:NAMED]


def nearest_values(store: ReadsAtOnce, query: RunQuery) -> dict[str, list[str]]:
    """Of each filter whose value no record has, values that newest records have."""
    asked = {name: value for name in LABELS if (value := getattr(query, name)) is not None}
    unknown = [
        name for name in asked if not store.count(RunQuery(**{name: asked[name]}), at_most=1)
    ]
    if not unknown:
        return {}
    newest = store.find(RunQuery(limit=PAGE_MAX)).runs
    return {name: _nearest(asked[name], (getattr(run, name) for run in newest)) for name in unknown}


def _nearest(name: str, recent: Iterable[str | None]) -> list[str]:
    """Those that come near to a name; when none does, the most recent ones.

    An answer without a way on is a dead end.
    """
    from difflib import get_close_matches

    wanted = name.casefold()
    plain = dict.fromkeys(one for one in recent if one is not None and is_plain_name(one))
    known = {one.casefold(): one for one in reversed(plain)}
    close = get_close_matches(wanted, known, NAMED, 0.5)
    inside = [one for one in known if wanted in one or (one in wanted and len(one) > 2)]
    near = [known[one] for one in dict.fromkeys([*close, *inside])]
    return (near or list(plain))[:NAMED]
