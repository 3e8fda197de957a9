"""Recognisers for errors without a structure: named errors, shells, and words in two languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from re import Match

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.formats import annotations, linters
from genesis_mcp.diagnostics.formats import build_tools as tool_errors
from genesis_mcp.diagnostics.formats.build_tools import find_table_warning
from genesis_mcp.diagnostics.formats.compiled import find_rust_warning
from genesis_mcp.diagnostics.formats.scripts import find_perl_error, find_php_warning
from genesis_mcp.diagnostics.parts_seen import SeenText
from genesis_mcp.diagnostics.places import is_code, is_frame, place_in
from genesis_mcp.diagnostics.recogniser import TYPE_NAME, Frame, Hit, Lines, first_telling
from genesis_mcp.diagnostics.summaries import is_summary
from genesis_mcp.text.pattern import pattern

_NAMED = pattern(rf"(?:.*?[\s\]:|(])?({TYPE_NAME})(?: \[\w+\])?: (\S.*)")
_SHELL_NAMES = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_SHELL = pattern(r"([^\s:]+):(?: -c:)? ?(?:line )?(\d+): +(\S.*)|([^\s:]+): (.+)")
_SIGNAL = pattern(
    r"(?:\S+: (?:line )?\d+: +)?(?:\d+ )?"
    r"(Segmentation fault|Aborted|Killed|Terminated|Bus error|Hangup"
    r"|Floating point exception|Illegal instruction|Trace/breakpoint trap|Alarm clock)"
    r"(?: *\(core dumped\))?(?:\s+(?:\(core dumped\) )?(?P<program>\S.*))?$"
)
_SAYS_WHY = frozenset({"Aborted", "Terminated", "Hangup"})
"""Signals that end a program which has mostly printed the reason before."""

_ERROR_WORD = pattern(
    r"\b(?:errors?|erros?|err!|fatal|fail(?:ed|ure|ures|s)?|falh(?:ou|a|as|aram)|exception|exceção"
    r"|exceções|panic|pânico|denied|negad[oa]|not found|não encontrad[oa]|cannot|can't|could not"
    r"|unable to|não foi possível|invalid|inválid[oa]|timed? ?out|tempo esgotado|abort(?:ed)?"
    r"|abortad[oa]|killed|no such file|segmentation fault|refused|recusad[oa]"
    r"|[45]\d\d (?:bad request|unauthorized|forbidden|conflict|gone|unprocessable|too many requests"
    r"|internal server|bad gateway|service unavailable))\b",
    re.IGNORECASE,
)
_STEMS = (
    "err", "fatal", "fail", "falh", "exce", "panic", "pânico", "denied", "negad", "not found",
    "encontrad", "cannot", "can't", "could not", "unable to", "não foi", "invalid", "inválid",
    "timed", "timeout", "time out", "esgotado", "abort", "killed", "no such",
    "segmentation", "refused", "recusad", " bad request", " unauthorized", " forbidden",
    " conflict", " gone", " internal server", " unprocessable", " too many", " bad gateway",
    " unavailable",
)  # fmt: skip
_WEAKER_WORD = pattern(
    r"\b(?:missing|unexpected|rejected|expired|exceed(?:s|ed)|corrupt(?:ed)?|unknown"
    r"|unrecogni[sz]ed|not recogni[sz]ed|not defined|(?:bad|illegal) (?:option|argument|flag|value)"
    r"|unavailable|unreachable|does not exist|no space|too (?:long|short|large|many|few)"
    r"|ausente|excedid[oa]|expirad[oa]|inexistente|incorret[oa]|corrompid[oa]|desconhecid[oa]"
    r"|não (?:existe|há|pôde|pode|foi|é reconhecid[oa])|sem permissão|falt(?:a|am|ou)|limite)\b",
    re.IGNORECASE,
)
"""Words that also stand in harmless lines: they count only where no plainer word is."""
WEAKER_REACH = 20
"""Lines from the end in which they count: far from it, such a word is mostly a warning."""
_ROUTINE = pattern(
    r"\s*(?:[=>+*#-]{2,}|\[ ?\d+/\d+\]|\+ |::|##\[)|\W*exit(?:ed)?\b|\W*giving up\b"
    r"|.*\b(?:done|finished|completed?|fim|concluíd[oa]|encerrad[oa])"
    r"(?: (?:in|after|at|em|após) \S{1,30}(?: ?\w{1,20})?)?\W{0,20}$",
    re.IGNORECASE,
)
"""Lines that tell of progress: the last line of an output is often one of them."""
_NONE = pattern(r"\b(?:0|no|sem|nenhum) (?:errors?|erros?|fail|falha)", re.IGNORECASE)
_MARK = pattern(
    r"\s*(?:[✖✗✘×❌⨯]|\[(?:FAIL(?:ED)?|FALHOU|ERRO|ERROR|ERR|FATAL)\]"
    r"|(?:not ok|FAIL(?:ED)?|CONFLICT|CONFLITO)\b[ :(])"
)
"""What stands before an item that went wrong in a list."""
_MARKS = ("✖", "✗", "✘", "×", "❌", "⨯", "[FA", "[ER", "not ok", "FAIL", "CONFLI")
_ITEM = pattern(r"\s|at\b|\[?\d+[\]/:.]")
SUMMARY_REACH = 8
"""Lines above a summary in which the line is looked for that it sums up."""
CLUSTER_REACH = 40


def find_named_error(lines: Lines) -> Hit | None:
    """The last line that begins with a named error, else the last that holds one: it is final."""
    best: tuple[int, Match[str]] | None = None
    for index, line in enumerate(lines):
        found = _NAMED.match(line) if ": " in line else None
        if found and (found.start(1) == 0 or best is None or best[1].start(1) > 0):
            is_unnamed = found[1] == "Error" and not found[2].endswith((":", "{", "[", "("))
            if is_unnamed and is_summary(found[2]):
                continue
            best = index, found
    if best is None:
        return None
    index, found = best
    # "x: Error: ..." is how many programs begin a sentence; with a stack it was found before.
    # Rust's main prints `Error: ` and the value as the debugger shows it, whose type it is not.
    is_word = found[1] == "Error" and (found.start(1) or _RUST_VALUE.match(found[2]))
    name = None if is_word else found[1]
    return Hit(line_number=index, type=name, message=first_telling(found[2], lines, index + 1))


def find_shell_error(lines: Lines) -> Hit | None:
    """The first complaint of a shell: `script.sh: line 3: foo: command not found`."""
    for index, line in enumerate(lines):
        found = _SHELL.match(line)
        if found:
            script, message = found[1] or found[4], found[3] or found[5]
            is_shell = script.rpartition("/")[2] in _SHELL_NAMES
            if _SIGNAL.match(line):
                continue
            if is_shell and not message.startswith("warning:"):
                return Hit(line_number=index, message=message)
            if found[2] and script.endswith((".sh", ".bash", ".zsh", ".ksh")):
                place = Frame(script, int(found[2]))
                return Hit(line_number=index, message=message, frame=place)
    return None


def find_signal(lines: Lines) -> Hit | None:
    """What a shell says of a program that a signal ended, or the line before if that tells why."""
    for index, line in enumerate(lines):
        if found := _SIGNAL.match(line):
            before = next((i for i in range(index - 1, -1, -1) if lines[i].strip()), None)
            if found[1] in _SAYS_WHY and before is not None and not _ITEM.match(lines[before]):
                return Hit(line_number=before, message=lines[before])
            return Hit(line_number=index, message=found[1], beside=found["program"] or "")
    return None


def find_error_word(lines: Lines) -> Hit | None:
    """The first line of the last cluster of lines with an error word that say which error."""
    whole = "\n".join(lines)
    lowered = whole.lower()
    stems = [stem for stem in _STEMS if stem in lowered]  # quick: most lines hold none of them
    marked = any(mark in whole for mark in _MARKS)
    last = None
    for index in range(len(lines) - 1, -1, -1) if stems or marked else ():
        line = lines[index]
        if _is_error(line, stems):
            if is_summary(line):
                last = index if last is None else last
            else:
                first = _first_of_cluster(lines, index, stems)
                return Hit(line_number=first, message=lines[first])
    return None if last is None else _summed_up(lines, last)


def find_ctest_failure(lines: Lines) -> Hit | None:
    """What the first failed test of CTest printed, as far as that is shown; else which it is."""
    for index, line in enumerate(lines):
        if failed := _CTEST.match(line):
            below = range(index + 1, len(lines))
            end = next((i for i in below if _CTEST_NEXT.match(lines[i])), len(lines))
            printed = lines[index + 1 : end]
            if hit := find_error_word(printed) or find_last_line(printed):
                return replace(hit.moved(index + 1), beside=failed["test"])
            return Hit(line_number=index, message=f"{failed['test']}: {failed['how']}")
    return None


def _is_error(line: str, stems: list[str]) -> bool:
    is_marked = _MARK.match(line) is not None
    if not is_marked:
        lowered = line.lower()
        if not any(stem in lowered for stem in stems) or not _ERROR_WORD.search(lowered):
            return False
    if is_code(line) or is_frame(line):
        return False
    return is_marked or not _NONE.search(line)


def _first_of_cluster(lines: Lines, index: int, stems: list[str]) -> int:
    """What a tool complains of first leads to the rest, as far as it stands directly above."""
    first = index
    for above in range(index - 1, max(-1, index - CLUSTER_REACH), -1):
        if not lines[above].strip() or not _is_error(lines[above], stems):
            break
        if not is_summary(lines[above]):
            first = above
    return first


def _summed_up(lines: Lines, summary: int) -> Hit:
    """The ordinary line right above a summary, or the first summary and what stands above it."""
    first = summary
    for index in range(summary, max(-1, summary - SUMMARY_REACH), -1):
        line = lines[index]
        if not line.strip():
            break
        if is_summary(line):
            first = index
        elif not line[:1].isspace() and not _ROUTINE.match(line):
            place = place_in(lines[first])
            return Hit(line_number=index, message=line, frame=place.frame if place else None)
    above = lines[max(0, summary - CLUSTER_REACH) : summary + 1]
    told = [line for line in above if line.strip() and not _ROUTINE.match(line)]
    return Hit(line_number=first, message=lines[first], beside="\n".join(told))


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
    worded = (hit for hit in hits if _ERROR_WORD.search(hit.message))
    return next(worded, hits[0] if hits else None)


def _ended_with(lines: Lines, index: int) -> bool:
    """Whether a line of a log is the last that tells something."""
    return _STAMPED.match(lines[index]) is not None and all(map(is_summary, lines[index + 1 :]))


def find_placed_warning(text: SeenText) -> Hit | None:
    """The first warning at a place: of a run that failed and tells of nothing else."""
    return next((hit for _, _, hit in _placed(text)), None)


def find_weaker_word(lines: Lines) -> Hit | None:
    """The last line, of those near the end, with a word that may mean an error."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - WEAKER_REACH), -1):
        if _WEAKER_WORD.search(lines[index]) and not _ROUTINE.match(lines[index]):
            return Hit(line_number=index, message=lines[index])
    return None


