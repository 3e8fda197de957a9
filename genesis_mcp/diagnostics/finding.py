"""Finds the error in what a failed run printed.

It decides neither whether a run failed nor what a reader is shown. The formats of each ecosystem
stand in modules of their own; the table here is their order.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.formats import FORMATS, PLAIN
from genesis_mcp.diagnostics.found import FoundError, Stream
from genesis_mcp.diagnostics.keys import SIGNATURE_VERSION, SignatureKeys, signature_keys
from genesis_mcp.diagnostics.logged import without_log_head
from genesis_mcp.diagnostics.normalise import normalise
from genesis_mcp.diagnostics.parts_seen import MARKERS, SeenText, seen_text
from genesis_mcp.diagnostics.places import place_near, runners_file
from genesis_mcp.diagnostics.prefixes import are_prefixed
from genesis_mcp.diagnostics.recogniser import Frame, Hit, is_own
from genesis_mcp.diagnostics.summaries import is_summary
from genesis_mcp.text.clean import clean, clean_line
from genesis_mcp.text.literals import Literals
from genesis_mcp.text.redact import redact

__all__ = [
    "SIGNATURE_VERSION",
    "FoundError",
    "SignatureKeys",
    "find_error",
    "normalise",
    "readings",
    "signature_keys",
]

LONGEST_MESSAGE = 300
LONGEST_FILE = 300
LONGEST_SECRET = 70
"""Lines that a secret may have above the line that is taken for the error."""
LONGEST_BESIDE = 1_000
ROWS_AT_ONCE = 40
"""Rows whose hints are looked for together: the hints of those behind a row that reads are not."""
LONG_HINT = 6
"""Characters from which a hint hardly ever stands in other output."""

TIERS: tuple[tuple[Format, ...], ...] = (FORMATS, *PLAIN)
"""Tried one after the other, each tier on every stream before the next tier: a traceback on stdout
tells more than a word on stderr. Within a tier the more specific format comes first."""
SURE = 3
"""Tiers that tell an error for sure: formats, errors at a place, and named errors."""

_OF_PREFIXES = frozenset(" []|")
_MARKERS = (
    *MARKERS,
    *(hint for row in FORMATS if row.start for hint in row.hints if len(hint) > LONG_HINT),
)
"""What is looked for in the middle of a long text."""


class Reading(NamedTuple):
    """What one row made of one text."""

    tier: int
    row: Format
    stream: Stream
    text: SeenText
    hit: Hit


class _Texts(Mapping[Stream, SeenText]):
    """What is seen of each text, in their order; none is looked at before it is asked for."""

    def __init__(self, given: dict[Stream, str]) -> None:
        self._given = given
        self._seen: dict[Stream, SeenText] = {}

    def __getitem__(self, stream: Stream) -> SeenText:
        if stream not in self._seen:
            self._seen[stream] = seen_text(clean(self._given[stream]), _MARKERS)
        return self._seen[stream]

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class _Gate(NamedTuple):
    """The hints of some formats, and the numbers of the rows that each belongs to."""

    hints: Literals
    rows_of: dict[str, list[int]]


def _gate(first: int) -> _Gate:
    rows_of: dict[str, list[int]] = {}
    for number, row in enumerate(FORMATS[first : first + ROWS_AT_ONCE], first):
        for hint in row.hints:
            rows_of.setdefault(hint, []).append(number)
    return _Gate(Literals(rows_of), rows_of)


_GATES = tuple(_gate(first) for first in range(0, len(FORMATS), ROWS_AT_ONCE))
_PLAIN_HINTS = Literals(hint for tier in PLAIN for row in tier for hint in row.hints)
"""The tiers of plain errors have the same hints, and all of them are tried where the first is."""


def find_error(
    *, stdout: str, stderr: str, message: str | None = None, guess: bool = True
) -> FoundError | None:
    """The error in the raw output of a run that is known to have failed; None: nothing is printed.

    `message` is what the recorder of the run logged. Without `guess`, only what is surely an error
    counts, not just a line with an error word or the last one. Linear in the length of the texts;
    of long ones the parts are analysed that `parts` chooses.
    """
    first = next(readings(stdout, stderr, message, tiers=TIERS if guess else TIERS[:SURE]), None)
    return _found(first) if first else None


def readings(
    stdout: str,
    stderr: str,
    message: str | None = None,
    *,
    tiers: tuple[tuple[Format, ...], ...] = TIERS,
) -> Iterator[Reading]:
    """What the rows make of the texts, the best first.

    The texts are read as they are. When no format of a tool is in them, they are read again without
    the prefix that their lines may share, and the better reading comes first.
    """
    given: dict[Stream, str] = {"stderr": stderr, "stdout": stdout, "message": message or ""}
    texts = _Texts({stream: text for stream, text in given.items() if text and not text.isspace()})
    as_it_is = _readings(len(tiers), texts)
    first = next(as_it_is, None)
    if first is None or (first.tier == 0 and not _names_what_is_before(first)):
        yield from filter(None, [first])
    else:
        yield from _on_trial(texts, first)
        yield first
    yield from as_it_is


def _readings(tiers: int, texts: Mapping[Stream, SeenText]) -> Iterator[Reading]:
    """What the rows of the first tiers make of the texts; a row is asked where a hint stands."""
    for tier in range(tiers):
        for stream, text in texts.items():
            for row in _plain_rows(tier, text) if tier else _formats(text.text):
                if (hit := row.read(text)) and _says_something(hit, text):
                    yield Reading(tier, row, stream, text, hit)


def _says_something(hit: Hit, text: SeenText) -> bool:
    return any(map(str.strip, (hit.message, hit.type or "", text.lines[hit.line_number])))


def _formats(text: str) -> Iterator[Format]:
    """Those of which a hint stands in the text."""
    for gate in _GATES:
        if hints := gate.hints.within(text):
            for number in sorted({number for hint in hints for number in gate.rows_of[hint]}):
                yield FORMATS[number]


def _plain_rows(tier: int, text: SeenText) -> list[Format]:
    """Those of a tier of which a hint stands in the text, or that have none."""
    if _PLAIN_HINTS not in text.kept:
        text.kept[_PLAIN_HINTS] = set(_PLAIN_HINTS.within(text.text))
    hints = text.kept[_PLAIN_HINTS]
    return [row for row in TIERS[tier] if not (row.hints and hints.isdisjoint(row.hints))]


def _on_trial(texts: Mapping[Stream, SeenText], first: Reading) -> Iterator[Reading]:
    """What is read without prefixes, if it is of a better tier, or of the same in a long text."""
    bare = {stream: text.without_prefixes(on_trial=True) for stream, text in texts.items()}
    stripped = {stream: text for stream, text in bare.items() if text}
    again = next(_readings(first.tier + 1, stripped), None) if stripped else None
    if again is None or (again.tier == first.tier and again.stream != first.stream):
        return
    is_better = _is_place_without(first, again) if first.tier == 0 else again.tier < first.tier
    if is_better or (first.tier and are_prefixed(first.text.lines, again.text.lines)):
        yield again


def _names_what_is_before(reading: Reading) -> bool:
    """Whether the file may have the prefix of its line before it."""
    frame = reading.hit.frame
    return frame is not None and not _OF_PREFIXES.isdisjoint(frame.file)


def _is_place_without(first: Reading, again: Reading) -> bool:
    """Whether the first reading's file begins with what stands before each line."""
    here, there = first.hit.frame, again.hit.frame
    if not here or not there or here.file == there.file:
        return False
    line = first.text.lines[first.hit.line_number]
    before = line[: len(line) - len(again.text.lines[first.hit.line_number])].strip()
    return here.file.endswith(there.file) or (before != "" and here.file.startswith(before))


