"""What `clean`, `clean_line` and `scrub` remove and keep."""

import unicodedata

import pytest

from genesis_mcp.text.clean import MOST_COLOURS, PART, clean, clean_line, redraws, scrub
from genesis_mcp.text.redraws import MOST_BACK
from genesis_mcp.text.windows import WINDOW


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("\x1b[31mred\x1b[0m plain", "red plain"),
        ("\x1b[38;5;196mred\x1b[m", "red"),
        ("\x1b(B\x1b[mcharset", "charset"),
        ("\x1b]0;window title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\label\x1b]8;;\x1b\\ after", "label after"),
        ("\x1bP1$r0m\x1b\\text", "text"),
        ("cut short \x1b[31", "cut short "),
        ("\x1b]0;never ends, but it is text", "]0;never ends, but it is text"),
    ],
)
def test_escape_sequences_disappear_and_their_text_stays(printed: str, seen: str):
    assert clean(printed) == seen


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("\x9b31mred\x9b0m", "31mred0m"),
        ("\x9d one \x9c two \x9b2K three", " one  two 2K three"),
        ("o nome \xe2\x80\x9cvalor\xe2\x80\x9d está vazio", "o nome âvalorâ está vazio"),
        ("\xe2\x80\x9dError: não\xe2\x80\x9c\x07 fim", "âError: nãoâ fim"),
        ("\x1b]0;title \x9c of a window\x07text", "text"),
    ],
)
def test_what_is_left_of_a_wrong_encoding_hides_no_text(printed: str, seen: str):
    assert clean(printed) == seen


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("10%\r50%\r100%\ndone", "100%\ndone"),
        ("longer text\rshort", "longer text\nshort"),
        ("ERROR: disk full\rretrying", "ERROR: disk full\nretrying"),
        ("Downloading abc\r\x1b[KDone", "Downloading abc\nDone"),
        ("Downloading abc\x1b[2K\rDone", "Downloading abc\nDone"),
        ("| working\x1b[1G\x1b[0K/ working", "/ working"),
        ("\x1b[2K\x1b[1Gdone\x1b[K", "done"),
        ("50%\r", "50%"),
        ("abd\bc", "abc"),
        ("\b\bab", "ab"),
        ("ab\b \b", "a"),
        ("Building 10%\b\b\b20%", "Building 20%"),
        ("lost words\b\b\b\b\b\b\b\b\b\bkept", "lost words\nkept"),
        ("one\r\ntwo\r\r\nthree", "one\ntwo\nthree"),
        ("first\rfinal\n\rnext", "first\nfinal\nnext"),
        ("exit code 3\rother exit code 4", "exit code 3\nother exit code 4"),
        ("test_1 failed\rtest_2 failed", "test_1 failed\ntest_2 failed"),
        ("404\rnot found", "404\nnot found"),
    ],
)
def test_only_redraws_of_a_line_disappear_and_other_text_stays(printed: str, seen: str):
    assert clean(printed) == seen


PROGRESS = {
    "git": "Receiving objects: {0}% ({0}/100), {0}.2 MiB | 500 KiB/s",
    "tqdm": " {0}%|██▎   | {0}/100 [00:0{0}<00:42, 22.65it/s]",
    "wget": "a.gz  {0}%[==>   ]  {0}.20M  50{0}KB/s  eta 3s",
    "pip": "   ━━━━━━━╸━━━ {0}.3/3.4 MB 5.6 MB/s eta 0:00:01",
    "webpack": "\x1b[2K\x1b[1G[{0}%] building modules",
    "spinner": "\x1b[2K⠋⠙⠹⠸ installing {0}",
    "backspaces": "Building {0}%\b\b\b\b\b\b\b\b\b\b\b\b\b",
}


@pytest.mark.parametrize("form", PROGRESS.values(), ids=PROGRESS)
def test_progress_is_redrawn_and_what_is_left_out_is_counted(form: str):
    printed = "\r".join(form.format(number) for number in range(1, 10)) + "\nend\n"

    assert clean(printed).count("\n") == 2
    assert "9" in clean(printed)
    assert redraws(printed) == 8


def test_two_lines_that_are_redrawn_in_turn_are_shown_once_each():
    printed = "\r".join(f"{name} {part}%" for part in range(50) for name in ("api", "web"))

    assert clean(printed) == "api 49%\nweb 49%"
    assert redraws(printed) == 98


@pytest.mark.parametrize("printed", ["a\r\nb\r\n", "a\r\r\n", "plain", "\r\r\r", "\x1b[31ma\x1b[m"])
def test_line_ends_and_colours_are_no_redraws(printed: str):
    assert redraws(printed) == 0


@pytest.mark.parametrize("colours", [MOST_COLOURS, 10 * MOST_COLOURS])
def test_a_long_text_loses_its_colours_however_many_there_are(colours: int):
    words = [f"\x1b[38;5;{number % colours}mword \x1b[0m" for number in range(1_000)]

    assert clean("\n".join(words)) == "\n".join(["word "] * 1_000)


