"""Runs as rows of the SQLite store and back: columns, and what the word search gets."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from genesis_mcp.runs.fields import as_json
from genesis_mcp.runs.model import FACT_FIELDS, TEXTS, Outcome, Run, RunFacts, Signature
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.side_text import side_text, tests_in
from genesis_mcp.runs.times import TIMESTAMP_MIN, from_milliseconds
from genesis_mcp.stores.sqlite.packing import Packed, Packer, texts_in, unpacked
from genesis_mcp.stores.sqlite.schema import SEARCH_TEXTS
from genesis_mcp.stores.words import words

SEARCH_HEAD_CHARS, SEARCH_TAIL_CHARS = 5_000, 15_000
"""What of each text can be searched; for three texts about 64 KiB a run."""

SEARCH_LABELS = ("kind", "spec_id", "sprint_id", "task_id", "service", "signature_group")
"""What the word search can narrow by."""

_SIGNATURE = ("type", "message", "file", "line", "group", "exact", "version")
FACTS = (
    *(name for name in FACT_FIELDS if name not in {"context", "signature"}),
    *(f"signature_{name}" for name in _SIGNATURE),
    "context",
)
"""The columns of `runs` in the order in which statements name them."""

WHOLE = (*FACTS, "packed", "facts")
"""And those of `texts`: what a whole run is made of."""

WITHOUT_TEXTS = (*FACTS, "facts")
"""The same without what it printed."""

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_PLAIN_FACTS = FACTS[: -len(_SIGNATURE) - 1]
_plain_values = attrgetter(*_PLAIN_FACTS)
_signature_values = attrgetter(*_SIGNATURE)
_text_values = attrgetter(*TEXTS)
_NO_SIGNATURE = (None,) * len(_SIGNATURE)
_TIMESTAMP, _OUTCOME = FACTS.index("timestamp"), FACTS.index("outcome")

Row = tuple[Any, ...]


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded up: runs lie on whole ones, so bounds keep their sense."""
    return -((TIMESTAMP_MIN - moment) // timedelta(milliseconds=1))


# --- writing ------------------------------------------------------------------------------------


def facts_row(run: RunFacts) -> list[Any]:
    """The values of FACTS."""
    signature = _NO_SIGNATURE if run.signature is None else _signature_values(run.signature)
    context = None if run.context is None else as_json(run.context)
    row = [*_plain_values(run), *signature, context]
    row[_TIMESTAMP] = to_ms(run.timestamp)
    row[_OUTCOME] = run.outcome and str(run.outcome)  # SQLite's driver is slow with subclasses
    return row


def texts_row(run: Run, packer: Packer) -> list[Packed | None]:
    """The values of the table `texts`."""
    side = side_text(run)
    return [packer.texts(_text_values(run)), None if side is None else packer.text(side)]


# --- reading ------------------------------------------------------------------------------------


def facts_from_row(row: Row) -> RunFacts:
    """Our own row as facts: without validation, which was done when it was recorded."""
    return RunFacts(**_values(row))


def run_from_row(row: Row, text_bytes: int | None) -> Run:
    """WHOLE as a run, each text shortened to about `text_bytes`; WITHOUT_TEXTS as well."""
    values = _values(row[: len(FACTS)])
    for packed in row[len(FACTS) : -1]:
        for name, text in zip(TEXTS, texts_in(packed), strict=True):
            values[name] = (
                text if text is None or text_bytes is None else cap_text(text, text_bytes)
            )
    return Run(**values, tests=tests_in(unpacked(row[-1])))


def searched_texts(packed: Packed) -> list[str | None]:
    """SEARCH_TEXTS, of what is packed."""
    texts = dict(zip(TEXTS, texts_in(packed), strict=True))
    return [texts[name] for name in SEARCH_TEXTS]


def _values(row: Row) -> dict[str, Any]:
    values = dict(zip(_PLAIN_FACTS, row, strict=False))
    values["timestamp"] = from_milliseconds(values["timestamp"])
    values["outcome"] = _OUTCOMES.get(values["outcome"])
    context = row[-1]
    values["context"] = None if context is None else json.loads(context)
    signature = row[len(_PLAIN_FACTS) : -1]
    values["signature"] = (
        None if signature[4] is None else Signature(**dict(zip(_SIGNATURE, signature, strict=True)))
    )
    return values


# --- word search --------------------------------------------------------------------------------


def search_row(labels: Sequence[str | None], texts: Sequence[str | None]) -> list[str]:
    """What the word search keeps of a failure: SEARCH_LABELS as tokens, then SEARCH_TEXTS.

    Part of the stored schema: a contentless index forgets a row only when it is given the same
    text again, so a change here needs a new SCHEMA_VERSION.
    """
    tokens = (
        label_token(name, value)
        for name, value in zip(SEARCH_LABELS, labels, strict=True)
        if value is not None
    )
    return [" ".join(tokens), *(_ends(text or "") for text in texts)]


def searched(run: Run) -> list[str]:
    """`search_row` of a run."""
    labels = [getattr(run, name) for name in SEARCH_LABELS[:-1]]
    labels.append(run.signature.group if run.signature else None)
    return search_row(labels, [getattr(run, name) for name in SEARCH_TEXTS])


def label_token(name: str, value: str) -> str:
    """A label as one word of the index, whatever is in it."""
    return f"{name.replace('_', '')}{value.encode().hex()}"


def _ends(text: str) -> str:
    if len(text) <= SEARCH_HEAD_CHARS + SEARCH_TAIL_CHARS:
        return text
    return f"{text[:SEARCH_HEAD_CHARS]}\n{text[-SEARCH_TAIL_CHARS:]}"


def has_phrase(texts: Iterable[str | None], phrase: list[str]) -> bool:
    """Whether one of the texts has these words, in this order; where there is no index of words."""
    wanted = _as_words(phrase)
    return any(wanted in _as_words(words(text)) for text in texts if text)


def _as_words(those: list[str]) -> str:
    return f" {' '.join(those).casefold()} "
