"""What happened, as runs: a command, a block of Python, tests, log records; until they are stored.

The package has the name of the public function `genesis_mcp.recording`, and importing a module of
it puts it in that function's place: so it can be called as well.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genesis_mcp.recording.code_block import Recording


class _Recording(ModuleType):
    def __call__(self, *arguments: Any, **fields: Any) -> "Recording":
        from genesis_mcp.recording.code_block import recording

        return recording(*arguments, **fields)


sys.modules[__name__].__class__ = _Recording
