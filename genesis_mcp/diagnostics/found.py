"""The error of a failed run, as it was read."""

from dataclasses import dataclass
from typing import Literal

Stream = Literal["stderr", "stdout", "message"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundError:
    """The error that a run failed with, as far as its output tells."""

    type: str | None
    """As printed: "ValueError", "java.lang.IllegalStateException", "E0308"; None: none is told."""
    message: str
    """One line of 1 to 300 characters."""
    file: str | None
    """The path as printed, of the code under test rather than of a library."""
    line: int | None
    """Counts from 1, as printed."""
    stream: Stream
    line_number: int
    """Index, from 0, of the error's own line in `clean(the stream).split("\\n")`."""
    values: str = ""
    """The end of the message that only tells the values of a failed assertion."""
    beside: str = ""
    """What tells it from others when its message does not, such as the function that failed."""
    is_error: bool = True
    """Whether something says that this is an error: not of a line that is only the last one."""
    is_summary: bool = False
    """Nothing better is printed than how many errors there were; `beside` holds the lines above."""
    format: str = ""
    """The row of the table that read it."""

    @property
    def location(self) -> str | None:
        """`file:line`, or the file alone."""
        return f"{self.file}:{self.line}" if self.file and self.line is not None else self.file
