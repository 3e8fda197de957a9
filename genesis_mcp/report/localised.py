"""The words of the report, in each language from one table, with its numbers and times."""

import locale
import os
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from genesis_mcp.errors import InputError
from genesis_mcp.report.texts import TEXTS

LANGUAGES = tuple(TEXTS)

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""POSIX's order; the first that is set counts."""


def language_named(name: str) -> str:
    """The language that `pt-BR`, `pt_BR.UTF-8` or `en` means.

    Raises:
        InputError: the report does not speak it.
    """
    if found := _known(name):
        return found
    raise InputError(f"lang: must be one of {', '.join(LANGUAGES)}.")


def language_of_this_place() -> str:
    """The language of this process's locale; English where that is another one."""
    given = next((value for name in _LOCALE_VARIABLES if (value := os.environ.get(name))), None)
    return _known(given or locale.getlocale()[0] or "") or "en"


def language_accepted(header: str | None) -> str:
    """The first language of an Accept-Language that the report speaks, or English."""
    wanted = (one.partition(";")[0] for one in (header or "").split(","))
    return next((found for one in wanted if (found := _known(one))), "en")


def _known(name: str) -> str | None:
    """A language by the beginning of its name, also as Windows has it (`Portuguese_Brazil`)."""
    main = re.split(r"[-_.@]", name.strip().lower(), maxsplit=1)[0]
    return {"pt": "pt-BR", "portuguese": "pt-BR", "en": "en", "english": "en"}.get(main)


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts: Mapping[str, str] = TEXTS[language]

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values; of `one|many`, the one for `n`."""
        one, _, many = self._texts[key].partition("|")
        text = many if many and values.get("n") != 1 else one
        shown = {name: self._shown(value) for name, value in values.items()}
        return text.format_map(shown)

    def knows(self, key: str) -> bool:
        return key in self._texts

    def _shown(self, value: object) -> str:
        return self.number(value) if isinstance(value, int) else str(value)

    def number(self, value: int, *, is_minimum: bool = False) -> str:
        """Such as `1,234`, or `1.234+`."""
        grouped = f"{value:,}".replace(",", self._texts["thousands"])
        return f"{grouped}{'+' if is_minimum else ''}"

    def day(self, day: date) -> str:
        """Such as `5 Dec`."""
        return f"{day.day} {self._texts['months'].split()[day.month - 1]}"

    def moment(self, moment: datetime, *, has_year: bool = False) -> str:
        """Such as `5 Dec 14:02`."""
        year = f" {moment.year}" if has_year else ""
        return f"{self.day(moment)}{year} {moment:%H:%M}"

    def zone(self, moment: datetime) -> str:
        """Such as `UTC−03:00`."""
        offset = moment.utcoffset() or timedelta()
        minutes = int(abs(offset.total_seconds())) // 60
        sign = "−" if offset < timedelta() else "+"
        return f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "UTC"
