"""Records made of what others give: complete, within every store's limits, or refused in our words.

`make_run` is for what a worker tells, `restored` for what a store had, `fitted` for what a store
has of another writer: what does not fit there goes to `context`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from genesis_mcp.runs.fields import UnfitFields, checked, json_bytes
from genesis_mcp.runs.identifiers import derived_run_id, new_run_id
from genesis_mcp.runs.kinds import kind_of
from genesis_mcp.runs.model import (
    CONTEXT_BYTES_MAX,
    RUN_FIELDS,
    TEXT_SIZES,
    Outcome,
    Run,
    code_hash,
    derive_outcome,
    run_with,
)
from genesis_mcp.runs.names import cleaned_names
from genesis_mcp.runs.shortening import cap_output, cap_text
from genesis_mcp.runs.times import milliseconds_since_1970, now

PRINTED = frozenset({"stdout", "stderr"})
"""The texts that are empty rather than absent, and of which a failure keeps the error."""

UNFIT_BYTES_MAX = 1024
"""Of a value that does not fit its field, what `context` keeps of it."""


def make_run(fields: Mapping[str, Any], *, recorded_by: str) -> Run:
    """A complete run from what a worker, a client or a line of NDJSON tells of it.

    Missing identity, time, kind, outcome and sizes are filled in; texts are capped. An empty
    message or code is "not given". What it is without a `kind`, `kinds` tells.

    Raises:
        UnfitFields: a field is of the wrong type or out of range.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    if "run_id" not in given:
        given["run_id"] = new_run_id()
    if "timestamp" not in given:
        given["timestamp"] = now()
    given.setdefault("recorded_by", recorded_by)
    fit = checked(given)
    fit.setdefault("kind", kind_of(fit))
    is_failure = (
        fit.get("outcome", Outcome.PASSED) != Outcome.PASSED or fit.get("exit_code", 0) != 0
    )
    fit["wants_iteration"] = (
        fit["kind"] != "event" and bool(fit.get("spec_id")) and "iteration" not in given
    )
    return run_with(_completed(fit, cap=cap_output if is_failure else cap_text, size=max))


def restored(fields: Mapping[str, Any]) -> Run:
    """The run that a store had: nothing is filled in, and without an iteration it has none.

    Raises:
        UnfitFields: a field is of the wrong type or out of range.
    """
    fit = checked(fields)
    return Run(**_completed(fit, cap=cap_text, size=lambda told, length: told or length))


def _completed(
    fit: dict[str, Any], *, cap: Callable[[str], str], size: Callable[[int, int], int]
) -> dict[str, Any]:
    """The fields with what they tell of each other: outcome, hash, sizes; their texts capped."""
    if fit.get("kind") == "event":
        fit["outcome"] = None
    elif fit.get("outcome") is None:
        printed = bool(fit.get("stdout") or fit.get("stderr"))
        fit["outcome"] = derive_outcome(fit.get("exit_code"), has_output=printed)
    if fit.get("code_snapshot") and fit.get("code_hash") is None:
        fit["code_hash"] = code_hash(fit["code_snapshot"])
    for name, size_name in TEXT_SIZES.items():
        if text := fit.get(name):
            length = len(text) if text.isascii() else len(text.encode())
            fit[size_name] = size(fit.get(size_name, 0), length)
            fit[name] = cap(text) if name in PRINTED else cap_text(text)
        elif name not in PRINTED:
            fit[name] = None
    return fit


def fitted(run: Run) -> Run:
    """A run as it was read from a store, as every other store keeps it.

    Ours are not changed. Of another writer's, names are cleaned and values out of range left out;
    what was there stands in `context` under the field's name, if there is room.
    """
    fields = {name: getattr(run, name) for name in RUN_FIELDS}
    cleaned = cleaned_names({name: value for name, value in fields.items() if name != "level"})
    try:
        if not cleaned:
            return restored(fields)
        checked(fields)
        unfit = set[str]()
    except UnfitFields as error:
        unfit = set(error.wanted)
    changed = unfit | cleaned.keys()
    kept = {name: _shown(fields[name]) for name in sorted(changed) if name != "context"}
    for name in changed:
        value = fields[name]
        if name == "run_id":
            moment = milliseconds_since_1970(run.timestamp)
            fields[name] = derived_run_id(moment, str(value).encode("utf-8", "replace"))
        elif name in cleaned:
            fields[name] = cleaned[name]
        elif name.endswith("_bytes"):
            fields[name] = 0
        else:
            fields[name] = None
    context = {**kept, **(fields["context"] or {})}
    if json_bytes(context) <= CONTEXT_BYTES_MAX:
        fields["context"] = context
    return restored(fields)


def _shown(value: object) -> str | int | float | None:
    if isinstance(value, int | float) or value is None:
        return value
    return cap_text(str(value), UNFIT_BYTES_MAX)
