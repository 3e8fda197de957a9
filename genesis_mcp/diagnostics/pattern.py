"""Regular expressions that are compiled when they are first used, and cost nothing before."""

import re
from typing import cast


class _Pattern:
    """Stands for a compiled pattern; its methods are those of `re.Pattern`."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # Only the first use comes here: from then on the methods are attributes of their own.
        compiled = re.compile(self._source, self._flags)
        for each in ("match", "search", "fullmatch", "finditer", "findall", "split", "sub"):
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression that is compiled at its first use; a wrong one is told only then."""
    return cast(re.Pattern[str], _Pattern(source, flags))
