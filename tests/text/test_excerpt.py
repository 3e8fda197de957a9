"""Which lines an excerpt shows, and what it says about the rest."""

import random
import re

import pytest

from genesis_mcp.text.excerpt import excerpt

NUMBERED = "\n".join(f"line {number}" for number in range(1000))
NOTE = re.compile(r"\[\.\.\. (?:([\d,]+) lines?, )?([\d,]+) characters? left out \.\.\.\]")


@pytest.mark.parametrize("text", ["", "\n", "one", "one\n", "a\n\nb\n\n", "x" * 80])
def test_a_text_that_fits_is_unchanged(text: str):
    shown = excerpt(text, 80)
    assert shown.text == text
    assert (shown.left_out_lines, shown.left_out_chars) == (0, 0)


@pytest.mark.parametrize(
    ("text", "lines"), [("", 0), ("one", 1), ("one\n", 1), ("one\ntwo", 2), ("one\n\n", 2)]
)
def test_a_final_line_feed_begins_no_other_line(text: str, lines: int):
    shown = excerpt(text, 80)
    assert (shown.total_lines, shown.total_chars) == (lines, len(text))


def test_the_focus_has_most_room_then_the_tail_then_the_head():
    shown = excerpt(NUMBERED, 400, 500)
    numbers = [int(line[5:]) for line in shown.text.split("\n") if line.startswith("line")]
    around = [number for number in numbers if 400 < number < 600]
    tail = [number for number in numbers if number > 600]
    head = [number for number in numbers if number < 400]
    assert 500 in around
    assert 0 in head
    assert 999 in tail
    assert len(around) > len(tail) > len(head)
    assert len([n for n in around if n > 500]) > len([n for n in around if n < 500])


def test_an_excerpt_reads_like_this():
    text = "\n".join(["start", *(f"progress {n}" for n in range(90)), "Error: it broke", "end"])
    assert excerpt(text, 330, 91).text.split("\n") == [
        "start",
        "progress 0",
        "progress 1",
        "[... 73 lines, 868 characters left out ...]",
        *(f"progress {n}" for n in range(75, 90)),
        "Error: it broke",
        "end",
    ]


def test_without_a_focus_the_head_and_the_tail_are_shown():
    lines = excerpt(NUMBERED, 400).text.split("\n")
    assert lines[0] == "line 0"
    assert lines[-1] == "line 999"
    assert sum(bool(NOTE.fullmatch(line)) for line in lines) == 1


def test_room_that_one_side_does_not_need_goes_to_the_other():
    at_the_end = excerpt(NUMBERED, 400, 999)
    assert "line 998\nline 999" in at_the_end.text
    assert len(at_the_end.text) > 300


def test_a_long_line_is_shortened_in_the_middle_and_not_dropped():
    shown = excerpt(f"short\n{'a' * 3000}{'z' * 2000}\nend", 300, 1)
    first, long, last = shown.text.split("\n")
    assert (first, last) == ("short", "end")
    assert re.fullmatch(r"a+\[\.\.\. [\d,]+ characters left out \.\.\.\]z+", long)
    assert len(shown.text) > 150
    assert shown.left_out_lines == 0
    assert shown.left_out_chars == 5000 - long.count("a", 0, 150) - long.count("z") + long.count(
        "a", long.index("["), long.index("]")
    )


def test_a_single_huge_line_fills_the_budget():
    shown = excerpt("x" * 1_000_000, 500)
    assert 400 < len(shown.text) <= 500
    assert shown.total_lines == 1


def test_a_tiny_budget_shows_the_focus_and_one_note():
    shown = excerpt(NUMBERED, 80, 500)
    assert shown.text == "line 500\n[... 999 lines, 8,881 characters left out ...]"


@pytest.mark.parametrize("focus", [-5, 0, 999, 1000, 10**9])
def test_a_focus_outside_the_text_means_its_nearest_line(focus: int):
    assert f"line {min(max(focus, 0), 999)}" in excerpt(NUMBERED, 300, focus).text.split("\n")


def test_no_excerpt_exceeds_its_limit_and_the_notes_add_up():
    source = random.Random(7)
    for _ in range(3000):
        count, width = source.choice([1, 2, 3, 5, 9, 60]), source.choice([1, 10, 100, 3000])
        lines = ["x" * source.randint(0, width) for _ in range(count)]
        text = "\n".join(lines) + source.choice(["", "\n"])
        limit = source.choice([80, 100, 250, 280, 300, 400, 1000, 5000])
        shown = excerpt(text, limit, source.choice([None, 0, count - 1, source.randrange(count)]))
        notes = [(found[1], found[2]) for found in NOTE.finditer(shown.text)]
        assert len(shown.text) <= limit
        assert shown.left_out_lines == sum(int((n or "0").replace(",", "")) for n, _ in notes)
        if notes and limit > 300:
            assert shown.left_out_chars == sum(int(chars.replace(",", "")) for _, chars in notes)
        assert bool(notes) == (len(text) > limit) == (shown.left_out_chars > 0)


@pytest.mark.parametrize("text", ["x\n" * 200_000, "y" * 5_000_000, "\n" * 1_000_000])
def test_huge_texts_are_excerpted(text: str):
    shown = excerpt(text, 2000, 100)
    assert len(shown.text) <= 2000
    assert shown.total_chars == len(text)


def test_idle_lines_are_left_out_of_a_text_that_fits_and_counted():
    lines = ["header " * 12, "more of it", "what failed", "advice " * 20, "", "why"]

    shown = excerpt("\n".join(lines), 1_000, 5, idle=[range(2), range(3, 5)])

    assert [NOTE.sub("NOTE", line) for line in shown.text.split("\n")] == [
        *("NOTE", "what failed", "NOTE", "why")
    ]
    assert shown.left_out_lines == 4
    assert shown.left_out_chars == sum(len(lines[number]) + 1 for number in (0, 1, 3, 4))


@pytest.mark.parametrize(
    ("lines", "focus"), [(["header", "failed"], 1), (["header " * 30, "failed"], 0)]
)
def test_idle_lines_are_shown_where_that_costs_no_more_or_they_matter_most(lines, focus):
    text = "\n".join(lines)

    assert excerpt(text, 1_000, focus, idle=[range(1)]).text == text
