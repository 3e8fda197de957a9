"""Recognisers of Python's errors: pytest, unittest and tracebacks with their chains and groups."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.pattern import pattern
from genesis_mcp.diagnostics.recogniser import TYPE_NAME, Frame, Hit, Lines, own_frame

_HEADER = pattern(r"([ |+]*)(?:Exception Group )?Traceback \(most recent call last\):$")
_FRAME = pattern(r'\s*File "([^"]+)", line (\d+)')
_RAISED = pattern(r"([A-Za-z_][\w.]*)(?::\s?(.*))?$")
_FATAL = pattern(r"Fatal Python error: (.+)")
_SYNTAX = pattern(r"(?:SyntaxError|IndentationError|TabError): ")

_DIRECT_CAUSE = "The above exception was the direct cause of the following exception:"
_WHILE_HANDLING = "During handling of the above exception, another exception occurred:"
_CANCELLED = pattern(r"(?:asyncio\.(?:exceptions\.)?)?CancelledError")
"""How asyncio ends what took too long: never the reason."""
_IN_PASSING = pattern(r"Task exception was never retrieved|Exception ignored in")

_MEMBER_RAISED = pattern(rf"({TYPE_NAME})(?::\s?(.*))?$")
_GROUP_MEMBER = pattern(r"[ |]*\+-[+-]?-* \d+ -+$")

_PYTEST_ERROR = pattern(r"E {3,}(\S.*)")
_PYTEST_FRAME = pattern(r"([^\s:][^:]*):(\d+): ?(?:in .*|[A-Za-z_][\w.]*)?$")
_PYTEST_HEADING = pattern(r"={3,} .* ={3,}$")
_PYTEST_SECTION = pattern(r"_{3,} .* _{3,}$|={3,} .* ={3,}$")
_PYTEST_REPORT = pattern(r"={3,} (?:FAILURES|ERRORS) ={3,}$")
_PYTEST_SUMMARY = pattern(r"(?:FAILED|ERROR) ([^\s:]+)(?:::.*?)? - (.+)")
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
    source: str = ""


def find_traceback(lines: Lines) -> Hit | None:
    """The final exception; of one raised "from" another, the cause that was printed first.

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
        if current and _DIRECT_CAUSE in between and not _CANCELLED.match(current[-1].raised):
            # A cause inside a library: the code that led to it stands in the traceback below.
            current[-1].frames += block.frames
            continue
        if current and (_WHILE_HANDLING in between or _DIRECT_CAUSE in between):
            current.pop()
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
        if frame := _FRAME.match(body):
            block.frames.insert(0, Frame(frame[1], int(frame[2])))
            block.source = ""
        elif body.startswith(" "):
            block.source = block.source or body.strip()
        else:
            block.end = index
            block.raised = body
            return block if body.strip() else None
    return None


def _hit_of(lines: Lines, block: _Block) -> Hit:
    raised = _RAISED.match(block.raised)
    name, message = (raised[1], raised[2] or "") if raised else (None, block.raised)
    if name and name.endswith("Group") and (member := _first_member(lines, block)):
        return member
    if name == "AssertionError" and not message and block.source.startswith("assert"):
        message = block.source
    elif not message or message.endswith(":") or "validation error" in message:
        message = f"{message} {' '.join(lines[block.end + 1 : block.end + 3])}".strip()
    return Hit(line_number=block.end, type=name, message=message, frame=own_frame(block.frames))


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
                return Hit(line_number=index, type=name, message=message, frame=frames[0])
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
        if frames := _pytest_frames(lines, index):
            first, second = (
                line.removeprefix("E").strip() for line in (*lines[index : index + 2], "")[:2]
            )
            name, message = _pytest_message(first, second)
            return Hit(line_number=index, type=name, message=message, frame=own_frame(frames))
    return None


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
            frames.append(Frame(frame[1], int(frame[2])))
    return frames


def _is_end(line: str) -> bool:
    return bool(_PYTEST_FRAME.match(line) or _PYTEST_SECTION.match(line))


def find_pytest_summary(lines: Lines) -> Hit | None:
    """The first failure in pytest's short summary, for reports without tracebacks."""
    for index, line in enumerate(lines):
        if summary := _PYTEST_SUMMARY.match(line):
            raised = _RAISED.match(summary[2])
            name, message = (raised[1], raised[2] or "") if raised else (None, summary[2])
            place = Frame(summary[1], None)
            return Hit(line_number=index, type=name, message=message, frame=place)
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
            return Hit(line_number=index, type=name, message=message, frame=place)
    return None


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
            return replace(hit, line_number=hit.line_number + start)
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
    Format(name="pytest summary", hints=("FAILED ", "ERROR "), find=find_pytest_summary),
)
