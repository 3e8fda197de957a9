"""Runs of any writer made such that every store keeps them: what does not fit goes to `context`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from genesis_mcp.runs.identifiers import derived_run_id
from genesis_mcp.runs.model import (
    CONTEXT_BYTES_MAX,
    LABEL_CHARS_MAX,
    TEXT_SIZES,
    Run,
    code_hash,
    derive_outcome,
)
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.text.clean import clean_line

AS_STORED = "as_stored"
"""In an exported record: what it leaves out was not there, so that `ingest` fills nothing in."""

LABELS = frozenset(
    {"spec_id", "sprint_id", "task_id", "service", "version", "level", "recorded_by"}
)

UNFIT_BYTES_MAX = 1024
"""Of a value that does not fit its field, what `context` keeps of it."""

HASH_DIGITS = 8
"""Of the original label, at the end of one that was shortened: enough to tell two apart."""


def fitted_label(text: str) -> str:
    """The label itself if it is one, else its visible characters, cut, and a hash of all of it.

    A label is one line of visible characters, at most LABEL_CHARS_MAX.
    """
    line = clean_line(text, LABEL_CHARS_MAX + 1)
    if line == text and len(text) <= LABEL_CHARS_MAX and "\ufffd" not in text:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=HASH_DIGITS // 2)
    kept = line[: LABEL_CHARS_MAX - HASH_DIGITS - 1].rstrip("…\ufffd ").replace("\ufffd", "?")
    return f"{kept}~{digest.hexdigest()}"


def restored(fields: Mapping[str, Any]) -> Run:
    """The run that a store had: nothing is filled in, and without an iteration it has none.

    Raises:
        pydantic.ValidationError: a field is of the wrong type or out of range.
    """
    run = Run.model_validate({"iteration": None, **fields})
    changed: dict[str, Any] = {
        name: cap_text(text) for name in TEXT_SIZES if (text := getattr(run, name))
    }
    changed |= {
        size: getattr(run, size) or len(text.encode())
        for name, size in TEXT_SIZES.items()
        if (text := getattr(run, name))
    }
    for name in ("message", "code_snapshot"):
        changed[name] = changed.get(name)
    if run.code_snapshot and run.code_hash is None:
        changed["code_hash"] = code_hash(run.code_snapshot)
    if run.kind == "event":
        changed["outcome"] = None
    elif run.outcome is None:
        printed = bool(run.stdout or run.stderr)
        changed["outcome"] = derive_outcome(run.exit_code, has_output=printed)
    return run.model_copy(update=changed)


def fitted(run: Run) -> Run:
    """A run as it was read from a store, as every other store keeps it.

    Ours are not changed. Of another writer's, a label that is none is shortened, and a value out
    of range left out; what was there stands in `context` under the field's name, if there is room.
    """
    fields = dict(run)
    try:
        return restored(fields)
    except ValidationError as error:
        unfit = {str(detail["loc"][0]) for detail in error.errors(include_url=False)}
    kept = {name: _shown(fields[name]) for name in sorted(unfit) if name != "context"}
    for name in unfit:
        value = fields[name]
        if name == "run_id":
            moment = milliseconds_since_1970(run.timestamp)
            fields[name] = derived_run_id(moment, str(value).encode("utf-8", "replace"))
        elif name in LABELS and isinstance(value, str):
            fields[name] = fitted_label(value) if value.strip() else None
        elif name.endswith("_bytes"):
            fields[name] = 0
        else:
            fields[name] = None
    context = {**kept, **(fields["context"] or {})}
    if len(to_json(context)) <= CONTEXT_BYTES_MAX:
        fields["context"] = context
    return restored(fields)


def _shown(value: object) -> str | int | float | None:
    if isinstance(value, int | float) or value is None:
        return value
    return cap_text(str(value), UNFIT_BYTES_MAX)
