"""Recognisers for errors without a structure: named errors, shells, and words in two languages."""

import re
from dataclasses import replace
from re import Match

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.formats import annotations, linters, placed
from genesis_mcp.diagnostics.formats import build_tools as tool_errors
from genesis_mcp.diagnostics.formats.build_tools import find_table_warning
from genesis_mcp.diagnostics.formats.compiled import find_rust_warning
from genesis_mcp.diagnostics.formats.placed import ERROR_WORD
from genesis_mcp.diagnostics.formats.scripts import find_perl_error, find_php_warning
from genesis_mcp.diagnostics.places import is_code, is_frame, place_in
from genesis_mcp.diagnostics.recogniser import TYPE_NAME, Frame, Hit, Lines, first_telling
from genesis_mcp.diagnostics.summaries import is_summary
from genesis_mcp.text.literals import Literals
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

_STEMS = Literals((
    "err", "fatal", "fail", "falh", "exce", "panic", "pânico", "denied", "negad", "not found",
    "encontrad", "cannot", "can't", "could not", "unable to", "não foi", "invalid", "inválid",
    "timed", "timeout", "time out", "esgotado", "abort", "killed", "no such",
    "segmentation", "refused", "recusad", " bad request", " unauthorized", " forbidden",
    " conflict", " gone", " internal server", " unprocessable", " too many", " bad gateway",
    " unavailable",
))  # fmt: skip
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
_BEGINS = pattern(
    r"(?:\S+: )?(?:fatal |erro )?(?:error|erro|fatal|ERROR|ERRO|FATAL)(?:\[\w+\])?: \S"
)
_MARK = pattern(
    r"\s*(?:[✖✗✘×❌⨯]|\[(?:FAIL(?:ED)?|FALHOU|ERRO|ERROR|ERR|FATAL)\]"
    r"|(?:not ok|FAIL(?:ED)?|CONFLICT|CONFLITO)\b[ :(])"
)
"""What stands before an item that went wrong in a list."""
_MARKS = Literals(
    ("✖", "✗", "✘", "×", "❌", "⨯", "[FA", "[ER", "not ok", "FAIL", "CONFLI"),
)
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
    stems = _STEMS.within(lowered)  # quick: most lines hold none of them
    last = None
    for index in range(len(lines) - 1, -1, -1) if stems or _MARKS.within(whole) else ():
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
        if not any(map(lowered.__contains__, stems)) or not ERROR_WORD.search(lowered):
            return False
    if is_code(line) or is_frame(line) or _ONLY_PLACE.match(line):
        return False
    return is_marked or not _NONE.search(line)


def _first_of_cluster(lines: Lines, index: int, stems: list[str]) -> int:
    """What a tool complains of first leads to the rest, as far as it stands directly above.

    A line that begins with `error:` may have lines of explanation below it, up to an empty one.
    """
    first = index
    is_cluster = True
    for above in range(index - 1, max(-1, index - CLUSTER_REACH), -1):
        if not lines[above].strip():
            break
        is_cluster = is_cluster and _is_error(lines[above], stems)
        if (is_cluster or _BEGINS.match(lines[above])) and not is_summary(lines[above]):
            first = above
            if not is_cluster:
                break
    return first


def _announced(lines: Lines, summary: int) -> Hit | None:
    """What stands below a line that says an error follows: `a rule failed with message:`."""
    for index in range(summary, max(-1, summary - CLUSTER_REACH), -1):
        line = lines[index].rstrip()
        if line.endswith(" message:") and index + 1 < len(lines) and lines[index + 1].strip():
            return Hit(line_number=index + 1, message=lines[index + 1])
    return None


def _summed_up(lines: Lines, summary: int) -> Hit:
    """The ordinary line right above a summary, or the first summary and what stands above it."""
    if announced := _announced(lines, summary):
        return announced
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
                return _with_heading(lines, index)
    return None if last is None else Hit(line_number=last, message=lines[last])


def _with_heading(lines: Lines, index: int) -> Hit:
    """A line; the last item of a list with what stands above the list and ends in a colon."""
    above = index
    while above > max(0, index - SUMMARY_REACH) and (
        _LISTED.match(lines[above]) or not lines[above].strip()
    ):
        above -= 1
    if above < index and lines[above].rstrip().endswith(":"):
        items = [line.strip() for line in lines[above : index + 1] if line.strip()]
        return Hit(line_number=above, message=" ".join(items))
    return Hit(line_number=index, message=lines[index])


_ONLY_PLACE = pattern(r"\s*(?:at|in|on|from|em) \S+:\d+(?::\d+)?$")
"""A place whose path may well hold a word of errors."""
_LISTED = pattern(r"\s*[-*•·] +\S")
_SIGNAL_NAMES = (
    "Segmentation fault", "Aborted", "Killed", "Terminated", "Bus error", "Hangup",
    "Floating point exception", "Illegal instruction", "breakpoint trap", "Alarm clock",
)  # fmt: skip

_RUST_VALUE = pattern(r"[A-Z]\w+(?: ?[{(]|$)|\"")
_CTEST = pattern(r"\s*\d+/\d+ Test +#\d+: (?P<test>\S+) \.*\s*\*\*\*(?P<how>\w.*?)\s+[\d.]+ sec\b")
_CTEST_NEXT = pattern(r"\s*(?:Start +\d+: |\d+/\d+ Test +#|\d+% tests passed)")
PLACED = (
    *placed.ERRORS,
    linters.GROUPED,
)
AT_A_PLACE = placed.ANY
WARNINGS = (
    Format(name="rust warning", hints=("--> ",), find=find_rust_warning),
    Format(name="table of warnings", hints=(" warning ", "⚠"), find=find_table_warning),
    *placed.WARNINGS,
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
    Format(
        name="gradle",
        hints=("* What went wrong:",),
        start=r"\* What went wrong:\n[^\n]+\n(?:\s*> [^\n]+\n(?=\s+> ))*\s*> (?P<message>\S.*)",
        examples=(
            Example(
                "* What went wrong:\nExecution failed for task ':app:checkMetadata'.\n"
                "> Could not resolve all files for configuration ':app:runtimeClasspath'.\n"
                "   > Could not find com.loja:caixa:9.9.9.\n     Required by:\n"
                "         project :app\n\nBUILD FAILED in 1s\n",
                "Could not find com.loja:caixa:9.9.9.",
            ),
        ),
    ),
    Format(name="error word", find=find_error_word),
    Format(
        name="nothing to test",
        hints=("found", "Ran 0 ", "ran", "executed"),
        start=r"\W*(?P<message>No (?:\w+ )?(?:tests?|specs?|features?|scenarios?)(?: files?"
        r"| suites?| cases?)?(?: were| was)? (?:found|collected|ran|run|executed|matched)\b"
        r"(?:(?!, ).)*|Ran 0 tests)",
        examples=(
            Example(
                "No tests found, exiting with code 1\nRun with `--passWithNoTests` to exit with "
                "code 0\nPattern:  - 0 matches\n",
                "No tests found",
            ),
            Example("------------\nRan 0 tests in 0.000s\n\nOK\n", "Ran 0 tests"),
        ),
    ),
)
WEAKER = (Format(name="weaker word", find=find_weaker_word),)
LAST_LINE = (Format(name="last line", find=find_last_line),)
