"""Tracebacks of Python as rich draws them: frames in a panel, the exception below it."""

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.recogniser import (
    Frame,
    Hit,
    Lines,
    first_telling,
    own_frame,
    with_cause,
)
from genesis_mcp.text.pattern import pattern

REACH = 400
"""Lines that a panel may have."""
CAUSE_REACH = 6
"""Lines above a panel in which the end of the one before it stands."""
_RAISED = pattern(r"\s*([A-Za-z_][\w.]*)(?::\s?(.*))?$")
_RICH_HEAD = pattern(r"\s*[╭┌─+-]*─* ?Traceback \(most recent call last\) ?[─-]+[╮┐+]?$")
_RICH_FRAME = pattern(r"\s*[│|]?\s*(\S.*?):(\d+)(?: in ([\w<>.]+))?\s*[│|]?$")
_RICH_SOURCE = pattern(r"\s*[│|]?\s*❱ ?\d+ (.*?)\s*[│|]?$")


def find_rich_traceback(lines: Lines) -> Hit | None:
    """The last traceback in a panel of rich, or without one; the exception stands below it."""
    heads = [index for index, line in enumerate(lines) if _RICH_HEAD.match(line)]
    for head in reversed(heads):
        frames: list[Frame] = []
        notes: dict[Frame, str] = {}
        for index in range(head + 1, min(head + REACH, len(lines))):
            line = lines[index]
            if source := _RICH_SOURCE.match(line):
                if frames:
                    notes[frames[0]] += f"\n{source[1].lstrip('│ ')}"
            elif (found := _RICH_FRAME.match(line)) and ("." in found[1] or found[3]):
                frames.insert(0, Frame(found[1], int(found[2])))
                notes[frames[0]] = found[3] or ""
            elif frames and (raised := _RAISED.match(line)):
                message = first_telling(raised[2] or "", lines, index + 1)
                message = with_cause(message, _cause_above(lines, head))
                frame = own_frame(frames)
                beside = notes[frame] if frame else ""
                return Hit(
                    line_number=index, type=raised[1], message=message, frame=frame, beside=beside
                )
    return None


def _cause_above(lines: Lines, head: int) -> tuple[str, str] | None:
    """What a traceback before this one says led to it; what was only handled meanwhile is none."""
    above = [line for line in lines[max(0, head - CAUSE_REACH) : head] if line.strip()]
    if len(above) < 2 or "direct cause" not in above[-1]:
        return None
    raised = _RAISED.match(above[-2])
    return (raised[1], raised[2] or "") if raised else None


FORMATS: tuple[Format, ...] = (
    Format(
        name="rich traceback",
        hints=("Traceback (most recent call last) ─",),
        find=find_rich_traceback,
    ),
)
