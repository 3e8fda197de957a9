"""Recognisers of Python's errors: pytest, unittest and tracebacks with their chains and groups."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.recogniser import (
    TYPE_NAME,
    Frame,
    Hit,
    Lines,
    first_telling,
    is_own,
    own_frame,
    with_cause,
)
from genesis_mcp.text.pattern import pattern

_HEADER = pattern(r"([ |+]*)(?:Exception Group )?Traceback \(most recent call last\):$")
_FRAME = pattern(r'[\s>]*File "([^"]+)", line (\d+)(?:, in (.+))?')
_RAISED = pattern(r"([A-Za-z_][\w.]*)(?::\s?(.*))?$")
_FATAL = pattern(r"Fatal Python error: (.+)")
_SYNTAX = pattern(r"(?:SyntaxError|IndentationError|TabError): ")

_DIRECT_CAUSE = "The above exception was the direct cause of the following exception:"
_WHILE_HANDLING = "During handling of the above exception, another exception occurred:"
_CANCELLED = pattern(r"(?:asyncio\.(?:exceptions\.)?)?CancelledError")
"""How asyncio ends what took too long: never the reason."""
_IN_PASSING = pattern(r".*\bexception was never retrieved|Exception ignored in")

_MEMBER_RAISED = pattern(rf"({TYPE_NAME})(?::\s?(.*))?$")
_GROUP_MEMBER = pattern(r"[ |]*\+-[+-]?-* \d+ -+$")

_PYTEST_ERROR = pattern(r"E {3,}(\S.*)")
_PYTEST_FRAME = pattern(
    r"(?:file )?([^\s:][^:]*?)(?::(\d+): ?(?:in .*|[A-Za-z_][\w.]*)?|(?<!File), line (\d+))$"
)
_PYTEST_TEST = pattern(r"_{3,} (?:ERROR (?:at \w+ of|collecting) )?(\S+) _{3,}$")
_PYTEST_HEADING = pattern(r"={3,} .* ={3,}$")
_PYTEST_SECTION = pattern(r"_{3,} .* _{3,}$|={3,} .* ={3,}$")
_PYTEST_REPORT = pattern(r"={3,} (?:FAILURES|ERRORS) ={3,}$")
_PYTEST_SUMMARY = pattern(r"(?:FAILED|ERROR) ([^\s:]+)(?:::(.*?))? - (.+)")
PYTEST_REACH = 400
"""Lines: how far around an `E` line the frames of its section are looked for."""
PYTEST_TRIES = 20
"""`E` lines to try: text that only looks like pytest's must not cost a search at every line."""

_PYTEST_LINE = pattern(r"(\S.*?\.py):(\d+): (?:([A-Za-z_][\w.]*)(?:: (.*))?|(assert .+)|(\S.*))$")

_DOCTEST_PLACE = pattern(r'File "(.+)", line (\d+), in ')
_DOCTEST_END = pattern(r"\*{20,}$|$")
_DOCTEST_RAISED = pattern(r"\s{4,}([A-Za-z_][\w.]*): (.*)$")

_UNITTEST_HEADING = pattern(r"(?:ERROR|FAIL): \S")


@dataclass(slots=True)
class _Block:
    """One printed traceback; `end` is the index of the line that tells what was raised."""

    start: int
    end: int
    raised: str = ""
    frames: list[Frame] = field(default_factory=list)
    """Innermost first."""
    notes: dict[Frame, str] = field(default_factory=dict)
    """Of each frame its function and its line of source."""
    source: str = ""
    cause: "_Block | None" = None


def find_traceback(lines: Lines) -> Hit | None:
    """The final exception, with the first cause that it was raised "from".

    Of several tracebacks the last one ended the program, except those that Python only reports
    in passing (asyncio tasks that nobody awaited, errors in destructors).
    """
    final: list[_Block] = []
    in_passing: list[_Block] = []
    current = final
    previous_end = 0
    for block in _blocks(lines):
        between = [line.strip(" |") for line in lines[previous_end : block.start]]
        previous_end = block.end
        if current and (_WHILE_HANDLING in between or _DIRECT_CAUSE in between):
            led_to = current.pop()
            if led_to.raised == block.raised:  # raised again, by what runs the work of others
                block.frames = led_to.frames + block.frames
            elif _DIRECT_CAUSE in between and not _CANCELLED.match(led_to.raised):
                block.cause = led_to.cause or led_to
        else:
            current = in_passing if any(map(_IN_PASSING.match, between)) else final
        current.append(block)
    blocks = final or in_passing
    return _hit_of(lines, blocks[-1]) if blocks else None


