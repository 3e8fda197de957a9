"""No pattern sees more of a text than a few thousand characters, whatever the text is.

A pattern that turns out to be slow is then slow on a piece, whether or not a list of hostile shapes
has the one that slows it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]

from genesis_mcp.text.redraws import _MOVED
from genesis_mcp.text.secret_blocks import _KEY_MATERIAL, LONGEST_KEY_BLOCK
from genesis_mcp.text.windows import WINDOW
from tests.helpers.waiting import WAIT

FEW = 16
"""Characters that a pattern may match at most to see any text: no search can be slow with it."""

MAY_SEE = {
    _KEY_MATERIAL: LONGEST_KEY_BLOCK,  # possessive throughout, and tried at one place
    _MOVED: sys.maxsize,  # a run of one character, behind which nothing is looked for
}


def test_every_pattern_sees_a_few_thousand_characters_at_most():
    watched = subprocess.run(  # where no pattern is compiled yet
        [sys.executable, "-m", "tests.helpers.watched_patterns"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=WAIT,
    )
    seen = json.loads(watched.stdout)
    assert len(seen) > 100
    may_see = {one.pattern: most for one, most in MAY_SEE.items()}
    too_much = {
        source: characters
        for source, characters in seen.items()
        if characters > may_see.get(source, WINDOW) and not is_narrow(source)
    }
    assert too_much == {}


def is_narrow(source: str) -> bool:
    """Whether it matches a few characters at most, and looks no farther ahead."""
    tree = parser.parse(source)
    return tree.getwidth()[1] <= FEW and all(most <= FEW for most in repeats(tree))


def repeats(part: object) -> Iterator[int]:
    """How often each part of a parsed pattern may be repeated."""
    if isinstance(part, parser.SubPattern | list | tuple) and len(part):
        if str(part[0]).endswith("REPEAT"):
            yield int(part[1][1])
        for inner in part:
            yield from repeats(inner)


def test_a_pattern_that_looks_far_is_not_taken_for_a_narrow_one():
    assert is_narrow("a|b{2}c")
    assert is_narrow("a(?=[bc])")
    assert not is_narrow("ab*")
    assert not is_narrow("a(?=b*)")
    assert not is_narrow("a(?!b|c+)")
