"""Many literals looked for in one text: most are ruled out together by a character they share."""

from collections.abc import Iterable

_COMMON = "\n eanotisr:lpdc.u1fmbh2)(g/043ykE569v78-x,TF>j['w]_=\"^SI<ARNPMUO{};CLBqD|`Z\t+#z*H"
"""Characters of what programs print, the most frequent first; any other is rarer."""


class Literals:
    """Literals of which a text may hold some; the empty one is in every text."""

    def __init__(self, literals: Iterable[str]) -> None:
        rarest: dict[str, list[str]] = {}
        for literal in dict.fromkeys(literals):
            rarest.setdefault(max(literal, key=_rarity, default=""), []).append(literal)
        self._groups = tuple((mark, tuple(group)) for mark, group in rarest.items())

    def within(self, text: str) -> list[str]:
        """Those that are in the text, in no order; one character is looked for much faster."""
        found = []
        for mark, group in self._groups:
            if mark in text:
                for literal in group:  # a comprehension for each group takes longer than they all
                    if literal in text:
                        found.append(literal)  # noqa: PERF401
        return found


def _rarity(character: str) -> int:
    return _COMMON.find(character) % (len(_COMMON) + 1)
