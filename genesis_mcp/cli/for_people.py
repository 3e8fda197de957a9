"""Answers for a person at a terminal: colours, one screen, local time, commands that can be typed.

Quoted program output has a bar before each line, so that none can pass for a line of ours; it is
cleaned and redacted like everything that is shown.
"""

import re
from collections.abc import Iterator
from math import ceil
from textwrap import fill
from unicodedata import combining, east_asian_width

import click

from genesis_mcp.answers import (
    Attempt,
    Doubted,
    ErrorGroup,
    FailurePage,
    Match,
    NextRun,
    NumberedLines,
    Passage,
    Result,
    SearchPage,
    SpecPage,
)
from genesis_mcp.answers.markdown import form_of
from genesis_mcp.answers.readable import told_place
from genesis_mcp.answers.told_elsewhere import ToldElsewhere
from genesis_mcp.cli.screen import Screen
from genesis_mcp.cli.typed import for_reading, typed
from genesis_mcp.runs.wording import not_shown, plural
from genesis_mcp.text.clean import clean

QUOTE = "   │ "

FRAME_LINES = 4
"""Of a screen: the summary, what comes next, what is older, and the prompt below."""

QUOTED_LINES_MIN = 3
"""Fewer lines of an output tell nothing."""

GOOD = re.compile("passed|fixed|still passing|recorded|the error is gone")


def render(result: Result, screen: Screen) -> str:
    """The answer as lines for a screen."""
    if isinstance(result, ToldElsewhere):
        return for_reading(clean(result.text))
    if isinstance(result, FailurePage) and result.errors and result.occurrences is None:
        lines = _failures(result, screen)
    elif isinstance(result, SpecPage):
        lines = _attempts(result, screen)
    elif isinstance(result, SearchPage) and result.matches:
        lines = [line for match in result.matches for line in _match(match, screen)]
    else:
        lines = _anything(result, screen)
    return "\n".join([_summary(result, screen), *lines, *_next(result, screen)])


def _summary(result: Result, screen: Screen) -> str:
    colour = "green" if GOOD.match(result.summary) else "bold"
    return screen.paint(fill(for_reading(result.summary), screen.columns), colour)


def _next(result: Result, screen: Screen) -> Iterator[str]:
    hint = None if isinstance(result, NextRun) else result.hint  # `watch` goes on by itself
    for title, call in (("older:", getattr(result, "more", None)), ("next: ", hint)):
        if call:
            yield f"{screen.paint(title, 'dim')} {typed(result.called(call))}"


# --- forms --------------------------------------------------------------------------------------


def _failures(page: FailurePage, screen: Screen) -> list[str]:
    """The newest error with what it printed, as far as the screen goes; the others a line each."""
    first, *others = page.errors
    rest = [line for one in others for line in (_failure(one, screen), *_note(one, screen))]
    if page.errors_not_shown:
        rest.append(not_shown(f"{page.errors_not_shown:,}", "more distinct error"))
    rest += _doubted(page, screen)
    head = [
        f"{_count(first)} {screen.paint(first.error, 'red', 'bold')}",
        *_note(first, screen),
        screen.paint(f"     {' · '.join([*_where(first), for_reading(first.at)])}", "dim"),
    ]
    room = screen.rows - _rows([*head, *rest], screen) - FRAME_LINES
    return [*head, *_quoted(first.text, room, screen), *rest]


def _doubted(page: FailurePage, screen: Screen) -> list[str]:
    """The passes that are not believed."""
    lines = []
    for one in page.in_doubt or ():
        told = f"{_named(one)} · {one.doubt} · {for_reading(one.at)}"
        lines.append(f"{screen.paint('in doubt:', 'yellow')} {told}")
    if page.in_doubt_not_shown:
        more = "+" if page.in_doubt_not_shown_is_minimum else ""
        lines.append(not_shown(f"{page.in_doubt_not_shown:,}{more}", "more doubtful run"))
    return lines


