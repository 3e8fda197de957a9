"""Removes from an error's message what differs between two occurrences of the same error.

What may go and what must stay is a matter of meaning: a port, a duration or an address is noise,
an HTTP status or the number of an error is not. Each rule is one row of a table.
"""

import re
from functools import lru_cache

LONGEST_MESSAGE = 1_000
"""Characters that are looked at; a longer message is told apart by its beginning."""

_TIME_UNIT = r"(?:[nµum]?s|secs?|seconds?|mins?|minutes?|hours?|segundos?|minutos?)"
_HEX_ID = r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])"

# Noise in every comparison, in the order of use: what holds the others comes first.
_VOLATILE = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?", "<time>"),
    (r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
    (r"\b1[5-9]\d{8}(?:\d{3})?\b", "<time>"),  # seconds or milliseconds since 1970
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (r"(?<!code )(?<!code: )(?<!status )(?<!error )(?<!error: )\b0x[0-9a-f]{4,16}\b", "<address>"),
    (r"(?:/private)?(?:/var)?/tmp(?:/[\w.@~+-]+)*/(?=[\w.@~+-])", ""),  # temporary directories
    (r"/var/folders(?:/[\w.@~+-]+)*/(?=[\w.@~+-])", ""),
    (r"(?:[a-z]:)?(?:\\[\w.@~+ -]+)*\\te?mp(?:\\[\w.@~+-]+)*\\(?=[\w.@~+-])", ""),
    (r"\btmp[a-z0-9_]{8}\b", "<temporary>"),
    (r"\bcc[a-z0-9]{6}(?=\.o\b)", "<temporary>"),
    (r"(makefile):\d+\b", r"\1"),
    (r"(\.[a-z][a-z0-9]{0,4}):\d+(?::\d+)?\b", r"\1"),  # file.c:12:5
    (r"\b(?:line|linha|column|coluna)[ :]+\d+", "<line>"),
    (r"\b(port|porta)([ :=]+)\d+", r"\1\2<port>"),
    (r"(\blocalhost|\d+\.\d+\.\d+\.\d+|\]|::):\d{2,5}\b", r"\1:<port>"),
    (r"\b(pid|process|processo)([ :=#(]+)\d{2,}", r"\1\2<pid>"),
    (r"(?<=\w)\[\d{2,}\](?=:)", "[<pid>]"),
    (rf"\b\d+(?:[.,]\d+)? ?{_TIME_UNIT}\b", "<duration>"),
    (rf"\b{_HEX_ID}[0-9a-f]{{16,}}\b", "<id>"),
)

# Noise only when occurrences are grouped.
_COARSE = (
    (r"\b\d{4}-\d\d-\d\d\b", "<time>"),
    (rf"\b{_HEX_ID}[0-9a-f]{{8,}}\b", "<id>"),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", "<ip>"),
    (r"(?<=(?-i:[a-z])[-_])\d{5,}\b", "<n>"),  # pacote-3886355, unlike ORA-00942
    (r"\b(task|thread|worker|job|pool|runner)([-_ #])\d+\b", r"\1\2<n>"),
    (r"\b\d+(?:[.,]\d+)? ?(?:[kmgt]i?b|bytes?)\b", "<size>"),
    # Directories: of what begins like a path, or ends in a file name, or is deep.
    (r"(?<![\w.@~+<>-])(?:[a-z]:|~|\.{1,2})?(?:[/\\][\w.@~+-]+)*[/\\](?=[\w.@~+-])", ""),
    (r"(?<![\w.@~+<>/\\-])[\w.@~+-]+(?:[/\\][\w.@~+-]+)+[/\\](?=[\w.@~+-])", ""),
    (r"(?<![\w.@~+<>/\\-])[\w.@~+-]+[/\\](?=[\w@~+-]+\.[a-z]{1,5}\b)", ""),
)

# A number that carries meaning stays, with the words that say so. Digits inside a name (E101,
# proto_v1) are no numbers here at all.
_MEANINGFUL = r"""
    \b(?:(?:status|exit|error|response)_?)?(?:code|c[oó]digo|status|errno|winerror|exit(?:ed)?
       |signal|sinal|sqlstate|version|vers[aã]o|https?(?:/\d(?:\.\d)?)?)\b
      (?:\ (?:code|status|error|with|com|de|of|number|was|is))*\ ?[:=\#(\[]?\ ?['"]?-?\d+(?:\.\d+)*
  | \b(?:error|erro)(?:\ ?[=\#(\[]\ ?|\ |:\ (?=\d{3}))\d+
  | \b(?:got|received|returned|with|answer(?:s|ed)|respond(?:s|ed)|repli(?:es|ed)|gave|recebid[oa]
       |recebeu|respondeu|retornou|devolveu)\ (?:an?\ |um\ )?['"]?[45]\d\d\b
  | \b[1-5]\d\d\ ['"]?(?-i:[A-Z])[a-z]+       # 404 Not Found
  | \b\d+\.\d+\.\d+\b                         # a version
  | \[errno\ -?\d+\]
"""
_NUMBER = r"(?<![\w.-])[-+]?(?:\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|0x[0-9a-f]+)(?!\w)"
_NUMBERS = re.compile(f"(?P<keep>{_MEANINGFUL})|{_NUMBER}", re.IGNORECASE | re.VERBOSE)
_LIST_OF_NUMBERS = re.compile(r"<n>(?:,? <n>)+")

_VOLATILE_RULES = tuple((re.compile(p, re.IGNORECASE), by) for p, by in _VOLATILE)
_COARSE_RULES = tuple((re.compile(p, re.IGNORECASE), by) for p, by in _COARSE)


@lru_cache(maxsize=1024)  # the same error comes again and again, that is what a loop is
def normalise(message: str, *, keep_numbers: bool) -> str:
    """The message without what is volatile.

    Unless `keep_numbers`, also without plain numbers, sizes and the directories of paths.
    Deterministic. Equal results with `keep_numbers` are equal without it.
    """
    message = message[:LONGEST_MESSAGE]
    for pattern, by in _VOLATILE_RULES:
        message = pattern.sub(by, message)
    if not keep_numbers:
        for pattern, by in _COARSE_RULES:
            message = pattern.sub(by, message)
        message = _NUMBERS.sub(lambda number: number["keep"] or "<n>", message)
        message = _LIST_OF_NUMBERS.sub("<n>", message)
    return " ".join(message.split())
