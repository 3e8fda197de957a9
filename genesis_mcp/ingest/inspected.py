r"""Objects as Node prints them (`util.inspect`), such as winston's prettyPrint, read back.

    {
      level: 'error',
      message: 'it fails',
      stack: 'TypeError: x\n' +
        '    at f (/a.js:1:2)'
    }

What is no plain value (an error, a date, an instance of a class) is the text that stands there.
"""

import re
from typing import Any

from genesis_mcp.text.clean import clean

DEPTH_MAX = 30
"""Of objects in objects; Node prints fewer by itself."""

_BLANK = re.compile(r"\s*")
_KEY = re.compile(r"(?:([A-Za-z_$][\w$]*)|\[[\w.() ]+\]): ")
_QUOTED_KEY = re.compile(r"(?='(?:[^'\\\n]|\\.)*': |\"(?:[^\"\\\n]|\\.)*\": )")
_CLASS = re.compile(r"(?:[A-Za-z_$][\w$]*|\[[\w: ]+\])(?:\(\d+\))? (?=[{\[])")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|`((?:[^`\\]|\\.)*)`")
_MORE = re.compile(r"\s*\+\s*(?=['\"`])")
_WORD = re.compile(r"[^\s,{}\[\]]+(?=\s*[,}\]]|\s*$)")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


def parse_inspected(text: str) -> dict[str, Any] | None:
    """The object in a text that has nothing else; None when it is none."""
    reader = _Reader(clean(text).strip() if "\x1b" in text else text.strip())
    try:
        found = reader.object(0)
    except (ValueError, IndexError):
        return None
    return found if found and reader.at == len(reader.text) else None


class _Reader:
    """Where reading is, in the text of one object."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def object(self, depth: int) -> dict[str, Any]:
        self._expect("{")
        found: dict[str, Any] = {}
        while not self._ends("}"):
            name = self._name()
            found[name] = self._value(depth)
        return found

    def _list(self, depth: int) -> list[Any]:
        self._expect("[")
        found: list[Any] = []
        while not self._ends("]"):
            found.append(self._value(depth))
        return found

    def _value(self, depth: int) -> Any:
        if depth >= DEPTH_MAX:
            raise ValueError
        self._skip()
        if made := _CLASS.match(self.text, self.at):
            self.at = made.end()
        first = self.text[self.at]
        if first == "{":
            return self.object(depth + 1)
        if first == "[" and not self.text.startswith(("[Object", "[Array", "[Circ"), self.at):
            before = self.at
            try:
                return self._list(depth + 1)
            except ValueError:  # `[Error: x]`, `[Function: f]`
                self.at = before
                return self._as_it_stands()
        if text := _TEXT.match(self.text, self.at):
            return self._text(text)
        return self._word() if _WORD.match(self.text, self.at) else self._as_it_stands()

    def _text(self, found: re.Match[str]) -> str:
        parts = []
        while True:
            parts.append(_unescaped(next(part for part in found.groups() if part is not None)))
            self.at = found.end()
            more = _MORE.match(self.text, self.at)
            following = _TEXT.match(self.text, more.end()) if more else None
            if following is None:
                return "".join(parts)
            found = following

    def _word(self) -> Any:
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise ValueError
        self.at, word = found.end(), found[0]
        if word in _WORDS:
            return _WORDS[word]
        try:
            number = float(word.removesuffix("n"))
            return int(number) if number.is_integer() else number
        except (ValueError, OverflowError):
            return word

    def _as_it_stands(self) -> str:
        """What is printed up to the next name of the same margin, or the end of the object."""
        line = self.text.rfind("\n", 0, self.at) + 1
        margin = len(self.text) - line - len(self.text[line:].lstrip(" "))
        stop = re.compile(rf",\n {{0,{margin}}}(?=\S)|\n {{0,{max(margin - 1, 0)}}}(?=[}}\]])|$")
        if "\n" not in self.text[self.at :]:
            stop = re.compile(r",? (?=[\w$']+: )| }$")
        end = stop.search(self.text, self.at)
        if end is None:
            raise ValueError
        found, self.at = self.text[self.at : end.start()], end.start()
        return re.sub(rf"\n {{0,{margin}}}", "\n", found)

    def _name(self) -> str:
        if _QUOTED_KEY.match(self.text, self.at) and (quoted := _TEXT.match(self.text, self.at)):
            self.at = quoted.end() + 2
            return _unescaped(quoted[1] if quoted[1] is not None else quoted[2])
        found = _KEY.match(self.text, self.at)
        if found is None:
            raise ValueError
        self.at = found.end()
        return found[1] or found[0][:-2]

    def _ends(self, closing: str) -> bool:
        """Whether the object ends here; a comma before the next name is passed."""
        self._skip()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip()
        if self.text[self.at] == closing:
            self.at += 1
            return True
        return False

    def _expect(self, opening: str) -> None:
        if self.text[self.at] != opening:
            raise ValueError
        self.at += 1

    def _skip(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code else _PLAIN.get(found[3], found[3])

    return _ESCAPED.sub(plain, text)
