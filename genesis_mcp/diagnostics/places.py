"""A place in code wherever a line names one, by the ways in which tools write `file, line, column`.

The path has an extension or a slash, so that a time, an address or a key with a number is none.
"""

from typing import NamedTuple

from genesis_mcp.diagnostics.recogniser import Frame, Lines, is_own
from genesis_mcp.text.pattern import pattern

_DRIVE = r"(?:[A-Za-z]:(?=[\\/]))?"
_NAME = r"[^\s:()\[\]\"'`|<>,;*?=&]"
_LAST = r"[^\s:()\[\]\"'`|<>,;*?.=&]"
_PATH = (
    rf"(?<![\w./\\@~+$-])(?P<file>{_DRIVE}(?:file://|webpack://)?{_NAME}*"
    rf"(?:[/\\]{_NAME}*{_LAST}|\.[A-Za-z_][\w+-]{{0,11}}|(?<![\w.-])(?:GNU)?[Mm]akefile"
    rf"|(?<![\w.-])(?:Docker|Jenkins|Rake|Gem|Vagrant|Snake|Just|Brew|Proc)file))"
)
_QUOTED = rf"[\"'`](?P<file>{_DRIVE}[^\"'`:\n]*(?:[/\\][^\"'`:\n]*|\.\w{{1,12}}))[\"'`]"
_N = r"(?P<line>\d{1,7})"

_WORD = r"(?i:lines?|linha|ln|l\.)"
# Each with what it looks for at first, which is found much faster than the path before it. Of those
# in `_BEHIND_IT` the path is in the word that ends there.
_COLON, _BRACKET, _BLANK = r":\d", r"[^\s(\[] ?[\[(](?:(?:at )?(?i:line|ln) )?\d", r" \d+:\d+(?!\S)"
_BEHIND_IT = (_COLON, _BRACKET, _BLANK)
_SHAPES = (
    # `a.c:3:5`, `a.c:3`, `a.c:3-5`
    (_COLON, rf"{_PATH}:{_N}(?:(?:[:.,]\d{{1,6}})?(?:-\d+(?:[:.]\d+)?)?)(?![\w/])"),
    # `a.c:[3,5]`, `a.c: (3, 5)`, `a.ts[3, 5]`, `a.cs(3,5)`, `a.cs (3)`, `a.fish (line 3)`
    (
        _BRACKET,
        rf"{_PATH}:? ?[\[(](?:(?:at )?(?i:line|ln) )?{_N}"
        r"(?:[,:.;] ?(?:Col )?\d+(?:[,;-] ?\d+)*)?[\])]",
    ),
    # `"a.py", line 3`, `a.sh: line 3`, `a.css: line 3, col 5`, `a.rb on line 3`, `File: a Line: 3`
    (rf"{_WORD} \d", rf"{_QUOTED},? (?:on |at )?(?i:lines?|linha) {_N}"),
    (
        rf"{_WORD}[ :=][ \"'\d]",
        rf"{_PATH},?:? ?(?:on |at |in )?(?i:line|linha|ln|l\.)(?: |: ?|=[\"']?){_N}",
    ),
    (r"line=", rf"(?:file|path)=[\"']?{_PATH}[\"']? .*?\bline=[\"']?{_N}"),
    (
        rf"{_WORD} \d",
        rf"(?i:line|linha) {_N},?(?: col(?:umn)? \d+,?)? (?:of|in|at|de|em) (?:file )?"
        rf"[\"'`]?{_PATH}",
    ),
    (rf"{_WORD} \d", rf"(?i:line|linha) {_N} (?:of|in|at|de|em) (?:file )?{_QUOTED}"),
    (r"[\"'`][:,]", rf"{_QUOTED}(?::|, ?){_N}"),
    (r"[\"'`] \(", rf"{_QUOTED} \({_N}(?:[,:] ?\d+)?\)"),
    (_BLANK, rf"{_PATH} {_N}:\d{{1,6}}(?!\S)"),
    # `a.js: unexpected token (1:9)`
    (r"\(\d+:\d+\)$", rf"{_PATH}: .*\({_N}:\d+\)$"),
    # `a.pp - ERROR: what is wrong on line 3`
    (r"\bline \d", rf"^{_PATH}(?::| -) .*\b(?:on|at) line {_N}\b"),
)
_IN_LINE = tuple((pattern(first), pattern(shape), first in _BEHIND_IT) for first, shape in _SHAPES)
_DIGIT = pattern(r"\d")
_OF_PATHS = (".", "/", "\\", "file")
"""Of these one stands in each path."""
_HOSTS = pattern(
    r"(?i)\w+://(?<!file://)(?<!webpack://)|//|\d+\.\d+\.\d+\.\d+|localhost|[\w.+-]+@"
    r"|[\w.-]+\.(?:com|net|org|local|internal|interno|svc|io|lan|br|dev)$"
)
_GO_ON = pattern(
    r"\s*(?:-->|at\b|in\b|on\b|❯|└|╭|┌|├|╰|→|@|>|File\b|file\b|[│|]|Location:|\(|from\b|»|›)"
)


