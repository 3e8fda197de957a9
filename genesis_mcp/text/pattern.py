"""Regular expressions that are compiled with their first use: most processes use few of many."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself takes longer to import than this saves
    from typing import Any


class _Pattern:
    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # Kept in the instance, where the next look finds it without coming here.
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, compiled when one of its methods is first asked for."""
    made: Any = _Pattern(source, flags)
    return made  # type: ignore[no-any-return]
