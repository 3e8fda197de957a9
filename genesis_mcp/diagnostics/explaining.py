"""Which row of the table of formats reads a text, what it takes, and what others would take."""

from genesis_mcp.diagnostics.finding import Reading, find_error, readings
from genesis_mcp.text.clean import clean_line

OTHERS_SHOWN = 10
"""Readings shown beside the one that is taken."""
LINE_CHARS = 200


def explain(text: str) -> list[str]:
    """Lines for a reader; of a text without anything in it one that says so."""
    taken = find_error(stdout=text, stderr="")
    if taken is None:
        return ["nothing is printed, so there is nothing to read"]
    said = [
        f"read by:  {taken.format}",
        f"type:     {taken.type or '-'}",
        f"message:  {clean_line(taken.message, LINE_CHARS)}",
        f"place:    {taken.location or '-'}",
        f"line:     {taken.line_number + 1}",
    ]
    others = [one for one in readings(text, "") if one.row.name != taken.format][:OTHERS_SHOWN]
    return [*said, *(["otherwise:"] if others else []), *map(_in_a_line, others)]


def _in_a_line(reading: Reading) -> str:
    hit = reading.hit
    place = f" at {hit.frame.file}:{hit.frame.line}" if hit.frame else ""
    named = f"{hit.type}: " if hit.type else ""
    return f"  {reading.row.name}: {clean_line(named + hit.message, LINE_CHARS)}{place}"
