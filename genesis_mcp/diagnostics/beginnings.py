"""A prefix of a form that nobody has described: all lines of a text begin in the same way."""

import re
from collections.abc import Iterator, Sequence

from genesis_mcp.diagnostics.places import place_in
from genesis_mcp.text.pattern import pattern

FEWEST_LINES = 3
"""Lines that must begin alike."""
LONGEST = 80
"""Characters that may stand before each line."""
LINES_OF_A_NAME = 8
"""Lines that there are at least of a beginning, beyond the first one."""

_SEPARATOR = pattern(r"[\])}>|│┃:»›;=~-](?: |\t|$)|\t")
_IN_BRACKETS = pattern(r"(?<=\[)[^\[\]]*(?=\])|(?<=\()[^()]*(?=\))|(?<=<)[^<>]*(?=>)")
_SENTENCE = pattern(r"[^\W\d_]{2,} [^\W\d_]{2,}")
_TELLS = pattern(
    r"(?i)\b(?:err(?:ors?|o|os)?|e|w|i|d|f|warn(?:ings?)?|aviso|info|notes?|debug|trace|fatal|critical"
    r"|severe|panic|fail(?:ed|ures?|s)?|falh\w*|ok|not ok|pass(?:ed)?|skip(?:ped)?|hint|help"
    r"|exception|\w+(?:Error|Exception))\b"
)
_NUMBER = pattern(r"\d+")
_PARTS = pattern(r"[0-9]+|[^\W\d_]+| +|.", re.DOTALL)


def without_same_beginning(lines: Sequence[str]) -> list[str] | None:
    """The lines without what all of them begin with, or None.

    It ends in a separator, numbers in it may differ, and so may words when they are few; a
    sentence, a place in code, or a word that tells of its line, is no prefix.
    """
    told = [line for line in lines if line and not line.isspace()]
    if len(told) < FEWEST_LINES or not _may_begin_alike(told):
        return None
    for beginning in _beginnings(told[0]):
        for words_differ in (False, True):
            form = re.compile(_shape(beginning, words_differ=words_differ))
            if _begin_so(told, form):
                return [form.sub("", line, count=1) for line in lines]
    return None


def _begin_so(told: Sequence[str], form: re.Pattern[str]) -> bool:
    """Whether all lines do, and in few ways when numbers do not count."""
    ways: set[str] = set()
    for line in told:
        if not (found := form.match(line)):
            return False
        ways.add(_NUMBER.sub("0", found[1]))
        if len(ways) > 1 + len(told) // LINES_OF_A_NAME:
            return False
    return True


def _may_begin_alike(told: Sequence[str]) -> bool:
    """Whether they do by their first characters: of most texts the second line tells."""
    first = _kind(told[0])
    return all(_kind(line) == first for line in told)


def _kind(line: str) -> str:
    return "0" if line[0].isdigit() else "a" if line[0].isalpha() else line[0]


def _beginnings(line: str) -> Iterator[str]:
    """What may be a prefix of a line, the longest first."""
    ends = [found.end() for found in _SEPARATOR.finditer(line[:LONGEST])]
    for end in reversed(ends):
        beginning = line[:end]
        outside = _IN_BRACKETS.sub("", beginning)
        is_prose = _SENTENCE.search(outside) or _TELLS.search(beginning)
        if not is_prose and place_in(f"{beginning} ") is None:
            yield beginning


def _shape(beginning: str, *, words_differ: bool) -> str:
    parts = _PARTS.findall(beginning.rstrip(" \t"))
    shape = "".join(_like(part, words_differ=words_differ) for part in parts)
    blank = r"\t" if beginning.endswith("\t") else " "
    return f"({shape})(?:{blank}|$)"


def _like(part: str, *, words_differ: bool) -> str:
    if part.isdecimal():
        return r"\d+"
    if part.isspace() and "\t" not in part:
        return " +"
    return r"[^\W\d_]+" if words_differ and part.isalpha() else re.escape(part)
