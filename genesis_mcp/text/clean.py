"""Makes program output safe and plain to read; it removes what cannot be seen, never what can.

A terminal acts on part of what a program prints (colours, redrawn progress bars), a reader sees
none of the invisible characters, and a model reads all of them. `clean` leaves what a person in
front of a terminal would have seen, as lines separated by a line feed: of what was written over all
but true redraws.
"""

import json
from functools import partial

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.redraws import all_said
from genesis_mcp.text.windows import chunks, in_pieces

SAMPLED = 4 * 1024
"""Characters whose colours are replaced as they stand: a long output has the same ones throughout,
and replacing a text is much faster than searching for a pattern."""

MOST_COLOURS = 12
"""Of those: more are gradients, where the pattern is faster."""

PART = 64 * 1024
"""Characters, in whole lines, that are cleaned at once. No pattern sees more than `WINDOW` of them,
or than a line that is redrawn."""

REPLACEMENT = "\ufffd"
ESCAPE = "\x1b"

_LINE_BREAKS = ("\r\n", "\x85", "\u2028", "\u2029")

# Control, format (Cf) and default-ignorable characters of Unicode 16, without \t and \n.
# Written out, because asking `unicodedata` for all of them costs 0.2 s at import.
_INVISIBLE_RANGES = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f",  # C0 and C1
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2",
    "\u115f-\u1160\u17b4-\u17b5\u180b-\u180f",
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f",  # zero width; bidi embeddings and isolates
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb",
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",
    "\U000e0000-\U000e0fff",  # tag characters and the variation selectors supplement
)
_INVISIBLE = pattern(f"[{''.join(_INVISIBLE_RANGES)}]+")
_INVISIBLE_BYTES = bytes(
    code for code in (*range(32), *range(0x7F, 0xA0), 0xAD) if chr(code) not in "\t\n"
)
"""Those of Latin-1."""
_NEEDS_WORK = pattern(f"[\u2028\u2029\ud800-\udfff{''.join(_INVISIBLE_RANGES)}]")

# ECMA-48. Erase-in-line is left for `all_said`, where it matters for redrawn lines. A string
# sequence that never ends keeps its text: hiding the rest of a log would be worse than a stray
# word. Possessive quantifiers and the stop at the next ESC keep every pattern linear.
# Each begins with one literal character, for which `re` looks quickly. The 8-bit forms of these
# sequences (C1) begin none: programs that write UTF-8 do not use them, and texts that were decoded
# with a wrong encoding are full of these characters, which go one by one like all invisible ones.
_CONTROL = "(?![012]?K)[0-?]*+[ -/]*+[@-~]?"  # colours, cursor movements; also cut short
_STRING = "[^\x07\x1b\n]*+(?:\x07|\x1b\\\\)"  # titles, links, DCS
_PAIR = "[ -/]*+[0-OQ-WYZ\\\\`-~]"  # two-character sequences, character sets
_ESCAPE = pattern(f"\x1b(?:\\[{_CONTROL}|[\\]PX^_]{_STRING}|{_PAIR})")
_COLOUR = pattern("\x1b\\[[0-9;]*m")
_TO_FIRST_COLUMN = pattern("\x1b\\[[01]?G")
_ERASE_LINE = pattern("\x1b\\[[12]K")
_ERASE = pattern("\x1b\\[[012]?K")
# What is invisible and moves nothing: all but \b, \r and erasures.
_UNMOVING = pattern(
    f"[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f{''.join(_INVISIBLE_RANGES[1:])}]+"
    "|\x1b(?!\\[[012]?K)"
)
_OVERSTRUCK = pattern("[^\b\r\n\x1b]\b(?=[^\b\r\n\x1b])")


def clean(text: str) -> str:
    """The text as a reader should see it: no escape sequences, redraws or invisible characters.

    Lines end in a line feed; what was written over stands on lines of its own (see `redraws`); lone
    surrogates become U+FFFD. Linear in the length of the text, and idempotent.
    """
    return _cleaned(text)[0]


def redraws(text: str) -> int:
    """How many states of redrawn lines `clean` leaves out: same words, other numbers."""
    may_move = "\r" in text or "\b" in text  # or returns by an escape sequence
    if not may_move and "\x1b[" in text:
        may_move = bool(_TO_FIRST_COLUMN.search(text) or _ERASE_LINE.search(text))
    return _cleaned(text)[1] if may_move else 0


