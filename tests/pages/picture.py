"""docs/terminal.svg, drawn from what the commands print in a terminal (POSIX)."""

import re
import shlex
import sys
import tempfile
from html import escape
from itertools import cycle
from pathlib import Path

COLUMNS = 92
TYPED = ("genesis-mcp run --spec soma -- python3 soma.py", "genesis-mcp spec soma")

BROKEN = 'total = 2 + 3\nif total != 4:\n    raise ValueError("esperado 4, veio 5")\n'
ATTEMPTS = (BROKEN, BROKEN.replace("2 + 3", "2 + 2"), BROKEN)
"""What the program was at each attempt; only the last one is seen."""

IDS = "019b3f21-7c04-7a1 019b3f20-91d3-7c6 019b3f1f-c05e-7e2"
MOVING = (
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{3}\b", IDS),
    (r"\b\d\d:\d\d:\d\d-03:00", "15:30:12-03:00 15:29:12-03:00 15:28:18-03:00"),
    (r"\b[\d,.]+ (?:ms|s)\b(?! ago)", "41_ms 38_ms 40_ms"),
    (r"\b\d+ (?:s|min) ago", "54_s_ago 6_s_ago 60_s_ago"),
)
"""What is another each time, and what stands in its place, one after the other."""

COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#d29922", "2": "#8b949e"}
PAPER, INK = "#0d1117", "#e6edf3"
WIDTH, HEIGHT, MARGIN = 8.4, 19, 18
"""Of a character, of a line, and around them, in pixels."""

HEAD = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width:g}} {{height:g}}" width="{{width:g}}">
<!-- Make it again: UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/test_docs.py -->
<title>genesis-mcp in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>
<g font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" fill="{INK}">"""


def page():
    """The picture, whole."""
    lines = [part for line in printed().splitlines() for part in _wrapped(line)]
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    rows = "\n".join(
        _row(line, MARGIN + (place + 0.75) * HEIGHT) for place, line in enumerate(lines) if line
    )
    return "\n".join([HEAD.format(width=width, height=height), rows, "</g>", "</svg>"])


def printed():
    """What a person types and sees, with fixed words for what is another each time."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # a long path is cut in answers
        folder = Path(name).resolve()
        for attempt in ATTEMPTS:
            (folder / "soma.py").write_text(attempt, encoding="utf-8")
            seen = _seen(TYPED[0], folder)
        screens = [seen, *(_seen(typed, folder) for typed in TYPED[1:])]
        text = "\n".join(
            f"$ {typed}\n{screen}" for typed, screen in zip(TYPED, screens, strict=True)
        )
        text = text.replace(str(folder), "/home/ana/soma")
    for moving, fixed in MOVING:
        text = _with_fixed(text, moving, cycle(fixed.split(" ")))
    return text


def _with_fixed(text, moving, words):
    return re.sub(moving, lambda _: next(words).replace("_", " "), text)


def _seen(typed, folder):
    from tests.helpers.terminal import in_terminal  # not on Windows

    _, *arguments = shlex.split(typed.replace("python3", shlex.quote(sys.executable)))
    store_url = f"sqlite:///{folder}/logs.db"
    options = {"columns": 200, "cwd": folder, "PYTHON_COLORS": "0"}  # as before 3.13
    return in_terminal(*arguments, store_url=store_url, **options)[0]


def _pieces(line):
    """The texts of a line, each with its style."""
    style = ()
    for number, part in enumerate(re.split(r"\x1b\[([\d;]*)m", line)):
        if number % 2:
            style = () if part == "0" else (*style, *part.split(";"))
        elif part:
            yield style, part


def _wrapped(line):
    """The rows that a terminal of so many columns makes of a line."""
    rows = [[]]
    room = COLUMNS
    for style, text in _pieces(line):
        while text:
            if not room:
                rows.append([])
                room = COLUMNS
            rows[-1].append((style, text[:room]))
            text, room = text[room:], max(0, room - len(text))
    return rows


def _row(pieces, y):
    length = sum(len(text) for _, text in pieces) * WIDTH
    spans = "".join(_span(style, text) for style, text in pieces)
    return f'<text x="{MARGIN}" y="{y:g}" textLength="{length:g}">{spans}</text>'


def _span(style, text):
    fill = next((COLOURS[one] for one in style if one in COLOURS), None)
    look = f' fill="{fill}"' if fill else ""
    look += ' font-weight="bold"' if "1" in style else ""
    shown = escape(text, quote=False).replace(" ", "\N{NO-BREAK SPACE}")  # others are merged
    return f"<tspan{look}>{shown}</tspan>"
