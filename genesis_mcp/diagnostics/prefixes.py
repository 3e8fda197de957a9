"""What runners, containers and services put before each line, and lines without it.

A form is a prefix when most lines of a text have it. Lines stay where they are: line n without its
prefix is line n of the text. Some forms are told by themselves and nothing else looks like them;
weak ones, such as `name: `, count only where a few names stand before nearly all lines.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from genesis_mcp.diagnostics.beginnings import without_same_beginning
from genesis_mcp.text.pattern import pattern

SHARE = 0.8
"""Of the lines that are not blank, which must have a form that is a prefix."""
BARS = 0.4
"""The same, of bars: a box has lines without."""
FEWEST_LINES = 3
"""Lines that must have it, unless it is taken off on trial."""
LAYERS = 4
"""Prefixes that may stand before one another: a service's, a container's, a runner's."""

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_STAMP = rf"{_DATE}T{_TIME}(?:Z|[+-]\d\d:?\d\d)"
_NAME = r"(?:@[\w.-]+/)?[A-Za-z][\w.-]{0,60}"
_HOST = r"[\w.-]{1,60}"
_END = r"(?: |$)"


_SOURCE = pattern(
    rf"(?:\[(?P<pod>pod/[\w.-]+/[\w.-]+)\]"
    rf"|\d+\|(?P<process>[\w.-]+) *\|(?: {_DATE}[T ]{_TIME}(?:Z| ?[+-]\d\d:?\d\d)?:)?"
    rf"|[A-Z][a-z]{{2}} [ \d]\d {_TIME} {_HOST} (?P<unit>[\w./-]+)(?:\[\d+\])?:"
    rf"|{_STAMP} (?P<dyno>[\w./-]+\[[\w.-]+\]):)(?: |$)"
)


def source_of(line: str) -> tuple[str | None, str]:
    """What a line of a stream says it comes from (a pod, a unit, a process), and the line behind.

    Only where that is told by itself: one line does not tell what the others begin with.
    """
    found = _SOURCE.match(line)
    return (found[found.lastgroup or 0], line[found.end() :]) if found else (None, line)


class Form(NamedTuple):
    """One way to begin a line."""

    source: str
    share: float = SHARE
    is_common: bool = False
    """Whether ordinary lines begin like this, too."""
    fewest: int = 1
    """Lines that must have it even on trial."""
    is_cut: bool = False
    """Whether it tells of lines that were cut: `half` goes on, `more` belongs to the one above."""


_IN_COLUMNS = Form(rf"[^\t\n]{{1,120}}+\t[^\t\n]{{0,120}}+\t\ufeff?{_STAMP}{_END}")
"""GitHub's log of a job as `gh run view --log` prints it: job, step, time."""
SURE = (
    _IN_COLUMNS,
    # GitLab's stream and continuation; CRI; Heroku; syslog with ISO times; GitHub, docker -t.
    Form(
        rf"{_STAMP} (?:\d\d[OE](?:(?P<more>\+)| |$)|std(?:out|err) (?:F|(?P<half>P)){_END})",
        is_cut=True,
    ),
    Form(rf"{_STAMP} (?:{_HOST} )?[\w./-]+\[[\w.-]+\]:{_END}"),
    Form(rf"\ufeff?{_STAMP}{_END}"),
    Form(rf"\[{_STAMP}\]{_END}|\[{_DATE} {_TIME}(?:Z| ?[+-]\d\d:?\d\d)?\]{_END}"),
    # journald and syslog.
    Form(rf"[A-Z][a-z]{{2}} [ \d]\d {_TIME} {_HOST} [\w./-]+(?:\[\d+\])?:{_END}"),
    # kubectl --prefix, docker compose, pm2.
    Form(rf"\[pod/[\w.-]+/[\w.-]+\]{_END}"),
    Form(rf"(?=[\w.-]++ +\|)[A-Za-z][\w.]*(?:-[A-Za-z]\w*)*[-_]\d+ +\|{_END}"),
    Form(rf"\d+\|[\w.-]+ *\| ?(?:{_DATE}[T ]{_TIME}(?:Z| ?[+-]\d\d:?\d\d)?:{_END})?"),
    # BuildKit's steps, also where they are few; and lines that a service marked.
    Form(
        r"#\d+ (?:\d+\.\d+(?: |$)|(?=(?:ERROR|DONE|CANCELED|CACHED)\b|\[(?!internal function)))",
        share=0,
    ),
    Form(r"INTERNALERROR>(?: |$)", share=0),
)
WEAK = (
    Form(r"##\[(?:error|warning|debug|command)\]", share=0),
    Form(rf"{_DATE}[ T]{_TIME}{_END}"),
    Form(rf"\[{_TIME}\][A-Z ]?:\s+(?:\[[^\]\n]{{1,60}}\] )?"),  # TeamCity
    Form(rf"\[?{_TIME}\]?{_END}(?: ?(?P<name>{_NAME}) *\|{_END})?"),
    Form(rf"\d+\.\d{{1,3}}{_END}"),  # what BuildKit prints again of a step that failed
    Form(r"(?P<bar>[│┃|])(?: |$)", share=BARS),
    Form(rf"(?P<name>{_NAME}(?::[\w.-]+)?) *\|{_END}"),
    Form(rf"\[(?P<name>{_NAME}|\d{{1,3}}|[@\w./:-]{{2,80}})\]:?{_END}"),
    Form(rf"(?P<name>[@\w./-]{{1,80}}(?::(?!\d+:)[\w.-]{{1,60}}){{1,3}}):{_END}", is_common=True),
    Form(
        rf"(?P<name>(?:@[\w.-]+/|[\w.-]+/)?[\w./-]{{1,60}}(?: [\w:.-]{{1,40}})?):{_END}",
        is_common=True,
        fewest=FEWEST_LINES,  # a program's name, which stands before what it says, is one as well
    ),
    Form(r"(?P<name>[a-z0-9.-]+-[a-z0-9]{3,10}-[a-z0-9]{3,5} (?:› )?[a-z][\w.-]*)(?: |$)"),
    Form(r"(?P<name>pod/[\w.-]+ [\w.-]+)(?: |$)"),
)
ON_TRIAL = (
    *WEAK,
    Form(r"(?:INFO|DEBUG|WARN|ERROR|\[(?:INFO|DEBUG|WARN|ERROR)\])[ :-]+"),
    Form(r"➤ YN\d{4}: (?:[│·┌└] )?"),
)