def _cleaned(text: str) -> tuple[str, int]:
    if not _needs_work(text):
        return text, 0
    parts = [_cleaned_part(part) for part in chunks(text, PART)]
    return "".join(part for part, _ in parts), sum(left_out for _, left_out in parts)


def _cleaned_part(text: str) -> tuple[str, int]:
    if not _needs_work(text):
        return text, 0
    text = text.replace("\x00", "")  # no terminal minds it, wherever it stands
    for line_break in _LINE_BREAKS:
        text = text.replace(line_break, "\n")
    if not _is_encodable(text):
        text = _without_surrogates(text)
    if ESCAPE in text:
        text = _without_escapes(text)
    left_out = 0
    if "\r" in text or "\b" in text:
        moved = in_pieces(partial(_UNMOVING.sub, ""), text, before=ESCAPE)
        # Behind what ends a line nothing is written.
        moved = "\n".join([line.rstrip("\b\r") for line in moved.split("\n")])
        moved = _OVERSTRUCK.sub("", moved)
        lines: list[str] = []
        for printed, left in zip(text.split("\n"), moved.split("\n"), strict=True):
            if "\r" in printed or "\b" in printed:
                left = left.lstrip("\r")
                if not left.isprintable() and ("\r" in left or "\b" in left or "\x1b" in left):
                    said, redrawn = all_said(left)
                    lines += said
                    left_out += redrawn
                    continue
                left = left.rstrip(" ")  # nothing was written over
            lines.append(left)
        text = "\n".join(lines)
    if _needs_work(text):
        text = in_pieces(_without_what_is_invisible, text, before=ESCAPE)
    return text, left_out


def _without_what_is_invisible(text: str) -> str:
    return _INVISIBLE.sub("", _ERASE.sub("", text))


def _needs_work(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return False
    try:  # most output: deleting bytes is ten times as fast as searching
        plain = text.encode("latin-1")
    except UnicodeEncodeError:
        return _NEEDS_WORK.search("".join(set(text))) is not None
    return len(plain.translate(None, _INVISIBLE_BYTES)) < len(plain)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _without_escapes(text: str) -> str:
    """Without escape sequences, except erasures to the right; others of a line are returns."""
    for returns, ends in ((_TO_FIRST_COLUMN, "G"), (_ERASE_LINE, "K")):
        if ends in text:
            text = in_pieces(partial(returns.sub, "\r"), text, before=ESCAPE)
    if len(text) > SAMPLED:
        colours = set(_COLOUR.findall(text, 0, SAMPLED))
        for colour in colours if len(colours) <= MOST_COLOURS else ():
            text = text.replace(colour, "")
    return in_pieces(partial(_ESCAPE.sub, ""), text, before=ESCAPE) if ESCAPE in text else text


def clean_line(text: str, limit: int) -> str:
    """The cleaned text on one line of at most `limit` characters; a final "…" says it was cut."""
    is_plain = text.isascii() and text.isprintable()
    line = " ".join((text if is_plain else clean(text)).split())
    return line if len(line) <= limit else line[: max(0, limit - 1)].rstrip() + "…"


def encodable(text: str) -> str:
    """The text with `?` for what UTF-8 cannot say: lone surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def scrub(text: str) -> str:
    """The text with only what no store or JSON may hold replaced: NUL and lone surrogates.

    Each becomes one U+FFFD, so that the length stays what the program printed.
    """
    text = text.replace("\x00", REPLACEMENT)
    return text if text.isascii() or _is_encodable(text) else _without_surrogates(text)


def _without_surrogates(text: str) -> str:
    """A text without NUL with each lone surrogate replaced.

    By the codec, which is much faster than a pattern: it makes `?` of them, and NUL keeps the
    places of those that stand there.
    """
    coded = text.replace("?", "\x00").encode("utf-8", "replace")
    return coded.decode().replace("?", REPLACEMENT).replace("\x00", "?")


def escaped(line: str) -> str:
    """A line of JSON with what is invisible as escapes of JSON: the same value, safe to look at."""
    return _INVISIBLE.sub(lambda found: json.dumps(found[0])[1:-1], line)
