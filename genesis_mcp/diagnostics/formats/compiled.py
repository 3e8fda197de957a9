"""Recognisers of compilers' errors, and of what compiled programs print when they crash."""

from re import Pattern

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.recogniser import (
    TYPE_NAME,
    Frame,
    Hit,
    Lines,
    join_until,
    own_frame,
    with_cause,
)
from genesis_mcp.text.pattern import pattern

_FILE = r"((?:(?:[A-Za-z]:|\.{1,2})?[\\/][^:(\n]*|[^\s:(\[|#]+)\.\w{1,8})"
"""A path; with blanks only where it begins like one."""
_DIAGNOSTICS = (
    # gcc, clang, javac: `file:line:column: error: message`; tsc --pretty: `file:1:2 - error TS1: m`
    pattern(
        rf"{_FILE}:(\d+)(?::\d+)?(?::| -) (?:fatal |runtime )?(?:error|erro)(?: ([A-Z]+\d+))?: (.+)"
    ),
    # tsc, msvc: `file(line,column): error TS2322: message`
    pattern(rf"{_FILE}\((\d+)(?:,\d+)?\) ?: (?:fatal )?error ([A-Z]+\d+): (.+)"),
)
_LINKER = pattern(
    rf"(?:\S*ld(?:\.\w+)?: )?(?:\S+\.o:)?{_FILE}:(?:(\d+):)?"
    r"(?:\([^)]*\):)? ?((?:undefined reference|multiple definition|refer.ncia n.o definida)[^;]+)"
)
_LINKER_OWN = pattern(
    r"\S*ld(?:\.\w+)?: (cannot (?:find|open) .+|.*: file format not recognized)"
    r"|\(\.text[^)]*\): (undefined reference .+)"
)
_SANITIZER = pattern(
    r"==\d+==\s?ERROR: (\w+Sanitizer): (.+?)(?: \(pc .*| on (?:unknown )?address .*)?$"
)
_SANITIZER_FRAME = pattern(r"\s+#\d+ 0x[0-9a-f]+ (?:in )?.*?(\S+):(\d+)(?::\d+)?$")
_OCAML_PLACE = pattern(r'File "(.+)", lines? (\d+)(?:-\d+)?(?:, characters .*)?:$')
_OCAML_ERROR = pattern(r"(?:Error|Alert|Error \(.*\))(?: \(.*\))?: (.+)")
_OCAML_RAISED = pattern(
    r"(?:Exception: (?=.*[\")]?\.$)|Fatal error: exception )"
    r"([A-Z][\w.]*)(?: ?\(?(\".*?\")\)?| ?\((.*)\))?\.?$"
)
_OF_OCAML = ('File "', "Error", "Alert", "Exception: ", "Fatal error: ")
_C_ASSERTION = pattern(rf"(?:[^\s:]+: )?{_FILE}:(\d+): (?:.*: )?(Assertion [`'\"].+ failed)")
_CPP_THROWN = pattern(r"terminate called after throwing an instance of '(.+)'")
_CPP_WHAT = pattern(r"\s*what\(\): +(.*)")

_NOT_INDENTED = pattern(r"\S|$")

_RUST_ERROR = pattern(r"error(?:\[([A-Z]+\d+|[a-z]+(?:-[a-z]+)+)\])?: (.+)")
_RUST_WARNING = pattern(r"warning(?:: |\[([\w:-]+)\]: )(.+)")
_RUST_PLACE = pattern(r"\s*--> (.+?):(\d+):\d+$")
_RUST_PANIC = pattern(r"\s*thread '.*?'(?: \(\d+\))? panicked at (?:'(.*)', )?(\S+?):(\d+):\d+:?$")
_RUST_NOTE = pattern(r"\s*(?:stack backtrace:|note: |$)")

