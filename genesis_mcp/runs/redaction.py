"""Takes the secrets out of a run before it is stored, for those who set `GENESIS_REDACT=write`."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from genesis_mcp.runs.model import LABELS, TEXT_SIZES, Run
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.text.personal_numbers import Kind, without_personal_numbers
from genesis_mcp.text.redact import redact

SPLIT_CHARS = 1_000
"""Characters at either side of a cut that go with it: what was split is not known as a secret."""

_CUT = re.compile(r"\n\[\.\.\. ([\d,]+) bytes left out \.\.\.\]\n")


def without_secrets(run: Run, also: Collection[Kind] = ()) -> Run:
    """The run with every recognised secret replaced in its texts, labels and context.

    `also`: kinds of personal numbers that are replaced as well. Its sizes stay those of the
    original texts, its code_hash that of the original code, and its run_id stays. Redacting again
    changes nothing.
    """

    def replaced(text: str) -> str:
        return without_personal_numbers(redact(text), also)

    changed: dict[str, Any] = {
        name: replaced(value) for name in LABELS if (value := getattr(run, name)) is not None
    }
    for name, size in TEXT_SIZES.items():
        text = getattr(run, name)
        if text:
            is_cut = len(text.encode()) < getattr(run, size)
            changed[name] = cap_text(replaced(_without_split_lines(text) if is_cut else text))
    if run.context is not None:
        fields = run.context.items()
        context = dict(_redacted_field(name, value, replaced) for name, value in fields)
        changed["context"] = context
    return replace(run, **changed)


def _without_split_lines(text: str) -> str:
    """A text of which parts were left out, without the remains of the two lines at each cut."""
    before, *rest = _CUT.split(text)
    kept = []
    for size, after in zip(rest[::2], rest[1::2], strict=True):
        first = before[max(before.rfind("\n") + 1, len(before) - SPLIT_CHARS) :]
        line_feed = after.find("\n")
        last = after[: min(SPLIT_CHARS, len(after) if line_feed < 0 else line_feed)]
        left_out = int(size.replace(",", "")) + len(f"{first}{last}".encode())
        kept += [before[: len(before) - len(first)], f"\n[... {left_out:,} bytes left out ...]\n"]
        before = after[len(last) :]
    return "".join([*kept, before])


def _redacted_field(name: str, value: object, replaced: Callable[[str], str]) -> tuple[str, Any]:
    field = json.dumps({name: value}, ensure_ascii=False, default=str)
    redacted = replaced(field)
    if redacted == field:
        return name, value
    try:
        [(name, value)] = json.loads(redacted).items()
    except ValueError:  # such as a password that is a number, which leaves no JSON
        return replaced(name), "[redacted:secret]"
    return name, value
