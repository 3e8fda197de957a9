"""A record, or a line of text, with the lines of text that belong to it, as one run or event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from genesis_mcp.errors import InputError
from genesis_mcp.ingest import line_forms
from genesis_mcp.ingest.records import derived_id, log_line_of
from genesis_mcp.runs.model import LABELS, Run

RECORDED_BY = "genesis-mcp ingest"

LINES_MAX = 1000
BYTES_MAX = 256 * 1024
"""Lines, and bytes of them, that belong to one record; further ones are an event of their own."""

BLANK_LINES_KEPT = 2
"""Of the blank lines between two lines of a stack trace."""

Build = Callable[[list[str]], dict[str, Any]]
"""The fields of a run or event with these lines of text below it."""


class Item(NamedTuple):
    """What became of some lines: a run or event, or the reason why there is none."""

    number: int
    """Of its first line."""
    size: int
    """Bytes of its lines."""
    lines: int
    """How many lines, blank ones not counted."""
    is_text: bool
    """Whether none of them is a record."""
    run: Run | None
    rejected: str | None = None
    group: "Group | None" = None
    """What it was made of, where lines may belong to it."""
    notes: tuple[str, ...] = ()
    """What was understood otherwise than it was written; see `notes`."""
    is_error: bool = False
    """Whether it is a test that could not be run, and no assertion of it failed."""


@dataclass(slots=True, kw_only=True)
class Group:
    """What is known of it so far; more lines may come."""

    number: int
    """Of its first line."""
    run_id: str
    """Made without the lines below: whatever of them was known when it was recorded."""
    build: Build
    size: int
    is_text: bool = False
    failed: bool = False
    has_traceback: bool = False
    lines: list[str] = field(default_factory=list)
    blank: int = 0
    """Blank lines since the last line."""
    notes: tuple[str, ...] = ()
    told: int = -1
    """How many of the lines were handed on with it; -1: it was not."""

    @property
    def has_room(self) -> bool:
        return len(self.lines) < LINES_MAX and self.size < BYTES_MAX

    def continues(self, text: str) -> bool:
        """Whether this line of text belongs to it."""
        before = next((line for line in reversed(self.lines) if line), None)
        is_first = before is None
        if before is None and self.is_text:
            before = str(self.build([])["message"])
        return line_forms.continues(
            text, before, is_first=is_first, of_failure=self.failed, of_traceback=self.has_traceback
        )

    def add(self, text: str, size: int) -> None:
        """Another line that belongs to it."""
        self.lines += [""] * min(self.blank, BLANK_LINES_KEPT)
        self.lines.append(text)
        self.blank = 0
        self.size += size
        self.has_traceback = self.has_traceback or line_forms.is_traceback(text)

    def run(self, count: int) -> Run:
        """The run or event with the first `count` of its lines.

        Raises:
            InputError: no run can be made of its fields.
        """
        fields = self.build(self.lines[:count])
        return log_line_of({**fields, "run_id": self.run_id}, recorded_by=RECORDED_BY)

    def following(self, count: int, first: str) -> "Group":
        """An event of its own for what follows the first `count` lines, beginning with `first`.

        Its id tells where the lines were cut, so that it is the same whenever they are cut there.
        """
        fields = self.build([])
        return Group(
            number=self.number,
            run_id=derived_id(None, first.encode("utf-8", "replace"), f"{self.run_id}+{count}"),
            build=text_builder(first, fields),
            size=len(first),
            is_text=True,
            failed=self.failed,
            has_traceback=self.has_traceback,
        )

    def rest_after(self, count: int) -> "Group":
        """The lines after the first `count`, as an event of their own."""
        first, *below = [line for line in self.lines[count:] if line]
        rest = self.following(count, first)
        rest.lines = below
        return rest

    def item(self) -> Item | None:
        """What is to be recorded now: all of it, or the lines that came since; None: nothing."""
        if self.told == len(self.lines):
            return None
        what = self if self.told < 0 else self.rest_after(self.told)
        self.told = len(self.lines)
        lines = 1 + sum(map(bool, what.lines))
        try:
            run = what.run(len(what.lines))
        except InputError as error:
            reason = str(error).replace("\n", " ")
            return Item(what.number, what.size, lines, what.is_text, None, reason)
        return Item(what.number, what.size, lines, what.is_text, run, None, what, what.notes)


def text_builder(first: str, fields: Mapping[str, Any]) -> Build:
    """An event of lines that no logger wrote: the first is its message, all are its stderr.

    `fields` tell its time and where it belongs.
    """
    kept = {name: fields[name] for name in (*LABELS, "iteration", "timestamp") if name in fields}
    if container := fields.get("context", {}).get("container"):
        kept["context"] = {"container": container}

    def build(lines: list[str]) -> dict[str, Any]:
        whole = [first, *lines]
        made = {**kept, "kind": "event", "level": line_forms.level_of(whole), "message": first}
        return {**made, "stderr": "\n".join(whole)} if lines else made

    return build


def with_lines(fields: dict[str, Any], lines: list[str]) -> dict[str, Any]:
    """An event's fields with lines of text below it: what it printed of an error."""
    if not lines:
        return fields
    text = "\n".join(lines)
    if fields["kind"] == "run":  # what its program printed is not ours to add to
        return {**fields, "context": {**fields["context"], "lines": text}}
    before = fields.get("stderr")
    return {**fields, "stderr": f"{before}\n{text}" if before else text}
