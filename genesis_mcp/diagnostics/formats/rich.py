"""Tracebacks of Python as rich draws them: frames in a panel, the exception below it."""

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, first_telling, own_frame
from genesis_mcp.text.pattern import pattern

REACH = 400
"""Lines that a panel may have."""
_RAISED = pattern(r"([A-Za-z_][\w.]*)(?::\s?(.*))?$")
_RICH_HEAD = pattern(r"[╭┌─+-]*─* ?Traceback \(most recent call last\) ?[─-]+[╮┐+]?$")
_RICH_FRAME = pattern(r"[│|]?\s*(\S.*?):(\d+)(?: in ([\w<>.]+))?\s*[│|]?$")
_RICH_SOURCE = pattern(r"[│|]?\s*❱ ?\d+ (.*?)\s*[│|]?$")


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
                frame = own_frame(frames)
                beside = notes[frame] if frame else ""
                return Hit(
                    line_number=index, type=raised[1], message=message, frame=frame, beside=beside
                )
    return None


FORMATS: tuple[Format, ...] = (
    Format(
        name="rich traceback",
        hints=("Traceback (most recent call last) ─",),
        find=find_rich_traceback,
    ),
)
