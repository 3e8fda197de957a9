"""`genesis-mcp hook`: what an agent ran, told by its own hooks, is recorded by itself."""

import os
from pathlib import Path
from typing import Any

from genesis_mcp.cli.command_form import command, option
from genesis_mcp.config import Settings


@command(
    "hook",
    option("--explain", "say what would be recorded of a command line", metavar="COMMAND"),
    examples=[
        'genesis-mcp hook --explain "cd api && pytest -q | tail -5"',
        "genesis-mcp hook --explain pytest",
    ],
)
def hook(settings: Settings, given: dict[str, Any]) -> int:
    """Say what would be recorded of a command line that an agent runs in this folder."""
    from genesis_mcp.answers.readable import shown_line

    for line in _explained(given.get("explain", ""), programs_of(settings.hook_programs)):
        print(shown_line(line, 500))
    return 0


def programs_of(text: str) -> list[str]:
    """The programs that GENESIS_HOOK_PROGRAMS names."""
    return [name for one in text.split(",") if (name := " ".join(one.split()))]


def _explained(line: str, extra: list[str]) -> list[str]:
    from genesis_mcp.hook.what_runs import look
    from genesis_mcp.hook.work_tree import work_tree

    looked = look(
        line,
        Path.cwd().as_posix(),
        exists=os.path.isfile,
        work_tree=lambda folder: work_tree(folder, os.environ.get("CLAUDE_PROJECT_DIR")),
        extra=extra,
    )
    if looked.run is None:
        return [f"not recorded: {looked.why}"]
    said = [f"recorded as {looked.run.spec_id}", looked.why]
    if looked.compounds:
        said.append("a loop, a condition or a function beside it is not")
    return said