_FRAME = pattern(r"\s+at .*:\d+:\d+\)?$|\s*https?://\S+(?: --.*)?$")
_CODE = pattern(r"\s*(?:[>❯❱→-]+ ?)?\d+ ?[|│┃:~+-](?: .*)?|[\s|│┃^~'`¯+*=─━-]*$")


def is_code(line: str) -> bool:
    """Whether a line shows code, behind its number and a bar, or marks a part of it."""
    return _CODE.fullmatch(line) is not None


def is_frame(line: str) -> bool:
    """Whether a line is a frame of a stack, or only an address."""
    return _FRAME.match(line) is not None


class Place(NamedTuple):
    """A place that a line names, and where in the line."""

    frame: Frame
    start: int
    end: int


def place_in(line: str) -> Place | None:
    """The first place that a line names; one in a line of code that is shown is none."""
    if not (any(map(line.__contains__, _OF_PATHS)) and _DIGIT.search(line)) or is_code(line):
        return None
    first: Place | None = None
    for begins, shape, is_behind_it in _IN_LINE:
        if not (begun := begins.search(line)):
            continue
        start = line.rfind(" ", 0, begun.start()) + 1 if is_behind_it else 0
        for found in shape.finditer(line, start):
            if _HOSTS.match(found["file"]) or (first and found.start() >= first.start):
                continue
            first = Place(Frame(found["file"], int(found["line"])), found.start(), found.end())
            break
    return first


def place_near(lines: Lines, index: int, reach: int = 3) -> Frame | None:
    """The place that a line names, or one of the next that begins like one; own code first."""
    if place := place_in(lines[index]):
        return place.frame
    for line in lines[index + 1 : index + 1 + reach]:
        if (place := place_in(line)) and (
            _GO_ON.match(line) or not line[: place.start].strip() or line[:1].isspace()
        ):
            return place.frame
    return None


def runners_file(lines: Lines) -> Frame | None:
    """The file that a test runner names as failing, where a stack has only libraries."""
    for line in lines:
        for named in _NAMED_AS_FAILING if any(map(line.__contains__, _NAMES_FILES)) else ():
            if (found := named.match(line)) and is_own(Frame(found["file"], None)):
                number = found.groupdict().get("line")
                return Frame(found["file"], int(number) if number else None)
    return None


_NAMED_AS_FAILING = (
    pattern(r"\s*File: +(?P<file>\S+?):(?P<line>\d+)(?::\d+)?$"),
    pattern(r"\s*\w*Error: +(?P<file>/?(?:[\w.@-]+/)*[\w.@-]+\.\w{1,5}): .*\((?P<line>\d+):\d+"),
    pattern(r"(?:\w+ )?[Ee]rror (?:at|in) (?P<file>[^\s:]+):(?P<line>\d+)[:,]\d+$"),
    pattern(r"This error originated in \"(?P<file>[^\"]+)\""),
    pattern(r"\s*(?:FAIL|FAILED|ERROR|❯)\s+(?P<file>[^\s:]*[/.][^\s:]*\w)(?:::|\s|$)"),
    pattern(r"rspec '?(?P<file>\./[^\s:]+):(?P<line>\d+)'? # "),
    pattern(r"\s*test at (?P<file>\S+?):(?P<line>\d+):\d+$"),
    pattern(r"\s*location: '(?P<file>[^']+?):(?P<line>\d+):\d+'$"),
    pattern(r"\s*\d+\) .*› (?P<file>[^\s:]+):(?P<line>\d+):\d+ ›"),
    pattern(r".* => (?P<file>\.{0,2}/[^\s:]+):(?P<line>\d+):\d+$"),
    pattern(r"(?P<file>[^\s:]+\.(?:test|spec)\.\w{1,4}):$"),
)
_NAMES_FILES = (
    "rror at ", "rror in ", "File:", "Error:", "originated", "FAIL", "ERROR", "❯", "rspec ",
    "test at", "location:", " › ", " => ", ".test.", ".spec.",
)  # fmt: skip
"""Of these one stands in each line that names one."""
