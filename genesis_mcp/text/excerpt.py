"""Chooses the part of a text worth reading within a budget of characters; it rewrites nothing.

Whole lines are shown: those around the error first, then some of the head and of the tail. Every
gap is marked by a note that says how much is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

FOCUS_SHARE = 1 / 2
"""Of the budget, for the lines around the focus: the error, and enough of the rest to place it."""
BEFORE_SHARE = 1 / 3
"""Of the focus budget, for the lines before it: what follows an error mostly tells more."""
HEAD_SHARE = 1 / 4
"""Of what is then left, for the head of the text; the tail, where most errors are, has the rest."""
SHORTENED_LINE = 80
"""Below this many characters a shortened line would be little more than its own note."""

Cost = Callable[[int], int]
"""Characters that showing a line takes, by its index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The shown part of a text, and how much of it is not shown."""

    text: str
    """The shown lines, with a note line where something was left out."""
    total_lines: int
    """Lines of the whole text; a final line feed does not begin another one."""
    total_chars: int
    left_out_lines: int
    """Whole lines that are not shown."""
    left_out_chars: int
    """Characters that are not shown, of whole lines (with their line feed) and inside lines."""


def excerpt(
    text: str,
    limit: int,
    focus: int | None = None,
    *,
    has_head: bool = True,
    idle: Sequence[range] = (),
) -> Excerpt:
    """At most `limit` characters (at least 80) of a cleaned text, around line `focus` (0-based).

    Without `has_head` none goes to the first lines, which may be a header. The limit includes
    the notes. Without a focus, the head and the tail are shown. A line that is longer than its
    share is shortened in the middle. `idle`: lines that are not worth reading, which are left out
    where the others fit.
    """
    lines = text.removesuffix("\n").split("\n")
    if idle and (shown := _without(text, lines, idle, focus)) and len(shown.text) <= limit:
        return shown
    if len(text) <= limit:
        total = len(lines) if text else 0
        return Excerpt(
            text=text, total_lines=total, total_chars=len(text), left_out_lines=0, left_out_chars=0
        )
    if focus is not None:
        focus = min(max(focus, 0), len(lines) - 1)
    note_room = len(_note(len(lines), len(text))) + 1
    room = limit - 2 * note_room
    if room < 2 * (SHORTENED_LINE + 1):
        return _one_line(text, lines, limit, len(lines) - 1 if focus is None else focus)
    shares = _shares(lines, room, focus)
    head_share = HEAD_SHARE if has_head else 0.0

    def cost(index: int) -> int:  # asked for few of them: there may be a million lines
        return min(len(lines[index]), shares[index]) + 1

    return _render(text, lines, shares, _choose(cost, len(lines), room, focus, head_share))


def _without(
    text: str, lines: Sequence[str], idle: Sequence[range], focus: int | None
) -> Excerpt | None:
    """All lines but the idle ones; None where that saves nothing, or the focus is one of them."""
    starts = [0, *(part.stop for part in idle)]
    ends = [*(part.start for part in idle), len(lines)]
    shown = [range(start, end) for start, end in zip(starts, ends, strict=True)]
    if focus is not None and not any(focus in part for part in shown):
        return None
    found = _render(text, lines, [len(text)] * len(lines), shown)
    return found if len(found.text) < len(text) else None


def _shares(lines: Sequence[str], room: int, focus: int | None) -> list[int]:
    """How many characters of each line may be shown, so that no line crowds out the others."""
    shares = [max(room // min(len(lines), 8) - 1, SHORTENED_LINE)] * len(lines)
    if focus is not None:
        shares[focus] = max(room // min(len(lines), 4) - 1, SHORTENED_LINE)
    if len(lines) > room:
        return shares
    spare = room - sum(min(len(line), share) + 1 for line, share in zip(lines, shares, strict=True))
    if spare > 0:  # a few short lines and one huge one: it may have what they do not need
        shares[max(range(len(lines)), key=lambda index: len(lines[index]))] += spare
    return shares


def _choose(cost: Cost, count: int, room: int, focus: int | None, head_share: float) -> list[range]:
    """The shown lines as up to three ranges in ascending order that do not overlap."""
    if focus is None:
        window = range(0)
    else:
        budget = max(int(room * FOCUS_SHARE), cost(focus))
        before, after, _ = _grow(
            cost,
            range(focus - 1, -1, -1),
            range(focus + 1, count),
            budget - cost(focus),
            BEFORE_SHARE,
        )
        window = range(focus - before, focus + 1 + after)
    left = room - sum(cost(index) for index in window)
    if not window:
        head, tail, _ = _grow(cost, range(count), range(count - 1, -1, -1), left, head_share)
        return [range(count)] if head + tail >= count else [range(head), range(count - tail, count)]
    head, unspent = _take(cost, range(window.start), int(left * head_share))
    left = left - int(left * head_share) + unspent
    tail, left = _take(cost, range(count - 1, window.stop - 1, -1), left)
    # An error near the end leaves no tail to show: more of what led up to it is shown instead.
    more, _ = _take(cost, range(window.start - 1, head - 1, -1), left)
    return [range(head), range(window.start - more, window.stop), range(count - tail, count)]


def _grow(
    cost: Cost, first: range, second: range, budget: int, first_share: float
) -> tuple[int, int, int]:
    """How many lines of two sequences fit: a share for the first, the rest for the second.

    What the second does not need goes back to the first. Also tells the unspent budget.
    """
    part = int(budget * first_share)
    taken, unspent = _take(cost, first, part)
    budget -= part - unspent
    second_taken, budget = _take(cost, second, budget)
    more, budget = _take(cost, first[taken:], budget)
    return taken + more, second_taken, budget


def _take(cost: Cost, indexes: range, budget: int) -> tuple[int, int]:
    """How many of the lines fit one after the other, and the unspent budget."""
    for taken, index in enumerate(indexes):
        if cost(index) > budget:
            return taken, budget
        budget -= cost(index)
    return len(indexes), budget


def _render(
    text: str, lines: Sequence[str], shares: Sequence[int], shown: Sequence[range]
) -> Excerpt:
    pieces: list[str] = []
    left_out_lines = left_out_chars = 0
    position = 0
    for part in [*filter(len, shown), range(len(lines), len(lines))]:
        if gap := lines[position : part.start]:
            gap_chars = sum(map(len, gap)) + len(gap)
            left_out_lines += len(gap)
            left_out_chars += gap_chars
            pieces.append(_note(len(gap), gap_chars))
        for index in part:
            line, cut = _shorten(lines[index], shares[index])
            left_out_chars += cut
            pieces.append(line)
        position = part.stop
    return Excerpt(
        text="\n".join(pieces),
        total_lines=len(lines),
        total_chars=len(text),
        left_out_lines=left_out_lines,
        left_out_chars=left_out_chars,
    )


def _one_line(text: str, lines: Sequence[str], limit: int, focus: int) -> Excerpt:
    """For a budget too small for notes on both sides: the focus line's beginning and one note."""
    room = limit - len(_note(len(lines), len(text))) - 1
    line = lines[focus][:room]
    left_out_lines, left_out_chars = len(lines) - 1, len(text) - len(line)
    return Excerpt(
        text=f"{line}\n{_note(left_out_lines, left_out_chars)}",
        total_lines=len(lines),
        total_chars=len(text),
        left_out_lines=left_out_lines,
        left_out_chars=left_out_chars,
    )


def _shorten(line: str, share: int) -> tuple[str, int]:
    """The line within its share, and how many of its characters are left out."""
    if len(line) <= share:
        return line, 0
    room = share - len(_note(0, len(line)))
    head = room * 2 // 3
    tail = room - head
    cut = len(line) - room
    return f"{line[:head]}{_note(0, cut)}{line[len(line) - tail :]}", cut


def _note(lines: int, chars: int) -> str:
    counted = f"{lines:,} {'line' if lines == 1 else 'lines'}, " if lines else ""
    return f"[... {counted}{chars:,} {'character' if chars == 1 else 'characters'} left out ...]"
