"""What of a record was understood otherwise than it was written: cleaned names, near misses."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.pino import ERROR_NAMES, LEVEL_NAMES, MESSAGE_NAMES
from genesis_mcp.ingest.records import ALIASES, DERIVED_FIELDS, RESULT_NAMES
from genesis_mcp.runs.model import RUN_FIELDS
from genesis_mcp.runs.names import cleaned_names, told
from genesis_mcp.runs.record_line import MARKS

BY_HAND = {
    "spec": "spec_id", "sprint": "sprint_id", "task": "task_id", "duration": "duration_ms",
    "returncode": "exit_code", "exit": "exit_code", "exitstatus": "exit_code", "output": "stdout",
}  # fmt: skip
"""What people call a field who write one record; in a logger's line these are words of its own."""

LIKENESS = 0.86
"""From which on a name is one that was mistyped; "content" is 0.857 like "context"."""

REPORTS = (
    frozenset({"Action", "Package"}),
    frozenset({"testResults", "numTotalTests"}),
    frozenset({"suites", "config", "stats"}),
    frozenset({"stats", "tests", "failures"}),
    frozenset({"reportFormat", "results"}),
)
"""Names that a test report has, in JSON: of go, jest and vitest, Playwright, mocha, CTRF."""

IS_REPORT = "what a test report says; with --report each test becomes a run"

_NAMES = frozenset(RUN_FIELDS)
_FIELDS = {re.sub("_", "", name): name for name in RUN_FIELDS}
NAME_CHARS = 40
"""A longer name is no field's."""
_PLAIN = re.compile(rf"[\w-]{{1,{NAME_CHARS}}}")
_OTHER = re.compile("[^a-z0-9]")


def near_misses(names: Iterable[str], *, by_hand: bool) -> dict[str, str]:
    """The names that nearly are those of fields, and the fields that they nearly are.

    In a stream only what differs in case and punctuation, such as `exit-code`, is one.
    """
    found: dict[str, str] = {}
    for name in names:
        if name in _NAMES:
            continue
        meant = _meant(name, by_hand=by_hand) if len(name) <= NAME_CHARS else None
        if meant:
            found[name] = meant
    return found


@lru_cache(maxsize=1024)  # the records of a stream have the same names
def _meant(name: str, *, by_hand: bool) -> str | None:
    plain = _OTHER.sub("", name.lower())
    return _FIELDS.get(plain) or (_mistyped(plain) if by_hand else None)


def _mistyped(plain: str) -> str | None:
    if plain in BY_HAND:
        return BY_HAND[plain]
    for like in get_close_matches(plain, _FIELDS, 1, LIKENESS):
        if abs(len(like) - len(plain)) <= 1 and plain != f"{like}s":
            return _FIELDS[like]
    return None


def refuse_what_is_none(record: Mapping[str, object]) -> None:
    """Refuse a record that was written by hand and names no field, or one that nearly is one.

    Raises:
        InputError: with the names meant.
    """
    known = {*RUN_FIELDS, *ALIASES, *RESULT_NAMES, *LEVEL_NAMES, *MESSAGE_NAMES, *ERROR_NAMES}
    missed = near_misses(record.keys() - known - MARKS - DERIVED_FIELDS, by_hand=True)
    if missed:
        given, meant = next(iter(sorted(missed.items())))
        shown = f" ({given})" if _PLAIN.fullmatch(given) else ""
        raise InputError(f"A name is no field of a record{shown}: do you mean {meant}?")
    if known.isdisjoint(record):
        raise InputError(
            "This is no record: it has none of its fields, such as spec_id, exit_code, stderr. "
            "docs/schema.md has them all."
        )


def notes_on(record: Mapping[str, object], taken: Mapping[str, object]) -> tuple[str, ...]:
    """What to say of a record of a stream, of which `taken` are the fields of its run."""
    notes = []
    if cleaned := cleaned_names(taken):
        notes.append(told(cleaned))
    others = record.keys() - _NAMES
    if not others:  # nearly always
        return tuple(notes)
    if missed := near_misses(filter(others.__contains__, record), by_hand=False):
        notes.append(f"names that are nearly fields, and none: {', '.join(missed.values())}")
    if any(names <= record.keys() for names in REPORTS):
        notes.append(IS_REPORT)
    return tuple(notes)
