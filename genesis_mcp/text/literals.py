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
        self._groups = tuple((mark, _by_parts(group)) for mark, group in rarest.items())

    def has_any(self, text: str) -> bool:
        """Whether one of them is in the text."""
        for mark, group in self._groups:
            if mark in text:
                for literal, _ in group:
                    if literal in text:
                        return True
        return False

    def within(self, text: str) -> list[str]:
        """Those that are in the text, in no order; one character is looked for much faster."""
        found = []
        for mark, group in self._groups:
            if mark in text:
                for literal, longer in group:
                    if literal in text:
                        found.append(literal)
                        found += [one for one in longer if one in text]
        return found


def _by_parts(group: list[str]) -> tuple[tuple[str, list[str]], ...]:
    """The literals, each with longer ones that it is a part of: without it they are not there."""
    parts: dict[str, list[str]] = {}
    for literal in sorted(group, key=len):
        part = next((part for part in parts if part in literal), None)
        if part is None:
            parts[literal] = []
        else:
            parts[part].append(literal)
    return tuple(parts.items())


def _rarity(character: str) -> int:
    return _COMMON.find(character) % (len(_COMMON) + 1)