def find_last_line(lines: Lines) -> Hit | None:
    """The last line that tells more than how far the program came, else the last one."""
    last = None
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].strip():
            last = index if last is None else last
            is_told = not is_code(lines[index]) and not is_summary(lines[index])
            if is_told and not _ROUTINE.match(lines[index]):
                return Hit(line_number=index, message=lines[index])
    return None if last is None else Hit(line_number=last, message=lines[last])


_SIGNAL_NAMES = (
    "Segmentation fault", "Aborted", "Killed", "Terminated", "Bus error", "Hangup",
    "Floating point exception", "Illegal instruction", "breakpoint trap", "Alarm clock",
)  # fmt: skip

_RUST_VALUE = pattern(r"[A-Z]\w+(?: ?[{(]|$)|\"")
_MAY_BE_PLACED = pattern(r"[:(\[] ?\d|(?:[Ll]ine|linha|ln|Ln|l\.) ?\d| \d+:\d")
_CTEST = pattern(r"\s*\d+/\d+ Test +#\d+: (?P<test>\S+) \.*\s*\*\*\*(?P<how>\w.*?)\s+[\d.]+ sec\b")
_CTEST_NEXT = pattern(r"\s*(?:Start +\d+: |\d+/\d+ Test +#|\d+% tests passed)")
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
    r"(?P<message>(?:(?P<code>[A-Z]{1,8}\d{2,6}):? )?.*)"
)
_STAMPED = pattern(r"[\[(]?(?:\d{2,4}[-/.]\d\d[-/.]\d\d[ T])?\d\d:\d\d:\d\d\b")
_LETTERS = pattern(r"[^\W\d_]{2}")
_FOLLOWS = pattern(r"\s*(?:[A-Z✖×]|error|[\w ]+: )")

