"""The one rule for names: what becomes of any text that is to name a spec, a run, a service, ...

A name is one line of visible characters without white space around it, at most LABEL_CHARS_MAX.
What a writer tells is cleaned and kept, never a reason to refuse its record.
"""

import hashlib
import json
import re
from collections.abc import Mapping

from genesis_mcp.runs.model import LABEL_CHARS_MAX, LABELS
from genesis_mcp.text.clean import clean, escaped, scrub

NAMES = (*LABELS, "run_id", "level", "recorded_by")

HASH_DIGITS = 8
"""Of the original name, at the end of one that was shortened: enough to tell two apart."""

_BREAKS = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_clean(text: str) -> bool:
    """Whether a text surely is a name as it stands, as nearly every one is, or empty."""
    return (
        text.isascii()
        and text.isprintable()
        and len(text) <= LABEL_CHARS_MAX
        and text[:1] != " " != text[-1:]
    )


def clean_name(text: str) -> str:
    """The name that a text stands for; "" for a text without anything to see.

    Line breaks and control characters become a space, what is invisible goes. Of one that is too
    long the beginning is kept, with a hash of all of it.
    """
    if is_clean(text):
        return text
    name = text.strip()
    if not (name.isascii() and name.isprintable()):
        name = clean(scrub(_BREAKS.sub(" ", name))).replace("\ufffd", "?").strip()
    if len(name) <= LABEL_CHARS_MAX:
        return name
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=HASH_DIGITS // 2)
    return f"{name[: LABEL_CHARS_MAX - HASH_DIGITS - 1].rstrip()}~{digest.hexdigest()}"


def named_exactly(text: str) -> str | None:
    """The uncleaned name that a text in quotes stands for, as `shown_exactly` wrote it."""
    if len(text) < 3 or text[0] != '"' or text[-1] != '"':
        return None
    try:
        name = json.loads(text)
    except ValueError:
        return None
    return name if isinstance(name, str) and clean_name(name) != name else None


def shown_exactly(name: str) -> str:
    """The name itself; one that another writer stored uncleaned in quotes, as JSON has it."""
    if clean_name(name) == name:
        return name
    return escaped(json.dumps(name, ensure_ascii=False))


def told(cleaned: Mapping[str, str]) -> str:
    """A sentence on names that were cleaned, without the names: they may be anything."""
    return f"cleaned to be a name: {', '.join(cleaned)}" if cleaned else ""


def cleaned_names(given: Mapping[str, object]) -> dict[str, str]:
    """Of some fields the names that are not kept as they were given, as they are kept."""
    cleaned = {}
    for name in NAMES:
        text = given.get(name)
        if isinstance(text, str) and not is_clean(text):
            kept = clean_name(text)
            if kept and kept != text:
                cleaned[name] = kept
    return cleaned
