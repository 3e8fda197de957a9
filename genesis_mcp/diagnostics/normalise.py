"""Removes from an error's message what differs between two occurrences of the same error.

What may go and what must stay is a matter of meaning: a port, a duration or an address is noise,
an HTTP status or the number of an error is not. Each rule is one row of a table.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from genesis_mcp.text.literals import Literals
from genesis_mcp.text.pattern import pattern

LONGEST_MESSAGE = 1_000
"""Characters that are looked at; a longer message is told apart by its beginning."""

_TIME_UNIT = (
    r"(?:[nµum]?s|secs?|seconds?|m(?:in(?:ute)?s?)?|h(?:ours?|rs?)?|days?"
    r"|milli(?:second)?s?|segundos?|minutos?|horas?|dias?)"
)
_DURATION = rf"\d+(?:[.,]\d+)? ?{_TIME_UNIT}"
_HEX_ID = r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? "
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

# Noise in every comparison, in the order of use: what holds the others comes first. A rule is only
# tried on a message that holds what stands in front of it, `|` being "or", `0` any digit and `0f`
# eight hexadecimal digits in a row. Where a rule begins with a digit, its pattern does, too, and
# looks back from there: `re` skips quickly to a character that it knows.
_VOLATILE = (
    ("0 ==", r"^==\d+==\s*", ""),  # the process in front of each line of valgrind
    (
        "0 : mon|tue|wed|thu|fri|sat|sun",
        rf"\b{_WEEKDAY}(?:{_MONTH} +\d\d?|\d\d? {_MONTH}),? +\d{{4}} \d\d:\d\d:\d\d"
        r"(?: (?:GMT|UTC)?(?:[+-]\d{4})?)?(?: \([^)]*\))?",
        "<time>",
    ),
    (
        "0 : mon|tue|wed|thu|fri|sat|sun",
        rf"\b{_WEEKDAY}{_MONTH} +\d\d? \d\d:\d\d:\d\d(?: [A-Z]{{3,5}})? \d{{4}}\b",
        "<time>",
    ),
    (
        "0 : -",
        r"\d\d{3}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?",
        "<time>",
    ),
    (
        "0 / :",
        r"\d(?<![\w/.]\d)\d?/\d\d?/\d{4},? (?:[àa]s )?\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: [AP]M\b)?",
        "<time>",
    ),
    ("0 :", r"\d(?<!\w\d)\d:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
    (
        "15|16|17|18|19",
        r"\b1[5-9]\d{8}(?:\d{3})?\b",
        "<time>",
    ),  # seconds or milliseconds since 1970
    ("0f -", r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])", "<id>"),
    (
        "0x",
        r"(?<!code )(?<!code: )(?<!status )(?<!error )(?<!error: )\b0x[0-9a-f]{4,16}\b",
        "<address>",
    ),
    ("@", r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w/:])", "<email>"),
    # What a module was imported from is renamed with each attempt.
    (
        "imported|required",
        r"(?<=\bimported from )\S+|(?<=\bimported by )\S+|(?<=\brequired by )\S+",
        "<importer>",
    ),
    (
        "find|resolve|load from|in",
        r"(\b(?:find|resolve|load)\b.{1,200}? (?:from|in) )(['\"]?)[\w./\\@~+-]+\.[a-z]{1,4}\2$",
        r"\1<importer>",
    ),
    (
        "/tmp",  # noqa: S108 - a text that is looked for
        r"(?:/private)?(?:/var)?/tmp(?:/[\w.@~+-]+)*/(?=[\w.@~+-])",
        "",
    ),  # temporary directories
    ("/var/folders", r"/var/folders(?:/[\w.@~+-]+)*/(?=[\w.@~+-])", ""),
    ("\\tmp|\\temp", r"(?:[a-z]:)?(?:\\[\w.@~+ -]+)*\\te?mp(?:\\[\w.@~+-]+)*\\(?=[\w.@~+-])", ""),
    ("tmp", r"\btmp[a-z0-9_]{8}\b", "<temporary>"),
    ("cc .o", r"\bcc[a-z0-9]{6}(?=\.o\b)", "<temporary>"),
    ("0 makefile", r"(makefile):\d+\b", r"\1"),
    ("0 : .", r"(\.[a-z][a-z0-9]{0,4}):\d+(?::\d+)?\b", r"\1"),  # file.c:12:5
    ("0 line|linha|colu", r"\b(?:line|linha|column|coluna)[ :]+\d+", "<line>"),
    ("0 port", r"\b(port|porta)([ :=]+)\d+", r"\1\2<port>"),
    ("0 : localhost|.|]|::", r"(\blocalhost|\d+\.\d+\.\d+\.\d+|\]|::):\d{2,5}\b", r"\1:<port>"),
    ("0 pid|process", r"\b(pid|process|processo)([ :=#(]+)\d{2,}", r"\1\2<pid>"),
    ("0 [ ]:", r"\[(?<=\w\[)\d{2,}\](?=:)", "[<pid>]"),
    ("0 [ ] err|fatal|crit|warn", r"^\[\d{3,}\](?= (?:err|fatal|crit|warn))", "[<pid>]"),
    (
        "0 commit|apply|revert|revision|sha",
        r"\b(commit|apply|revert|revision|sha1?)([ :]+)(?=[a-f]*\d)[0-9a-f]{7,40}(?!\w)",
        r"\1\2<id>",
    ),
    # Ids made of numbers and joints: `blk_-1608999687`, `attempt_1_2_m_0`, `30546173_4261`.
    (
        "0 _",
        r"(?<![\w-])(?:[a-z]+_-?\d{8,}|[a-z]+(?:_\d+){2,}(?:_[a-z]{1,2}(?:_\d+)+)*)(?!\w)",
        "<id>",
    ),
    ("0 _", r"\d(?<![\w-]\d)\d{3,}(?:[_-]\d+)+(?!\w)", "<id>"),
    (
        "0",
        rf"\d(?<![\w.,-]\d)\d*(?:[.,]\d+)? ?{_TIME_UNIT}"
        rf"(?:(?:,? ?(?:and |e )?)(?:{_DURATION}|\d\d(?!\w)))*(?!\w)",
        "<duration>",
    ),
    ("0f", rf"\b(?=[0-9a-f]{{16}}){_HEX_ID}[0-9a-f]{{16,}}\b", "<id>"),
)

# Noise only when occurrences are grouped.
_COARSE = (
    ("0 -", r"\d(?<!\w\d)\d{3}-\d\d-\d\d\b", "<time>"),
    ("0 /", r"\d(?<![\w/.]\d)\d?/\d\d?/\d{4}\b", "<time>"),
    ("0f", rf"\b(?=[0-9a-f]{{8}}){_HEX_ID}[0-9a-f]{{8,}}\b", "<n>"),
    ("0 :", r"\d(?<![\d:.]\d)\d?:\d\d(?![\d:])", "<time>"),
    ("0 .", r"\d(?<=(?-i:[a-z])\.\d)\d\d+\b", "<n>"),  # core.2275
    ("0 _", r"(?<=(?-i:[a-z])_)(?-i:[A-Z])\d{1,3}\b", "<n>"),  # node_A8, unlike proto_v1
    ("0 .", r"\d(?<!\w\d)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", "<ip>"),
    ("0 _", r"(?<![\w-])[a-z]+_-?\d{5,}(?!\w)", "<id>"),
    ("0 _|-", r"\d(?<=(?-i:[a-z])[-_]\d)\d{4,}\b", "<n>"),  # pacote-3886355, unlike ORA-00942
    (
        ".",
        r"\b(?=[a-z0-9-]++\.[a-z0-9-]*+\.)(?=[a-z0-9.-]*[a-z])[a-z0-9](?:[a-z0-9-]*\.){2,}[a-z]{2,}\b(?!\(|\.\w|:\w)",
        "<host>",
    ),
    (
        "0 task|thread|worker|job|pool|runner",
        r"\b(task|thread|worker|job|pool|runner)([-_ #])\d+\b",
        r"\1\2<n>",
    ),
    ("0 b", r"\d(?<!\w\d)\d*(?:[.,]\d+)? ?(?:[kmgt]i?b|bytes?)\b", "<size>"),
    # Directories: of what begins like a path, or ends in a file name, or is deep.
    (
        "/|\\",
        r"(?<![\w.@~+<>-])(?:[a-z]:|~|\.{1,2})?(?:[/\\][\w.@~+-]+)*[/\\](?=[\w.@~+-])",
        "",
    ),
    ("/|\\", r"(?<![\w.@~+<>/\\-])[\w.@~+-]+(?:[/\\][\w.@~+-]+)+[/\\](?=[\w.@~+-])", ""),
    ("/|\\", r"(?<![\w.@~+<>/\\-])[\w.@~+-]+[/\\](?=[\w@~+-]+\.[a-z]{1,5}\b|<id>)", ""),
)

# A number that carries meaning stays, with the words that say so. Digits inside a name (E101,
# proto_v1) are no numbers here at all.
_SAID = r"""
    (?:(?:status|exit|error|response)_?)?(?:code|c[oó]digo|status|errno|winerror|exit(?:ed)?
       |signal|sinal|sqlstate|version|vers[aã]o|https?(?:/\d(?:\.\d)?)?)\b
      (?:\ (?:code|status|error|with|com|de|of|number|was|is))*\ ?[:=\#(\[]?\ ?['"]?-?\d+(?:\.\d+)*
  | (?:error|erro)(?:\ ?[=\#(\[]\ ?|\ |:\ (?=\d{3}))\d+
  | (?:got|received|returned|with|answer(?:s|ed)|respond(?:s|ed)|repli(?:es|ed)|gave|recebid[oa]
       |recebeu|respondeu|retornou|devolveu)\ (?:an?\ |um\ )?['"]?[45]\d\d\b
  |
"""
_SAYING = (
    "code", "digo", "status", "err", "exit", "signal", "sinal", "sql", "vers", "http", "got",
    "rece", "return", "with", "answer", "repl", "respond", "gave", "retorn", "devolv",
)  # fmt: skip
"""Of these one stands in a message that says so: without, the search is three times as fast."""
_SEEN = r"""
    [1-5]\d\d\ ['"]?(?-i:[A-Z])[a-z]+         # 404 Not Found
  | \d+\.\d+\.\d+\b                           # a version
"""
_NUMBER = r"(?<![\w.-])[-+]?(?:\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|0x[0-9a-f]+)(?!\w)"
_NUMBERS, _NUMBERS_SAID = (
    pattern(
        rf"{first}(?:(?P<keep>\b(?=\w)(?:{said}{_SEEN})|\[errno\ -?\d+\])|{_NUMBER})",
        re.IGNORECASE | re.VERBOSE,
    )
    for first, said in ((r"(?=[-+\[\d])", ""), ("", _SAID))
)
_LIST = pattern(r"(<[a-z]+>)(?:(?:, ?| )\(?\1\)?)+(?:…|\.\.\.)?")
_SET = pattern(r"\{[^{}:]*, [^{}:]*\}")
_WORDS = pattern(r"(?<![\w\[(\"'])(?:[^\W\d]\w*, ){2,}[^\W\d]\w*(?![\w\])\"'])")

_Rule = tuple[tuple[tuple[str, ...], ...], re.Pattern[str], str]


class _Rules(NamedTuple):
    """The rules for messages without a digit, with one, and with what may be an id."""

    by_kind: tuple[tuple[_Rule, ...], ...]
    held: Literals
    """Of these one stands in each message without a digit that a rule is for."""


def _rules(rows: tuple[tuple[str, str, str], ...]) -> _Rules:
    rules = tuple(
        (
            tuple(tuple(one.split("|")) for one in held.split() if one not in ("0", "0f")),
            pattern(source, re.IGNORECASE),
            by,
        )
        for held, source, by in rows
    )
    needs = [2 if held.startswith("0f") else int(held[0] in "01") for held, _, _ in rows]
    by_kind = tuple(
        tuple(rule for rule, need in zip(rules, needs, strict=True) if need <= kind)
        for kind in range(3)
    )
    return _Rules(by_kind, Literals(one for rule in by_kind[0] for one in rule[0][0]))


_VOLATILE_RULES = _rules(_VOLATILE)
_COARSE_RULES = _rules(_COARSE)
_DIGITS = frozenset("0123456789")
_MAY_BE_ID = pattern(r"[0-9a-f][0-9a-f]{7}")


@lru_cache(maxsize=1024)  # the same error comes again and again, that is what a loop is
def normalise(message: str, *, keep_numbers: bool) -> str:
    """The message without what is volatile.

    Unless `keep_numbers`, also without plain numbers, sizes and the directories of paths.
    Deterministic. Equal results with `keep_numbers` are equal without it.
    """
    if not keep_numbers:
        message = _with(_COARSE_RULES, normalise(message, keep_numbers=True))
        if not _DIGITS.isdisjoint(message):
            lowered = message.lower()
            is_said = any(map(lowered.__contains__, _SAYING))
            numbers = _NUMBERS_SAID if is_said else _NUMBERS
            message = numbers.sub(lambda number: number["keep"] or "<n>", message)
        if message.count("<") > 1:
            message = _LIST.sub(r"\1", message)
        return " ".join(message.split())
    message = _with(_VOLATILE_RULES, message[:LONGEST_MESSAGE])
    if ", " in message:  # the order in which a set is printed differs from run to run
        message = _WORDS.sub(_sorted, _SET.sub(_sorted, message))
    return " ".join(message.split())


def _with(rules: _Rules, message: str) -> str:
    lowered = message.lower()
    kind = 0
    if not _DIGITS.isdisjoint(message):
        kind = 1 if _MAY_BE_ID.search(lowered) is None else 2
    elif not rules.held.within(lowered):
        return message
    for needs, rule, by in rules.by_kind[kind]:
        for any_of in needs:
            for literal in any_of:
                if literal in lowered:
                    break
            else:
                break
        else:
            message = rule.sub(by, message)
    return message


def _sorted(found: re.Match[str]) -> str:
    opening, items, closing = re.fullmatch(r"(\{?)(.*?)(\}?)", found[0], re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{opening}{', '.join(sorted(items.split(', ')))}{closing}"