def _blocks(lines: Lines) -> Iterator[_Block]:
    """The outermost tracebacks in order; those inside an exception group belong to the group."""
    group_margin = -1
    for start, line in enumerate(lines):
        header = _HEADER.match(line) if "Traceback" in line else None
        if header and not 0 <= group_margin < len(header[1]):
            block = _read_block(lines, start, len(header[1]))
            if block:
                group_margin = len(header[1]) if "Group" in line else -1
                yield block


def _read_block(lines: Lines, start: int, margin: int) -> _Block | None:
    block = _Block(start=start, end=start)
    for index in range(start + 1, len(lines)):
        body = lines[index][margin:]
        if frame := _FRAME.match(body) if 'File "' in body else None:
            block.frames.insert(0, Frame(frame[1], int(frame[2])))
            block.notes[block.frames[0]] = frame[3] or ""
            block.source = ""
        elif body.startswith(" "):
            if block.frames and not block.source:
                block.source = body.strip()
                block.notes[block.frames[0]] += f"\n{block.source}"
        elif not body and index + 1 < len(lines) and (index == start + 1 or block.frames):
            continue  # between the frames of loguru
        else:
            block.end = index
            block.raised = body
            return block if body.strip() else None
    return None


def _hit_of(lines: Lines, block: _Block) -> Hit:
    name, message = _raised(lines, block)
    cause = _raised(lines, block.cause) if block.cause else None
    frames = block.frames + (block.cause.frames if block.cause else [])
    notes = {**(block.cause.notes if block.cause else {}), **block.notes}
    if name and name.endswith("Group") and (member := _first_member(lines, block)):
        cause = member.type, member.message
        if member.frame and not (frames and is_own(frames[0])):
            frames = [member.frame, *frames]  # a group that a library made of others' errors
    frame = own_frame(frames)
    return Hit(
        line_number=block.end,
        type=name,
        message=with_cause(message, cause),
        frame=frame,
        beside=notes.get(frame, "") if frame else "",
    )


def _raised(lines: Lines, block: _Block) -> tuple[str | None, str]:
    """Type and message of what a traceback tells to be raised."""
    raised = _RAISED.match(block.raised)
    name, message = (raised[1], raised[2] or "") if raised else (None, block.raised)
    if name == "AssertionError" and not message and block.source.startswith("assert"):
        return name, block.source
    if "validation error" in message:
        return name, f"{message} {' '.join(lines[block.end + 1 : block.end + 3])}".strip()
    if message or block.raised.endswith(":"):
        return name, first_telling(message, lines, block.end + 1)
    return name, message


def _first_member(lines: Lines, group: _Block) -> Hit | None:
    """What went wrong in an exception group: its first member, however deeply it is nested."""
    inside = False
    frames: list[Frame] = []
    for index in range(group.end + 1, len(lines)):
        body = lines[index].lstrip(" |+")
        if _GROUP_MEMBER.match(lines[index]):
            inside = True
            frames = []
        elif frame := _FRAME.match(body):
            frames.insert(0, Frame(frame[1], int(frame[2])))
        elif inside and (raised := _MEMBER_RAISED.match(body)):
            place = own_frame(frames or group.frames)
            return Hit(line_number=index, type=raised[1], message=raised[2] or "", frame=place)
    return None


def find_syntax_error(lines: Lines) -> Hit | None:
    """A file that Python refuses to compile: it prints the place and no traceback header."""
    for index, line in enumerate(lines):
        if _SYNTAX.match(line):
            before = lines[max(0, index - 6) : index]
            frames = [Frame(m[1], int(m[2])) for m in map(_FRAME.match, reversed(before)) if m]
            if frames:
                name, _, message = line.partition(": ")
                source = next((part.strip() for part in before[-3:] if part.startswith("    ")), "")
                return Hit(
                    line_number=index, type=name, message=message, frame=frames[0], beside=source
                )
    return None


def find_unittest_failure(lines: Lines) -> Hit | None:
    """The first test that unittest reports; its traceback follows a heading and a rule."""
    headings = [
        index
        for index, line in enumerate(lines)
        if _UNITTEST_HEADING.match(line)
        and any(below.startswith("-----") for below in lines[index + 1 : index + 4])
    ]
    for start, stop in zip(headings, [*headings[1:], len(lines)], strict=False):
        if hit := find_traceback(lines[start:stop]):
            return replace(hit, line_number=hit.line_number + start)
    return None


