"""Finds passwords behind short options, as in `mysql -psecret`; a part of `redact`.

`-p` is a port to one program, parents to another and a password to a third: an option counts only
behind a program that takes a password there, up to the end of the command.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.placeholders import is_placeholder
from genesis_mcp.text.windows import WINDOW, Span, matches

DENSEST = 32
"""Characters a word of a command has at least, on average; shorter ones are counted as judged."""

_ATTACHED, _APART = "attached", "apart"
"""Whether the value must follow at once: `mysql -p x` asks for a password, and x is a database."""

_NEXT = r"(?:[ ]{1,8}|\\?[\"'],[ ]{0,8}\\?[\"'])"
"""Between two words, of a command line or of a list of arguments."""

# Programs (a pattern of their names), the letter of the option, and how its value follows.
_PROGRAMS = (
    (r"(?:mysql|mariadb)(?:-?(?:dump|admin|import|check|show|slap|sh|binlog))?", "p", _ATTACHED),
    (r"7za?|7zr", "p", _ATTACHED),
    (r"(?:redis|valkey|keydb)-cli", "a", _APART),
    (r"mongo(?:sh|dump|restore|export|import|stat|top|files)?", "p", _APART),
    (r"ldap(?:search|modify|add|delete|passwd|whoami|compare|modrdn)", "w", _APART),
    (rf"(?:docker|podman|nerdctl|buildah|skopeo|helm{_NEXT}registry){_NEXT}login", "p", _APART),
    (rf"(?:az|oc){_NEXT}login", "p", _APART),
    (rf"sshpass|cqlsh|cypher-shell|twine{_NEXT}upload", "p", _APART),
    (r"sqlcmd|bcp|osql|ipmitool|mosquitto_(?:pub|sub)|unzip|zip", "P", _APART),
    (r"curl", "u", _APART),
)  # fmt: skip
_OTHERS = rf"(?:docker|podman|nerdctl)(?!{_NEXT}login)|ssh|scp|sftp|rsync|mkdir|git"
"""Programs that may follow one of those, and whose options are their own."""

HINTS = (
    "mysql", "mariadb", "7z", "-cli", "mongo", "ldap", "docker", "podman", "nerdctl", "buildah",
    "skopeo", "helm", "az ", "oc ", '"login', "'login", "sshpass", "cqlsh", "cypher-shell", "twine",
    "sqlcmd", "bcp", "osql", "ipmitool", "mosquitto", "zip", "curl",
)  # fmt: skip
"""One of these (lower case) stands in every command that is looked for."""

_END_OF_NAME = r"(?=[ \t]|\\?[\"'](?:[ \t,]|$))"
# A list of arguments has quotes and commas where a command line has blanks.
_BETWEEN = r"(?:=|[ \t]{1,8}|\\?[\"'],?[ \t]{1,8}|\\?[\"'],(?=\\?[\"']))"
_NAMES = "|".join(names for names, _, _ in _PROGRAMS)
_PROGRAM = pattern(rf"(?<![\w.-])(?:{_NAMES}){_END_OF_NAME}")
_OF_PROGRAM = tuple(pattern(names) for names, _, _ in _PROGRAMS)
# A program, the end of a command, or a short option with a value.
_WORD = pattern(
    rf"(?<![\w.-])(?=[7a-z])(?:(?P<program>{_NAMES})|(?P<other>{_OTHERS})){_END_OF_NAME}"
    r"|(?=[;|&-])(?:(?P<end>[;|]+|&&)|(?<![\w-])"
    rf"-(?P<letter>[apPuw])(?P<between>{_BETWEEN})?(?P<quote>\\?[\"'])?(?P<value>(?=\S)))"
)

_BARE = pattern(r"[^\s\"'`;|&<>]++")
_INSIDE = {quote: pattern(rf"[^\n{re.escape(quote[-1])}]++") for quote in ('"', "'", '\\"', "\\'")}
_NO_SECRET = pattern(
    r"-|\d{1,5}(?![^\s\"',])|[\d.:]*:\d+(?:/\w+)?(?![^\s\"',])|(?:~|\.{0,2})/|[A-Z]+(?![^\s\"'\]])"
)
"""Another option, a port, ports (8080:80), a path, the name of a value as a usage shows it."""


def find_option_values(text: str, judge: Callable[[], None]) -> Iterator[Span]:
    """The passwords behind short options; `judge` is called before each that is looked at."""
    done = 0
    for program in matches(_PROGRAM, text):
        if program.start() >= done:
            line_feed = text.find("\n", program.end())
            done = len(text) if line_feed < 0 else line_feed
            for start, end in _of_command(text[program.start() : done], judge):
                yield program.start() + start, program.start() + end, "password"


def _of_command(line: str, judge: Callable[[], None]) -> Iterator[tuple[int, int]]:
    programs: set[int] = set()
    for number, word in enumerate(matches(_WORD, line)):
        if number * DENSEST > len(line) + WINDOW:
            judge()
        if name := word["program"]:
            programs.add(_number(name))
        elif word.lastgroup in ("end", "other"):
            programs.clear()
        elif programs:
            judge()
            if span := _value(line, word, programs):
                yield span


@lru_cache(maxsize=64)
def _number(name: str) -> int:
    return next(number for number, one in enumerate(_OF_PROGRAM) if one.fullmatch(name))


def _value(text: str, word: re.Match[str], programs: set[int]) -> tuple[int, int] | None:
    letter, between = word["letter"], word["between"]
    takers = [n for n in programs if _PROGRAMS[n][1] == letter]
    if not takers or (between and all(_PROGRAMS[n][2] is _ATTACHED for n in takers)):
        return None
    start = word.end()
    opened = text[word.start() - 1 : word.start()]  # the quote of '-psecret' closes it
    quote = word["quote"] or (opened if opened in _INSIDE and not between else None)
    match = (_INSIDE[quote] if quote else _BARE).match(text, start, start + 1024)
    if not match or is_placeholder(text, start) or text.startswith("[redacted:", start):
        return None
    if letter == "u":
        return _behind_the_user(text, start, match.end())
    if not quote and _NO_SECRET.match(text, start, start + WINDOW):
        return None
    return start, match.end()


def _behind_the_user(text: str, start: int, end: int) -> tuple[int, int] | None:
    colon = text.find(":", start, min(end, start + 65))
    if colon < 0 or colon + 1 >= end or is_placeholder(text, colon + 1):
        return None
    return None if text.startswith("[redacted:", colon + 1) else (colon + 1, end)
