"""Which parts of a long text are seen, and how their lines are numbered."""

import pytest

from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.diagnostics.parts_seen import SEEN_HEAD, SEEN_TAIL, seen_text

NOISE = "".join(f"[{number}] object {number} is up to date\n" for number in range(60_000))
HALF = len(NOISE) // 2


def test_a_short_text_is_seen_whole():
    text = "one\ntwo\n"
    assert seen_text(text).lines == ["one", "two", ""]
    assert seen_text(text).number(1) == 1


def test_of_a_long_text_the_head_the_tail_and_what_surrounds_a_marker_are_seen():
    text = f"{NOISE}\nTraceback (most recent call last):\n{NOISE}"
    seen = seen_text(text)
    assert "Traceback (most recent call last):" in seen.lines
    assert len(seen.text) < SEEN_HEAD + SEEN_TAIL + 20_000
    whole = text.split("\n")
    middle = seen.lines.index("Traceback (most recent call last):")
    for index in (0, 10, middle - 3, middle, middle + 20, len(seen.lines) - 1):
        assert whole[seen.number(index)] == seen.lines[index]


@pytest.mark.parametrize(
    ("printed", "error_type", "location"),
    [
        ('Traceback (most recent call last):\n  File "/w/a.py", line 3, in f\n    g()\nKeyError: \'a\'\n', "KeyError", "/w/a.py:3"),
        ("/w/a.js:2\nx.y\n  ^\n\nTypeError: no y\n    at f (/w/a.js:2:3)\n", "TypeError", "/w/a.js:2"),
        ("a.c:4:2: error: expected expression\n", None, "a.c:4"),
        ("error[E0308]: mismatched types\n --> src/main.rs:2:5\n", "E0308", "src/main.rs:2"),
        ("panic: lost\n\ngoroutine 1 [running]:\nmain.f()\n\t/w/main.go:10 +0x1d\n", "panic", "/w/main.go:10"),
        ("Exception in thread \"main\" java.lang.RuntimeException: x\n\tat M.f(M.java:2)\n", "java.lang.RuntimeException", "M.java:2"),
        ("  ● adds\n\n    expect(received).toBe(expected)\n\n      at Object.<anonymous> (a.test.js:2:3)\n", None, "a.test.js:2"),
    ],
)  # fmt: skip
def test_an_error_behind_and_before_megabytes_is_found(printed, error_type, location):
    error = find_error(stdout=NOISE + printed + NOISE, stderr="")
    assert error is not None
    assert (error.type, error.location) == (error_type, location)
    assert error.line_number >= 60_000
