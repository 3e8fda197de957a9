"""Runs one command and makes a run of how it ended and what it printed; records nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

from genesis_mcp.recording.command_output import Output
from genesis_mcp.recording.endings import Ended
from genesis_mcp.recording.git_state import begin
from genesis_mcp.recording.process import check_command, execute
from genesis_mcp.recording.withheld import store_variables
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.fields import json_bytes
from genesis_mcp.runs.model import NO_EXIT_CODE, Run
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.text.clean import scrub

RECORDED_BY = "genesis-mcp run"

COMMAND_BYTES_MAX, ARGUMENT_BYTES_MAX = 4096, 1024
"""Of the command line in `context`, about: a context can hold it even if all must be escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended, or that could not be started."""

    run: Run
    """Complete, not yet recorded. Its sizes are what the command wrote, not what was kept."""
    exit_code: int
    """What the caller's process should exit with."""
    withheld: tuple[str, ...] = ()
    """Names of the variables that the command did not get, see STORE_VARIABLES."""


def run_command(
    command: Sequence[str],
    *,
    fields: Mapping[str, Any],
    timeout_seconds: float | None = 60.0,
    stdout: BinaryIO | None,
    stderr: BinaryIO | None,
    keep_store_variables: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> Finished:
    """Run `command`, never through a shell and with an empty stdin, and tell how it ended.

    It gets this process's environment without STORE_VARIABLES, unless `keep_store_variables`.

    `fields` are the other fields of the run; without a `code_snapshot` git tells which code it was.
    `stdout` and `stderr` get the command's bytes as they come; when nobody reads them any more, the
    command and its capture go on. A signal that asks this process to end is passed on to the
    command and shows in the run. `meanwhile` is called once the command runs.

    Raises:
        InputError: the command, the time limit or a field is not acceptable; nothing was run.
    """
    check_command(command, timeout_seconds)
    known = known_fields(fields, command)
    make_run({**known, "exit_code": 0}, recorded_by=RECORDED_BY)  # refused before it runs
    outputs = Output(stdout), Output(stderr)
    withheld = () if keep_store_variables else store_variables()
    identity = begin(command)
    ended = execute(command, timeout_seconds, outputs, withheld=withheld, meanwhile=meanwhile)
    if not known.get("code_snapshot"):
        known["code_hash"] = identity()
    run = run_of(ended, outputs, known)
    return Finished(run=run, exit_code=ended.exit_code, withheld=withheld)


def known_fields(fields: Mapping[str, Any], command: Sequence[str]) -> dict[str, Any]:
    """What of a run is known before its command has ended."""
    context = fields.get("context") or {}
    if isinstance(context, Mapping):  # otherwise it will be refused
        context = {**context, "command": shown_command(command)}
    return {**fields, "kind": "run", "context": context}


def run_of(ended: Ended, outputs: tuple[Output, Output], known: Mapping[str, Any]) -> Run:
    """The complete run of a command that has ended, or was not started."""
    code = ended.recorded_exit_code
    result = {
        "outcome": ended.outcome,
        "exit_code": NO_EXIT_CODE if code is None else code,
        "message": ended.message,
        "stdout": outputs[0].capture.text(),
        "stderr": outputs[1].capture.text(),
        "timestamp": datetime.fromtimestamp(ended.at, UTC),
        "duration_ms": ended.milliseconds,
    }
    run = make_run({**known, **result}, recorded_by=RECORDED_BY)
    # What was written, also where one invalid byte became the three of U+FFFD.
    written = [output.capture.total for output in outputs]
    return replace(run, stdout_bytes=written[0], stderr_bytes=written[1])


def shown_command(command: Sequence[str]) -> list[str]:
    """The command line as it is recorded; long arguments and long lists of them are cut."""
    shown: list[str] = []
    room = COMMAND_BYTES_MAX
    for argument in command:
        if room <= 0:
            return [*shown, f"[... {len(command) - len(shown):,} arguments left out ...]"]
        shown.append(cap_text(scrub(argument), ARGUMENT_BYTES_MAX))
        room -= json_bytes(shown[-1])
    return shown
