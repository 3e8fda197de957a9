"""Recognisers of lines that begin with a place, whatever program prints them."""

import re
from collections.abc import Iterator

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.parts_seen import SeenText
from genesis_mcp.diagnostics.places import is_code, place_in
from genesis_mcp.diagnostics.recogniser import Hit, Lines
from genesis_mcp.diagnostics.summaries import is_summary
from genesis_mcp.text.pattern import pattern

ERROR_WORD = pattern(
    r"\b(?:errors?|erros?|err!|fatal|fail(?:ed|ure|ures|s)?|falh(?:ou|a|as|aram)|exception|exceção"
    r"|exceções|panic|pânico|denied|negad[oa]|not found|não encontrad[oa]|cannot|can't|could not"
    r"|unable to|não foi possível|invalid|inválid[oa]|timed? ?out|tempo esgotado|abort(?:ed)?"
    r"|abortad[oa]|killed|no such file|segmentation fault|refused|recusad[oa]"
    r"|[45]\d\d (?:bad request|unauthorized|forbidden|conflict|gone|unprocessable|too many requests"
    r"|internal server|bad gateway|service unavailable))\b",
    re.IGNORECASE,
)
_MAY_BE_PLACED = pattern(r"[:(\[] ?\d|(?:[Ll]ine|linha|ln|Ln|l\.) ?\d| \d{1,7}:\d")
_GRAVITY = (
    r"(?P<gravity>fatal error|syntax error|parse error|internal error|type error|compile error"
    r"|error|erro|err|fatal|critical|failure|severe|warning|warn|aviso|note|notice|nota|info"
    r"|information|hint|help|style|convention|refactor|suggestion|debug|advice|recommendation|todo"
    r"|[EWFCRIN](?=[:\]\s\d])|[ew](?=: ))"
)
_HEAD = pattern(
    r"[\s\W\d_]*(?:\[?(?i:"
    + _GRAVITY
    + r")\]?(?: in|:| at)?\s*)?(?:in |at |on |File |file )?[\s\W]*"
)
_SAID = pattern(
    r"[\s:,;|\-–—>)\]]*(?:,? ?col(?:umn)?\.? ?\d+(?:-\d+)?[\s:,.\-–)]*)?(?:\d+[:,]\s*)?"
    r"(?:[\[(]?(?i:"
    + _GRAVITY
    + r")[\])]?(?![\w-])(?: ?(?:\(|\[)?(?P<number>[A-Z]{1,8}-?\d{1,6})(?:\)|\])?)?[\s:\-–|]*)?"
    r"(?P<message>(?:\[?(?P<code>[A-Z]{1,8}\d{2,6})\]?:? )?.*)"
)
_WARNED = pattern(r"\w+Warning: ")
"""What Python's own warnings begin with, whose line of source stands below."""
_STAMPED = pattern(r"[\[(]?(?:\d{2,4}[-/.]\d\d[-/.]\d\d[ T])?\d\d:\d\d:\d\d\b")
_LETTERS = pattern(r"[^\W\d_]{2}")
_FOLLOWS = pattern(r"\s*(?:[A-Z✖×]|error|[\w ]+: )")


def _placed(text: SeenText) -> list[tuple[int, str, Hit]]:
    """Lines that begin with a place, or with a word of gravity and a place, and what they say."""
    if _placed not in text.kept:
        text.kept[_placed] = list(_find_placed(text.text, text.lines))
    placed: list[tuple[int, str, Hit]] = text.kept[_placed]
    return placed


def _find_placed(text: str, lines: Lines) -> Iterator[tuple[int, str, Hit]]:
    for index in _lines_with(_MAY_BE_PLACED, text):
        line = lines[index]
        place = place_in(line)
        head = _HEAD.fullmatch(line, 0, place.start) if place else None
        if not place or not head:
            continue
        said = _SAID.match(line, place.end)
        message = said["message"] if said else ""
        gravity = _gravity((said and said["gravity"]) or head["gravity"] or "")
        if not _LETTERS.search(message):
            below = lines[index + 1] if index + 1 < len(lines) else ""
            is_said = below[:1].isspace() if head["gravity"] else _FOLLOWS.match(below)
            repeated = head["gravity"] and below.startswith(f"{head['gravity']}:")
            if is_code(below) or not (is_said or repeated):
                continue
            said = _SAID.match(below)
            message = below.strip()
        if not gravity and _WARNED.match(message):
            gravity = "less"
        code = (said["number"] or said["code"]) if said else None
        if is_summary(message) and not gravity:
            continue
        yield index, gravity, Hit(line_number=index, type=code, message=message, frame=place.frame)


def _lines_with(what: re.Pattern[str], text: str) -> Iterator[int]:
    """The indices of the lines in which a pattern is found."""
    index = start = 0
    while found := what.search(text, start):
        index += text.count("\n", start, found.start())
        yield index
        start = text.find("\n", found.end()) + 1
        if not start:
            return
        index += 1


def _gravity(word: str) -> str:
    word = word.lower()
    if not word:
        return ""
    return "error" if word.startswith(("e", "f", "crit", "sev", "✖", "✘", "×")) else "less"


def find_placed_error(text: SeenText) -> Hit | None:
    """The first line that tells an error, says so, and names its place."""
    return next((hit for _, gravity, hit in _placed(text) if gravity == "error"), None)


def find_placed(text: SeenText) -> Hit | None:
    """The first line that begins with a place, rather one with an error word.

    Of a log, whose lines begin with a time, the one that ends it: the program died there.
    """
    hits = [hit for _, gravity, hit in _placed(text) if not gravity]
    if hits and _ended_with(text.lines, hits[-1].line_number):
        return hits[-1]
    worded = (hit for hit in hits if ERROR_WORD.search(hit.message))
    return next(worded, hits[0] if hits else None)


def _ended_with(lines: Lines, index: int) -> bool:
    """Whether a line of a log is the last that tells something."""
    return _STAMPED.match(lines[index]) is not None and all(map(is_summary, lines[index + 1 :]))


def find_placed_warning(text: SeenText) -> Hit | None:
    """The first warning at a place: of a run that failed and tells of nothing else."""
    return next((hit for _, _, hit in _placed(text)), None)


_NUMBERED = (":", "(", "[", ",", "ine", "inha", "Ln", "ln", "l.")
"""Of these one stands in a text that names a place."""
ERRORS = (Format(name="error at a place", hints=_NUMBERED, find_in=find_placed_error),)
WARNINGS = (Format(name="warning at a place", hints=_NUMBERED, find_in=find_placed_warning),)
ANY = (
    Format(
        name="at a place",
        hints=_NUMBERED,
        find_in=find_placed,
        examples=(
            Example(
                "2026-11-27 14:45:33,104 app.py:12: lendo pedidos\n"
                "2026-11-27 14:45:33,377 app.py:31: sem banco pedidos\n",
                "sem banco pedidos",
                "app.py:31",
            ),
        ),
    ),
)