def find_pytest_failure(lines: Lines) -> Hit | None:
    """The first failure in pytest's report: its `E` lines and the frames round them."""
    marked = (index for index, line in enumerate(lines) if _PYTEST_ERROR.match(line))
    for index in islice(marked, PYTEST_TRIES):
        if syntax := _syntax_error(lines, index):
            return syntax
        if frames := _pytest_frames(lines, index):
            first, second = (
                line.removeprefix("E").strip() for line in (*lines[index : index + 2], "")[:2]
            )
            name, message = _pytest_message(first, second)
            return Hit(
                line_number=index,
                type=name,
                message=message,
                frame=own_frame(frames),
                beside=_pytest_test(lines, index),
            )
    return None


def _syntax_error(lines: Lines, start: int) -> Hit | None:
    """A file that could not be collected: its place and its error stand in lines marked with E."""
    place = _FRAME.match(lines[start].removeprefix("E"))
    for index in range(start, min(start + 8, len(lines))) if place else ():
        marked = _PYTEST_ERROR.match(lines[index])
        if not marked:
            break
        if place and _SYNTAX.match(marked[1]):
            name, _, message = marked[1].partition(": ")
            frame = Frame(place[1], int(place[2]))
            source = lines[start + 1].removeprefix("E").strip()
            return Hit(line_number=index, type=name, message=message, frame=frame, beside=source)
    return None


def _pytest_test(lines: Lines, error: int) -> str:
    """The name of the test that an `E` line belongs to, from the heading of its section."""
    for index in range(error, max(-1, error - PYTEST_REACH), -1):
        if heading := _PYTEST_TEST.match(lines[index]):
            return heading[1].rpartition(".")[2].partition("[")[0]
    return ""


def _pytest_message(first: str, second: str) -> tuple[str | None, str]:
    if first.startswith("assert "):
        return "AssertionError", first
    raised = _RAISED.match(first)
    if not raised:
        return None, first
    message = raised[2] or ""
    if second.startswith("assert ") or not message or message.endswith(":"):
        message = f"{message} {second}".strip()  # the assertion itself follows its own message
    return raised[1], message


def _pytest_frames(lines: Lines, error: int) -> list[Frame]:
    """The frames of the section, innermost first: the long style prints the last one below."""
    below = next(
        (i for i in range(error, min(error + PYTEST_REACH, len(lines))) if _is_end(lines[i])),
        len(lines) - 1,
    )
    frames = []
    for index in range(min(below, len(lines) - 1), max(-1, error - PYTEST_REACH), -1):
        line = lines[index]
        if index < error and _PYTEST_SECTION.match(line):
            break
        if frame := _PYTEST_FRAME.match(line):
            frames.append(Frame(frame[1], int(frame[2] or frame[3])))
    return frames


def _is_end(line: str) -> bool:
    return bool(_PYTEST_FRAME.match(line) or _PYTEST_SECTION.match(line))


def find_pytest_summary(lines: Lines) -> Hit | None:
    """The first failure in pytest's short summary, for reports without tracebacks."""
    for index, line in enumerate(lines):
        if summary := _PYTEST_SUMMARY.match(line):
            raised = _RAISED.match(summary[3])
            name, message = (raised[1], raised[2] or "") if raised else (None, summary[3])
            place = Frame(summary[1], None)
            return Hit(
                line_number=index, type=name, message=message, frame=place, beside=_last(summary[2])
            )
    return None


def find_pytest_line(lines: Lines) -> Hit | None:
    """The first failure of a report with `--tb=line`, below the heading of the failures."""
    inside = False
    for index, line in enumerate(lines):
        if _PYTEST_HEADING.match(line):
            inside = "FAILURES" in line or "ERRORS" in line
        elif inside and (found := _PYTEST_LINE.match(line)):
            name, message = found[3], found[4] or found[5] or found[6] or ""
            if found[5]:
                name = "AssertionError"
            place = Frame(found[1], int(found[2]))
            named = (_PYTEST_SUMMARY.match(below) for below in lines[index:] if message in below)
            test = next((_last(summary[2]) for summary in named if summary), "")
            return Hit(line_number=index, type=name, message=message, frame=place, beside=test)
    return None


def _last(test: str | None) -> str:
    """The name of a test without its class and its parameters."""
    return (test or "").rpartition("::")[2].partition("[")[0]


def find_doctest_failure(lines: Lines) -> Hit | None:
    """The first example that went wrong: the example, what was expected and what came."""
    for index in range(1, len(lines)):
        place = _DOCTEST_PLACE.match(lines[index - 1])
        if place and lines[index].startswith("Failed example:"):
            frame = Frame(place[1], int(place[2]))
            end = next((i for i in range(index, len(lines)) if _DOCTEST_END.match(lines[i])), index)
            section = lines[index + 1 : end][:PYTEST_REACH]
            if "Exception raised:" in section:
                for at in range(len(section) - 1, -1, -1):
                    if raised := _DOCTEST_RAISED.match(section[at]):
                        line = index + 1 + at
                        return Hit(line_number=line, type=raised[1], message=raised[2], frame=frame)
            return Hit(
                line_number=index + 1, message=" ".join(map(str.strip, section)), frame=frame
            )
    return None