_JAVA_FRAME = pattern(
    r"\s+at ([\w.$/@<>-]+(?:\.[\w $'-]+)?)\((?:(\w+\.\w+):(\d+)|[\w ]+)\)(?: ~?\[.*\])?"
)
_JAVA_TYPE = rf"(?:{TYPE_NAME}|(?:[a-z]\w*\.)+[A-Z][\w$]*)"
_JAVA_HEAD = pattern(
    rf"\s*(?:Exception in thread \".*?\" |Caused by: |\[ERROR\] )?({_JAVA_TYPE})(?:: (.*))?$"
)
_JAVA_WORDED_HEAD = pattern(rf".*?[\s:]({_JAVA_TYPE})(?:: (.*))?$")
_JAVA_LAUNCH = pattern(r"Error: ((?:Could not find|Unable to|Main method not found).* class .+)")
_JAVA_CAUSE = pattern(rf"Caused by: ({TYPE_NAME})(?:: .*)?$")
_JAVA_LIBRARY = pattern(
    r"(?:[\w.]+/)?(?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|(?:junit\.framework)|org\.(?:junit|opentest4j|"
    r"testng|hamcrest|assertj|apache\.maven|gradle|springframework|spockframework|mockito"
    r"|codehaus\.groovy))\."
)

JAVA_MESSAGE_REACH = 12
"""Lines that the message of an exception may have."""
CRASH_REACH = 100
"""Lines below a crash's headline in which its frames are looked for."""


def find_diagnostic(lines: Lines) -> Hit | None:
    """The first error of a compiler: later ones often only follow from it."""
    for index, line in enumerate(lines):
        if "err" in line:
            for pattern in _DIAGNOSTICS:
                if found := pattern.match(line):
                    place = Frame(found[1], int(found[2]))
                    return Hit(line_number=index, type=found[3], message=found[4], frame=place)
    return None


def find_rust_error(lines: Lines) -> Hit | None:
    """The first error of rustc that points at code."""
    return _pointed_at(lines, _RUST_ERROR)


def find_rust_warning(lines: Lines) -> Hit | None:
    """The first warning of rustc that points at code."""
    return _pointed_at(lines, _RUST_WARNING)


def _pointed_at(lines: Lines, head: Pattern[str]) -> Hit | None:
    for index, line in enumerate(lines):
        if error := head.match(line):
            places = map(_RUST_PLACE.match, lines[index + 1 : index + 6])
            if place := next(filter(None, places), None):
                frame = Frame(place[1], int(place[2]))
                return Hit(line_number=index, type=error[1], message=error[2], frame=frame)
    return None


def find_rust_panic(lines: Lines) -> Hit | None:
    """The first panic; since Rust 1.73 its message stands on the lines below its place."""
    for index, line in enumerate(lines):
        if panic := _RUST_PANIC.match(line):
            below = join_until(lines, index + 1, _RUST_NOTE, limit=5)
            frame = Frame(panic[2], int(panic[3]))
            return Hit(line_number=index, type="panic", message=panic[1] or below, frame=frame)
    return None


