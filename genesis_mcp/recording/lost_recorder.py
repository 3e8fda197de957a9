"""A mark that a run goes on: a kept run that says its recorder was lost, true once it is.

The recorder holds a lock on it, and deletes it when what happened is recorded. If it is killed
before, whoever delivers what is kept finds the mark without a lock, and records it.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.kept_file import KeptFile
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import NO_EXIT_CODE

LOST = "the recorder was lost before the command ended: how it ended and what it printed is unknown"


class Mark:
    """That a run goes on; nothing where no file can be written."""

    def __init__(self, file: KeptFile | None) -> None:
        self._file = file

    @classmethod
    def of(cls, inbox: Inbox, known: Mapping[str, Any], recorded_by: str) -> Self:
        """Leave it for a run of which `known` is known, with the `run_id` that the run will have.

        Never raises: the command must not suffer for it.
        """
        ended = {"outcome": "killed", "exit_code": NO_EXIT_CODE, "message": LOST}
        with suppress(Exception):
            line = inbox.line_of(make_run({**known, **ended}, recorded_by=recorded_by))
            file = inbox.begin_mark()
            try:
                file.append(line)
            except OSError:
                file.close()
                raise
            return cls(file)
        return cls(None)

    def remove(self) -> None:
        """The run is recorded, or kept."""
        if self._file is not None:
            self._file.discard()
            self._file = None