def _any_of(forms: Sequence[Form]) -> re.Pattern[str]:
    """Those of most lines, but for what ordinary lines have and for what a tab tells."""
    sources = (
        form.source
        for form in forms
        if form.share == SHARE and not form.is_common and form is not _IN_COLUMNS
    )
    return pattern("|".join(re.sub(r"\?P<\w+>", "?:", source) for source in sources))


_OF_SURE = ("|", "#", "[pod/", "INTERNALERROR>", '{"')
_CLOCK = pattern(r":\d\d:\d\d")
_ANY_SURE, _ANY_UNCOMMON = _any_of(SURE), _any_of((*SURE, *ON_TRIAL))
_CARRIER = pattern(r"\[[^\[\]]+\]:?|[@\w./-]+(?::[A-Za-z][\w.-]*)+:")
_INTERNAL = pattern("INTERNALERROR>")
_COLUMNS = pattern(r"\t.*\t")
_COMPILED = {form.source: pattern(form.source) for form in (*SURE, *ON_TRIAL)}
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "error erro err warn warning aviso info note debug trace fatal critical severe panic "
        "fail failed failure falha ok pass passed skip skipped hint help e w i d f ",
    )
)
"""Words before a colon, or in brackets, that tell of their line and not of where it comes from."""
_ERRORS = ("Error", "Exception", "error", "warning")
LINES_OF_A_NAME = 8
"""Lines that there are at least of a name, beyond the first name."""


def may_be_prefixed(text: str) -> bool:
    """Whether a sure form may stand before the lines: all have a time or one of a few marks."""
    return any(map(text.__contains__, _OF_SURE)) or _CLOCK.search(text) is not None


def may_join(text: str) -> bool:
    """Whether lines without their prefix may hold what the text does not: JSON, and cut lines."""
    return '{"' in text or _CLOCK.search(text) is not None


def without_prefixes(lines: Sequence[str], *, on_trial: bool = False) -> list[str] | None:
    """The lines without the prefixes that they surely share, or None when they share none.

    On trial weak forms count as well, and a text of one or two lines may have a prefix.
    """
    return _peeled(lines, (*SURE, *ON_TRIAL) if on_trial else SURE, on_trial=on_trial)


def are_prefixed(lines: Sequence[str], stripped: Sequence[str]) -> bool:
    """Whether what is gone from the lines surely was a prefix: two lines may begin alike by chance.

    Of two only when both lost the same, and that is in brackets or a package and its task.
    """
    pairs = [(line, rest) for line, rest in zip(lines, stripped, strict=True) if line.strip()]
    if len(pairs) >= FEWEST_LINES:
        return True
    gone = {line[: len(line) - len(rest)].strip() for line, rest in pairs}
    return len(gone) == 1 < len(pairs) and _CARRIER.fullmatch(gone.pop()) is not None


def shown(text: str) -> str:
    """A text to be read without what stands before each of its lines; line n stays line n."""
    lines = text.split("\n")
    stripped = _peeled(lines, (*SURE, *WEAK))
    return text if stripped is None else "\n".join(stripped)


