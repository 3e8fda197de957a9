"""Literals looked for together are found as each of them would be by itself."""

import pytest

from genesis_mcp.text.literals import Literals

LITERALS = ("error", "Error: ", "\nE   ", "● ", "\tat ", "at", "", "İ")


@pytest.mark.parametrize(
    "text", ["", "Error: x\n\tat y", "\nE   assert", "an error at ● 3", "●", "nothing", "İstanbul"]
)
def test_those_in_a_text_are_found_and_no_others(text: str) -> None:
    found = Literals(LITERALS).within(text)
    assert sorted(found) == sorted(literal for literal in LITERALS if literal in text)
    assert Literals(LITERALS[:-2]).has_any(text) == any(one in text for one in LITERALS[:-2])