def test_every_line_separator_becomes_a_line_feed():
    assert clean("a\r\nb\x85c\u2028d\u2029e\nf") == "a\nb\nc\nd\ne\nf"


def test_no_control_or_format_character_is_left():
    for code in range(0x110000):
        character = chr(code)
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs"):
            assert character not in clean(f"a{character}b"), hex(code)


@pytest.mark.parametrize(
    "invisible", ["\u3164", "\u115f", "\u034f", "\ufe0f", "\U000e0100", "\U000e0041", "\u2065"]
)
def test_characters_without_a_shape_of_their_own_are_removed(invisible: str):
    assert clean(f"a{invisible}b") == "ab"


def test_lone_surrogates_become_replacement_characters():
    assert clean("a\ud800b\udcffc") == "a\ufffdb\ufffdc"


def test_what_can_be_seen_stays():
    text = "ação é — „ok“\t😀 ┌─┐ │█│ ✖ ❯ 漢字 العربية ∑\n  indented\n"
    assert clean(text) == text


def test_hidden_escape_sequences_do_not_come_to_life():
    assert "\x1b" not in clean("\x1b\x00[31m\x1b\x1b[0m[31m")


@pytest.mark.parametrize(
    "text",
    [
        "a\x1b[31mb\r\nc",
        "10%\r20%\b\b",
        "\x1b]8;;x\x1b\\y",
        "\x1b[\x1b[31m31m",
        "\ud800\u2028\x85\r",
    ],
)
def test_cleaning_twice_changes_nothing_more(text: str):
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 500_000 + "\ry" * 250_000,
        "ab\b" * 300_000,
        "abc\b\b" * 200_000,
        "".join(f"{chr(97 + n % 26)}{n}x\r" for n in range(120_000)),
        "x" * 300_000 + "\x1b[2K\r\x1b[K" * 80_000,
        "\x1b[1;" * 200_000,
        "\x1b]" * 500_000,
        "\x1bP" * 500_000,
        "\x00" * 1_000_000,
        "\r" * 1_000_000,
        "\x9d" * 1_000_000,
        "\x9b0" * 500_000,
    ],
    ids=[
        "returns",
        "backspaces",
        "backspaces over words",
        "other words each time",
        "erasures",
        "csi",
        "osc",
        "dcs",
        "nul",
        "only returns",
        "c1 osc",
        "c1 csi",
    ],
)
def test_hostile_output_is_cleaned_in_time(hostile: str):
    assert not set(clean(hostile)) & set("\x1b\r\b\x00")


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("  one\n\n two\tthree  ", 50, "one two three"),
        ("\x1b[31mred\x1b[0m", 3, "red"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("ab", 1, "…"),
        ("\u200b\n", 9, ""),
    ],
)
def test_a_cleaned_line_is_one_line_within_its_limit(text: str, limit: int, line: str):
    assert clean_line(text, limit) == line


def test_scrub_replaces_only_what_cannot_be_stored_and_keeps_the_length():
    text = "a\x00b\ud800c\udfffd\x1b[31m\r\n\u200bé"
    assert scrub(text) == "a\ufffdb\ufffdc\ufffdd\x1b[31m\r\n\u200bé"
    assert len(scrub(text)) == len(text)


@pytest.mark.parametrize("text", ["", "plain\r\n\x1b[31m", "ação 😀"])
def test_scrub_hands_back_a_text_without_fault_unchanged(text: str):
    assert scrub(text) is text


def test_a_long_text_is_cleaned_as_its_lines_are():
    lines = [f"\x1b[3{n % 8}mstep {n}\x1b[0m\r\x1b[2Kdone {n}\u200b" for n in range(9_000)]
    text = "\r\n".join(lines)
    assert len(text) > 3 * PART
    assert clean(text) == "\n".join(map(clean, lines))


@pytest.mark.parametrize(
    "printed",
    [
        "\x1b[1;31mred\x1b[0m",
        "\x1b]0;title\x07x",
        "\x1b[2Kgone\x1b[K",
        "\x1b(Bx",
        "a\x00\x00\u200bb",
        "x\ud800y",
        "two\x1b[1Gstates",
    ],
)
def test_what_stands_where_a_line_is_cut_for_the_patterns_is_cleaned_as_elsewhere(printed: str):
    for filler in range(WINDOW - len(printed) - 1, WINDOW + 2):
        line = "x" * filler
        assert clean(f"{line} {printed}") == clean(f"{line}  {printed}").replace("  ", " ")
        assert clean(f"{line}\x1b[m {printed}") == clean(f"{line} {printed}")


def test_a_line_with_more_backspaces_than_are_followed_shows_its_last_state():
    printed = "".join(f"step {n % 90 + 10}\b\b\b\b\b\b\b" for n in range(MOST_BACK))
    assert clean(f"{printed}done").split("\n")[-1] == "done"
    assert len(clean(printed)) < 20


def test_a_state_that_is_printed_again_and_again_is_counted_each_time():
    assert redraws("working\r" * 5_000 + "ready") == 4_999
