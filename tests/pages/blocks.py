"""The blocks of shell and Python in the pages, and why some are not run.

    .venv/bin/python -m tests.pages.blocks        lists those that are not, with their reasons

A block that is not run says why in a comment above it: `<!-- not run: REASON -->`.
"""

import re
from typing import NamedTuple

from tests.helpers.paths import ROOT

PAGES = (
    ROOT / "README.md",  # the one in Portuguese has the same blocks
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "plugin" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
RUN_ELSEWHERE = {"docs/command-line.md": "tests/cli/test_help.py"}
"""Pages that are made of what another test runs."""

BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^>]*?) -->\n\n?)?"
    r"^```(?P<language>sh|bash|console|powershell|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A block of a page."""

    page: str
    line: int
    language: str
    text: str
    reason: str | None
    """Why it is not run."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> list[Block]:
    """All of them, page by page."""
    found = []
    for file in PAGES:
        page, whole = file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
        for match in BLOCK.finditer(whole):
            line = whole.count("\n", 0, match.start("text"))
            elsewhere = RUN_ELSEWHERE.get(page)
            reason = f"{elsewhere} runs it" if elsewhere else match["reason"]
            reason = " ".join(reason.split()) if reason else None
            found.append(Block(page, line, match["language"], match["text"], reason))
    return found


if __name__ == "__main__":
    for block in blocks():
        if block.reason:
            print(f"{block}: {block.reason}")