def _peeled(
    lines: Sequence[str],
    forms: tuple[Form, ...],
    *,
    on_trial: bool = False,
) -> list[str] | None:
    """The lines without prefix upon prefix; blanks behind one before all lines belong to it."""
    fewest = 1 if on_trial else FEWEST_LINES
    taken = _unwrapped(lines)
    for _ in range(LAYERS):
        left = lines if taken is None else taken
        told = [line for line in left if line and not line.isspace()]
        shares = _shares(told, _ANY_SURE if forms is SURE else _ANY_UNCOMMON)
        may_be = [form for form in forms if form.is_common or form.share in shares]
        tried = (_stripped(left, told, form, fewest) for form in may_be)
        stripped = next((one for one in tried if one is not None), None)
        if stripped is None and (on_trial or taken is not None):
            stripped = _dedented(left, told)
        if stripped is None and on_trial:
            stripped = without_same_beginning(left)
        if stripped is None:
            break
        taken = stripped
    return taken


def _shares(told: Sequence[str], any_form: re.Pattern[str]) -> set[float]:
    """The shares of which some form may be, by the characters and forms that lines begin with."""
    firsts = {line[0] for line in told}
    shares = set()
    if "#" in firsts or ("I" in firsts and any(map(_INTERNAL.match, told))):
        shares.add(0.0)
    if not firsts.isdisjoint("│┃|"):
        shares.add(BARS)
    if _have(any_form.match, told, SHARE) or _have(_COLUMNS.search, told, SHARE):
        shares.add(SHARE)
    return shares


def _have(form: Callable[[str], object], lines: Sequence[str], share: float) -> bool:
    """Whether so many of the lines have a form: no more are looked at than tell that."""
    may_lack = (1 - share) * len(lines)
    for line in lines:
        if not form(line):
            may_lack -= 1
            if may_lack < 0:
                return False
    return bool(lines)


def _stripped(
    lines: Sequence[str], told: Sequence[str], form: Form, fewest: int
) -> list[str] | None:
    """The lines without what has this form, if enough of those that say something have it."""
    compiled = _COMPILED[form.source]
    if not _have(compiled.match, told, form.share):
        return None
    found = [match for match in map(compiled.match, told) if match and match.end()]
    fewest = max(fewest, form.fewest) if form.share else 1
    if len(found) < fewest or len(found) < form.share * len(told) or not _are_few(found):
        return None
    if form.share and len(found) < FEWEST_LINES and len(found) < len(told):
        return None
    matches = [compiled.match(line) for line in lines]
    rest = [m.string[m.end() :] if m else line for m, line in zip(matches, lines, strict=True)]
    return _joined(rest, matches) if form.is_cut else rest


def _joined(lines: list[str], found: Sequence[re.Match[str] | None]) -> list[str]:
    """The lines with those that were cut in their first one, and empty ones in their place."""
    last, is_open = 0, False
    for number, match in enumerate(found):
        if number and (is_open or (match and match["more"])):
            lines[last] += lines[number]
            lines[number] = ""
        else:
            last = number
        is_open = bool(match and match["half"])
    return lines


def _are_few(found: Sequence[re.Match[str]]) -> bool:
    """Whether the names before the lines are those of a few sources, and not what lines say."""
    if "name" not in found[0].re.groupindex:
        return True
    names = {match["name"] for match in found if match["name"]}
    if any(name.lower() in _NO_NAMES or name.endswith(_ERRORS) for name in names):
        return False
    return len(names) <= 1 + len(found) // LINES_OF_A_NAME


def _dedented(lines: Sequence[str], told: Sequence[str]) -> list[str] | None:
    """The lines without the blanks that stand before all of them."""
    if any(line[0] not in " \t" for line in told):
        return None
    margin = min((len(line) - len(line.lstrip(" \t")) for line in told), default=0)
    return [line[margin:] for line in lines] if margin else None


def _unwrapped(lines: Sequence[str]) -> list[str] | None:
    """The text in lines of JSON: of docker's json-file, and of `go test -json`."""
    first = [line for line in lines[:FEWEST_LINES] if "{" in line]
    if not first or not any(mark in line for line in first for mark in _WRAPPERS):
        return None
    texts = [_text_of(line) for line in lines]
    if sum(text is not None for text in texts) < SHARE * sum(map(bool, lines)):
        return None
    whole = [
        line if text is None else text.rstrip("\r\n").replace("\n", " ")
        for line, text in zip(lines, texts, strict=True)
    ]
    last, is_open = 0, False
    for number, text in enumerate(texts):  # docker cuts long lines; only the end has a line feed
        if is_open and text is not None:
            whole[last] += whole[number]
            whole[number] = ""
        else:
            last = number
        is_open = lines[number].startswith(_DOCKER) and not (text or "\n").endswith("\n")
    return whole


_DOCKER = '{"log":'
_WRAPPERS = (_DOCKER, '{"Time":', '{"Action":')


def _text_of(line: str) -> str | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    text = record.get("log", record.get("Output", "" if "Action" in record else None))
    return text if isinstance(text, str) else None
