"""Replaces secrets of several lines, private keys and wrapped tokens; a part of `redact`."""

import re
import string

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.secret_shapes import TOKENS
from genesis_mcp.text.windows import matches

LONGEST_KEY_BLOCK = 32_768
"""Characters: beyond this, an END line does not belong to the BEGIN line of a private key."""
LONGEST_WRAPPED = 64
"""Lines of a wrapped token."""
MOST_WRAPPED = 2_000
"""Lines of one text that are tried as parts of wrapped tokens. After that, whatever may be a part
of one is left out."""

_KEY_MARKER = pattern(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# What follows the BEGIN line of a block that was cut off: header lines, then base64. Line breaks
# may be real or the two characters \n of a key inside JSON.
_KEY_MATERIAL = pattern(
    r"(?:\s?\n?(?:Proc-Type|DEK-Info|Version|Comment): [^\n]*)*+"
    r"(?:(?:\\[nr]|\s)*+[A-Za-z0-9+/]{20,}+={0,2})*+"
    r"(?:(?:\\[nr]|\s)*+[A-Za-z0-9+/]{1,76}(?:={1,2}|\Z))?"
)
_KEY_LINE = pattern(r"[ \t]*[A-Za-z0-9+/]{16,}={0,2}[ \t]*")

_LINE_MAX = 1024
"""Characters of a line that may be a part of a wrapped token."""
_OPEN_MIN = 16
"""Characters of a token that say, without a backslash, that it goes on in the next line."""
_WIDTHS = {40, 60, 64, 70, 72, 75, 76, 78, 79, 80, 100, 120, 128, 132, 160}
"""Lengths of lines that were wrapped because they were full."""
_OF_TOKENS = string.ascii_letters + string.digits + "_.~+/=-"
_OF_LINES = _OF_TOKENS + "\\"
_SHORTEST_PART = 6
_AFTER_TOKENS = "\\\"'),;}]"
_BEGINNING = pattern(rf"(?<![\w-])(?:{'|'.join(token.prefix for token in TOKENS)})")
_PROSE = pattern(r"[A-Z]?[^\W\d_A-Z]+\.{0,3}|[A-Z]+|[a-z]+(?:[_-][a-z]+)+")


def redact_key_blocks(text: str) -> str:
    """The text with private keys replaced; their lines stay, empty."""
    if "PRIVATE KEY" not in text:
        return text
    pieces: list[str] = []
    done = 0
    markers = list(matches(_KEY_MARKER, text))
    for marker, following in zip(markers, [*markers[1:], None], strict=False):
        if marker.start() < done:
            continue  # the END line of the block before
        if marker[1] == "BEGIN":
            start, end = marker.start(), _end_of_block(text, marker, following)
        else:  # its BEGIN line was cut off
            start, end = _start_of_material(text, done, marker.start()), marker.end()
        newlines = text.count("\n", start, end)
        pieces += text[done:start], "[redacted:private-key]", "\n" * newlines
        done = end
    return "".join([*pieces, text[done:]])


def _start_of_material(text: str, least: int, end: int) -> int:
    """Where the lines of base64 begin that stand right above the END line of a key."""
    start = text.rfind("\n", least, end) + 1 or least
    if text[start:end].strip():
        return end
    while start > max(least, end - LONGEST_KEY_BLOCK):
        above = text.rfind("\n", least, start - 1) + 1 or least
        if not _KEY_LINE.fullmatch(text, above, start - 1):
            break
        start = above
    return start


def _end_of_block(text: str, begin: re.Match[str], following: re.Match[str] | None) -> int:
    if following and following[1] == "END" and following.end() - begin.end() <= LONGEST_KEY_BLOCK:
        return following.end()
    material = _KEY_MATERIAL.match(text, begin.end(), begin.end() + LONGEST_KEY_BLOCK)
    return material.end() if material else begin.end()


def redact_wrapped_tokens(text: str, hints: set[str]) -> str:
    """The text with the parts replaced of tokens that go on over several lines.

    `hints` are those of all shapes that occur in the text.
    """
    hints = {token.hint for token in TOKENS} & hints
    if not hints or "\n" not in text:
        return text
    lines = text.split("\n")
    tried = 0
    for index, line in enumerate(lines[:-1]):
        if len(line) < _SHORTEST_PART or line[-1] not in _OF_LINES or not _is_short(line):
            continue
        folded = line.lower()
        if tried > MOST_WRAPPED:
            if len(line) >= _OPEN_MIN and not line.strip(" \t\\").strip(_OF_TOKENS):
                lines[index] = "[redacted:unread]"
        elif any(hint in folded for hint in hints):
            tried += _replace_wrapped(lines, index)
    return "\n".join(lines)


def _replace_wrapped(lines: list[str], first: int) -> int:
    """Replace the token that the end of a line begins, when the next ones go on with it.

    Returns how many lines were tried.
    """
    line = lines[first].rstrip("\\")
    beginning = _BEGINNING.search(line, len(line.rstrip(_OF_TOKENS)))
    if beginning is None:
        return 0
    token = line[beginning.start() :]
    [shape, *_] = [one for one in TOKENS if re.match(one.prefix, token)]
    parts: list[tuple[int, int, int]] = [(first, beginning.start(), len(line))]
    index = first
    for index in range(first + 1, min(first + 1 + LONGEST_WRAPPED, len(lines))):
        body = lines[index].strip(" \t").rstrip(_AFTER_TOKENS) if _is_short(lines[index]) else ""
        is_whole = shape.pattern.match(token) is not None
        above = lines[max(first, index - 2) : index]
        if (
            not body
            or body.strip(_OF_TOKENS)
            or not _goes_on(token, above, body, is_whole=is_whole)
        ):
            break
        start = lines[index].index(body)
        parts.append((index, start, start + len(body)))
        token += body
        if lines[index].rstrip(" \t\\")[start + len(body) :]:
            break  # a closing quote
    if len(parts) > 1 and shape.pattern.match(token):
        for number, start, end in parts:
            lines[number] = f"{lines[number][:start]}[redacted:{shape.kind}]{lines[number][end:]}"
    return index - first


def _is_short(line: str) -> bool:
    return len(line) <= _LINE_MAX


def _goes_on(token: str, above: list[str], body: str, *, is_whole: bool) -> bool:
    """Whether a line of nothing but `body` belongs to the token that the lines above it hold."""
    if above[-1].endswith("\\"):
        return True
    if len(token) < _OPEN_MIN or _PROSE.fullmatch(body):
        return False
    if not is_whole:
        return True
    width = len(above[-1])
    is_full = width in _WIDTHS or [width] * 2 == [len(line) for line in above]
    return is_full and not _BEGINNING.match(body)
