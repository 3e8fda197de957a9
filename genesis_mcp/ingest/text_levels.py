"""The level that a line of text tells which no JSON logger wrote: where a log format has one.

A word such as ERROR is a level as the first one of a line, or behind nothing but times, numbers,
names and brackets as loggers put them first; anywhere else it is what a program says.
"""

import re
from functools import lru_cache

LOOKED_AT_CHARS = 200
"""Of a line, in which its level stands."""

NAMES_MAX = 1
"""Plain words before a level, behind a time: a logger's name; those with a dot or so are more."""

WORDS_IN_BRACKETS = 4
"""Of those between brackets, in which a level is looked for."""

_WORDS = {
    "fatal": "fatal critical crit alert emerg emergency panic crítico critico ftl",
    "error": "error err severe erro falha",
    "warn": "warn warning aviso atenção wrn",
    "info": "info notice information inf",
    "debug": "debug verbose dbg",
    "trace": "trace trc",
}
_LEVELS = {word: level for level, words in _WORDS.items() for word in words.split()}
_FRAMED_LEVELS = _LEVELS | {
    **dict.fromkeys(("log", "success"), "info"),
    **dict.fromkeys(("fine", "finer"), "debug"),
    "grave": "error",
}
"""Words that are a level with a time before them, or in brackets, and else begin a sentence."""

_SIGNS = {
    **dict.fromkeys("✖✗✘⨯❌", "error"),
    **dict.fromkeys("⚠", "warn"),
    **dict.fromkeys("✔✓ℹ✅", "info"),
}
_DOTNET_WORDS = {"fail": "error", "crit": "fatal", "warn": "warn", "info": "info", "dbug": "debug"}
_DOTNET = re.compile(rf"({'|'.join(_DOTNET_WORDS)}): [\w.+]+\[\d+\]")
_LETTERS = {"F": "fatal", "E": "error", "W": "warn", "I": "info", "D": "debug"}
_LETTER = re.compile(r"([FEWID])(?:\d{4} \d\d:\d\d:\d\d\.\d+ |, \[\d{4}-\d\d-\d\dT)")
"""Google's klog and Ruby's Logger."""
_LOGFMT = re.compile(r"(?:^|\s)(?:level|lvl|severity)=\"?(\w+)")
_JSON = re.compile(r'"(?:level|severity|levelname)"\s*:\s*"?(\w+)')
_UNHANDLED = re.compile(
    r"\W{0,3}(?:Unhandled ?Promise ?Rejection|Unhandled (?:\w+ ){0,2}(?:rejection|exception|error)"
    r"|Uncaught (?:exception|\w+(?:Error|Exception)\b))",
    re.IGNORECASE,
)

_TOKEN = re.compile(r"\[[^\]\n]*\]|\S+")
_TIME = re.compile(
    r"[\[(]?(?:\d{2,4}[-/.]\d\d[-/.]\d{2,4}|\d{8}|(?=.*\d:\d\d))"
    r"[T,]?(?:\d?\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|UTC|[+-]\d\d:?\d\d)?[,:)\]]?"
)
_FRAME = re.compile(
    r"\W{1,3}|[\[(]?\d[\w.:#-]*[\])]?:?|AM|PM|UTC|[+-]\d\d:?\d\d\]?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun),?"
)
"""Numbers, signs and the words of a date, which stand between a time and a level."""
_NAME = re.compile(r"[\w.$/@:#+*-]{1,80}")
_INNER = re.compile(r"[.:|]")
_EDGES = "[](){}<>*:|,-!# "


def level_told(line: str) -> str | None:
    """The level that a line tells of itself, as one of Pino's; None when it tells none."""
    line = line[:LOOKED_AT_CHARS].strip()
    return _level_of_line(line) if line else None


@lru_cache(maxsize=64)  # a line is asked for up to three times: alone, and as a part of its group
def _level_of_line(line: str) -> str | None:
    if line[0] in _SIGNS:
        return _SIGNS[line[0]]
    if _UNHANDLED.match(line):
        return "error"
    if found := _LETTER.match(line):
        return _LETTERS[found[1]]
    if found := _DOTNET.match(line):
        return _DOTNET_WORDS[found[1]]
    if found := _LOGFMT.search(line):
        return _LEVELS.get(found[1].lower())
    return _behind_its_frame(line)


def level_in_broken_json(line: str) -> str | None:
    """The level in a line that looks like the JSON of a logger, and cannot be read as such."""
    found = _JSON.search(line[:LOOKED_AT_CHARS])
    return found[1] if found else None


def _behind_its_frame(line: str) -> str | None:
    is_framed, names = False, 0
    for found in _TOKEN.finditer(line):
        token = found[0]
        if level := _level_of(token, is_framed=is_framed):
            return level
        if is_framed and token in _SIGNS:
            return _SIGNS[token]
        if token[0] == "[" or _TIME.fullmatch(token):
            is_framed = True
        elif not _FRAME.fullmatch(token):
            names += token.isalpha()
            if not is_framed or names > NAMES_MAX or not _NAME.fullmatch(token):
                return None
    return None


def _level_of(token: str, *, is_framed: bool) -> str | None:
    """The level in a token such as `ERROR`, `error:`, `[php:error]`, `app.ERROR:`, `ERROR/W-1]`."""
    is_bracketed = token[0] in "[("
    known = _FRAMED_LEVELS if is_framed or is_bracketed else _LEVELS
    words = token.strip(_EDGES).split()
    for word in words[:WORDS_IN_BRACKETS]:
        parts = _INNER.split(word.partition("/")[0])
        for part in (parts[0], parts[-1]):
            is_label = len(words) == 1 and (
                (is_bracketed and "." not in word)
                or (len(parts) == 1 and part.islower() and token.endswith(":"))
            )
            if (part.isupper() or is_label) and (level := known.get(part.lower())):
                return level
    return None