def find_pytest_native(lines: Lines) -> Hit | None:
    """The first failure of a report with `--tb=native`, whose tracebacks are Python's own."""
    first = next((i for i, line in enumerate(lines) if _PYTEST_REPORT.match(line)), len(lines))
    sections = [i for i in range(first, len(lines)) if _PYTEST_SECTION.match(lines[i])]
    for start, stop in zip(sections, [*sections[1:], len(lines)], strict=False):
        if hit := find_traceback(lines[start:stop]):
            test = _pytest_test(lines, start)
            return replace(hit, line_number=hit.line_number + start, beside=test)
    return None


def find_no_tests(lines: Lines) -> Hit | None:
    """That there was nothing to run, of which pytest says no more."""
    for index, line in enumerate(lines):
        if "no tests ran in " in line:
            return Hit(line_number=index, message="no tests ran")
    return None


def find_fatal_error(lines: Lines) -> Hit | None:
    """What Python's fault handler prints of a crash; its frames are innermost first."""
    for index, line in enumerate(lines):
        if fatal := _FATAL.match(line):
            below = map(_FRAME.match, lines[index + 1 : index + 1 + PYTEST_REACH])
            frames = [Frame(frame[1], int(frame[2])) for frame in below if frame]
            return Hit(line_number=index, message=fatal[1], frame=own_frame(frames))
    return None


RECOGNISERS = (
    Format(name="pytest", hints=("\nE   ",), find=find_pytest_failure),
    Format(name="unittest", hints=("FAIL: ", "ERROR: "), find=find_unittest_failure),
    Format(name="pytest line", hints=(" FAILURES ==", " ERRORS =="), find=find_pytest_line),
    Format(name="pytest native", hints=(" FAILURES ==", " ERRORS =="), find=find_pytest_native),
    Format(name="python crash", hints=("Fatal Python error: ",), find=find_fatal_error),
    Format(name="doctest", hints=("Failed example:",), find=find_doctest_failure),
    Format(name="traceback", hints=("Traceback (most recent",), find=find_traceback),
    Format(
        name="python syntax",
        hints=("SyntaxError: ", "IndentationError: ", "TabError: "),
        find=find_syntax_error,
    ),
    Format(
        name="pytest worker",
        hints=("worker '",),
        start=r"(?P<message>worker '\w+' crashed while running '(?P<file>[^':\n]+)[^\n]*)",
        examples=(
            Example(
                "worker 'gw1' crashed while running 'tests/test_a.py::test_b[png]'\n",
                "worker 'gw1' crashed while running 'tests/test_a.py::test_b[png]'",
                "tests/test_a.py",
            ),
        ),
    ),
    Format(
        name="pytest usage",
        hints=("ERROR: ", ": error: "),
        start=r"(?:ERROR: (?=(?:file or directory )?not found)"
        r"|(?:\S+ -m )?(?:py\.?test|__main__\.py): error: )(?P<message>.+)",
        examples=(
            Example(
                "no tests ran in 0.00s\nERROR: file or directory not found: nada.py\n\n",
                "file or directory not found: nada.py",
            ),
            Example(
                "ERROR: usage: pytest [options] [file_or_dir] [file_or_dir] [...]\n"
                "pytest: error: unrecognized arguments: --rapido\n"
                "  inifile: None\n  rootdir: /loja\n\n",
                "unrecognized arguments: --rapido",
            ),
        ),
    ),
    Format(
        name="coverage",
        hints=("Required test coverage of ", "Coverage failure: "),
        start=r"(?:FAIL |ERROR: )?"
        r"(?P<message>(?:Required test coverage of|Coverage failure: total of) .+)",
        examples=(
            Example(
                "FAIL Required test coverage of 90% not reached. Total coverage: 67.74%\n",
                "Required test coverage of 90% not reached. Total coverage: 67.74%",
            ),
            Example(
                "Coverage failure: total of 60 is less than fail-under=90\n",
                "Coverage failure: total of 60 is less than fail-under=90",
            ),
        ),
    ),
    Format(name="pytest without tests", hints=("no tests ran in ",), find=find_no_tests),
    Format(name="pytest summary", hints=("FAILED ", "ERROR "), find=find_pytest_summary),
)
