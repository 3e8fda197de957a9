"""Recogniser of the failures that jest details, each under a title of its own."""

from dataclasses import replace

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.formats.javascript import (
    HEAD,
    HEAD_REACH,
    STACK_LINE,
    STACKS_TRIED,
    details,
    difference,
    frame_of,
)
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, first_telling, own_frame
from genesis_mcp.text.pattern import pattern

_JEST_TITLE = pattern(r"\s*● (?!Console)\S")
_JEST_END = pattern(r"(?:Test Suites|Tests|Snapshots|Ran all test suites|(?:PASS|FAIL) \S).*")
_SYNTAX = pattern(r"\s*SyntaxError: ")
_PARSED = pattern(r"\s*SyntaxError: (\S+\.\w+): (.*) \((\d+):\d+\)$")
_TS_JEST = pattern(r"\s*(\S+?)(?::(\d+):\d+|\((\d+),\d+\)) ?[-:] error (TS\d+): (.+)")


def find_jest_failure(lines: Lines) -> Hit | None:
    """The first failure that jest details: a title, the error, an excerpt of the code, a stack."""
    titles = [index for index, line in enumerate(lines) if _JEST_TITLE.match(line)]
    for title, following in zip(titles[:STACKS_TRIED], [*titles[1:], len(lines)], strict=False):
        section = _section(lines[title + 1 : min(following, title + 1 + HEAD_REACH)])
        frames = [f for line in section if STACK_LINE.match(line) and (f := frame_of(line))]
        first = next((index for index, line in enumerate(section) if line.strip()), None)
        is_suite = "suite failed to run" in lines[title]
        if first is not None and (frames or is_suite):
            test = "" if is_suite else lines[title].strip(" ●")
            return replace(_jest_hit(section, first, frames), beside=test).moved(title + 1)
    return None


def _section(lines: Lines) -> Lines:
    """The lines of one failure, up to what jest says at the end of all."""
    stop = next((i for i, line in enumerate(lines) if _JEST_END.match(line)), len(lines))
    return lines[:stop]


def _jest_hit(section: Lines, first: int, frames: list[Frame]) -> Hit:
    if "unexpected token" in section[first]:  # jest's own advice; the parser's error stands below
        syntax = (i for i, line in enumerate(section) if _SYNTAX.match(line))
        first = next(syntax, first)
    if diagnostic := _TS_JEST.match(section[first]):
        place = Frame(diagnostic[1], int(diagnostic[2] or diagnostic[3]))
        return Hit(line_number=first, type=diagnostic[4], message=diagnostic[5], frame=place)
    head = HEAD.match(section[first])
    if parsed := _PARSED.match(section[first]):
        frames = [Frame(parsed[1], int(parsed[3])), *frames]
    message = (head[2] or "") if head else section[first].strip(" :")
    values = details(section, "")
    message = first_telling(message, section, first + 1)
    return Hit(
        line_number=first,
        type=head[1] if head else None,
        message=message,
        values=values if values and not head else difference(section[first + 1 :], message),
        frame=own_frame(frames),
    )


RECOGNISERS = (Format(name="jest", hints=("● ",), find=find_jest_failure),)
