"""The lines of a text, numbered as every answer numbers them, and those that hold a text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

LINE_CHARS = 1_000
"""A longer line is numbered as several, so that every part of it can be asked for."""


_ACCENTS = "[\u0300-\u036f]"
_COMBINING = re.compile(_ACCENTS)


def pieces(text: str) -> Iterator[str]:
    """The lines of a text, long ones in pieces of LINE_CHARS."""
    if not text:
        return
    for line in text.removesuffix("\n").split("\n"):
        yield line[:LINE_CHARS]
        for start in range(LINE_CHARS, len(line), LINE_CHARS):
            yield line[start : start + LINE_CHARS]


class Sought:
    """Texts of which any is looked for: literally, in any case, with or without accents.

    A match tells places in the text that was given, since folding keeps each character's place.
    """

    def __init__(self, wanted: str | Sequence[str]) -> None:
        self.texts = [wanted] if isinstance(wanted, str) else list(wanted)
        folded = [_COMBINING.sub("", folded_text(text)) for text in self.texts]
        self._plain = re.compile("|".join(map(re.escape, folded)), re.IGNORECASE)
        # Accents may also stand behind their letter as characters of their own.
        spread = ("".join(f"{re.escape(one)}{_ACCENTS}*" for one in text) for text in folded)
        self._spread = re.compile("|".join(spread), re.IGNORECASE)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place with one of the texts."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every place with one of the texts."""
        if text.isascii():
            return self._plain.finditer(text)
        return self._spread.finditer(folded_text(text))

    def numbers(self, text: str) -> list[int]:
        """The numbers (from 1) of the pieces that hold one of the texts, across borders too."""
        numbers: list[int] = []
        first = 1
        for line in text.removesuffix("\n").split("\n"):
            touched = set[int]()
            for match in self.finditer(line):
                touched.update((match.start() // LINE_CHARS, (match.end() - 1) // LINE_CHARS))
            numbers.extend(first + piece for piece in sorted(touched))
            first += max(1, -(-len(line) // LINE_CHARS))
        return numbers


class _Folding(dict[int, str]):
    """The letter under an accent, for each character once."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFD", chr(code))[0]
        self[code] = base
        return base


_FOLDING = _Folding()
_FOLDED_BYTES = bytes(ord(_FOLDING[code]) for code in range(256))


def folded_text(text: str) -> str:
    """The text with every accented letter as the letter alone; its length stays."""
    if text.isascii():
        return text
    try:  # most of the others: bytes are replaced thirty times as fast as characters
        return text.encode("latin-1").translate(_FOLDED_BYTES).decode("latin-1")
    except UnicodeEncodeError:
        return text.translate(_FOLDING)


_LOOKS_LIKE_A_PATTERN = re.compile(r"\.\*|\.\+|\\[dwsb]|[|^$]|\[[^\]]+\]|\w\?$")


def literally(wanted: str | Sequence[str]) -> str:
    """A sentence for a text that was not found and looks like a pattern; otherwise nothing."""
    texts = [wanted] if isinstance(wanted, str) else wanted
    if any(map(_LOOKS_LIKE_A_PATTERN.search, texts)):
        return " The text is taken literally: it is no pattern; a list of texts means any of them."
    return ""


def shortened(line: str, chars: int) -> str:
    """The line within so many characters, `…` at its end where there was more."""
    return line if len(line) <= chars else line[: chars - 1] + "…"
