"""Recognisers for errors without a structure: named errors, shells, and words in two languages."""

import re

from genesis_mcp.diagnostics.formats import build_tools as tool_errors
from genesis_mcp.diagnostics.formats.scripts import find_perl_error, find_php_warning
from genesis_mcp.diagnostics.recogniser import TYPE_NAME, Frame, Hit, Lines, Recogniser

_NAMED = re.compile(rf"(?:.*?[\s\]:|(])?({TYPE_NAME})(?: \[\w+\])?: (\S.*)")
_SHELL_NAMES = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_SHELL = re.compile(r"([^\s:]+):(?: -c:)? ?(?:line )?(\d+): +(\S.*)|([^\s:]+): (.+)")
_SIGNAL = re.compile(
    r"(?:\S+: (?:line )?\d+: +)?(?:\d+ )?"
    r"(Segmentation fault|Aborted|Killed|Terminated|Bus error|Hangup"
    r"|Floating point exception|Illegal instruction|Trace/breakpoint trap|Alarm clock)"
    r"(?: +\(core dumped\))?(?:\s{2,}.*)?$"
)
_SAYS_WHY = frozenset({"Aborted", "Terminated", "Hangup"})
"""Signals that end a program which has mostly printed the reason before."""

_ERROR_WORD = re.compile(
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
_WEAKER_WORD = re.compile(
    r"\b(?:missing|unexpected|rejected|expired|exceed(?:s|ed)|corrupt(?:ed)?|unknown"
    r"|unavailable|unreachable|does not exist|no space|too (?:long|short|large|many|few)"
    r"|ausente|excedid[oa]|expirad[oa]|inexistente|incorret[oa]|corrompid[oa]|desconhecid[oa]"
    r"|não (?:existe|há|pôde|pode|foi)|sem permissão|falt(?:a|am|ou)|limite)\b",
    re.IGNORECASE,
)
"""Words that also stand in harmless lines: they count only where no plainer word is."""
WEAKER_REACH = 20
"""Lines from the end in which they count: far from it, such a word is mostly a warning."""
_ROUTINE = re.compile(
    r"\s*(?:[=>+*#-]{2,}|\[ ?\d+/\d+\]|\+ |::|##\[)|\W*exit(?:ed)?\b|\W*giving up\b"
    r"|.*\b(?:done|finished|completed?|fim|concluíd[oa]|encerrad[oa])"
    r"(?: (?:in|after|at|em|após) \S{1,30}(?: ?\w{1,20})?)?\W{0,20}$",
    re.IGNORECASE,
)
"""Lines that tell of progress: the last line of an output is often one of them."""
_NONE = re.compile(r"\b(?:0|no|sem|nenhum) (?:errors?|erros?|fail|falha)", re.IGNORECASE)
# Lines with an error word that tell nothing about the error, only that there was one.
_NO_NEWS = re.compile(
    r".*\bis not recoverable: exiting|make(?:\[\d+\])?: \*\*\*|npm (?:ERR!|error)|collect2: "
    r"|error: (?:aborting due|could not compile)|compilation terminated"
    r"|.*\b(?:exited with|exit status|exit code|Command failed)\b"
    r"|(?:the |this |o |a )?(?:build|job|step|pipeline|tests?|command|task|suite|tarefa|etapa)s? "
    r"(?:has |have )?(?:failed|falhou|falharam)\W*$|finished: failure|found \d+ errors?"
    r"|\W*\d+ (?:tests? |examples?, \d+ )?(?:failed|failing|failures?)\b|✖ \d+ problem"
    r"|FAILED \((?:failures|errors)=|=+ .* in [\d.]+s .*=+$|test result: FAILED|FAIL$|Failures?:$",
    re.IGNORECASE,
)


def find_named_error(lines: Lines) -> Hit | None:
    """The last line that begins with a named error, else the last that holds one: it is final."""
    best: tuple[int, re.Match[str]] | None = None
    for index, line in enumerate(lines):
        found = _NAMED.match(line)
        if found and (found.start(1) == 0 or best is None or best[1].start(1) > 0):
            best = index, found
    if best is None:
        return None
    index, found = best
    # "Error: ..." is how many programs begin a sentence; with a stack it was found before.
    name = None if found[1] == "Error" else found[1]
    return Hit(line_number=index, type=name, message=found[2])


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
            if found[1] in _SAYS_WHY and before is not None:
                return Hit(line_number=before, message=lines[before])
            return Hit(line_number=index, message=found[1])
    return None


def find_error_word(lines: Lines) -> Hit | None:
    """The last line with an error word that says more than that something failed."""
    lowered = "\n".join(lines).lower()
    stems = [stem for stem in _STEMS if stem in lowered]  # quick: most lines hold none of them
    last = None
    for index in range(len(lines) - 1, -1, -1) if stems else ():
        line = lines[index]
        if not any(stem in line.lower() for stem in stems) or _NONE.search(line):
            continue
        if _ERROR_WORD.search(line):
            hit = Hit(line_number=index, message=line)
            if not _NO_NEWS.match(line.strip()):
                return hit
            last = last or hit
    return last


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
            if not _ROUTINE.match(lines[index]):
                return Hit(line_number=index, message=lines[index])
    return None if last is None else Hit(line_number=last, message=lines[last])


_SIGNAL_NAMES = (
    "Segmentation fault", "Aborted", "Killed", "Terminated", "Bus error", "Hangup",
    "Floating point exception", "Illegal instruction", "breakpoint trap", "Alarm clock",
)  # fmt: skip

NAMED = (
    Recogniser(name="named error", hints=("Error", "Exce", "Fail", "Time"), find=find_named_error),
    Recogniser(name="shell", hints=("sh:",), find=find_shell_error),
    Recogniser(name="at line", hints=(" line ",), find=find_perl_error),
    *tool_errors.OWN_COMPLAINTS,
    Recogniser(name="php warning", hints=("Warning: ",), find=find_php_warning),
)
WORDED = (
    Recogniser(name="signal", hints=_SIGNAL_NAMES, find=find_signal),
    Recogniser(name="error word", find=find_error_word),
)
WEAKER = (Recogniser(name="weaker word", find=find_weaker_word),)
LAST_LINE = (Recogniser(name="last line", find=find_last_line),)