def _failure(group: ErrorGroup, screen: Screen) -> str:
    moment = for_reading(group.at)
    name = _cut(_named(group), screen.columns // 2 - len(moment))
    where = "· " + " · ".join([name, *_marks(group), moment])
    error = _cut(group.error, screen.columns - len(_count(group)) - _width(where) - 2)
    return f"{_count(group)} {screen.paint(error, 'red')} {screen.paint(where, 'dim')}"


def _note(noted: ErrorGroup | Attempt, screen: Screen) -> list[str]:
    """What a person noted on the error above."""
    return [f"     {screen.paint('note:', 'yellow')} {noted.note}"] if noted.note else []


def _count(group: ErrorGroup) -> str:
    return f"{group.count:,}{'+' if group.count_is_minimum else ''}x".rjust(4)


def _where(group: ErrorGroup) -> list[str]:
    more = "+" if group.other_specs_is_minimum else ""
    others = f"and {plural(f'{group.other_specs}{more}', 'other spec')}"
    run = for_reading(group.run_id) if group.run_id else None
    parts = [_named(group), others if group.other_specs else None, group.ended]
    place = told_place(group.location).strip(" ()")
    return [part for part in (*parts, *_marks(group), place, run) if part]


def _marks(group: ErrorGroup) -> list[str]:
    """What is new in the window that was asked for, what is flaky, and what passes by now."""
    passed = f"passed since, {group.passed_since}" if group.passed_since else None
    flaky = "known to be flaky" if group.is_flaky else None
    tests = group.more_tests and f"+{plural(f'{group.more_tests:,}', 'more failing test')}"
    return [mark for mark in ("new" if group.is_new else None, tests, flaky, passed) if mark]


def _named(run: ErrorGroup | Match | Doubted) -> str:
    name = run.spec_id or "(no spec)"
    return name if run.iteration is None else f"{name} #{run.iteration}"


def _attempts(page: SpecPage, screen: Screen) -> list[str]:
    """A line for each attempt, an error below the newest that shows it."""
    lines: list[str] = []
    seen: set[str] = set()
    for attempt in page.attempts:
        lines.append(_attempt(attempt, screen))
        if attempt.error and attempt.error not in seen:
            seen.add(attempt.error)
            place = told_place(attempt.location)
            lines.append(f"   {screen.paint(attempt.error, 'red')}{screen.paint(place, 'dim')}")
            lines += _note(attempt, screen)
    events = [
        f"{event.level or 'event'} · {for_reading(event.at)}: {event.message}"
        for event in page.events or ()
    ]
    if page.events_not_shown:
        more = "+" if page.events_not_shown_is_minimum else ""
        events.append(not_shown(f"{page.events_not_shown}{more}", "more event"))
    if page.newest_failure:
        room = screen.rows - _rows([*lines, *events], screen) - FRAME_LINES
        lines += _quoted(page.newest_failure.text, room, screen)
    if page.rerun:
        lines.append(f"{screen.paint('only what failed:', 'dim')} {page.rerun}")
    return [*lines, *events, *_nearest(page.nearest_specs)]


def _attempt(attempt: Attempt, screen: Screen) -> str:
    colour = "green" if GOOD.match(attempt.ended) else "red"
    number = "#?" if attempt.iteration is None else f"#{attempt.iteration}"
    took = f"{attempt.duration_ms:,} ms" if attempt.duration_ms is not None else None
    moment, _, _ = attempt.at.partition(",")
    parts = [attempt.ended, attempt.verdict, took, for_reading(moment), for_reading(attempt.run_id)]
    told = " · ".join(part for part in parts if part)
    if attempt.iteration is not None and _width(told) > screen.columns - len(number) - 1:
        told = told.rpartition(" · ")[0]  # the number names it as well
    return f"{number} {screen.paint(attempt.ended, colour)}{told.removeprefix(attempt.ended)}"


def _match(match: Match, screen: Screen) -> list[str]:
    """A run with the text that was looked for, and the lines that have it."""
    moment, _, _ = match.at.partition(",")
    colour = "green" if GOOD.match(match.ended) else "red"
    rest = (
        plural(f"{match.matching_lines:,}", "line") + f" of {match.stream}",
        moment,
        match.run_id,
    )
    about = for_reading(" · ".join(rest))
    head = (
        f"{_named(match)} {screen.paint(match.ended, colour)} {screen.paint(f'· {about}', 'dim')}"
    )
    return [head, *_quoted(match.text, screen.rows, screen)]


def _anything(result: Result, screen: Screen) -> list[str]:
    """The facts of any answer, then what it quotes."""
    facts, quoted = form_of(result)
    lines = [fill(for_reading(fact.replace("`", "")), screen.columns) for fact in facts]
    return [*lines, *(_in_colours(line, screen) for line in quoted)]


def _in_colours(line: str, screen: Screen) -> str:
    if not line.startswith("| "):
        return line
    text = line.removeprefix("| ")
    colour = {"+": "green", "-": "red"}.get(text[:1])
    return screen.paint(QUOTE, "dim") + (screen.paint(text, colour) if colour else text)


def _quoted(text: Passage | NumberedLines | None, room: int, screen: Screen) -> list[str]:
    """A text in so many lines at most: of more than that its end, where errors mostly stand."""
    if text is None or room < QUOTED_LINES_MIN:
        return []
    lines = [f"{screen.paint(QUOTE, 'dim')}{line}" for line in text.text.split("\n")]
    kept = lines
    while _rows(kept, screen) > room - (kept is not lines):
        kept = kept[1:]
    hidden = len(lines) - len(kept)
    return [*([f"{QUOTE}… {plural(hidden, 'line')} above"] if hidden else []), *kept]


def _nearest(specs: list[str] | None) -> list[str]:
    return [f"Specs that exist: {', '.join(specs)}"] if specs else []


# --- widths -------------------------------------------------------------------------------------


def _width(text: str) -> int:
    """How many columns a text takes."""
    return sum(_columns(char) for char in text)


def _rows(lines: list[str], screen: Screen) -> int:
    """How many rows lines take, of which some are longer than a row."""
    return sum(max(1, ceil(_width(click.unstyle(line)) / screen.columns)) for line in lines)


def _columns(char: str) -> int:
    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1


def _cut(text: str, columns: int) -> str:
    """A text in so many columns."""
    if _width(text) <= columns:
        return text
    kept, room = "", columns - 1
    for char in text:
        room -= _columns(char)
        if room < 0:
            break
        kept += char
    return f"{kept}…"