def find_linker_error(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _LINKER.match(line):
            place = Frame(found[1], int(found[2]) if found[2] else None)
            return Hit(line_number=index, message=found[3], frame=place)
        if own := _LINKER_OWN.match(line):
            return Hit(line_number=index, message=own[1] or own[2])
    return None


def find_sanitizer_report(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _SANITIZER.match(line):
            below = map(_SANITIZER_FRAME.match, lines[index + 1 : index + 1 + CRASH_REACH])
            frames = [Frame(frame[1], int(frame[2])) for frame in below if frame]
            return Hit(line_number=index, type=found[1], message=found[2], frame=own_frame(frames))
    return None


def find_ocaml_error(lines: Lines) -> Hit | None:
    """An error under a place and its excerpt, or an exception that nobody caught."""
    place = None
    for index, line in enumerate(lines):
        if not line.startswith(_OF_OCAML):
            continue
        if at := _OCAML_PLACE.match(line):
            place = Frame(at[1].removeprefix("./"), int(at[2]))
        elif place and (error := _OCAML_ERROR.match(line)):
            rest = join_until(lines, index + 1, _NOT_INDENTED, limit=5)
            return Hit(line_number=index, message=f"{error[1]} {rest}", frame=place)
        elif raised := _OCAML_RAISED.match(line):
            return Hit(line_number=index, type=raised[1], message=raised[2] or raised[3] or "")
    return None


def find_c_assertion(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _C_ASSERTION.match(line):
            place = Frame(found[1], int(found[2]))
            return Hit(line_number=index, message=found[3], frame=place)
    return None


def find_cpp_exception(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if thrown := _CPP_THROWN.match(line):
            what = next(filter(None, map(_CPP_WHAT.match, lines[index + 1 : index + 3])), None)
            return Hit(line_number=index, type=thrown[1], message=what[1] if what else "")
    return None


def find_java_exception(lines: Lines) -> Hit | None:
    """The first exception with a stack, and its root cause: the last `Caused by`."""
    frames = (i for i, line in enumerate(lines) if "at " in line and _JAVA_FRAME.match(line))
    start = next(frames, 0)
    if not start:
        return None
    head = _java_head(lines, start)
    if head is None:
        return None
    index, name, message = head
    cause: int | None = None
    for below in range(start, len(lines)):
        line = lines[below]
        if line.startswith("Caused by: "):
            cause = below
        elif not (_JAVA_FRAME.match(line) or line.lstrip().startswith(("...", "Suppressed: "))):
            break
    own, platform = _java_frames(lines, start)
    root = _JAVA_HEAD.match(lines[cause]) if cause else None
    if cause and root:
        own = own or _java_frames(lines, cause + 1)[0]
        message = with_cause(message, (root[1], root[2] or ""))
    frame = own_frame(own + platform)
    return Hit(line_number=index, type=name, message=message, frame=frame)


def _java_head(lines: Lines, start: int) -> tuple[int, str, str] | None:
    """Index, type and message; the message may go over lines, words may stand before the type."""
    for index in range(start - 1, max(-1, start - 1 - JAVA_MESSAGE_REACH), -1):
        found = _JAVA_HEAD.match(lines[index])
        if found and (found[2] or index == start - 1):
            message = " ".join([found[2] or "", *map(str.strip, lines[index + 1 : start])])
            return index, found[1], message.strip()
    found = _JAVA_WORDED_HEAD.match(lines[start - 1])
    return (start - 1, found[1], found[2] or "") if found else None


def _java_frames(lines: Lines, start: int) -> tuple[list[Frame], list[Frame]]:
    """The frames of one exception: the program's own, and those of the platform."""
    own: list[Frame] = []
    platform: list[Frame] = []
    for line in lines[start : start + CRASH_REACH]:
        frame = _JAVA_FRAME.match(line)
        if not frame:
            break
        if frame[2]:
            if _JAVA_LIBRARY.match(frame[1]):
                platform.append(Frame(_java_path(frame[1], frame[2]), int(frame[3])))
            else:
                own.append(Frame(frame[2], int(frame[3])))
    return own, platform


def _java_path(method: str, file: str) -> str:
    """A file below its packages, which tell that it is a library's: `java/lang/String.java`."""
    packages = method.rpartition("/")[2].split(".")[:-2]
    return "/".join([*packages, file])


def find_java_launch(lines: Lines) -> Hit | None:
    """A class that Java could not even start; the exception below it has no stack."""
    for index, line in enumerate(lines):
        if launch := _JAVA_LAUNCH.match(line):
            cause = _JAVA_CAUSE.match(lines[index + 1]) if index + 1 < len(lines) else None
            return Hit(line_number=index, type=cause[1] if cause else None, message=launch[1])
    return None


RECOGNISERS = (
    Format(name="rust error", hints=("--> ",), find=find_rust_error),
    Format(name="rust panic", hints=(" panicked at ",), find=find_rust_panic),
    Format(name="compiler", hints=("error", "erro:"), find=find_diagnostic),
    Format(
        name="linker",
        hints=(
            "undefined reference",
            "multiple definition",
            "ncia não definida",
            "ld: ",
            "ld.lld: ",
        ),
        find=find_linker_error,
    ),
    Format(name="sanitizer", hints=("Sanitizer: ",), find=find_sanitizer_report),
    Format(name="ocaml", hints=('File "', "xception"), find=find_ocaml_error),
    Format(name="c assertion", hints=("Assertion ",), find=find_c_assertion),
    Format(name="c++ exception", hints=("terminate called",), find=find_cpp_exception),
    Format(name="java", hints=("\tat ", " at "), find=find_java_exception),
    Format(name="java launch", hints=(" class ",), find=find_java_launch),
)