def _found(reading: Reading) -> FoundError:
    hit, text = reading.hit, reading.text
    frame = _place(reading)
    values = hit.values and clean_line(hit.values, LONGEST_MESSAGE // 2)
    own = clean_line(
        _without_secret(reading), LONGEST_MESSAGE - len(values) - 1 if values else LONGEST_MESSAGE
    )
    message = f"{own} {values}".strip()
    file = clean_line(frame.file.removeprefix("file://"), LONGEST_FILE) if frame else None
    return FoundError(
        type=hit.type,
        message=message or hit.type or clean_line(text.lines[hit.line_number], LONGEST_MESSAGE),
        file=file or None,
        line=frame.line if frame else None,
        stream=reading.stream,
        line_number=text.number(hit.line_number),
        values=values,
        beside=hit.beside[:LONGEST_BESIDE],
        is_error=reading.tier < len(TIERS) - 2,
        is_summary=reading.tier >= SURE and is_summary(hit.message),
        format=reading.row.name,
    )


def _without_secret(reading: Reading) -> str:
    """The message; of a line in the middle of a key or a token, which tells no error, the rest."""
    lines, number = reading.text.lines, reading.hit.line_number
    if reading.tier < SURE:
        return reading.hit.message
    message = without_log_head(reading.hit.message)
    above = lines[max(0, number - LONGEST_SECRET) : number]
    shown = redact("\n".join([*above, lines[number]])).rpartition("\n")[2]
    return message if shown == lines[number] or shown == redact(lines[number]) else shown


def _place(reading: Reading) -> Frame | None:
    """The place of an error: a library's only where nothing names a file of one's own."""
    frame = reading.hit.frame
    if frame is None and reading.tier:
        return place_near(reading.text.lines, reading.hit.line_number)
    if frame and not is_own(frame):
        return runners_file(reading.text.lines) or frame
    return frame
