"""Reads a line, or lines, of a POSIX shell as simple commands; it knows no program.

Bodies of heredocs, comments and redirections are left out, quotes taken off; nothing is expanded.
Loops, conditions and functions are one part each: what happens in them only running them tells.
Imports nothing: it looks at each command of an agent.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CHARS_MAX = 64 * 1024
"""Of a line that is read; a longer one is a file that somebody writes."""

BLANKS = " \t\r"
OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "(", ")", "\n")
REDIRECTIONS = ("&>>", "<<<", "<<-", "&>", ">>", ">&", ">|", "<<", "<&", "<>", "<", ">")
CLOSERS = {
    **dict.fromkeys(("if",), "fi"),
    **dict.fromkeys(("for", "while", "until", "select"), "done"),
    "case": "esac",
    "function": "}",
}
"""Words that begin a compound command, and the word that ends it."""

COMMAND_FOLLOWS = ("then", "do", "else", "elif", "!", "{")
"""Words behind which a command begins."""


class UnreadableLine(ValueError):
    """A quote or a bracket that is never closed: whatever it is, it is not guessed."""


class Part:
    """One simple command, or a compound one, whose `words` are those in it."""

    __slots__ = ("after", "depth", "is_compound", "is_negated", "words")

    def __init__(
        self,
        words: list[str],
        *,
        depth: int = 0,
        is_compound: bool = False,
        is_negated: bool = False,
    ) -> None:
        self.words = words
        self.after: list[str] = []
        """The operators behind it, none at the end; a line feed is ";"."""
        self.depth = depth
        """In how many subshells it stands: a change of the folder in one ends with it."""
        self.is_compound = is_compound
        self.is_negated = is_negated

    def commands(self) -> Iterator[list[str]]:
        """The simple commands in a compound one, about."""
        words: list[str] = []
        for word in self.words:
            if isinstance(word, _Operator) or word in COMMAND_FOLLOWS:
                yield words
                words = []
            else:
                words.append(word)
        yield words


class _Operator(str):
    __slots__ = ()


def read_line(text: str) -> list[Part]:
    """The commands of a line, in their order.

    Raises:
        UnreadableLine: it is too long, or something in it is not closed.
    """
    if len(text) > CHARS_MAX:
        raise UnreadableLine
    return _Parser(list(_Scanner(text.replace("\r\n", "\n")).tokens())).parts()


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0
        self._parts: list[Part] = []
        self._words: list[str] = []
        self._is_negated = False

    def parts(self) -> list[Part]:
        while self._place < len(self._tokens):
            word = self._tokens[self._place]
            if isinstance(word, _Operator):
                self._operate(word)
            elif not self._words and word in CLOSERS:
                self._take_compound([CLOSERS[word]], self._place + 1)
            elif not self._words and word == "!":
                self._is_negated = True
            elif self._words or word not in ("{", "}"):
                self._words.append(word)
            self._place += 1
        self._end()
        if self._depth:
            raise UnreadableLine
        if self._parts and self._parts[-1].after == [";"]:
            self._parts[-1].after = []
        return self._parts

    def _operate(self, operator: str) -> None:
        if self._words[:1] == ["[["] and "]]" not in self._words:
            self._words.append(operator)
        elif operator == "(" and len(self._words) == 1 and self._next() == ")":
            self._words = []
            self._take_compound([], self._place + 2)  # name() { ...
        elif operator in ("(", ")"):
            self._end()
            self._depth += 1 if operator == "(" else -1
        else:
            self._end()
            after = self._parts[-1].after if self._parts else []
            if operator != "\n" or not after:
                after.append(";" if operator == "\n" else operator.replace("|&", "|"))

    def _next(self) -> str:
        return (self._tokens[self._place + 1 : self._place + 2] or [""])[0]

    def _end(self) -> None:
        if self._words:
            part = Part(self._words, depth=self._depth, is_negated=self._is_negated)
            self._parts.append(part)
            self._is_negated = False
        self._words = []

    def _take_compound(self, closers: list[str], place: int) -> None:
        """Go to the word that ends a compound command; without closers a brace opens it."""
        start, begins = self._place, True
        while place < len(self._tokens):
            word = self._tokens[place]
            if isinstance(word, _Operator):
                begins = True
            elif closers and begins and word == closers[-1]:
                closers.pop()
            elif word == "{" and (begins or closers == ["}"]):
                closers.append("}")
                if closers == ["}", "}"] and self._tokens[start] == "function":
                    closers.pop()
                begins = True
            elif begins and word in CLOSERS:
                closers.append(CLOSERS[word])
            else:
                begins = word in COMMAND_FOLLOWS
            if not closers and not isinstance(word, _Operator):
                self._place = place
                words = self._tokens[start : place + 1]
                self._parts.append(Part(words, depth=self._depth, is_compound=True))
                return
            place += 1
        raise UnreadableLine


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.awaited: list[tuple[str, bool]] = []
        """Ends of the heredocs whose bodies begin with the next line, and whether tabs go."""

    def tokens(self) -> Iterator[str]:
        """Words and operators."""
        text = self.text
        while self.place < len(text):
            here = text[self.place]
            if here in BLANKS:
                self.place += 1
            elif text.startswith("\\\n", self.place):
                self.place += 2
            elif here == "#":
                end = text.find("\n", self.place)
                self.place = len(text) if end < 0 else end
            elif redirection := self._at(REDIRECTIONS):
                if text[self.place + len(redirection) : self.place + len(redirection) + 1] == "(":
                    yield self._word()  # <( ... ) is a word
                else:
                    self._redirect(redirection)
            elif operator := self._at(OPERATORS):
                self.place += len(operator)
                yield _Operator(operator)
                if operator == "\n":
                    self._skip_bodies()
            else:
                word = self._word()
                is_number = word.isdecimal() and self.text[self.place : self.place + 1] in (
                    "<",
                    ">",
                )
                if not is_number:  # the descriptor of a redirection
                    yield word

    def _at(self, known: tuple[str, ...]) -> str | None:
        return next((one for one in known if self.text.startswith(one, self.place)), None)

    def _redirect(self, redirection: str) -> None:
        self.place += len(redirection)
        while self.text[self.place : self.place + 1] in (" ", "\t"):
            self.place += 1
        target = self._word()
        if redirection in ("<<", "<<-"):
            self.awaited.append((target, redirection == "<<-"))

    def _skip_bodies(self) -> None:
        for end, without_tabs in self.awaited:
            while True:
                if self.place >= len(self.text):
                    break  # a shell takes the end of its text for the end of the body
                stop = self.text.find("\n", self.place)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[self.place : stop]
                self.place = stop + 1
                if (line.lstrip("\t") if without_tabs else line) == end:
                    break
        self.awaited = []

    def _word(self) -> str:
        text = self.text
        kept: list[str] = []
        while self.place < len(text):
            here = text[self.place]
            if here == "\\":
                if text[self.place + 1 : self.place + 2] != "\n":
                    kept.append(text[self.place + 1 : self.place + 2])
                self.place += 2
            elif here in "'\"":
                kept.append(self._quoted(here))
            elif text.startswith(("$(", "${", "`", "<(", ">("), self.place):
                kept.append(self._substituted())
            elif here == "$" and text[self.place + 1 : self.place + 2] in ("'", '"'):
                self.place += 1
                if text[self.place] == "'":
                    kept.append(self._quoted("'", escapes=True))
            elif here == "(" and kept and kept[-1][-1:] in ("=", "@", "?", "*", "+", "!"):
                self.place -= 1  # an array, or a pattern
                kept[-1] = kept[-1][:-1]
                kept.append(self._substituted())
            elif here in " \t\r\n;&|<>()":
                break
            else:
                kept.append(here)
                self.place += 1
        return "".join(kept)

    def _quoted(self, quote: str, *, escapes: bool = False) -> str:
        """What is in quotes, without them; a substitution in double ones may hold quotes again."""
        text = self.text
        kept: list[str] = []
        self.place += 1
        while self.place < len(text):
            here = text[self.place]
            if here == quote:
                self.place += 1
                return "".join(kept)
            if quote == '"' and here == "\\":
                following = text[self.place + 1 : self.place + 2]
                kept.append(following if following in '"\\$`' else f"\\{following}")
                self.place += 2
            elif escapes and here == "\\":
                kept.append(text[self.place + 1 : self.place + 2])
                self.place += 2
            elif quote == '"' and text.startswith(("$(", "`"), self.place):
                kept.append(self._substituted())
            else:
                kept.append(here)
                self.place += 1
        raise UnreadableLine

    def _substituted(self) -> str:
        """A substitution as it stands, to its closing bracket."""
        text, start = self.text, self.place
        if text[start] == "`":
            end = text.find("`", start + 1)
            if end < 0:
                raise UnreadableLine
            self.place = end + 1
            return text[start : end + 1]
        opening = text[start + 1]
        closing = ")" if opening == "(" else "}"
        self.place += 2
        depth = 1
        while self.place < len(text) and depth:
            here = text[self.place]
            if here in "'\"" and (here == '"' or opening == "("):
                self._quoted(here)
                continue
            if here == "\\":
                self.place += 1
            depth += (here == opening) - (here == closing)
            self.place += 1
        if depth:
            raise UnreadableLine
        return text[start : self.place]
