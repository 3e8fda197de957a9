"""`genesis-mcp hook` for click: its help, `--explain`, and a call with options of its own."""

import os
from pathlib import Path
from typing import Any

from genesis_mcp.cli.command_form import Command, flag, option
from genesis_mcp.hook.programs import programs_of
from genesis_mcp.hook.what_runs import look
from genesis_mcp.hook.work_tree import work_tree


class Hook(Command):
    """It reads the settings itself: nothing that is wrong with them may fail an agent's command."""

    def work(self, common: dict[str, Any], given: dict[str, Any]) -> int:
        if given.get("tidy"):
            return _tidy(common)
        if "explain" not in given:
            from genesis_mcp.cli.hooked import hooked

            return hooked(common.get("store"))
        from genesis_mcp.answers.readable import shown_line
        from genesis_mcp.config import load_settings

        for line in _explained(given["explain"], load_settings(common).hook_programs):
            print(shown_line(line, 500))
        return 0


hook = Hook(
    name="hook",
    params=[
        option("--explain", "only say what would be recorded of a line", metavar="COMMAND"),
        flag("--tidy", "delete what hooks recorded that is beyond their bound"),
    ],
    help="Record what an agent ran, told by its hook's event on stdin.",
    examples=[
        'genesis-mcp hook --explain "cd api && pytest -q | tail -5"',
        "genesis-mcp hook < event.json",
    ],
    exits="0, also when nothing could be recorded; with an option as of other commands",
)


def _tidy(common: dict[str, Any]) -> int:
    from genesis_mcp.cli.shared import leave_out_what_drivers_say, open_own_store
    from genesis_mcp.config import load_settings
    from genesis_mcp.errors import WriteNotAllowed
    from genesis_mcp.hook.hook_bound import tidy
    from genesis_mcp.runs.times import now
    from genesis_mcp.runs.wording import plural

    settings = load_settings(common)
    leave_out_what_drivers_say()
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is deleted.")
    with open_own_store(settings) as store:
        deleted = tidy(store, now())
    print(f"{plural(f'{deleted:,}', 'run')} of hooks deleted.")
    return 0


def _explained(line: str, programs: str) -> list[str]:
    looked = look(
        line,
        Path.cwd().as_posix(),
        exists=os.path.isfile,
        is_folder=os.path.isdir,
        work_tree=lambda folder: work_tree(folder, os.environ.get("CLAUDE_PROJECT_DIR")),
        extra=programs_of(programs),
    )
    if looked.run is None:
        return [f"not recorded: {looked.why}"]
    said = [f"recorded as {looked.run.spec_id}", looked.why]
    if looked.compounds:
        said.append("a loop, a condition or a function beside it is not")
    return said