_NUMBERED = (":", "(", "[", ",", "ine", "inha", "Ln", "ln", "l.")
"""Of these one stands in a text that names a place."""
PLACED = (
    Format(name="error at a place", hints=_NUMBERED, find_in=find_placed_error),
    linters.GROUPED,
)
AT_A_PLACE = (
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
WARNINGS = (
    Format(name="rust warning", hints=("--> ",), find=find_rust_warning),
    Format(name="table of warnings", hints=(" warning ", "⚠"), find=find_table_warning),
    Format(name="warning at a place", hints=_NUMBERED, find_in=find_placed_warning),
)
NAMED = (
    Format(
        name="box",
        hints=("╭─ ",),
        start=r"╭─ (?:\S+ )?(?:Error|Erro) ─+╮?\n│ +(?P<message>\S.*?) *│?$",
        goes_on=r"│ +(?P<message>\S.*?) *│?$",
        examples=(
            Example(
                "Usage: soma [OPTIONS] N\n╭─ Error ─────────────────────────╮\n"
                "│ Invalid value for 'N': 'abc' is │\n│ not a valid integer.            │\n"
                "╰─────────────────────────────────╯\n",
                "Invalid value for 'N': 'abc' is not a valid integer.",
            ),
        ),
    ),
    *annotations.MARKED,
    Format(name="named error", hints=("Error", "Exce", "Fail", "Time"), find=find_named_error),
    Format(name="shell", hints=("sh:",), find=find_shell_error),
    Format(name="at line", hints=(" line ",), find=find_perl_error),
    *tool_errors.OWN_COMPLAINTS,
    Format(name="php warning", hints=("Warning: ",), find=find_php_warning),
)
WORDED = (
    Format(name="signal", hints=_SIGNAL_NAMES, find=find_signal),
    Format(
        name="ctest",
        hints=("***",),
        find=find_ctest_failure,
        examples=(
            Example(
                "    Start 1: soma\n1/2 Test #1: soma .............   Passed    0.01 sec\n"
                "    Start 2: frete.longo\n2/2 Test #2: frete.longo ......***Timeout   1.50 sec\n\n"
                "50% tests passed, 1 tests failed out of 2\n\nThe following tests FAILED:\n"
                "\t  2 - frete.longo (Timeout)\nErrors while running CTest\n",
                "frete.longo: Timeout",
            ),
            Example(
                "1/1 Test #1: saldo ............***Failed    0.02 sec\nlendo conta 7\n"
                "saldo negativo\n\n\n0% tests passed, 1 tests failed out of 1\n\n"
                "The following tests FAILED:\n\t  1 - saldo (Failed)\nErrors while running CTest\n",
                "saldo negativo",
            ),
        ),
    ),
    Format(
        name="test result",
        hints=(" FAIL", " TIMEOUT ", " ERROR "),
        start=r"(?:\s*\d+/\d+ )?(?P<message>[/\w@]\S*(?: / \S+)*"
        r"\s+(?:FAIL(?:ED)?|TIMEOUT|ERROR))\s+(?:in )?\d+\.\d+ ?s\b",
        examples=(
            Example(
                "1/2 loja:taxa OK              0.01s\n"
                "2/2 loja:soma FAIL            0.02s   exit status 1\n"
                "\n\nOk:                1\nFail:              1\n",
                "loja:soma FAIL",
            ),
            Example(
                "INFO: Build completed, 1 test FAILED, 2 total actions\n"
                "//app:soma_test                              FAILED in 0.6s\n"
                "  /w/bazel-testlogs/app/soma_test/test.log\n\n"
                "Executed 1 out of 1 test: 1 fails locally.\n",
                "//app:soma_test                              FAILED",
            ),
        ),
    ),
    Format(name="error word", find=find_error_word),
)
WEAKER = (Format(name="weaker word", find=find_weaker_word),)
LAST_LINE = (Format(name="last line", find=find_last_line),)
