"""Which lines only sum up, close or announce: what a tool says after its errors, never the error.

Told by kind and not by tool: a line whose words are counts, durations and words of summaries, one
that ends in a colon, one that says where to find help, one that says how another program ended.
"""

import re

from genesis_mcp.text.pattern import pattern

_WORDS = frozenset(
    re.findall(
        r"\w+",
        "affecting fails findings linted locally scanned schema validation "
        "a aborted aborting all an and are as assertions at attempt attempts been build "
        "builds by cases caught check checked checks code command commands compilation "
        "compile compiled compiling complete completed completing could coverage did done due "
        "duration during elapsed encountered ended error errored errors example examples "
        "exception exceptions executed execution exit exited exiting expectations fail failed "
        "failing failure failures fatal file files finish finished fixable flaky for found "
        "from generated had has have hints i in info informations infos invalid is issue "
        "issues it job jobs line lines lint linting messages min mins module modules ms n no "
        "none not notes notices of offense offenses ok on only or out package packages pass "
        "passed passes passing pending pipeline previous problem problems process processed "
        "project projects ran remarks result results returned run running runs s sec second "
        "seconds secs skip skipped snapshot snapshots so source sources spec specs src stage "
        "start started status step steps stopped style succeeded success suite suites summary "
        "target targets task tasks terminated test tested tests than that the there these "
        "this time to todo took tool total unexpected unsuccessful unsuccessfully violation "
        "violations warn warning warnings was we were with wrong you your "
        "aprovados aviso avisos com compilação concluída concluído da das de do dos e em erro "
        "erros etapa execução falha falhados falharam falhas falhou fim foi foram houve "
        "ignorado ignorados não o os ou passaram passou pendentes pulados resumo segundos "
        "sucesso tarefa teste testes um uma ",
    )
)
"""What a line that only counts and closes is made of."""
_COUNTS = pattern(
    r"\d+(?:[.,:]\d+)*(?:/\d+)?\s?"
    r"(?:%|[nµum]?s|secs?|seconds?|m(?:in(?:utes?)?s?)?|h|hours?)?\b|[^\w\s]"
)
_WORDS_AND_UNITS = _WORDS.union(
    ("ns", "us", "µs", "ms", "m", "minute", "minutes", "h", "hour", "hours")
)
"""A unit that is not among the words counts only where no number stands before it."""
_WORD = pattern(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_HELPS = (
    r"for help", r"for more (?:info(?:rmation)?|help|details)", r"re-?run (?:with|maven|the)",
    r"run with --", r"see (?:the )?(?:above|below|full|log|https?:)", r"to see the full",
    r"see the report at", r"try running", r"a complete log of this run",
    r"please (?:report|file|open)", r"need help\?", r"possible solution", r"help \d\]",
)  # fmt: skip
"""Where to find help, and what to do next."""
_ENDS = (
    r"failed with result", r"main process exited", r"code style issues (?:found )?in the above",
    r"exit(?:s|ed)? (?:with|code|status)", r"returned (?:a )?(?:non-?zero|status|exit|\d+ exit)",
    r"non-zero (?:exit )?(?:code|status)", r"command (?:failed|finished|exited)", r"return code",
    r"failed with (?:exit|error code|code|status|errors? in)", r"did not complete successfully",
    r"error code [1-9]\d{0,2}$", r"files? would be (?:reformatted|left unchanged)",
)  # fmt: skip
"""How another program ended."""
_CLOSES = (
    r"could not compile", r"aborting due to", r"compilation (?:failed|terminated|failure)",
    r"execution failed for task", r"failed to compile", r"there were (?:failing|test)",
    r"failed to execute goal", r"build (?:was )?(?:failed|failure)", r"failing tests",
    r"not recoverable: exiting", r"failed (?:tests|examples|jobs|steps|tasks|checks)",
    r"tests? failed", r"task .* failed$", r"building failed", r"unable to continue",
    r"job for \S+ failed", r"error summary", r"failed to build$", r"suite failed to run",
    r"worker (?:process )?exited", r"errors (?:while|when) running \S+$",
    r"errors? (?:occurred|were found|found) (?:while|when|during|in) \S+(?: \S+)?$",
    r"\d+ of \d+ \w+ failed",
)  # fmt: skip
"""What could not go on because of the error."""
_BEGINS = (
    r"g?make(?:\[\d+\])?: (?:\*\*\*|\[|entering|leaving|target|nothing)",
    r"ninja: build stopped", r"collect2: ", r"npm (?:err!|error)",
    r"finished: failure", r"elifecycle", r"error command failed", r"fail\t",
    r"(?:error: )?us(?:age|o): ", r"task \S+ failed", r"node\.js v\d", r"_{3,}", r"={3,} .* ={3,}$",
)  # fmt: skip
# For lower-case text: `re` skips ahead only when case matters.
_BEGINNING = pattern(rf"[^\w_=]*+(?:{'|'.join(_BEGINS)})")
_SAYS = pattern(rf"\b(?:{'|'.join((*_HELPS, *_ENDS, *_CLOSES))})(?!\w)")
_POINTS = pattern(r"\berror: .*\bline \d+(?:, col(?:umn)? \d+)?:$")
"""An error whose place in code that is shown below ends the line."""
_SAYS_WHO = pattern(
    r"[\w.+-]{1,30}: (?=(?:1 (?:\w+ )?(?:error|failure|problem)"
    r"|\d+ (?:\w+ )?(?:errors|failures|problems))\b)"
)
"""The program that counts: `jq: 2 compile errors`."""
_COMPARES = pattern(r"[!=<>]=|[<>≠]")
_FAILS = pattern(
    r"err|fail|falh|fatal|problem|offen[cs]e|violation|warning|issue|abort|exit|could not|help",
    re.IGNORECASE,
)
LONGEST = 200
"""Characters; a longer line says more than how many failed."""


def is_summary(line: str) -> bool:
    """Whether a line tells no error: it counts, closes, announces or helps."""
    line = line.strip()
    if not line or line.endswith(("{", "[", "(")):
        return True
    lowered = line.lower()
    if line.endswith(":"):
        return not _POINTS.search(lowered)
    if _BEGINNING.match(lowered) or _SAYS.search(lowered):
        return True
    if len(line) > LONGEST:
        return False
    if any(word.isalpha() and word not in _WORDS_AND_UNITS for word in lowered.split()):
        return False
    own = _SAYS_WHO.sub("", line, count=1) if ": " in line else line
    words = _WORD.findall(_COUNTS.sub(" ", own))
    if not words:  # `4 != 5` is an assertion, `12/12` is a count
        return not _COMPARES.search(line)
    return all(map(_WORDS.__contains__, map(str.lower, words)))


def closes(message: str) -> bool:
    """Whether a message only says that something failed; `total 100` may well be an error."""
    return is_summary(message) and bool(_FAILS.search(message))
