"""Recognisers of Python's errors: tracebacks with their chains and groups, unittest, doctest."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from genesis_mcp.diagnostics.format import Format
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
FRAME = pattern(r'[\s>]*File "([^"]+)", line (\d+)(?:, in (.+))?')
RAISED = pattern(r"([A-Za-z_][\w.]*)(?::\s?(.*))?$")
_FATAL = pattern(r"Fatal Python error: (.+)")
SYNTAX = pattern(r"(?:SyntaxError|IndentationError|TabError): ")

_DIRECT_CAUSE = "The above exception was the direct cause of the following exception:"
_WHILE_HANDLING = "During handling of the above exception, another exception occurred:"
_CANCELLED = pattern(r"(?:asyncio\.(?:exceptions\.)?)?CancelledError")
"""How asyncio ends what took too long: never the reason."""
_IN_PASSING = pattern(r".*\bexception was never retrieved|Exception ignored in")

_MEMBER_RAISED = pattern(rf"({TYPE_NAME})(?::\s?(.*))?$")
_GROUP_MEMBER = pattern(r"[ |]*\+-[+-]?-* \d+ -+$")

_DOCTEST_PLACE = pattern(r'File "(.+)", line (\d+), in ')
_DOCTEST_END = pattern(r"\*{20,}$|$")
_DOCTEST_RAISED = pattern(r"\s{4,}([A-Za-z_][\w.]*): (.*)$")

FRAMES_REACH = 400
"""Lines below a crash in which its frames are looked for."""

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
        if frame := FRAME.match(body) if 'File "' in body else None:
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
    raised = RAISED.match(block.raised)
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
        elif frame := FRAME.match(body):
            frames.insert(0, Frame(frame[1], int(frame[2])))
        elif inside and (raised := _MEMBER_RAISED.match(body)):
            place = own_frame(frames or group.frames)
            return Hit(line_number=index, type=raised[1], message=raised[2] or "", frame=place)
    return None


def find_syntax_error(lines: Lines) -> Hit | None:
    """A file that Python refuses to compile: it prints the place and no traceback header."""
    for index, line in enumerate(lines):
        if SYNTAX.match(line):
            before = lines[max(0, index - 6) : index]
            frames = [Frame(m[1], int(m[2])) for m in map(FRAME.match, reversed(before)) if m]
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


def find_doctest_failure(lines: Lines) -> Hit | None:
    """The first example that went wrong: the example, what was expected and what came."""
    for index in range(1, len(lines)):
        place = _DOCTEST_PLACE.match(lines[index - 1])
        if place and lines[index].startswith("Failed example:"):
            frame = Frame(place[1], int(place[2]))
            end = next((i for i in range(index, len(lines)) if _DOCTEST_END.match(lines[i])), index)
            section = lines[index + 1 : end][:FRAMES_REACH]
            if "Exception raised:" in section:
                for at in range(len(section) - 1, -1, -1):
                    if raised := _DOCTEST_RAISED.match(section[at]):
                        line = index + 1 + at
                        return Hit(line_number=line, type=raised[1], message=raised[2], frame=frame)
            return Hit(
                line_number=index + 1, message=" ".join(map(str.strip, section)), frame=frame
            )
    return None


def find_fatal_error(lines: Lines) -> Hit | None:
    """What Python's fault handler prints of a crash; its frames are innermost first."""
    for index, line in enumerate(lines):
        if fatal := _FATAL.match(line):
            below = map(FRAME.match, lines[index + 1 : index + 1 + FRAMES_REACH])
            frames = [Frame(frame[1], int(frame[2])) for frame in below if frame]
            return Hit(line_number=index, message=fatal[1], frame=own_frame(frames))
    return None


RECOGNISERS = (
    Format(name="unittest", hints=("FAIL: ", "ERROR: "), find=find_unittest_failure),
    Format(name="python crash", hints=("Fatal Python error: ",), find=find_fatal_error),
    Format(name="doctest", hints=("Failed example:",), find=find_doctest_failure),
    Format(name="traceback", hints=("Traceback (most recent",), find=find_traceback),
    Format(
        name="python syntax",
        hints=("SyntaxError: ", "IndentationError: ", "TabError: "),
        find=find_syntax_error,
    ),
)
