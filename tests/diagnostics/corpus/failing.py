"""What a labelled error is, and how its programs are written anew for each run; it runs nothing.

In a program's text `%PAD #%` stands for comment lines with that beginning, `%MORE(...)%` for its
content a few times over with `@` counted up, and names such as `%PORT%` for values that differ in
every run. All of it follows from the error's name and the number of the run.
"""

import random
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Failing:
    """One error, with what a good engineer would write down after reading its output."""

    name: str
    """`ecosystem/error`; runs with the same name show the same error."""
    files: Mapping[str, str]
    run: str | tuple[str, ...]
    """The shell command; of several, each run takes the next."""
    message: str
    type: str | None = None
    at: tuple[str, str | None] | None = None
    """The file, and a piece of the line in it where the error arose."""
    family: str = ""
    """Errors that differ only a little are kept in one part of the corpus."""
    count: int = 3
    plain: bool = False
    """Never run among the lines of a build."""

    @property
    def ecosystem(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Rendering:
    """The values of one run."""

    name: str
    number: int
    values: dict[str, str] = field(default_factory=dict)

    def text(self, template: str) -> str:
        text = re.sub(r"%PAD (\S+)%\n?", lambda found: self._padding(found[1]), template)
        text = re.sub(r"%MORE\((.*?)\)%", lambda found: self._more(found[1]), text, flags=re.DOTALL)
        return re.sub(r"%([A-Z]+)%", lambda found: self._value(found[1]), text)

    def _padding(self, beginning: str) -> str:
        return "".join(
            f"{beginning} note {line}\n"
            for line in range(self._source("pad").randint(0, 5) + self.number * 7)
        )

    def _more(self, text: str) -> str:
        return "".join(text.replace("@", str(n)) for n in range(1 + self.number * 2))

    def _source(self, key: str) -> random.Random:
        return random.Random(f"{self.name} {self.number} {key}")

    def _value(self, key: str) -> str:
        if key not in self.values:
            self.values[key] = _MADE[key](self._source(key))
        return self.values[key]


def _letters(source: random.Random, alphabet: str, count: int) -> str:
    return "".join(source.choice(alphabet) for _ in range(count))


def _time(source: random.Random) -> datetime:
    return datetime(2025, 1, 1) + timedelta(milliseconds=source.randrange(30_000_000_000))


_HEX = "0123456789abcdef"
_MADE = {
    "ID": lambda source: str(source.randint(10_000, 9_999_999)),
    "N": lambda source: str(source.randint(3, 90)),
    "PORT": lambda source: str(source.randint(20_000, 60_000)),
    "PID": lambda source: str(source.randint(300, 90_000)),
    "MS": lambda source: str(source.randint(11, 9_000)),
    "SECONDS": lambda source: f"{source.uniform(0.1, 99):.2f}",
    "SIZE": lambda source: f"{source.uniform(1, 900):.1f}",
    "UUID": lambda source: "-".join(_letters(source, _HEX, n) for n in (8, 4, 4, 4, 12)),
    "SHA": lambda source: _letters(source, _HEX, 40),
    "ADDRESS": lambda source: "0x7f" + _letters(source, _HEX, 10),
    "TEMP": lambda source: "/tmp/tmp" + _letters(source, string.ascii_lowercase + "0189_", 8),
    "TIME": lambda source: _time(source).isoformat(timespec="milliseconds") + "Z",
    "IP": lambda source: f"10.{source.randint(0, 255)}.{source.randint(0, 255)}.7",
}  # fmt: skip
