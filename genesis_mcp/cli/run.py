"""`genesis-mcp run`: starts the command, and loads what records it while it runs.

What can be refused is refused before the command starts. Values that are plainly right are known
without the models, whose import takes longer than most commands; all others the models judge first.
"""

from __future__ import annotations

import gc
import os
import sys
import threading

from genesis_mcp.cli.exits import say
from genesis_mcp.errors import InputError
from genesis_mcp.recording.command_output import Output
from genesis_mcp.recording.git_state import begin
from genesis_mcp.recording.plain_settings import has_plain_settings
from genesis_mcp.recording.process import check_command, execute
from genesis_mcp.recording.withheld import store_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from genesis_mcp.config import Settings
    from genesis_mcp.recording.endings import Ended
    from genesis_mcp.recording.lost_recorder import Mark
    from genesis_mcp.runs.model import Run

CODE_BYTES_READ = 16 * 1024 * 1024
"""Bytes of a file of code that are read; of more than this nobody keeps the middle."""

TIMEOUT_SECONDS = 60.0

LABELS = ("sprint_id", "task_id", "service")


def run(values: Mapping[str, str | bool], command: list[str]) -> int:
    """Run the command and record it; the exit code is the command's own.

    Raises:
        InputError, ConfigError, WriteNotAllowed: nothing was run.
    """
    fields = plain_fields(values) if has_plain_settings(values, os.environ) else None
    settings = None
    if fields is None:
        from genesis_mcp.cli.judged import judged

        settings, fields = judged(values)
    timeout_seconds = fields.pop("timeout_seconds") or None
    check_command(command, timeout_seconds)
    code = values.get("code")
    if code:
        fields["code_snapshot"] = _read_code(str(code))
    else:
        identity = begin(command)
    outputs = Output(sys.stdout.buffer), Output(sys.stderr.buffer)
    withheld = () if values.get("keep_store_variables") else store_variables()
    is_quiet = bool(values.get("quiet"))
    store = str(values["store"]) if "store" in values else None
    marking = Marking(command, fields, store, settings, is_quiet=is_quiet)
    ended = execute(
        command,
        timeout_seconds,
        outputs,
        withheld=withheld,
        in_terminal=_in_terminal(values.get("tty")),
        is_last=True,
        meanwhile=marking.start,
    )
    marking.finish()
    if not code:
        fields["code_hash"] = identity()
    made = _made_run(command, fields, code, ended, outputs)
    if is_quiet:
        from genesis_mcp.cli.kept_aside import keep

        keep(made, store, settings)
    else:
        from genesis_mcp.cli.recorded import record

        _say_what_it_missed(made, withheld)
        record(made, store, settings)
    marking.remove()
    return ended.exit_code


class Marking:
    """Loads what records the run while it goes on, and leaves a mark that it does."""

    def __init__(
        self,
        command: list[str],
        fields: dict[str, Any],
        store: str | None,
        settings: Settings | None,
        *,
        is_quiet: bool,
    ) -> None:
        self._command, self._fields = command, fields
        self._store, self._settings = store, settings
        self._mark: Mark | None = None
        self._load = _load_keeping if is_quiet else _load_recording
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        """The command runs."""
        self._thread.start()

    def finish(self) -> None:
        """The command has ended."""
        if self._thread.ident:
            self._thread.join()

    def remove(self) -> None:
        """The run is recorded."""
        if self._mark:
            self._mark.remove()

    def _work(self) -> None:
        self._load()
        from genesis_mcp.cli.kept_aside import mark_running
        from genesis_mcp.recording.command import known_fields
        from genesis_mcp.runs.identifiers import new_run_id

        self._fields["run_id"] = new_run_id()
        known = known_fields(self._fields, self._command)
        self._mark = mark_running(known, self._store, self._settings)


def _load_recording() -> None:
    """Import what records a run; nothing of it is garbage, which is not looked for meanwhile."""
    gc.disable()
    import genesis_mcp.cli.recorded
    import genesis_mcp.recording.command  # noqa: F401

    gc.enable()


def _load_keeping() -> None:
    gc.disable()
    import genesis_mcp.cli.kept_aside
    import genesis_mcp.recording.command  # noqa: F401


def _made_run(
    command: list[str],
    fields: Mapping[str, Any],
    code: str | bool | None,
    ended: Ended,
    outputs: tuple[Output, Output],
) -> Run:
    from genesis_mcp.recording.command import known_fields, run_of
    from genesis_mcp.text.clean import scrub

    if code:
        fields = {**fields, "context": {"code_file": scrub(os.path.basename(str(code)))}}  # noqa: PTH119
    return run_of(ended, outputs, known_fields(fields, command))


def _say_what_it_missed(run: Run, withheld: Sequence[str]) -> None:
    """Name the variables that a failed command did not get and that its output speaks of."""
    printed = f"{run.stdout}{run.stderr}" if run.failed else ""
    if missed := [name for name in withheld if name in printed]:
        say(
            f"the command ran without {', '.join(missed)}; "
            "--keep-store-variables passes what names the store on to it."
        )


def _in_terminal(asked: str | bool | None) -> tuple[bool, bool]:
    if asked is not None:
        return bool(asked), bool(asked)
    return sys.stdout.isatty(), sys.stderr.isatty()


def _read_code(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            return file.read(CODE_BYTES_READ).decode("utf-8", "replace")
    except (OSError, ValueError):
        raise InputError("--code: the file cannot be read.") from None


# --- what is plainly right ----------------------------------------------------------------------


def plain_fields(values: Mapping[str, str | bool]) -> dict[str, Any] | None:
    """The fields of the run and its `timeout_seconds`; None unless they are surely right."""
    fields: dict[str, Any] = {"timeout_seconds": TIMEOUT_SECONDS}
    for name in ("spec_id", *LABELS):
        if (label := values.get(name)) is not None:
            if not _is_plain_label(str(label)):
                return None
            fields[name] = label
    if (iteration := values.get("iteration")) is not None:
        if not _is_plain_number(str(iteration)):
            return None
        fields["iteration"] = int(iteration)
    if (seconds := values.get("timeout_seconds")) is not None:
        whole, _, part = str(seconds).partition(".")
        if not _is_plain_number(whole) or not (part == "" or _is_plain_number(part)):
            return None
        fields["timeout_seconds"] = float(seconds)
    return fields


def _is_plain_label(text: str) -> bool:
    """Up to 200 ASCII characters, none invisible and none at the ends; no word for "not given"."""
    is_word = text.isascii() and text.isprintable() and text == text.strip()
    return is_word and 0 < len(text) <= 200 and text != "null"


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5
