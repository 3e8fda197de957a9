"""Each row of the table of formats by its own examples: it reads them, no other does, and fast."""

import os
import time
from pathlib import Path

import pytest

from genesis_mcp.diagnostics.finding import TIERS, find_error
from genesis_mcp.diagnostics.format import FILE, LINE, MESSAGE, PLACE, Example, Format
from genesis_mcp.diagnostics.formats import FORMATS
from genesis_mcp.diagnostics.parts_seen import seen_text
from genesis_mcp.text.windows import WINDOW

ROWS = [row for tier in TIERS for row in tier]
EXAMPLES = [
    pytest.param(row, example, id=f"{row.name}-{number}")
    for row in ROWS
    for number, example in enumerate(row.examples)
]
MOST_SECONDS = 0.25
"""For 200,000 characters on which a row might spend its time; quadratic work takes minutes."""


def read(row: Format, example: Example) -> Example:
    hit = row.read(seen_text(example.printed))
    assert hit is not None
    place = hit.frame and f"{hit.frame.file}:{hit.frame.line}"
    return Example(example.printed, hit.message, place and place.removesuffix(":None"), hit.type)


@pytest.mark.parametrize(("row", "example"), EXAMPLES)
def test_a_row_reads_its_own_examples(row: Format, example: Example) -> None:
    assert read(row, example) == example


@pytest.mark.parametrize(("row", "example"), EXAMPLES)
def test_the_whole_table_reads_them_the_same(row: Format, example: Example) -> None:
    error = find_error(stdout="starting\n" + example.printed, stderr="")
    assert error is not None
    assert (error.format, error.type, error.location) == (row.name, example.type, example.place)
    assert error.message == " ".join(example.message.split())


@pytest.mark.parametrize(("row", "example"), EXAMPLES)
def test_no_row_that_comes_before_takes_an_example_of_another(
    row: Format, example: Example
) -> None:
    before = FORMATS[: FORMATS.index(row)] if row in FORMATS else FORMATS
    text = seen_text(example.printed)
    may_read = [one for one in before if any(hint in text.text for hint in one.hints)]
    assert [one.name for one in may_read if one.read(text)] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.start], ids=lambda row: row.name)
def test_a_row_is_quick_on_what_nearly_fits(row: Format) -> None:
    for example in row.examples:
        first = next(line for line in example.printed.split("\n") if row.hints[0] in line or line)
        for piece in (first[: len(first) // 2], first[:-3], *row.hints):
            line = f"{piece * (1_000 // len(piece or ' '))}\n" if piece else "\n"
            text = seen_text(line * (200_000 // len(line)) if piece else "")
            began = time.process_time()
            row.read(text)
            assert time.process_time() - began < MOST_SECONDS


def test_every_row_has_a_name_of_its_own_and_a_row_without_a_function_has_hints_and_an_example():
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert [row.name for row in ROWS if row.start and not (row.hints and row.examples)] == []
    assert [
        row.name for row in ROWS if sum(map(bool, (row.start, row.find, row.find_in))) != 1
    ] == []


def page() -> str:
    """docs/formats.md as the table has it."""
    kinds = (
        "a form of its own",
        "an error at a place",
        "named or marked",
        "at a place",
        "a word",
        "a warning, where nothing else is told",
        "a weaker word",
        "the last line",
    )
    lines = [
        "# What is read",
        "",
        "The formats in the order in which they are tried; within a kind the first that fits",
        "is taken. Made from the table in `genesis_mcp/diagnostics/formats/`; CONTRIBUTING.md",
        "tells how to add one.",
        "",
        "| kind | format | told by |",
        "|---|---|---|",
    ]
    for kind, tier in zip(kinds, TIERS, strict=True):
        for row in tier:
            hints = " ".join(f"`{told(hint)}`" for hint in row.hints[:4])
            more = " ..." if len(row.hints) > 4 else ""
            lines.append(f"| {kind} | {row.name} | {hints}{more} |")
    return "\n".join(lines) + "\n"


def told(hint: str) -> str:
    return hint.replace("\n", "⏎").replace("\t", "⇥").replace("|", "\\|").replace("`", "'")


def test_the_page_of_formats_is_that_of_the_table():
    stored = Path(__file__).parents[2] / "docs" / "formats.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        stored.write_text(page(), encoding="utf-8")
    assert stored.read_text(encoding="utf-8") == page()


# --- the engine ---

DIAGNOSTIC = Format(name="x", hints=(": bad: ",), start=rf"{PLACE}: bad: {MESSAGE}")


def hit(row: Format, text: str):
    return row.read(seen_text(text))


def test_the_first_match_is_taken_or_the_last():
    text = "a.c:1:2: bad: one\nb.c:3: bad: two\n"
    assert hit(DIAGNOSTIC, text).frame == ("a.c", 1)
    last = Format(name="x", hints=(": bad: ",), start=DIAGNOSTIC.start, pick="last")
    assert (hit(last, text).frame, hit(last, text).line_number) == (("b.c", 3), 1)


def test_a_pattern_that_goes_over_lines_sees_no_more_than_a_window():
    row = Format(name="x", hints=("E ",), start=r"E (?P<message>(?:.|\n)+)")
    hit = row.read(seen_text("E " + "word\n" * 3 * WINDOW))
    assert hit is not None
    assert WINDOW // 2 < len(hit.message) <= WINDOW


def test_a_message_goes_on_over_the_lines_that_say_so():
    row = Format(name="x", hints=("bad: ",), start=rf"bad: {MESSAGE}", goes_on=r" {4}\S")
    assert hit(row, "bad: one\n    two\n    three\nfour\n").message == "one two three"


def test_a_message_may_stand_on_a_line_below_the_place():
    row = Format(name="x", hints=("at ",), start=rf"at {FILE}:{LINE}\n{MESSAGE}")
    found = hit(row, "ok\nat a.c:4\nlost\n")
    assert (found.message, found.frame, found.line_number) == ("lost", ("a.c", 4), 2)


def test_the_place_is_own_code_below_up_to_the_next_error():
    frame = rf"  at {FILE}:{LINE}"
    row = Format(name="x", hints=("bad: ",), start=rf"bad: {MESSAGE}", frame=frame)
    text = "bad: one\n  at node_modules/b.js:1\n  at a.js:2\nbad: two\n  at c.js:3\n"
    assert hit(row, text).frame == ("a.js", 2)
    assert hit(row, text.replace("  at a.js:2\n", "")).frame == ("node_modules/b.js", 1)


def test_the_file_may_stand_in_a_heading_above():
    row = Format(
        name="x",
        hints=("  bad  ",),
        start=rf"\s+{LINE}:\d+  bad  {MESSAGE}",
        heading=rf"{FILE}$",
    )
    assert hit(row, "a.c\nb.c\n  7:1  bad  one\n").frame == ("b.c", 7)


def test_a_summary_is_no_message_of_any_row():
    row = Format(name="x", hints=("error: ",), start=rf"error: {MESSAGE}")
    text = "error: aborting due to 2 previous errors\nerror: no such crate\n"
    assert hit(row, text).message == "no such crate"
    assert hit(row, "error: could not compile `a`\n") is None
