"""Regular expressions that are compiled with their first use: most processes use few of many."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself takes longer to import than this saves
    from typing import Any


_KEPT = tuple(name for name in dir(re.Pattern) if not name.startswith("_"))


class _Compiled:
    """A pattern that was used: without `__getattr__`, whose presence alone makes looks slower."""


class _Pattern:
    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        self.__dict__.update((kept, getattr(compiled, kept)) for kept in _KEPT)
        self.__class__ = _Compiled  # type: ignore[assignment]
        return getattr(self, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, compiled when one of its methods is first asked for."""
    made: Any = _Pattern(source, flags)
    return made  # type: ignore[no-any-return]
