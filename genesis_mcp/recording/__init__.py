"""What happened, as runs: a command, a block of Python, tests, log records; until they are stored.

The package has the name of the public function `genesis_mcp.recording`, and importing a module of
it puts it in that function's place: so it can be called as well.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # not even `typing` at run time: `genesis-mcp run` starts through here
    from typing import Any

    from genesis_mcp.recording.code_block import Recording


class _Recording(type(sys)):  # type: ignore[misc]
    def __call__(self, *arguments: Any, **fields: Any) -> Recording:
        from genesis_mcp.recording.code_block import recording

        return recording(*arguments, **fields)


sys.modules[__name__].__class__ = _Recording
